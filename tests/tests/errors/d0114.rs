//! Instead of `straight` in `ui/attribute/checkpoint_without_loop.rs`.

use autodiff_runtime::prelude::*;

#[differentiable]
fn straight(x: f64) -> f64 {
    x * x
}
