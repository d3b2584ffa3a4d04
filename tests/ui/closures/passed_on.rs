use autodiff_runtime::prelude::*;

fn twice(f: impl Fn(f64) -> f64, x: f64) -> f64 {
    f(f(x))
}

#[differentiable]
fn written(x: f64) -> f64 {
    twice(|t| t * x, 2.0)
}

#[differentiable]
fn named(x: f64) -> f64 {
    let f = |t: f64| t * x;
    twice(f, 2.0)
}

#[differentiable]
fn boxed(x: f64) -> f64 {
    let f: Box<dyn Fn(f64) -> f64> = Box::new(|t| t * x);
    f(x)
}

fn main() {}
