use autodiff_runtime::prelude::*;

#[differentiable]
fn local_struct(x: f64) -> f64 {
    struct Pair(f64, f64);
    let pair = Pair(x, 2.0 * x);
    pair.0 * pair.1
}

const RATE: f64 = 2.0;

#[differentiable]
fn local_rate(x: f64) -> f64 {
    let fast = {
        const RATE: f64 = 3.0;
        x * RATE
    };
    fast + x * RATE
}

fn main() {
    let _: f64 = local_struct::grad(1.0) + local_rate::grad(1.0);
}
