//! Instead of `first` in `ui/memory/unsafe_block.rs`.

use autodiff_runtime::prelude::*;

#[differentiable]
fn first(x: &[f64]) -> f64 {
    let first = x[0];
    first * first
}
