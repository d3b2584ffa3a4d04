use autodiff_runtime::prelude::*;

fn total(items: impl Iterator<Item = f64>) -> f64 {
    items.sum()
}

#[differentiable]
fn squares(x: &[f64]) -> f64 {
    total(x.iter().map(|t| t * t))
}

#[differentiable]
fn named(x: &[f64]) -> f64 {
    let squares = x.iter().map(|t| t * t);
    total(squares)
}

fn main() {}
