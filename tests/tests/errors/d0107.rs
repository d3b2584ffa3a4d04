//! Instead of `nothing` in `ui/attribute/unknown_wrt.rs`.

use autodiff_runtime::prelude::*;

#[differentiable]
fn nothing(x: f64) -> f64 {
    x
}
