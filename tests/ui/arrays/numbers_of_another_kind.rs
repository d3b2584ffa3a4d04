//! A number beside an array that is of another precision, or no float: the error is on the operator.

use autodiff_runtime::prelude::*;
use ndarray::{Array1, Array2};

#[differentiable]
fn scaled(x: &Array1<f32>, factor: f64) -> f32 {
    (x * factor).sum()
}

#[differentiable]
fn counted(x: &Array1<f64>, count: usize) -> f64 {
    (x / count).sum()
}

#[differentiable]
fn in_place(x: &Array1<f64>, step: f32) -> f64 {
    let mut y = x.clone();
    y += step;
    y.sum()
}

#[differentiable]
fn product(x: &Array2<f64>, w: &Array1<f32>) -> f64 {
    x.dot(w).sum()
}

fn main() {}
