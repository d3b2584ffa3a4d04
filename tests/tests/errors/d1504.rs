//! Instead of `square` in `ui/calls/constant_parameter.rs`.

use autodiff_runtime::prelude::*;

#[differentiable]
fn scaled(scale: f64, x: f64) -> f64 {
    scale * x
}

#[differentiable]
fn square(x: f64) -> f64 {
    scaled(x, x)
}
