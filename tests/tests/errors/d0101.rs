//! Instead of `a` in `ui/attribute/unknown_option.rs`.

use autodiff_runtime::prelude::*;

#[differentiable(stable)]
fn a(x: f64) -> f64 {
    x
}
