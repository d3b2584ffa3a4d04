use autodiff_runtime::prelude::*;

#[differentiable]
fn step(state: &mut [f64], rate: f64) -> f64 {
    state[0] * rate
}

fn main() {
    let mut state = [1.0];
    let _ = step(&mut state, 0.5);
}
