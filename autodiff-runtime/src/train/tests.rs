use std::cell::Cell;
use std::fmt::Debug;

use super::*;
use crate::data::Planar;
use crate::differentiable::{Gradient, Leaf, LeafMut, Leaves, Name, OneByOne};
use crate::optim::{Adam, AdamW, Momentum, Nesterov, RmsProp, Sgd};

/// A linear classifier with named leaves, and its gradient (the same shape).
#[derive(Clone, Debug, PartialEq)]
struct Linear {
    weight: [f64; 2],
    bias: f64,
}

impl Leaves for Linear {
    fn visit<'a>(&'a self, name: &mut Name, f: &mut dyn FnMut(&str, Leaf<'a>)) {
        name.within("weight", |name| self.weight.visit(name, f));
        name.within("bias", |name| self.bias.visit(name, f));
    }

    fn visit_mut<'a>(&'a mut self, name: &mut Name, f: &mut dyn FnMut(&str, LeafMut<'a>)) {
        name.within("weight", |name| self.weight.visit_mut(name, f));
        name.within("bias", |name| self.bias.visit_mut(name, f));
    }
}

impl Gradient for Linear {
    fn set_zero(&mut self) {
        *self = self.zero_gradient();
    }

    fn add(&mut self, other: &Self) {
        self.add_scaled(1.0, other);
    }

    fn add_scaled(&mut self, factor: f64, other: &Self) {
        self.weight.add_scaled(factor, &other.weight);
        self.bias.add_scaled(factor, &other.bias);
    }

    fn scale(&mut self, factor: f64) {
        self.weight.scale(factor);
        self.bias.scale(factor);
    }

    fn inner(&self, other: &Self) -> f64 {
        self.weight.inner(&other.weight) + self.bias.inner(&other.bias)
    }
}

impl Differentiable for Linear {
    type Gradient = Self;
    type Tangents<const WIDTH: usize> = OneByOne;

    fn zero_gradient(&self) -> Self {
        Linear {
            weight: [0.0; 2],
            bias: 0.0,
        }
    }

    fn zero_tangents<const WIDTH: usize>(&self) -> OneByOne {
        OneByOne
    }
}

fn score(model: &Linear, x: &[f64; 2]) -> f64 {
    model.weight[0] * x[0] + model.weight[1] * x[1] + model.bias
}

/// The logistic loss `ln(1 + exp(−s·score))`, `s = ±1`; of the shape the macro generates.
fn nll_grad_into(model: &Linear, x: &[f64; 2], y: usize, bar: &mut Linear) -> f64 {
    let sign = 2.0 * y as f64 - 1.0;
    let margin = sign * score(model, x);
    let slope = -sign / (1.0 + margin.exp());
    bar.weight[0] += slope * x[0];
    bar.weight[1] += slope * x[1];
    bar.bias += slope;
    (-margin).exp().ln_1p()
}

fn start() -> Linear {
    Linear {
        weight: [0.0; 2],
        bias: 0.0,
    }
}

#[test]
fn every_optimiser_trains_the_same_call() {
    fn trains(optimiser: impl Optimiser + Debug) {
        let (train, test) = Planar::Diagonal.sample(300, 4).split(0.2, 4).unwrap();
        let mut model = start();
        let trainer = Trainer::new(optimiser.clone())
            .epochs(200)
            .batch_size(16)
            .seed(1);
        let history = trainer.fit(&mut model, &train, nll_grad_into).unwrap();
        let losses = history.losses();
        assert_eq!(losses.len(), 200);
        assert!(
            losses[199] < 0.3 * losses[0],
            "{optimiser:?}: {} to {}",
            losses[0],
            losses[199]
        );
        let predicted: Vec<usize> = test
            .iter()
            .map(|(x, _)| usize::from(score(&model, x) > 0.0))
            .collect();
        assert!(accuracy(&predicted, test.targets()) > 0.9, "{optimiser:?}");
    }
    trains(Sgd::new(2.0));
    trains(Momentum::new(0.5));
    trains(Nesterov::new(0.5));
    trains(RmsProp::new(0.02));
    trains(Adam::new(0.1));
    trains(AdamW::new(0.1).weight_decay(1e-4));
}

