//! Instead of `models` in `ui/attribute/on_impl_trait_mod.rs`.

mod models {
    use autodiff_runtime::prelude::*;

    #[differentiable]
    pub fn linear(weight: f64, x: f64) -> f64 {
        weight * x
    }
}
