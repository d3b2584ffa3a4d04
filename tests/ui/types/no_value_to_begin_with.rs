use autodiff_runtime::prelude::*;

#[derive(Clone, Differentiable)]
struct State {
    position: f64,
    velocity: f64,
}

#[differentiable]
fn after(x: f64, n: usize) -> f64 {
    let state;
    let mut k = 0;
    loop {
        k += 1;
        if k > n {
            state = State { position: x, velocity: x * x };
            break;
        }
    }
    state.position * state.velocity
}

fn main() {
    println!("{:?}", after::grad(2.0, 3));
}
