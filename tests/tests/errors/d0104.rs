//! Instead of `third` in `ui/attribute/not_a_path.rs`.

use autodiff_runtime::prelude::*;

#[differentiable(wrt(x))]
fn third(x: f64) -> f64 {
    x
}
