//! The runtime's own functions inside of a user's: activations over slices, losses and layers.

use autodiff_runtime::gradcheck::gradcheck;
use autodiff_runtime::nn::{DenseGradient, MlpGradient};
use autodiff_runtime::prelude::*;
use autodiff_tests::companion;
use autodiff_tests::points::Points;

mod losses {
    use super::*;

    #[differentiable]
    fn squared(x: f64, y: f64) -> f64 {
        squared_error(x * y, y)
    }

    #[differentiable]
    fn likelihood(x: f64, y: f64) -> f64 {
        nll(sigmoid(x), y) + nll_with_logits(x * y, y)
    }

    #[differentiable]
    fn margin(x: f64, y: f64) -> f64 {
        3.0 + hinge(x * x, y) + pairwise_ranking(x, y)
    }

    #[test]
    fn of_scalars_by_every_oracle() {
        let mut points = Points::seeded(1);
        for _ in 0..100 {
            let point = points.inside([(-2.0, 2.0), (0.1, 0.9)]);
            companion!(f64, 2, squared).check(point);
            companion!(f64, 2, likelihood).check(point);
            // The hinge bends where y·x² = 1.
            if (point[1] * point[0] * point[0] - 1.0).abs() > 0.1 {
                companion!(f64, 2, margin).check(point);
            }
        }
    }

    #[differentiable]
    fn of_slices(w: &[f64], x: &[f64; 3], k: usize) -> f64 {
        let scaled = [w[0] * x[0], w[1] * x[1], w[2] * x[2]];
        let p = softmax(&scaled);
        mean_squared_error(&p, x)
            + cross_entropy(&scaled, k)
            + nll_categorical(&p, k)
            + logsumexp(w)
            + polynomial(w[0], x)
    }

    #[test]
    fn of_slices_by_gradcheck() {
        for k in 0..3 {
            let report = gradcheck(
                |(w, x): &(Vec<f64>, [f64; 3])| of_slices(w, x, k),
                |(w, x): &(Vec<f64>, [f64; 3])| of_slices::value_and_grad(w, x, k),
                |(w, x): &(Vec<f64>, [f64; 3]), (w_dot, x_dot): &(Vec<f64>, [f64; 3])| {
                    of_slices::jvp(w, x, k, w_dot, x_dot)
                },
                &(vec![0.5, -1.0, 2.0], [0.3, 0.7, -0.4]),
            );
            report.assert();
        }
    }

    #[differentiable]
    fn elementwise_layers(x: &[f64; 3], slope: f64) -> f64 {
        let a = elementwise::tanh(x);
        let b = elementwise::leaky_relu(&a, slope);
        let c = elementwise::sigmoid(&b);
        c[0] * c[1] + c[2] * b[0] + log_softmax(&c)[1]
    }

    /// The same by scalar functions.
    #[differentiable]
    fn elementwise_by_hand(x: &[f64; 3], slope: f64) -> f64 {
        let b0 = x[0].tanh().leaky_relu(slope);
        let b1 = x[1].tanh().leaky_relu(slope);
        let b2 = x[2].tanh().leaky_relu(slope);
        let (c0, c1, c2) = (sigmoid(b0), sigmoid(b1), sigmoid(b2));
        c0 * c1 + c2 * b0 + c1 - (c0.exp() + c1.exp() + c2.exp()).ln()
    }

    #[test]
    fn elementwise_functions_agree_with_scalar_ones() {
        let x = [0.5, -1.5, 2.0];
        let (value, (x_bar, slope_bar)) = elementwise_layers::value_and_grad(&x, 0.1);
        let (expected, (exact, slope_exact)) = elementwise_by_hand::value_and_grad(&x, 0.1);
        assert!((value - expected).abs() < 1e-15);
        assert!((slope_bar - slope_exact).abs() < 1e-15);
        for (bar, exact) in x_bar.iter().zip(exact) {
            assert!((bar - exact).abs() < 1e-15, "{bar}, {exact}");
        }
    }
}

mod networks {
    use super::*;

    #[differentiable(wrt(model))]
    fn loss(model: &Mlp, x: &[f64], class: usize) -> f64 {
        let z = mlp(model, x);
        cross_entropy(&z, class)
    }

    #[differentiable]
    fn loss_in_the_input(#[constant] model: &Mlp, x: &[f64], class: usize) -> f64 {
        cross_entropy(&mlp(model, x), class)
    }

    fn model() -> Mlp {
        Mlp::new(
            &[2, 4, 3],
            Activation::Tanh,
            Activation::Linear,
            Init::Xavier,
            5,
        )
        .expect("the sizes are positive")
    }

    #[test]
    fn by_gradcheck() {
        let x = [0.5, -1.0];
        for class in 0..3 {
            gradcheck(
                |model: &Mlp| loss(model, &x, class),
                |model: &Mlp| loss::value_and_grad(model, &x, class),
                |model: &Mlp, dot: &MlpGradient<f64>| loss::jvp(model, &x, class, dot),
                &model(),
            )
            .assert();
            let model = model();
            gradcheck(
                |x: &Vec<f64>| loss_in_the_input(&model, x, class),
                |x: &Vec<f64>| loss_in_the_input::value_and_grad(&model, x, class),
                |x: &Vec<f64>, dot: &Vec<f64>| loss_in_the_input::jvp(&model, x, class, dot),
                &x.to_vec(),
            )
            .assert();
        }
    }

    #[test]
    fn batches_accumulate() {
        let model = model();
        let batch = [([0.5, -1.0], 0), ([1.5, 2.0], 2)];
        let mut sum = model.zero_gradient();
        for (x, class) in &batch {
            loss::grad_into(&model, x, *class, &mut sum);
        }
        let mut expected = loss::grad(&model, &batch[0].0, 0);
        expected.add(&loss::grad(&model, &batch[1].0, 2));
        assert_eq!(sum, expected);
    }

    #[derive(Clone, Debug, Differentiable)]
    struct TwoHeads {
        body: Dense,
        heads: (Dense, Dense),
        temperature: f64,
    }

    #[differentiable]
    fn two_heads(model: &TwoHeads, x: &[f64; 2]) -> f64 {
        let hidden = dense(&model.body, x);
        let left = dense(&model.heads.0, &hidden);
        let right = dense(&model.heads.1, &hidden);
        let scaled = [left[0] / model.temperature, right[1] * left[0]];
        softmax(&scaled)[1].ln() + hidden[2]
    }

    #[test]
    fn layers_inside_of_structs() {
        let layer = |inputs, outputs, seed| {
            Dense::new(
                inputs,
                outputs,
                Activation::Sigmoid,
                Init::Uniform(1.0),
                seed,
            )
            .expect("the sizes are positive")
        };
        let model = TwoHeads {
            body: layer(2, 3, 1),
            heads: (layer(3, 1, 2), layer(3, 2, 3)),
            temperature: 0.5,
        };
        let x = [0.7, -0.3];
        gradcheck(
            |model: &TwoHeads| two_heads(model, &x),
            |model: &TwoHeads| {
                let (value, (gradient, _)) = two_heads::value_and_grad(model, &x);
                (value, gradient)
            },
            |model: &TwoHeads, dot: &TwoHeadsGradient| two_heads::jvp(model, &x, dot, &[0.0; 2]),
            &model,
        )
        .assert();
        let head: DenseGradient<f64> = two_heads::grad(&model, &x).0.heads.1;
        // Of the second head, only the second row is used.
        assert!(head.weight[..3].iter().all(|w| *w == 0.0));
        assert!(head.weight[3..].iter().all(|w| *w != 0.0));
    }
}
