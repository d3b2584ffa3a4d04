use autodiff_runtime::prelude::*;

#[differentiable]
fn swapped(x: f64) -> f64 {
    let mut pair = [x, 2.0 * x];
    pair[0] = x.sin();
    pair[1] += 1.0;
    pair[0] * pair[1]
}

fn main() {
    let _: f64 = swapped::grad(2.0);
}
