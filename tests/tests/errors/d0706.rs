//! Instead of `outside` in `ui/control_flow/unknown_label.rs`.

use autodiff_runtime::prelude::*;

#[differentiable]
fn outside(x: f64) -> f64 {
    if x > 1.0 {
        return 1.0;
    }
    x
}
