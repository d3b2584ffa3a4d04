use autodiff_runtime::prelude::*;

#[differentiable]
fn one_of_two(x: f64) -> f64 {
    let f = |a: f64, b: f64| a * b;
    f(x)
}

#[differentiable]
fn pairs(x: &[f64]) -> f64 {
    x.iter().zip(x).map(|a, b| a * b).sum()
}

fn main() {}
