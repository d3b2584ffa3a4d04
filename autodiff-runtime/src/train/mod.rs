//! Training: the loop over epochs and batches, what it records, and how results are measured.
//!
//! ```
//! use autodiff_runtime::data::Dataset;
//! use autodiff_runtime::optim::Sgd;
//! use autodiff_runtime::prelude::*;
//! use autodiff_runtime::train::Trainer;
//!
//! #[differentiable(wrt(w))]
//! fn loss(w: &[f64; 2], x: f64, y: f64) -> f64 {
//!     0.5 * (w[0] + w[1] * x - y).powi(2)
//! }
//!
//! let x = vec![0.0, 1.0, 2.0, 3.0];
//! let y = x.iter().map(|x| 1.0 + 2.0 * x).collect();
//! let data = Dataset::new(x, y)?;
//!
//! let mut w = [0.0, 0.0];
//! let trainer = Trainer::new(Sgd::new(0.1)).epochs(500).batch_size(4);
//! let history = trainer.fit(&mut w, &data, loss::grad_into)?;
//!
//! assert!((w[0] - 1.0).abs() < 1e-6 && (w[1] - 2.0).abs() < 1e-6);
//! assert!(history.final_loss() < 1e-12);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod error;
mod history;
mod metrics;
mod progress;
mod snapshot;

pub use error::{NonFinite, TrainError};
pub use history::{EpochRecord, History, Metrics};
pub use metrics::{ConfusionMatrix, accuracy, confusion_matrix};

use rand::seq::SliceRandom;

use crate::data::{Dataset, Entry, generator};
use crate::differentiable::{Differentiable, Gradient, first_non_finite};
use crate::optim::Optimiser;
use progress::Progress;
use snapshot::Snapshot;

/// When to stop before the last epoch.
///
/// The number watched is the test loss, where the evaluation returns one, and the training loss
/// otherwise. An epoch counts as an improvement when it lowers the best value so far by more than
/// `min_delta`; after `patience` epochs in a row without one, training stops.
///
/// Whether it stops or runs out of epochs, the model then gets back the values it had after the best
/// epoch (those before training, if no epoch has a finite loss).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct EarlyStop {
    patience: usize,
    min_delta: f64,
}

impl EarlyStop {
    /// Gives up after `patience` epochs without improvement, however small an improvement is.
    pub fn new(patience: usize) -> Self {
        Self {
            patience,
            min_delta: 0.0,
        }
    }

    /// Sets by how much the best value must be undercut, at least 0.
    pub fn min_delta(self, min_delta: f64) -> Self {
        Self { min_delta, ..self }
    }
}

/// The training loop: mini-batches in a freshly shuffled order each epoch, the mean gradient of
/// each batch handed to an [`Optimiser`].
///
/// A progress bar on standard error shows the epoch, the loss and the accuracy, where one is
/// measured; it is silent where standard error is not a terminal. See the [module](self) for an
/// example.
#[derive(Clone, Debug)]
pub struct Trainer<O> {
    optimiser: O,
    epochs: usize,
    batch_size: usize,
    seed: u64,
    early_stop: Option<EarlyStop>,
    progress: bool,
}

impl<O: Optimiser> Trainer<O> {
    /// 100 epochs in batches of 32, seed 0, no early stop, with a progress bar.
    pub fn new(optimiser: O) -> Self {
        Self {
            optimiser,
            epochs: 100,
            batch_size: 32,
            seed: 0,
            early_stop: None,
            progress: true,
        }
    }

    /// Sets how many times each row is seen.
    pub fn epochs(self, epochs: usize) -> Self {
        Self { epochs, ..self }
    }

    /// Sets over how many rows a gradient is averaged, at least 1. The last batch of an epoch may
    /// be smaller; a size beyond the data means one batch of all.
    pub fn batch_size(self, batch_size: usize) -> Self {
        Self { batch_size, ..self }
    }

    /// Sets the seed of the order in which rows are seen.
    pub fn seed(self, seed: u64) -> Self {
        Self { seed, ..self }
    }

    /// Stops before the last epoch when nothing improves.
    pub fn early_stop(self, early_stop: EarlyStop) -> Self {
        Self {
            early_stop: Some(early_stop),
            ..self
        }
    }

    /// Sets whether to show a progress bar.
    pub fn progress(self, progress: bool) -> Self {
        Self { progress, ..self }
    }

