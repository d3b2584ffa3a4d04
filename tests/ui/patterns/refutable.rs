use autodiff_runtime::prelude::*;

#[differentiable]
fn either(x: f64) -> f64 {
    let (y, 1 | 2 | _) = (x, 3);
    y
}

fn main() {
    let _: f64 = either::grad(1.0);
}
