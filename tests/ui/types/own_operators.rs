use autodiff_runtime::prelude::*;

#[derive(Clone, Copy, Debug, Differentiable)]
struct Dual {
    a: f64,
}

impl std::ops::Add for Dual {
    type Output = Dual;
    fn add(self, other: Dual) -> Dual {
        Dual { a: self.a * other.a }
    }
}

#[differentiable]
fn doubled(x: f64) -> f64 {
    let dual = Dual { a: x };
    let sum = dual + dual;
    sum.a
}

fn main() {
    let _: f64 = doubled::grad(1.0);
}
