use autodiff_runtime::prelude::*;

#[differentiable]
fn explicit(x: f64) -> f64 {
    <f64 as Real>::exp(x)
}

fn main() {
    let _: f64 = explicit::grad(1.0);
}