#[test]
fn batches_average_the_gradient() {
    // Loss ½·(w − y)²: one epoch in one batch is one step against the mean of w − y.
    let data = Dataset::new(vec![(); 4], vec![1.0, 2.0, 3.0, 6.0]).unwrap();
    let mut w = 0.0;
    let trainer = Trainer::new(Sgd::new(1.0)).epochs(1).batch_size(100);
    let history = trainer
        .fit(&mut w, &data, |w, (), y, bar| {
            *bar += w - y;
            0.5 * (w - y) * (w - y)
        })
        .unwrap();
    assert_eq!(w, 3.0);
    assert_eq!(history.losses(), [(0.5 + 2.0 + 4.5 + 18.0) / 4.0]);
}

#[test]
fn every_row_is_seen_once_an_epoch_in_an_order_from_the_seed() {
    let data = Dataset::new((0..10).collect::<Vec<usize>>(), vec![(); 10]).unwrap();
    let order = |seed| {
        let mut seen = Vec::new();
        Trainer::new(Sgd::new(1.0))
            .epochs(2)
            .batch_size(3)
            .seed(seed)
            .fit(&mut 0.0, &data, |_: &f64, row, (), _| {
                seen.push(row);
                0.0
            })
            .unwrap();
        seen
    };
    let seen = order(5);
    for epoch in seen.chunks(10) {
        let mut rows = epoch.to_vec();
        rows.sort_unstable();
        assert_eq!(rows, (0..10).collect::<Vec<_>>());
    }
    assert_ne!(seen[..10], seen[10..]);
    assert_eq!(seen, order(5));
    assert_ne!(seen, order(6));
}

#[test]
fn training_again_gives_the_same_model() {
    let data = Planar::Xor.sample(50, 0);
    let trainer = Trainer::new(Adam::new(0.1)).epochs(5);
    let (mut first, mut second) = (start(), start());
    let history = trainer.fit(&mut first, &data, nll_grad_into).unwrap();
    assert_eq!(
        trainer.fit(&mut second, &data, nll_grad_into).unwrap(),
        history
    );
    assert_eq!(first, second);
}

/// Function items of the signatures the macro generates, for every kind of row and target.
#[test]
fn rows_and_targets_of_every_kind_fit() {
    fn slice_and_class(w: &f64, x: &[f64], y: usize, bar: &mut f64) -> f64 {
        *bar += x[0] * y as f64;
        *w
    }
    fn slice_and_number(w: &f64, x: &[f64], y: f64, bar: &mut f64) -> f64 {
        *bar += x[0] * y;
        *w
    }
    fn array_and_slice(w: &f64, x: &[f64; 1], y: &[f64], bar: &mut f64) -> f64 {
        *bar += x[0] * y[0];
        *w
    }
    fn number_and_truth(w: &f64, x: f64, y: bool, bar: &mut f64) -> f64 {
        *bar += if y { x } else { 0.0 };
        *w
    }
    fn single_precision(w: &f32, x: &[f32], y: f32, bar: &mut f32) -> f32 {
        *bar += x[0] * y;
        *w
    }
    // The macro may give all references one lifetime.
    fn one_lifetime<'a>(w: &'a f64, x: &'a [f64], y: &'a [f64], bar: &mut f64) -> f64 {
        *bar += x[0] * y[0];
        *w
    }
    let trainer = Trainer::new(Sgd::new(1.0)).epochs(1);
    let mut w = 5.0;
    let data = Dataset::new(vec![vec![2.0]], vec![1]).unwrap();
    trainer.fit(&mut w, &data, slice_and_class).unwrap();
    let data = Dataset::new(vec![vec![2.0]], vec![0.5]).unwrap();
    trainer.fit(&mut w, &data, slice_and_number).unwrap();
    let data = Dataset::new(vec![[2.0]], vec![vec![0.25]]).unwrap();
    trainer.fit(&mut w, &data, array_and_slice).unwrap();
    let data = Dataset::new(vec![0.25], vec![true]).unwrap();
    trainer.fit(&mut w, &data, number_and_truth).unwrap();
    let data = Dataset::new(vec![vec![0.5]], vec![vec![0.5]]).unwrap();
    trainer.fit(&mut w, &data, one_lifetime).unwrap();
    assert_eq!(w, 5.0 - 2.0 - 1.0 - 0.5 - 0.25 - 0.25);
    let mut w = 5.0_f32;
    let data = Dataset::new(vec![vec![2.0_f32]], vec![1.5_f32]).unwrap();
    trainer.fit(&mut w, &data, single_precision).unwrap();
    assert_eq!(w, 2.0);
}

