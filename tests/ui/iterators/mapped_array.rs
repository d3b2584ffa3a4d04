use autodiff_runtime::prelude::*;

#[differentiable]
fn halves(x: f64) -> f64 {
    let pair: (f64, [f64; 2]) = split(x);
    let [a, b] = pair.1.map(|t| t * t);
    a * b
}

#[differentiable]
fn split(x: f64) -> (f64, [f64; 2]) {
    (x, [x, x])
}

#[differentiable]
fn unseen(x: f64) -> f64 {
    split(x).1.map(|t| t * t)[0]
}

fn main() {}
