//! Instead of `after` in `ui/types/no_value_to_begin_with.rs`.

use autodiff_runtime::prelude::*;

#[derive(Clone, Differentiable)]
struct State {
    position: f64,
    velocity: f64,
}

#[differentiable]
fn after(x: f64, n: usize) -> f64 {
    let mut k = 0;
    loop {
        k += 1;
        if k > n {
            break;
        }
    }
    let state = State {
        position: x,
        velocity: x * x,
    };
    state.position * state.velocity
}
