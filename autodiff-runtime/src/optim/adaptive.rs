//! Steps that adapt to the size of each parameter's gradient.

use super::state::Rule;
use super::{Check, HyperParameterError, Optimiser, State, common};
use crate::differentiable::{Flat, Leaves};
use crate::real::Real;

/// Steps scaled by a running size of the gradient: `s ← ρ·s + (1 − ρ)·g²`,
/// `θ ← θ − η·g / (√s + ε)`.
///
/// Tieleman and Hinton, *Neural networks for machine learning*, lecture 6.5 (Coursera, 2012).
#[derive(Clone, Debug, PartialEq)]
pub struct RmsProp {
    learning_rate: f64,
    decay: f64,
    epsilon: f64,
    state: State,
}

impl RmsProp {
    /// With learning rate `η`, decay `ρ = 0.99` and `ε = 1e-8`.
    pub fn new(learning_rate: f64) -> Self {
        Self {
            learning_rate,
            decay: 0.99,
            epsilon: 1e-8,
            state: State::default(),
        }
    }

    /// Sets the decay `ρ`, at least 0 and below 1.
    pub fn decay(self, decay: f64) -> Self {
        Self { decay, ..self }
    }

    /// Sets `ε`, positive.
    pub fn epsilon(self, epsilon: f64) -> Self {
        Self { epsilon, ..self }
    }
}

impl Optimiser for RmsProp {
    common!("RmsProp", learning_rate, state, ["square"]);

    fn check(&self) -> Result<(), HyperParameterError> {
        Check("RmsProp")
            .positive("learning rate", self.learning_rate)?
            .decay("decay", self.decay)?
            .positive("epsilon", self.epsilon)
            .map(drop)
    }

    fn step_flat<M: Leaves>(
        &mut self,
        model: &mut M,
        gradient: &Flat,
    ) -> Result<(), HyperParameterError> {
        self.check()?;
        let (rate, decay, epsilon) = (self.learning_rate, self.decay, self.epsilon);
        let rule = BySize {
            rate,
            decay,
            epsilon,
        };
        self.state.update(model, gradient, Self::SLOTS, rule);
        Ok(())
    }
}

/// Adaptive moments: in step `t`, `m ← β₁·m + (1 − β₁)·g`, `s ← β₂·s + (1 − β₂)·g²`,
/// `θ ← θ − η·m̂ / (√ŝ + ε)` with `m̂ = m / (1 − β₁ᵗ)` and `ŝ = s / (1 − β₂ᵗ)`.
///
/// Kingma and Ba, *Adam: a method for stochastic optimization* (ICLR 2015), algorithm 1.
#[derive(Clone, Debug, PartialEq)]
pub struct Adam {
    learning_rate: f64,
    beta1: f64,
    beta2: f64,
    epsilon: f64,
    state: State,
}

impl Adam {
    /// With learning rate `η`, `β₁ = 0.9`, `β₂ = 0.999` and `ε = 1e-8`, as in the paper.
    pub fn new(learning_rate: f64) -> Self {
        Self {
            learning_rate,
            beta1: 0.9,
            beta2: 0.999,
            epsilon: 1e-8,
            state: State::default(),
        }
    }

    /// Sets `β₁`, at least 0 and below 1.
    pub fn beta1(self, beta1: f64) -> Self {
        Self { beta1, ..self }
    }

    /// Sets `β₂`, at least 0 and below 1.
    pub fn beta2(self, beta2: f64) -> Self {
        Self { beta2, ..self }
    }

    /// Sets `ε`, positive.
    pub fn epsilon(self, epsilon: f64) -> Self {
        Self { epsilon, ..self }
    }

    fn check_as(&self, name: &'static str) -> Result<Check, HyperParameterError> {
        Check(name)
            .positive("learning rate", self.learning_rate)?
            .decay("beta1", self.beta1)?
            .decay("beta2", self.beta2)?
            .positive("epsilon", self.epsilon)
    }

