use super::*;
use crate::activation::check::{Rule, assert_close};

const X: [f64; 4] = [0.3, -1.2, 2.5, 0.1];
const U: [f64; 4] = [0.5, -1.0, 2.0, 0.25];

/// `x_bar` of a pullback from a buffer of zeros.
fn pulled<C>(length: usize, cotangent: C, pullback: impl Fn(C, &mut [f64])) -> Vec<f64> {
    let mut x_bar = vec![0.0; length];
    pullback(cotangent, &mut x_bar);
    x_bar
}

fn assert_all_close(actual: &[f64], expected: &[f64]) {
    assert_eq!(actual.len(), expected.len());
    actual
        .iter()
        .zip(expected)
        .for_each(|(&actual, &expected)| assert_close(actual, expected));
}

/// Expected numbers: 60 decimal digits of `mpmath` with `p = exp(x) / sum(exp(x))`, `log(p)`,
/// `log(sum(exp(x)))`, and their Jacobians `diag(p) - p p'` and `I - 1 p'` written out.
#[test]
fn values_and_products_match_the_reference() {
    let p = [
        0.09035974952927969,
        0.020161985383440186,
        0.8154979593072351,
        0.07398030578004498,
    ];
    assert_all_close(&softmax(&X), &p);
    assert_all_close(
        &log_softmax(&X),
        &[
            -2.4039563593064983,
            -3.9039563593064983,
            -0.20395635930649847,
            -2.6039563593064985,
        ],
    );
    assert_close(logsumexp(&X), 2.7039563593064986);

    let by_softmax = [
        -0.10612832861797365,
        -0.05392340903597393,
        0.26543734051125994,
        -0.10538560285731235,
    ];
    assert_all_close(&pulled(4, U.to_vec(), softmax_pullback(&X).1), &by_softmax);
    assert_all_close(&softmax_jvp(&X, &U).1, &by_softmax);
    assert_all_close(
        &pulled(4, U.to_vec(), log_softmax_pullback(&X).1),
        &[
            0.3418704383237606,
            -1.0352834744210204,
            0.5728785712123385,
            0.1205344648849213,
        ],
    );
    assert_all_close(
        &log_softmax_jvp(&X, &U).1,
        &[
            -1.1745088844406812,
            -2.674508884440681,
            0.3254911155593188,
            -1.4245088844406812,
        ],
    );
    assert_all_close(&pulled(4, 1.0, logsumexp_pullback(&X).1), &p);
}

#[test]
fn rules_agree_with_differences_and_with_each_other() {
    let ordinary: [&[f64]; 4] = [&X, &[0.0; 5], &[1.0, 1.0, -2.0], &[0.7]];
    let extreme: [&[f64]; 4] = [
        &[],
        &[800.0, -800.0, 799.0],
        &[40.0, 0.0, -40.0],
        &[-800.0; 3],
    ];
    let rule = Rule::new(
        softmax,
        |x, u, bars| softmax_pullback(x).1(u.to_vec(), bars),
        softmax_jvp,
    );
    rule.check(&ordinary);
    extreme.iter().for_each(|point| rule.check_duality(point));
    let rule = Rule::new(
        log_softmax,
        |x, u, bars| log_softmax_pullback(x).1(u.to_vec(), bars),
        log_softmax_jvp,
    );
    rule.check(&ordinary);
    extreme.iter().for_each(|point| rule.check_duality(point));
    let rule = Rule::new(
        |x| vec![logsumexp(x)],
        |x, u, bars| logsumexp_pullback(x).1(u[0], bars),
        |x, v| {
            let (y, y_dot) = logsumexp_jvp(x, v);
            (vec![y], vec![y_dot])
        },
    );
    rule.check(&ordinary);
    extreme.iter().for_each(|point| rule.check_duality(point));
}

/// Near a corner of the simplex the derivatives are tiny but not lost: with x = (40, 0) they are
/// p₀·p₁ = σ(40)·σ(−40).
#[test]
fn small_derivatives_keep_their_digits() {
    let tiny = 4.248354255291589e-18;
    let x = [40.0, 0.0];
    for (u, sign) in [([1.0, 0.0], 1.0), ([0.0, 1.0], -1.0)] {
        assert_all_close(
            &pulled(2, u.to_vec(), softmax_pullback(&x).1),
            &[sign * tiny, -sign * tiny],
        );
        assert_all_close(&softmax_jvp(&x, &u).1, &[sign * tiny, -sign * tiny]);
    }
    assert_close(log_softmax(&x)[0], -tiny);
    assert_all_close(
        &pulled(2, vec![1.0, 0.0], log_softmax_pullback(&x).1),
        &[tiny, -tiny],
    );
    assert_close(logsumexp(&[0.0, -40.0]), tiny);
}

#[test]
fn masked_entries_have_no_part() {
    let masked = [1.0, f64::NEG_INFINITY, 2.0];
    let plain = [1.0, 2.0];
    let (p, q) = (softmax(&masked), softmax(&plain));
    assert_eq!((p[0], p[1], p[2]), (q[0], 0.0, q[1]));
    assert_eq!(logsumexp(&masked), logsumexp(&plain));
    assert_eq!(log_softmax(&masked)[1], f64::NEG_INFINITY);
    for x_bar in [
        pulled(3, vec![1.0, -2.0, 0.5], softmax_pullback(&masked).1),
        pulled(3, vec![1.0, 0.0, 0.5], log_softmax_pullback(&masked).1),
        pulled(3, 1.0, logsumexp_pullback(&masked).1),
    ] {
        assert_eq!(x_bar[1], 0.0);
        assert!(x_bar.iter().all(|bar| bar.is_finite()));
    }
}

#[test]
fn infinities_and_nan() {
    let (inf, nan) = (f64::INFINITY, f64::NAN);
    assert_eq!(logsumexp::<f64>(&[]), -inf);
    assert_eq!(logsumexp(&[-inf, -inf]), -inf);
    assert_eq!(logsumexp(&[inf, 0.0]), inf);
    for x in [[nan, 0.0], [0.0, nan], [inf, nan], [-inf, nan]] {
        assert!(logsumexp(&x).is_nan(), "{x:?}");
        assert!(softmax(&x).iter().any(|p| p.is_nan()), "{x:?}");
    }
    assert_eq!(softmax::<f64>(&[]), Vec::<f64>::new());
    // Strong zero: no adjoint, no contribution, though the softmax is NaN.
    assert_eq!(
        pulled(2, 0.0, logsumexp_pullback(&[-inf, -inf]).1),
        [0.0, 0.0]
    );
    assert_eq!(logsumexp_jvp(&[-inf, -inf], &[0.0, 0.0]), (-inf, 0.0));
}

#[test]
#[should_panic(expected = "one adjoint or tangent per entry")]
fn a_tangent_of_another_length_is_refused() {
    softmax_jvp(&X, &[1.0]);
}
