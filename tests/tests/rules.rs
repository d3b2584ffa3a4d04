//! Every method and activation of the contract, in each way of writing it and in each precision,
//! at many ordinary points: values to the last bit, gradients against central differences, forward
//! against reverse mode, and both against the graph interpreter.

use autodiff_runtime::prelude::*;
use autodiff_tests::check::{Companion, Worst};
use autodiff_tests::companion;
use autodiff_tests::points::Points;

/// Points per function and way of writing it.
const POINTS: usize = 60;

/// Tests the same function in `f64` written in several ways, and in `f32`, at points of the box
/// that are `ordinary`, away from kinks and jumps.
fn check_all<const N: usize>(
    bounds: [(f64, f64); N],
    ordinary: impl Fn([f64; N]) -> bool,
    double: &[Companion<f64, N>],
    single: &[Companion<f32, N>],
) {
    let mut points = Points::seeded(N as u64 + 7);
    let mut worst = [Worst::default(); 2];
    let mut left = POINTS;
    while left > 0 {
        // Numbers of `f32`, so that both precisions see the same point.
        let x = points.inside(bounds).map(|x| x as f32);
        if !ordinary(x.map(f64::from)) {
            continue;
        }
        for companion in double {
            worst[0].include(companion.check(x.map(f64::from)));
        }
        for companion in single {
            worst[1].include(companion.check_beside(&double[0], x));
        }
        left -= 1;
    }
    for (worst, name) in worst.iter().zip([double[0].name, single[0].name]) {
        println!(
            "{name:50} differences {:.1e}  duality {:.1e}  graph {:.1e}",
            worst.differences, worst.duality, worst.graph
        );
    }
}

/// A distance from kinks and jumps that the steps of the differences do not bridge.
const MARGIN: f64 = 0.06;

fn off_zero(x: f64) -> bool {
    x.abs() > MARGIN
}

fn off_integers(x: f64) -> bool {
    off_zero(x - x.round())
}

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
            let mut points = Points::seeded(11);
            for _ in 0..POINTS {
                let x = points.uniform(0.3, 2.0);
                let (value, slope) = computed::value_and_grad(x, n);
                assert_eq!(value.to_bits(), computed(x, n).to_bits());
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
