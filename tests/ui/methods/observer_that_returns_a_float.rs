use autodiff_runtime::prelude::*;

#[derive(Clone, Debug, Differentiable)]
struct Vector {
    x: f64,
    y: f64,
}

impl Vector {
    fn len(&self) -> f64 {
        self.x.hypot(self.y)
    }
}

#[differentiable]
fn square(x: f64) -> f64 {
    x * x
}

#[differentiable]
fn energy(vector: &Vector) -> f64 {
    square(vector.len())
}

fn main() {
    let _: VectorGradient = energy::grad(&Vector { x: 1.0, y: 2.0 });
}
