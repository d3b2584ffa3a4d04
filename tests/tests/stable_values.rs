//! `#[differentiable(stable)]`: the companion's values are computed by the stable forms, too; the
//! plain function and the derivatives are what they were.

use std::f64::consts::LN_2;

use autodiff_runtime::prelude::*;
use autodiff_tests::check::same_bits;

#[track_caller]
fn assert_near(found: f64, expected: f64, what: &str) {
    // The rounded arguments of exponentials cost a few units in the last place.
    let close = (found - expected).abs() <= 2e-15 * expected.abs();
    assert!(
        found == expected || close,
        "{what}: {found:e}, not {expected:e}"
    );
}

macro_rules! stable {
    ($($name:ident($z:ident) { $($body:tt)* } => [$(($at:expr, $value:expr)),+ $(,)?];)+) => {$(
        #[test]
        fn $name() {
            #[differentiable]
            fn naive($z: f64) -> f64 {
                $($body)*
            }

            #[differentiable(stable)]
            fn stable($z: f64) -> f64 {
                $($body)*
            }

            for (at, exact) in [$(($at, $value)),+] {
                assert!(same_bits(naive(at), stable(at)), "the plain function changed at {at}");
                let (gradient, stable_gradient) = (naive::grad(at), stable::grad(at));
                assert!(same_bits(gradient, stable_gradient), "{gradient:e}, {stable_gradient:e}");
                let forward = stable::jvp(at, 1.0);
                assert!(same_bits(naive::jvp(at, 1.0).1, forward.1), "forward at {at}");
                for value in [
                    stable::value_and_grad(at).0,
                    stable::pullback(at).0,
                    stable::vjp(at, 1.0).0,
                    stable::grad_into(at, &mut 0.0),
                    forward.0,
                ] {
                    assert_near(value, exact, &format!("the value at {at}"));
                }
            }
        }
    )+};
}

stable! {
    softplus_by_hand(z) { (1.0 + z.exp()).ln() } => [
        (0.0, LN_2),
        (1.0, 1.3132616875182228),
        (-40.0, 4.248354255291589e-18),
        (40.0, 40.0),
        (800.0, 800.0),
        (-800.0, 0.0),
    ];
    ln_of_sigmoid(z) { sigmoid(z).ln() } => [
        (0.0, -LN_2),
        (1.0, -0.3132616875182228),
        (40.0, -4.248354255291589e-18),
        (-40.0, -40.0),
        (-800.0, -800.0),
    ];
    ln_of_one_minus_sigmoid(z) { (1.0 - 1.0 / (1.0 + (-z).exp())).ln() } => [
        (0.0, -LN_2),
        (-1.0, -0.3132616875182228),
        (-40.0, -4.248354255291589e-18),
        (800.0, -800.0),
    ];
    one_minus_sigmoid(z) { 1.0 - sigmoid(z) } => [(40.0, 4.248354255291589e-18), (0.0, 0.5)];
    logistic_by_quotient(z) { z.exp() / (1.0 + z.exp()) } => [
        (800.0, 1.0),
        (-40.0, 4.248354255291589e-18),
        (1.0, 0.7310585786300049),
    ];
    ln_of_one_minus_exp(z) { (1.0 - z.exp()).ln() } => [
        (-1e-10, -23.025850929990458),
        (-0.001, -6.908255237315471),
        (-1.0, -0.4586751453870819),
        (-40.0, -4.248354255291589e-18),
    ];
    exp_minus_one(z) { z.exp() - 1.0 } => [
        (1e-10, 1.00000000005e-10),
        (1.0, 1.7182818284590453),
        (-40.0, -1.0),
        (0.0, 0.0),
    ];

    ln_of_one_plus(z) { (1.0 + z).ln() } => [
        (1e-10, 9.999999999500001e-11),
        (-1e-10, -1.00000000005e-10),
        (40.0, 3.713572066704308),
    ];

    log_sum_exp(z) { (z.exp() + (2.0 * z).exp()).ln() } => [
        (800.0, 1600.0),
        (0.0, LN_2),
        (-800.0, -800.0),
    ];
    norm(x) { (x * x + (0.75 * x) * (0.75 * x)).sqrt() } => [(4e200, 5e200), (4e-200, 5e-200)];

    logit(z) { let p = sigmoid(z); (p / (1.0 - p)).ln() } => [(40.0, 40.0), (-800.0, -800.0)];
    odds_against(z) { let p = sigmoid(z); (1.0 - p) / p } => [(-2.0, 7.38905609893065), (800.0, 0.0)];
    ln_of_product(z) { (sigmoid(z) * z.exp()).ln() } => [(-800.0, -1600.0), (0.0, -LN_2)];
    mixture(z) { (0.25 * z.exp() + 0.75 * z.exp()).ln() } => [(800.0, 800.0), (-800.0, -800.0)];
    one_among_exponentials(z) { (1.0 + z.exp() + z.exp()).ln() } => [(0.0, 1.0986122886681098), (800.0, 800.0 + LN_2)];
    ln_of_cosh(z) { z.cosh().ln() } => [(800.0, 800.0 - LN_2), (1.0, 0.4337808304830271)];
    ln_of_one_minus_tanh_squared(z) { (1.0 - z.tanh() * z.tanh()).ln() } => [(-800.0, 2.0 * LN_2 - 1600.0)];
    tanh_by_exponentials(z) { ((-z).exp() - z.exp()) / (z.exp() + (-z).exp()) } => [(800.0, -1.0), (0.5, -0.46211715726000976)];
    tanh_by_falling_exponential(z) { let e = (-2.0 * z).exp(); (1.0 - e) / (1.0 + e) } => [(-800.0, -1.0), (0.5, 0.46211715726000976)];
    ratio_of_exponentials(z) { z.exp() / (z - 1.0).exp() } => [(800.0, std::f64::consts::E)];
    swish(z) { z / (1.0 + (-z).exp()) } => [(-800.0, 0.0), (40.0, 40.0)];
    sinc(z) { z.sin() / z } => [(0.0, 1.0), (1e-9, 1.0)];
    one_minus_cos(z) { (1.0 - z.cos()) / z.powi(2) } => [(0.0, 0.5), (1e-9, 0.5)];
    decay(z) { (1.0 - (-z).exp()) / z } => [(0.0, 1.0), (1e-9, 0.9999999995)];
    square_of_root(z) { z.sqrt().powi(2) } => [(0.0, 0.0), (3.0, 3.0)];
    nll_of_sigmoid(z) { nll(sigmoid(z), 1.0) } => [(-800.0, 800.0), (1.0, 0.3132616875182228)];
}

#[differentiable(stable)]
fn ln_of_softmax(a: f64, b: f64, c: f64) -> f64 {
    (a.exp() / (a.exp() + b.exp() + c.exp())).ln()
}

#[differentiable(stable)]
fn ln_of_softmax_function(z: &[f64; 3], k: usize) -> f64 {
    softmax(z)[k].ln()
}

#[test]
fn several_arguments() {
    let z = [800.0, 0.0, -800.0];
    assert_eq!(ln_of_softmax::value_and_grad(0.0, 800.0, -800.0).0, -800.0);
    for (k, value) in [0.0, -800.0, -1600.0].into_iter().enumerate() {
        assert_eq!(ln_of_softmax_function::value_and_grad(&z, k).0, value);
    }
    assert_eq!(ln_of_softmax_function(&z, 2), f64::NEG_INFINITY);
}
