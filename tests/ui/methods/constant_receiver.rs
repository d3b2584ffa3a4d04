use autodiff_runtime::prelude::*;

#[derive(Clone, Differentiable)]
struct Spring {
    stiffness: f64,
}

#[differentiable]
impl Spring {
    fn energy(#[constant] &self, x: f64) -> f64 {
        self.stiffness * x * x
    }
}

#[differentiable]
fn of_spring(spring: &Spring, x: f64) -> f64 {
    spring.energy(x)
}

fn main() {
    println!("{:?}", of_spring::grad(&Spring { stiffness: 1.0 }, 2.0));
}
