//! Naive formulas have the derivative of their stable forms: held to numbers that were computed
//! with 1200 digits, near 0 and far out on both tails, in reverse and in forward mode.

use autodiff_runtime::prelude::*;
use autodiff_tests::check::Companion;
use autodiff_tests::companion;

/// A function's argument with its exact derivative there, rounded once.
type Row = (f64, f64);

/// σ′(z) = σ(z)·σ(−z).
const SLOPE: [Row; 7] = [
    (0.0, 0.25),
    (1.0, 0.19661193324148185),
    (-1.0, 0.19661193324148185),
    (40.0, 4.248354255291589e-18),
    (-40.0, 4.248354255291589e-18),
    (800.0, 0.0),
    (-800.0, 0.0),
];

/// σ(z).
const RISING: [Row; 7] = [
    (0.0, 0.5),
    (1.0, 0.7310585786300049),
    (-1.0, 0.2689414213699951),
    (40.0, 1.0),
    (-40.0, 4.248354255291589e-18),
    (800.0, 1.0),
    (-800.0, 0.0),
];

/// (1 − y)·σ(z) − y·σ(−z) at y = 1/4: a label that is a probability.
const BETWEEN: [Row; 7] = [
    (0.0, 0.25),
    (1.0, 0.4810585786300049),
    (-1.0, 0.01894142136999512),
    (40.0, 0.75),
    (-40.0, -0.25),
    (800.0, 0.75),
    (-800.0, -0.25),
];

/// −1/(e⁻ᶻ − 1), the derivative of ln(1 − eᶻ).
const LN_ONE_MINUS_EXP: [Row; 6] = [
    (-1e-300, -9.999999999999999e+299),
    (-1e-10, -9999999999.5),
    (-0.001, -999.5000833333319),
    (-1.0, -0.5819767068693265),
    (-40.0, -4.248354255291589e-18),
    (-800.0, 0.0),
];

/// eᶻ.
const EXP: [Row; 7] = [
    (0.0, 1.0),
    (1.0, std::f64::consts::E),
    (-1.0, 0.36787944117144233),
    (40.0, 2.3538526683702e+17),
    (-40.0, 4.248354255291589e-18),
    (800.0, f64::INFINITY),
    (-800.0, 0.0),
];

/// 1/(1 + x).
const RECIPROCAL: [Row; 7] = [
    (0.0, 1.0),
    (1e-10, 0.9999999999),
    (-1e-10, 1.0000000001),
    (1.0, 0.5),
    (40.0, 0.024390243902439025),
    (800.0, 0.0012484394506866417),
    (-0.999, 999.9999999999991),
];

/// The rows of a function of the form ±f(±z).
fn mirrored(rows: &[Row], of_argument: f64, of_result: f64) -> Vec<Row> {
    rows.iter()
        .map(|&(z, slope)| (of_argument * z, of_result * slope))
        .collect()
}

#[track_caller]
fn assert_near(found: f64, expected: f64, what: &str) {
    // The rounded arguments of exponentials cost a few units in the last place.
    let close = (found - expected).abs() <= 2e-15 * expected.abs();
    assert!(
        found == expected || close,
        "{what}: {found:e}, not {expected:e}"
    );
}

/// Holds both modes to the rows, and the value to the plain function.
fn check_rows(companion: &Companion<f64, 1>, rows: &[Row]) {
    for &(z, slope) in rows {
        let name = companion.name;
        let [gradient] = companion.consistent_gradient([z]);
        assert_near(gradient, slope, &format!("{name}, reverse at {z}"));
        let forward = (companion.jvp)([z], [1.0]).1;
        assert_near(forward, slope, &format!("{name}, forward at {z}"));
        // A zero far out is a zero whatever it is scaled by.
        let scaled = (companion.vjp)([z], -3.0).1[0];
        assert_near(scaled, -3.0 * slope, &format!("{name}, scaled at {z}"));
    }
}

/// `name(z) = { body }` in `f64` and generic, each held to its rows.
macro_rules! naive {
    ($($name:ident($z:ident) { $($body:tt)* } => $rows:expr;)+) => {$(
        #[test]
        fn $name() {
            #[differentiable]
            fn naive($z: f64) -> f64 {
                $($body)*
            }
            check_rows(&companion!(f64, 1, naive), &$rows);
        }
    )+};
}

mod logistic {
    use super::*;

