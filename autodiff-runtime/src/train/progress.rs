//! The progress bar.

use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressStyle};

use super::{EpochRecord, StepRecord};

/// How often the bar is drawn at most.
const PERIOD: Duration = Duration::from_millis(100);

/// A bar over the examples of all epochs on standard error. Nothing is drawn, and hardly anything done,
/// where that is not a terminal.
pub(super) struct Progress {
    epochs: usize,
    /// The examples of an epoch.
    rows: usize,
    bar: ProgressBar,
    started: Instant,
    /// How many examples were done before.
    resumed: u64,
    drawn: Option<Instant>,
    /// The part of the message that only changes with the epoch.
    last_epoch: Option<EpochRecord>,
}

impl Progress {
    pub(super) fn new(epochs: usize, rows: usize, visible: bool) -> Self {
        let bar = match visible {
            true => ProgressBar::new((epochs * rows) as u64),
            false => ProgressBar::hidden(),
        };
        let style = ProgressStyle::with_template("{bar:30} {msg}")
            .expect("the template is well formed")
            .progress_chars("━╸┄");
        Self {
            epochs,
            rows,
            bar: bar.with_style(style),
            started: Instant::now(),
            resumed: 0,
            drawn: None,
            last_epoch: None,
        }
    }

    /// The clock runs from here: in this epoch, with so many examples of it done.
    pub(super) fn start(&mut self, epoch: usize, seen: usize) {
        self.started = Instant::now();
        self.resumed = self.position(epoch, seen);
    }

    /// The state after a step, with so many examples of the epoch done.
    pub(super) fn step(&mut self, step: &StepRecord, seen: usize) {
        // Formatting is most of the cost where nobody looks.
        if self.bar.is_hidden() || self.drawn.is_some_and(|drawn| drawn.elapsed() < PERIOD) {
            return;
        }
        let shown = EpochRecord {
            epoch: step.epoch,
            loss: step.loss,
            learning_rate: step.learning_rate,
            metrics: self
                .last_epoch
                .map_or_else(Default::default, |last| last.metrics),
        };
        self.show(&shown, self.position(step.epoch, seen));
    }

    /// The state after an epoch.
    pub(super) fn epoch(&mut self, record: &EpochRecord) {
        self.last_epoch = Some(*record);
        if !self.bar.is_hidden() {
            self.show(record, self.position(record.epoch, self.rows));
        }
    }

    fn position(&self, epoch: usize, seen: usize) -> u64 {
        ((epoch - 1) * self.rows + seen) as u64
    }

    fn show(&mut self, record: &EpochRecord, position: u64) {
        self.drawn = Some(Instant::now());
        let done = position.saturating_sub(self.resumed);
        let left = ((self.epochs * self.rows) as u64).saturating_sub(position);
        let pace = pace(done, left, self.started.elapsed());
        let message = message(record, self.epochs);
        self.bar.set_position(position);
        self.bar.set_message(format!("{message}  {pace}"));
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

/// `12.3k samples/s  1:05 left`: how many examples were done in the time, and how long those that are
/// left take at that pace.
fn pace(done: u64, left: u64, time: Duration) -> String {
    let rate = done as f64 / time.as_secs_f64().max(1e-9);
    let text = match rate {
        0.0..1e3 => format!("{rate:.0}"),
        1e3..1e6 => format!("{:.1}k", rate / 1e3),
        _ => format!("{:.2}M", rate / 1e6),
    };
    if rate == 0.0 {
        return format!("{text} samples/s");
    }
    let seconds = (left as f64 / rate).round() as u64;
    let (hours, minutes, seconds) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    match hours {
        0 => format!("{text} samples/s  {minutes}:{seconds:02} left"),
        _ => format!("{text} samples/s  {hours}:{minutes:02}:{seconds:02} left"),
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
                    learning_rate: 0.1,
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

    #[test]
    fn pace_tells_what_is_left() {
        let second = Duration::from_secs(1);
        assert_eq!(pace(500, 1000, second), "500 samples/s  0:02 left");
        assert_eq!(
            pace(24_680, 100_000, 2 * second),
            "12.3k samples/s  0:08 left"
        );
        assert_eq!(
            pace(2_500_000, 187_500_000, second),
            "2.50M samples/s  1:15 left"
        );
        assert_eq!(pace(1, 3_725, second), "1 samples/s  1:02:05 left");
        assert_eq!(pace(0, 10, second), "0 samples/s");
    }
}
