//! Instead of `queued` in `ui/memory/other_collections.rs`.

use autodiff_runtime::prelude::*;

#[differentiable]
fn queued(x: f64) -> f64 {
    let mut queue = Vec::new();
    queue.push(x);
    queue[0] * x
}
