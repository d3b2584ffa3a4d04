//! The progress bar.

use indicatif::{ProgressBar, ProgressStyle};

use super::EpochRecord;

/// A bar over the epochs on standard error. Nothing is drawn where that is not a terminal.
pub(super) struct Progress {
    epochs: usize,
    bar: ProgressBar,
}

impl Progress {
    pub(super) fn new(epochs: usize, visible: bool) -> Self {
        let bar = match visible {
            true => ProgressBar::new(epochs as u64),
            false => ProgressBar::hidden(),
        };
        let style = ProgressStyle::with_template("{bar:30} {msg}")
            .expect("the template is well formed")
            .progress_chars("━╸┄");
        Self {
            epochs,
            bar: bar.with_style(style),
        }
    }

    /// The state after an epoch.
    pub(super) fn show(&self, record: &EpochRecord) {
        // Formatting is most of the cost where nobody looks.
        if !self.bar.is_hidden() {
            self.bar.set_position(record.epoch as u64);
            self.bar.set_message(message(record, self.epochs));
        }
    }
}

impl Drop for Progress {
    /// Leaves the bar standing as it is, after the last epoch and after an error, with the cursor
    /// below it.
    fn drop(&mut self) {
        self.bar.abandon();
        // The line was padded to the terminal's width, and the cursor waits behind its last column.
        if !self.bar.is_hidden() && self.bar.position() > 0 {
            eprintln!();
        }
    }
}

/// `epoch 12/100  loss 0.1234  accuracy 95.0 %`, the accuracy being the test rows' where that is known.
fn message(record: &EpochRecord, epochs: usize) -> String {
    let width = epochs.to_string().len();
    let epoch = format!("epoch {:>width$}/{epochs}", record.epoch);
    let loss = match record.loss.abs() {
        size if size == 0.0 || (1e-4..1e6).contains(&size) => format!("loss {:.4}", record.loss),
        _ => format!("loss {:.3e}", record.loss),
    };
    match record
        .metrics
        .test_accuracy
        .or(record.metrics.train_accuracy)
    {
        Some(accuracy) => format!("{epoch}  {loss}  accuracy {:5.1} %", 100.0 * accuracy),
        None => format!("{epoch}  {loss}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::train::Metrics;

    #[test]
    fn message_shows_loss_and_accuracy() {
        let record = |loss, metrics| {
            message(
                &EpochRecord {
                    epoch: 3,
                    loss,
                    metrics,
                },
                20,
            )
        };
        assert_eq!(record(0.25, Metrics::new()), "epoch  3/20  loss 0.2500");
        assert_eq!(record(2.5e-7, Metrics::new()), "epoch  3/20  loss 2.500e-7");
        let both = Metrics::new().train_accuracy(0.5).test_accuracy(0.925);
        assert_eq!(
            record(0.25, both),
            "epoch  3/20  loss 0.2500  accuracy  92.5 %"
        );
        let train = Metrics::new().train_accuracy(1.0);
        assert_eq!(
            record(0.25, train),
            "epoch  3/20  loss 0.2500  accuracy 100.0 %"
        );
    }
}
