//! Instead of `of_spring` in `ui/methods/constant_receiver.rs`.

use autodiff_runtime::prelude::*;

#[derive(Clone, Differentiable)]
struct Spring {
    stiffness: f64,
}

#[differentiable]
impl Spring {
    fn energy(&self, x: f64) -> f64 {
        self.stiffness * x * x
    }
}

#[differentiable]
fn of_spring(spring: &Spring, x: f64) -> f64 {
    spring.energy(x)
}
