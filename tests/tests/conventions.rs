//! The promised derivatives where a function has none: the table at the kinks, and strong zeros.

use autodiff_runtime::prelude::*;
use autodiff_tests::check::Companion;
use autodiff_tests::companion;

const INFINITY: f64 = f64::INFINITY;

/// Equal numbers, equal signs of zero aside; NaN equals NaN.
fn same<T: Real>(a: T, b: f64) -> bool {
    a.to_f64() == b || (a.is_nan() && b.is_nan())
}

/// Holds reverse mode and forward mode at `x` to the partials `expected`.
fn check_modes<T: Real, const N: usize>(
    companion: &Companion<T, N>,
    x: [f64; N],
    expected: [f64; N],
) {
    let name = companion.name;
    let at = x.map(T::from_f64);
    let gradient = companion.consistent_gradient(at);
    for k in 0..N {
        let mut tangent = [T::default(); N];
        tangent[k] = T::from_f64(1.0);
        let forward = (companion.jvp)(at, tangent).1;
        for (mode, partial) in [("reverse", gradient[k]), ("forward", forward)] {
            assert!(
                same(partial, expected[k]),
                "{name} at {x:?}, partial {k}: {partial}, not {}, in {mode} mode",
                expected[k]
            );
        }
    }
}

/// Holds both modes in both precisions, and the graph interpreter, to a table of points with their
/// partials.
fn check_table<const N: usize>(
    double: Companion<f64, N>,
    single: Companion<f32, N>,
    table: &[([f64; N], [f64; N])],
) {
    for &(x, expected) in table {
        check_modes(&double, x, expected);
        check_modes(&single, x, expected);
        let by_graph = (double.trace)(x).gradient();
        assert!(
            by_graph.iter().zip(expected).all(|(a, b)| same(*a, b)),
            "{} at {x:?}: {by_graph:?} by the graph, not {expected:?}",
            double.name
        );
    }
}

/// `name(x, …) = expression`, generic over the precision, held to its rows of the table.
macro_rules! kinks {
    ($($name:ident($($x:ident),+) $count:tt = $body:expr => $table:expr;)+) => {$(
        mod $name {
            use super::*;

            #[differentiable]
            fn kink<T: Real>($($x: T),+) -> T {
                $body
            }

            /// The same behind a branch, and in an iteration of a loop that a branch may leave out.
            #[differentiable]
            fn branch<T: Real>($($x: T,)+ taken: bool) -> T {
                if taken {
                    let kink = $body;
                    kink
                } else {
                    T::from_f64(1.0)
                }
            }

            #[differentiable]
            fn iteration<T: Real>($($x: T,)+ turns: usize) -> T {
                let mut sum = T::from_f64(0.0);
                for turn in 0..turns {
                    if turn == 1 {
                        sum += $body;
                    }
                }
                sum
            }

            #[test]
            fn follows_the_table() {
                check_table(
                    companion!(f64, $count, kink),
                    companion!(f32, $count, kink),
                    &$table,
                );
            }

            #[test]
            fn follows_the_table_in_a_branch() {
                for (x, expected) in $table {
                    let nothing = [0.0; $count];
                    check_modes(&companion!(f64, $count, branch, true), x, expected);
                    check_modes(&companion!(f32, $count, branch, true), x, expected);
                    check_modes(&companion!(f64, $count, branch, false), x, nothing);
                    check_modes(&companion!(f64, $count, iteration, 3), x, expected);
                    check_modes(&companion!(f32, $count, iteration, 3), x, expected);
                    check_modes(&companion!(f64, $count, iteration, 1), x, nothing);
                }
            }
        }
    )+};
}

/// Both zeros, with the same partial.
const fn zeros(partial: f64) -> [([f64; 1], [f64; 1]); 2] {
    [([0.0], [partial]), ([-0.0], [partial])]
}

mod kinks {
    use super::*;

