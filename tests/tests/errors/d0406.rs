//! Instead of `activate` in `ui/calls/stored_function.rs`.

use autodiff_runtime::prelude::*;

#[derive(Clone, Copy)]
enum Activation {
    Sigmoid,
    Relu,
}

#[differentiable]
fn activate(#[constant] activation: Activation, x: f64) -> f64 {
    match activation {
        Activation::Sigmoid => sigmoid(x),
        Activation::Relu => relu(x),
    }
}
