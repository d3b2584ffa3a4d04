use autodiff_runtime::prelude::*;

#[derive(Clone, Debug, Differentiable)]
struct Point {
    x: f64,
    y: f64,
}

#[differentiable]
fn lifted(point: &Point, height: f64) -> Point {
    Point {
        y: height,
        ..point.clone()
    }
}

fn main() {
    let point = Point { x: 1.0, y: 2.0 };
    let _ = lifted::vjp(&point, 1.0, PointGradient { x: 1.0, y: 0.0 });
}
