//! Instead of `parameter` in `ui/closures/unknown_function.rs`.

use autodiff_runtime::prelude::*;

#[differentiable]
fn f(x: f64) -> f64 {
    x.sin()
}

#[differentiable]
fn parameter(x: f64) -> f64 {
    f(x)
}
