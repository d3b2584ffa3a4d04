//! Instead of `RATE` in `ui/attribute/on_impl_trait_mod.rs`.

use autodiff_runtime::prelude::*;

const RATE: f64 = 0.1;

#[differentiable]
fn step(x: f64) -> f64 {
    RATE * x
}
