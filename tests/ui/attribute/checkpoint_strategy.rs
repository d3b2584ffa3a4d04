use autodiff_runtime::prelude::*;

#[differentiable(checkpoint)]
fn bare(x: f64, n: usize) -> f64 {
    let mut x = x;
    for _ in 0..n {
        x *= x.sin();
    }
    x
}

#[differentiable(checkpoint = sometimes)]
fn unknown(x: f64) -> f64 {
    x
}

#[differentiable(checkpoint = revolve)]
fn no_number(x: f64) -> f64 {
    x
}

#[differentiable(checkpoint = periodic(0))]
fn no_period(x: f64) -> f64 {
    x
}

#[differentiable(checkpoint = revolve(0))]
fn no_slots(x: f64) -> f64 {
    x
}

#[differentiable(checkpoint = revolve(n / 10))]
fn computed(x: f64, n: usize) -> f64 {
    let mut x = x;
    for _ in 0..n {
        x *= x.sin();
    }
    x
}

#[differentiable(checkpoint = store_all, checkpoint = revolve(2))]
fn twice(x: f64, n: usize) -> f64 {
    let mut x = x;
    for _ in 0..n {
        x *= x.sin();
    }
    x
}

#[differentiable(checkpoint = revolve(2), pullback = rule, jvp = twin)]
fn by_hand(x: f64) -> f64 {
    x
}

fn rule(x: f64) -> (f64, impl Fn(f64, &mut f64)) {
    (x, |d, x_bar| *x_bar += d)
}

fn twin(x: f64, x_dot: f64) -> (f64, f64) {
    (x, x_dot)
}

fn main() {
    let _: f64 = bare::grad(1.0, 2);
}
