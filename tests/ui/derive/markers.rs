use autodiff_runtime::prelude::*;

#[derive(Differentiable)]
struct MarkedTwice {
    weight: f64,
    #[constant]
    #[constant]
    rate: f64,
}

#[derive(Differentiable)]
struct WithAttribute {
    #[differentiable]
    weight: f64,
}

#[derive(Differentiable)]
#[constant]
struct Settings {
    rate: f64,
}

fn main() {
    let twice = MarkedTwice { weight: 1.0, rate: 2.0 };
    println!("{}", twice.weight * twice.rate);
    println!("{}", WithAttribute { weight: 1.0 }.weight + Settings { rate: 1.0 }.rate);
}
