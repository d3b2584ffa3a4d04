//! Instead of `compounded` in `ui/control_flow/range_of_chars.rs`.

use autodiff_runtime::prelude::*;

#[differentiable]
fn compounded(x: f64) -> f64 {
    let mut y = x;
    for _letter in (b'a'..b'e').step_by(2) {
        y *= y;
    }
    y
}
