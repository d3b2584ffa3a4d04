//! Optimisers: rules that move a model's parameters against the gradient.
//!
//! In the formulas `θ` is a parameter, `g` its gradient, `η` the learning rate; all operations are
//! elementwise and state starts at zero. The state is kept in double precision, one slot per
//! number of the model, also for models of `f32`.
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

use std::fmt;

use crate::differentiable::{Differentiable, zip_leaves};

/// A rule that moves the parameters of a model, given the gradient of its loss.
///
/// An optimiser carries its state (momentum, averages, the number of steps) from step to step and
/// so belongs to one model; [`Optimiser::reset`] readies it for another.
pub trait Optimiser: Clone {
    /// Checks the hyper-parameters. [`Optimiser::step`] does it too, before it changes anything.
    ///
    /// # Errors
    /// When one is outside the range in which the method makes sense.
    fn check(&self) -> Result<(), HyperParameterError>;

    /// Moves `model` one step against `gradient`.
    ///
    /// # Errors
    /// As for [`Optimiser::check`]; the model is then unchanged.
    ///
    /// # Panics
    /// When `gradient` has not the model's shape, or the model has not as many numbers as the one
    /// this optimiser has moved before.
    fn step<M: Differentiable>(
        &mut self,
        model: &mut M,
        gradient: &M::Gradient,
    ) -> Result<(), HyperParameterError>;

    /// Forgets all state; the hyper-parameters stay.
    fn reset(&mut self);
}

/// A hyper-parameter outside its range. Prints as a sentence.
#[derive(Clone, Debug, PartialEq)]
pub struct HyperParameterError {
    optimiser: &'static str,
    parameter: &'static str,
    range: &'static str,
    value: f64,
}

impl fmt::Display for HyperParameterError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            optimiser,
            parameter,
            range,
            value,
        } = self;
        write!(
            f,
            "{optimiser}: the {parameter} must be {range}, not {value}"
        )
    }
}

impl std::error::Error for HyperParameterError {}

