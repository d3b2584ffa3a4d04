use autodiff_runtime::prelude::*;

mod mine {
    use autodiff_runtime::prelude::*;

    #[differentiable]
    pub fn sigmoid(x: f64) -> f64 {
        5.0 * x
    }
}

use mine::sigmoid;

#[differentiable]
fn neuron(w: f64, x: f64) -> f64 {
    sigmoid(w * x)
}

fn main() {
    let _: (f64, f64) = neuron::grad(1.0, 2.0);
}
