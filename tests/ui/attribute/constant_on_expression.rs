use autodiff_runtime::prelude::*;

#[differentiable]
fn frozen(x: f64) -> f64 {
    let y = x * #[constant] x.exp();
    #[constant]
    y.sin();
    y
}

fn main() {
    let _: f64 = frozen::grad(1.0);
}
