//! Instead of `energy` in `ui/attribute/without_a_body.rs`.

use autodiff_runtime::prelude::*;

trait Energy {
    fn energy(&self, x: f64) -> f64;
}

struct Spring;

#[differentiable]
fn spring_energy(x: f64) -> f64 {
    0.5 * x * x
}

impl Energy for Spring {
    fn energy(&self, x: f64) -> f64 {
        spring_energy(x)
    }
}
