use autodiff_runtime::prelude::*;

#[differentiable]
#[differentiable(wrt(x))]
fn twice(x: f64) -> f64 {
    x
}

fn main() {
    let _: f64 = twice::grad(1.0);
}
