//! The state of a training in a file.

use std::path::{Path, PathBuf};

use super::course::Course;
use super::early_stop::Watch;
use super::{EpochRecord, Metrics, TrainError};
use crate::differentiable::{Differentiable, Flat, Tensor, tensors};
use crate::optim::Optimiser;
use crate::weights::{Archive, Kind, Problem, WeightsError, Writer, read, write_atomically};

/// When the state of a training is written to a file, and whether a training goes on from it.
///
/// A training that is stopped, at any time and in any way, and started again with
/// [`Checkpoints::resume`] ends with the weights and the history, bit by bit, that it would have had
/// without a stop. The file has the weights, the state of the optimiser, how far the training is, the
/// history, and the best weights so far where an early stop needs them. Everything random is drawn from the
/// trainer's seed and the number of the epoch or step, so these are the random state.
///
/// The file is a `safetensors` file; [`weights::load`](crate::weights::load) reads the weights alone, as
/// they were in this moment (the best ones for an early stop are `early_stop.model.…`). It is replaced in one move: under its name there is always a whole checkpoint. One that was there before the
/// training is replaced too, unless the training resumes from it.
///
/// ```
/// use autodiff_runtime::data::iris;
/// use autodiff_runtime::nn::{Init, Mlp};
/// use autodiff_runtime::optim::Adam;
/// use autodiff_runtime::prelude::*;
/// use autodiff_runtime::train::{Checkpoints, Trainer};
///
/// #[differentiable(wrt(model))]
/// fn surprise(model: &Mlp, x: &[f64], y: usize) -> f64 {
///     let logits = mlp(model, x);
///     cross_entropy(&logits, y)
/// }
/// let start = || Mlp::new(&[4, 8, 3], Activation::Tanh, Activation::Linear, Init::Xavier, 7);
/// let trainer = |epochs| Trainer::new(Adam::new(0.01)).epochs(epochs);
/// # let path = std::env::temp_dir().join("checkpoint-example.safetensors");
///
/// let mut whole = start()?;
/// trainer(4).fit(&mut whole, &iris(), surprise::grad_into)?;
///
/// // The same in two parts. The second one need not know the weights of the first.
/// let mut part = start()?;
/// trainer(2)
///     .checkpoints(Checkpoints::new(&path))
///     .fit(&mut part, &iris(), surprise::grad_into)?;
/// let mut rest = start()?;
/// trainer(4)
///     .checkpoints(Checkpoints::new(&path).resume())
///     .fit(&mut rest, &iris(), surprise::grad_into)?;
/// assert_eq!(rest, whole);
/// # std::fs::remove_file(&path)?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checkpoints {
    path: PathBuf,
    every_epochs: usize,
    every_steps: Option<u64>,
    resume: bool,
}

impl Checkpoints {
    /// Writes this file after every epoch.
    pub fn new(path: impl AsRef<Path>) -> Self {
        Self {
            path: path.as_ref().to_owned(),
            every_epochs: 1,
            every_steps: None,
            resume: false,
        }
    }

    /// Sets after how many epochs the file is written; never for 0. It is written after the last epoch in
    /// any case.
    pub fn every_epochs(self, epochs: usize) -> Self {
        Self {
            every_epochs: epochs,
            ..self
        }
    }

    /// Writes the file after so many steps, too; never for 0.
    pub fn every_steps(self, steps: u64) -> Self {
        Self {
            every_steps: Some(steps),
            ..self
        }
    }

    /// Goes on from the file, if it is there. The training has to be the same one: model, optimiser, seed,
    /// batch size, shards and number of examples are compared. The number of epochs may be another, and so
    /// may rates and schedules, which then count from here.
    pub fn resume(self) -> Self {
        Self {
            resume: true,
            ..self
        }
    }

    /// Continues what the file has, in `course` and `model`, unless there is none.
    pub(super) fn resumed<M: Differentiable, O: Optimiser>(
        &self,
        settings: &Settings,
        mut course: Course<O>,
        model: &mut M,
    ) -> Result<Course<O>, TrainError> {
        if self.resume && self.path.exists() {
            read(&self.path)
                .and_then(|bytes| {
                    restore(&bytes, settings, &mut course, model)
                        .map_err(|problem| problem.in_file(&self.path))
                })
                .map_err(TrainError::Checkpoint)?;
        }
        Ok(course)
    }

