//! Loops up to the index of the loop around them, of constant order: short ones are written out, long ones are not.
#![allow(
    clippy::needless_range_loop,
    clippy::assign_op_pattern,
    reason = "loops are written in every way that users write them"
)]

use autodiff_runtime::prelude::*;
use autodiff_tests::check;

/// Numbers of both signs; the first 17 are well apart.
fn numbers<const N: usize>() -> [f64; N] {
    std::array::from_fn(|i| ((i * 7 + 3) % 17) as f64 / 12.0 - 0.6)
}

/// ‖L x‖² with L packed by rows.
#[differentiable]
fn quadratic<const D: usize, const T: usize>(packed: &[f64; T], x: &[f64; D]) -> f64 {
    let mut sum = 0.0;
    for r in 0..D {
        let mut entry = 0.0;
        for c in 0..=r {
            entry += packed[r * (r + 1) / 2 + c] * x[c];
        }
        sum += entry * entry;
    }
    sum
}

/// From the last row to the first, and a cosine of which the reverse keeps the argument.
#[differentiable]
fn backwards<const D: usize, const T: usize>(packed: &[f64; T], x: &[f64; D]) -> f64 {
    let mut sum = 0.0;
    for r in (0..D).rev() {
        let mut entry = 1.0;
        for c in 0..r {
            entry = entry * 0.9 + packed[r * (r - 1) / 2 + c] * x[c];
        }
        sum = sum * 0.8 + entry.cos() * x[r];
    }
    sum
}

/// Every pair once, with a branch.
#[differentiable]
fn pairs<T: Real, const D: usize>(x: &[T; D]) -> T {
    let mut energy = T::from_f64(0.0);
    for i in 0..D {
        for j in i + 1..D {
            let distance = x[i] - x[j];
            if distance > T::from_f64(0.0) {
                energy += distance.sin();
            } else {
                energy += distance * distance;
            }
        }
    }
    energy
}

/// Forward substitution: what an iteration stores, the next one reads.
#[differentiable]
fn solve<const D: usize>(l: &[[f64; D]; D], b: &[f64; D]) -> f64 {
    let mut x = *b;
    for i in 0..D {
        let mut rest = x[i];
        for j in 0..i {
            rest -= l[i][j] * x[j];
        }
        x[i] = rest / (2.0 + l[i][i]);
    }
    x[D - 1]
}

/// In place, in an argument.
#[differentiable]
fn fill<const D: usize>(x: &mut [f64; D], weight: f64) {
    for i in 0..D {
        for j in 0..i {
            x[i] += weight * x[j] * x[j];
        }
    }
}

#[differentiable]
fn of_changes<const D: usize>(x: [f64; D], weight: f64) -> f64 {
    let mut y = x;
    fill(&mut y, weight);
    let mut sum = 0.0;
    for i in 0..D {
        sum += y[i] * y[i];
    }
    sum
}

/// Calls: their pullbacks are kept by the loops as ever.
#[differentiable]
fn of_calls<const D: usize>(x: &[f64; D], weight: f64) -> f64 {
    let mut sum = weight;
    for i in 0..D {
        for j in 0..i {
            sum = (sum * 0.3).sin() + pairs(&[x[i], x[j]]);
        }
    }
    sum
}

/// Of a literal order; the other loop's index is no `usize`.
#[differentiable]
fn of_literals(packed: &[f64; 10], x: &[f64; 5]) -> f64 {
    let mut sum = 0.0;
    for r in 0..5 {
        let mut entry = x[r];
        for c in 0..r {
            entry += packed[r * (r - 1) / 2 + c] * x[c];
        }
        sum += entry * entry;
    }
    for r in 0..4 {
        for c in 0..r {
            sum = (sum * 0.1).sin() + f64::from(c);
        }
    }
    sum
}

#[test]
fn literal() {
    check!(of_literals(&numbers(), &numbers()));
}

macro_rules! orders {
    ($($name:ident: $d:literal, $packed:literal, $below:literal;)+) => {$(
        #[test]
        fn $name() {
            let x = numbers::<$d>();
            check!(quadratic(&numbers::<$packed>(), &x));
            check!(backwards(&numbers::<$below>(), &x));
            check!(pairs(&x));
            check!(of_changes(x, 0.3));
            check!(of_calls(&x, 0.3));
            let l = std::array::from_fn(|i| numbers().map(|entry: f64| entry / (2 + i) as f64));
            check!(solve(&l, &x));
        }
    )+};
}

orders! {
    one: 1, 1, 0;
    two: 2, 3, 1;
    ten: 10, 55, 45;
    sixteen: 16, 136, 120;
    seventeen: 17, 153, 136;
}
