use autodiff_runtime::prelude::*;

#[differentiable]
fn penalty(weight: f64, limit: f64) -> f64 {
    let mut cost = weight * weight;
    if weight > limit {
        cost += weight - limit;
    }
    cost
}

fn main() {
    let (_by_weight, _by_limit): (f64, f64) = penalty::grad(1.0, 2.0);
}