    kinks! {
        relu_at_zero(x) 1 = x.relu() => zeros(0.0);
        relu_function(x) 1 = relu(x) => zeros(0.0);
        abs_at_zero(x) 1 = x.abs() => zeros(0.0);
        signum_at_zero(x) 1 = x.signum() => zeros(0.0);
        sign_at_zero(x) 1 = x.sign() => zeros(0.0);
        threshold_at_zero(x) 1 = x.threshold() => zeros(0.0);

        max_of_equals(x, y) 2 = x.max(y) => [
            ([3.0, 3.0], [0.5, 0.5]),
            ([0.0, 0.0], [0.5, 0.5]),
            ([0.0, -0.0], [0.5, 0.5]),
            ([-2.0, 3.0], [0.0, 1.0]),
            ([INFINITY, INFINITY], [0.5, 0.5]),
        ];
        max_with_constant(x) 1 = x.max(T::from_f64(0.0)) => zeros(0.5);
        constant_with_max(x) 1 = T::from_f64(0.0).max(x) => zeros(0.5);
        max_with_itself(x) 1 = x.max(x) => [([3.0], [1.0])];
        min_of_equals(x, y) 2 = x.min(y) => [
            ([3.0, 3.0], [0.5, 0.5]),
            ([-0.0, 0.0], [0.5, 0.5]),
            ([-2.0, 3.0], [1.0, 0.0]),
        ];
        min_with_constant(x) 1 = x.min(T::from_f64(1.5)) => [([1.5], [0.5])];
        clamp_at_bounds(x, low, high) 3 = x.clamp(low, high) => [
            ([-1.0, -1.0, 2.0], [0.5, 0.5, 0.0]),
            ([2.0, -1.0, 2.0], [0.5, 0.0, 0.5]),
            ([-3.0, -1.0, 2.0], [0.0, 1.0, 0.0]),
            ([3.0, -1.0, 2.0], [0.0, 0.0, 1.0]),
            ([1.0, -1.0, 2.0], [1.0, 0.0, 0.0]),
        ];
        clamp_at_constants(x) 1 = x.clamp(T::from_f64(-1.0), T::from_f64(1.0)) => [
            ([-1.0], [0.5]),
            ([1.0], [0.5]),
            ([0.0], [1.0]),
            ([-2.0], [0.0]),
            ([2.0], [0.0]),
        ];

        floor_at_integers(x) 1 = x.floor() => [([2.0], [0.0]), ([-0.0], [0.0])];
        ceil_at_integers(x) 1 = x.ceil() => [([2.0], [0.0]), ([-0.0], [0.0])];
        round_at_halves(x) 1 = x.round() => [([2.5], [0.0]), ([-0.5], [0.0])];
        round_ties_even_at_halves(x) 1 = x.round_ties_even() => [([2.5], [0.0]), ([1.5], [0.0])];
        trunc_at_integers(x) 1 = x.trunc() => [([2.0], [0.0]), ([-2.0], [0.0])];
        fract_at_integers(x) 1 = x.fract() => [([2.0], [1.0]), ([-3.0], [1.0]), ([0.0], [1.0])];

        rem_of_multiples(a, b) 2 = a % b => [
            ([6.0, 2.0], [1.0, -3.0]),
            ([-6.0, 2.0], [1.0, 3.0]),
            ([7.5, -2.0], [1.0, 3.0]),
            ([0.0, 2.0], [1.0, 0.0]),
            ([1.0, 4.0], [1.0, 0.0]),
        ];

        sqrt_at_zero(x) 1 = x.sqrt() => zeros(INFINITY);
        ln_at_zero(x) 1 = x.ln() => [([0.0], [INFINITY]), ([-0.0], [-INFINITY])];
        log2_at_zero(x) 1 = x.log2() => [([0.0], [INFINITY]), ([-0.0], [-INFINITY])];
        log10_at_zero(x) 1 = x.log10() => [([0.0], [INFINITY]), ([-0.0], [-INFINITY])];
        ln_1p_at_minus_one(x) 1 = x.ln_1p() => [([-1.0], [INFINITY])];
        cbrt_at_zero(x) 1 = x.cbrt() => zeros(INFINITY);
        asin_at_one(x) 1 = x.asin() => [([1.0], [INFINITY]), ([-1.0], [INFINITY])];
        acos_at_one(x) 1 = x.acos() => [([1.0], [-INFINITY]), ([-1.0], [-INFINITY])];
        acosh_at_one(x) 1 = x.acosh() => [([1.0], [INFINITY])];
        atanh_at_one(x) 1 = x.atanh() => [([1.0], [INFINITY]), ([-1.0], [INFINITY])];

        powf_at_zero(x, p) 2 = x.powf(p) => [
            ([0.0, 0.0], [0.0, 0.0]),
            ([0.0, 1.0], [1.0, 0.0]),
            ([0.0, 2.0], [0.0, 0.0]),
            ([0.0, 2.5], [0.0, 0.0]),
            ([0.0, 0.5], [INFINITY, 0.0]),
            ([-2.0, 2.0], [-4.0, f64::NAN]),
            ([-2.0, 3.0], [12.0, f64::NAN]),
        ];
        powf_to_constant_zero(x) 1 = x.powf(T::from_f64(0.0)) => zeros(0.0);
        powf_to_constant_one(x) 1 = x.powf(T::from_f64(1.0)) => zeros(1.0);
        powf_to_constant_half(x) 1 = x.powf(T::from_f64(0.5)) => [([0.0], [INFINITY])];
        powi_zero(x) 1 = x.powi(0) => zeros(0.0);
        powi_one(x) 1 = x.powi(1) => zeros(1.0);
        powi_two(x) 1 = x.powi(2) => zeros(0.0);
        powi_three(x) 1 = x.powi(3) => zeros(0.0);
        powi_minus_one(x) 1 = x.powi(-1) => zeros(-INFINITY);

        hypot_at_origin(x, y) 2 = x.hypot(y) => [
            ([0.0, 0.0], [0.0, 0.0]),
            ([-0.0, 0.0], [0.0, 0.0]),
            ([0.0, 2.0], [0.0, 1.0]),
            ([-2.0, 0.0], [-1.0, 0.0]),
        ];
        atan2_at_origin(y, x) 2 = y.atan2(x) => [
            ([0.0, 0.0], [0.0, 0.0]),
            ([0.0, -0.0], [0.0, 0.0]),
            ([-0.0, -0.0], [0.0, 0.0]),
            ([0.0, 2.0], [0.5, 0.0]),
            ([2.0, 0.0], [0.0, -0.5]),
        ];
        copysign_at_zero(x, y) 2 = x.copysign(y) => [
            ([0.0, 2.0], [0.0, 0.0]),
            ([-0.0, -2.0], [0.0, 0.0]),
            ([3.0, 0.0], [1.0, 0.0]),
            ([3.0, -0.0], [-1.0, 0.0]),
            ([-3.0, 0.0], [-1.0, 0.0]),
        ];

        leaky_relu_at_zero(x, slope) 2 = x.leaky_relu(slope) => [
            ([0.0, 0.25], [0.625, 0.0]),
            ([-0.0, 0.25], [0.625, 0.0]),
        ];
        elu_at_zero(x, alpha) 2 = x.elu(alpha) => [
            ([0.0, 0.5], [0.75, 0.0]),
            ([-0.0, 0.5], [0.75, 0.0]),
        ];
        sinc_at_zero(x) 1 = x.sinc() => zeros(0.0);
        gelu_at_zero(x) 1 = x.gelu() => zeros(0.5);
        silu_at_zero(x) 1 = x.silu() => zeros(0.5);
    }

