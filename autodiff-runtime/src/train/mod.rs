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

mod adjust;
#[cfg(feature = "safetensors")]
mod checkpoint;
mod course;
mod early_stop;
mod error;
mod gradients;
mod history;
mod metrics;
mod observer;
mod progress;
mod schedule;

pub use adjust::{Clip, WeightDecay};
#[cfg(feature = "safetensors")]
pub use checkpoint::Checkpoints;
pub use early_stop::EarlyStop;
pub use error::{NonFinite, TrainError};
pub use gradients::Reduction;
pub use history::{EpochRecord, History, Metrics};
#[cfg(feature = "ndarray")]
pub use metrics::predicted_classes;
pub use metrics::{ConfusionMatrix, accuracy, confusion_matrix};
pub use observer::{Observer, StepRecord};
pub use schedule::{Moment, Schedule};

use crate::data::{Dataset, Entry, Examples, same_count};
use crate::differentiable::Differentiable;
use crate::optim::Optimiser;
use gradients::{Rows, Shards};
use observer::Evaluate;

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
    schedule: Schedule,
    clip: Option<Clip>,
    weight_decay: Option<WeightDecay>,
    shards: usize,
    reduction: Reduction,
    #[cfg(feature = "safetensors")]
    checkpoints: Option<Checkpoints>,
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
            schedule: Schedule::constant(),
            clip: None,
            weight_decay: None,
            shards: 1,
            reduction: Reduction::Mean,
            #[cfg(feature = "safetensors")]
            checkpoints: None,
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

    /// Writes the state of the training to a file now and then, and goes on from there if that is asked
    /// for.
    #[cfg(feature = "safetensors")]
    pub fn checkpoints(self, checkpoints: Checkpoints) -> Self {
        Self {
            checkpoints: Some(checkpoints),
            ..self
        }
    }

    /// Multiplies the optimiser's learning rate by a factor that changes with the time.
    pub fn schedule(self, schedule: Schedule) -> Self {
        Self { schedule, ..self }
    }

    /// Bounds the gradient of every batch.
    pub fn clip(self, clip: Clip) -> Self {
        Self {
            clip: Some(clip),
            ..self
        }
    }

    /// Lets weights shrink in every step.
    pub fn weight_decay(self, weight_decay: WeightDecay) -> Self {
        Self {
            weight_decay: Some(weight_decay),
            ..self
        }
    }

    /// Divides every batch of [`Trainer::fit_batches`] into so many shards of nearly the same size, at
    /// least 1, each with a gradient of its own. With the feature `parallel` they are computed side by
    /// side, on the threads of the `rayon` pool in which the training is called.
    ///
    /// The result depends on the number of shards, as it does on the seed: sums are formed in another
    /// order. It does not depend on the number of threads. As many shards as cores is a good choice;
    /// every one more costs a gradient to add up.
    pub fn shards(self, shards: usize) -> Self {
        Self { shards, ..self }
    }

    /// Sets whether the loss given to [`Trainer::fit_batches`] is the mean over the examples of a batch,
    /// as it is taken to be, or their sum. What is minimised is the mean, one way or the other, and the
    /// history and the records have the mean.
    pub fn reduction(self, reduction: Reduction) -> Self {
        Self { reduction, ..self }
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
        grad_into: impl for<'a> FnMut(&'a M, X::Arg<'a>, Y::Arg<'a>, &mut M::Gradient) -> L,
        evaluate: impl FnMut(&M, usize) -> Metrics,
    ) -> Result<History, TrainError>
    where
        M: Differentiable,
        X: Entry,
        Y: Entry,
        L: Into<f64>,
    {
        self.fit_observed(model, data, grad_into, &mut Evaluate(evaluate))
    }

    /// As [`Trainer::fit`], with an [`Observer`] that looks on.
    ///
    /// # Errors
    /// As for [`Trainer::fit`].
    ///
    /// # Panics
    /// As for [`Trainer::fit`].
    pub fn fit_observed<M, X, Y, L>(
        &self,
        model: &mut M,
        data: &Dataset<X, Y>,
        grad_into: impl for<'a> FnMut(&'a M, X::Arg<'a>, Y::Arg<'a>, &mut M::Gradient) -> L,
        observer: &mut impl Observer<M>,
    ) -> Result<History, TrainError>
    where
        M: Differentiable,
        X: Entry,
        Y: Entry,
        L: Into<f64>,
    {
        let mut rows = Rows {
            data,
            gradient: model.zero_gradient(),
            grad_into,
        };
        course::train(self, model, data.len(), &mut rows, observer)
    }

    /// Trains `model` with a loss of whole batches, on tables of examples that go together row by row:
    /// arrays of `ndarray` with the examples along the first axis, vectors, and what else is
    /// [`Examples`].
    ///
    /// `grad_into` gets the model, the inputs and the targets of a batch, adds the gradient of the loss to
    /// the buffer and returns the loss: it is the `grad_into` of a `#[differentiable(wrt(model))]` function
    /// of these three. The loss is taken for the mean over the examples, see [`Trainer::reduction`].
    ///
    /// With [`Trainer::shards`] and the feature `parallel` several cores share the work. After the first
    /// epoch the training allocates nothing, beside what the loss does itself.
    ///
    /// ```
    /// # #[cfg(feature = "ndarray")] {
    /// use autodiff_runtime::optim::Sgd;
    /// use autodiff_runtime::train::Trainer;
    /// use ndarray::{Array1, Array2};
    ///
    /// // A line through points: y = x·w + b.
    /// let x = Array2::from_shape_fn((64, 1), |(row, _)| row as f64 / 64.0);
    /// let y = x.column(0).mapv(|x| 3.0 * x - 1.0);
    ///
    /// // ½·mean((x·w + b − y)²), with its gradient by hand.
    /// let grad_into = |line: &(Array1<f64>, f64), x: &Array2<f64>, y: &Array1<f64>, bar: &mut (Array1<f64>, f64)| {
    ///     let mut rest = x.dot(&line.0) + line.1 - y;
    ///     let loss = 0.5 * rest.mapv(|rest| rest * rest).sum() / rest.len() as f64;
    ///     rest /= rest.len() as f64;
    ///     bar.0 += &x.t().dot(&rest);
    ///     bar.1 += rest.sum();
    ///     loss
    /// };
    /// let mut line = (Array1::zeros(1), 0.0);
    /// let trainer = Trainer::new(Sgd::new(0.5)).batch_size(16).epochs(300);
    /// let history = trainer.fit_batches(&mut line, &x, &y, grad_into)?;
    /// assert!(history.final_loss() < 1e-9);
    /// assert!((line.0[0] - 3.0).abs() < 1e-3 && (line.1 + 1.0).abs() < 1e-3);
    /// # }
    /// # Ok::<(), autodiff_runtime::train::TrainError>(())
    /// ```
    ///
    /// # Errors
    /// As for [`Trainer::fit`]; also when inputs and targets are not as many.
    ///
    /// # Panics
    /// As for [`Trainer::fit`].
    pub fn fit_batches<M, X, Y, L>(
        &self,
        model: &mut M,
        inputs: &X,
        targets: &Y,
        grad_into: impl for<'a> Fn(&'a M, X::Arg<'a>, Y::Arg<'a>, &mut M::Gradient) -> L + Sync,
    ) -> Result<History, TrainError>
    where
        M: Differentiable<Gradient: Send> + Sync,
        X: Examples + ?Sized,
        Y: Examples + ?Sized,
        L: Into<f64>,
    {
        self.fit_batches_observed(model, inputs, targets, grad_into, &mut ())
    }

    /// As [`Trainer::fit_batches`]; after each epoch `evaluate` measures the model, as in
    /// [`Trainer::fit_with`].
    ///
    /// # Errors
    /// As for [`Trainer::fit_batches`].
    ///
    /// # Panics
    /// As for [`Trainer::fit`].
    pub fn fit_batches_with<M, X, Y, L>(
        &self,
        model: &mut M,
        inputs: &X,
        targets: &Y,
        grad_into: impl for<'a> Fn(&'a M, X::Arg<'a>, Y::Arg<'a>, &mut M::Gradient) -> L + Sync,
        evaluate: impl FnMut(&M, usize) -> Metrics,
    ) -> Result<History, TrainError>
    where
        M: Differentiable<Gradient: Send> + Sync,
        X: Examples + ?Sized,
        Y: Examples + ?Sized,
        L: Into<f64>,
    {
        self.fit_batches_observed(model, inputs, targets, grad_into, &mut Evaluate(evaluate))
    }

    /// As [`Trainer::fit_batches`], with an [`Observer`] that looks on.
    ///
    /// # Errors
    /// As for [`Trainer::fit_batches`].
    ///
    /// # Panics
    /// As for [`Trainer::fit`].
    pub fn fit_batches_observed<M, X, Y, L>(
        &self,
        model: &mut M,
        inputs: &X,
        targets: &Y,
        grad_into: impl for<'a> Fn(&'a M, X::Arg<'a>, Y::Arg<'a>, &mut M::Gradient) -> L + Sync,
        observer: &mut impl Observer<M>,
    ) -> Result<History, TrainError>
    where
        M: Differentiable<Gradient: Send> + Sync,
        X: Examples + ?Sized,
        Y: Examples + ?Sized,
        L: Into<f64>,
    {
        let counts = inputs
            .count()
            .and_then(|inputs| same_count([inputs, targets.count()?]));
        let rows = counts.map_err(TrainError::Lengths)?.unwrap_or(0);
        let mut shards = Shards::new(
            (inputs, targets),
            self.shards,
            self.reduction,
            || model.zero_gradient(),
            grad_into,
        );
        course::train(self, model, rows, &mut shards, observer)
    }

    fn check(&self) -> Result<(), TrainError> {
        self.optimiser.check().map_err(TrainError::HyperParameter)?;
        if self.batch_size == 0 {
            return Err(TrainError::BatchSize);
        }
        if self.shards == 0 {
            return Err(TrainError::Shards);
        }
        let clip = self.clip.map_or(Ok(()), Clip::check);
        let decay = self
            .weight_decay
            .as_ref()
            .map_or(Ok(()), WeightDecay::check);
        clip.and(decay).map_err(TrainError::HyperParameter)?;
        match self.early_stop {
            Some(EarlyStop { min_delta, .. }) if !(min_delta >= 0.0 && min_delta.is_finite()) => {
                Err(TrainError::MinDelta { value: min_delta })
            }
            _ => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests;
