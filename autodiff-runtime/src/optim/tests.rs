use super::*;

/// The gradients of three steps from (1, −2), the same for every optimiser.
const SLOPES: [[f64; 2]; 3] = [[0.5, -4.0], [0.25, 3.0], [-1.0, 0.125]];

/// Checks the parameters after each step against values computed from the formulas in 50-digit
/// decimal arithmetic.
fn check_steps(mut optimiser: impl Optimiser, expected: [[f64; 2]; 3]) {
    let mut point = [1.0, -2.0];
    for (slope, expected) in SLOPES.iter().zip(expected) {
        optimiser.step(&mut point, slope).unwrap();
        for (found, expected) in point.iter().zip(expected) {
            assert!(
                (found - expected).abs() <= 4e-15,
                "{found} instead of {expected}"
            );
        }
    }
}

#[test]
fn sgd_takes_the_computed_steps() {
    check_steps(
        Sgd::new(0.1),
        [[0.95, -1.6], [0.925, -1.9], [1.025, -1.9125]],
    );
}

#[test]
fn momentum_takes_the_computed_steps() {
    check_steps(
        Momentum::new(0.1),
        [[0.95, -1.6], [0.88, -1.54], [0.917, -1.4985]],
    );
}

#[test]
fn nesterov_takes_the_computed_steps() {
    check_steps(
        Nesterov::new(0.1),
        [[0.905, -1.24], [0.817, -1.486], [0.9503, -1.46115]],
    );
}

#[test]
fn rmsprop_takes_the_computed_steps() {
    check_steps(
        RmsProp::new(0.1),
        [
            [1.99999960000008e-07, -1.0000000249999994],
            [-0.44901297442183047, -1.6019292783515509],
            [0.42572661607132545, -1.627128010146185],
        ],
    );
}

#[test]
fn adam_takes_the_computed_steps() {
    check_steps(
        Adam::new(0.1),
        [
            [0.900000002, -1.90000000025],
            [0.8067820404774617, -1.8910674995347354],
            [0.8274177428854107, -1.885762655484657],
        ],
    );
}

#[test]
fn adamw_takes_the_computed_steps() {
    check_steps(
        AdamW::new(0.1),
        [
            [0.899000002, -1.89800000025],
            [0.8048830404754617, -1.8871694995344854],
            [0.8247138598429353, -1.8799774859848724],
        ],
    );
}

/// From the origin to the minimum of `½·Σ cᵢ·(xᵢ − aᵢ)²`, a bowl ten times steeper one way than the
/// other, over the leaves of a nested model.
fn check_convergence(mut optimiser: impl Optimiser, steps: usize, tolerance: f64) {
    type Model = (f64, Vec<[f64; 2]>);
    let minimum: Model = (3.0, vec![[-1.0, 0.5], [2.0, -0.25]]);
    let slope = |x: f64, target: f64, curvature: f64| curvature * (x - target);
    let mut model: Model = (0.0, vec![[0.0; 2]; 2]);
    for _ in 0..steps {
        let pairs = model.1.iter().zip(&minimum.1);
        let gradient = (
            slope(model.0, minimum.0, 1.0),
            pairs
                .map(|(x, a)| [slope(x[0], a[0], 0.1), slope(x[1], a[1], 1.0)])
                .collect(),
        );
        optimiser.step(&mut model, &gradient).unwrap();
    }
    let distance = (model.0 - minimum.0).powi(2)
        + model
            .1
            .iter()
            .zip(&minimum.1)
            .map(|(x, a)| (x[0] - a[0]).powi(2) + (x[1] - a[1]).powi(2))
            .sum::<f64>();
    assert!(distance.sqrt() < tolerance, "{model:?}");
}

#[test]
fn all_converge_on_a_quadratic() {
    check_convergence(Sgd::new(0.5), 1000, 1e-9);
    check_convergence(Momentum::new(0.1), 1000, 1e-9);
    check_convergence(Nesterov::new(0.1), 1000, 1e-9);
    // Steps of RMSProp do not shrink below its rate times a sign, so it stays that far away.
    check_convergence(RmsProp::new(1e-3), 10_000, 2e-3);
    check_convergence(Adam::new(0.05), 2000, 1e-6);
    check_convergence(AdamW::new(0.05).weight_decay(0.0), 2000, 1e-6);
}

#[test]
fn weight_decay_pulls_towards_zero() {
    let mut optimiser = AdamW::new(0.1).weight_decay(0.5);
    let mut point = 4.0;
    optimiser.step(&mut point, &0.0).unwrap();
    assert_eq!(point, 4.0 - 0.1 * 0.5 * 4.0);
}

