use autodiff_runtime::prelude::*;

#[differentiable]
fn local_struct(x: f64) -> f64 {
    struct Pair(f64, f64);
    let pair = Pair(x, 2.0 * x);
    pair.0 * pair.1
}

fn main() {
    let _: f64 = local_struct::grad(1.0);
}
