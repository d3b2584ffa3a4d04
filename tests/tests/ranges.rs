//! Loops over ranges of every integer type, with adapters, left early or not: their reverse runs over
//! the same integers from the last to the first.

use autodiff_runtime::prelude::*;
use autodiff_tests::check;
use autodiff_tests::derivatives::assert_near;

/// Over one range, two loops: one to the end, and one that is left by `break`.
macro_rules! over {
    ($($name:ident: |$n:ident: $ty:ty| $range:expr;)*) => {$(
        mod $name {
            use super::*;

            #[differentiable]
            fn whole(x: f64, $n: $ty) -> f64 {
                let mut s = x;
                for i in $range {
                    s = (s * x + 0.3 * i as f64).sin();
                }
                s
            }

            #[differentiable]
            fn left(x: f64, $n: $ty) -> f64 {
                let mut s = x;
                for i in $range {
                    s = (s * x + 0.3 * i as f64).sin();
                    if s > 0.8 {
                        break;
                    }
                    s *= 0.9;
                }
                s
            }

            #[differentiable]
            fn zipped(x: f64, w: &[f64], $n: $ty) -> f64 {
                let mut s = x;
                for ((k, i), w) in ($range).enumerate().zip(w) {
                    s = (s * x + 0.3 * i as f64 + 0.1 * k as f64).sin() * w;
                }
                s
            }

            #[test]
            fn is_reversed() {
                for x in [0.4, 1.3, -0.8] {
                    for n in [0, 1, 2, 7] {
                        check!(whole(x, const n));
                        check!(left(x, const n));
                        check!(zipped(x, &vec![0.9, -0.8, 1.1], const n));
                    }
                }
            }
        }
    )*};
}

over! {
    plain: |n: usize| 0..n;
    inclusive: |n: usize| 1..=n;
    stepped: |n: usize| (0..n).step_by(2);
    inclusive_stepped: |n: usize| (1..=n).step_by(3);
    stepped_down: |n: usize| (1..=n).rev().step_by(2);
    down_stepped: |n: usize| (0..n).step_by(2).rev();
    down: |n: usize| (0..n).rev();
    signed: |n: i64| 0..n;
    signed_inclusive: |n: i64| -2..=n;
    signed_stepped: |n: i64| (-3..n).step_by(2);
    signed_down: |n: i64| (-1..=n).rev();
    signed_stepped_down: |n: i64| (-1..=n).rev().step_by(2);
    narrow: |n: i32| 0..n;
    narrow_down_stepped: |n: i32| (-1..n).step_by(2).rev();
    narrow_inclusive_stepped: |n: i32| (-1..=n).step_by(2);
    unsigned: |n: u32| (0..=n).step_by(2);
    long: |n: u64| 1..n;
    long_stepped: |n: u64| (1..=n).step_by(2);
}

#[differentiable]
fn to_the_last_byte(x: f64) -> f64 {
    let mut s = x;
    for i in 250..=u8::MAX {
        s = (s * x + 0.01 * i as f64).sin();
        if s < -2.0 {
            break;
        }
    }
    s
}

#[test]
fn up_to_the_largest_integer() {
    check!(to_the_last_byte(0.6));
}

#[differentiable]
fn sums(x: f64, n: i64, m: usize) -> f64 {
    let odd: f64 = (1..=n).step_by(2).map(|i| (x * i as f64).sin()).sum();
    let down = (0..n)
        .rev()
        .step_by(2)
        .map(|i| x.powi(i as i32))
        .sum::<f64>();
    let some: f64 = (1..=m).skip(1).take(2).map(|i| (x / i as f64).exp()).sum();
    let chosen = (1..=m)
        .filter(|i| i % 2 == 0)
        .fold(x, |s, i| (s * x + i as f64).cos());
    odd * down * some + chosen
}

#[test]
fn chains_over_ranges() {
    for n in [1, 4] {
        check!(sums(0.6, const n, const 4));
    }
}

#[differentiable]
fn nested(x: f64, n: i64) -> f64 {
    let mut total = 0.0;
    for i in (1..=n).step_by(2) {
        let mut s = x;
        for j in (0..=i).rev() {
            s = s * x + j as f64;
            if s > 40.0 {
                break;
            }
        }
        total += s * total.cos();
    }
    total
}

#[test]
fn ranges_in_ranges() {
    check!(nested(1.1, const 5));
    let x_bar = check!(nested(2.0, const 1));
    // (x·x + 1)·x in the only round of the outer loop, whose sum is zero before.
    assert_near(x_bar, 3.0 * 4.0 + 1.0);
}

/// What an inner loop would keep is counted before the outer one: were each of its indices visited, a
/// debug build would be at it for ever.
#[differentiable]
fn far(x: f64, rounds: usize, n: usize) -> f64 {
    let mut y = x;
    for _ in 0..rounds {
        for i in (0..n).rev() {
            y = (y * i as f64).sin();
        }
        for i in (0..n).rev().step_by(3) {
            y = (y + i as f64).sin();
        }
        for i in (1..=n).step_by(2).take(n) {
            y = (y + i as f64).cos();
        }
    }
    y
}

#[test]
fn indices_that_are_not_reached_are_not_visited() {
    assert_eq!(far::value_and_grad(0.5, 0, usize::MAX), (0.5, 1.0));
    check!(far(0.4, const 2, const 4));
}
