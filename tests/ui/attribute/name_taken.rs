use autodiff_runtime::prelude::*;

mod loss {
    pub const RATE: f64 = 0.1;
}

#[differentiable]
fn loss(x: f64) -> f64 {
    loss::RATE * x
}

fn main() {}
