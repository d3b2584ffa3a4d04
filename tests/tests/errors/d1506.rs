//! Instead of `grown` in `ui/types/unseen_fields.rs`.

use autodiff_runtime::prelude::*;

#[derive(Clone, Differentiable)]
struct Model {
    steps: f64,
    rate: f64,
}

#[differentiable]
fn grown(model: &Model, x: f64) -> f64 {
    let n = model.steps.floor() as usize;
    x * n as f64 + model.rate
}
