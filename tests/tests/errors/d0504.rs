//! Instead of `after` in `ui/methods/change_without_a_name.rs`.

use autodiff_runtime::prelude::*;

#[derive(Clone, Differentiable)]
struct Counter {
    total: f64,
}

#[differentiable]
impl Counter {
    fn add(&mut self, x: f64) -> f64 {
        self.total += x;
        self.total * self.total
    }

    fn after(&self, x: f64) -> f64 {
        let mut counter = Counter { total: x };
        counter.add(x)
    }
}
