//! Instead of `neuron` in `ui/calls/local_sigmoid.rs`.

use autodiff_runtime::prelude::*;

#[differentiable]
fn rectified(x: f64) -> f64 {
    x.max(0.1 * x)
}

#[differentiable]
fn neuron(w: f64, x: f64) -> f64 {
    rectified(w * x)
}