    #[differentiable]
    fn power(x: f64, n: i32) -> f64 {
        x.powi(n)
    }

    #[differentiable]
    fn power_in_a_branch(x: f64, n: i32, taken: bool) -> f64 {
        if taken { x.powi(n) } else { 0.0 }
    }

    #[test]
    fn powi_at_zero_by_an_exponent_known_at_run_time() {
        for (n, partial) in [(0, 0.0), (1, 1.0), (2, 0.0), (5, 0.0), (-2, -INFINITY)] {
            check_modes(&companion!(f64, 1, power, n), [0.0], [partial]);
            let taken = companion!(f64, 1, power_in_a_branch, n, true);
            check_modes(&taken, [0.0], [partial]);
            let left = companion!(f64, 1, power_in_a_branch, n, false);
            check_modes(&left, [0.0], [0.0]);
            assert_eq!(power::trace(0.0, n).gradient()[0], partial);
        }
    }

    /// The norm has no stable function of its own to be called; the square root of a sum of
    /// squares is one.
    #[differentiable]
    fn norm<T: Real>(x: T, y: T, z: T) -> T {
        (x * x + y * y + z * z).sqrt()
    }

    #[differentiable]
    fn norm_in_a_branch<T: Real>(x: T, y: T, z: T, taken: bool) -> T {
        let mut result = T::from_f64(0.0);
        if taken {
            result = (x * x + y * y + z * z).sqrt();
        }
        result
    }

