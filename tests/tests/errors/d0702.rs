//! Instead of `scaled` in `ui/control_flow/let_else.rs`.

use autodiff_runtime::prelude::*;

#[differentiable]
fn scaled(x: f64, #[constant] scale: Option<f64>) -> f64 {
    if let Some(scale) = scale {
        x * scale
    } else {
        panic!("no scale")
    }
}
