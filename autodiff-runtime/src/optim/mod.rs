//! Optimisers: rules that move a model's parameters against the gradient.
//!
//! In the formulas `θ` is a parameter, `g` its gradient, `η` the learning rate; all operations are
//! elementwise and state starts at zero. Computing and state are in the precision of the parameter.
//!
//! ```
//! use autodiff_runtime::optim::{Adam, Optimiser};
//!
//! // The minimum of (a − 3)² + (b + 1)², from (0, 0).
//! let mut point = [0.0_f64, 0.0];
//! let mut adam = Adam::new(0.1);
//! for _ in 0..500 {
//!     let gradient = [2.0 * (point[0] - 3.0), 2.0 * (point[1] + 1.0)];
//!     adam.step(&mut point, &gradient)?;
//! }
//! assert!((point[0] - 3.0).abs() < 1e-3 && (point[1] + 1.0).abs() < 1e-3);
//! # Ok::<(), autodiff_runtime::optim::HyperParameterError>(())
//! ```

mod adaptive;
mod descent;
mod error;
mod state;

pub use adaptive::{Adam, AdamW, RmsProp};
pub use descent::{Momentum, Nesterov, Sgd};
pub(crate) use error::Check;
pub use error::HyperParameterError;
pub use state::State;

use crate::differentiable::{Differentiable, Flat, Leaves};

/// A rule that moves the parameters of a model, given the gradient of its loss.
///
/// An optimiser carries its state (momentum, averages, the number of steps) from step to step and
/// so belongs to one model; [`Optimiser::reset`] readies it for another. From the second step on, no
/// step allocates.
pub trait Optimiser: Clone {
    /// The names of the numbers that are kept for every parameter, see [`State::slots`].
    const SLOTS: &'static [&'static str];

    /// The method's name, as errors and checkpoints give it.
    fn name(&self) -> &'static str;

    /// Checks the hyper-parameters. [`Optimiser::step`] does it too, before it changes anything.
    ///
    /// # Errors
    /// When one is outside the range in which the method makes sense.
    fn check(&self) -> Result<(), HyperParameterError>;

    /// The learning rate `η`.
    fn learning_rate(&self) -> f64;

    /// Sets the learning rate, and leaves the state as it is: what a schedule does.
    fn set_learning_rate(&mut self, learning_rate: f64);

    /// Moves `model` one step against a gradient whose numbers are in a buffer of their own.
    ///
    /// # Errors
    /// As for [`Optimiser::check`]; the model is then unchanged.
    ///
    /// # Panics
    /// As [`Optimiser::step`].
    fn step_flat<M: Leaves>(
        &mut self,
        model: &mut M,
        gradient: &Flat,
    ) -> Result<(), HyperParameterError>;

    /// What the optimiser remembers of its steps.
    fn state(&self) -> &State;

    /// As [`Optimiser::state`], open to change.
    fn state_mut(&mut self) -> &mut State;

    /// Moves `model` one step against `gradient`.
    ///
    /// # Errors
    /// As for [`Optimiser::check`]; the model is then unchanged.
    ///
    /// # Panics
    /// When `gradient` has not the model's shape, or the model not that of the one this optimiser has
    /// moved before.
    fn step<M: Differentiable>(
        &mut self,
        model: &mut M,
        gradient: &M::Gradient,
    ) -> Result<(), HyperParameterError> {
        let flat = self.state_mut().take_gradient(gradient);
        let done = self.step_flat(model, &flat);
        self.state_mut().put_back(flat);
        done
    }

    /// Forgets all state; the hyper-parameters stay.
    fn reset(&mut self) {
        self.state_mut().clear();
    }
}

/// What all optimisers say of themselves in the same words.
macro_rules! common {
    ($name:literal, $($rate:ident).+, $($state:ident).+, $slots:expr) => {
        const SLOTS: &'static [&'static str] = &$slots;

        fn name(&self) -> &'static str {
            $name
        }

        fn learning_rate(&self) -> f64 {
            self.$($rate).+
        }

        fn set_learning_rate(&mut self, learning_rate: f64) {
            self.$($rate).+ = learning_rate;
        }

        fn state(&self) -> &State {
            &self.$($state).+
        }

        fn state_mut(&mut self) -> &mut State {
            &mut self.$($state).+
        }
    };
}
use common;

#[cfg(test)]
mod tests;
