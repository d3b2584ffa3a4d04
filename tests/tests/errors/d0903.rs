//! Instead of `late` in `ui/memory/used_before_assigned.rs`.

use autodiff_runtime::prelude::*;

#[differentiable]
fn late(x: f64) -> f64 {
    let y = 2.0 * x;
    let z = x * y;
    y * z
}
