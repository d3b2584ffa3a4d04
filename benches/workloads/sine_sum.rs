//! The sum of sines: one costly operation per element, and nothing else.

use super::{Case, Workload};
use crate::numbers::Numbers;
use autodiff_runtime::prelude::*;

/// Σ sin xᵢ.
#[differentiable]
pub fn sine_sum(x: &[f64]) -> f64 {
    x.iter().map(|x| x.sin()).sum()
}

/// Value and gradient.
pub fn by_hand(x: &[f64]) -> (f64, Vec<f64>) {
    let mut dx = vec![0.0; x.len()];
    let mut sum = 0.0;
    for (x, dx) in x.iter().zip(&mut dx) {
        let (sin, cos) = x.sin_cos();
        sum += sin;
        *dx = cos;
    }
    (sum, dx)
}

/// Angles of both signs.
pub fn input(n: usize) -> Vec<f64> {
    let mut numbers = Numbers::new(3);
    (0..n).map(|_| numbers.between(-3.0, 3.0)).collect()
}

/// What is timed.
pub fn workloads() -> Vec<Workload> {
    let case = Case::new(
        "sum of sines, n = 1000",
        input(1000),
        |x| sine_sum(x),
        |x| by_hand(x),
    );
    vec![case.generated(|x| sine_sum::value_and_grad(x)).workload()]
}

#[test]
fn the_gradient_by_hand_is_right() {
    super::check_gradient(&input(9), |x| sine_sum(x), |x| by_hand(x));
}
