use std::f64::consts::LN_2;

use super::*;
use crate::activation::check::{Rule, assert_close};

/// A rule for two scalars, flat.
macro_rules! scalar_rule {
    ($value:ident, $pullback:ident, $jvp:ident) => {
        Rule::new(
            |z| vec![$value(z[0], z[1])],
            |z, u, bars| {
                let [a_bar, b_bar] = bars else {
                    panic!("two arguments")
                };
                $pullback(z[0], z[1]).1(u[0], a_bar, b_bar);
            },
            |z, v| {
                let (y, y_dot) = $jvp(z[0], z[1], v[0], v[1]);
                (vec![y], vec![y_dot])
            },
        )
    };
}

/// Both partial derivatives, by the reverse rule.
fn gradient(pullback: impl Fn(f64, &mut f64, &mut f64)) -> (f64, f64) {
    let (mut a_bar, mut b_bar) = (0.0, 0.0);
    pullback(1.0, &mut a_bar, &mut b_bar);
    (a_bar, b_bar)
}

#[test]
fn losses_with_plain_bodies() {
    assert_eq!(squared_error(-1.5, 2.0), 12.25);
    assert_eq!(nll_categorical(&[0.5, 0.125, 0.375], 1), 8.0_f64.ln());
    assert_eq!(nll_categorical(&[0.0, 1.0], 0), f64::INFINITY);
    assert_eq!(
        [
            hinge(0.25, 1.0),
            hinge(1.0, 1.0),
            hinge(-3.0, -1.0),
            hinge(3.0, -1.0)
        ],
        [0.75, 0.0, 0.0, 4.0]
    );
    // mpmath: log(1 + exp(-(better - worse)))
    assert_close(pairwise_ranking(1.0, -0.3), 0.2410084538329922);
    assert_close(pairwise_ranking(40.0, 0.0), 4.248354255291589e-18);
    assert_eq!(pairwise_ranking(-800.0, 0.0), 800.0);
}

#[test]
fn mean_squared_error_rules_agree() {
    Rule::new(
        |z| {
            let (p, t) = z.split_at(z.len() / 2);
            vec![mean_squared_error(p, t)]
        },
        |z, u, bars| {
            let ((p, t), (p_bar, t_bar)) =
                (z.split_at(z.len() / 2), bars.split_at_mut(z.len() / 2));
            mean_squared_error_pullback(p, t).1(u[0], p_bar, t_bar);
        },
        |z, v| {
            let ((p, t), (p_dot, t_dot)) = (z.split_at(z.len() / 2), v.split_at(z.len() / 2));
            let (y, y_dot) = mean_squared_error_jvp(p, t, p_dot, t_dot);
            (vec![y], vec![y_dot])
        },
    )
    .check(&[&[0.5, -1.0], &[0.3, 1.7, -2.0, 0.1, 0.0, 4.0], &[1.0, 1.0]]);
    let (mut p_bar, mut t_bar) = ([0.0; 2], [0.0; 2]);
    mean_squared_error_pullback(&[3.0, 1.0], &[1.0, 2.0]).1(0.5, &mut p_bar, &mut t_bar);
    assert_eq!((p_bar, t_bar), ([1.0, -0.5], [-1.0, 0.5]));
}

#[test]
#[should_panic(expected = "3 predictions do not pair with 2 targets")]
fn mean_squared_error_refuses_other_lengths() {
    mean_squared_error(&[1.0, 2.0, 3.0], &[1.0, 2.0]);
}

#[test]
#[should_panic(expected = "the mean of no errors")]
fn mean_squared_error_refuses_nothing() {
    mean_squared_error::<f64>(&[], &[]);
}

#[test]
fn nll_rules_agree() {
    let rule = scalar_rule!(nll, nll_pullback, nll_jvp);
    rule.check(&[&[0.3, 1.0], &[0.3, 0.0], &[0.75, 0.3]]);
    rule.check_duality(&[1e-300, 1.0]);
    rule.check_duality(&[1e-20, 0.0]);
}

