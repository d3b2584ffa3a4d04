use std::ops::RangeInclusive;

use autodiff_runtime::prelude::*;

#[differentiable]
fn after(x: f64, steps: RangeInclusive<usize>) -> f64 {
    let chosen;
    let mut k = 0;
    loop {
        k += 1;
        if k > 3 {
            chosen = steps;
            break;
        }
    }
    x * *chosen.end() as f64
}

fn main() {
    println!("{:?}", after::grad(2.0, 1..=3));
}
