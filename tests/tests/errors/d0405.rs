//! Instead of `explicit` in `ui/calls/qualified_path.rs`.

use autodiff_runtime::prelude::*;

#[differentiable]
fn explicit(x: f64) -> f64 {
    f64::exp(x)
}
