//! Instead of `apply_any` in `ui/types/function_parameter.rs`.
//!
//! What is to be differentiated is called by its path.

use autodiff_runtime::prelude::*;

#[differentiable]
fn f(x: f64) -> f64 {
    x * x
}

#[differentiable]
fn apply_any(x: f64) -> f64 {
    f(x)
}
