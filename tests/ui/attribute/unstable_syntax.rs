use autodiff_runtime::prelude::*;

#[differentiable]
fn square(x: f64) -> f64 {
    x * x
}

#[differentiable]
fn called_last(x: f64) -> f64 {
    become square(x)
}

#[differentiable]
fn behind(x: f64) -> f64 {
    x.match { y => y * y }
}

fn main() {}