#[test]
fn several_parameters_train_as_a_tuple() {
    fn grad_into(a: f64, b: &[f64], x: f64, y: f64, a_bar: &mut f64, b_bar: &mut [f64]) -> f64 {
        let error = a + b[0] * x - y;
        *a_bar += error;
        b_bar[0] += error * x;
        0.5 * error * error
    }
    let data = Dataset::new(vec![0.0, 1.0, 2.0], vec![1.0, 3.0, 5.0]).unwrap();
    let mut model = (0.0, vec![0.0]);
    Trainer::new(Adam::new(0.1))
        .epochs(1000)
        .fit(&mut model, &data, |(a, b), x, y, (a_bar, b_bar)| {
            grad_into(*a, b, x, y, a_bar, b_bar)
        })
        .unwrap();
    assert!(
        (model.0 - 1.0).abs() < 1e-6 && (model.1[0] - 2.0).abs() < 1e-6,
        "{model:?}"
    );
}

#[test]
fn evaluation_goes_into_the_history() {
    let data = Planar::Simple.sample(20, 0);
    let mut epochs = Vec::new();
    let history = Trainer::new(Sgd::new(0.1))
        .epochs(3)
        .fit_with(&mut start(), &data, nll_grad_into, |model, epoch| {
            epochs.push(epoch);
            Metrics::new().train_accuracy(0.5).test_loss(model.bias)
        })
        .unwrap();
    assert_eq!(epochs, [1, 2, 3]);
    assert!(
        history
            .epochs
            .iter()
            .all(|record| record.metrics.train_accuracy == Some(0.5))
    );
    assert!(!history.stopped_early);
    assert_eq!(history.best_epoch, None);
}

/// Trains a counter (its gradient is −1, so it is the number of epochs done) with the given test
/// losses.
fn watched(rule: EarlyStop, losses: &[f64]) -> (f64, History) {
    let data = Dataset::new(vec![()], vec![()]).unwrap();
    let mut counter = 0.0;
    let history = Trainer::new(Sgd::new(1.0))
        .epochs(losses.len())
        .early_stop(rule)
        .fit_with(
            &mut counter,
            &data,
            |_, (), (), bar| {
                *bar -= 1.0;
                0.0
            },
            |_, epoch| Metrics::new().test_loss(losses[epoch - 1]),
        )
        .unwrap();
    (counter, history)
}

#[test]
fn early_stop_waits_for_its_patience_and_returns_to_the_best() {
    let losses = [5.0, 3.0, 4.0, 3.5, 1.0, 2.0, 2.0, 2.0, 0.0];
    let (counter, history) = watched(EarlyStop::new(3), &losses);
    assert_eq!(history.epochs.len(), 8);
    assert!(history.stopped_early);
    assert_eq!((counter, history.best_epoch), (5.0, Some(5)));
}

#[test]
fn early_stop_ignores_small_improvements_and_nan() {
    let losses = [5.0, 4.95, f64::NAN, 4.0];
    let (counter, history) = watched(EarlyStop::new(2).min_delta(0.1), &losses);
    assert_eq!(history.epochs.len(), 3);
    assert_eq!((counter, history.best_epoch), (1.0, Some(1)));
}

#[test]
fn running_out_of_epochs_also_returns_to_the_best() {
    let (counter, history) = watched(EarlyStop::new(9), &[2.0, 1.0, 3.0]);
    assert!(!history.stopped_early);
    assert_eq!((counter, history.best_epoch), (2.0, Some(2)));
}

#[test]
fn early_stop_falls_back_on_the_training_loss() {
    let data = Dataset::new(vec![()], vec![()]).unwrap();
    let trainer = Trainer::new(Sgd::new(1.0)).early_stop(EarlyStop::new(2));
    let history = trainer
        .fit(&mut 0.0, &data, |_: &f64, (), (), _| 1.0)
        .unwrap();
    assert_eq!(history.epochs.len(), 3);
}

/// A loss of 1 with gradient −1 whose call number `bad` misbehaves as told.
fn failing(bad: usize, loss: f64, slope: f64) -> (Linear, TrainError) {
    let data = Dataset::new(vec![(); 6], vec![(); 6]).unwrap();
    let mut model = start();
    let calls = Cell::new(0);
    let error = Trainer::new(Sgd::new(1.0))
        .batch_size(2)
        .fit(&mut model, &data, |_, (), (), bar| {
            calls.set(calls.get() + 1);
            let is_bad = calls.get() == bad;
            bar.bias -= 1.0;
            bar.weight[1] += if is_bad { slope } else { 0.0 };
            if is_bad { loss } else { 1.0 }
        })
        .unwrap_err();
    (model, error)
}

