//! What loops leave out: pullbacks of calls whose cotangent is known, checks of elements, and tapes for
//! what the conditions around a read say is still there.
#![allow(
    clippy::needless_range_loop,
    clippy::assign_op_pattern,
    clippy::reversed_empty_ranges,
    clippy::ptr_arg,
    reason = "loops are written in every way that users write them"
)]

use std::panic::catch_unwind;

use autodiff_runtime::prelude::*;
use autodiff_tests::check;

/// Six numbers.
fn numbers() -> Vec<f64> {
    vec![0.4, -0.7, 1.1, 0.3, -0.2, 0.9]
}

macro_rules! are_right {
    ($($name:ident)+) => {$(
        #[test]
        fn $name() {
            check!(super::$name(&numbers()));
        }
    )+};
}

/// Calls and their pullbacks side by side.
mod calls {
    use super::*;

    #[differentiable]
    fn pair(a: f64, b: f64) -> f64 {
        a * b.sin() + a * a
    }

    #[differentiable]
    fn error(w: &[f64], x: &[f64], y: f64) -> f64 {
        let mut z = 0.1;
        for i in 0..w.len() {
            z += w[i] * x[i];
        }
        (z - y).powi(2)
    }

    #[differentiable]
    fn of_neighbours(x: &Vec<f64>) -> f64 {
        let mut sum = 0.0;
        for i in 0..x.len() - 1 {
            sum += pair(x[i], x[i + 1]);
        }
        sum
    }

    #[differentiable]
    fn in_arms(x: &Vec<f64>) -> f64 {
        let mut sum = 0.0;
        for i in 0..6 {
            if x[i] > 0.0 {
                sum += pair(x[i], x[0]);
            } else {
                sum -= pair(x[1], x[i]) * 3.0;
            }
        }
        sum * x[2]
    }

    /// Its cotangent is known only behind the call.
    #[differentiable]
    fn squared(x: &Vec<f64>) -> f64 {
        let mut sum = 0.0;
        for i in 0..5 {
            let term = pair(x[i], x[5]);
            sum += term * term * x[1];
        }
        sum
    }

    /// What it is called with changes between the calls.
    #[differentiable]
    fn of_what_changes(x: &Vec<f64>) -> f64 {
        let (mut v, mut sum) = (vec![0.0; 6], 0.0);
        for i in 0..6 {
            v[i] = x[i] * x[0];
            sum += error(&v, x, v[i]);
            v[i] *= 2.0;
        }
        sum + v[3]
    }

    #[differentiable]
    fn one_after_the_other(x: &Vec<f64>) -> f64 {
        let mut sum = 0.0;
        for i in 0..6 {
            let first = pair(x[i], x[i]);
            sum += first + error(x, x, first);
        }
        sum
    }

    mod are_right {
        use super::*;
        are_right! { of_neighbours in_arms squared of_what_changes one_after_the_other }
    }

    #[test]
    fn are_joint() {
        let text = of_neighbours::GENERATED;
        assert!(text.contains("pair::joint("), "{text}");
        assert!(!text.contains("pullback"), "{text}");
        assert!(squared::GENERATED.contains("pair::pullback("));
    }
}

/// Lengths checked once.
mod bounds {
    use super::*;

    #[differentiable]
    fn next(x: &Vec<f64>) -> f64 {
        let mut sum = 0.0;
        for i in 0..x.len() - 1 {
            sum += x[i] * x[i + 1];
        }
        sum
    }

    #[differentiable]
    fn fixed(x: &[f64], from: usize, to: usize) -> f64 {
        let mut sum = 1.0;
        for i in (from..to).rev() {
            sum += sum * x[i + 2];
        }
        sum
    }

    #[differentiable]
    fn guarded(x: &[f64], n: usize) -> f64 {
        let mut sum = 0.0;
        for i in 0..n {
            if i < x.len() {
                sum += x[i] * x[i];
            }
        }
        sum
    }

    #[differentiable]
    fn lazily_guarded(x: &[f64], n: usize) -> f64 {
        let mut sum = 0.0;
        for i in 0..n {
            if i < x.len() && x[i] > 0.0 {
                sum += x[i] * x[i];
            }
        }
        sum
    }

    #[differentiable]
    fn left(x: &[f64], n: usize) -> f64 {
        let mut sum = 0.0;
        for i in 0..n {
            if i == x.len() {
                break;
            }
            sum += x[i] * x[i];
        }
        sum
    }

    #[differentiable]
    fn returned(x: &[f64], n: usize) -> f64 {
        let mut sum = 0.0;
        for i in 0..n {
            if i == x.len() {
                return sum;
            }
            sum += x[i] * x[i];
        }
        sum
    }

    #[differentiable]
    fn continued(x: &[f64], n: usize) -> f64 {
        let mut sum = 0.0;
        for i in 0..n {
            if i >= x.len() {
                continue;
            }
            sum += x[i] * x[i];
        }
        sum
    }

    mod are_right {
        use super::*;
        are_right! { next }
    }

