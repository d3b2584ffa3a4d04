use autodiff_runtime::prelude::*;

const NONE: usize = 0;

#[differentiable(checkpoint = revolve(NONE))]
fn no_slots(x: f64, n: usize) -> f64 {
    let mut x = x;
    for _ in 0..n {
        x *= x.sin();
    }
    x
}

#[differentiable(checkpoint = periodic(n))]
fn of_parameter(x: f64, n: usize) -> f64 {
    let mut x = x;
    for _ in 0..n {
        x *= x.sin();
    }
    x
}

fn main() {
    let _: f64 = no_slots::grad(1.0, 2);
}
