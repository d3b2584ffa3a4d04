//! Functions with loops, branches and mutation, and their gradients by hand.
//!
//! Every file has a function (or a few that call each other) as a user writes it, with
//! `// #[differentiable]` where the attribute goes; the gradient by somebody who knows the
//! mathematics; and inputs. The gradients return what `value_and_grad` returns, and their forward
//! halves compute what the function computes, in the same order, so that the values agree to the
//! last bit and ratios tell about the derivative alone. Where a derivative on paper needs fewer
//! operations than the reverse of the function's own steps, both are here.

// The functions are numeric code as users write it, and that counts with indices.
#![allow(clippy::needless_range_loop)]

use std::hint::black_box;
use std::rc::Rc;

use autodiff_runtime::Leaves;
use autodiff_runtime::differentiable::named_leaves;

use crate::measure::Run;

pub mod bundle;
pub mod cholesky;
pub mod hand;
pub mod logistic;
pub mod logistic_map;
pub mod lstm;
pub mod lu;
pub mod matrix_product;
pub mod mixture;
pub mod network;
pub mod rosenbrock;
pub mod sine_sum;
pub mod three_body;
pub mod triangular_solve;

/// What is timed of one function at one size.
pub struct Workload {
    /// What it is, unique among all.
    pub name: String,
    /// The function.
    pub plain: Run,
    /// Value and derivative, hand-written.
    pub by_hand: Run,
    /// Value and derivative as the macro generates them.
    pub generated: Option<Run>,
    /// The numbers of that derivative.
    pub derivative: Vec<f64>,
}

/// All workloads.
pub fn all() -> Vec<Workload> {
    [
        rosenbrock::workloads(),
        sine_sum::workloads(),
        logistic_map::workloads(),
        logistic::workloads(),
        network::workloads(),
        mixture::workloads(),
        lstm::workloads(),
        bundle::workloads(),
        hand::workloads(),
        matrix_product::workloads(),
        triangular_solve::workloads(),
        cholesky::workloads(),
        lu::workloads(),
        three_body::workloads(),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// A workload in the making, with its input `X` and what its derivatives return.
pub struct Case<X, R> {
    input: Rc<X>,
    expected: R,
    workload: Workload,
}

impl<X: 'static, R: Leaves> Case<X, R> {
    /// The function and its derivative by hand.
    pub fn new<V>(
        name: impl Into<String>,
        input: X,
        plain: impl Fn(&X) -> V + 'static,
        by_hand: impl Fn(&X) -> R + 'static,
    ) -> Case<X, R> {
        let input = Rc::new(input);
        Case {
            expected: by_hand(&input),
            workload: Workload {
                name: name.into(),
                plain: repeated(&input, plain),
                by_hand: repeated(&input, by_hand),
                generated: None,
                derivative: Vec::new(),
            },
            input,
        }
    }

    /// Adds what the macro generates.
    ///
    /// # Panics
    /// If it does not agree with what is written by hand.
    pub fn generated(mut self, generated: impl Fn(&X) -> R + 'static) -> Case<X, R> {
        let found = generated(&self.input);
        assert_agree(&self.workload.name, &found, &self.expected);
        let leaves = named_leaves(&found);
        self.workload.derivative = leaves.into_iter().flat_map(|(_, leaf)| leaf).collect();
        self.workload.generated = Some(repeated(&self.input, generated));
        self
    }

    /// The workload.
    pub fn workload(self) -> Workload {
        self.workload
    }
}

/// Runs `f` again and again. The input is hidden from the optimiser and the result taken as used.
fn repeated<X: 'static, R>(input: &Rc<X>, f: impl Fn(&X) -> R + 'static) -> Run {
    let input = Rc::clone(input);
    Box::new(move |calls| {
        for _ in 0..calls {
            // By reference: a copy of a large result would be timed, too.
            black_box(&f(black_box(&*input)));
        }
    })
}

/// Panics where two derivatives differ by more than rounding explains.
fn assert_agree(name: &str, found: &impl Leaves, expected: &impl Leaves) {
    let (found, expected) = (named_leaves(found), named_leaves(expected));
    assert_eq!(found.len(), expected.len(), "{name}: another shape");
    let largest = |numbers: &[f64]| numbers.iter().fold(0.0, |most: f64, x| most.max(x.abs()));
    for ((place, found), (_, expected)) in found.iter().zip(&expected) {
        assert_eq!(
            found.len(),
            expected.len(),
            "{name}: another length at {place}"
        );
        let allowed = 1e-9 * largest(expected);
        for (a, b) in found.iter().zip(expected) {
            assert!((a - b).abs() <= allowed, "{name}: {a} for {b} at {place}");
        }
    }
}

/// Holds a hand-written gradient against central differences, and its value against the function's.
#[cfg(test)]
#[track_caller]
fn check_gradient<P: autodiff_runtime::Differentiable + Clone>(
    point: &P,
    value: impl Fn(&P) -> f64,
    by_hand: impl Fn(&P) -> (f64, P::Gradient),
) {
    use autodiff_runtime::Gradient;
    use autodiff_runtime::gradcheck::GradCheck;

    let (found, gradient) = by_hand(point);
    assert_eq!(found, value(point), "the values differ");
    // There is no forward mode by hand to compare with: the gradient stands in for it.
    let jvp = |_: &P, direction: &P::Gradient| (found, gradient.inner(direction));
    GradCheck::new()
        .tolerance(1e-6)
        .check(value, &by_hand, jvp, point)
        .assert();
}
