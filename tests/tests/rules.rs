//! Every method and activation of the contract, in each way of writing it and in each precision,
//! at many ordinary points: values to the last bit, gradients against central differences, forward
//! against reverse mode, and both against the graph interpreter.

use autodiff_runtime::prelude::*;
use autodiff_tests::check::{POINTS, check_all};
use autodiff_tests::companion;
use autodiff_tests::points::{Points, off_integers, off_zero};

/// One module per method of one number: `x.name()`, `f64::name(x)`, the same in `f32`, and generic.
macro_rules! methods_of_one {
    ($($name:ident $low:literal..$high:literal $(if $ordinary:expr)?;)+) => {$(
        mod $name {
            use super::*;

            #[differentiable]
            fn method(x: f64) -> f64 {
                x.$name()
            }

            #[differentiable]
            fn path(x: f64) -> f64 {
                f64::$name(x)
            }

            #[differentiable]
            fn generic<T: Real>(x: T) -> T {
                x.$name()
            }

            #[differentiable]
            fn generic_path<T: Real>(x: T) -> T {
                T::$name(x)
            }

            #[differentiable]
            fn method_f32(x: f32) -> f32 {
                x.$name()
            }

            #[differentiable]
            fn path_f32(x: f32) -> f32 {
                f32::$name(x)
            }

            /// The rule inside of a chain, where neither its cotangent nor its tangent is plain.
            #[differentiable]
            fn inside(x: f64) -> f64 {
                let u = 0.5 * x + 0.5 * x;
                let y = u.$name();
                3.0 * y - y * u
            }

            #[test]
            fn agrees() {
                #[allow(unused_mut, unused_assignments)]
                let mut ordinary: fn(f64) -> bool = |_| true;
                $(ordinary = $ordinary;)?
                check_all(
                    [($low, $high)],
                    |[x]| ordinary(x),
                    &[
                        companion!(f64, 1, method),
                        companion!(f64, 1, path),
                        companion!(f64, 1, generic),
                        companion!(f64, 1, generic_path),
                    ],
                    &[
                        companion!(f32, 1, method_f32),
                        companion!(f32, 1, path_f32),
                        companion!(f32, 1, generic),
                    ],
                );
                let inside = companion!(f64, 1, inside);
                let mut points = Points::seeded(3);
                for _ in 0..POINTS {
                    let x = points.inside([($low, $high)]);
                    if ordinary(x[0]) {
                        inside.check(x);
                    }
                }
            }
        }
    )+};
}

mod of_one {
    use super::*;

    methods_of_one! {
        sqrt 0.1..9.0;
        cbrt -8.0..8.0 if off_zero;
        exp -3.0..3.0;
        exp2 -3.0..3.0;
        exp_m1 -3.0..3.0;
        ln 0.1..9.0;
        ln_1p -0.9..5.0;
        log2 0.1..9.0;
        log10 0.1..9.0;
        sin -7.0..7.0;
        cos -7.0..7.0;
        tan -1.3..1.3;
        asin -0.95..0.95;
        acos -0.95..0.95;
        atan -5.0..5.0;
        sinh -3.0..3.0;
        cosh -3.0..3.0;
        tanh -3.0..3.0;
        asinh -5.0..5.0;
        acosh 1.1..9.0;
        atanh -0.9..0.9;
        abs -3.0..3.0 if off_zero;
        signum -3.0..3.0 if off_zero;
        floor -4.0..4.0 if off_integers;
        ceil -4.0..4.0 if off_integers;
        round -4.0..4.0 if |x| off_integers(x + 0.5);
        round_ties_even -4.0..4.0 if |x| off_integers(x + 0.5);
        trunc -4.0..4.0 if off_integers;
        fract -4.0..4.0 if off_integers;
        recip -4.0..4.0 if |x| x.abs() > 0.2;
        to_radians -200.0..200.0;
        to_degrees -4.0..4.0;
        linear -3.0..3.0;
        threshold -3.0..3.0 if off_zero;
        sign -3.0..3.0 if off_zero;
        sigmoid -6.0..6.0;
        relu -3.0..3.0 if off_zero;
        softplus -6.0..6.0;
        log_sigmoid -6.0..6.0;
        gelu -4.0..4.0;
        silu -6.0..6.0;
        sinc -7.0..7.0;
        gaussian -2.5..2.5;
    }
}

/// As above, for methods of two numbers that are both active.
macro_rules! methods_of_two {
    ($($name:ident $low:literal..$high:literal, $low2:literal..$high2:literal $(if $ordinary:expr)?;)+) => {$(
        mod $name {
            use super::*;

            #[differentiable]
            fn method(x: f64, y: f64) -> f64 {
                x.$name(y)
            }

            #[differentiable]
            fn path(x: f64, y: f64) -> f64 {
                f64::$name(x, y)
            }

            #[differentiable]
            fn generic<T: Real>(x: T, y: T) -> T {
                x.$name(y)
            }

            #[differentiable]
            fn generic_path<T: Real>(x: T, y: T) -> T {
                T::$name(x, y)
            }

            #[differentiable]
            fn method_f32(x: f32, y: f32) -> f32 {
                x.$name(y)
            }

            #[differentiable]
            fn path_f32(x: f32, y: f32) -> f32 {
                f32::$name(x, y)
            }

            /// One argument at a time, the other a constant parameter.
            #[differentiable]
            fn by_first(x: f64, #[constant] y: f64) -> f64 {
                x.$name(y)
            }

            #[differentiable(wrt(y))]
            fn by_second(x: f64, y: f64) -> f64 {
                x.$name(y)
            }

            #[test]
            fn agrees() {
                #[allow(unused_mut, unused_assignments)]
                let mut ordinary: fn(f64, f64) -> bool = |_, _| true;
                $(ordinary = $ordinary;)?
                let bounds = [($low, $high), ($low2, $high2)];
                check_all(
                    bounds,
                    |[x, y]| ordinary(x, y),
                    &[
                        companion!(f64, 2, method),
                        companion!(f64, 2, path),
                        companion!(f64, 2, generic),
                        companion!(f64, 2, generic_path),
                    ],
                    &[
                        companion!(f32, 2, method_f32),
                        companion!(f32, 2, path_f32),
                        companion!(f32, 2, generic),
                    ],
                );
                let mut points = Points::seeded(5);
                for _ in 0..POINTS {
                    let [x, y] = points.inside(bounds);
                    let (x_bar, y_bar) = method::grad(x, y);
                    assert_eq!(by_first::grad(x, y), x_bar);
                    assert_eq!(by_second::grad(x, y), y_bar);
                }
            }
        }
    )+};
}

