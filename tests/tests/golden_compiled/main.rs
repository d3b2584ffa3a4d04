//! The files of `tests/golden` are programs: pasted into a module, they give the companion's
//! numbers, and those are right.

#![allow(
    clippy::too_many_arguments,
    clippy::let_and_return,
    clippy::needless_range_loop,
    clippy::manual_memcpy,
    clippy::assign_op_pattern,
    clippy::collapsible_else_if,
    clippy::clone_on_copy,
    clippy::needless_bool,
    clippy::unused_unit,
    clippy::unit_arg,
    unused_parens,
    unused_variables,
    reason = "a reverse pass takes its function's parameters twice, and ends in the user's last name"
)]

#[path = "../golden/functions.rs"]
mod functions;

// The names that the texts use.
use autodiff_runtime::__private::*;
use autodiff_runtime::nn::MlpGradient;
use autodiff_runtime::prelude::*;
use functions::*;

include!("../../golden/loss.rs");
include!("../../golden/neuron.rs");
include!("../../golden/naive_nll.rs");
include!("../../golden/shared.rs");
include!("../../golden/generic.rs");
include!("../../golden/distance.rs");
include!("../../golden/middle.rs");
include!("../../golden/composed.rs");
include!("../../golden/indexed.rs");
include!("../../golden/piecewise.rs");
include!("../../golden/rotated.rs");
include!("../../golden/rebound.rs");
include!("../../golden/pendulum.rs");
include!("../../golden/unlucky_names.rs");
include!("../../golden/classified.rs");
include!("../../golden/smoothed.rs");
include!("../../golden/rosenbrock.rs");
include!("../../golden/logistic_map.rs");
include!("../../golden/newton.rs");
include!("../../golden/forward_substitution.rs");
include!("../../golden/determinant.rs");
include!("../../golden/layer.rs");
include!("../../golden/narrowing.rs");
include!("../../golden/kick.rs");
include!("../../golden/swing.rs");
include!("../../golden/programmed.rs");
include!("../../golden/nested_sine.rs");
include!("../../golden/running_products.rs");
include!("../../golden/log_loss.rs");
include!("../../golden/damped.rs");
include!("../../golden/first_beyond.rs");

mod numbers {
    use super::*;

    #[track_caller]
    fn assert_near(found: f64, expected: f64) {
        let error = (found - expected).abs();
        assert!(
            error <= 4e-15 * expected.abs(),
            "{found:e}, not {expected:e}"
        );
    }

    #[test]
    fn loss_is_right() {
        let mut x_bar = 0.0;
        let value = loss_reverse(2.0, 1.0, &mut x_bar);
        assert_eq!((value, x_bar), loss::value_and_grad(2.0));
        assert_near(x_bar, -20.0 * (4.0_f64.ln() + 1.0));
    }

    #[test]
    fn neuron_is_right() {
        let (w, x, b, scale) = ([1.0, 2.0], [0.5, 0.25], 0.1, [1.0, 3.0, 4.0]);
        let (mut w_bar, mut x_bar, mut b_bar) = ([0.0; 2], [0.0; 2], 0.0);
        let value = neuron_reverse(&w, x, b, &scale, 1.0, &mut w_bar, &mut x_bar, &mut b_bar);
        let bars = (w_bar, x_bar, b_bar);
        assert_eq!((value, bars), neuron::value_and_grad(&w, x, b, &scale));
        let slope = 1.1_f64.cosh().powi(-2);
        assert_near(b_bar, slope);
        assert_near(w_bar[1], 0.25 * slope);
        assert_near(x_bar[1], 2.0 * slope);
    }

    #[test]
    fn naive_nll_is_right() {
        for (z, y, slope) in [(-800.0, 1.0, -1.0), (800.0, 0.0, 1.0), (0.0, 1.0, -0.5)] {
            let mut z_bar = 0.0;
            naive_nll_reverse(z, y, 1.0, &mut z_bar);
            assert_eq!(z_bar, naive_nll::grad(z, y));
            assert_eq!(z_bar, slope);
        }
    }

    #[test]
    fn shared_is_right() {
        let (mut x_bar, mut y_bar) = (0.0, 0.0);
        let value = shared_reverse(2.0, 0.75, 1.0, &mut x_bar, &mut y_bar);
        assert_eq!((value, (x_bar, y_bar)), shared::value_and_grad(2.0, 0.75));
        // x·y·sin(x·y) + y.
        let by_product = 1.5_f64.sin() + 1.5 * 1.5_f64.cos();
        assert_near(x_bar, 0.75 * by_product);
        assert_near(y_bar, 2.0 * by_product + 1.0);
    }

