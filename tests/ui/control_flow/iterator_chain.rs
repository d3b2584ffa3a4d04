use autodiff_runtime::prelude::*;

#[differentiable]
fn total(weights: &[f64]) -> f64 {
    weights.iter().map(|w| w * w).sum()
}

fn main() {
    let _: Vec<f64> = total::grad(&[1.0, 2.0]);
}
