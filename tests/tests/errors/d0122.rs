//! Instead of `Energy` in `ui/attribute/on_impl_trait_mod.rs`.

use autodiff_runtime::prelude::*;

trait Energy {
    fn energy(&self, x: f64) -> f64;
}

struct Model;

#[differentiable]
fn model_energy(x: f64) -> f64 {
    x
}

impl Energy for Model {
    fn energy(&self, x: f64) -> f64 {
        model_energy(x)
    }
}