    naive! {
        sigmoid_itself(z) { sigmoid(z) } => SLOPE;
        reciprocal(z) { 1.0 / (1.0 + (-z).exp()) } => SLOPE;
        reciprocal_turned(z) { 1.0 / ((-z).exp() + 1.0) } => SLOPE;
        reciprocal_method(z) { (1.0 + (-z).exp()).recip() } => SLOPE;
        quotient(z) { z.exp() / (1.0 + z.exp()) } => SLOPE;
        quotient_of_one_exponential(z) { let e = z.exp(); e / (e + 1.0) } => SLOPE;
        falling(z) { 1.0 / (1.0 + z.exp()) } => mirrored(&SLOPE, 1.0, -1.0);
        quotient_repeated(z) { (2.0 * z / 2.0).exp() / (1.0 + (2.0 * z / 2.0).exp()) } => SLOPE;

        through_lets(z) {
            let minus = -z;
            let e = minus.exp();
            let denominator = 1.0 + e;
            1.0 / denominator
        } => SLOPE;

        one_minus_sigmoid(z) { 1.0 - sigmoid(z) } => mirrored(&SLOPE, 1.0, -1.0);
        one_minus_method(z) { let p = z.sigmoid(); 1.0 - p } => mirrored(&SLOPE, 1.0, -1.0);
        one_minus_reciprocal(z) { 1.0 - 1.0 / (1.0 + (-z).exp()) } => mirrored(&SLOPE, 1.0, -1.0);
    }

    naive! {
        ln_sigmoid(z) { sigmoid(z).ln() } => mirrored(&RISING, -1.0, 1.0);
        minus_ln_sigmoid(z) { -(sigmoid(z)).ln() } => mirrored(&RISING, -1.0, -1.0);
        ln_of_method(z) { let p = z.sigmoid(); let l = p.ln(); -l } => mirrored(&RISING, -1.0, -1.0);
        ln_of_path(z) { -f64::ln(f64::sigmoid(z)) } => mirrored(&RISING, -1.0, -1.0);
        ln_of_reciprocal(z) { (1.0 / (1.0 + (-z).exp())).ln() } => mirrored(&RISING, -1.0, 1.0);
        ln_of_quotient(z) { (z.exp() / (1.0 + z.exp())).ln() } => mirrored(&RISING, -1.0, 1.0);
        ln_of_one_minus(z) { (1.0 - sigmoid(z)).ln() } => mirrored(&RISING, 1.0, -1.0);
        ln_1p_of_minus(z) { (-sigmoid(z)).ln_1p() } => mirrored(&RISING, 1.0, -1.0);
        ln_of_falling(z) { (1.0 / (1.0 + z.exp())).ln() } => mirrored(&RISING, 1.0, -1.0);
        ln_of_negated_argument(z) { sigmoid(-z).ln() } => mirrored(&RISING, 1.0, -1.0);
    }

    naive! {
        softplus_itself(z) { softplus(z) } => RISING;
        softplus_by_hand(z) { (1.0 + z.exp()).ln() } => RISING;
        softplus_turned(z) { (z.exp() + 1.0).ln() } => RISING;
        softplus_by_ln_1p(z) { z.exp().ln_1p() } => RISING;
        softplus_by_path(z) { f64::ln_1p(f64::exp(z)) } => RISING;
        softplus_through_lets(z) {
            let e = z.exp();
            let sum = 1.0 + e;
            sum.ln()
        } => RISING;
        log_sigmoid_by_softplus(z) { -(1.0 + (-z).exp()).ln() } => mirrored(&RISING, -1.0, 1.0);
    }

    /// A probability that is used twice keeps its own derivative beside the logarithm's.
    #[differentiable]
    fn reused(z: f64) -> f64 {
        let p = sigmoid(z);
        p - p.ln()
    }

    #[test]
    fn reused_values() {
        for (&(z, slope), (_, rising)) in SLOPE.iter().zip(mirrored(&RISING, -1.0, 1.0)) {
            let rising = if z == 0.0 { 0.5 } else { rising };
            let falling = RISING
                .iter()
                .find(|row| row.0 == -z)
                .map_or(rising, |row| row.1);
            let (gradient, forward) = (reused::grad(z), reused::jvp(z, 1.0).1);
            assert_near(gradient, slope - falling, &format!("reverse at {z}"));
            assert_near(forward, slope - falling, &format!("forward at {z}"));
        }
    }

