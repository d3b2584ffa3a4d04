use autodiff_runtime::prelude::*;

#[derive(Clone, Differentiable)]
struct Counter {
    total: f64,
}

#[differentiable]
impl Counter {
    fn copy(&self) -> Self {
        Counter { total: self.total }
    }

    fn add(&mut self, x: f64) -> f64 {
        self.total += x;
        self.total * self.total
    }

    fn after(&self, x: f64) -> f64 {
        self.copy().add(x)
    }
}

fn main() {
    println!("{}", Counter { total: 1.0 }.after(2.0));
}
