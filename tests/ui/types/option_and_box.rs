use autodiff_runtime::prelude::*;

#[differentiable]
fn wrapped(x: f64) -> f64 {
    let some = Some(x * x);
    let boxed = Box::new(x);
    let shared = std::rc::Rc::new(2.0 * x);
    some.unwrap() * *boxed * *shared
}

fn main() {
    let _: f64 = wrapped::grad(1.0);
}
