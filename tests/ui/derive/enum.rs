use autodiff_runtime::prelude::*;

#[derive(Clone, Debug, Differentiable)]
enum Shape {
    Circle(f64),
    Square { side: f64 },
}

#[derive(Clone, Copy, Differentiable)]
union Bits {
    float: f64,
    bits: u64,
}

#[differentiable]
fn area(_shape: &Shape, scale: f64) -> f64 {
    scale * 2.0
}

fn main() {
    let shape = [Shape::Circle(1.0), Shape::Square { side: 2.0 }];
    let bits = Bits { float: 1.0 };
    println!("{} {}", area(&shape[0], 2.0), unsafe { bits.bits });
}
