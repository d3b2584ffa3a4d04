use autodiff_runtime::prelude::*;

fn relu(x: f64) -> f64 {
    5.0 * x
}

trait Steep {
    fn softplus(self) -> f64;
}

impl Steep for f64 {
    fn softplus(self) -> f64 {
        7.0 * self
    }
}

#[differentiable]
fn neuron(w: f64, x: f64) -> f64 {
    relu(w * x)
}

mod without_real {
    use super::Steep;

    #[autodiff_runtime::differentiable]
    pub fn layer(w: f64) -> f64 {
        w.softplus()
    }
}

fn main() {
    let _: (f64, f64) = neuron::grad(1.0, 2.0);
    let _: f64 = without_real::layer::grad(1.0);
}