/// Checks the hyper-parameters of the optimiser of this name, one after the other.
#[derive(Clone, Copy)]
struct Check(&'static str);

impl Check {
    fn that(
        self,
        holds: bool,
        parameter: &'static str,
        range: &'static str,
        value: f64,
    ) -> Result<Self, HyperParameterError> {
        match holds {
            true => Ok(self),
            false => Err(HyperParameterError {
                optimiser: self.0,
                parameter,
                range,
                value,
            }),
        }
    }

    fn positive(self, parameter: &'static str, value: f64) -> Result<Self, HyperParameterError> {
        let holds = value > 0.0 && value.is_finite();
        self.that(holds, parameter, "positive and finite", value)
    }

    fn not_negative(
        self,
        parameter: &'static str,
        value: f64,
    ) -> Result<Self, HyperParameterError> {
        let holds = value >= 0.0 && value.is_finite();
        self.that(holds, parameter, "at least 0 and finite", value)
    }

    /// A factor by which the past fades.
    fn decay(self, parameter: &'static str, value: f64) -> Result<Self, HyperParameterError> {
        self.that(
            (0.0..1.0).contains(&value),
            parameter,
            "at least 0 and below 1",
            value,
        )
    }
}

/// `K` numbers of state for each number of a model, in the order of its leaves.
#[derive(Clone, Debug, Default, PartialEq)]
struct Slots<const K: usize> {
    slots: Vec<[f64; K]>,
}

impl<const K: usize> Slots<K> {
    /// Replaces every parameter by `rule(parameter, slope, its slots)`.
    fn update<M: Differentiable>(
        &mut self,
        model: &mut M,
        gradient: &M::Gradient,
        rule: impl Fn(f64, f64, &mut [f64; K]) -> f64,
    ) {
        let first_step = self.slots.is_empty();
        let mut used = 0;
        zip_leaves(model, gradient, |path, mut parameters, slopes| {
            let end = used + slopes.len();
            if first_step {
                self.slots.resize(end, [0.0; K]);
            }
            let slots = self.slots.get_mut(used..end).unwrap_or_else(|| {
                let path = if path.is_empty() { "self" } else { path };
                panic!("the optimiser has moved a smaller model before: no state for `{path}`")
            });
            used = end;
            for (index, slot) in slots.iter_mut().enumerate() {
                let parameter = parameters.as_leaf().get(index);
                parameters.set(index, rule(parameter, slopes.get(index), slot));
            }
        });
        assert!(
            used == self.slots.len(),
            "the optimiser has moved a larger model before"
        );
    }
}

/// Gradient descent: `θ ← θ − η·g`; stochastic where `g` comes from a batch.
///
/// Robbins and Monro, *A stochastic approximation method*, Annals of Mathematical Statistics 22
/// (1951).
#[derive(Clone, Debug, PartialEq)]
pub struct Sgd {
    learning_rate: f64,
    state: Slots<0>,
}

impl Sgd {
    /// With learning rate `η`.
    pub fn new(learning_rate: f64) -> Self {
        Self {
            learning_rate,
            state: Slots::default(),
        }
    }
}

impl Optimiser for Sgd {
    fn check(&self) -> Result<(), HyperParameterError> {
        Check("Sgd")
            .positive("learning rate", self.learning_rate)
            .map(drop)
    }

    fn step<M: Differentiable>(
        &mut self,
        model: &mut M,
        gradient: &M::Gradient,
    ) -> Result<(), HyperParameterError> {
        self.check()?;
        let rate = self.learning_rate;
        self.state.update(model, gradient, |x, g, []| x - rate * g);
        Ok(())
    }

    fn reset(&mut self) {
        self.state = Slots::default();
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
    state: Slots<1>,
}

impl Momentum {
    /// With learning rate `η` and momentum `μ = 0.9`.
    pub fn new(learning_rate: f64) -> Self {
        Self {
            learning_rate,
            momentum: 0.9,
            state: Slots::default(),
        }
    }

    /// Sets the momentum `μ`, at least 0 and below 1.
    pub fn momentum(self, momentum: f64) -> Self {
        Self { momentum, ..self }
    }
}

impl Optimiser for Momentum {
    fn check(&self) -> Result<(), HyperParameterError> {
        Check("Momentum")
            .positive("learning rate", self.learning_rate)?
            .decay("momentum", self.momentum)
            .map(drop)
    }

    fn step<M: Differentiable>(
        &mut self,
        model: &mut M,
        gradient: &M::Gradient,
    ) -> Result<(), HyperParameterError> {
        self.check()?;
        let (rate, momentum) = (self.learning_rate, self.momentum);
        self.state.update(model, gradient, |x, g, [v]| {
            *v = momentum * *v + g;
            x - rate * *v
        });
        Ok(())
    }

    fn reset(&mut self) {
        self.state = Slots::default();
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
    state: Slots<1>,
}

impl Nesterov {
    /// With learning rate `η` and momentum `μ = 0.9`.
    pub fn new(learning_rate: f64) -> Self {
        Self {
            learning_rate,
            momentum: 0.9,
            state: Slots::default(),
        }
    }

    /// Sets the momentum `μ`, at least 0 and below 1.
    pub fn momentum(self, momentum: f64) -> Self {
        Self { momentum, ..self }
    }
}

impl Optimiser for Nesterov {
    fn check(&self) -> Result<(), HyperParameterError> {
        Check("Nesterov")
            .positive("learning rate", self.learning_rate)?
            .decay("momentum", self.momentum)
            .map(drop)
    }

    fn step<M: Differentiable>(
        &mut self,
        model: &mut M,
        gradient: &M::Gradient,
    ) -> Result<(), HyperParameterError> {
        self.check()?;
        let (rate, momentum) = (self.learning_rate, self.momentum);
        self.state.update(model, gradient, |x, g, [v]| {
            *v = momentum * *v + g;
            x - rate * (g + momentum * *v)
        });
        Ok(())
    }

    fn reset(&mut self) {
        self.state = Slots::default();
    }
}

/// Steps scaled by a running size of the gradient: `s ← ρ·s + (1 − ρ)·g²`,
/// `θ ← θ − η·g / (√s + ε)`.
///
/// Tieleman and Hinton, *Neural networks for machine learning*, lecture 6.5 (Coursera, 2012).
#[derive(Clone, Debug, PartialEq)]
pub struct RmsProp {
    learning_rate: f64,
    decay: f64,
    epsilon: f64,
    state: Slots<1>,
}

impl RmsProp {
    /// With learning rate `η`, decay `ρ = 0.99` and `ε = 1e-8`.
    pub fn new(learning_rate: f64) -> Self {
        Self {
            learning_rate,
            decay: 0.99,
            epsilon: 1e-8,
            state: Slots::default(),
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
    fn check(&self) -> Result<(), HyperParameterError> {
        Check("RmsProp")
            .positive("learning rate", self.learning_rate)?
            .decay("decay", self.decay)?
            .positive("epsilon", self.epsilon)
            .map(drop)
    }

    fn step<M: Differentiable>(
        &mut self,
        model: &mut M,
        gradient: &M::Gradient,
    ) -> Result<(), HyperParameterError> {
        self.check()?;
        let (rate, decay, epsilon) = (self.learning_rate, self.decay, self.epsilon);
        self.state.update(model, gradient, |x, g, [s]| {
            *s = decay * *s + (1.0 - decay) * g * g;
            x - rate * g / (s.sqrt() + epsilon)
        });
        Ok(())
    }

    fn reset(&mut self) {
        self.state = Slots::default();
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
    steps: u64,
    state: Slots<2>,
}

impl Adam {
    /// With learning rate `η`, `β₁ = 0.9`, `β₂ = 0.999` and `ε = 1e-8`, as in the paper.
    pub fn new(learning_rate: f64) -> Self {
        Self {
            learning_rate,
            beta1: 0.9,
            beta2: 0.999,
            epsilon: 1e-8,
            steps: 0,
            state: Slots::default(),
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
    fn step_with_decay<M: Differentiable>(
        &mut self,
        model: &mut M,
        gradient: &M::Gradient,
        weight_decay: f64,
    ) {
        self.steps += 1;
        let (beta1, beta2) = (self.beta1, self.beta2);
        let correction1 = 1.0 - beta1.powf(self.steps as f64);
        let correction2 = 1.0 - beta2.powf(self.steps as f64);
        let (rate, epsilon) = (self.learning_rate, self.epsilon);
        self.state.update(model, gradient, |x, g, [m, s]| {
            *m = beta1 * *m + (1.0 - beta1) * g;
            *s = beta2 * *s + (1.0 - beta2) * g * g;
            let adaptive = (*m / correction1) / ((*s / correction2).sqrt() + epsilon);
            x - rate * (adaptive + weight_decay * x)
        });
    }
}

impl Optimiser for Adam {
    fn check(&self) -> Result<(), HyperParameterError> {
        self.check_as("Adam").map(drop)
    }

    fn step<M: Differentiable>(
        &mut self,
        model: &mut M,
        gradient: &M::Gradient,
    ) -> Result<(), HyperParameterError> {
        self.check()?;
        self.step_with_decay(model, gradient, 0.0);
        Ok(())
    }

    fn reset(&mut self) {
        self.steps = 0;
        self.state = Slots::default();
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
    fn check(&self) -> Result<(), HyperParameterError> {
        self.adam
            .check_as("AdamW")?
            .not_negative("weight decay", self.weight_decay)
            .map(drop)
    }

    fn step<M: Differentiable>(
        &mut self,
        model: &mut M,
        gradient: &M::Gradient,
    ) -> Result<(), HyperParameterError> {
        self.check()?;
        self.adam
            .step_with_decay(model, gradient, self.weight_decay);
        Ok(())
    }

    fn reset(&mut self) {
        self.adam.reset();
    }
}

#[cfg(test)]
mod tests;
