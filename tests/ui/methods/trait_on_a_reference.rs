use autodiff_runtime::prelude::*;

/// On `&f64`, this method comes before the float's own.
trait Root {
    fn sqrt(self) -> f64;
}

impl Root for &f64 {
    fn sqrt(self) -> f64 {
        5.0 * *self
    }
}

#[differentiable]
fn slope(x: &f64) -> f64 {
    x.sqrt()
}

fn main() {
    slope::grad(&1.0);
}