    /// Writes the file, if this is the time for it: after a step, or between epochs.
    pub(super) fn save_if_due<M: Differentiable, O: Optimiser>(
        &self,
        settings: &Settings,
        course: &Course<O>,
        model: &M,
        epochs: usize,
    ) -> Result<(), TrainError> {
        let due = match course.batch {
            0 => {
                let done = course.epoch - 1;
                let last = done == epochs || course.history.stopped_early;
                last || (self.every_epochs > 0 && done.is_multiple_of(self.every_epochs))
            }
            _ => self
                .every_steps
                .is_some_and(|steps| steps > 0 && course.step.is_multiple_of(steps)),
        };
        if !due {
            return Ok(());
        }
        state(settings, course, model)
            .map_err(|problem| problem.in_file(&self.path))
            .and_then(|bytes| write_atomically(&self.path, &bytes))
            .map_err(TrainError::Checkpoint)
    }
}

/// What has to be the same, so that a training can go on as if it had not stopped.
pub(super) struct Settings {
    pub(super) optimiser: &'static str,
    pub(super) seed: u64,
    pub(super) batch_size: usize,
    pub(super) shards: usize,
    pub(super) rows: usize,
}

impl Settings {
    /// The numbers, each with its name in the file and in errors.
    fn numbers(&self) -> [(&'static str, &'static str, u64); 4] {
        [
            ("training.seed", "seed", self.seed),
            ("training.batch_size", "batch size", self.batch_size as u64),
            ("training.shards", "number of shards", self.shards as u64),
            ("training.rows", "number of examples", self.rows as u64),
        ]
    }

    fn write(&self, writer: &mut Writer) {
        writer.add_bytes("training.optimiser", self.optimiser.as_bytes());
        for (name, _, number) in self.numbers() {
            writer.add_count(name, number);
        }
    }

    fn compare(&self, archive: &mut Archive<'_>) -> Result<(), WeightsError> {
        let differs = |name, expected: &str, found: &str| {
            let (expected, found) = (expected.to_owned(), found.to_owned());
            Err(Problem::Setting {
                name,
                expected,
                found,
            }
            .into())
        };
        let optimiser = archive.read_bytes("training.optimiser")?;
        if optimiser != self.optimiser.as_bytes() {
            let found = String::from_utf8_lossy(optimiser);
            return differs("optimiser", self.optimiser, &found);
        }
        for (name, said, expected) in self.numbers() {
            let found = archive.read_count(name)?;
            if found != expected {
                return differs(said, &expected.to_string(), &found.to_string());
            }
        }
        Ok(())
    }
}

/// The whole state as the bytes of a file.
fn state<M: Differentiable, O: Optimiser>(
    settings: &Settings,
    course: &Course<O>,
    model: &M,
) -> Result<Vec<u8>, WeightsError> {
    let mut writer = Writer::default();
    let tensors = tensors(model);
    writer.add_values("model.", &tensors, &Flat::of(model));
    settings.write(&mut writer);

    let memory = course.optimiser.state();
    for (name, numbers) in &memory.slots {
        writer.add_values(&format!("optimiser.{name}."), &tensors, numbers);
    }
    writer.add_count("optimiser.steps", memory.steps);
    writer.add_number("optimiser.learning_rate", course.optimiser.learning_rate());

    writer.add_count("training.epoch", course.epoch as u64);
    writer.add_count("training.batch", course.batch as u64);
    writer.add_count("training.seen", course.seen as u64);
    writer.add_count("training.step", course.step);
    writer.add_number("training.total", course.total);
    writer.add_count(
        "training.stopped_early",
        u64::from(course.history.stopped_early),
    );
    write_history(&mut writer, &course.history.epochs);
    if let Some(watch) = &course.watch {
        write_watch(&mut writer, &tensors, watch);
    }
    writer.finish(Kind::Checkpoint)
}

