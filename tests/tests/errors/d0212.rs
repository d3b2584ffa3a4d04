//! Instead of `square` in `ui/types/generic_without_real.rs`.

use autodiff_runtime::prelude::*;

#[differentiable]
fn square<T: Real>(x: T) -> T {
    x * x
}
