//! Instead of `called_last` in `ui/attribute/unstable_syntax.rs`.

use autodiff_runtime::prelude::*;

#[differentiable]
fn square(x: f64) -> f64 {
    x * x
}

#[differentiable]
fn called_last(x: f64) -> f64 {
    square(x)
}