#[test]
fn non_finite_loss_names_its_place_and_keeps_the_last_good_values() {
    // Call 9 is in the second batch of the second epoch: four steps have been made by then, and
    // the last values at which loss and gradient were finite are those before the fourth.
    let (model, error) = failing(9, f64::NAN, f64::NAN);
    assert_eq!(
        model,
        Linear {
            weight: [0.0; 2],
            bias: 3.0
        }
    );
    let TrainError::NonFinite {
        epoch: 2,
        batch: 2,
        problem: NonFinite::Loss { row, parameter, .. },
    } = &error
    else {
        panic!("{error:?}");
    };
    assert!(row.is_some());
    assert_eq!(parameter.as_deref(), Some("weight[1]"));
    let text = error.to_string();
    assert!(
        text.starts_with("in epoch 2, batch 2, the loss became NaN at row "),
        "{text}"
    );
    assert!(text.contains("the parameter `weight[1]`"), "{text}");
    assert!(text.contains("keeps its last good values"), "{text}");
}

#[test]
fn non_finite_gradient_names_the_parameter() {
    let (model, error) = failing(1, 1.0, f64::INFINITY);
    assert_eq!(model, start());
    let parameter = "weight[1]".to_owned();
    let problem = NonFinite::Gradient { parameter };
    assert_eq!(
        error,
        TrainError::NonFinite {
            epoch: 1,
            batch: 1,
            problem
        }
    );
    assert_eq!(
        error.to_string(),
        "in epoch 1, batch 1, the gradient by the parameter `weight[1]` is not finite; the model \
         keeps its last good values (a smaller learning rate may help)"
    );
}

#[test]
fn steps_beyond_the_largest_number_are_taken_back() {
    let data = Dataset::new(vec![(); 1], vec![(); 1]).unwrap();
    let mut model = start();
    let error = Trainer::new(Sgd::new(1e300))
        .fit(&mut model, &data, |_, (), (), bar| {
            bar.bias -= 1e100;
            1.0
        })
        .unwrap_err();
    assert_eq!(model, start());
    let problem = NonFinite::Parameter {
        parameter: "bias".to_owned(),
    };
    assert_eq!(
        error,
        TrainError::NonFinite {
            epoch: 1,
            batch: 1,
            problem
        }
    );
}

#[test]
fn settings_out_of_range_are_refused() {
    let data = Planar::Simple.sample(4, 0);
    let empty = Planar::Simple.sample(0, 0);
    let refused = |trainer: Trainer<Sgd>, data| {
        let mut model = start();
        let error = trainer.fit(&mut model, data, nll_grad_into).unwrap_err();
        assert_eq!(model, start());
        error.to_string()
    };
    let trainer = || Trainer::new(Sgd::new(0.1));
    assert_eq!(refused(trainer(), &empty), "there are no rows to train on");
    assert_eq!(
        refused(trainer().batch_size(0), &data),
        "the batch size must be at least 1"
    );
    assert_eq!(
        refused(Trainer::new(Sgd::new(0.0)), &data),
        "Sgd: the learning rate must be positive and finite, not 0"
    );
    assert!(
        refused(
            trainer().early_stop(EarlyStop::new(1).min_delta(-1.0)),
            &data
        )
        .contains("must be at least 0 and finite, not -1")
    );
}

#[test]
fn no_epochs_leave_the_model_as_it_is() {
    let mut model = start();
    let history = Trainer::new(Sgd::new(0.1))
        .epochs(0)
        .fit(&mut model, &Planar::Simple.sample(4, 0), nll_grad_into)
        .unwrap();
    assert_eq!((model, history.epochs.len()), (start(), 0));
    assert!(history.final_loss().is_nan());
}

/// Runs a test of this file that trains with a progress bar as a process of its own, whose standard
/// error is a pipe.
#[test]
fn progress_bar_is_silent_where_standard_error_is_no_terminal() {
    let test = "train::tests::evaluation_goes_into_the_history";
    let child = std::process::Command::new(std::env::current_exe().unwrap())
        .args([test, "--exact", "--nocapture"])
        .output()
        .unwrap();
    assert!(String::from_utf8_lossy(&child.stdout).contains("1 passed"));
    let shown = String::from_utf8_lossy(&child.stderr);
    assert!(
        !shown.contains("epoch") && !shown.contains("loss"),
        "{shown}"
    );
}
