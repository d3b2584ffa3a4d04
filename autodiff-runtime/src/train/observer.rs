//! What looks on during a training.

use std::ops::ControlFlow;

use super::{EpochRecord, Metrics};

/// One step of training.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct StepRecord {
    /// The epoch, counting from 1.
    pub epoch: usize,
    /// The batch within the epoch, counting from 1.
    pub batch: usize,
    /// How many steps have been taken in all epochs, this one included.
    pub step: u64,
    /// The mean loss of the batch, before the step.
    pub loss: f64,
    /// The learning rate of the step.
    pub learning_rate: f64,
    /// The norm of the gradient, where it is clipped by that: as it was before.
    pub gradient_norm: Option<f64>,
}

/// Looks on while a model is trained, measures it, and may end the training.
///
/// All methods do nothing unless they are written.
///
/// ```
/// use std::ops::ControlFlow;
/// use autodiff_runtime::data::Dataset;
/// use autodiff_runtime::optim::Sgd;
/// use autodiff_runtime::prelude::*;
/// use autodiff_runtime::train::{Observer, StepRecord, Trainer};
///
/// #[differentiable(wrt(w))]
/// fn loss(w: f64, x: f64) -> f64 {
///     (w - x).powi(2)
/// }
///
/// /// Ends the training when the loss is small enough.
/// struct Until(f64);
///
/// impl Observer<f64> for Until {
///     fn after_step(&mut self, step: &StepRecord, _: &f64) -> ControlFlow<()> {
///         if step.loss < self.0 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
///     }
/// }
///
/// let data = Dataset::new(vec![3.0], vec![()])?;
/// let mut w = 0.0;
/// let history = Trainer::new(Sgd::new(0.1)).fit_observed(
///     &mut w,
///     &data,
///     |w, x, (), w_bar| loss::grad_into(*w, x, w_bar),
///     &mut Until(0.01),
/// )?;
/// assert!(history.stopped_early && history.final_loss() < 0.01);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub trait Observer<M> {
    /// Measures the model after an epoch (its number counts from 1). The result goes into the history;
    /// a test loss decides on an early stop.
    fn measure(&mut self, model: &M, epoch: usize) -> Metrics {
        let _ = (model, epoch);
        Metrics::new()
    }

    /// Gets every step, with the model after it. On [`ControlFlow::Break`] training ends with this step,
    /// as if it were the last of its epoch.
    fn after_step(&mut self, step: &StepRecord, model: &M) -> ControlFlow<()> {
        let _ = (step, model);
        ControlFlow::Continue(())
    }

    /// Gets every epoch as it goes into the history, with the model after it. On
    /// [`ControlFlow::Break`] training ends.
    fn after_epoch(&mut self, epoch: &EpochRecord, model: &M) -> ControlFlow<()> {
        let _ = (epoch, model);
        ControlFlow::Continue(())
    }
}

/// Does nothing.
impl<M> Observer<M> for () {}

/// A closure that measures.
pub(super) struct Evaluate<F>(pub(super) F);

impl<M, F: FnMut(&M, usize) -> Metrics> Observer<M> for Evaluate<F> {
    fn measure(&mut self, model: &M, epoch: usize) -> Metrics {
        self.0(model, epoch)
    }
}