    /// Generic code writes its ones differently.
    #[differentiable]
    fn generic<T: Real>(z: T) -> T {
        let one = T::from_f64(1.0);
        -(one / (one + (-z).exp())).ln() + (one - sigmoid(z)).ln() + (one + z.exp()).ln()
    }

    #[differentiable]
    fn single(z: f32) -> f32 {
        -(1.0 / (1.0 + (-z).exp())).ln() + (1.0 - sigmoid(z)).ln() + (1.0 + z.exp()).ln()
    }

    #[test]
    fn generic_and_single_precision() {
        // −σ(−z) − σ(z) + σ(z).
        for (z, slope) in mirrored(&RISING, -1.0, -1.0) {
            assert!((generic::grad(z) - slope).abs() <= 2.5e-16, "{z}");
            assert!((generic::jvp(z, 1.0).1 - slope).abs() <= 2.5e-16, "{z}");
            for gradient in [generic::grad(z as f32), single::grad(z as f32)] {
                assert!((f64::from(gradient) - slope).abs() <= 2e-7, "{z}");
            }
        }
    }
}

mod exponentials {
    use super::*;

    naive! {
        exp_minus_one(z) { z.exp() - 1.0 } => EXP;
        exp_m1_itself(z) { z.exp_m1() } => EXP;
        ln_of_one_plus(x) { (1.0 + x).ln() } => RECIPROCAL;
        ln_of_plus_one(x) { let s = x + 1.0; s.ln() } => RECIPROCAL;
        ln_1p_itself(x) { x.ln_1p() } => RECIPROCAL;
        ln_of_one_minus_exp(z) { (1.0 - z.exp()).ln() } => LN_ONE_MINUS_EXP;
        ln_1p_of_minus_exp(z) { (-z.exp()).ln_1p() } => LN_ONE_MINUS_EXP;
        ln_of_one_minus_exp_through_lets(z) {
            let e = z.exp();
            let rest = 1.0 - e;
            rest.ln()
        } => LN_ONE_MINUS_EXP;
        ln_of_one_minus_falling_exp(z) { (1.0 - (-z).exp()).ln() } => mirrored(&LN_ONE_MINUS_EXP, -1.0, -1.0);
        ln_of_minus_exp_m1(z) { (-z.exp_m1()).ln() } => LN_ONE_MINUS_EXP;
    }
}

mod sums_of_exponentials {
    use super::*;

    /// Three logits and the exact softmax of all three, and of the first two alone.
    const SOFTMAX: [([f64; 3], [f64; 3], [f64; 2]); 7] = [
        ([0.0, 0.0, 0.0], [1.0 / 3.0; 3], [0.5; 2]),
        (
            [1.0, -1.0, 0.0],
            [0.6652409557748219, 0.09003057317038046, 0.24472847105479764],
            [0.8807970779778824, 0.11920292202211756],
        ),
        ([800.0, 0.0, -800.0], [1.0, 0.0, 0.0], [1.0, 0.0]),
        (
            [-800.0, 0.0, 1.0],
            [0.0, 0.2689414213699951, 0.7310585786300049],
            [0.0, 1.0],
        ),
        (
            [800.0, 799.0, 798.0],
            [0.6652409557748219, 0.24472847105479764, 0.09003057317038046],
            [0.7310585786300049, 0.2689414213699951],
        ),
        (
            [-800.0, -801.0, -802.0],
            [0.6652409557748219, 0.24472847105479764, 0.09003057317038046],
            [0.7310585786300049, 0.2689414213699951],
        ),
        (
            [40.0, -40.0, 0.0],
            [1.0, 1.804851387845415e-35, 4.248354255291589e-18],
            [1.0, 1.8048513878454153e-35],
        ),
    ];

    /// Holds both modes to exact partials.
    fn check<const N: usize>(companion: &Companion<f64, N>, z: [f64; N], exact: [f64; N]) {
        let gradient = companion.consistent_gradient(z);
        for k in 0..N {
            let what = format!("{} at {z:?}, partial {k}", companion.name);
            assert_near(gradient[k], exact[k], &what);
            let mut tangent = [0.0; N];
            tangent[k] = 1.0;
            assert_near((companion.jvp)(z, tangent).1, exact[k], &what);
        }
    }

    #[differentiable]
    fn two(a: f64, b: f64) -> f64 {
        (a.exp() + b.exp()).ln()
    }

