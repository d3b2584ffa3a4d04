//! Logistic regression: the negative log-likelihood of labelled samples.

use autodiff_runtime::prelude::*;

use super::{Case, Workload};
use crate::numbers::Numbers;

/// The mean of −(y ln p + (1 − y) ln(1 − p)) over the samples, p = σ(w·x + b).
#[differentiable(wrt(w, b))]
pub fn logistic_nll<const D: usize>(w: &[f64; D], b: f64, x: &[[f64; D]], y: &[f64]) -> f64 {
    let mut total = 0.0;
    for (row, &label) in x.iter().zip(y) {
        let z = b + row.iter().zip(w).map(|(x, w)| x * w).sum::<f64>();
        let p = sigmoid(z);
        total -= label * p.ln() + (1.0 - label) * (1.0 - p).ln();
    }
    total / x.len() as f64
}

/// Value and gradient: ∂/∂z = p − y.
pub fn by_hand<const D: usize>(
    w: &[f64; D],
    b: f64,
    x: &[[f64; D]],
    y: &[f64],
) -> (f64, ([f64; D], f64)) {
    let mut total = 0.0;
    let (mut dw, mut db) = ([0.0; D], 0.0);
    for (row, &label) in x.iter().zip(y) {
        let z = b + row.iter().zip(w).map(|(x, w)| x * w).sum::<f64>();
        let p = sigmoid(z);
        total -= label * p.ln() + (1.0 - label) * (1.0 - p).ln();
        let dz = p - label;
        for (dw, x) in dw.iter_mut().zip(row) {
            *dw += dz * x;
        }
        db += dz;
    }
    let n = x.len() as f64;
    for dw in &mut dw {
        *dw /= n;
    }
    (total / n, (dw, db / n))
}

/// Weights and labelled samples.
pub struct Input<const D: usize> {
    w: [f64; D],
    b: f64,
    x: Vec<[f64; D]>,
    y: Vec<f64>,
}

/// Samples whose labels follow a plane, with noise, and weights not yet fitted.
pub fn input<const D: usize>(samples: usize) -> Input<D> {
    let mut numbers = Numbers::new(4);
    let truth: [f64; D] = numbers.array(1.0);
    let x = numbers.arrays(samples, 1.5);
    let label = |row: &[f64; D]| {
        let z: f64 = row.iter().zip(&truth).map(|(x, w)| x * w).sum();
        if z + numbers.draw() > 0.0 { 1.0 } else { 0.0 }
    };
    let y = x.iter().map(label).collect();
    Input {
        w: numbers.array(0.3),
        b: 0.1,
        x,
        y,
    }
}

/// What is timed.
pub fn workloads() -> Vec<Workload> {
    let case = Case::new(
        "logistic regression, 10000 x 32",
        input::<32>(10_000),
        |Input { w, b, x, y }| logistic_nll(w, *b, x, y),
        |Input { w, b, x, y }| by_hand(w, *b, x, y),
    );
    vec![
        case.generated(|Input { w, b, x, y }| logistic_nll::value_and_grad(w, *b, x, y))
            .workload(),
    ]
}

#[test]
fn the_gradient_by_hand_is_right() {
    let Input { w, b, x, y } = input::<3>(20);
    super::check_gradient(
        &(w, b),
        |(w, b)| logistic_nll(w, *b, &x, &y),
        |(w, b)| by_hand(w, *b, &x, &y),
    );
}
