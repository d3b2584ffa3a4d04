use autodiff_runtime::prelude::*;

#[differentiable]
fn chosen(x: f64) -> f64 {
    let mut a = [x; 2];
    let mut b = [2.0 * x; 2];
    let part = if x > 1.0 { &mut a } else { &mut b };
    part[0] = x * x;
    a[0] * b[0]
}

#[differentiable]
fn changed(x: f64) -> f64 {
    let mut a = [x; 2];
    let mut b = [2.0 * x; 2];
    let mut part = &mut a;
    part[0] = x * x;
    part = &mut b;
    part[1] = x * x;
    a[0] * b[1]
}

fn main() {}
