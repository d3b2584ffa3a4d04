//! Instead of `average` in `ui/arrays/unseen_array.rs`.

use autodiff_runtime::prelude::*;
use ndarray::Array1;

#[derive(Clone, Debug, Differentiable)]
struct Model {
    weight: Array1<f64>,
}

#[differentiable]
fn average(model: &Model) -> f64 {
    let weight: &Array1<f64> = &model.weight;
    weight.mean().unwrap()
}
