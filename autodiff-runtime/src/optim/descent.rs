//! Descent along the gradient, with and without momentum.

use super::state::Rule;
use super::{Check, HyperParameterError, Optimiser, State, common};
use crate::differentiable::{Flat, Leaves};
use crate::real::Real;

/// Gradient descent: `θ ← θ − η·g`; stochastic where `g` comes from a batch.
///
/// Robbins and Monro, *A stochastic approximation method*, Annals of Mathematical Statistics 22
/// (1951).
#[derive(Clone, Debug, PartialEq)]
pub struct Sgd {
    learning_rate: f64,
    state: State,
}

impl Sgd {
    /// With learning rate `η`.
    pub fn new(learning_rate: f64) -> Self {
        Self {
            learning_rate,
            state: State::default(),
        }
    }
}

impl Optimiser for Sgd {
    common!("Sgd", learning_rate, state, []);

    fn check(&self) -> Result<(), HyperParameterError> {
        Check("Sgd")
            .positive("learning rate", self.learning_rate)
            .map(drop)
    }

    fn step_flat<M: Leaves>(
        &mut self,
        model: &mut M,
        gradient: &Flat,
    ) -> Result<(), HyperParameterError> {
        self.check()?;
        let rate = self.learning_rate;
        self.state
            .update(model, gradient, Self::SLOTS, Descent { rate });
        Ok(())
    }
}

/// Gradient descent with a heavy ball: `v ← μ·v + g`, `θ ← θ − η·v`.
///
/// Polyak, *Some methods of speeding up the convergence of iteration methods*, USSR Computational
/// Mathematics and Mathematical Physics 4 (1964).
#[derive(Clone, Debug, PartialEq)]
pub struct Momentum {
    learning_rate: f64,
    momentum: f64,
    state: State,
}

impl Momentum {
    /// With learning rate `η` and momentum `μ = 0.9`.
    pub fn new(learning_rate: f64) -> Self {
        Self {
            learning_rate,
            momentum: 0.9,
            state: State::default(),
        }
    }

    /// Sets the momentum `μ`, at least 0 and below 1.
    pub fn momentum(self, momentum: f64) -> Self {
        Self { momentum, ..self }
    }
}

impl Optimiser for Momentum {
    common!("Momentum", learning_rate, state, ["velocity"]);

    fn check(&self) -> Result<(), HyperParameterError> {
        Check("Momentum")
            .positive("learning rate", self.learning_rate)?
            .decay("momentum", self.momentum)
            .map(drop)
    }

    fn step_flat<M: Leaves>(
        &mut self,
        model: &mut M,
        gradient: &Flat,
    ) -> Result<(), HyperParameterError> {
        self.check()?;
        let (rate, momentum) = (self.learning_rate, self.momentum);
        let rule = HeavyBall { rate, momentum };
        self.state.update(model, gradient, Self::SLOTS, rule);
        Ok(())
    }
}

/// Accelerated gradient descent: `v ← μ·v + g`, `θ ← θ − η·(g + μ·v)`.
///
/// Nesterov, *A method for solving the convex programming problem with convergence rate O(1/k²)*,
/// Soviet Mathematics Doklady 27 (1983), in the form of Sutskever, Martens, Dahl and Hinton, *On
/// the importance of initialization and momentum in deep learning* (ICML 2013), written so that
/// the gradient is taken at the parameters themselves.
#[derive(Clone, Debug, PartialEq)]
pub struct Nesterov {
    learning_rate: f64,
    momentum: f64,
    state: State,
}

impl Nesterov {
    /// With learning rate `η` and momentum `μ = 0.9`.
    pub fn new(learning_rate: f64) -> Self {
        Self {
            learning_rate,
            momentum: 0.9,
            state: State::default(),
        }
    }

    /// Sets the momentum `μ`, at least 0 and below 1.
    pub fn momentum(self, momentum: f64) -> Self {
        Self { momentum, ..self }
    }
}

impl Optimiser for Nesterov {
    common!("Nesterov", learning_rate, state, ["velocity"]);

    fn check(&self) -> Result<(), HyperParameterError> {
        Check("Nesterov")
            .positive("learning rate", self.learning_rate)?
            .decay("momentum", self.momentum)
            .map(drop)
    }

    fn step_flat<M: Leaves>(
        &mut self,
        model: &mut M,
        gradient: &Flat,
    ) -> Result<(), HyperParameterError> {
        self.check()?;
        let (rate, momentum) = (self.learning_rate, self.momentum);
        let rule = Accelerated { rate, momentum };
        self.state.update(model, gradient, Self::SLOTS, rule);
        Ok(())
    }
}

struct Descent {
    rate: f64,
}

impl Rule<0> for Descent {
    #[inline(always)]
    fn apply<T: Real>(&self, x: T, g: T, []: &mut [T; 0]) -> T {
        x - T::from_f64(self.rate) * g
    }
}

struct HeavyBall {
    rate: f64,
    momentum: f64,
}

impl Rule<1> for HeavyBall {
    #[inline(always)]
    fn apply<T: Real>(&self, x: T, g: T, [v]: &mut [T; 1]) -> T {
        *v = T::from_f64(self.momentum) * *v + g;
        x - T::from_f64(self.rate) * *v
    }
}

struct Accelerated {
    rate: f64,
    momentum: f64,
}

impl Rule<1> for Accelerated {
    #[inline(always)]
    fn apply<T: Real>(&self, x: T, g: T, [v]: &mut [T; 1]) -> T {
        let momentum = T::from_f64(self.momentum);
        *v = momentum * *v + g;
        x - T::from_f64(self.rate) * (g + momentum * *v)
    }
}
