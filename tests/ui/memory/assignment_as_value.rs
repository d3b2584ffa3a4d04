use autodiff_runtime::prelude::*;

#[differentiable]
fn odd(x: f64) -> f64 {
    let mut y = x.sin();
    let _unit = y = 2.0 * y;
    y
}

fn main() {
    let _: f64 = odd::grad(1.0);
}
