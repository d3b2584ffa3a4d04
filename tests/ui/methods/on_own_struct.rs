use autodiff_runtime::prelude::*;

#[derive(Clone, Debug, Differentiable)]
struct Point {
    x: f64,
    y: f64,
}

impl Point {
    fn norm_squared(&self) -> f64 {
        self.x * self.x + self.y * self.y
    }
}

#[differentiable]
fn energy(point: &Point) -> f64 {
    0.5 * point.norm_squared()
}

fn main() {
    let _: PointGradient = energy::grad(&Point { x: 1.0, y: 2.0 });
}
