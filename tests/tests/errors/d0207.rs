//! Instead of `apply` in `ui/types/function_parameter.rs`.

use autodiff_runtime::prelude::*;

#[differentiable]
fn f(x: f64) -> f64 {
    x * x
}

#[differentiable]
fn apply(x: f64) -> f64 {
    f(x)
}
