use autodiff_runtime::prelude::*;

#[differentiable]
fn weighted(x: f64, #[cfg(debug_assertions)] _weight: f64) -> f64 {
    x
}

fn main() {
    println!("{}", weighted(1.0, 2.0));
}
