use super::layer::{dense_jvp, dense_pullback};
use super::network::{mlp_jvp, mlp_pullback};
use super::*;
use crate::activation::Activation;
use crate::activation::check::{Rule, assert_close};
use crate::{Differentiable, Gradient, Leaf, LeafMut, Leaves, Name, Real};

/// Every activation, the ones with a parameter and over the whole layer included.
const ACTIVATIONS: [Activation; 17] = [
    Activation::Linear,
    Activation::Threshold,
    Activation::Sign,
    Activation::Sigmoid,
    Activation::Relu,
    Activation::Tanh,
    Activation::Softplus,
    Activation::LogSigmoid,
    Activation::LeakyRelu(0.25),
    Activation::Elu(1.5),
    Activation::Gelu,
    Activation::Silu,
    Activation::Sin,
    Activation::Sinc,
    Activation::Gaussian,
    Activation::Softmax,
    Activation::LogSoftmax,
];

/// The numbers of all leaves, end to end.
fn flatten(value: &impl Leaves) -> Vec<f64> {
    let mut numbers = Vec::new();
    value.visit(&mut Name::default(), &mut |_, leaf| match leaf {
        Leaf::F64(run) => numbers.extend_from_slice(run),
        Leaf::F32(run) => numbers.extend(run.iter().map(|&x| f64::from(x))),
    });
    numbers
}

/// Writes numbers to all leaves, end to end.
fn fill(value: &mut impl Leaves, numbers: &[f64]) {
    let mut left = numbers;
    value.visit_mut(&mut Name::default(), &mut |_, leaf| match leaf {
        LeafMut::F64(run) => {
            let (taken, rest) = left.split_at(run.len());
            run.copy_from_slice(taken);
            left = rest;
        }
        LeafMut::F32(_) => panic!("these tests are in double precision"),
    });
    assert!(left.is_empty());
}

/// Holds a rule of a model and an input; a point is the model's numbers and then the input's.
fn check_rule<M>(
    shape: &M,
    points: &[&[f64]],
    value: impl Fn(&M, &[f64]) -> Vec<f64>,
    pull: impl Fn(&M, &[f64], Vec<f64>, &mut M::Gradient, &mut [f64]),
    jvp: impl Fn(&M, &[f64], &M::Gradient, &[f64]) -> (Vec<f64>, Vec<f64>),
) where
    M: Differentiable + Clone,
{
    let split = flatten(shape).len();
    let model = |z: &[f64]| {
        let mut model = shape.clone();
        fill(&mut model, &z[..split]);
        model
    };
    let gradient = |z: &[f64]| {
        let mut gradient = shape.zero_gradient();
        fill(&mut gradient, &z[..split]);
        gradient
    };
    Rule::new(
        |z| value(&model(z), &z[split..]),
        |z, u, bars| {
            let mut model_bar = gradient(bars);
            pull(
                &model(z),
                &z[split..],
                u.to_vec(),
                &mut model_bar,
                &mut bars[split..],
            );
            bars[..split].copy_from_slice(&flatten(&model_bar));
        },
        |z, v| jvp(&model(z), &z[split..], &gradient(v), &v[split..]),
    )
    .check(points);
}

fn check_mlp(model: &Mlp, x: &[f64]) {
    let point = [flatten(model), x.to_vec()].concat();
    check_rule(
        model,
        &[&point],
        mlp,
        |model, x, y_bar, model_bar, x_bar| mlp_pullback(model, x).1(y_bar, model_bar, x_bar),
        mlp_jvp,
    );
}

#[test]
fn layer_rules_agree_for_every_activation() {
    for activation in ACTIVATIONS {
        let layer = Dense::new(5, 4, activation, Init::He, 3).unwrap();
        let point = [flatten(&layer), vec![0.7, -1.3, 0.2, 0.9, -0.4]].concat();
        check_rule(
            &layer,
            &[&point],
            dense,
            |layer, x, y_bar, layer_bar, x_bar| dense_pullback(layer, x).1(y_bar, layer_bar, x_bar),
            dense_jvp,
        );
        assert_eq!(
            dense(&layer, &point[point.len() - 5..]),
            activation.apply(&dense(
                &Dense {
                    activation: Activation::Linear,
                    ..layer.clone()
                },
                &point[point.len() - 5..]
            )),
        );
    }
}

