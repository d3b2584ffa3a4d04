use std::f64::consts::LN_2;

use super::*;
use crate::activation::check::{Rule, assert_close};

/// Value and derivative of each smooth activation, to the last digit: 4000 decimal digits of
/// `mpmath` evaluating the formulas of the documentation (`1 / (1 + exp(-x))` and so on, with
/// `1 / cosh(x)**2` for the derivative of tanh), rounded to double at the end.
const REFERENCE: [(&str, [(f64, f64, f64); 8]); 9] = [
    (
        "sigmoid",
        [
            (-800.0, 0.0, 0.0),
            (-40.0, 4.248354255291589e-18, 4.248354255291589e-18),
            (-0.9, 0.28905049737499605, 0.20550030734226343),
            (0.0, 0.5, 0.25),
            (0.001, 0.5002499999791666, 0.24999993750001043),
            (0.7, 0.668187772168166, 0.22171287329310904),
            (40.0, 1.0, 4.248354255291589e-18),
            (800.0, 1.0, 0.0),
        ],
    ),
    (
        "tanh",
        [
            (-800.0, -1.0, 0.0),
            (-40.0, -1.0, 7.219405551381661e-35),
            (-0.9, -0.7162978701990245, 0.48691736114834155),
            (0.0, 0.0, 1.0),
            (0.001, 0.0009999996666668, 0.9999990000006667),
            (0.7, 0.6043677771171635, 0.6347395899824586),
            (40.0, 1.0, 7.219405551381661e-35),
            (800.0, 1.0, 0.0),
        ],
    ),
    (
        "softplus",
        [
            (-800.0, 0.0, 0.0),
            (-40.0, 4.248354255291589e-18, 4.248354255291589e-18),
            (-0.9, 0.3411538747320878, 0.28905049737499605),
            (0.0, LN_2, 0.5),
            (0.001, 0.6936473055599401, 0.5002499999791666),
            (0.7, 1.103186048885458, 0.668187772168166),
            (40.0, 40.0, 1.0),
            (800.0, 800.0, 1.0),
        ],
    ),
    (
        "log_sigmoid",
        [
            (-800.0, -800.0, 1.0),
            (-40.0, -40.0, 1.0),
            (-0.9, -1.2411538747320878, 0.710949502625004),
            (0.0, -LN_2, 0.5),
            (0.001, -0.6926473055599401, 0.4997500000208333),
            (0.7, -0.4031860488854579, 0.3318122278318339),
            (40.0, -4.248354255291589e-18, 4.248354255291589e-18),
            (800.0, 0.0, 0.0),
        ],
    ),
    (
        "gelu",
        [
            (-800.0, 0.0, 0.0),
            (-40.0, 0.0, 0.0),
            (-0.9, -0.16577151129027945, -0.05506720475961667),
            (0.0, 0.0, 0.5),
            (0.001, 0.000500398942213582, 0.500797884293525),
            (0.7, 0.5305701347051167, 0.9763572186561039),
            (40.0, 40.0, 1.0),
            (800.0, 800.0, 1.0),
        ],
    ),
    (
        "silu",
        [
            (-800.0, 0.0, 0.0),
            (-40.0, -1.6993417021166355e-16, -1.6568581595637197e-16),
            (-0.9, -0.2601454476374964, 0.10410022076695893),
            (0.0, 0.0, 0.5),
            (0.001, 0.0005002499999791667, 0.5004999999166667),
            (0.7, 0.46773144051771626, 0.8233867834733424),
            (40.0, 40.0, 1.0000000000000002),
            (800.0, 800.0, 1.0),
        ],
    ),
    (
        "sin",
        [
            (-800.0, -0.8939696481970214, -0.44812751321749233),
            (-40.0, -0.7451131604793488, -0.6669380616522619),
            (-0.9, -0.7833269096274834, 0.6216099682706644),
            (0.0, 0.0, 1.0),
            (0.001, 0.0009999998333333417, 0.9999995000000417),
            (0.7, 0.644217687237691, 0.7648421872844885),
            (40.0, 0.7451131604793488, -0.6669380616522619),
            (800.0, 0.8939696481970214, -0.44812751321749233),
        ],
    ),
    (
        "sinc",
        [
            (-800.0, 0.0011174620602462768, 0.0005615562190971733),
            (-40.0, 0.018627829011983718, 0.01713914726660614),
            (-0.9, 0.870363232919426, 0.2763925162764017),
            (0.0, 1.0, 0.0),
            (0.001, 0.9999998333333416, -0.0003333333000000012),
            (0.7, 0.9203109817681301, -0.22209827783377378),
            (40.0, 0.018627829011983718, -0.01713914726660614),
            (800.0, 0.0011174620602462768, -0.0005615562190971733),
        ],
    ),
    (
        "gaussian",
        [
            (-800.0, 0.0, 0.0),
            (-40.0, 0.0, 0.0),
            (-0.9, 0.4448580662229411, 0.8007445192012941),
            (0.0, 1.0, 0.0),
            (0.001, 0.9999990000005, -0.001999998000001),
            (0.7, 0.6126263941844161, -0.8576769518581825),
            (40.0, 0.0, 0.0),
            (800.0, 0.0, 0.0),
        ],
    ),
];

