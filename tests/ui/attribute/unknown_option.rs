use autodiff_runtime::prelude::*;

#[differentiable(order = second)]
fn a(x: f64) -> f64 {
    x
}

#[differentiable(fast)]
fn b(x: f64) -> f64 {
    x
}

#[differentiable(by(x))]
fn c(x: f64) -> f64 {
    x
}

fn main() {
    let _: (f64, f64, f64) = (a::grad(1.0), b::grad(1.0), c::grad(1.0));
}
