use autodiff_runtime::prelude::*;

#[differentiable(name = "loss_ad")]
fn loss(x: f64) -> f64 {
    x
}

#[differentiable(name = self::loss_ad)]
fn other(x: f64) -> f64 {
    x
}

#[differentiable(wrt = x)]
fn third(x: f64) -> f64 {
    x
}

fn main() {}
