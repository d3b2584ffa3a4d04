//! Instead of `doubled` in `ui/memory/lent_to_anyone.rs`.

use autodiff_runtime::prelude::*;

#[differentiable]
fn doubled(x: f64) -> f64 {
    let r = 2.0 * x;
    r * x
}
