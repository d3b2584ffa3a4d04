use autodiff_runtime::prelude::*;

#[differentiable]
fn weighted(x: f64, class: usize) -> f64 {
    if class == 0 {
        return 0.0;
    }
    x * class as f64
}

fn main() {
    let _: f64 = weighted::grad(2.0, 1);
}