    #[differentiable]
    fn three(a: f64, b: f64, c: f64) -> f64 {
        let (ea, eb, ec) = (a.exp(), b.exp(), c.exp());
        let sum = ea + eb + ec;
        sum.ln()
    }

    #[differentiable]
    fn three_bracketed(a: f64, b: f64, c: f64) -> f64 {
        (a.exp() + (b.exp() + c.exp())).ln()
    }

    #[test]
    fn log_sum_exp() {
        for (z, all, pair) in SOFTMAX {
            check(&companion!(f64, 2, two), [z[0], z[1]], pair);
            check(&companion!(f64, 3, three), z, all);
            check(&companion!(f64, 3, three_bracketed), z, all);
        }
    }

    #[differentiable]
    fn by_hand(a: f64, b: f64, c: f64) -> f64 {
        let sum = a.exp() + b.exp() + c.exp();
        (a.exp() / sum).ln()
    }

    #[differentiable]
    fn by_hand_through_lets(a: f64, b: f64, c: f64) -> f64 {
        let ea = a.exp();
        let eb = b.exp();
        let ec = c.exp();
        let p = ea / (ea + eb + ec);
        p.ln()
    }

    #[differentiable]
    fn difference_of_logs(a: f64, b: f64, c: f64) -> f64 {
        a - (a.exp() + b.exp() + c.exp()).ln()
    }

    /// δ₀ − softmax(z), with 1 − p₀ as the sum of the others to keep its digits.
    fn of_first(p: [f64; 3]) -> [f64; 3] {
        [p[1] + p[2], -p[1], -p[2]]
    }

    #[test]
    fn ln_of_softmax_by_hand() {
        for (z, p, _) in SOFTMAX {
            for companion in [
                companion!(f64, 3, by_hand),
                companion!(f64, 3, by_hand_through_lets),
                companion!(f64, 3, difference_of_logs),
            ] {
                let gradient = companion.consistent_gradient(z);
                for (k, exact) in of_first(p).into_iter().enumerate() {
                    // 1 − p₀ is formed from p₀, so it is exact relative to 1.
                    let what = format!("{} at {z:?}, partial {k}", companion.name);
                    assert!((gradient[k] - exact).abs() <= 2.5e-16, "{what}");
                    let mut tangent = [0.0; 3];
                    tangent[k] = 1.0;
                    let forward = (companion.jvp)(z, tangent).1;
                    assert!((forward - exact).abs() <= 2.5e-16, "{what}, forward");
                }
            }
        }
    }

    #[differentiable]
    fn softmax_by_hand(a: f64, b: f64, c: f64) -> f64 {
        a.exp() / (a.exp() + b.exp() + c.exp())
    }

    #[test]
    fn softmax_by_hand_is_stable() {
        for (z, p, _) in SOFTMAX {
            let gradient = companion!(f64, 3, softmax_by_hand).consistent_gradient(z);
            for (k, factor) in of_first(p).into_iter().enumerate() {
                assert!((gradient[k] - p[0] * factor).abs() <= 2.5e-16, "{z:?}, {k}");
            }
        }
    }

    #[differentiable]
    fn by_function(z: &[f64; 3], k: usize) -> f64 {
        softmax(z)[k].ln()
    }

    #[differentiable]
    fn by_function_at_constant(z: &[f64]) -> f64 {
        let p = softmax(z);
        let chosen = p[0];
        chosen.ln()
    }

    #[differentiable]
    fn by_function_of_vector(a: f64, b: f64, c: f64, k: usize) -> f64 {
        let z = [a, b, c];
        let p = softmax(&z);
        -p[k].ln()
    }

    #[test]
    fn ln_of_softmax_by_function() {
        for (z, p, _) in SOFTMAX {
            for k in 0..3 {
                let gradient = by_function::grad(&z, k);
                let at_constant = by_function_at_constant::grad(&z);
                let (a, b, c) = by_function_of_vector::grad(z[0], z[1], z[2], k);
                assert_eq!([-a, -b, -c], gradient);
                for j in 0..3 {
                    let delta = if j == k { 1.0 } else { 0.0 };
                    let error = gradient[j] - (delta - p[j]);
                    assert!(error.abs() <= 2.5e-16, "{z:?}, {k}, {j}: {gradient:?}");
                    let mut tangent = [0.0; 3];
                    tangent[j] = 1.0;
                    assert_near(
                        by_function::jvp(&z, k, &tangent).1,
                        gradient[j],
                        &format!("forward at {z:?}, {k}, {j}"),
                    );
                    if k == 0 {
                        assert_eq!(at_constant[j], gradient[j]);
                    }
                }
            }
        }
    }
}

