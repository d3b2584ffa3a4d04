//! Instead of `predict` in `ui/types/parameter_without_derive.rs`.

use autodiff_runtime::prelude::*;

#[derive(Differentiable)]
struct Model {
    weight: f64,
}

#[differentiable]
fn predict(model: &Model, x: f64) -> f64 {
    model.weight * x
}
