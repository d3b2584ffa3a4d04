//! What training records.

/// What an evaluation measured after an epoch; whatever was not measured is `None`.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Metrics {
    /// The share of training rows classified rightly.
    pub train_accuracy: Option<f64>,
    /// The share of test rows classified rightly.
    pub test_accuracy: Option<f64>,
    /// The mean loss on the test rows.
    pub test_loss: Option<f64>,
}

impl Metrics {
    /// Nothing measured.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds the accuracy on the training rows.
    pub fn train_accuracy(self, accuracy: f64) -> Self {
        Self {
            train_accuracy: Some(accuracy),
            ..self
        }
    }

    /// Adds the accuracy on the test rows.
    pub fn test_accuracy(self, accuracy: f64) -> Self {
        Self {
            test_accuracy: Some(accuracy),
            ..self
        }
    }

    /// Adds the mean loss on the test rows.
    pub fn test_loss(self, loss: f64) -> Self {
        Self {
            test_loss: Some(loss),
            ..self
        }
    }
}

/// One epoch of training.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct EpochRecord {
    /// The epoch's number, counting from 1.
    pub epoch: usize,
    /// The mean training loss over the epoch, each batch at the parameters it met.
    pub loss: f64,
    /// What the evaluation measured after it.
    pub metrics: Metrics,
}

/// The course of a training.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct History {
    /// One record for each epoch done, in order.
    pub epochs: Vec<EpochRecord>,
    /// Whether training stopped before its last epoch.
    pub stopped_early: bool,
    /// With an early stop: the best epoch, whose values the model has. `None` without one.
    pub best_epoch: Option<usize>,
}

impl History {
    /// The training loss of each epoch.
    pub fn losses(&self) -> Vec<f64> {
        self.epochs.iter().map(|record| record.loss).collect()
    }

    /// The record of the last epoch done.
    pub fn last(&self) -> Option<&EpochRecord> {
        self.epochs.last()
    }

    /// The training loss of the last epoch done; NaN if there was none.
    pub fn final_loss(&self) -> f64 {
        self.last().map_or(f64::NAN, |record| record.loss)
    }
}
