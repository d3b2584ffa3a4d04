//! Instead of `loss` in `ui/attribute/unknown_wrt.rs`.

use autodiff_runtime::prelude::*;

#[differentiable(wrt(weight))]
fn loss(weight: f64, count: usize, #[constant] fixed: f64) -> f64 {
    weight * count as f64 * fixed
}
