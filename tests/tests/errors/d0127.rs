//! Instead of `frozen` in `ui/attribute/constant_on_expression.rs`.

use autodiff_runtime::prelude::*;

#[differentiable]
fn frozen(x: f64) -> f64 {
    #[constant]
    let rate = x.exp();
    x * rate
}
