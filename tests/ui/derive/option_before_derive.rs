use autodiff_runtime::prelude::*;

#[derive(Differentiable)]
#[differentiable(wrt(x))]
struct Point {
    #[constant]
    label: usize,
    x: f64,
}

#[derive(Differentiable)]
struct Bad {
    #[constant(always)]
    x: f64,
}

fn main() {}
