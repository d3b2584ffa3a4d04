//! What happens to gradients and weights beside the optimiser's step: clipping and decay.

use std::fmt;
use std::sync::Arc;

use crate::differentiable::{Flat, LeafMut, Leaves, Name};
use crate::optim::{Check, HyperParameterError};
use crate::real::Real;

/// A bound on the gradient of a batch.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Clip {
    /// If the norm `‖g‖` over all parameters is beyond the limit `c`, the gradient becomes `g·c/‖g‖`. Its
    /// direction stays.
    ///
    /// Pascanu, Mikolov and Bengio, *On the difficulty of training recurrent neural networks*
    /// (ICML 2013), algorithm 1.
    Norm(f64),
    /// Every number of the gradient is moved into `−c..=c`.
    Value(f64),
}

impl Clip {
    pub(super) fn check(self) -> Result<(), HyperParameterError> {
        let (Self::Norm(limit) | Self::Value(limit)) = self;
        Check("Clip").positive("limit", limit).map(drop)
    }

    /// Bounds the gradient, and tells its norm as it was, where that was needed.
    pub(super) fn apply(self, gradient: &mut Flat) -> Option<f64> {
        match self {
            Self::Norm(limit) => {
                let norm = gradient.norm();
                if norm > limit {
                    gradient.scale(limit / norm);
                }
                Some(norm)
            }
            Self::Value(limit) => {
                gradient.clamp(limit);
                None
            }
        }
    }
}

/// Tells by its name whether a parameter is meant.
type Choice = Arc<dyn Fn(&str) -> bool + Send + Sync>;

/// Weights that shrink in every step, apart from the gradient: `θ ← (1 − η·λ)·θ` before the optimiser
/// moves `θ`, with the learning rate `η` of the step.
///
/// [`AdamW`](crate::optim::AdamW) brings its own; the two add up.
///
/// Loshchilov and Hutter, *Decoupled weight decay regularization* (ICLR 2019), with the decay scaled by
/// the learning rate.
///
/// ```
/// use autodiff_runtime::train::WeightDecay;
/// let decay = WeightDecay::new(0.01).only(|name| !name.ends_with("bias"));
/// ```
#[derive(Clone)]
pub struct WeightDecay {
    rate: f64,
    chosen: Option<Choice>,
}

impl WeightDecay {
    /// With rate `λ`, at least 0, for all parameters.
    pub fn new(rate: f64) -> Self {
        Self { rate, chosen: None }
    }

    /// Only for parameters whose name (`layers.0.weight`) is chosen.
    pub fn only(self, chosen: impl Fn(&str) -> bool + Send + Sync + 'static) -> Self {
        Self {
            chosen: Some(Arc::new(chosen)),
            ..self
        }
    }

    pub(super) fn check(&self) -> Result<(), HyperParameterError> {
        Check("WeightDecay")
            .not_negative("rate", self.rate)
            .map(drop)
    }

    /// The decay, with the choice made for every leaf of a model.
    pub(super) fn ready<M: Leaves>(&self, model: &M) -> Decay {
        let mut leaves = Vec::new();
        model.visit(&mut Name::default(), &mut |path, _| {
            leaves.push(self.chosen.as_ref().is_none_or(|chosen| chosen(path)));
        });
        Decay {
            rate: self.rate,
            leaves,
        }
    }
}

impl fmt::Debug for WeightDecay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let some = if self.chosen.is_some() { ", some" } else { "" };
        write!(f, "WeightDecay({}{some})", self.rate)
    }
}

/// A [`WeightDecay`] for one model.
#[derive(Clone, Debug)]
pub(super) struct Decay {
    rate: f64,
    /// Whether it is for the leaf in this place.
    leaves: Vec<bool>,
}

impl Decay {
    pub(super) fn apply<M: Leaves>(&self, model: &mut M, learning_rate: f64) {
        let factor = 1.0 - learning_rate * self.rate;
        let mut chosen = self.leaves.iter();
        model.visit_mut(&mut Name::silent(), &mut |_, leaf| {
            if chosen.next() == Some(&true) {
                match leaf {
                    LeafMut::F32(numbers) => shrink(numbers, factor),
                    LeafMut::F64(numbers) => shrink(numbers, factor),
                }
            }
        });
    }
}

fn shrink<T: Real>(numbers: &mut [T], factor: f64) {
    let factor = T::from_f64(factor);
    for number in numbers {
        *number *= factor;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_norm_is_over_all_leaves_and_the_direction_stays() {
        let mut gradient = Flat::of(&(3.0_f64, [0.0_f32, 4.0]));
        assert_eq!(Clip::Norm(6.0).apply(&mut gradient), Some(5.0));
        assert_eq!(gradient, Flat::of(&(3.0_f64, [0.0_f32, 4.0])));
        assert_eq!(Clip::Norm(2.5).apply(&mut gradient), Some(5.0));
        assert_eq!(gradient, Flat::of(&(1.5_f64, [0.0_f32, 2.0])));
    }

    #[test]
    fn norms_of_huge_and_tiny_gradients_do_not_overflow() {
        for size in [1e200, 1e-200] {
            let mut gradient = Flat::of(&[3.0 * size, 4.0 * size]);
            let norm = Clip::Norm(0.5 * size).apply(&mut gradient).unwrap();
            assert!((norm / (5.0 * size) - 1.0).abs() < 1e-15, "{norm}");
            assert!((gradient.leaf(0).get(1) / (0.4 * size) - 1.0).abs() < 1e-15);
        }
    }

    #[test]
    fn values_are_clipped_one_by_one() {
        let mut gradient = Flat::of(&(3.0_f64, [-0.5_f32, -4.0]));
        assert_eq!(Clip::Value(1.0).apply(&mut gradient), None);
        assert_eq!(gradient, Flat::of(&(1.0_f64, [-0.5_f32, -1.0])));
    }

    #[test]
    fn only_chosen_parameters_decay() {
        let mut model = (2.0_f64, [4.0_f32, 8.0]);
        let all = WeightDecay::new(0.5).ready(&model);
        all.apply(&mut model, 0.5);
        assert_eq!(model, (1.5, [3.0, 6.0]));
        let some = WeightDecay::new(0.5).only(|name| name == "1").ready(&model);
        some.apply(&mut model, 1.0);
        assert_eq!(model, (1.5, [1.5, 3.0]));
    }

    #[test]
    fn settings_out_of_range_are_refused() {
        let message = |error: HyperParameterError| error.to_string();
        assert_eq!(
            Clip::Norm(0.0).check().map_err(message),
            Err("Clip: the limit must be positive and finite, not 0".to_owned())
        );
        assert_eq!(
            WeightDecay::new(-1.0).check().map_err(message),
            Err("WeightDecay: the rate must be at least 0 and finite, not -1".to_owned())
        );
    }
}
