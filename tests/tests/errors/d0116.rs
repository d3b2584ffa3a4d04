//! Instead of `twice` in `ui/attribute/twice.rs`.

use autodiff_runtime::prelude::*;

#[differentiable(wrt(x))]
fn twice(x: f64) -> f64 {
    x
}