/// Takes over the whole state, or nothing.
fn restore<M: Differentiable, O: Optimiser>(
    bytes: &[u8],
    settings: &Settings,
    course: &mut Course<O>,
    model: &mut M,
) -> Result<(), WeightsError> {
    let mut archive = Archive::parse(bytes)?;
    archive.expect_checkpoint()?;
    settings.compare(&mut archive)?;
    let tensors = tensors(model);
    let mut weights = Flat::of(model);
    archive.read_values("model.", &tensors, &mut weights)?;

    let mut optimiser = course.optimiser.clone();
    let memory = optimiser.state_mut();
    memory.steps = archive.read_count("optimiser.steps")?;
    if memory.steps > 0 {
        memory.prepare(O::SLOTS, &weights);
    }
    for (name, numbers) in &mut memory.slots {
        archive.read_values(&format!("optimiser.{name}."), &tensors, numbers)?;
    }
    optimiser.set_learning_rate(archive.read_number("optimiser.learning_rate")?);

    let epoch = archive.read_size("training.epoch")?;
    let batch = archive.read_size("training.batch")?;
    let seen = archive.read_size("training.seen")?;
    let step = archive.read_count("training.step")?;
    let total = archive.read_number("training.total")?;
    let stopped_early = archive.read_count("training.stopped_early")? != 0;
    let epochs = read_history(&mut archive, epoch)?;
    let mut watch = course.watch.clone();
    if let Some(watch) = &mut watch {
        read_watch(&mut archive, &tensors, watch)?;
    }
    archive.expect_nothing_more()?;

    weights.write_to(model);
    course.optimiser = optimiser;
    (course.epoch, course.batch, course.seen) = (epoch, batch, seen);
    (course.step, course.total) = (step, total);
    course.history.epochs = epochs;
    course.history.stopped_early = stopped_early;
    course.watch = watch;
    Ok(())
}

/// The columns of the history that may be empty.
const MEASURED: [&str; 3] = [
    "history.train_accuracy",
    "history.test_accuracy",
    "history.test_loss",
];

fn write_history(writer: &mut Writer, epochs: &[EpochRecord]) {
    let column = |f: &dyn Fn(&EpochRecord) -> f64| -> Vec<f64> { epochs.iter().map(f).collect() };
    writer.add_numbers("history.loss", &column(&|record| record.loss));
    writer.add_numbers(
        "history.learning_rate",
        &column(&|record| record.learning_rate),
    );
    for (index, name) in MEASURED.into_iter().enumerate() {
        let number = |record: &EpochRecord| record.metrics.as_array()[index].unwrap_or(0.0);
        writer.add_numbers(name, &column(&number));
        let measured = |record: &EpochRecord| u8::from(record.metrics.as_array()[index].is_some());
        let measured: Vec<u8> = epochs.iter().map(measured).collect();
        writer.add_bytes(&format!("{name}.measured"), &measured);
    }
}

/// The records of the epochs before this one.
fn read_history(archive: &mut Archive<'_>, epoch: usize) -> Result<Vec<EpochRecord>, WeightsError> {
    let Some(count) = epoch.checked_sub(1) else {
        let (name, found) = ("training.epoch".to_owned(), "0".to_owned());
        return Err(Problem::Number { name, found }.into());
    };
    let losses = archive.read_numbers("history.loss", count)?;
    let rates = archive.read_numbers("history.learning_rate", count)?;
    let mut records: Vec<EpochRecord> = losses
        .into_iter()
        .zip(rates)
        .enumerate()
        .map(|(index, (loss, learning_rate))| EpochRecord {
            epoch: index + 1,
            loss,
            learning_rate,
            metrics: Metrics::new(),
        })
        .collect();
    for (index, name) in MEASURED.into_iter().enumerate() {
        let numbers = archive.read_numbers(name, count)?;
        let measured = archive.read_bytes(&format!("{name}.measured"))?;
        for ((record, number), measured) in records.iter_mut().zip(numbers).zip(measured) {
            if *measured != 0 {
                *record.metrics.as_array_mut()[index] = Some(number);
            }
        }
    }
    Ok(records)
}

fn write_watch(writer: &mut Writer, tensors: &[Tensor], watch: &Watch) {
    writer.add_values("early_stop.model.", tensors, &watch.best_model);
    writer.add_number("early_stop.best", watch.best);
    writer.add_count(
        "early_stop.best_epoch",
        watch.best_epoch.unwrap_or(0) as u64,
    );
    writer.add_count("early_stop.since_best", watch.since_best as u64);
}

fn read_watch(
    archive: &mut Archive<'_>,
    tensors: &[Tensor],
    watch: &mut Watch,
) -> Result<(), WeightsError> {
    archive.read_values("early_stop.model.", tensors, &mut watch.best_model)?;
    watch.best = archive.read_number("early_stop.best")?;
    let best_epoch = archive.read_size("early_stop.best_epoch")?;
    watch.best_epoch = (best_epoch > 0).then_some(best_epoch);
    watch.since_best = archive.read_size("early_stop.since_best")?;
    Ok(())
}
