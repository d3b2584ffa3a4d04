//! The logarithm of a determinant, by Cholesky's factorisation.

use super::{Case, Workload};
use crate::numbers::Numbers;
use autodiff_runtime::prelude::*;

/// The lower triangle of L with A = L Lᵀ; of A the lower triangle is read.
#[differentiable]
pub fn cholesky<const N: usize>(a: &[[f64; N]; N]) -> [[f64; N]; N] {
    let mut l = [[0.0; N]; N];
    for i in 0..N {
        for j in 0..=i {
            let mut sum = a[i][j];
            for k in 0..j {
                sum -= l[i][k] * l[j][k];
            }
            l[i][j] = if i == j { sum.sqrt() } else { sum / l[j][j] };
        }
    }
    l
}

/// ln det A of a symmetric positive definite matrix.
#[differentiable]
pub fn log_det<const N: usize>(a: &[[f64; N]; N]) -> f64 {
    let l = cholesky(a);
    let mut sum = 0.0;
    for i in 0..N {
        sum += l[i][i].ln();
    }
    2.0 * sum
}

/// Value and gradient: A⁻¹ = L⁻ᵀ L⁻¹, twice its entries below the diagonal, as each stands for
/// two of A.
pub fn by_hand<const N: usize>(a: &[[f64; N]; N]) -> (f64, [[f64; N]; N]) {
    let l = cholesky(a);
    let mut sum = 0.0;
    for i in 0..N {
        sum += l[i][i].ln();
    }
    // L⁻¹ row by row.
    let mut m = [[0.0; N]; N];
    for i in 0..N {
        let (above, row) = m.split_at_mut(i);
        let row = &mut row[0][..=i];
        for (k, above) in above.iter().enumerate() {
            for (row, above) in row[..=k].iter_mut().zip(above) {
                *row -= l[i][k] * above;
            }
        }
        row[i] = 1.0;
        for row in row {
            *row /= l[i][i];
        }
    }
    let mut da = [[0.0; N]; N];
    for k in 0..N {
        let row = &m[k];
        for i in 0..=k {
            for (da, row_j) in da[i][..i].iter_mut().zip(row) {
                *da += 2.0 * row[i] * row_j;
            }
            da[i][i] += row[i] * row[i];
        }
    }
    (2.0 * sum, da)
}

/// A symmetric positive definite matrix.
pub fn input<const N: usize>() -> [[f64; N]; N] {
    let mut numbers = Numbers::new(10);
    let mut a = [[0.0; N]; N];
    for i in 0..N {
        for j in 0..i {
            a[i][j] = numbers.between(-1.0, 1.0) / (N as f64).sqrt();
            a[j][i] = a[i][j];
        }
        a[i][i] = 3.0 + numbers.between(0.0, 1.0);
    }
    a
}

/// What is timed.
pub fn workloads() -> Vec<Workload> {
    let case = Case::new(
        "Cholesky log-determinant, n = 64",
        input::<64>(),
        log_det,
        by_hand,
    );
    vec![case.generated(log_det::value_and_grad).workload()]
}

#[test]
fn the_gradient_by_hand_is_right() {
    super::check_gradient(&input::<6>(), log_det, by_hand);
}
