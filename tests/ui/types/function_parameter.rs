use autodiff_runtime::prelude::*;

#[differentiable]
fn apply(f: fn(f64) -> f64, x: f64) -> f64 {
    f(x)
}

#[differentiable]
fn apply_any(f: impl Fn(f64) -> f64, x: f64) -> f64 {
    f(x)
}

#[differentiable]
fn apply_dyn(f: &dyn Fn(f64) -> f64, x: f64) -> f64 {
    f(x)
}

fn main() {
    println!("{}", apply(f64::sin, 2.0) + apply_any(f64::sin, 2.0) + apply_dyn(&f64::sin, 2.0));
}
