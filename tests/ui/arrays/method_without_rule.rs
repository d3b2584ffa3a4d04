use autodiff_runtime::prelude::*;
use ndarray::{Array1, Array2, Axis};

#[differentiable]
fn spread(x: &Array1<f64>) -> f64 {
    x.std(0.0)
}

#[differentiable]
fn largest(x: &Array2<f64>) -> f64 {
    x.fold_axis(Axis(1), 0.0, |&so_far: &f64, &x| so_far.max(x)).sum()
}

#[differentiable]
fn not_unwrapped(x: &Array1<f64>) -> f64 {
    x.mean().unwrap_or(0.0)
}

fn main() {
    let x = Array1::zeros(2);
    let _: (f64, Array1<f64>) = spread::value_and_grad(&x);
    let _: f64 = not_unwrapped(&x);
    let _: Array2<f64> = largest::grad(&Array2::zeros((2, 2)));
}
