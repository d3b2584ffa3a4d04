//! Learning rates that change during a training.

use std::f64::consts::PI;
use std::fmt;
use std::sync::Arc;

/// How far a training has come, before a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Moment {
    /// How many steps have been taken, in all epochs.
    pub step: u64,
    /// How many steps an epoch has.
    pub steps_per_epoch: u64,
    /// How many epochs the training is to have.
    pub epochs: usize,
}

impl Moment {
    /// The time passed in epochs: 1.5 in the middle of the second one.
    pub fn epochs_done(&self) -> f64 {
        self.step as f64 / self.steps_per_epoch.max(1) as f64
    }

    /// The part of the training that has passed, from 0 in the first step to a step below 1 in the last.
    pub fn fraction_done(&self) -> f64 {
        self.epochs_done() / self.epochs.max(1) as f64
    }
}

/// A factor for the learning rate, as a function of the time.
///
/// It depends on nothing but the [`Moment`], so that a resumed training goes on as if it had never
/// stopped.
///
/// ```
/// use autodiff_runtime::train::{Moment, Schedule};
///
/// let schedule = Schedule::cosine(0.1).warm_up(2.0);
/// let factor = |epoch: u64| {
///     schedule.factor(&Moment { step: 10 * epoch, steps_per_epoch: 10, epochs: 12 })
/// };
/// assert!((factor(1) - 0.55).abs() < 1e-12); // 11 of the 20 steps of the warm-up
/// assert!((factor(2) - 1.0).abs() < 1e-12); // the cosine has the 10 epochs after it
/// assert!((factor(7) - 0.55).abs() < 1e-12); // half way down from 1 to 0.1
/// ```
#[derive(Clone)]
pub struct Schedule {
    shape: Shape,
    warm_up: f64,
}

#[derive(Clone)]
enum Shape {
    Constant,
    Step { every: f64, factor: f64 },
    Cosine { floor: f64 },
    Custom(Arc<dyn Fn(&Moment) -> f64 + Send + Sync>),
}

impl Schedule {
    fn new(shape: Shape) -> Self {
        Self {
            shape,
            warm_up: 0.0,
        }
    }

    /// Always 1.
    pub fn constant() -> Self {
        Self::new(Shape::Constant)
    }

    /// `factor^⌊t / every⌋` at a time of `t` epochs: the rate is multiplied by `factor` after every
    /// `every` epochs.
    pub fn step(every: f64, factor: f64) -> Self {
        Self::new(Shape::Step { every, factor })
    }

    /// `floor + (1 − floor)·½(1 + cos πs)`, where `s` is the part of the training that has passed: from 1
    /// down to `floor`.
    ///
    /// Loshchilov and Hutter, *SGDR: stochastic gradient descent with warm restarts* (ICLR 2017), one
    /// period.
    pub fn cosine(floor: f64) -> Self {
        Self::new(Shape::Cosine { floor })
    }

    /// Any function of the moment.
    ///
    /// ```
    /// use autodiff_runtime::train::Schedule;
    /// // 1 / √(1 + t), with the time in epochs.
    /// let schedule = Schedule::custom(|moment| (1.0 + moment.epochs_done()).powf(-0.5));
    /// ```
    pub fn custom(factor: impl Fn(&Moment) -> f64 + Send + Sync + 'static) -> Self {
        Self::new(Shape::Custom(Arc::new(factor)))
    }

    /// Begins with a warm-up of that many epochs, in which the factor grows linearly to 1: in step `k`
    /// of `n`, counting from 1, it is `k/n`. What the schedule was before comes after it, in the
    /// epochs that are left.
    ///
    /// Goyal et al., *Accurate, large minibatch SGD: training ImageNet in 1 hour* (2017), section 2.2.
    ///
    /// # Panics
    ///
    /// If the number is negative, infinite or NaN.
    #[track_caller]
    pub fn warm_up(self, epochs: f64) -> Self {
        assert!(
            (0.0..f64::INFINITY).contains(&epochs),
            "warm_up: the number of epochs must be at least 0 and finite, not {epochs}"
        );
        Self {
            warm_up: epochs,
            ..self
        }
    }

