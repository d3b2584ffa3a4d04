//! The operators and the powers, with exponents that the macro sees and ones that it does not: as
//! the methods in `rules`, at many ordinary points and against every oracle.

use autodiff_runtime::prelude::*;
use autodiff_tests::check::{POINTS, check_all};
use autodiff_tests::companion;
use autodiff_tests::points::{Points, off_integers, off_zero};

mod powi {
    use super::*;

    macro_rules! literal_exponents {
        ($($name:ident = $n:expr;)+) => {
            $(
                mod $name {
                    use super::*;

                    #[differentiable]
                    pub fn double(x: f64) -> f64 {
                        x.powi($n)
                    }

                    #[differentiable]
                    pub fn single(x: f32) -> f32 {
                        f32::powi(x, $n)
                    }

                    #[differentiable]
                    pub fn generic<T: Real>(x: T) -> T {
                        x.powi($n)
                    }
                }
            )+

            #[test]
            fn exponents_known_to_the_macro() {
                $(
                    check_all(
                        [(-2.0, 2.0)],
                        |[x]| x.abs() > 0.3,
                        &[companion!(f64, 1, $name::double), companion!(f64, 1, $name::generic)],
                        &[companion!(f32, 1, $name::single), companion!(f32, 1, $name::generic)],
                    );
                )+
            }
        };
    }

    literal_exponents! {
        minus_seven = -7;
        minus_three = -3;
        minus_two = -2;
        minus_one = -1;
        zero = 0;
        one = 1;
        two = 2;
        three = 3;
        four = 4;
        five = 5;
        eight = 8;
        eleven = 11;
    }

    #[differentiable]
    fn double(x: f64, n: i32) -> f64 {
        x.powi(n)
    }

    #[differentiable]
    fn single(x: f32, n: i32) -> f32 {
        x.powi(n)
    }

    #[differentiable]
    fn generic<T: Real>(x: T, n: i32) -> T {
        T::powi(x, n)
    }

    #[test]
    fn exponents_known_at_run_time() {
        for n in -9..=12 {
            check_all(
                [(-2.0, 2.0)],
                |[x]| x.abs() > 0.3,
                &[
                    companion!(f64, 1, double, n),
                    companion!(f64, 1, generic, n),
                ],
                &[
                    companion!(f32, 1, single, n),
                    companion!(f32, 1, generic, n),
                ],
            );
        }
    }

    const CUBE: i32 = 3;

    /// An exponent that is computed, and one that is a constant's name.
    #[differentiable]
    fn computed(x: f64, n: i32) -> f64 {
        x.powi(2 * n - 1) + x.powi(CUBE)
    }

    #[test]
    fn exponents_that_are_computed() {
        for n in -3..=3 {
            let companion = companion!(f64, 1, computed, n);
            let mut points = Points::seeded(11);
            for _ in 0..POINTS {
                let x = points.uniform(0.3, 2.0);
                companion.check([x]);
                let slope = computed::grad(x, n);
                let expected = double::grad(x, 2 * n - 1) + double::grad(x, 3);
                assert!(
                    (slope - expected).abs() <= 1e-14 * expected.abs(),
                    "{slope:e}, {expected:e}"
                );
                assert_eq!(computed::jvp(x, n, 2.0).1, 2.0 * slope);
            }
        }
    }
}

/// `powf` with a negative base: only an integer exponent gives a number, and then the derivative
/// in the base is one, too.
mod powf_of_negative_base {
    use super::*;

    #[differentiable]
    fn power(x: f64, #[constant] p: f64) -> f64 {
        x.powf(p)
    }

    #[test]
    fn agrees() {
        let mut points = Points::seeded(13);
        for p in [-3.0, -2.0, -1.0, 0.0, 1.0, 2.0, 3.0, 4.0] {
            let companion = companion!(f64, 1, power, p);
            for _ in 0..POINTS {
                companion.check([points.uniform(-3.0, -0.3)]);
            }
        }
    }
}

mod sin_cos {
    use super::*;

    #[differentiable]
    fn method(x: f64) -> f64 {
        let (s, c) = x.sin_cos();
        2.0 * s - s * c
    }

    #[differentiable]
    fn path(x: f64) -> f64 {
        let pair = f64::sin_cos(x);
        2.0 * pair.0 - pair.0 * pair.1
    }

    #[differentiable]
    fn generic<T: Real>(x: T) -> T {
        let (s, c) = x.sin_cos();
        T::from_f64(2.0) * s - s * c
    }

    #[test]
    fn agrees() {
        check_all(
            [(-7.0, 7.0)],
            |_| true,
            &[
                companion!(f64, 1, method),
                companion!(f64, 1, path),
                companion!(f64, 1, generic),
            ],
            &[companion!(f32, 1, generic)],
        );
    }
}

/// The operators, between two active numbers and with a literal on either side.
mod operators {
    use super::*;

    macro_rules! operators {
        ($($name:ident $op:tt;)+) => {$(
            mod $name {
                use super::*;

                #[differentiable]
                fn double(x: f64, y: f64) -> f64 {
                    x $op y
                }

                #[differentiable]
                fn single(x: f32, y: f32) -> f32 {
                    x $op y
                }

                #[differentiable]
                fn generic<T: Real>(x: T, y: T) -> T {
                    x $op y
                }

                #[differentiable]
                fn literal_first(x: f64) -> f64 {
                    2.5 $op x
                }

                #[differentiable]
                fn literal_second(x: f64) -> f64 {
                    x $op 2.5
                }

                #[differentiable]
                fn with_itself(x: f64) -> f64 {
                    x $op x
                }

                #[test]
                fn agrees() {
                    let ordinary = |x: f64, y: f64| {
                        off_zero(x) && off_zero(y) && y.abs() > 0.5 && off_integers(x / y)
                    };
                    check_all(
                        [(-4.0, 4.0), (-4.0, 4.0)],
                        |[x, y]| ordinary(x, y),
                        &[companion!(f64, 2, double), companion!(f64, 2, generic)],
                        &[companion!(f32, 2, single), companion!(f32, 2, generic)],
                    );
                    let mut points = Points::seeded(17);
                    for _ in 0..POINTS {
                        let [x] = points.inside([(-4.0, 4.0)]);
                        if ordinary(2.5, x) {
                            companion!(f64, 1, literal_first).check([x]);
                        }
                        if ordinary(x, 2.5) {
                            companion!(f64, 1, literal_second).check([x]);
                        }
                        // The remainder by itself jumps at every point in exact arithmetic.
                        if ordinary(x, 2.5) && stringify!($op) != "%" {
                            companion!(f64, 1, with_itself).check([x]);
                        }
                    }
                }
            }
        )+};
    }

    operators! {
        add +;
        sub -;
        mul *;
        div /;
        rem %;
    }

    #[differentiable]
    fn negated(x: f64) -> f64 {
        -x
    }

    #[differentiable]
    fn negated_twice<T: Real>(x: T) -> T {
        -(-x)
    }

    #[test]
    fn negation() {
        let mut points = Points::seeded(19);
        for _ in 0..POINTS {
            let x = points.inside([(-4.0, 4.0)]);
            companion!(f64, 1, negated).check(x);
            companion!(f64, 1, negated_twice).check(x);
        }
    }
}
