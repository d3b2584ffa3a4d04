//! Instead of `product` in `ui/attribute/repeated_option.rs`.

use autodiff_runtime::prelude::*;

#[differentiable(wrt(x, y))]
fn product(x: f64, y: f64) -> f64 {
    x * y
}
