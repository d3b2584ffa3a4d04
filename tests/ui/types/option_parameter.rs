use autodiff_runtime::prelude::*;

use std::collections::HashMap;

#[differentiable]
fn defaulted(x: f64, k: Option<usize>) -> f64 {
    k.map_or(x, |k| x * k as f64)
}

#[differentiable]
fn looked_up(x: f64, table: &HashMap<String, f64>) -> f64 {
    x * table["a"]
}

#[differentiable]
fn named(x: &[f64], names: &[String]) -> f64 {
    x[names.len()]
}

fn main() {}