#[test]
fn network_rules_agree() {
    for sizes in [&[3, 2][..], &[2, 5, 1], &[4, 9, 17, 3], &[1, 1, 1, 1]] {
        for output in [
            Activation::Linear,
            Activation::Softmax,
            Activation::LogSoftmax,
        ] {
            let model = Mlp::new(sizes, Activation::Tanh, output, Init::Xavier, 11).unwrap();
            let x: Vec<f64> = (0..sizes[0]).map(|i| (i as f64 + 0.5).sin()).collect();
            check_mlp(&model, &x);
        }
    }
    // Wide enough for whole blocks of the dot product, without biases, one activation per layer.
    let model = Mlp::builder(16)
        .layer(19, Activation::Silu)
        .layer(8, Activation::Softplus)
        .layer(2, Activation::Sigmoid)
        .bias(false)
        .seed(5)
        .build()
        .unwrap();
    assert_eq!(model.parameter_count(), 16 * 19 + 19 * 8 + 8 * 2);
    let x: Vec<f64> = (0..16).map(|i| (i as f64).cos()).collect();
    check_mlp(&model, &x);
}

/// A 3-2-2 network with tanh and softmax. Expected: 50 digits of `mpmath`, the outputs `y` by the
/// formula and the gradient of `y[0] - y[1]/2` by `mpmath.diff`, number by number.
#[test]
fn a_small_network_matches_the_reference() {
    let mut model = Mlp::new(
        &[3, 2, 2],
        Activation::Tanh,
        Activation::Softmax,
        Init::Zeros,
        0,
    )
    .unwrap();
    let x = [0.7, -1.1, 0.4];
    fill(
        &mut model,
        &[
            0.5, -0.25, 1.5, -1.0, 0.75, 0.125, 0.1, -0.2, 0.3, -0.6, 1.2, 0.9, -0.05, 0.4,
        ],
    );
    let (y, pullback) = mlp_pullback(&model, &x);
    assert_eq!(y, mlp(&model, &x));
    assert_close(y[0], 0.5416767560799964);
    assert_close(y[1], 0.4583232439200036);
    let mut model_bar = model.zero_gradient();
    let mut x_bar = [0.0; 3];
    pullback(vec![1.0, -0.5], &mut model_bar, &mut x_bar);
    let expected = [
        -0.05783989275838517,
        0.09089126004889099,
        -0.03305136729050581,
        -0.05121705822354019,
        0.08048394863699174,
        -0.02926689041345154,
        -0.08262841822626453,
        -0.07316722603362885,
        0.3232466741110757,
        -0.3471498217038496,
        -0.3232466741110757,
        0.3471498217038496,
        0.37239457200397275,
        -0.37239457200397275,
        0.03185301692049659,
        -0.0342183149686555,
        -0.1330885305936004,
    ];
    let found = [flatten(&model_bar), x_bar.to_vec()].concat();
    assert_eq!(found.len(), expected.len());
    for (found, expected) in found.into_iter().zip(expected) {
        assert!(
            (found - expected).abs() < 1e-15,
            "got {found}, expected {expected}"
        );
    }

    // The pullback can be asked again, and adds.
    pullback(vec![1.0, -0.5], &mut model_bar, &mut x_bar);
    model_bar.scale(0.5);
    assert_close(model_bar.layers[1].bias[0], expected[12]);
}

#[test]
fn parameters_have_names() {
    let model = Mlp::new(
        &[4, 8, 3],
        Activation::Relu,
        Activation::Linear,
        Init::He,
        1,
    )
    .unwrap();
    let mut names = Vec::new();
    model.visit(&mut Name::default(), &mut |name, leaf| match leaf {
        Leaf::F64(run) => names.push((name.to_owned(), run.len())),
        Leaf::F32(_) => panic!("a network is in double precision unless cast"),
    });
    let expected = [
        ("layers.0.weight", 32),
        ("layers.0.bias", 8),
        ("layers.1.weight", 24),
        ("layers.1.bias", 3),
    ];
    assert_eq!(
        names,
        expected.map(|(name, length)| (name.to_owned(), length))
    );
    assert_eq!(model.parameter_count(), 67);
}

