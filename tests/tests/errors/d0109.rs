//! Instead of `loss` in `ui/attribute/unknown_wrt.rs`.
//!
//! Whoever needs the derivative by it takes it as a float and leaves `#[constant]` out.

use autodiff_runtime::prelude::*;

#[differentiable(wrt(weight, fixed))]
fn loss(weight: f64, count: usize, fixed: f64) -> f64 {
    weight * count as f64 * fixed
}
