//! A determinant, by elimination without pivoting.

use super::{Case, Workload};
use crate::numbers::Numbers;
use autodiff_runtime::prelude::*;

/// det A.
#[differentiable]
pub fn determinant<const N: usize>(a: &[[f64; N]; N]) -> f64 {
    let mut u = *a;
    let mut det = 1.0;
    for k in 0..N {
        for i in k + 1..N {
            let factor = u[i][k] / u[k][k];
            for j in k + 1..N {
                u[i][j] -= factor * u[k][j];
            }
        }
        det *= u[k][k];
    }
    det
}

/// Value and gradient: det A · A⁻ᵀ, by A⁻ᵀ = L⁻ᵀ U⁻ᵀ.
pub fn by_hand<const N: usize>(a: &[[f64; N]; N]) -> (f64, [[f64; N]; N]) {
    // The elimination, which keeps the factors below the diagonal: U and L in one.
    let mut lu = *a;
    let mut det = 1.0;
    for k in 0..N {
        let (top, below) = lu.split_at_mut(k + 1);
        let pivot_row = &top[k];
        for row in below {
            let factor = row[k] / pivot_row[k];
            row[k] = factor;
            for (entry, pivot) in row[k + 1..].iter_mut().zip(&pivot_row[k + 1..]) {
                *entry -= factor * pivot;
            }
        }
        det *= pivot_row[k];
    }
    // U⁻ᵀ, lower triangular, times the determinant.
    let mut x = [[0.0; N]; N];
    for i in 0..N {
        let (above, row) = x.split_at_mut(i);
        let row = &mut row[0][..=i];
        for (k, above) in above.iter().enumerate() {
            for (entry, above) in row[..=k].iter_mut().zip(above) {
                *entry -= lu[k][i] * above;
            }
        }
        row[i] = det;
        for entry in row {
            *entry /= lu[i][i];
        }
    }
    // Lᵀ X = U⁻ᵀ from the last row upwards.
    for i in (0..N).rev() {
        let (row, below) = x[i..].split_at_mut(1);
        for (k, below) in (i + 1..N).zip(below) {
            for (entry, below) in row[0].iter_mut().zip(below) {
                *entry -= lu[k][i] * *below;
            }
        }
    }
    (det, x)
}

/// A matrix with a dominant diagonal and a determinant that is neither huge nor tiny.
pub fn input<const N: usize>() -> [[f64; N]; N] {
    let mut numbers = Numbers::new(11);
    let mut a: [[f64; N]; N] = std::array::from_fn(|_| numbers.array(0.5 / (N as f64).sqrt()));
    for (i, row) in a.iter_mut().enumerate() {
        row[i] += 1.0;
    }
    a
}

/// What is timed.
pub fn workloads() -> Vec<Workload> {
    let case = Case::new(
        "LU determinant, n = 64",
        input::<64>(),
        determinant,
        by_hand,
    );
    vec![case.generated(determinant::value_and_grad).workload()]
}

#[test]
fn the_gradient_by_hand_is_right() {
    super::check_gradient(&input::<6>(), determinant, by_hand);
}
