//! Instead of `Energy` in `ui/attribute/on_impl_trait_mod.rs`.

use autodiff_runtime::prelude::*;

trait Energy {
    fn energy(&self, x: f64) -> f64;
}

#[derive(Clone, Differentiable)]
struct Model {
    weight: f64,
}

#[differentiable]
impl Model {
    fn own_energy(&self, x: f64) -> f64 {
        self.weight * x
    }
}

impl Energy for Model {
    fn energy(&self, x: f64) -> f64 {
        self.own_energy(x)
    }
}
