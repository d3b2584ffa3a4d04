use autodiff_runtime::prelude::*;

#[differentiable]
fn ends(values: [f64; 4]) -> f64 {
    let [first, .., last] = values;
    first * last
}

fn main() {
    let _: [f64; 4] = ends::grad([1.0, 2.0, 3.0, 4.0]);
}
