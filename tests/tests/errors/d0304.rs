//! Instead of `address` in `ui/types/cast_to_a_pointer.rs`.

use autodiff_runtime::prelude::*;

#[differentiable]
fn address(x: &[f64; 2]) -> f64 {
    #[constant]
    let start = x as *const [f64; 2];
    x[0] * f64::from(u8::from(start.is_null()))
}
