//! Instead of `conditional` in `ui/attribute/cfg_inside.rs`.

use autodiff_runtime::prelude::*;

#[cfg(debug_assertions)]
#[differentiable]
fn conditional(x: f64) -> f64 {
    6.0 * x
}

#[cfg(not(debug_assertions))]
#[differentiable]
fn conditional(x: f64) -> f64 {
    x
}
