use autodiff_runtime::prelude::*;

#[differentiable]
fn labelled(x: f64) -> f64 {
    let mut s = x;
    for _ in 0..3 {
        s *= x;
        break 'outer;
    }
    s
}

#[differentiable]
fn outside(x: f64) -> f64 {
    if x > 1.0 {
        break;
    }
    x
}

fn main() {}
