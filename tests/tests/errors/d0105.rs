//! Instead of `loss` in `ui/attribute/not_a_path.rs`.

use autodiff_runtime::prelude::*;

#[differentiable(name = loss_ad)]
fn loss(x: f64) -> f64 {
    x
}
