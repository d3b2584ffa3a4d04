use autodiff_runtime::prelude::*;

#[differentiable(second_order)]
fn curved(x: f64) -> f64 {
    x * x
}

fn main() {
    let _: f64 = curved::grad(1.0);
}