    #[test]
    fn norm_at_origin() {
        for x in [[0.0; 3], [-0.0, 0.0, 0.0]] {
            check_modes(&companion!(f64, 3, norm_in_a_branch, true), x, [0.0; 3]);
            check_modes(&companion!(f32, 3, norm_in_a_branch, false), x, [0.0; 3]);
            check_modes(&companion!(f64, 3, norm), x, [0.0; 3]);
            check_modes(&companion!(f32, 3, norm), x, [0.0; 3]);
        }
    }

    /// The branch taken has the whole derivative.
    #[differentiable]
    fn hinge_by_max(x: f64, #[constant] y: f64) -> f64 {
        (1.0 - y * x).max(0.0)
    }

    #[test]
    fn kinks_inside_of_expressions() {
        let companion = companion!(f64, 1, hinge_by_max, -1.0);
        check_modes(&companion, [-1.0], [0.5]);
        check_modes(&companion, [0.0], [1.0]);
        check_modes(&companion, [-2.0], [0.0]);
    }
}

/// An adjoint or a tangent that is exactly 0 contributes 0, whatever the partial is.
mod strong_zeros {
    use super::*;

    /// Each function at points where a partial is infinite or NaN, in both precisions.
    macro_rules! singular {
        ($($name:ident($($x:ident),+) $count:tt = $body:expr => [$($point:expr),+];)+) => {$(
            mod $name {
                use super::*;

                #[differentiable]
                fn singular<T: Real>($($x: T),+) -> T {
                    $body
                }

                /// A finite weight of 0 makes the adjoint 0 inside of the function, and the weight's
                /// own adjoint is the value, as it should be.
                #[differentiable]
                fn weighted<T: Real>($($x: T,)+ #[constant] weight: T) -> T {
                    let value = $body;
                    weight * value
                }

                /// The branch is taken, and its result has the weight 0.
                #[differentiable]
                fn branch<T: Real>($($x: T,)+ taken: bool) -> T {
                    let mut value = T::from_f64(0.0);
                    if taken {
                        value = $body;
                    }
                    value
                }

                #[test]
                fn pass_through() {
                    for point in [$($point),+] {
                        check_zero(&companion!(f64, $count, branch, true), point);
                        check_zero(&companion!(f32, $count, branch, true), point);
                        check_zero(&companion!(f64, $count, singular), point);
                        check_zero(&companion!(f32, $count, singular), point);
                        let weighted = companion!(f64, $count, weighted, 0.0);
                        let gradient = weighted.consistent_gradient(point);
                        assert!(gradient.iter().all(|g| *g == 0.0), "{point:?}: {gradient:?}");
                    }
                }
            }
        )+};
    }

    fn check_zero<T: Real, const N: usize>(companion: &Companion<T, N>, point: [f64; N]) {
        let at = point.map(T::from_f64);
        let zero = T::default();
        for zero in [zero, -zero] {
            let reverse = (companion.vjp)(at, zero).1;
            let pulled = (companion.pullback)(at, vec![zero, zero]).1;
            let forward = (companion.jvp)(at, [zero; N]).1;
            for adjoint in reverse.iter().chain(&pulled).chain([&forward]) {
                assert!(
                    *adjoint == T::default(),
                    "{} at {point:?}: {reverse:?} {pulled:?} {forward}",
                    companion.name
                );
            }
        }
    }

    /// The largest powers of ten of both precisions would overflow in one of them only.
    const HUGE: f64 = INFINITY;

