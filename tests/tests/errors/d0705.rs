//! Instead of `operand` in `ui/control_flow/jump_in_expression.rs`.

use autodiff_runtime::prelude::*;

#[differentiable]
fn operand(x: f64) -> f64 {
    if x > 3.0 {
        return x;
    }
    2.0 * (x * x)
}