    #[test]
    fn pendulum_is_right() {
        for steps in [0, 1, 200] {
            let (mut angle_bar, mut c_bar) = (0.0, 0.0);
            let value = pendulum_reverse(0.5, 2.0, steps, 1.0, &mut angle_bar, &mut c_bar);
            let bars = (angle_bar, c_bar);
            assert_eq!((value, bars), pendulum::value_and_grad(0.5, 2.0, steps));
        }
    }

    #[test]
    fn generic_is_right() {
        let (mut a_bar, mut b_bar) = (0.0, 0.0);
        let value = generic_reverse(2.0, 8.0, [1.0, 0.0], &mut a_bar, &mut b_bar);
        assert_eq!((value, (a_bar, b_bar)), generic::vjp(2.0, 8.0, [1.0, 0.0]));
        assert_eq!((a_bar, b_bar), (3.0, 0.25));
    }

    #[test]
    fn distance_is_right() {
        let (p, q) = (Point { x: 1.0, y: 2.0 }, Point { x: 4.0, y: 6.0 });
        let (mut p_bar, mut q_bar) = (p.zero_gradient(), q.zero_gradient());
        let value = distance_reverse(&p, q.clone(), 5.0, &mut p_bar, &mut q_bar);
        assert_eq!(value, 5.0);
        assert_eq!((p_bar.x, p_bar.y, q_bar.x, q_bar.y), (-3.0, -4.0, 3.0, 4.0));
        assert_eq!((value, (p_bar, q_bar)), distance::vjp(&p, q, 5.0));
    }

    #[test]
    fn middle_is_right() {
        let (p, q) = (Point { x: 1.0, y: 2.0 }, Point { x: 4.0, y: 6.0 });
        let (mut p_bar, mut q_bar) = (p.zero_gradient(), q.zero_gradient());
        let cotangent = PointGradient { x: 2.0, y: 4.0 };
        let value = middle_reverse(&p, &q, cotangent.clone(), &mut p_bar, &mut q_bar);
        assert_eq!(value, Point { x: 2.5, y: 4.0 });
        assert_eq!((p_bar.x, p_bar.y, q_bar.x, q_bar.y), (1.0, 2.0, 1.0, 2.0));
        assert_eq!((value, (p_bar, q_bar)), middle::vjp(&p, &q, cotangent));
    }

    #[test]
    fn composed_is_right() {
        let (p, q) = (Point { x: 1.0, y: 2.0 }, Point { x: 4.0, y: 6.0 });
        let (mut p_bar, mut q_bar, mut t_bar) = (p.zero_gradient(), q.zero_gradient(), 0.0);
        let value = composed_reverse(&p, &q, 0.3, 1.0, &mut p_bar, &mut q_bar, &mut t_bar);
        let step = 1e-5;
        let differences =
            (composed(&p, &q, 0.3 + step) - composed(&p, &q, 0.3 - step)) / (2.0 * step);
        assert!(
            (t_bar - differences).abs() <= 1e-8 * t_bar.abs(),
            "{t_bar}, {differences}"
        );
        assert_eq!(
            (value, (p_bar, q_bar, t_bar)),
            composed::value_and_grad(&p, &q, 0.3)
        );
    }

    #[test]
    fn indexed_is_right() {
        let w = [2.0, 3.0, 5.0, 7.0];
        let mut w_bar = [0.0; 4];
        let value = indexed_reverse(&w, 1, 1, 1.0, &mut w_bar);
        assert_eq!((value, w_bar), (16.0, [0.0, 6.0, 0.0, 1.0]));
        assert_eq!(indexed::value_and_grad(&w, 1, 1), (value, w_bar.to_vec()));
    }

    #[test]
    fn piecewise_is_right() {
        let (mut x_bar, mut y_bar) = (0.0, 0.0);
        let value = piecewise_reverse(2.5, 1.0, 2, 1.0, &mut x_bar, &mut y_bar);
        assert_eq!(
            (value, (x_bar, y_bar)),
            piecewise::value_and_grad(2.5, 1.0, 2)
        );
        // x above the bound: none of it. The maximum of 1 and |y| is shared. x³ + x % y + yˣ.
        assert_eq!((x_bar, y_bar), (18.75 + 1.0 + 0.0, 1.0 - 2.0 + 2.5));
    }

    #[test]
    fn rotated_is_right() {
        let (mut p_bar, mut angle_bar) = ((0.0, 0.0), 0.0);
        let value = rotated_reverse((3.0, 4.0), 0.0, (1.0, 10.0), &mut p_bar, &mut angle_bar);
        assert_eq!(
            (value, p_bar, angle_bar),
            ((3.0, 4.0), (1.0, 10.0), -4.0 + 30.0)
        );
        let expected = rotated::vjp((3.0, 4.0), 0.0, (1.0, 10.0));
        assert_eq!((value, (p_bar, angle_bar)), expected);
    }

