//! Instead of `force` in `ui/methods/in_a_block.rs`.

use autodiff_runtime::prelude::*;

#[derive(Clone, Differentiable)]
struct Spring {
    stiffness: f64,
}

#[differentiable]
impl Spring {
    fn force(&self, x: f64) -> f64 {
        self.stiffness * x
    }
}

fn slope(spring: &Spring, x: f64) -> (SpringGradient, f64) {
    spring.force_grad(x)
}
