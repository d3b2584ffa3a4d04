use autodiff_runtime::prelude::*;

#[differentiable(wrt(weigth, count, fixed))]
fn loss(weight: f64, count: usize, #[constant] fixed: f64) -> f64 {
    weight * count as f64 * fixed
}

#[differentiable(wrt())]
fn nothing(x: f64) -> f64 {
    x
}

fn main() {}