    /// One step whose direction is `m̂ / (√ŝ + ε) + weight_decay·θ`.
    fn step_with_decay<M: Leaves>(&mut self, model: &mut M, gradient: &Flat, weight_decay: f64) {
        let step = (self.state.steps + 1) as f64;
        let rule = Moments {
            beta1: self.beta1,
            beta2: self.beta2,
            correction1: 1.0 - self.beta1.powf(step),
            correction2: 1.0 - self.beta2.powf(step),
            rate: self.learning_rate,
            epsilon: self.epsilon,
            weight_decay,
        };
        self.state.update(model, gradient, Self::SLOTS, rule);
    }
}

impl Optimiser for Adam {
    common!("Adam", learning_rate, state, ["mean", "square"]);

    fn check(&self) -> Result<(), HyperParameterError> {
        self.check_as("Adam").map(drop)
    }

    fn step_flat<M: Leaves>(
        &mut self,
        model: &mut M,
        gradient: &Flat,
    ) -> Result<(), HyperParameterError> {
        self.check()?;
        self.step_with_decay(model, gradient, 0.0);
        Ok(())
    }
}

/// [`Adam`] with weight decay kept apart from the moments: `θ ← θ − η·(m̂ / (√ŝ + ε) + λ·θ)`.
/// The decay applies to every parameter.
///
/// Loshchilov and Hutter, *Decoupled weight decay regularization* (ICLR 2019), algorithm 2, with
/// the decay scaled by the learning rate.
#[derive(Clone, Debug, PartialEq)]
pub struct AdamW {
    adam: Adam,
    weight_decay: f64,
}

impl AdamW {
    /// With learning rate `η`, weight decay `λ = 0.01`, and the rest as in [`Adam::new`].
    pub fn new(learning_rate: f64) -> Self {
        Self {
            adam: Adam::new(learning_rate),
            weight_decay: 0.01,
        }
    }

    /// Sets the weight decay `λ`, at least 0.
    pub fn weight_decay(self, weight_decay: f64) -> Self {
        Self {
            weight_decay,
            ..self
        }
    }

    /// Sets `β₁`, at least 0 and below 1.
    pub fn beta1(self, beta1: f64) -> Self {
        Self {
            adam: self.adam.beta1(beta1),
            ..self
        }
    }

    /// Sets `β₂`, at least 0 and below 1.
    pub fn beta2(self, beta2: f64) -> Self {
        Self {
            adam: self.adam.beta2(beta2),
            ..self
        }
    }

    /// Sets `ε`, positive.
    pub fn epsilon(self, epsilon: f64) -> Self {
        Self {
            adam: self.adam.epsilon(epsilon),
            ..self
        }
    }
}

impl Optimiser for AdamW {
    common!("AdamW", adam.learning_rate, adam.state, ["mean", "square"]);

    fn check(&self) -> Result<(), HyperParameterError> {
        self.adam
            .check_as("AdamW")?
            .not_negative("weight decay", self.weight_decay)
            .map(drop)
    }

    fn step_flat<M: Leaves>(
        &mut self,
        model: &mut M,
        gradient: &Flat,
    ) -> Result<(), HyperParameterError> {
        self.check()?;
        self.adam
            .step_with_decay(model, gradient, self.weight_decay);
        Ok(())
    }
}

struct BySize {
    rate: f64,
    decay: f64,
    epsilon: f64,
}

impl Rule<1> for BySize {
    #[inline(always)]
    fn apply<T: Real>(&self, x: T, g: T, [s]: &mut [T; 1]) -> T {
        *s = T::from_f64(self.decay) * *s + T::from_f64(1.0 - self.decay) * g * g;
        x - T::from_f64(self.rate) * g / (s.sqrt() + T::from_f64(self.epsilon))
    }
}

struct Moments {
    rate: f64,
    beta1: f64,
    beta2: f64,
    correction1: f64,
    correction2: f64,
    epsilon: f64,
    weight_decay: f64,
}

impl Rule<2> for Moments {
    #[inline(always)]
    fn apply<T: Real>(&self, x: T, g: T, [m, s]: &mut [T; 2]) -> T {
        let number = T::from_f64;
        *m = number(self.beta1) * *m + number(1.0 - self.beta1) * g;
        *s = number(self.beta2) * *s + number(1.0 - self.beta2) * g * g;
        let size = (*s / number(self.correction2)).sqrt() + number(self.epsilon);
        let adaptive = (*m / number(self.correction1)) / size;
        x - number(self.rate) * (adaptive + number(self.weight_decay) * x)
    }
}
