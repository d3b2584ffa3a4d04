//! Instead of `backwards` in `ui/iterators/behind_chain.rs`.

use autodiff_runtime::prelude::*;

#[differentiable]
fn backwards(x: &[f64]) -> f64 {
    x.iter().rev().chain(x.iter().rev()).map(|t| t * t).sum()
}
