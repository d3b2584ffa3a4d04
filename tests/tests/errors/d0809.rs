//! Instead of `summed` in `ui/control_flow/open_range.rs`.

use autodiff_runtime::prelude::*;

#[differentiable]
fn summed(x: f64) -> f64 {
    (1..100).map(|n| x / n as f64).sum()
}
