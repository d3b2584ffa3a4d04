//! Instead of `lent` in `ui/calls/reference_out_of_a_tuple.rs`.

use autodiff_runtime::prelude::*;

#[differentiable]
fn filled(buffer: &mut [f64; 2], x: f64) -> f64 {
    buffer[0] = 2.0;
    buffer[0] * x
}

#[differentiable]
fn lent(x: f64, buffer: &mut [f64; 2]) -> f64 {
    filled(buffer, x)
}
