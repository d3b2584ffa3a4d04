use autodiff_runtime::prelude::*;

#[differentiable]
fn rounded(x: f64) -> f64 {
    let steps = (x * 10.0) as usize;
    x * steps as f64
}

fn main() {
    let _: f64 = rounded::grad(1.0);
}
