//! What optimisers remember, and the loop in which they move parameters.

use crate::differentiable::{Flat, Leaf, LeafMut, Leaves};
use crate::real::Real;

/// What an optimiser remembers of its steps: how many there were, and for every parameter a few
/// numbers, such as its momentum, in the precision of the parameter.
///
/// ```
/// use autodiff_runtime::optim::{Momentum, Optimiser};
///
/// let mut optimiser = Momentum::new(0.1);
/// optimiser.step(&mut [1.0_f64, 2.0], &[0.5, -0.5])?;
/// let state = optimiser.state();
/// assert_eq!(state.steps, 1);
/// let (name, velocity) = &state.slots[0];
/// assert_eq!(*name, "velocity");
/// assert_eq!(velocity.leaf(0).to_vec(), [0.5, -0.5]);
/// # Ok::<(), autodiff_runtime::optim::HyperParameterError>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq)]
pub struct State {
    /// How many steps were taken.
    pub steps: u64,
    /// The numbers, each kind by its name; none before the first step.
    pub slots: Vec<(&'static str, Flat)>,
    /// Where [`Optimiser::step`](super::Optimiser::step) puts the gradient.
    gradient: Flat,
}

impl State {
    /// Forgets everything.
    pub fn clear(&mut self) {
        *self = Self::default();
    }

    /// Makes the numbers, all zero, for a model of the shape of `like`, unless there are some.
    pub fn prepare(&mut self, names: &[&'static str], like: &Flat) {
        if self.slots.is_empty() {
            self.slots = names
                .iter()
                .map(|&name| (name, like.zeros_like()))
                .collect();
        }
        for (name, numbers) in &self.slots {
            assert!(
                numbers.same_shape(like),
                "the optimiser has moved a model of another shape before: \
                 it has {} leaves with {} numbers of {name}, and there are {} with {}",
                numbers.leaf_count(),
                numbers.len(),
                like.leaf_count(),
                like.len(),
            );
        }
    }

    pub(super) fn take_gradient<G: Leaves>(&mut self, gradient: &G) -> Flat {
        let mut flat = std::mem::take(&mut self.gradient);
        match flat.leaf_count() {
            0 => Flat::of(gradient),
            _ => {
                flat.copy_from(gradient);
                flat
            }
        }
    }

    pub(super) fn put_back(&mut self, gradient: Flat) {
        self.gradient = gradient;
    }

    /// Counts the step, and replaces every parameter by what `rule` makes of it, its slope and its
    /// numbers of these names.
    pub(super) fn update<const K: usize, M: Leaves>(
        &mut self,
        model: &mut M,
        gradient: &Flat,
        names: &[&'static str],
        rule: impl Rule<K>,
    ) {
        self.prepare(names, gradient);
        self.steps += 1;
        let slots: &mut [_; K] = self
            .slots
            .as_mut_slice()
            .try_into()
            .expect("one slot for each name");
        gradient.zip_mut(model, |index, parameters, slopes| {
            let slots = slots.each_mut().map(|(_, numbers)| numbers.leaf_mut(index));
            match (parameters, slopes) {
                (LeafMut::F32(parameters), Leaf::F32(slopes)) => {
                    run(&rule, parameters, slopes, slots.map(single));
                }
                (LeafMut::F64(parameters), Leaf::F64(slopes)) => {
                    run(&rule, parameters, slopes, slots.map(double));
                }
                _ => unreachable!("the leaves have the same precision, as `zip_mut` has compared"),
            }
        });
    }
}

fn single(leaf: LeafMut<'_>) -> &mut [f32] {
    match leaf {
        LeafMut::F32(numbers) => numbers,
        LeafMut::F64(_) => unreachable!("the state has the precision of the parameters"),
    }
}

fn double(leaf: LeafMut<'_>) -> &mut [f64] {
    match leaf {
        LeafMut::F64(numbers) => numbers,
        LeafMut::F32(_) => unreachable!("the state has the precision of the parameters"),
    }
}

/// What a method does to one parameter.
pub(super) trait Rule<const K: usize> {
    /// The new value of the parameter `x` with slope `g`; `state` is changed in place.
    fn apply<T: Real>(&self, x: T, g: T, state: &mut [T; K]) -> T;
}

/// The loop over one leaf. All slices have one length, so that no index needs a check and several
/// parameters are moved at a time.
fn run<T: Real, const K: usize>(
    rule: &impl Rule<K>,
    parameters: &mut [T],
    slopes: &[T],
    state: [&mut [T]; K],
) {
    let length = parameters.len();
    let slopes = &slopes[..length];
    let state = state.map(|numbers| &mut numbers[..length]);
    for index in 0..length {
        let mut own = std::array::from_fn(|slot| state[slot][index]);
        parameters[index] = rule.apply(parameters[index], slopes[index], &mut own);
        for slot in 0..K {
            state[slot][index] = own[slot];
        }
    }
}
