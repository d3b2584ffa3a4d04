use autodiff_runtime::prelude::*;

#[differentiable]
fn operand(x: f64) -> f64 {
    2.0 * if x > 3.0 { return x } else { x * x }
}

#[differentiable]
fn factor(x: f64) -> f64 {
    let mut s = x;
    loop {
        s *= if s > 30.0 { break } else { 2.0 };
    }
    s
}

#[differentiable]
fn side(x: f64) -> f64 {
    let mut s = x;
    for _ in 0..10 {
        s += x;
        let _ = s > 30.0 && { continue };
        s *= x;
    }
    s
}

#[differentiable]
fn listed(x: f64) -> f64 {
    let pair = vec![x, if x > 1.0 { return x } else { 2.0 }];
    pair[0] * pair[1]
}

fn main() {}
