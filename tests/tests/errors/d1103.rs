//! Instead of `unwrapped` in `ui/control_flow/question_mark.rs`.

use autodiff_runtime::prelude::*;

#[differentiable]
fn unwrapped(x: f64, #[constant] scale: Option<f64>) -> f64 {
    let scale = scale.unwrap_or(1.0);
    x * scale
}
