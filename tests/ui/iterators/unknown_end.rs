use autodiff_runtime::prelude::*;

#[differentiable]
fn largest(x: &[f64]) -> f64 {
    *x.iter().max_by(|a, b| a.partial_cmp(b).unwrap()).unwrap()
}

#[differentiable]
fn reduced(x: &[f64]) -> f64 {
    x.iter().cloned().reduce(f64::max).unwrap()
}

#[differentiable]
fn looked(x: &[f64]) -> f64 {
    let some = x.iter().any(|t| *t > 1.0);
    let k = x.iter().position(|t| *t > 1.0).unwrap_or(0);
    if some { x[k] } else { x[0] }
}

#[differentiable]
fn separated(x: &[f64]) -> f64 {
    let (a, b): (Vec<f64>, Vec<f64>) = x.iter().map(|t| (t * t, t.sin())).unzip();
    a[0] * b[0]
}

fn main() {}
