//! The product of two square matrices.

use super::{Case, Workload};
use crate::numbers::Numbers;
use autodiff_runtime::prelude::*;

/// The matrix product.
#[differentiable]
pub fn product<const N: usize>(a: &[[f64; N]; N], b: &[[f64; N]; N]) -> [[f64; N]; N] {
    let mut c = [[0.0; N]; N];
    for i in 0..N {
        for k in 0..N {
            for j in 0..N {
                c[i][j] += a[i][k] * b[k][j];
            }
        }
    }
    c
}

/// The sum of the squares of the product's entries.
#[differentiable]
pub fn product_norm<const N: usize>(a: &[[f64; N]; N], b: &[[f64; N]; N]) -> f64 {
    let c = product(a, b);
    let mut sum = 0.0;
    for i in 0..N {
        for j in 0..N {
            sum += c[i][j] * c[i][j];
        }
    }
    sum
}

/// The gradient by both factors.
pub type Slopes<const N: usize> = ([[f64; N]; N], [[f64; N]; N]);

/// Value and gradient: with C = A B they are 2 C Bᵀ and 2 Aᵀ C, the former by rows of Bᵀ, so that
/// the inner loops run along rows.
pub fn by_hand<const N: usize>(a: &[[f64; N]; N], b: &[[f64; N]; N]) -> (f64, Slopes<N>) {
    let mut c = product(a, b);
    let sum = double(&mut c);
    let mut transposed = [[0.0; N]; N];
    for k in 0..N {
        for j in 0..N {
            transposed[j][k] = b[k][j];
        }
    }
    let da = product(&c, &transposed);
    let mut db = [[0.0; N]; N];
    for i in 0..N {
        for k in 0..N {
            for j in 0..N {
                db[k][j] += a[i][k] * c[i][j];
            }
        }
    }
    (sum, (da, db))
}

/// The same, with the reverse of the loops as they are written: sums along rows for ∂/∂a.
pub fn by_hand_in_order<const N: usize>(a: &[[f64; N]; N], b: &[[f64; N]; N]) -> (f64, Slopes<N>) {
    let mut c = product(a, b);
    let sum = double(&mut c);
    let mut da = [[0.0; N]; N];
    let mut db = [[0.0; N]; N];
    for i in 0..N {
        for k in 0..N {
            for j in 0..N {
                da[i][k] += c[i][j] * b[k][j];
                db[k][j] += c[i][j] * a[i][k];
            }
        }
    }
    (sum, (da, db))
}

/// Doubles a matrix and returns the sum of the squares that it had.
fn double<const N: usize>(c: &mut [[f64; N]; N]) -> f64 {
    let mut sum = 0.0;
    for row in c {
        for entry in row {
            sum += *entry * *entry;
            *entry *= 2.0;
        }
    }
    sum
}

/// Both factors.
pub fn input<const N: usize>() -> Slopes<N> {
    let mut numbers = Numbers::new(8);
    let mut matrix = || std::array::from_fn(|_| numbers.array(1.0));
    (matrix(), matrix())
}

/// What is timed.
pub fn workloads() -> Vec<Workload> {
    let best = Case::new(
        "matrix product, n = 64",
        input::<64>(),
        |(a, b)| product_norm(a, b),
        |(a, b)| by_hand(a, b),
    );
    let in_order = Case::new(
        "matrix product, n = 64, loops as written",
        input::<64>(),
        |(a, b)| product_norm(a, b),
        |(a, b)| by_hand_in_order(a, b),
    );
    vec![
        best.generated(|(a, b)| product_norm::value_and_grad(a, b))
            .workload(),
        in_order
            .generated(|(a, b)| product_norm::value_and_grad(a, b))
            .workload(),
    ]
}

#[test]
fn the_gradients_by_hand_are_right() {
    let value = |(a, b): &_| product_norm(a, b);
    super::check_gradient(&input::<4>(), value, |(a, b)| by_hand(a, b));
    super::check_gradient(&input::<4>(), value, |(a, b)| by_hand_in_order(a, b));
}
