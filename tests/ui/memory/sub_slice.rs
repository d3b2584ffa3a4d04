use autodiff_runtime::prelude::*;

#[differentiable]
fn head(weights: &[f64; 4]) -> f64 {
    let first = &weights[..2];
    first[0] * first[1]
}

fn main() {
    let _: [f64; 4] = head::grad(&[1.0, 2.0, 3.0, 4.0]);
}
