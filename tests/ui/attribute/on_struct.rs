use autodiff_runtime::prelude::*;

#[differentiable]
struct Model {
    weight: f64,
}

fn main() {
    println!("{}", Model { weight: 1.0 }.weight);
}