    /// The factor at a moment.
    pub fn factor(&self, moment: &Moment) -> f64 {
        let steps = (self.warm_up * moment.steps_per_epoch as f64).ceil();
        let step = moment.step as f64;
        if step < steps {
            return (step + 1.0) / steps;
        }
        let since = (step - steps) / moment.steps_per_epoch.max(1) as f64;
        let left = moment.epochs as f64 - self.warm_up;
        match &self.shape {
            Shape::Constant => 1.0,
            Shape::Step { every, factor } => factor.powf((since / every).floor()),
            Shape::Cosine { floor } => {
                let passed = (since / left).clamp(0.0, 1.0);
                floor + (1.0 - floor) * 0.5 * (1.0 + (PI * passed).cos())
            }
            Shape::Custom(factor) => factor(moment),
        }
    }
}

impl Default for Schedule {
    fn default() -> Self {
        Self::constant()
    }
}

impl fmt::Debug for Schedule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.shape {
            Shape::Constant => write!(f, "constant")?,
            Shape::Step { every, factor } => write!(f, "step({every}, {factor})")?,
            Shape::Cosine { floor } => write!(f, "cosine({floor})")?,
            Shape::Custom(_) => write!(f, "custom")?,
        }
        match self.warm_up {
            0.0 => Ok(()),
            epochs => write!(f, ".warm_up({epochs})"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn factors(schedule: &Schedule, epochs: usize) -> Vec<f64> {
        (0..4 * epochs as u64)
            .map(|step| {
                schedule.factor(&Moment {
                    step,
                    steps_per_epoch: 4,
                    epochs,
                })
            })
            .collect()
    }

    #[test]
    fn steps_come_after_whole_periods() {
        let found = factors(&Schedule::step(1.5, 0.5), 4);
        let expected = [[1.0; 6], [0.5; 6]].concat();
        assert_eq!(found[..12], expected);
        assert_eq!(found[12..], [0.25; 4]);
    }

    #[test]
    fn the_cosine_falls_from_one_to_its_floor() {
        let found = factors(&Schedule::cosine(0.2), 2);
        assert_eq!(found[0], 1.0);
        assert!((found[4] - 0.6).abs() < 1e-15);
        assert!(found.is_sorted_by(|a, b| a > b) && found[7] > 0.2);
        let end = Moment {
            step: 8,
            steps_per_epoch: 4,
            epochs: 2,
        };
        assert!((Schedule::cosine(0.2).factor(&end) - 0.2).abs() < 1e-15);
    }

    #[test]
    #[should_panic(
        expected = "warm_up: the number of epochs must be at least 0 and finite, not NaN"
    )]
    fn a_warm_up_has_a_length() {
        let _ = Schedule::constant().warm_up(f64::NAN);
    }

    #[test]
    fn a_warm_up_grows_to_one_and_the_rest_has_the_time_left() {
        let found = factors(&Schedule::cosine(0.0).warm_up(1.0), 3);
        assert_eq!(found[..5], [0.25, 0.5, 0.75, 1.0, 1.0]);
        assert_eq!(found[4..], factors(&Schedule::cosine(0.0), 2));
        assert_eq!(
            factors(&Schedule::constant().warm_up(0.4), 1),
            [0.5, 1.0, 1.0, 1.0]
        );
        assert_eq!(
            factors(&Schedule::constant().warm_up(9.0), 1)[3],
            4.0 / 36.0
        );
    }

    #[test]
    fn any_function_will_do() {
        let schedule = Schedule::custom(|moment| moment.epochs_done() + moment.fraction_done());
        assert_eq!(factors(&schedule, 2)[6], 1.5 + 0.75);
        assert_eq!(format!("{:?}", schedule.warm_up(2.0)), "custom.warm_up(2)");
    }
}
