//! Instead of `counted` in `ui/control_flow/open_range.rs`.

use autodiff_runtime::prelude::*;

#[differentiable]
fn counted(x: f64) -> f64 {
    let mut s = x;
    for _ in 0..4 {
        s *= x;
    }
    s
}
