use std::cell::Cell;

use autodiff_runtime::prelude::*;

#[differentiable]
fn shared(x: f64) -> f64 {
    let cell = Cell::new(0.0);
    cell.set(x);
    cell.get() * x
}

fn main() {}
