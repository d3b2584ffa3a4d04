use autodiff_runtime::prelude::*;

#[differentiable]
fn unknown(x: f64) -> f64 {
    total += x;
    total
}

#[differentiable]
fn called(x: f64, #[constant] lock: &std::sync::Mutex<f64>) -> f64 {
    *lock.lock().unwrap() = x;
    x * x
}

#[differentiable]
fn constant(x: f64) -> f64 {
    LIMIT = x;
    LIMIT
}

const LIMIT: f64 = 1.0;

fn main() {}
