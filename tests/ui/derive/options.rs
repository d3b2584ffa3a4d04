use autodiff_runtime::prelude::*;

#[derive(Differentiable)]
#[differentiable(crate = autodiff_runtime, crate = autodiff_runtime)]
struct Twice {
    x: f64,
}

#[derive(Differentiable)]
#[differentiable(crate = "autodiff_runtime")]
struct Quoted {
    x: f64,
}

#[derive(Differentiable)]
#[differentiable]
struct Bare {
    x: f64,
}

#[derive(Differentiable)]
#[differentiable(= autodiff_runtime)]
struct Nameless {
    x: f64,
}

fn main() {
    println!("{}", Twice { x: 1.0 }.x + Quoted { x: 1.0 }.x + Bare { x: 1.0 }.x + Nameless { x: 1.0 }.x);
}
