//! Instead of `compared` in `ui/types/unseen_fields.rs`.

use autodiff_runtime::prelude::*;

#[derive(Clone, Differentiable)]
struct Model {
    steps: f64,
    rate: f64,
}

#[differentiable]
fn compared(model: &Model, x: f64, n: usize) -> f64 {
    if n as f64 == model.steps {
        x
    } else {
        model.rate * x
    }
}