/// 60 digits of `mpmath`: `-(y*log(p) + (1-y)*log(1-p))`, `(1-y)/(1-p) - y/p`, `log(1-p) - log(p)`.
#[test]
fn nll_matches_the_reference() {
    for (p, y, value, by_p, by_y) in [
        (0.25, 1.0, 1.3862943611198906, -4.0, 1.0986122886681098),
        (
            0.25,
            0.0,
            0.2876820724517809,
            1.3333333333333333,
            1.0986122886681098,
        ),
        (0.75, 0.3, 1.0567106745194577, 2.4, -1.0986122886681098),
        (
            1e-300,
            1.0,
            690.7755278982137,
            -9.999999999999999e299,
            690.7755278982137,
        ),
        (1e-20, 0.0, 1e-20, 1.0, 46.051701859880914),
        (
            0.9999999999999999,
            0.0,
            36.7368005696771,
            9007199254740992.0,
            -36.7368005696771,
        ),
    ] {
        assert_close(nll(p, y), value);
        let found = gradient(nll_pullback(p, y).1);
        assert_close(found.0, by_p);
        assert_close(found.1, by_y);
    }
}

#[test]
fn nll_at_certain_probabilities() {
    let inf = f64::INFINITY;
    // (p, y), value, derivative in p.
    for (p, y, value, by_p) in [
        (0.0, 0.0, 0.0, 1.0),
        (1.0, 1.0, 0.0, -1.0),
        (0.0, 1.0, inf, -inf),
        (1.0, 0.0, inf, inf),
    ] {
        assert_eq!(nll(p, y), value, "p = {p}, y = {y}");
        assert_eq!(gradient(nll_pullback(p, y).1).0, by_p, "p = {p}, y = {y}");
        assert_eq!(nll_jvp(p, y, 1.0, 0.0), (value, by_p), "p = {p}, y = {y}");
        let (mut p_bar, mut y_bar) = (0.5, 0.25);
        nll_pullback(p, y).1(0.0, &mut p_bar, &mut y_bar);
        assert_eq!((p_bar, y_bar), (0.5, 0.25), "a zero adjoint adds nothing");
    }
}

#[test]
fn nll_with_logits_rules_agree() {
    let rule = scalar_rule!(
        nll_with_logits,
        nll_with_logits_pullback,
        nll_with_logits_jvp
    );
    rule.check(&[&[0.7, 1.0], &[-1.3, 0.0], &[2.0, 0.25], &[0.0, 0.5]]);
    for z in [-800.0, -40.0, 40.0, 800.0] {
        [0.0, 0.25, 1.0]
            .iter()
            .for_each(|&y| rule.check_duality(&[z, y]));
    }
}

/// (z, y, value, derivative in z) by 1000 digits of `mpmath`: `log(1 + exp(z)) - y*z` and
/// `1/(1 + exp(-z)) - y`.
#[test]
fn nll_with_logits_matches_the_reference() {
    for (z, y, value, by_z) in [
        (-800.0, 0.0, 0.0, 0.0),
        (-800.0, 1.0, 800.0, -1.0),
        (-800.0, 0.25, 200.0, -0.25),
        (-40.0, 0.0, 4.248354255291589e-18, 4.248354255291589e-18),
        (-40.0, 1.0, 40.0, -1.0),
        (-1.3, 0.0, 0.2410084538329922, 0.2141650169574414),
        (-1.3, 1.0, 1.5410084538329922, -0.7858349830425586),
        (-1.3, 0.25, 0.5660084538329923, -0.03583498304255862),
        (0.0, 1.0, LN_2, -0.5),
        (0.7, 1.0, 0.4031860488854579, -0.3318122278318339),
        (0.7, 0.25, 0.9281860488854579, 0.4181877721681661),
        (40.0, 0.0, 40.0, 1.0),
        (40.0, 1.0, 4.248354255291589e-18, -4.248354255291589e-18),
        (40.0, 0.25, 30.0, 0.75),
        (800.0, 0.0, 800.0, 1.0),
        (800.0, 1.0, 0.0, 0.0),
    ] {
        assert_close(nll_with_logits(z, y), value);
        let (by_logit, by_label) = gradient(nll_with_logits_pullback(z, y).1);
        assert_close(by_logit, by_z);
        assert_eq!(by_label, -z);
    }
}

