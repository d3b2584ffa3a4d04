//! Instead of `via_macro` in `ui/macros/own.rs`.

use autodiff_runtime::prelude::*;

#[differentiable]
fn square(x: f64) -> f64 {
    x * x
}

#[differentiable]
fn via_macro(x: f64) -> f64 {
    square(x + 1.0)
}
