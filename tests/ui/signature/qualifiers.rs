use autodiff_runtime::prelude::*;

#[differentiable]
async fn fetched(x: f64) -> f64 {
    x
}

#[differentiable]
unsafe fn risky(x: f64) -> f64 {
    x
}

#[differentiable]
extern "C" fn exported(x: f64) -> f64 {
    x
}

fn main() {}
