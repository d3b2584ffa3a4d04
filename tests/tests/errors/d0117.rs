//! Instead of `Spring` in `ui/attribute/twice_on_a_block.rs`.

use autodiff_runtime::prelude::*;

#[derive(Clone, Differentiable)]
struct Spring {
    stiffness: f64,
}

#[differentiable]
impl Spring {
    fn energy(&self, x: f64) -> f64 {
        0.5 * self.stiffness * x * x
    }
}
