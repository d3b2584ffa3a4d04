//! Instead of `lifted` in `ui/types/struct_update.rs`.

use autodiff_runtime::prelude::*;

#[derive(Clone, Differentiable)]
struct Point {
    x: f64,
    y: f64,
}

#[differentiable]
fn lifted(point: &Point, height: f64) -> Point {
    Point {
        x: point.x,
        y: height,
    }
}
