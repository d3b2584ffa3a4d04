use autodiff_runtime::prelude::*;

#[differentiable]
fn folded(x: &[f64]) -> f64 {
    x.iter().fold(|sum: f64, t: &f64| sum + t)
}

#[differentiable]
fn skipped(x: &[f64]) -> f64 {
    x.iter().skip().sum()
}

fn main() {}
