use autodiff_runtime::prelude::*;

#[differentiable]
fn grown(x: &[f64]) -> f64 {
    let mut all = x.to_vec();
    all.extend(x.iter().map(|t| t * t));
    all.truncate(4);
    all.insert(0, 1.0);
    all.reverse();
    all[0] * all[1]
}

#[differentiable]
fn halves(x: &[f64]) -> f64 {
    let mut all = x.to_vec();
    let (left, right) = all.split_at_mut(1);
    left[0] *= right[0];
    all[0]
}

#[differentiable]
fn popped(x: &[f64]) -> f64 {
    let mut all = x.to_vec();
    let last = all.pop().unwrap_or(0.0);
    last * all[0]
}

fn main() {}
