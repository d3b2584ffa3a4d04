//! Instead of `local_struct` in `ui/patterns/item_in_body.rs`.

use autodiff_runtime::prelude::*;

#[derive(Clone, Differentiable)]
struct Pair(f64, f64);

#[differentiable]
fn local_struct(x: f64) -> f64 {
    let pair = Pair(x, 2.0 * x);
    pair.0 * pair.1
}
