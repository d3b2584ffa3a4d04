//! A triangular system, by forward substitution.

use autodiff_runtime::prelude::*;
use std::cell::RefCell;

use super::{Case, Workload};
use crate::numbers::Numbers;

/// ‖x‖² of the solution of L x = b, where L is lower triangular; what lies above is not read.
#[differentiable]
pub fn solution_norm<const N: usize>(l: &[[f64; N]; N], b: &[f64; N]) -> f64 {
    let mut x = *b;
    for i in 0..N {
        for j in 0..i {
            x[i] -= l[i][j] * x[j];
        }
        x[i] /= l[i][i];
    }
    let mut sum = 0.0;
    for i in 0..N {
        sum += x[i] * x[i];
    }
    sum
}

/// The gradient by the matrix and by the right-hand side.
pub type Slopes<const N: usize> = ([[f64; N]; N], [f64; N]);

/// Value and gradient.
pub fn by_hand<const N: usize>(l: &[[f64; N]; N], b: &[f64; N]) -> (f64, Slopes<N>) {
    let (mut dl, mut db) = ([[0.0; N]; N], [0.0; N]);
    let value = by_hand_into(l, b, &mut dl, &mut db);
    (value, (dl, db))
}

/// As [`by_hand`], adding the gradient to buffers: with Lᵀ w = 2 x it is −w xᵀ, its lower triangle,
/// and w.
pub fn by_hand_into<const N: usize>(
    l: &[[f64; N]; N],
    b: &[f64; N],
    dl: &mut [[f64; N]; N],
    db: &mut [f64; N],
) -> f64 {
    let mut x = *b;
    for i in 0..N {
        for j in 0..i {
            x[i] -= l[i][j] * x[j];
        }
        x[i] /= l[i][i];
    }
    let mut sum = 0.0;
    for x in &x {
        sum += x * x;
    }
    let mut w = x.map(|x| 2.0 * x);
    for (i, (row, drow)) in l.iter().zip(dl).enumerate().rev() {
        w[i] /= row[i];
        let wi = w[i];
        for (w, l) in w[..i].iter_mut().zip(row) {
            *w -= l * wi;
        }
        for (dl, x) in drow[..=i].iter_mut().zip(&x) {
            *dl -= wi * x;
        }
        db[i] += wi;
    }
    sum
}

/// A matrix and a right-hand side.
pub type Input<const N: usize> = ([[f64; N]; N], [f64; N]);

/// A matrix with a dominant diagonal.
pub fn input<const N: usize>() -> Input<N> {
    let mut numbers = Numbers::new(9);
    let mut l = [[0.0; N]; N];
    for i in 0..N {
        for j in 0..i {
            l[i][j] = numbers.between(-1.0, 1.0) / (N as f64).sqrt();
        }
        l[i][i] = numbers.between(1.0, 2.0);
    }
    (l, numbers.array(1.0))
}

/// What is timed.
pub fn workloads() -> Vec<Workload> {
    let buffers = RefCell::new(([[0.0; 64]; 64], [0.0; 64]));
    let others = RefCell::new(([[0.0; 64]; 64], [0.0; 64]));
    let buffered = Case::new(
        "triangular solve, n = 64, into buffers",
        input::<64>(),
        |(l, b)| solution_norm(l, b),
        move |(l, b)| {
            let (dl, db) = &mut *buffers.borrow_mut();
            by_hand_into(l, b, dl, db)
        },
    );
    let returned = Case::new(
        "triangular solve, n = 64",
        input::<64>(),
        |(l, b)| solution_norm(l, b),
        |(l, b)| by_hand(l, b),
    );
    vec![
        buffered
            .generated(move |(l, b)| {
                let (dl, db) = &mut *others.borrow_mut();
                solution_norm::grad_into(l, b, dl, db)
            })
            .workload(),
        returned
            .generated(|(l, b)| solution_norm::value_and_grad(l, b))
            .workload(),
    ]
}

#[test]
fn the_gradient_by_hand_is_right() {
    super::check_gradient(
        &input::<5>(),
        |(l, b)| solution_norm(l, b),
        |(l, b)| by_hand(l, b),
    );
}
