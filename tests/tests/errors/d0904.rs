//! Instead of `buffered` in `ui/memory/stored_in_constant.rs`.

use autodiff_runtime::prelude::*;

#[differentiable]
fn buffered(x: f64, buffer: &mut [f64]) -> f64 {
    buffer[0] = x;
    buffer[0] * x
}
