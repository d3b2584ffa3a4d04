use autodiff_runtime::prelude::*;
use ndarray::Array1;

#[derive(Clone, Debug, Differentiable)]
struct Model {
    weight: Array1<f64>,
}

#[differentiable]
fn average(model: &Model) -> f64 {
    model.weight.mean().unwrap()
}

fn main() {
    let model = Model { weight: Array1::zeros(2) };
    let _: ModelGradient = average::grad(&model);
}
