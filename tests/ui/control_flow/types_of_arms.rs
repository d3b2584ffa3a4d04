use autodiff_runtime::prelude::*;

#[differentiable]
fn arms(x: f64, k: usize) -> f64 {
    match k {
        0 => x,
        _ => "none",
    }
}

#[differentiable]
fn without_else(x: f64) -> f64 {
    let y = if x > 0.0 {
        x * x
    };
    y
}

#[differentiable]
fn condition(x: f64) -> f64 {
    if x { x } else { 2.0 }
}

#[differentiable]
fn counter(x: f64) -> f64 {
    let mut sum = 0;
    for i in 0..3 {
        sum += x * i;
    }
    sum
}

fn main() {}
