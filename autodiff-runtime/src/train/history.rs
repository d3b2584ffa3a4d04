//! What training records.

use std::fmt::Write;
use std::path::Path;

use super::TrainError;

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

    /// What was measured, in the order of the fields.
    pub(super) fn as_array(&self) -> [Option<f64>; 3] {
        [self.train_accuracy, self.test_accuracy, self.test_loss]
    }

    /// As [`Metrics::as_array`], open to change.
    #[cfg(feature = "safetensors")]
    pub(super) fn as_array_mut(&mut self) -> [&mut Option<f64>; 3] {
        [
            &mut self.train_accuracy,
            &mut self.test_accuracy,
            &mut self.test_loss,
        ]
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
    /// The learning rate of its last step.
    pub learning_rate: f64,
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

    /// A table with one line for each epoch, under a header: `epoch`, `loss`, `learning_rate`,
    /// `train_accuracy`, `test_accuracy` and `test_loss`. A cell is empty where nothing was measured. Read
    /// again, every number has the same bits.
    ///
    /// ```
    /// use autodiff_runtime::train::{EpochRecord, History, Metrics};
    ///
    /// let metrics = Metrics::new().test_accuracy(0.75);
    /// let epoch = EpochRecord { epoch: 1, loss: 0.5, learning_rate: 0.1, metrics };
    /// let history = History { epochs: vec![epoch], ..History::default() };
    /// assert_eq!(history.to_csv(), "\
    /// epoch,loss,learning_rate,train_accuracy,test_accuracy,test_loss
    /// 1,0.5,0.1,,0.75,
    /// ");
    /// ```
    pub fn to_csv(&self) -> String {
        let mut text =
            "epoch,loss,learning_rate,train_accuracy,test_accuracy,test_loss\n".to_owned();
        for record in &self.epochs {
            let EpochRecord {
                epoch,
                loss,
                learning_rate,
                metrics,
            } = record;
            write!(text, "{epoch},{loss},{learning_rate}").expect("text can be written to");
            for measured in metrics.as_array() {
                text.push(',');
                if let Some(number) = measured {
                    write!(text, "{number}").expect("text can be written to");
                }
            }
            text.push('\n');
        }
        text
    }

    /// Writes [`History::to_csv`] to a file.
    ///
    /// # Errors
    /// When the file cannot be written; the error names it.
    pub fn write_csv(&self, path: impl AsRef<Path>) -> Result<(), TrainError> {
        let path = path.as_ref();
        std::fs::write(path, self.to_csv()).map_err(|source| TrainError::Write {
            path: path.to_owned(),
            message: source.to_string(),
        })
    }
}
