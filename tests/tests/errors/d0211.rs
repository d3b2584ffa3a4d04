//! Instead of `unwrapped` in `ui/control_flow/question_mark.rs`.

use autodiff_runtime::prelude::*;

#[differentiable]
fn scaled(x: f64, scale: f64) -> f64 {
    x * scale
}

fn unwrapped(x: f64, scale: Option<f64>) -> Option<(f64, f64)> {
    let scale = scale?;
    Some(scaled::grad(x, scale))
}
