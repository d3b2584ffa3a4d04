//! Instead of `unit` in `ui/control_flow/loop_as_value.rs`.

use autodiff_runtime::prelude::*;

#[differentiable]
fn unit(x: f64) -> f64 {
    let mut s = x;
    for _ in 0..3 {
        s *= x;
    }
    s
}
