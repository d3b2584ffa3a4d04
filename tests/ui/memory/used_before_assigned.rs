use autodiff_runtime::prelude::*;

#[differentiable]
fn late(x: f64) -> f64 {
    let y;
    let z = x * y;
    y = 2.0 * x;
    y * z
}

fn main() {
    let _: f64 = late::grad(1.0);
}
