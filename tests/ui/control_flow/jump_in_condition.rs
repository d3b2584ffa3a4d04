use autodiff_runtime::prelude::*;

#[differentiable]
fn of_if(x: f64) -> f64 {
    if {
        if x > 3.0 {
            return x * 2.0;
        }
        x > 1.0
    } {
        x * x
    } else {
        x
    }
}

#[differentiable]
fn of_while(x: f64) -> f64 {
    let mut s = x;
    let mut i = 0;
    while {
        if s > 3.0 {
            return s * 2.0;
        }
        i < 5
    } {
        s *= x;
        i += 1;
    }
    s
}

#[differentiable]
fn of_match(x: f64, k: usize) -> f64 {
    match if x > 3.0 { return x * 2.0 } else { k } {
        0 => x * x,
        _ => x,
    }
}

#[differentiable]
fn of_for(x: f64, n: usize) -> f64 {
    let mut s = x;
    for _ in 0..(if x > 3.0 { return x } else { n }) {
        s *= x;
    }
    s
}

fn main() {}
