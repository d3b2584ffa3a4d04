//! The loop over epochs and batches.

use std::ops::ControlFlow;

use rand::seq::SliceRandom;

use super::adjust::Decay;
use super::early_stop::Watch;
use super::gradients::Gradients;
use super::progress::Progress;
use super::{EpochRecord, History, Moment, NonFinite, Observer, StepRecord, TrainError, Trainer};
use crate::data::{Part, generator, mixed};
use crate::differentiable::{Differentiable, Flat, first_non_finite, is_finite};
use crate::optim::Optimiser;

/// Everything that a training brings from one step to the next, beside the model.
pub(super) struct Course<O> {
    pub(super) optimiser: O,
    /// The epoch that is under way, counting from 1.
    pub(super) epoch: usize,
    /// How many of its batches are done.
    pub(super) batch: usize,
    /// The sum of the losses of the examples seen in it.
    pub(super) total: f64,
    /// How many examples that is.
    pub(super) seen: usize,
    /// How many steps were taken in all epochs.
    pub(super) step: u64,
    pub(super) history: History,
    pub(super) watch: Option<Watch>,
}

/// What a training works with and need not remember.
struct Run<'t, O> {
    trainer: &'t Trainer<O>,
    /// The number of examples.
    rows: usize,
    /// The mean gradient of a batch.
    mean: Flat,
    /// The model's last values at which loss and gradient were finite.
    good: Flat,
    decay: Option<Decay>,
    base_rate: f64,
}

impl<O: Optimiser> Course<O> {
    fn new<M: Differentiable>(trainer: &Trainer<O>, model: &M) -> Self {
        let mut optimiser = trainer.optimiser.clone();
        optimiser.reset();
        Self {
            optimiser,
            epoch: 1,
            batch: 0,
            total: 0.0,
            seen: 0,
            step: 0,
            history: History::default(),
            watch: trainer.early_stop.map(|rule| Watch::new(rule, model)),
        }
    }

    /// What goes into the history for the epoch under way.
    fn record<M>(&self, observer: &mut impl Observer<M>, model: &M) -> EpochRecord {
        EpochRecord {
            epoch: self.epoch,
            loss: self.total / self.seen as f64,
            learning_rate: self.optimiser.learning_rate(),
            metrics: observer.measure(model, self.epoch),
        }
    }
}

/// Trains `model` on so many examples.
pub(super) fn train<M: Differentiable, O: Optimiser>(
    trainer: &Trainer<O>,
    model: &mut M,
    rows: usize,
    gradients: &mut impl Gradients<M>,
    observer: &mut impl Observer<M>,
) -> Result<History, TrainError> {
    trainer.check()?;
    if rows == 0 {
        return Err(TrainError::NoData);
    }
    let run = Run {
        trainer,
        rows,
        mean: Flat::of(&model.zero_gradient()),
        good: Flat::of(model),
        decay: trainer
            .weight_decay
            .as_ref()
            .map(|decay| decay.ready(model)),
        base_rate: trainer.optimiser.learning_rate(),
    };
    let course = run.start(model)?;
    run.through(course, model, gradients, observer)
}

