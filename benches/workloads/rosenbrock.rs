//! Rosenbrock's function (1960) in n dimensions.

use super::{Case, Workload};
use crate::numbers::Numbers;
use autodiff_runtime::prelude::*;

/// Σ (1 − xᵢ)² + 100 (xᵢ₊₁ − xᵢ²)².
#[differentiable]
pub fn rosenbrock(x: &[f64]) -> f64 {
    let mut sum = 0.0;
    for i in 0..x.len() - 1 {
        let a = 1.0 - x[i];
        let b = x[i + 1] - x[i] * x[i];
        sum += a * a + 100.0 * b * b;
    }
    sum
}

/// Value and gradient.
pub fn by_hand(x: &[f64]) -> (f64, Vec<f64>) {
    let mut dx = vec![0.0; x.len()];
    let value = by_hand_into(x, &mut dx);
    (value, dx)
}

/// As [`by_hand`], adding the gradient to a buffer.
#[inline]
pub fn by_hand_into(x: &[f64], dx: &mut [f64]) -> f64 {
    let mut sum = 0.0;
    // ∂/∂xᵢ of the term before.
    let mut carried = 0.0;
    let mut left = x[0];
    for (right, dx) in x[1..].iter().zip(&mut *dx) {
        let a = 1.0 - left;
        let b = right - left * left;
        sum += a * a + 100.0 * b * b;
        *dx += carried - 2.0 * a - 400.0 * b * left;
        carried = 200.0 * b;
        left = *right;
    }
    dx[x.len() - 1] += carried;
    sum
}

/// A point near the valley.
pub fn input(n: usize) -> Vec<f64> {
    let mut numbers = Numbers::new(n as u64);
    (0..n).map(|_| numbers.draw()).collect()
}

fn buffered<const N: usize>() -> Workload {
    Case::new(
        format!("Rosenbrock, n = {N}, into a buffer"),
        input(N),
        |x| rosenbrock(x),
        |x| {
            let mut dx = [0.0; N];
            (by_hand_into(x, &mut dx), dx)
        },
    )
    .generated(|x| {
        let mut dx = [0.0; N];
        (rosenbrock::grad_into(x, &mut dx), dx)
    })
    .workload()
}

/// What is timed.
pub fn workloads() -> Vec<Workload> {
    let sizes = [2, 10, 100, 1000].map(|n| {
        Case::new(
            format!("Rosenbrock, n = {n}"),
            input(n),
            |x| rosenbrock(x),
            |x| by_hand(x),
        )
        .generated(|x| rosenbrock::value_and_grad(x))
        .workload()
    });
    let mut all = vec![buffered::<2>(), buffered::<10>()];
    all.extend(sizes);
    all
}

#[test]
fn the_gradient_by_hand_is_right() {
    for n in [2, 3, 7] {
        super::check_gradient(&input(n), |x| rosenbrock(x), |x| by_hand(x));
    }
}
