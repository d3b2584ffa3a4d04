use autodiff_runtime::prelude::*;

#[differentiable]
fn conflict(x: f64) -> f64 {
    let mut a = [x; 2];
    let first = &mut a;
    let second = &a;
    first[0] = 2.0 * x;
    second[1]
}

#[differentiable]
fn moved(x: &[f64]) -> f64 {
    let a = x.to_vec();
    let b = a;
    a[0] * b[1]
}

#[differentiable]
fn not_mutable(x: f64) -> f64 {
    let s = 0.0;
    s += x;
    s
}

#[differentiable]
fn grown(x: f64) -> f64 {
    let mut a = vec![x; 3];
    for t in &a {
        a.push(*t);
    }
    a[4]
}

fn main() {}