type Value<'a> = &'a dyn Fn(&[f64]) -> Vec<f64>;
type Pull<'a> = &'a dyn Fn(&[f64], &[f64], &mut [f64]);
type Jvp<'a> = &'a dyn Fn(&[f64], &[f64]) -> (Vec<f64>, Vec<f64>);

/// Hands each function of one argument to `check` with its rules.
fn for_each(mut check: impl FnMut(&str, Value, Pull, Jvp)) {
    macro_rules! each {
        ($($name:ident)*) => {$(
            check(
                stringify!($name),
                &|x| $name(x),
                &|x, u, bars| rules::$name::pullback(x).1(u.to_vec(), bars),
                &|x, v| rules::$name::jvp(x, v),
            );
        )*};
    }
    each!(linear threshold sign sigmoid relu tanh softplus log_sigmoid gelu silu sin sinc gaussian);
}

/// The derivative of a function of one argument, by its forward rule.
fn slope(jvp: Jvp, x: f64) -> f64 {
    jvp(&[x], &[1.0]).1[0]
}

#[test]
fn both_modes_agree_with_differences() {
    for_each(|_, value, pull, jvp| {
        let rule = Rule::new(value, pull, jvp);
        rule.check(&[&[0.7, -1.3, 2.1], &[-0.4, 5.0], &[0.99, -1.01, 1e-2], &[]]);
        rule.check_duality(&[0.0, -0.0, 40.0, -40.0, 800.0, -800.0]);
    });
}

#[test]
fn values_and_slopes_match_the_reference_on_the_tails_too() {
    let mut found = 0;
    for_each(|name, value, _, jvp| {
        let Some((_, points)) = REFERENCE.iter().find(|(listed, _)| *listed == name) else {
            return;
        };
        found += 1;
        for &(x, expected, expected_slope) in points {
            assert_close(value(&[x])[0], expected);
            if name == "tanh" {
                // 1 - y^2 is held to an ulp of its maximum 1, not of itself.
                assert!(
                    (slope(jvp, x) - expected_slope).abs() <= f64::EPSILON,
                    "tanh at {x}"
                );
            } else {
                assert_close(slope(jvp, x), expected_slope);
            }
        }
    });
    assert_eq!(found, REFERENCE.len());
}

#[test]
fn kinks_and_steps() {
    for_each(|name, value, _, jvp| {
        let expected = match name {
            "relu" | "threshold" | "sign" => (0.0, 0.0),
            _ => return,
        };
        for zero in [0.0, -0.0] {
            assert_eq!((value(&[zero])[0], slope(jvp, zero)), expected, "{name}");
        }
        assert_eq!(
            slope(jvp, 1e-300),
            if name == "relu" { 1.0 } else { 0.0 },
            "{name}"
        );
        assert_eq!(slope(jvp, -1e-300), 0.0, "{name}");
    });
    let (y, by_x) = leaky_relu_jvp(&[0.0, -0.0], 0.25, &[1.0, 1.0], 0.0);
    assert_eq!((y, by_x), (vec![0.0, 0.0], vec![0.625, 0.625]));
    let (y, by_x) = elu_jvp(&[0.0, -0.0], 0.5, &[1.0, 1.0], 0.0);
    assert_eq!((y, by_x), (vec![0.0, 0.0], vec![0.75, 0.75]));
}