mod norms {
    use super::*;

    #[differentiable]
    fn products(x: f64, y: f64) -> f64 {
        (x * x + y * y).sqrt()
    }

    #[differentiable]
    fn powers(x: f64, y: f64) -> f64 {
        let (xx, yy) = (x.powi(2), y.powi(2));
        let sum = xx + yy;
        sum.sqrt()
    }

    #[differentiable]
    fn of_differences(x: f64, y: f64) -> f64 {
        let dx = x - 0.0;
        let dy = 0.0 - y;
        f64::sqrt(dx * dx + dy.powi(2))
    }

    /// The same difference written twice is one value.
    #[differentiable]
    fn repeated(x: f64, y: f64) -> f64 {
        ((x - 0.0) * (x - 0.0) + (0.0 - y) * (0.0 - y)).sqrt()
    }

    #[test]
    fn neither_overflow_nor_vanish() {
        for scale in [1.0, 1e-3, 1e200, 1e-200, 1e308 / 4.0] {
            for (x, y, exact) in [
                (3.0, 4.0, [0.6, 0.8]),
                (-4.0, 3.0, [-0.8, 0.6]),
                (0.0, -1.0, [0.0, -1.0]),
            ] {
                for companion in [
                    companion!(f64, 2, products),
                    companion!(f64, 2, powers),
                    companion!(f64, 2, of_differences),
                    companion!(f64, 2, repeated),
                ] {
                    let point = [x * scale, y * scale];
                    let gradient = companion.consistent_gradient(point);
                    for k in 0..2 {
                        let what = format!("{} at {point:?}, {k}", companion.name);
                        assert_near(gradient[k], exact[k], &what);
                        let mut tangent = [0.0; 2];
                        tangent[k] = 1.0;
                        assert_near((companion.jvp)(point, tangent).1, exact[k], &what);
                    }
                }
            }
        }
    }

    #[test]
    fn are_zero_at_the_origin() {
        for companion in [
            companion!(f64, 2, products),
            companion!(f64, 2, powers),
            companion!(f64, 2, of_differences),
            companion!(f64, 2, repeated),
        ] {
            assert_eq!(companion.consistent_gradient([0.0, 0.0]), [0.0, 0.0]);
            assert_eq!((companion.jvp)([0.0, 0.0], [1.0, -1.0]), (0.0, 0.0));
        }
    }
}

mod binary_nll {
    use super::*;

    macro_rules! forms {
        ($($name:ident($z:ident, $y:ident) { $($body:tt)* })+) => {$(
            #[test]
            fn $name() {
                #[differentiable]
                fn form($z: f64, #[constant] $y: f64) -> f64 {
                    $($body)*
                }
                check_rows(&companion!(f64, 1, form, 0.0), &RISING);
                check_rows(&companion!(f64, 1, form, 1.0), &mirrored(&RISING, -1.0, -1.0));
            }
        )+};
    }

    forms! {
        sum_of_both(z, y) {
            let p = sigmoid(z);
            -(y * p.ln() + (1.0 - y) * (1.0 - p).ln())
        }
        sum_of_both_with_signs_inside(z, y) {
            let p = z.sigmoid();
            -y * p.ln() - (1.0 - y) * (1.0 - p).ln()
        }
        sum_of_both_with_logistic_by_hand(z, y) {
            let p = 1.0 / (1.0 + (-z).exp());
            let q = 1.0 - p;
            -(y * p.ln() + (1.0 - y) * q.ln())
        }
        sum_of_both_with_ln_1p(z, y) {
            let p = sigmoid(z);
            -(y * p.ln() + (1.0 - y) * (-p).ln_1p())
        }
        signed(z, y) { -sigmoid((2.0 * y - 1.0) * z).ln() }
        signed_through_lets(z, y) {
            let sign = 2.0 * y - 1.0;
            let margin = sign * z;
            let p = sigmoid(margin);
            -p.ln()
        }
        of_probability(z, y) { nll(sigmoid(z), y) }
        of_probability_through_let(z, y) { let p = 1.0 / (1.0 + (-z).exp()); nll(p, y) }
        of_logit(z, y) { nll_with_logits(z, y) }
    }

