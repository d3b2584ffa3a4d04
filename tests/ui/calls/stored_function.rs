use autodiff_runtime::prelude::*;

struct Layer {
    activation: fn(f64) -> f64,
}

#[differentiable]
fn activate(#[constant] layer: &Layer, x: f64) -> f64 {
    (layer.activation)(x)
}

fn main() {
    let layer = Layer { activation: f64::tanh };
    let _: f64 = activate::grad(&layer, 1.0);
}
