use autodiff_runtime::prelude::*;

#[differentiable]
fn pushed(x: f64) -> f64 {
    let mut terms = Vec::new();
    terms.push(x * x);
    terms[0]
}

fn main() {
    let _: f64 = pushed::grad(1.0);
}
