use autodiff_runtime::prelude::*;

#[differentiable]
fn safe_ln(x: f64) -> f64 {
    let y = x * x;
    {
        return y.ln();
    }
}

fn main() {
    let _: f64 = safe_ln::grad(2.0);
}
