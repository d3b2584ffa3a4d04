use autodiff_runtime::prelude::*;

#[derive(Clone, Differentiable)]
struct Model {
    steps: f64,
    rate: f64,
}

#[differentiable]
fn grown(model: &Model, x: f64) -> f64 {
    let n = model.steps as usize;
    x * n as f64 + model.rate
}

#[differentiable]
fn compared(model: &Model, x: f64, n: usize) -> f64 {
    if n as u64 == model.steps { x } else { model.rate * x }
}

fn main() {
    let model = Model { steps: 2.0, rate: 1.0 };
    println!("{:?}", grown::grad(&model, 2.0));
    println!("{:?}", compared::grad(&model, 2.0, 3));
}
