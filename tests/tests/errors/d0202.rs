//! Instead of `energy` in `ui/signature/name_of_a_number_type.rs`.

use autodiff_runtime::prelude::*;

#[differentiable]
fn energy(x: f64) -> f64 {
    x * x
}