    #[differentiable]
    fn sum(z: f64, #[constant] y: f64) -> f64 {
        let p = sigmoid(z);
        -(y * p.ln() + (1.0 - y) * (1.0 - p).ln())
    }

    #[differentiable]
    fn library(z: f64, #[constant] y: f64) -> f64 {
        let p = sigmoid(z);
        nll(p, y)
    }

    /// (1 − y)·σ(z) − y·σ(−z) cancels between the labels: it is exact relative to its terms.
    #[test]
    fn labels_between() {
        for (z, slope) in BETWEEN {
            for gradient in [
                sum::grad(z, 0.25),
                sum::jvp(z, 0.25, 1.0).1,
                library::grad(z, 0.25),
                library::jvp(z, 0.25, 1.0).1,
            ] {
                assert!((gradient - slope).abs() <= 2.5e-16, "{z}: {gradient:e}");
            }
        }
    }

    /// The lecture's network: the chain into the logit is not lost on the way.
    #[differentiable]
    fn network(w: f64, x: f64, y: f64) -> f64 {
        nll(sigmoid(w * x), y)
    }

    #[test]
    fn chain_into_weights() {
        assert_eq!(network::grad(1.0, -800.0, 1.0), (800.0, -1.0, 800.0));
        assert_eq!(network::grad(2.0, 400.0, 0.0), (400.0, 2.0, -800.0));
        assert_eq!(network::jvp(1.0, -800.0, 1.0, 1.0, 0.0, 0.0).1, 800.0);
    }
}

/// Sums of squares that loops add up: the root has the norm's derivative at the origin.
mod sums_of_squares {
    use super::*;

    #[differentiable]
    fn by_loop(x: &[f64]) -> f64 {
        let mut sum = 0.0;
        for v in x {
            sum += v * v;
        }
        sum.sqrt()
    }

    #[differentiable]
    fn root_mean_square(x: &[f64]) -> f64 {
        (x.iter().map(|v| v.powi(2)).sum::<f64>() / x.len() as f64).sqrt()
    }

    #[differentiable]
    fn deviation(x: &[f64]) -> f64 {
        let n = x.len() as f64;
        let mean = x.iter().sum::<f64>() / n;
        let variance = x.iter().map(|v| (v - mean) * (v - mean)).sum::<f64>() / n;
        variance.sqrt()
    }

    #[differentiable]
    fn of_chosen(x: &[f64]) -> f64 {
        let mut sum = 0.0;
        for (i, v) in x.iter().enumerate() {
            if i % 2 == 0 {
                sum += 2.0 * v * v;
            }
        }
        sum.sqrt()
    }

    #[differentiable]
    fn in_nested_loops(x: &[f64]) -> f64 {
        let mut sum = 0.0;
        for a in x {
            for b in x {
                let d = a - b;
                sum += d * d;
            }
        }
        sum.sqrt()
    }

    #[test]
    fn are_zero_at_the_origin() {
        let zeros = [0.0; 3];
        for gradient in [
            by_loop::grad(&zeros),
            root_mean_square::grad(&zeros),
            deviation::grad(&[5.0; 3]),
            in_nested_loops::grad(&[5.0; 3]),
        ] {
            assert_eq!(gradient, zeros);
        }
        assert_eq!(by_loop::jvp(&zeros, &[1.0; 3]).1, 0.0);
        assert_eq!(by_loop::grad(&[3.0, 0.0, 4.0]), [3.0 * 0.2, 0.0, 0.8]);
        let s = 1.5_f64.sqrt();
        let gradient = deviation::grad(&[1.0, 2.0, 3.0]);
        assert!((gradient[2] - s / 3.0).abs() < 1e-15 && gradient[1] == 0.0);
    }

    /// `2.0 * v * v` is `(2v)·v` and no square: the root is left as it is.
    #[test]
    fn what_is_no_square_keeps_the_pole_of_the_root() {
        assert!(of_chosen::grad(&[0.0; 3])[0].is_nan());

        #[differentiable]
        fn mixed(x: &[f64], offset: f64) -> f64 {
            let mut sum = offset;
            for v in x {
                sum += v * v;
            }
            sum.sqrt()
        }
        assert_eq!(mixed::grad(&[], 0.0).1, f64::INFINITY);
        assert_eq!(mixed::grad(&[3.0], 16.0), (vec![3.0 * 0.2], 0.1));

        #[differentiable]
        fn scaled_by_active(x: f64, scale: f64) -> f64 {
            (x * x * scale).sqrt()
        }
        assert_eq!(scaled_by_active::grad(1.0, 0.0).1, f64::INFINITY);
    }
}