    /// Trains `model` on `data`.
    ///
    /// `grad_into` gets the model, one input and one target as [`Entry`] describes, adds the
    /// gradient of the loss to the buffer and returns the loss: it is the `grad_into` of a
    /// `#[differentiable(wrt(model))]` function of these three. A function of other parameters
    /// fits in through a closure.
    ///
    /// Each call starts with a fresh optimiser, so the same model, data and seed give the same
    /// result.
    ///
    /// # Errors
    /// When there are no rows, a setting is out of its range, or a loss, a gradient or a parameter
    /// turns infinite or NaN. In the last case the model keeps the last values at which loss and
    /// gradient were finite.
    ///
    /// # Panics
    /// As [`Leaves::visit_mut`](crate::Leaves::visit_mut), when parameters lie behind a shared
    /// reference.
    pub fn fit<M, X, Y, L>(
        &self,
        model: &mut M,
        data: &Dataset<X, Y>,
        grad_into: impl for<'a> FnMut(&'a M, X::Arg<'a>, Y::Arg<'a>, &mut M::Gradient) -> L,
    ) -> Result<History, TrainError>
    where
        M: Differentiable,
        X: Entry,
        Y: Entry,
        L: Into<f64>,
    {
        self.fit_with(model, data, grad_into, |_, _| Metrics::new())
    }

    /// As [`Trainer::fit`]; after each epoch `evaluate` gets the model and the epoch's number,
    /// counting from 1, and returns what it measured. This goes into the history, the accuracy
    /// into the progress bar, and a test loss decides on an early stop.
    ///
    /// ```
    /// use autodiff_runtime::data::Planar;
    /// use autodiff_runtime::optim::Adam;
    /// use autodiff_runtime::prelude::*;
    /// use autodiff_runtime::train::{Metrics, Trainer, accuracy};
    ///
    /// #[differentiable]
    /// fn score(w: &[f64; 3], x: &[f64; 2]) -> f64 {
    ///     w[0] + w[1] * x[0] + w[2] * x[1]
    /// }
    ///
    /// #[differentiable(wrt(w))]
    /// fn nll(w: &[f64; 3], x: &[f64; 2], y: usize) -> f64 {
    ///     let sign = 2.0 * y as f64 - 1.0;
    ///     (1.0 + (-sign * score(w, x)).exp()).ln()
    /// }
    ///
    /// let (train, test) = Planar::Diagonal.sample(400, 1).split(0.25, 1)?;
    /// let mut w = [0.0; 3];
    /// let history = Trainer::new(Adam::new(0.1)).fit_with(&mut w, &train, nll::grad_into, |w, _| {
    ///     let predicted: Vec<usize> =
    ///         test.iter().map(|(x, _)| usize::from(score(w, x) > 0.0)).collect();
    ///     Metrics::new().test_accuracy(accuracy(&predicted, test.targets()))
    /// })?;
    /// assert!(history.last().unwrap().metrics.test_accuracy > Some(0.9));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// As for [`Trainer::fit`].
    ///
    /// # Panics
    /// As for [`Trainer::fit`].
    pub fn fit_with<M, X, Y, L>(
        &self,
        model: &mut M,
        data: &Dataset<X, Y>,
        mut grad_into: impl for<'a> FnMut(&'a M, X::Arg<'a>, Y::Arg<'a>, &mut M::Gradient) -> L,
        mut evaluate: impl FnMut(&M, usize) -> Metrics,
    ) -> Result<History, TrainError>
    where
        M: Differentiable,
        X: Entry,
        Y: Entry,
        L: Into<f64>,
    {
        self.check()?;
        if data.is_empty() {
            return Err(TrainError::NoData);
        }
        let mut run = Run {
            optimiser: self.optimiser.clone(),
            gradient: model.zero_gradient(),
            good: Snapshot::of(model),
        };
        run.optimiser.reset();
        let mut watch = self.early_stop.map(|rule| Watch::new(rule, model));
        let mut random = generator(self.seed);
        let mut order: Vec<usize> = (0..data.len()).collect();
        let mut history = History::default();
        let progress = Progress::new(self.epochs, self.progress);

        for epoch in 1..=self.epochs {
            order.shuffle(&mut random);
            let mut total = 0.0;
            for (index, rows) in order.chunks(self.batch_size).enumerate() {
                total += run
                    .batch(model, data, rows, &mut grad_into)
                    .map_err(|problem| problem.at(epoch, index + 1))?;
            }
            let record = EpochRecord {
                epoch,
                loss: total / data.len() as f64,
                metrics: evaluate(model, epoch),
            };
            progress.show(&record);
            history.epochs.push(record);
            if let Some(watch) = &mut watch
                && watch.gives_up(&record, model)
            {
                history.stopped_early = true;
                break;
            }
        }
        if let Some(watch) = watch {
            watch.best_model.restore(model);
            history.best_epoch = watch.best_epoch;
        }
        Ok(history)
    }

    fn check(&self) -> Result<(), TrainError> {
        self.optimiser.check().map_err(TrainError::HyperParameter)?;
        if self.batch_size == 0 {
            return Err(TrainError::BatchSize);
        }
        match self.early_stop {
            Some(EarlyStop { min_delta, .. }) if !(min_delta >= 0.0 && min_delta.is_finite()) => {
                Err(TrainError::MinDelta { value: min_delta })
            }
            _ => Ok(()),
        }
    }
}

