//! What loops leave out: pullbacks of calls whose cotangent is known, checks of elements, tapes for
//! what the conditions around a read say is still there or what is the same in all iterations, and
//! waiting for what only comes later.
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

/// What the next iteration waits for is added in a loop of its own.
mod distributed {
    use super::*;

    const L: [[f64; 4]; 4] = [
        [1.3, 0.2, -0.4, 0.9],
        [0.3, -1.1, 0.8, 0.1],
        [-0.6, 0.4, 1.7, -0.3],
        [0.9, -0.2, 0.5, 1.2],
    ];
    const B: [f64; 4] = [0.7, -0.3, 0.4, 1.1];

    #[differentiable]
    fn solution<const N: usize>(l: &[[f64; N]; N], b: &[f64; N]) -> f64 {
        let mut x = *b;
        for i in 0..N {
            for j in 0..i {
                x[i] -= l[i][j] * x[j];
            }
            x[i] /= l[i][i];
        }
        x.iter().map(|x| x * x).sum()
    }

    /// Both rows are of the same matrix.
    #[differentiable]
    fn cholesky<const N: usize>(a: &[[f64; N]; N]) -> f64 {
        let mut l = *a;
        for i in 0..N {
            for j in 0..=i {
                let mut sum = l[i][j] + 0.1;
                for k in 0..j {
                    sum -= l[i][k] * l[j][k];
                }
                l[i][j] = if i == j { sum } else { sum / l[j][j] };
            }
        }
        let mut sum = 0.0;
        for i in 0..N {
            sum += l[i][0] * l[i][i].sin();
        }
        sum
    }

    /// The sine's slope is in both additions.
    #[differentiable]
    fn of_a_sine<const N: usize>(l: &[[f64; N]; N], b: &[f64; N]) -> f64 {
        let mut x = *b;
        for i in 0..N {
            for j in 0..i {
                x[i] -= (l[i][j] * x[j]).sin();
            }
            x[i] /= l[i][i];
        }
        x.iter().map(|x| x * x).sum()
    }

    /// Nothing waits for either of the additions.
    #[differentiable]
    fn product<const N: usize>(a: &[[f64; N]; N], b: &[f64; N]) -> f64 {
        let mut sum = 0.0;
        for i in 0..N {
            for j in 0..i {
                sum += a[i][j] * b[j] * b[i];
            }
        }
        sum * sum
    }

    #[test]
    fn are_right() {
        check!(solution(&L, &B));
        check!(cholesky(&L));
        check!(of_a_sine(&L, &B));
        check!(product(&L, &B));
    }

    /// How many loops of the reverse pass run up to `bound`.
    fn loops(text: &str, bound: &str) -> usize {
        let (_, reverse) = text.split_once("// Reverse pass.").unwrap();
        reverse.matches(&format!("in 0..{bound} {{")).count()
    }

    #[test]
    fn what_is_awaited_comes_first() {
        let text = solution::GENERATED;
        assert_eq!(loops(text, "i"), 2, "{text}");
        assert!(
            text.find("x_bar[j] +=") < text.find("l_bar[i][j] +="),
            "{text}"
        );
        let text = cholesky::GENERATED;
        assert_eq!(loops(text, "j"), 2, "{text}");
        assert!(
            text.find("l_bar[i][k] +=") < text.find("l_bar[j][k] +="),
            "{text}"
        );
    }

    #[test]
    fn nothing_is_computed_twice_or_divided_in_vain() {
        for text in [of_a_sine::GENERATED, product::GENERATED] {
            assert_eq!(loops(text, "i"), 1, "{text}");
        }
    }
}

/// What all iterations compute alike is not kept by each.
mod invariants {
    use super::*;

    #[differentiable]
    fn steps(x: &[f64; 4], h: f64) -> [f64; 4] {
        let mut y = *x;
        for i in 0..4 {
            y[i] += h / 6.0 * x[i];
        }
        y
    }

    #[differentiable]
    fn summed(x: &[f64; 4], h: f64) -> f64 {
        let y = steps(x, h);
        y[0] * y[1] + y[2] * y[3].sin()
    }

    #[test]
    fn are_computed_again() {
        let x = [0.4, -0.7, 1.1, 0.3];
        check!(summed(&x, 0.6));
        assert_eq!(size_of_val(&steps::pullback(&x, 0.6).1), 16);
    }
}

/// `2·(n·x)` is one product.
mod doubles {
    use super::*;

    #[differentiable]
    fn square(x: f64, y: f64) -> f64 {
        let b = y - x * x;
        100.0 * b * b
    }

    #[test]
    fn are_one_number() {
        check!(square(0.3, 0.7));
        let text = square::GENERATED;
        assert!(
            text.contains("200.0 * ") && !text.contains("2.0 * ("),
            "{text}"
        );
    }
}
