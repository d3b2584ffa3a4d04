//! Instead of `curried` in `ui/signature/impl_result.rs`.

use autodiff_runtime::prelude::*;

#[differentiable]
fn uncurried(x: f64, y: f64) -> f64 {
    x * y
}
