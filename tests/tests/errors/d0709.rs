//! Instead of `broken_off` in `ui/control_flow/break_with_value.rs`.

use autodiff_runtime::prelude::*;

#[differentiable]
fn broken_off(x: f64) -> f64 {
    let mut y = x;
    for _ in 0..20 {
        if y > 10.0 {
            y = x;
            break;
        }
        y = y * y;
    }
    y
}