impl<O: Optimiser> Run<'_, O> {
    /// The state to begin with: that of a checkpoint, if there is one to go on from.
    fn start<M: Differentiable>(&self, model: &mut M) -> Result<Course<O>, TrainError> {
        let course = Course::new(self.trainer, model);
        #[cfg(feature = "safetensors")]
        let course = match &self.trainer.checkpoints {
            Some(checkpoints) => checkpoints.resumed(&self.settings(), course, model)?,
            None => course,
        };
        Ok(course)
    }

    fn through<M: Differentiable>(
        mut self,
        mut course: Course<O>,
        model: &mut M,
        gradients: &mut impl Gradients<M>,
        observer: &mut impl Observer<M>,
    ) -> Result<History, TrainError> {
        let trainer = self.trainer;
        self.good.copy_from(model);
        let batches = self.rows.div_ceil(trainer.batch_size);
        let mut progress = Progress::new(trainer.epochs, self.rows, trainer.progress);
        progress.start(course.epoch, course.seen);
        let mut order = vec![0; self.rows];
        course.history.epochs.reserve(trainer.epochs.min(1 << 16));

        while course.epoch <= trainer.epochs && !course.history.stopped_early {
            self.shuffle(&mut order, course.epoch);
            let mut flow = ControlFlow::Continue(());
            while course.batch < batches && flow.is_continue() {
                let start = course.batch * trainer.batch_size;
                let end = self.rows.min(start + trainer.batch_size);
                let step = self.step(&mut course, model, &order[start..end], gradients)?;
                progress.step(&step, course.seen);
                #[cfg(feature = "safetensors")]
                self.save(&course, model)?;
                flow = observer.after_step(&step, model);
            }
            let record = course.record(observer, model);
            progress.epoch(&record);
            course.history.epochs.push(record);
            if let Some(watch) = &mut course.watch {
                course.history.stopped_early = watch.gives_up(&record, model);
            }
            (course.epoch, course.batch) = (course.epoch + 1, 0);
            (course.total, course.seen) = (0.0, 0);
            // An epoch that was broken off is not in a checkpoint: whoever resumes does all of it.
            #[cfg(feature = "safetensors")]
            if flow.is_continue() {
                self.save(&course, model)?;
            }
            if flow.is_break() || observer.after_epoch(&record, model).is_break() {
                course.history.stopped_early = true;
            }
        }
        if let Some(watch) = course.watch {
            watch.best_model.write_to(model);
            course.history.best_epoch = watch.best_epoch;
        }
        Ok(course.history)
    }

    /// Writes a checkpoint, if one is due.
    #[cfg(feature = "safetensors")]
    fn save<M: Differentiable>(&self, course: &Course<O>, model: &M) -> Result<(), TrainError> {
        match &self.trainer.checkpoints {
            Some(checkpoints) => {
                checkpoints.save_if_due(&self.settings(), course, model, self.trainer.epochs)
            }
            None => Ok(()),
        }
    }

    /// What a checkpoint has to share with a training that goes on from it.
    #[cfg(feature = "safetensors")]
    fn settings(&self) -> super::checkpoint::Settings {
        super::checkpoint::Settings {
            optimiser: self.trainer.optimiser.name(),
            seed: self.trainer.seed,
            batch_size: self.trainer.batch_size,
            shards: self.trainer.shards,
            rows: self.rows,
        }
    }

    /// The order of an epoch. It depends on the seed and the epoch alone, so that a training that is
    /// resumed need not know of the epochs before.
    fn shuffle(&self, order: &mut [usize], epoch: usize) {
        for (place, row) in order.iter_mut().enumerate() {
            *row = place;
        }
        order.shuffle(&mut generator(mixed(self.trainer.seed, epoch as u64)));
    }

    /// One step on the mean gradient of `rows`. On failure the model is back at its last good values.
    fn step<M: Differentiable>(
        &mut self,
        course: &mut Course<O>,
        model: &mut M,
        rows: &[usize],
        gradients: &mut impl Gradients<M>,
    ) -> Result<StepRecord, TrainError> {
        let (epoch, batch) = (course.epoch, course.batch + 1);
        let non_finite = |problem| TrainError::NonFinite {
            epoch,
            batch,
            problem,
        };
        let learning_rate = self.learning_rate(course)?;
        let part = Part {
            rows,
            step: course.step,
            shard: 0,
        };
        let loss = gradients.compute(model, &part, &mut self.mean);
        if !loss.finite {
            let problem = self.problem(model, loss.total, loss.bad_row);
            self.good.write_to(model);
            return Err(non_finite(problem));
        }
        let gradient_norm = self
            .trainer
            .clip
            .and_then(|clip| clip.apply(&mut self.mean));

        self.good.copy_from(model);
        if let Some(decay) = &self.decay {
            decay.apply(model, learning_rate);
        }
        course.optimiser.set_learning_rate(learning_rate);
        course
            .optimiser
            .step_flat(model, &self.mean)
            .map_err(TrainError::HyperParameter)?;
        if !is_finite(model) {
            let parameter = first_non_finite(model).unwrap_or_default();
            self.good.write_to(model);
            return Err(non_finite(NonFinite::Parameter { parameter }));
        }

        course.batch = batch;
        course.step += 1;
        course.total += loss.total;
        course.seen += rows.len();
        Ok(StepRecord {
            epoch,
            batch,
            step: course.step,
            loss: loss.total / rows.len() as f64,
            learning_rate,
            gradient_norm,
        })
    }

    fn learning_rate(&self, course: &Course<O>) -> Result<f64, TrainError> {
        let moment = Moment {
            step: course.step,
            steps_per_epoch: self.rows.div_ceil(self.trainer.batch_size) as u64,
            epochs: self.trainer.epochs,
        };
        let factor = self.trainer.schedule.factor(&moment);
        match factor > 0.0 && factor.is_finite() {
            true => Ok(self.base_rate * factor),
            false => Err(TrainError::Schedule {
                epoch: course.epoch,
                batch: course.batch + 1,
                factor,
            }),
        }
    }

    fn problem<M: Differentiable>(&self, model: &M, loss: f64, row: Option<usize>) -> NonFinite {
        let in_gradient = self.mean.first_non_finite(model);
        match (loss.is_finite(), in_gradient) {
            (true, parameter) => NonFinite::Gradient {
                parameter: parameter.unwrap_or_default(),
            },
            (false, in_gradient) => NonFinite::Loss {
                value: loss,
                row,
                parameter: in_gradient.or_else(|| first_non_finite(model)),
            },
        }
    }
}
