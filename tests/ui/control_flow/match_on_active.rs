use autodiff_runtime::prelude::*;

#[differentiable]
fn number(x: f64) -> f64 {
    match x {
        0.0 => 1.0,
        t if t > 0.0 => t * t,
        _ => x,
    }
}

#[differentiable]
fn both(x: f64, y: f64) -> f64 {
    match (x > 0.0, y) {
        (true, b) => x * b,
        (false, b) => b,
    }
}

#[differentiable]
fn slice(x: &[f64]) -> f64 {
    match x {
        [] => 0.0,
        [one] => *one,
        [first, .., last] => first * last,
    }
}

#[differentiable]
fn ordered(x: f64, y: f64) -> f64 {
    match x.partial_cmp(&y) {
        Some(std::cmp::Ordering::Less) => y,
        _ => x,
    }
}

fn main() {}