#[test]
fn nll_and_its_logit_form_are_one_function() {
    for z in [-3.0, -0.5, 0.0, 1.25, 4.0_f64] {
        for y in [0.0, 0.25, 1.0] {
            assert!((nll(z.sigmoid(), y) - nll_with_logits(z, y)).abs() < 1e-14);
        }
    }
}

#[test]
fn cross_entropy_rules_agree() {
    for class in 0..3 {
        let rule = Rule::new(
            |z| vec![cross_entropy(z, class)],
            |z, u, bars| cross_entropy_pullback(z, class).1(u[0], bars),
            |z, v| {
                let (y, y_dot) = cross_entropy_jvp(z, class, v);
                (vec![y], vec![y_dot])
            },
        );
        rule.check(&[&[0.3, -1.2, 2.5], &[1.0, 1.0, 1.0, 1.0], &[0.0, 5.0, 5.0]]);
        rule.check_duality(&[800.0, -800.0, 0.0]);
        rule.check_duality(&[-40.0, 0.0, 40.0]);
    }
}

/// `log(sum(exp(z))) - z[class]` and `exp(z)/sum(exp(z)) - e_class` by 1000 digits of `mpmath`.
#[test]
fn cross_entropy_matches_the_reference() {
    let expected: [(&[f64], usize, f64, &[f64]); 6] = [
        (
            &[0.3, -1.2, 2.5, 0.1],
            2,
            0.20395635930649847,
            &[
                0.09035974952927969,
                0.020161985383440186,
                -0.18450204069276485,
                0.07398030578004498,
            ],
        ),
        (
            &[0.3, -1.2, 2.5, 0.1],
            1,
            3.9039563593064983,
            &[
                0.09035974952927969,
                -0.9798380146165598,
                0.8154979593072351,
                0.07398030578004498,
            ],
        ),
        (
            &[40.0, 0.0, -3.0],
            0,
            4.459867359050697e-18,
            &[
                -4.459867359050697e-18,
                4.248354255291589e-18,
                2.1151310375910805e-19,
            ],
        ),
        (
            &[40.0, 0.0, -3.0],
            1,
            40.0,
            &[1.0, -1.0, 2.1151310375910805e-19],
        ),
        (&[-800.0, 800.0, 0.0], 0, 1600.0, &[-1.0, 1.0, 0.0]),
        (&[-800.0, 800.0, 0.0], 1, 0.0, &[0.0, 0.0, 0.0]),
    ];
    for (logits, class, value, slope) in expected {
        assert_close(cross_entropy(logits, class), value);
        let mut bar = vec![0.0; logits.len()];
        cross_entropy_pullback(logits, class).1(1.0, &mut bar);
        bar.iter()
            .zip(slope)
            .for_each(|(&found, &expected)| assert_close(found, expected));
    }
}

#[test]
fn cross_entropy_of_masked_logits() {
    let logits = [0.5, f64::NEG_INFINITY, 0.5];
    assert_eq!(cross_entropy(&logits, 0), 2.0_f64.ln());
    assert_eq!(cross_entropy(&logits, 1), f64::INFINITY);
    let mut bar = [0.0; 3];
    cross_entropy_pullback(&logits, 0).1(1.0, &mut bar);
    assert_eq!(bar, [-0.5, 0.0, 0.5]);
}

#[test]
#[should_panic(expected = "class 3 has no logit, there are 3")]
fn cross_entropy_refuses_an_unknown_class() {
    cross_entropy(&[0.0; 3], 3);
}
