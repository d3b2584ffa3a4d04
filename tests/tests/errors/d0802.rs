//! Instead of `squares` in `ui/iterators/passed_on.rs`.

use autodiff_runtime::prelude::*;

#[differentiable]
fn total(x: &[f64]) -> f64 {
    x.iter().sum()
}

#[differentiable]
fn squares(x: &[f64]) -> f64 {
    let squares = x.iter().map(|t| t * t).collect::<Vec<_>>();
    total(&squares)
}
