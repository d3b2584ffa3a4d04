use autodiff_runtime::prelude::*;

#[derive(Clone, Debug, Differentiable)]
struct Pair(f64, f64);

#[allow(non_snake_case)]
fn Swapped(a: f64, b: f64) -> Pair {
    Pair(b, a)
}

#[differentiable]
fn weighted(a: f64, b: f64) -> f64 {
    let pair = Swapped(a, b);
    2.0 * pair.0 + 3.0 * pair.1
}

fn main() {
    let _: (f64, f64) = weighted::grad(1.0, 2.0);
}
