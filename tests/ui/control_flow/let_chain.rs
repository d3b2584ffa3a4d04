use autodiff_runtime::prelude::*;

#[differentiable]
fn chained(x: f64, #[constant] power: Option<i32>) -> f64 {
    if let Some(n) = power
        && x > 0.0
    {
        x.powi(n)
    } else {
        x
    }
}

#[differentiable]
fn repeated(x: f64, #[constant] power: Option<i32>) -> f64 {
    let mut y = x;
    while y < 10.0
        && let Some(n) = power
    {
        y *= y.powi(n);
    }
    y
}

fn main() {}
