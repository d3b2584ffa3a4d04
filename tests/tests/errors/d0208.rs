//! Instead of `deep` in `ui/types/double_reference.rs`.

use autodiff_runtime::prelude::*;

#[differentiable]
fn deep(x: &f64) -> f64 {
    *x * 2.0
}
