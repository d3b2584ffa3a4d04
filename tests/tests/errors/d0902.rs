//! Instead of `odd` in `ui/memory/assignment_as_value.rs`.

use autodiff_runtime::prelude::*;

#[differentiable]
fn odd(x: f64) -> f64 {
    let mut y = x.sin();
    y = 2.0 * y;
    y
}