    #[test]
    fn rebound_is_right() {
        let mut x_bar = 0.0;
        let value = rebound_reverse(0.5, 1.0, &mut x_bar);
        assert_eq!((value, x_bar), rebound::value_and_grad(0.5));
        // s(s + 1) with s = x² + eˣ.
        let s = 0.25 + 0.5_f64.exp();
        assert_near(x_bar, (2.0 * s + 1.0) * (1.0 + 0.5_f64.exp()));
    }

    #[test]
    fn unlucky_names_is_right() {
        let value = unlucky_names(2.0, 3.0, 5.0);
        assert_eq!(value, 132.0);
        // x²·b·(x·b + o).
        let gradient = unlucky_names::grad(2.0, 3.0, 5.0);
        assert_eq!(gradient, (168.0, 68.0, 12.0));
        let (mut a, mut b, mut c) = (0.0, 0.0, 0.0);
        let pasted = unlucky_names_reverse(2.0, 3.0, 5.0, 1.0, &mut a, &mut b, &mut c);
        assert_eq!((pasted, (a, b, c)), (value, gradient));
    }

    #[test]
    fn classified_is_right() {
        let model = Mlp::new(
            &[2, 3, 2],
            Activation::Tanh,
            Activation::Linear,
            Init::Xavier,
            1,
        )
        .expect("the sizes are positive");
        let model_bar = classified::grad(&model, &[1.0, 2.0], 1);
        let mut pasted = model.zero_gradient();
        classified_reverse(&model, &[1.0, 2.0], 1, 1.0, &mut pasted);
        for (own, layer) in pasted.layers.iter().zip(&model_bar.layers) {
            assert_eq!((&own.weight, &own.bias), (&layer.weight, &layer.bias));
        }
        // The adjoints of the logits: softmax minus the class, which sum to 0.
        let logits_bar = &model_bar.layers[1].bias;
        let p = softmax(&mlp(&model, &[1.0, 2.0]));
        assert_near(logits_bar[0], p[0]);
        assert_near(logits_bar[1], p[1] - 1.0);
    }

    #[test]
    fn loops_are_right() {
        let x = [0.3, -0.5, 0.8];
        let mut x_bar = [0.0; 3];
        let value = rosenbrock_reverse(&x, 1.0, &mut x_bar);
        assert_eq!((value, x_bar.to_vec()), rosenbrock::value_and_grad(&x));

        let (mut start_bar, mut rate_bar) = (0.0, 0.0);
        let value = logistic_map_reverse(0.3, 3.5, 9, 1.0, &mut start_bar, &mut rate_bar);
        let expected = logistic_map::value_and_grad(0.3, 3.5, 9);
        assert_eq!((value, (start_bar, rate_bar)), expected);

        let mut a_bar = 0.0;
        assert_eq!(
            (newton_reverse(2.0, 1.0, &mut a_bar), a_bar),
            newton::value_and_grad(2.0)
        );
        assert!((a_bar - 0.5 / 2.0_f64.sqrt()).abs() < 1e-12);
    }

    #[test]
    fn memory_is_right() {
        let (l, b) = ([[2.0, 0.0], [1.0, 4.0]], [1.0, 3.0]);
        let (mut l_bar, mut b_bar) = ([[0.0; 2]; 2], [0.0; 2]);
        let value = forward_substitution_reverse(&l, &b, [1.0, 10.0], &mut l_bar, &mut b_bar);
        let expected = forward_substitution::vjp(&l, &b, [1.0, 10.0]);
        assert_eq!((value, (l_bar, b_bar)), expected);

        let a = [[2.0, 1.0], [3.0, 4.0]];
        let mut a_bar = [[0.0; 2]; 2];
        let value = determinant_reverse(&a, 1.0, &mut a_bar);
        assert_eq!((value, a_bar), determinant::value_and_grad(&a));
        assert_eq!(a_bar, [[4.0, -3.0], [-1.0, 2.0]]);

        let (w, x) = ([[0.1, 0.2, 0.3]; 4], [1.0, -1.0, 0.5]);
        let (mut w_bar, mut x_bar) = ([[0.0; 3]; 4], [0.0; 3]);
        let value = layer_reverse(&w, &x, [1.0; 4], &mut w_bar, &mut x_bar);
        assert_eq!((value, (w_bar, x_bar)), layer::vjp(&w, &x, [1.0; 4]));
    }

