//! Instead of `energy` in `ui/methods/observer_that_returns_a_float.rs`.

use autodiff_runtime::prelude::*;

#[derive(Clone, Debug, Differentiable)]
struct Vector {
    x: f64,
    y: f64,
}

#[differentiable]
fn len(vector: &Vector) -> f64 {
    vector.x.hypot(vector.y)
}

#[differentiable]
fn energy(vector: &Vector) -> f64 {
    len(vector) * len(vector)
}
