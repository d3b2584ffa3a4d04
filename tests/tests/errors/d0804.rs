//! Instead of `asked_for` in `ui/iterators/collection.rs`.

use autodiff_runtime::prelude::*;

#[differentiable]
fn asked_for(x: &[f64]) -> f64 {
    x.iter().map(|t| t * t).collect::<Vec<_>>()[0]
}