/// Logarithms as factors, of several arguments and in nested scopes.
// Numeric code as users write it counts with indices.
#[allow(clippy::needless_range_loop)]
mod logarithms_as_factors {
    use super::*;

    #[differentiable]
    fn entropy(z: &[f64; 3]) -> f64 {
        let p = softmax(z);
        let mut sum = 0.0;
        for k in 0..3 {
            sum -= p[k] * p[k].ln();
        }
        sum
    }

    #[differentiable]
    fn guarded(z: f64, flag: bool) -> f64 {
        let p = sigmoid(z);
        let log = p.ln();
        let mut sum = 0.0;
        for _ in 0..2 {
            if flag {
                sum += 0.5 * p * log;
            }
        }
        sum
    }

    #[test]
    fn vanish_with_what_they_multiply() {
        for z in [[800.0, 0.0, -800.0], [-800.0, 0.0, 800.0]] {
            assert_eq!(entropy::grad(&z), [0.0; 3], "{z:?}");
            assert_eq!(entropy::jvp(&z, &[1.0, 2.0, -1.0]).1, 0.0);
        }
        let expected = |z: f64| sigmoid(z) * sigmoid(-z) * (1.0 + log_sigmoid(z));
        for z in [-800.0, -40.0, 0.3, 40.0] {
            let tolerance = 4e-16 * expected(z).abs();
            assert!(
                (guarded::grad(z, true) - expected(z)).abs() <= tolerance,
                "{z}"
            );
            assert!(
                (guarded::jvp(z, true, 1.0).1 - expected(z)).abs() <= tolerance,
                "{z}"
            );
        }
        assert_eq!(guarded::grad(-800.0, false), 0.0);
    }

    /// The label is active, and its derivative is the logarithm.
    #[differentiable]
    fn weighted(z: f64, y: f64) -> f64 {
        y * sigmoid(z).ln()
    }

    #[test]
    fn are_the_derivative_of_their_weight() {
        assert_eq!(weighted::grad(-800.0, 2.0), (2.0, -800.0));
        assert_eq!(weighted::jvp(-800.0, 2.0, 0.0, 1.0).1, -800.0);
    }
}

/// Quotients of exponentials of two arguments.
mod quotients {
    use super::*;

    #[differentiable]
    fn ratio(a: f64, b: f64) -> f64 {
        a.exp() / b.exp()
    }

    #[differentiable]
    fn contrast(a: f64, b: f64) -> f64 {
        (a.exp() - b.exp()) / (b.exp() + a.exp())
    }

    #[differentiable]
    fn gated(a: f64, z: f64) -> f64 {
        a / (1.0 + (-z).exp())
    }

    #[differentiable]
    fn log_ratio(a: f64, b: f64) -> f64 {
        ((a.exp() + 1.0) / b).ln()
    }

    #[test]
    fn of_two_arguments() {
        let e = std::f64::consts::E;
        assert_eq!(ratio::grad(801.0, 800.0), (e, -e));
        assert_eq!(ratio::jvp(801.0, 800.0, 2.0, 1.0).1, e);
        let half = 2.0 * sigmoid(1.0) * sigmoid(-1.0);
        let (a_bar, b_bar) = contrast::grad(-800.0, -801.0);
        assert!((a_bar - half).abs() < 2e-16 && b_bar == -a_bar);
        assert_eq!(gated::grad(3.0, -800.0), (0.0, 0.0));
        assert_eq!(gated::grad(3.0, 0.0), (0.5, 0.75));
        assert_eq!(log_ratio::grad(800.0, 4.0), (1.0, -0.25));
    }

    /// Same shape, other values: nothing to recognise.
    #[differentiable]
    fn lookalikes(a: f64, b: f64) -> f64 {
        a.sin() / b
            + (1.0 - a.cos()) / (b * b)
            + (a.exp() - 1.0) / b
            + (a.exp() - 2.0) / (a.exp() + 2.0)
    }

    #[test]
    fn of_other_values_are_differentiated_as_written() {
        let companion = companion!(f64, 2, lookalikes);
        for point in [[0.7, 1.3], [-0.4, 2.0], [1.5, -0.8]] {
            companion.check(point);
        }
    }
}