    #[test]
    fn vectors_of_changing_length_are_right() {
        let x = [2.0, 3.0, 5.0];
        for (rounds, cotangent) in [(1, vec![1.0, 10.0]), (2, vec![1.0]), (7, vec![1.0])] {
            let mut x_bar = [0.0; 3];
            let value = narrowing_reverse(&x, rounds, cotangent.clone(), &mut x_bar);
            let expected = narrowing::vjp(&x, rounds, cotangent);
            assert_eq!((value, x_bar.to_vec()), expected);
        }
        // (x₀·x₁)·(x₁·x₂).
        let (value, x_bar) = narrowing::vjp(&x, 2, vec![1.0]);
        assert_eq!((value, x_bar), (vec![90.0], vec![45.0, 60.0, 18.0]));
    }

    #[test]
    fn changes_and_calls_are_right() {
        let (mut state, mut state_bar, mut stiffness_bar) = ([1.0, 2.0], [3.0, 4.0], 0.0);
        kick_reverse(&mut state, 5.0, (), &mut state_bar, &mut stiffness_bar);
        let (mut expected, mut expected_bar) = ([1.0, 2.0], [3.0, 4.0]);
        let mut expected_slope = 0.0;
        kick::pullback(&mut expected, 5.0).1((), &mut expected_bar, &mut expected_slope);
        assert_eq!(
            (state, state_bar, stiffness_bar),
            (expected, expected_bar, expected_slope)
        );

        for steps in [0, 1, 50] {
            let mut bar = 0.0;
            let value = swing_reverse(2.0, steps, 1.0, &mut bar);
            assert_eq!((value, bar), swing::value_and_grad(2.0, steps));
        }
        for depth in [0, 1, 5] {
            let mut bar = 0.0;
            let value = nested_sine_reverse(0.7, depth, 1.0, &mut bar);
            assert_eq!((value, bar), nested_sine::value_and_grad(0.7, depth));
        }
    }

    #[test]
    fn smoothed_is_right() {
        let (x, weights, mut x_bar) = ([0.3, -0.5], [2.0, 3.0, 5.0], [0.0; 2]);
        let value = smoothed_reverse(&x, &weights, 1.0, &mut x_bar);
        assert_eq!(
            (value, x_bar.to_vec()),
            smoothed::value_and_grad(&x, &weights)
        );
        // sin(3 sin(3·x₀) + 5·x₁).
        let inner = 3.0 * (0.9_f64).sin() - 2.5;
        assert_near(x_bar[1], 5.0 * inner.cos());
        assert_near(x_bar[0], inner.cos() * 9.0 * 0.9_f64.cos());
    }

    #[test]
    fn jumps_are_right() {
        for program in [&[][..], &[1, 3, 12, 2], &[3, 1, 0, 2]] {
            let mut bar = 0.0;
            let value = programmed_reverse(1.5, program, 1.0, &mut bar);
            assert_eq!((value, bar), programmed::value_and_grad(1.5, program));
        }
        let path = [(0.5, 1.0), (2.0, 3.0), (4.0, 5.0)].map(|(x, y)| Point { x, y });
        for (limit, path_bar, limit_bar) in [
            (2.0, [(0.0, 0.0), (2.0, 10.0), (0.0, 0.0)], 2.0),
            (30.0, [(0.0, 0.0); 3], 1.0 + 600.0),
        ] {
            let mut bars = (path.clone().map(|p| p.zero_gradient()), 0.0);
            let cotangent = PointGradient { x: 1.0, y: 10.0 };
            let value =
                first_beyond_reverse(&path, limit, cotangent.clone(), &mut bars.0, &mut bars.1);
            let expected = first_beyond::vjp(&path, limit, cotangent);
            assert_eq!((value, (bars.0.to_vec(), bars.1)), expected);
            assert_eq!(bars.0.map(|p| (p.x, p.y)), path_bar);
            assert_eq!(bars.1, limit_bar);
        }
    }

    #[test]
    fn what_grows_is_right() {
        let x = [2.0, 3.0, 0.5];
        let mut x_bar = [0.0; 3];
        let value = running_products_reverse(&x, 1.0, &mut x_bar);
        assert_eq!(
            (value, x_bar.to_vec()),
            running_products::value_and_grad(&x)
        );

        for rounds in [0, 1, 6] {
            let mut bar = 0.0;
            let value = damped_reverse(1.5, rounds, 1.0, &mut bar);
            assert_eq!((value, bar), damped::value_and_grad(1.5, rounds));
        }

        let (w, rows, labels) = ([0.5, -1.0], [[1.0, 2.0], [3.0, -1.0]], [0.0, 1.0]);
        let (mut w_bar, mut b_bar) = ([0.0; 2], 0.0);
        let value = log_loss_reverse(&w, 0.1, &rows, &labels, 1.0, &mut w_bar, &mut b_bar);
        let expected = log_loss::value_and_grad(&w, 0.1, &rows, &labels);
        assert_eq!((value, (w_bar, b_bar)), expected);
    }
}