    /// A check before the loop fails nowhere else than the loop.
    #[test]
    fn fail_only_where_the_function_does() {
        let x = [0.5, 2.0];
        for n in 0..5 {
            let expected: Vec<f64> = (0..2)
                .map(|i| if i < n { 2.0 * x[i] } else { 0.0 })
                .collect();
            assert_eq!(guarded::grad(&x, n), expected);
            assert_eq!(lazily_guarded::grad(&x, n), expected);
            assert_eq!(left::grad(&x, n), expected);
            assert_eq!(returned::grad(&x, n), expected);
            assert_eq!(continued::grad(&x, n), expected);
        }
        assert_eq!(fixed::grad(&x, 0, 0), [0.0, 0.0]);
        assert_eq!(fixed::grad(&x, 7, 3), [0.0, 0.0]);
        assert_eq!(fixed::grad(&[], 1, 1), [0.0; 0]);
        assert_eq!(fixed::grad(&[1.0, 2.0, 3.0], 0, 1), [0.0, 0.0, 1.0]);
        for (from, to) in [(0, 1), (1, 2), (0, 100)] {
            let message = catch_unwind(|| fixed::grad(&x, from, to)).expect_err("it is too short");
            let message = message.downcast_ref::<String>().expect("a formatted text");
            assert!(message.starts_with("index out of bounds"), "{message}");
        }
        assert!(catch_unwind(|| fixed(&x, 0, 1)).is_err());
    }

    #[test]
    fn are_checked_before() {
        assert!(next::GENERATED.contains("in_bounds(0..t1, 1, x.len());"));
        for text in [guarded::GENERATED, left::GENERATED, continued::GENERATED] {
            assert!(!text.contains("in_bounds"), "{text}");
        }
    }
}

/// Conditions on indices say what a later store cannot hit.
mod conditions {
    use super::*;

    #[differentiable]
    fn cholesky(x: &Vec<f64>) -> f64 {
        let mut l = [[0.0; 3]; 3];
        for i in 0..3 {
            for j in 0..=i {
                let mut sum = x[i + j] + if i == j { 4.0 } else { 0.0 };
                for k in 0..j {
                    sum -= l[i][k] * l[j][k];
                }
                l[i][j] = if i == j { sum.sqrt() } else { sum / l[j][j] };
            }
        }
        l[0][0] * l[1][1] + l[2][2] * l[2][0] - l[2][1]
    }

    /// Both orders of the two.
    #[differentiable]
    fn off_diagonal(x: &Vec<f64>) -> f64 {
        let mut a = [[0.5; 3]; 3];
        for i in 0..3 {
            for j in 0..3 {
                if i != j {
                    a[i][j] = x[i + j] * a[j][i] + x[i];
                } else {
                    a[i][j] = a[j][i] * a[i][j] + x[j];
                }
            }
        }
        for i in 0..3 {
            for j in 0..3 {
                if j < i {
                    a[i][j] *= a[j][i];
                } else if i == j {
                    a[i][i] *= a[i][2];
                }
            }
        }
        let mut sum = 0.0;
        for row in &a {
            for v in row {
                sum += v * v;
            }
        }
        sum
    }

    #[differentiable]
    fn stored_where_it_was_read(x: &Vec<f64>) -> f64 {
        let mut a = [1.0; 6];
        for i in 0..6 {
            for j in 0..=i {
                if i == j {
                    a[j] = a[i] * x[i];
                } else {
                    let t = a[j];
                    a[i] += t * x[j];
                    a[j] = t * 1.1;
                }
            }
        }
        a.iter().map(|v| v * v).sum()
    }

    #[differentiable]
    fn smaller_and_larger(x: &Vec<f64>) -> f64 {
        let mut a = [1.0; 7];
        for i in 0..6 {
            for j in 0..6 {
                if j < i {
                    let t = a[j];
                    a[i] = t * t * x[j] + a[i] * 0.3;
                } else if j > i {
                    let t = a[j];
                    a[j] = t * x[i] + 1.0;
                    a[i] *= t;
                } else {
                    a[j + 1] += a[i] * x[i];
                }
            }
        }
        a[6] * a[2] + a[5]
    }

    /// The same condition in another loop, where the index is another.
    #[differentiable]
    fn of_another_iteration(x: &Vec<f64>) -> f64 {
        let mut a = [0.5; 6];
        let mut sum = 0.0;
        for round in 0..3 {
            for i in 0..6 {
                if i >= round {
                    let t = a[i];
                    sum += t * t * x[i];
                }
                if i <= round {
                    a[i] = x[i] * x[round] + a[i];
                }
                if i + 1 == round {
                    a[round] = a[i].sin();
                }
            }
        }
        sum
    }

    mod are_right {
        use super::*;
        are_right! { cholesky off_diagonal stored_where_it_was_read smaller_and_larger of_another_iteration }
    }

    #[test]
    fn leave_out_tapes() {
        assert!(
            !cholesky::GENERATED.contains("tape"),
            "{}",
            cholesky::GENERATED
        );
        assert!(stored_where_it_was_read::GENERATED.contains("tape"));
    }
}