/// What changes from batch to batch, the model aside.
struct Run<O, G> {
    optimiser: O,
    gradient: G,
    /// The model's last values at which loss and gradient were finite.
    good: Snapshot,
}

impl<O: Optimiser, G: Gradient> Run<O, G> {
    /// One step on the mean gradient of `rows`; returns the sum of their losses. On failure the
    /// model is back at its last good values.
    fn batch<M, X, Y, L>(
        &mut self,
        model: &mut M,
        data: &Dataset<X, Y>,
        rows: &[usize],
        grad_into: &mut impl for<'a> FnMut(&'a M, X::Arg<'a>, Y::Arg<'a>, &mut G) -> L,
    ) -> Result<f64, Failure>
    where
        M: Differentiable<Gradient = G>,
        X: Entry,
        Y: Entry,
        L: Into<f64>,
    {
        self.gradient.set_zero();
        let mut total = 0.0;
        let mut bad_row = None;
        for &row in rows {
            let (x, y) = data.get(row).expect("rows are a permutation of the data's");
            let loss: f64 = grad_into(model, x, y, &mut self.gradient).into();
            if !loss.is_finite() && bad_row.is_none() {
                bad_row = Some(row);
            }
            total += loss;
        }
        self.gradient.scale(1.0 / rows.len() as f64);

        if let Some(problem) = self.non_finite(model, total, bad_row) {
            self.good.restore(model);
            return Err(Failure::NonFinite(problem));
        }
        self.good.save(model);
        self.optimiser
            .step(model, &self.gradient)
            .map_err(Failure::HyperParameter)?;
        if let Some(parameter) = first_non_finite(model) {
            self.good.restore(model);
            return Err(Failure::NonFinite(NonFinite::Parameter { parameter }));
        }
        Ok(total)
    }

    fn non_finite<M: Differentiable>(
        &self,
        model: &M,
        loss: f64,
        row: Option<usize>,
    ) -> Option<NonFinite> {
        let in_gradient = first_non_finite(&self.gradient);
        match (loss.is_finite(), in_gradient) {
            (true, None) => None,
            (true, Some(parameter)) => Some(NonFinite::Gradient { parameter }),
            (false, in_gradient) => {
                let parameter = in_gradient.or_else(|| first_non_finite(model));
                Some(NonFinite::Loss {
                    value: loss,
                    row,
                    parameter,
                })
            }
        }
    }
}

/// Why a batch failed; the loop knows which one it was.
enum Failure {
    NonFinite(NonFinite),
    HyperParameter(crate::optim::HyperParameterError),
}

impl Failure {
    fn at(self, epoch: usize, batch: usize) -> TrainError {
        match self {
            Self::NonFinite(problem) => TrainError::NonFinite {
                epoch,
                batch,
                problem,
            },
            Self::HyperParameter(error) => TrainError::HyperParameter(error),
        }
    }
}

/// An [`EarlyStop`] at work.
struct Watch {
    rule: EarlyStop,
    best: f64,
    best_epoch: Option<usize>,
    best_model: Snapshot,
    since_best: usize,
}

impl Watch {
    fn new<M: Differentiable>(rule: EarlyStop, model: &M) -> Self {
        let best_model = Snapshot::of(model);
        Self {
            rule,
            best: f64::INFINITY,
            best_epoch: None,
            best_model,
            since_best: 0,
        }
    }

    fn gives_up<M: Differentiable>(&mut self, record: &EpochRecord, model: &M) -> bool {
        let watched = record.metrics.test_loss.unwrap_or(record.loss);
        // False for NaN, which is never an improvement.
        if watched < self.best - self.rule.min_delta {
            self.best = watched;
            self.best_epoch = Some(record.epoch);
            self.best_model.save(model);
            self.since_best = 0;
            return false;
        }
        self.since_best += 1;
        self.since_best >= self.rule.patience.max(1)
    }
}

#[cfg(test)]
mod tests;