#[test]
fn the_dot_product_of_any_length_is_exact_on_integers() {
    for length in 0..40_i32 {
        let a: Vec<f64> = (0..length).map(f64::from).collect();
        let b: Vec<f64> = (0..length).map(|i| f64::from(2 * i - 7)).collect();
        let expected: i32 = (0..length).map(|i| i * (2 * i - 7)).sum();
        assert_eq!(kernels::dot(&a, &b), f64::from(expected));
    }
}

#[test]
fn single_precision_follows_double() {
    let model = Mlp::new(
        &[3, 20, 2],
        Activation::Gelu,
        Activation::LogSoftmax,
        Init::Xavier,
        2,
    )
    .unwrap();
    let (x, x_single) = ([0.3, -0.7, 1.1], [0.3_f32, -0.7, 1.1]);
    let single = model.cast::<f32>();
    for (y, y_single) in mlp(&model, &x).into_iter().zip(mlp(&single, &x_single)) {
        assert!((y - y_single.to_f64()).abs() < 1e-6);
    }
    let (mut bar, mut bar_single) = (model.zero_gradient(), single.zero_gradient());
    mlp_pullback(&model, &x).1(vec![1.0, 0.5], &mut bar, &mut [0.0; 3]);
    mlp_pullback(&single, &x_single).1(vec![1.0, 0.5], &mut bar_single, &mut [0.0; 3]);
    for (bar, bar_single) in flatten(&bar).into_iter().zip(flatten(&bar_single)) {
        assert!((bar - bar_single).abs() < 1e-5);
    }
}

/// Mean and variance of the weights of a wide layer.
fn moments(init: Init) -> (f64, f64) {
    let weight = Dense::new(300, 100, Activation::Linear, init, 42)
        .unwrap()
        .weight;
    let count = weight.len() as f64;
    let mean = weight.iter().sum::<f64>() / count;
    (
        mean,
        weight.iter().map(|w| (w - mean).powi(2)).sum::<f64>() / count,
    )
}

#[test]
fn initial_weights_have_the_variance_of_the_papers() {
    for (init, variance) in [
        (Init::Uniform(0.5), 0.25 / 3.0),
        (Init::Xavier, 2.0 / 400.0),
        (Init::He, 2.0 / 300.0),
        (Init::Zeros, 0.0),
    ] {
        let (mean, found) = moments(init);
        // 30,000 draws: four standard errors of the mean, and 3 % of the variance.
        assert!(
            mean.abs() <= 4.0 * (variance / 30_000.0).sqrt(),
            "{init}: mean {mean}"
        );
        assert!(
            (found - variance).abs() <= 0.03 * variance,
            "{init}: variance {found}"
        );
    }
    let weight = Dense::new(300, 100, Activation::Linear, Init::Uniform(0.5), 42)
        .unwrap()
        .weight;
    assert!(weight.iter().all(|w| (-0.5..0.5).contains(w)));
}

/// Expected: SplitMix64 and xoshiro256++ in Python, `2 * (next() >> 11) * 2**-53 - 1`, and
/// `sqrt(-2 * log(1 - u)) * cos(2 * pi * v)` of pairs of the same numbers.
#[test]
fn the_stream_of_a_seed_is_fixed() {
    let weights = |init| {
        Dense::new(2, 3, Activation::Linear, init, 7)
            .unwrap()
            .weight
    };
    let uniform = [
        -0.8892791270433338,
        -0.6557682911037646,
        0.4351522567173187,
        -0.1455803614169895,
        0.9273190437624592,
        -0.06859262171904312,
    ];
    assert_eq!(weights(Init::Uniform(1.0)), uniform);
    let normal = [0.15864398364230053, -1.4267532562805325, -2.515258995020244];
    for (found, expected) in weights(Init::He).into_iter().zip(normal) {
        assert!(
            (found - expected).abs() < 1e-14,
            "got {found}, expected {expected}"
        );
    }
}

