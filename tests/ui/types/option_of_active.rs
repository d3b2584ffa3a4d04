use autodiff_runtime::prelude::*;

#[differentiable]
fn chosen(x: f64) -> f64 {
    let value = if x > 0.0 { Some(x) } else { None };
    value.unwrap_or(0.0)
}

#[differentiable]
fn ends(x: &[f64]) -> f64 {
    x.first().unwrap() * x.get(1).unwrap()
}

fn main() {}
