use autodiff_runtime::prelude::*;

#[differentiable]
fn first_apart(x: &[f64]) -> f64 {
    let mut items = x.iter();
    let first = items.next().unwrap();
    first * items.sum::<f64>()
}

#[differentiable]
fn in_two_parts(x: &[f64]) -> f64 {
    let mut items = x.iter();
    let some: f64 = items.by_ref().take(2).sum();
    some * items.product::<f64>()
}

fn main() {}
