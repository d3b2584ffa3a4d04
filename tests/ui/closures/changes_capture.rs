use autodiff_runtime::prelude::*;

#[differentiable]
fn added(x: f64) -> f64 {
    let mut sum = 0.0;
    let mut add = |t: f64| sum += t;
    add(x);
    add(x * x);
    sum
}

#[differentiable]
fn running(x: &[f64]) -> f64 {
    let mut sum = 0.0;
    let sums = x.iter().map(|t| {
        sum += t;
        sum * t
    });
    let total: f64 = sums.sum();
    total * sum
}

fn main() {}
