use autodiff_runtime::prelude::*;

use std::cell::Cell;
use std::collections::{HashMap, VecDeque};

#[differentiable]
fn mapped(x: f64) -> f64 {
    let mut values = HashMap::new();
    values.insert("x", x);
    values["x"] * x
}

#[differentiable]
fn queued(x: f64) -> f64 {
    let mut queue = VecDeque::new();
    queue.push_back(x);
    queue[0] * x
}

#[differentiable]
fn shared(x: f64) -> f64 {
    let cell = Cell::new(0.0);
    cell.set(x);
    cell.get() * x
}

#[differentiable]
fn written(x: f64) -> f64 {
    let mut text = String::new();
    text.push_str(&x.to_string());
    text.parse::<f64>().unwrap()
}

fn main() {}
