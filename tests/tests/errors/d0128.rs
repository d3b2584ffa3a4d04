//! Instead of `separated_by_nothing` in `ui/attribute/unreadable_options.rs`.

use autodiff_runtime::prelude::*;

#[differentiable(wrt(x), stable)]
fn separated_by_nothing(x: f64) -> f64 {
    x * x
}
