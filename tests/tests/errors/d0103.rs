//! Instead of `curved` in `ui/attribute/not_yet.rs`.
//!
//! A second derivative in one number: the first one by a differentiable function of your own.

use autodiff_runtime::prelude::*;

#[differentiable]
fn slope(x: f64) -> f64 {
    2.0 * x
}

fn curvature(x: f64) -> f64 {
    slope::grad(x)
}