#[test]
fn slopes_at_infinity_are_limits_and_nan_stays() {
    for_each(|name, _, _, jvp| {
        if name == "sin" {
            return;
        }
        let (left, right) = (slope(jvp, f64::NEG_INFINITY), slope(jvp, f64::INFINITY));
        let expected = match name {
            "linear" => (1.0, 1.0),
            "log_sigmoid" => (1.0, 0.0),
            "relu" | "softplus" | "gelu" | "silu" => (0.0, 1.0),
            _ => (0.0, 0.0),
        };
        assert_eq!((left, right), expected, "{name}");
        let flat = matches!(name, "linear" | "threshold" | "sign" | "relu");
        assert!(flat || slope(jvp, f64::NAN).is_nan(), "{name}");
    });
}

#[test]
fn a_zero_adjoint_adds_nothing_even_at_nan() {
    for_each(|name, _, pull, jvp| {
        let mut bars = [0.5];
        pull(&[f64::NAN], &[0.0], &mut bars);
        assert_eq!(
            (bars, jvp(&[f64::NAN], &[0.0]).1[0]),
            ([0.5], 0.0),
            "{name}"
        );
    });
}

#[test]
fn functions_with_a_shared_parameter() {
    let points: [&[f64]; 3] = [&[0.3, 0.7, -1.3, 2.0], &[-0.5, -3.0], &[1.5]];
    Rule::new(
        |z| leaky_relu(&z[1..], z[0]),
        |z, u, bars| {
            let (slope_bar, x_bar) = bars.split_first_mut().unwrap();
            leaky_relu_pullback(&z[1..], z[0]).1(u.to_vec(), x_bar, slope_bar);
        },
        |z, v| leaky_relu_jvp(&z[1..], z[0], &v[1..], v[0]),
    )
    .check(&points);
    let elu_rule = Rule::new(
        |z| elu(&z[1..], z[0]),
        |z, u, bars| {
            let (alpha_bar, x_bar) = bars.split_first_mut().unwrap();
            elu_pullback(&z[1..], z[0]).1(u.to_vec(), x_bar, alpha_bar);
        },
        |z, v| elu_jvp(&z[1..], z[0], &v[1..], v[0]),
    );
    elu_rule.check(&points);
    elu_rule.check_duality(&[1.5, -800.0, -40.0, 0.0, 40.0, 800.0]);
}

#[test]
fn polynomials_share_their_coefficients() {
    // Coefficients first, then as many arguments.
    Rule::new(
        |z| polynomial(&z[3..], &z[..3]),
        |z, u, bars| {
            let (coefficients_bar, x_bar) = bars.split_at_mut(3);
            polynomial_pullback(&z[3..], &z[..3]).1(u.to_vec(), x_bar, coefficients_bar);
        },
        |z, v| polynomial_jvp(&z[3..], &z[..3], &v[3..], &v[..3]),
    )
    .check(&[
        &[1.0, -2.0, 0.5, 0.7, 0.0, -1.3],
        &[0.0, 0.0, 3.0, 2.0],
        &[1.0, 2.0, 3.0],
    ]);
}

#[test]
fn single_precision_has_the_same_rules() {
    let x = [-1.3_f32, 0.0, 0.7];
    let (y, pullback) = rules::sigmoid::pullback(&x);
    let mut x_bar = [0.0_f32; 3];
    pullback(vec![1.0; 3], &mut x_bar);
    for ((x, y), bar) in x.iter().zip(y).zip(x_bar) {
        assert_eq!(y, x.sigmoid());
        assert!((bar - y * (1.0 - y)).abs() < 1e-7);
    }
}

#[test]
#[should_panic(expected = "one adjoint or tangent per element")]
fn a_cotangent_of_another_length_is_refused() {
    rules::sin::pullback(&[1.0, 2.0]).1(vec![1.0], &mut [0.0; 2]);
}