mod of_two {
    use super::*;

    methods_of_two! {
        powf 0.2..3.0, -3.0..3.0;
        log 0.2..9.0, 1.5..9.0;
        atan2 -3.0..3.0, -3.0..3.0 if |y, x| y.hypot(x) > 0.3 && (x > 0.0 || y.abs() > 0.1);
        copysign -3.0..3.0, -3.0..3.0 if |x, y| off_zero(x) && off_zero(y);
        max -3.0..3.0, -3.0..3.0 if |x, y| off_zero(x - y);
        min -3.0..3.0, -3.0..3.0 if |x, y| off_zero(x - y);
        hypot -3.0..3.0, -3.0..3.0 if |x, y| x.hypot(y) > 0.3;
        rem_euclid -9.0..9.0, 0.7..4.0 if |x, y| off_integers(x / y);
        leaky_relu -3.0..3.0, -0.5..0.5 if |x, _| off_zero(x);
        elu -3.0..3.0, 0.2..2.0 if |x, _| off_zero(x);
    }
}

/// As above, for methods of three numbers.
macro_rules! methods_of_three {
    ($($name:ident $bounds:expr, if $ordinary:expr;)+) => {$(
        mod $name {
            use super::*;

            #[differentiable]
            fn method(x: f64, y: f64, z: f64) -> f64 {
                x.$name(y, z)
            }

            #[differentiable]
            fn path(x: f64, y: f64, z: f64) -> f64 {
                f64::$name(x, y, z)
            }

            #[differentiable]
            fn generic<T: Real>(x: T, y: T, z: T) -> T {
                x.$name(y, z)
            }

            #[differentiable]
            fn method_f32(x: f32, y: f32, z: f32) -> f32 {
                x.$name(y, z)
            }

            #[test]
            fn agrees() {
                let ordinary: fn(f64, f64, f64) -> bool = $ordinary;
                check_all(
                    $bounds,
                    |[x, y, z]| ordinary(x, y, z),
                    &[
                        companion!(f64, 3, method),
                        companion!(f64, 3, path),
                        companion!(f64, 3, generic),
                    ],
                    &[companion!(f32, 3, method_f32), companion!(f32, 3, generic)],
                );
            }
        }
    )+};
}

mod of_three {
    use super::*;

    methods_of_three! {
        clamp [(-3.0, 3.0), (-2.0, -0.5), (0.5, 2.0)], if |x, low, high| off_zero(x - low) && off_zero(x - high);
        mul_add [(-3.0, 3.0), (-3.0, 3.0), (-3.0, 3.0)], if |_, _, _| true;
    }
}

/// The activations once more, as free functions.
mod free_functions {
    use super::*;

    macro_rules! free_functions {
        ($($module:ident: $name:ident ($($x:ident),+) $count:tt;)+) => {$(
            mod $module {
                use super::*;

                #[differentiable]
                fn double($($x: f64),+) -> f64 {
                    $name($($x),+)
                }

                #[differentiable]
                fn single($($x: f32),+) -> f32 {
                    $name($($x),+)
                }

                #[differentiable]
                fn generic<T: Real>($($x: T),+) -> T {
                    $name($($x),+)
                }

                #[test]
                fn agrees() {
                    check_all(
                        [$(free_functions!(@bounds $x)),+],
                        |x| off_zero(x[0]),
                        &[companion!(f64, $count, double), companion!(f64, $count, generic)],
                        &[companion!(f32, $count, single), companion!(f32, $count, generic)],
                    );
                }
            }
        )+};
        (@bounds $x:ident) => { (-3.0, 3.0) };
    }

    // A module called `sigmoid` would hide the companion type of the function.
    free_functions! {
        of_linear: linear(x) 1;
        of_threshold: threshold(x) 1;
        of_sign: sign(x) 1;
        of_sigmoid: sigmoid(x) 1;
        of_relu: relu(x) 1;
        of_tanh: tanh(x) 1;
        of_softplus: softplus(x) 1;
        of_log_sigmoid: log_sigmoid(x) 1;
        of_leaky_relu: leaky_relu(x, slope) 2;
        of_elu: elu(x, alpha) 2;
        of_gelu: gelu(x) 1;
        of_silu: silu(x) 1;
        of_sin: sin(x) 1;
        of_sinc: sinc(x) 1;
        of_gaussian: gaussian(x) 1;
    }
}