/// The same steps in both precisions, over leaves long enough for every way in which the loop is
/// compiled, agree to single precision.
#[test]
fn single_precision_takes_the_same_steps() {
    fn check(optimiser: impl Optimiser) {
        let slope = |step: usize, index: usize| ((step * 7 + index * 3) % 11) as f64 / 8.0 - 0.6;
        for length in [1, 3, 8, 37] {
            let (mut in_single, mut in_double) = (optimiser.clone(), optimiser.clone());
            let mut single = vec![1.0_f32; length];
            let mut double = vec![1.0_f64; length];
            for step in 0..50 {
                let slopes: Vec<f64> = (0..length).map(|index| slope(step, index)).collect();
                let rounded = slopes.iter().map(|&slope| slope as f32).collect();
                in_single.step(&mut single, &rounded).unwrap();
                in_double.step(&mut double, &slopes).unwrap();
            }
            for (single, double) in single.iter().zip(&double) {
                assert!(
                    (f64::from(*single) - double).abs() < 2e-5,
                    "{single} {double}"
                );
            }
        }
    }
    check(Sgd::new(0.01));
    check(Momentum::new(0.01));
    check(Nesterov::new(0.01));
    check(RmsProp::new(0.01));
    check(Adam::new(0.01));
    check(AdamW::new(0.01));
}

#[test]
fn state_is_named_and_counted() {
    fn names(mut optimiser: impl Optimiser) -> Vec<&'static str> {
        optimiser
            .step(&mut (1.0, [2.0_f32]), &(1.0, [1.0]))
            .unwrap();
        optimiser
            .step(&mut (1.0, [2.0_f32]), &(1.0, [1.0]))
            .unwrap();
        let state = optimiser.state();
        assert_eq!(state.steps, 2);
        state.slots.iter().map(|(name, _)| *name).collect()
    }
    assert!(names(Sgd::new(0.1)).is_empty());
    assert_eq!(names(Momentum::new(0.1)), ["velocity"]);
    assert_eq!(names(Nesterov::new(0.1)), ["velocity"]);
    assert_eq!(names(RmsProp::new(0.1)), ["square"]);
    assert_eq!(names(Adam::new(0.1)), ["mean", "square"]);
    assert_eq!(names(AdamW::new(0.1)), ["mean", "square"]);
}

#[test]
fn the_learning_rate_can_change_between_steps() {
    let mut optimiser = Sgd::new(0.5);
    let mut point = 1.0;
    optimiser.step(&mut point, &1.0).unwrap();
    optimiser.set_learning_rate(0.25);
    optimiser.step(&mut point, &1.0).unwrap();
    assert_eq!((point, optimiser.learning_rate()), (0.25, 0.25));
}

#[test]
fn reset_forgets_the_state() {
    let fresh = Adam::new(0.01);
    let mut used = fresh.clone();
    used.step(&mut 1.0, &2.0).unwrap();
    assert_ne!(used, fresh);
    used.reset();
    assert_eq!(used, fresh);
}

#[test]
fn hyper_parameters_out_of_range_change_nothing() {
    fn refused(mut optimiser: impl Optimiser) -> String {
        let mut point = 1.0;
        let error = optimiser.step(&mut point, &1.0).unwrap_err();
        assert_eq!(point, 1.0);
        assert_eq!(
            optimiser.check().unwrap_err().to_string(),
            error.to_string()
        );
        error.to_string()
    }
    assert_eq!(
        refused(Sgd::new(-0.1)),
        "Sgd: the learning rate must be positive and finite, not -0.1"
    );
    assert_eq!(
        refused(Momentum::new(0.1).momentum(1.0)),
        "Momentum: the momentum must be at least 0 and below 1, not 1"
    );
    assert_eq!(
        refused(Nesterov::new(f64::NAN)),
        "Nesterov: the learning rate must be positive and finite, not NaN"
    );
    assert_eq!(
        refused(RmsProp::new(0.1).epsilon(0.0)),
        "RmsProp: the epsilon must be positive and finite, not 0"
    );
    assert_eq!(
        refused(Adam::new(0.1).beta2(-1.0)),
        "Adam: the beta2 must be at least 0 and below 1, not -1"
    );
    assert_eq!(
        refused(AdamW::new(0.1).weight_decay(-0.5)),
        "AdamW: the weight decay must be at least 0 and finite, not -0.5"
    );
    assert_eq!(
        refused(AdamW::new(f64::INFINITY)),
        "AdamW: the learning rate must be positive and finite, not inf"
    );
}

#[test]
#[should_panic(expected = "the leaf `self` (2 × f64) meets numbers of another shape: 1 × f64")]
fn a_larger_model_needs_a_reset() {
    let mut optimiser = Momentum::new(0.1);
    optimiser.step(&mut vec![0.0], &vec![1.0]).unwrap();
    optimiser.step(&mut vec![0.0; 2], &vec![1.0; 2]).unwrap();
}

#[test]
#[should_panic(
    expected = "moved a model of another shape before: it has 1 leaves with 2 numbers of velocity, and there are 1 with 1"
)]
fn a_smaller_model_needs_a_reset() {
    let mut optimiser = Momentum::new(0.1);
    let flat = |numbers: &Vec<f64>| Flat::of(numbers);
    optimiser
        .step_flat(&mut vec![0.0; 2], &flat(&vec![1.0; 2]))
        .unwrap();
    optimiser
        .step_flat(&mut vec![0.0], &flat(&vec![1.0]))
        .unwrap();
}

#[test]
#[should_panic(expected = "the leaf `self` (1 × f64) meets numbers of another shape: 2 × f64")]
fn a_gradient_has_the_shape_of_the_model() {
    Sgd::new(0.1).step(&mut vec![0.0], &vec![1.0; 2]).unwrap();
}
