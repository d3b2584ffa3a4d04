use autodiff_runtime::prelude::*;

struct Model;

#[differentiable]
impl Energy for Model {
    fn energy(&self, x: f64) -> f64 {
        x
    }
}

#[differentiable]
trait Energy {
    fn energy(&self, x: f64) -> f64;
}

#[differentiable]
mod models {}

#[differentiable]
const RATE: f64 = 0.1;

fn main() {
    println!("{}", Model.energy(RATE));
}