#[test]
fn seeds_are_reproducible_and_differ() {
    let build = |seed| {
        Mlp::new(
            &[2, 2, 1],
            Activation::Tanh,
            Activation::Linear,
            Init::Xavier,
            seed,
        )
        .unwrap()
    };
    assert_eq!(build(7), build(7));
    assert_ne!(build(7), build(8));
    let model = build(7);
    assert_ne!(model.layers[0].weight[..2], model.layers[1].weight);
}

#[test]
fn unsound_shapes_are_errors() {
    let build = |sizes: &[usize], init| {
        Mlp::new(sizes, Activation::Tanh, Activation::Linear, init, 0)
            .unwrap_err()
            .to_string()
    };
    assert!(build(&[], Init::Xavier).contains("at least one layer"));
    assert!(build(&[4], Init::Xavier).contains("at least one layer"));
    assert_eq!(build(&[4, 0, 3], Init::He), "layer 0 has a size of 0");
    assert_eq!(build(&[4, 2, 0], Init::He), "layer 1 has a size of 0");
    assert_eq!(build(&[0, 2], Init::He), "layer 0 has a size of 0");
    for limit in [f64::NAN, f64::INFINITY, 0.0, -1.0] {
        assert!(build(&[4, 3], Init::Uniform(limit)).contains("finite and positive"));
    }
    assert_eq!(
        Mlp::<f64>::from_layers(Vec::new()),
        Err(NetworkError::NoLayers)
    );
    assert_eq!(
        Dense::new(3, 0, Activation::Relu, Init::He, 0),
        Err(NetworkError::ZeroWidth { layer: 0 })
    );
}

#[test]
#[should_panic(expected = "an input of length 3 meets a layer with 4 inputs")]
fn an_input_of_another_length_is_refused() {
    let model = Mlp::new(
        &[4, 2, 1],
        Activation::Tanh,
        Activation::Linear,
        Init::Xavier,
        0,
    )
    .unwrap();
    mlp(&model, &[1.0, 2.0, 3.0]);
}

#[test]
#[should_panic(expected = "5 weights and 2 biases do not make a layer of 3 inputs and 2 outputs")]
fn weights_that_do_not_fit_are_refused() {
    let mut layer = Dense::new(3, 2, Activation::Tanh, Init::Zeros, 0).unwrap();
    layer.weight.pop();
    dense(&layer, &[1.0, 2.0, 3.0]);
}

#[test]
#[should_panic(expected = "a gradient of 1 layers meets a network of 2")]
fn a_gradient_of_another_network_is_refused() {
    let network = |sizes: &[usize]| {
        Mlp::new(sizes, Activation::Tanh, Activation::Linear, Init::He, 0).unwrap()
    };
    let (model, other) = (network(&[2, 3, 1]), network(&[2, 1]));
    mlp_pullback(&model, &[1.0, 2.0]).1(vec![1.0], &mut other.zero_gradient(), &mut [0.0; 2]);
}

#[test]
fn the_summary_lines_up() {
    let model = Mlp::builder(784)
        .layer(128, Activation::LeakyRelu(0.01))
        .layer(10, Activation::Softmax)
        .build()
        .unwrap();
    let summary = model.summary();
    assert_eq!(summary.parameters(), model.parameter_count());
    let text = summary.to_string();
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(lines.len(), 6);
    assert_eq!(
        lines[2],
        "layers.0  784 -> 128  leaky_relu(0.01)      100480"
    );
    assert_eq!(
        lines[5],
        "total                                       101770"
    );
    let width = lines[0].len();
    assert!(lines.iter().all(|line| line.len() == width));
}

#[test]
fn activations_have_names_that_can_be_read_back() {
    for activation in ACTIVATIONS {
        assert_eq!(activation.to_string().parse(), Ok(activation));
    }
    assert_eq!("elu".parse(), Ok(Activation::Elu(1.0)));
    assert_eq!("leaky_relu".parse(), Ok(Activation::LeakyRelu(0.01)));
    for text in [
        "", "Relu", "relu(1)", "elu(", "elu()", "elu(x)", "elu(nan)", "elu(1) ",
    ] {
        let error = text.parse::<Activation>().unwrap_err().to_string();
        assert!(
            error.starts_with(&format!("`{text}` is not an activation")),
            "{error}"
        );
    }
}
