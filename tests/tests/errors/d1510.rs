//! Instead of `lent` in `ui/calls/constant_parameter.rs`.

use autodiff_runtime::prelude::*;

#[differentiable]
fn filled(buffer: &mut [f64; 2], x: f64) -> f64 {
    buffer[0] = 2.0;
    buffer[0] * x
}

#[differentiable]
fn lent(x: f64) -> f64 {
    let mut buffer = [x, 1.0];
    filled(&mut buffer, x) * buffer[0]
}
