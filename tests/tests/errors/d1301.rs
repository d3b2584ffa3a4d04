//! Instead of `Shape` in `ui/derive/enum.rs`.
//!
//! The active numbers go into a struct beside the enum.

use autodiff_runtime::prelude::*;

#[derive(Clone, Copy, Debug)]
enum Kind {
    Circle,
    Square,
}

#[derive(Clone, Debug, Differentiable)]
struct Shape {
    #[constant]
    kind: Kind,
    size: f64,
}

#[differentiable]
fn area(shape: &Shape) -> f64 {
    #[constant]
    let kind = shape.kind;
    let size = shape.size;
    match kind {
        Kind::Circle => std::f64::consts::PI * size * size,
        Kind::Square => size * size,
    }
}
