//! Stopping when nothing improves.

use super::EpochRecord;
use crate::differentiable::{Flat, Leaves};

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
    pub(super) patience: usize,
    pub(super) min_delta: f64,
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

/// An [`EarlyStop`] at work.
#[derive(Clone, Debug)]
pub(super) struct Watch {
    rule: EarlyStop,
    pub(super) best: f64,
    pub(super) best_epoch: Option<usize>,
    pub(super) best_model: Flat,
    pub(super) since_best: usize,
}

impl Watch {
    pub(super) fn new<M: Leaves>(rule: EarlyStop, model: &M) -> Self {
        Self {
            rule,
            best: f64::INFINITY,
            best_epoch: None,
            best_model: Flat::of(model),
            since_best: 0,
        }
    }

    pub(super) fn gives_up<M: Leaves>(&mut self, record: &EpochRecord, model: &M) -> bool {
        let watched = record.metrics.test_loss.unwrap_or(record.loss);
        // False for NaN, which is never an improvement.
        if watched < self.best - self.rule.min_delta {
            self.best = watched;
            self.best_epoch = Some(record.epoch);
            self.best_model.copy_from(model);
            self.since_best = 0;
            return false;
        }
        self.since_best += 1;
        self.since_best >= self.rule.patience.max(1)
    }
}
