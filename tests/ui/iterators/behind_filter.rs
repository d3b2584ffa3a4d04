use autodiff_runtime::prelude::*;

#[differentiable]
fn numbered(x: &[f64]) -> f64 {
    x.iter()
        .filter(|t| **t > 0.0)
        .enumerate()
        .map(|(i, t)| i as f64 * t)
        .sum()
}

fn main() {}
