use autodiff_runtime::prelude::*;

struct Model {
    weight: f64,
}

#[differentiable]
fn predict(model: &Model, x: f64) -> f64 {
    model.weight * x
}

fn main() {
    let model = Model { weight: 1.0 };
    println!("{}", predict(&model, 2.0));
}
