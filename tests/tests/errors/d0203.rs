//! Instead of `shared` in `ui/methods/in_a_block.rs`.

use autodiff_runtime::prelude::*;
use std::rc::Rc;

#[derive(Clone, Differentiable)]
struct Spring {
    stiffness: f64,
}

#[differentiable]
impl Spring {
    fn shared(&self, x: f64) -> f64 {
        self.stiffness * x
    }
}

fn through_the_pointer(spring: &Rc<Spring>, x: f64) -> (SpringGradient, f64) {
    spring.shared_grad(x)
}
