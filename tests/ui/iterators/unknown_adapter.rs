use autodiff_runtime::prelude::*;

#[differentiable]
fn leading(x: &[f64]) -> f64 {
    x.iter().take_while(|t| **t > 0.0).sum()
}

#[differentiable]
fn scanned(x: &[f64]) -> f64 {
    x.iter()
        .scan(0.0, |sum, t| {
            *sum += t;
            Some(*sum)
        })
        .sum()
}

#[differentiable]
fn products(x: &[f64]) -> f64 {
    x.iter().flat_map(|a| x.iter().map(move |b| a * b)).sum()
}

#[differentiable]
fn logarithms(x: &[f64]) -> f64 {
    let mut sum = 0.0;
    for y in x.iter().filter_map(|t| (*t > 0.0).then(|| t.ln())) {
        sum += y;
    }
    sum
}

#[differentiable]
fn repeated(x: f64) -> f64 {
    let mut sum = 0.0;
    for t in std::iter::repeat(x).take(3) {
        sum += t;
    }
    sum
}

fn main() {}
