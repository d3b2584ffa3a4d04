use autodiff_runtime::prelude::*;

#[differentiable]
fn deferred(x: f64) -> f64 {
    let (a, b);
    a = x;
    b = 2.0 * x;
    a * b
}

fn main() {
    let _: f64 = deferred::grad(1.0);
}
