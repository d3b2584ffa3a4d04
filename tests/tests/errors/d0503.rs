//! Instead of `total` in `ui/methods/in_a_block.rs`.

use autodiff_runtime::prelude::*;

#[derive(Clone, Differentiable)]
struct Spring {
    stiffness: f64,
}

#[differentiable]
impl Spring {
    fn looked_up(&self, x: f64) -> f64 {
        self.stiffness * x
    }

    fn total(&self, x: f64) -> f64 {
        self.looked_up(x) + self.stiffness * x
    }
}
