use autodiff_runtime::prelude::*;

#[differentiable]
fn made(x: f64) -> f64 {
    let scale = |a: f64| move |t: f64| a * t;
    let f = scale(x);
    f(x)
}

fn main() {}
