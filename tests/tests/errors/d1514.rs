//! Instead of `doubled` in `ui/calls/mutable_for_shared.rs`.

use autodiff_runtime::prelude::*;

#[differentiable]
fn total(v: &[f64; 3]) -> f64 {
    v[0] * v[1] + v[2]
}

#[differentiable]
fn doubled(v: &mut [f64; 3]) -> f64 {
    v[0] *= 2.0;
    total(&*v)
}
