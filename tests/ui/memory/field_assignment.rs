use autodiff_runtime::prelude::*;

#[derive(Clone, Debug, Differentiable)]
struct Point {
    x: f64,
    y: f64,
}

#[differentiable]
fn moved(start: Point, step: f64) -> Point {
    let mut point = start;
    point.x += step;
    point
}

fn main() {
    let start = Point { x: 1.0, y: 2.0 };
    let (_end, _dot) = moved::jvp(start, 1.0, PointGradient { x: 0.0, y: 0.0 }, 1.0);
}