    singular! {
        div_by_zero(x, y) 2 = x / y => [[1.0, 0.0], [0.0, 0.0], [-1.0, -0.0]];
        div_of_constant(x) 1 = T::from_f64(1.0) / x => [[0.0], [-0.0]];
        recip_of_zero(x) 1 = x.recip() => [[0.0], [-0.0]];
        sqrt_of_zero(x) 1 = x.sqrt() => [[0.0], [-0.0], [-1.0]];
        cbrt_of_zero(x) 1 = x.cbrt() => [[0.0], [-0.0]];
        ln_of_zero(x) 1 = x.ln() => [[0.0], [-0.0], [-1.0]];
        ln_1p_of_minus_one(x) 1 = x.ln_1p() => [[-1.0], [-2.0]];
        log2_of_zero(x) 1 = x.log2() => [[0.0], [-1.0]];
        log10_of_zero(x) 1 = x.log10() => [[0.0], [-1.0]];
        log_of_zero(x, base) 2 = x.log(base) => [[0.0, 2.0], [2.0, 1.0], [2.0, 0.0], [-1.0, -1.0]];
        powf_of_zero(x, p) 2 = x.powf(p) => [[0.0, -1.0], [0.0, 0.5], [-2.0, 2.0], [-2.0, 0.5], [0.0, 0.0]];
        powf_to_constant(x) 1 = x.powf(T::from_f64(0.5)) => [[0.0], [-1.0]];
        powf_of_constant(p) 1 = T::from_f64(-2.0).powf(p) => [[2.0], [0.5]];
        powi_of_zero(x) 1 = x.powi(-1) => [[0.0], [-0.0]];
        exp_of_huge(x) 1 = x.exp() => [[800.0], [HUGE]];
        exp2_of_huge(x) 1 = x.exp2() => [[2000.0], [HUGE]];
        exp_m1_of_huge(x) 1 = x.exp_m1() => [[800.0], [HUGE]];
        sinh_of_huge(x) 1 = x.sinh() => [[800.0], [-800.0]];
        cosh_of_huge(x) 1 = x.cosh() => [[800.0], [-800.0]];
        asin_of_one(x) 1 = x.asin() => [[1.0], [-1.0], [2.0]];
        acos_of_one(x) 1 = x.acos() => [[1.0], [-1.0], [2.0]];
        acosh_of_one(x) 1 = x.acosh() => [[1.0], [0.0]];
        atanh_of_one(x) 1 = x.atanh() => [[1.0], [-1.0], [2.0]];
        hypot_of_zero(x, y) 2 = x.hypot(y) => [[0.0, 0.0], [HUGE, 1.0], [HUGE, HUGE]];
        atan2_of_zero(y, x) 2 = y.atan2(x) => [[0.0, 0.0], [HUGE, HUGE]];
        norm_of_zero(x, y) 2 = (x * x + y * y).sqrt() => [[0.0, 0.0], [1e200, 1e200]];
        naive_nll_far_out(z) 1 = -(sigmoid(z).ln()) => [[-800.0], [800.0]];
        softplus_far_out(z) 1 = (T::from_f64(1.0) + z.exp()).ln() => [[800.0], [-800.0]];
        log_sum_exp_far_out(a, b) 2 = (a.exp() + b.exp()).ln() => [[800.0, -800.0], [-800.0, -800.0]];
    }

    #[differentiable]
    fn times_zero(x: f64) -> f64 {
        0.0 * x.ln()
    }

    #[differentiable]
    fn masked(x: f64, mask: f64) -> f64 {
        let root = x.sqrt();
        let share = root / x;
        mask * share + x
    }

    #[test]
    fn a_zero_factor_hides_a_pole() {
        assert_eq!(times_zero::grad(0.0), 0.0);
        assert_eq!(times_zero::trace(0.0).gradient(), [0.0]);
        assert_eq!(times_zero::jvp(0.0, 0.0).1, 0.0);
        // The value is the function's own: 0 · −∞.
        assert!(times_zero::value_and_grad(0.0).0.is_nan());

        let (x_bar, mask_bar) = masked::grad(0.0, 0.0);
        assert_eq!(x_bar, 1.0);
        assert!(mask_bar.is_nan(), "0/0 is the mask's honest derivative");
    }

    /// The operand that does not move contributes nothing, whatever its partial.
    #[test]
    fn a_zero_tangent_hides_a_pole() {
        #[differentiable]
        fn quotient_of_powers(x: f64, y: f64, p: f64) -> f64 {
            x.powf(p) / y
        }
        assert_eq!(
            quotient_of_powers::jvp(2.0, 0.5, 2.0, 0.0, 1.0, 0.0).1,
            -16.0
        );
        // In p the derivative of a negative base is NaN, and nobody asks for it.
        assert_eq!(
            quotient_of_powers::jvp(-2.0, 1.0, 2.0, 1.0, 0.0, 0.0).1,
            -4.0
        );
        assert_eq!(quotient_of_powers::jvp(0.0, 1.0, 0.5, 0.0, 1.0, 0.0).1, 0.0);
    }
}
