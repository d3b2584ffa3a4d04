use autodiff_runtime::prelude::*;

#[differentiable(checkpoint = revolve(5))]
fn straight(x: f64) -> f64 {
    x * x
}

// Fused with its reverse: nothing is kept.
#[differentiable(checkpoint = periodic(5))]
fn sum(x: &[f64]) -> f64 {
    let mut sum = 0.0;
    for x in x {
        sum += x * x;
    }
    sum
}

// The reverse of a linear step needs no state.
#[differentiable(checkpoint = store_all)]
fn linear(x: f64, n: usize) -> f64 {
    let mut x = x;
    for _ in 0..n {
        x = 0.5 * x + 1.0;
    }
    x
}

// The number of steps is not known where they begin.
#[differentiable(checkpoint = revolve(5))]
fn until(x: f64, n: usize) -> f64 {
    let mut x = x;
    for _ in 0..n {
        x = x.cos();
        if x > 0.9 {
            break;
        }
    }
    while x < 10.0 {
        for _ in 0..n {
            x = x * x + 0.1;
        }
    }
    x
}

fn main() {
    let _: f64 = until::grad(1.0, 2);
}
