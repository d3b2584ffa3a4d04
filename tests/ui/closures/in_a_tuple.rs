use autodiff_runtime::prelude::*;

#[differentiable]
fn pair(x: f64) -> f64 {
    let (f, g) = (|t: f64| t * x, |t: f64| t + x);
    f(g(x))
}

#[differentiable]
fn list(x: f64) -> f64 {
    let f = [|t: f64| t * 2.0, |t: f64| t * 3.0];
    f[0](x) + f[1](x)
}

#[differentiable]
fn taken_apart(x: f64) -> f64 {
    let (f,) = |t: f64| t * x;
    f(x)
}

fn main() {}
