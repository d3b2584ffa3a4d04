use autodiff_runtime::prelude::*;

#[differentiable]
fn backwards(x: &[f64]) -> f64 {
    x.iter().chain(x).rev().map(|t| t * t).sum()
}

#[differentiable]
fn zipped(x: &[f64], y: &[f64]) -> f64 {
    x.iter().zip(y.iter().chain(x)).map(|(a, b)| a * b).sum()
}

#[differentiable]
fn numbered(x: &[f64], y: &[f64]) -> f64 {
    let mut sum = 0.0;
    for (i, t) in x.iter().chain(y).enumerate() {
        sum += i as f64 * t;
    }
    sum
}

fn main() {}
