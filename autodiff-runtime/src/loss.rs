//! Loss functions: how far a prediction is from its target, as one number to minimise.
//!
//! All of them are generic over [`Real`] and differentiable in every floating-point argument, the
//! targets included; where a target is data, mark it `#[constant]` in the function that calls the
//! loss. Losses named `nll` are negative log-likelihoods in nats.
//!
//! Where a classifier's last step is a sigmoid or a softmax, prefer the losses that take its logits
//! ([`nll_with_logits()`], [`cross_entropy()`]): they stay finite, and keep the digits of small losses
//! and small gradients, where a probability has rounded to 0 or 1.

#[cfg(feature = "ndarray")]
pub mod batch;

use crate::activation::{exponentials, leading};
use crate::{Real, differentiable};

/// The squared error, `(prediction − target)²`; gradient `±2·(prediction − target)`.
///
/// ```
/// # use autodiff_runtime::loss::squared_error;
/// assert_eq!(squared_error(3.0, 1.0), 4.0);
/// ```
#[differentiable]
pub fn squared_error<T: Real>(prediction: T, target: T) -> T {
    let difference = prediction - target;
    difference * difference
}

/// The mean of the squared errors, `1/n · Σᵢ (predictionᵢ − targetᵢ)²`; gradient
/// `±2/n · (predictionᵢ − targetᵢ)`.
///
/// # Panics
///
/// If the slices differ in length or are empty.
///
/// ```
/// # use autodiff_runtime::loss::mean_squared_error;
/// assert_eq!(mean_squared_error(&[3.0, 1.0], &[1.0, 1.0]), 2.0);
/// ```
#[differentiable(pullback = mean_squared_error_pullback, jvp = mean_squared_error_jvp)]
pub fn mean_squared_error<T: Real>(predictions: &[T], targets: &[T]) -> T {
    let count = pairs(predictions, targets);
    let squares = predictions
        .iter()
        .zip(targets)
        .map(|(&p, &t)| squared_error(p, t));
    squares.sum::<T>() / count
}

fn mean_squared_error_pullback<'a, T: Real>(
    predictions: &'a [T],
    targets: &'a [T],
) -> (T, impl Fn(T, &mut [T], &mut [T]) + use<'a, T>) {
    let value = mean_squared_error(predictions, targets);
    let pullback = move |value_bar: T, predictions_bar: &mut [T], targets_bar: &mut [T]| {
        let factor = T::from_f64(2.0) * value_bar / pairs(predictions, targets);
        pairs(predictions, predictions_bar);
        pairs(targets, targets_bar);
        let bars = predictions_bar.iter_mut().zip(targets_bar);
        for ((&p, &t), (p_bar, t_bar)) in predictions.iter().zip(targets).zip(bars) {
            let bar = factor * (p - t);
            *p_bar += bar;
            *t_bar -= bar;
        }
    };
    (value, pullback)
}

fn mean_squared_error_jvp<T: Real>(
    predictions: &[T],
    targets: &[T],
    predictions_dot: &[T],
    targets_dot: &[T],
) -> (T, T) {
    let value = mean_squared_error(predictions, targets);
    pairs(predictions, predictions_dot);
    pairs(targets, targets_dot);
    let dots = predictions_dot.iter().zip(targets_dot);
    let terms = predictions.iter().zip(targets).zip(dots);
    let sum: T = terms
        .map(|((&p, &t), (&p_dot, &t_dot))| (p - t) * (p_dot - t_dot))
        .sum();
    (value, T::from_f64(2.0) * sum / pairs(predictions, targets))
}

/// How many pairs there are to average over.
fn pairs<T: Real>(predictions: &[T], targets: &[T]) -> T {
    let (predicted, wanted) = (predictions.len(), targets.len());
    assert_eq!(
        predicted, wanted,
        "mean_squared_error: {predicted} predictions do not pair with {wanted} targets"
    );
    assert_ne!(
        predicted, 0,
        "mean_squared_error: the mean of no errors is undefined"
    );
    T::from_f64(predicted as f64)
}

/// The negative log-likelihood of a binary label from its probability,
/// `−(y·ln p + (1 − y)·ln(1 − p))`, with `0·ln 0 = 0`; `y` may lie between 0 and 1.
///
/// Derivative in `p`: `(1 − y)/(1 − p) − y/p`, a term whose weight is 0 being left out; in `y`:
/// `ln(1 − p) − ln p`. For `p = σ(z)` see [`nll_with_logits()`].
///
/// ```
/// # use autodiff_runtime::loss::nll;
/// assert_eq!(nll(0.25, 1.0), 4.0_f64.ln());
/// assert_eq!(nll(0.0, 0.0), 0.0);
/// assert_eq!(nll(0.0, 1.0), f64::INFINITY);
/// ```
#[differentiable(pullback = nll_pullback, jvp = nll_jvp)]
pub fn nll<T: Real>(p: T, y: T) -> T {
    let one = T::from_f64(1.0);
    -(strong(y, || p.ln()) + strong(one - y, || (-p).ln_1p()))
}

fn nll_pullback<T: Real>(p: T, y: T) -> (T, impl Fn(T, &mut T, &mut T) + use<T>) {
    (nll(p, y), move |bar: T, p_bar: &mut T, y_bar: &mut T| {
        *p_bar += strong(bar, || nll_by_probability(p, y));
        *y_bar += strong(bar, || nll_by_label(p));
    })
}

fn nll_jvp<T: Real>(p: T, y: T, p_dot: T, y_dot: T) -> (T, T) {
    let by_p = strong(p_dot, || nll_by_probability(p, y));
    (nll(p, y), by_p + strong(y_dot, || nll_by_label(p)))
}

fn nll_by_probability<T: Real>(p: T, y: T) -> T {
    let one = T::from_f64(1.0);
    strong(one - y, || (one - p).recip()) - strong(y, || p.recip())
}

fn nll_by_label<T: Real>(p: T) -> T {
    (-p).ln_1p() - p.ln()
}

/// The negative log-likelihood of a binary label from the logit `z`, that is of
/// [`nll()`]`(σ(z), y) = softplus(z) − y·z`; `y` may lie between 0 and 1.
///
/// Derivative in `z`: `σ(z) − y`, computed as `(1 − y)·σ(z) − y·σ(−z)` to keep its digits where the
/// label is met; in `y`: `−z`. Finite for all finite `z`, in value and derivatives.
///
/// ```
/// # use autodiff_runtime::loss::nll_with_logits;
/// assert_eq!(nll_with_logits(-800.0, 1.0), 800.0);
/// assert_eq!(nll_with_logits(0.0, 1.0), 2.0_f64.ln());
/// assert!(nll_with_logits(40.0, 1.0) > 0.0);
/// ```
#[differentiable(pullback = nll_with_logits_pullback, jvp = nll_with_logits_jvp)]
pub fn nll_with_logits<T: Real>(z: T, y: T) -> T {
    let against = if z > T::default() {
        T::from_f64(1.0) - y
    } else {
        y
    };
    // What a step function would lose, and the price of the step's being smooth.
    strong(against, || z.abs()) + (-z.abs()).softplus()
}

fn nll_with_logits_pullback<T: Real>(z: T, y: T) -> (T, impl Fn(T, &mut T, &mut T) + use<T>) {
    (
        nll_with_logits(z, y),
        move |bar: T, z_bar: &mut T, y_bar: &mut T| {
            *z_bar += bar * nll_by_logit(z, y);
            *y_bar -= bar * z;
        },
    )
}

fn nll_with_logits_jvp<T: Real>(z: T, y: T, z_dot: T, y_dot: T) -> (T, T) {
    (
        nll_with_logits(z, y),
        nll_by_logit(z, y) * z_dot - z * y_dot,
    )
}

fn nll_by_logit<T: Real>(z: T, y: T) -> T {
    (T::from_f64(1.0) - y) * z.sigmoid() - y * (-z).sigmoid()
}

/// The cross-entropy of a class from logits, `−ln softmax(logits)_class`, that is
/// `ln Σⱼ e^{zⱼ} − z_class`.
///
/// Gradient `softmax(logits) − e_class`, where the entry of the class is the sum of the other
/// probabilities, negated, and so keeps its digits near 0.
///
/// # Panics
///
/// If there is no logit for `class`.
///
/// ```
/// # use autodiff_runtime::loss::cross_entropy;
/// assert_eq!(cross_entropy(&[1.0, 1.0, f64::NEG_INFINITY], 0), 2.0_f64.ln());
/// assert_eq!(cross_entropy(&[0.0, 800.0], 0), 800.0);
/// ```
#[differentiable(pullback = cross_entropy_pullback, jvp = cross_entropy_jvp)]
pub fn cross_entropy<T: Real>(logits: &[T], class: usize) -> T {
    let top = check_class(logits, class);
    let others = logits.iter().enumerate().filter(|&(i, _)| i != top);
    let rest: T = others.map(|(_, &z)| (z - logits[top]).exp()).sum();
    (logits[top] - logits[class]) + rest.ln_1p()
}

fn cross_entropy_pullback<'a, T: Real>(
    logits: &'a [T],
    class: usize,
) -> (T, impl Fn(T, &mut [T]) + use<'a, T>) {
    let (value, slope) = cross_entropy_slope(logits, class);
    let pullback = move |value_bar: T, logits_bar: &mut [T]| {
        assert_eq!(
            slope.len(),
            logits_bar.len(),
            "cross_entropy: one adjoint per logit"
        );
        if value_bar == T::default() {
            return;
        }
        for (z_bar, &slope) in logits_bar.iter_mut().zip(&slope) {
            *z_bar += value_bar * slope;
        }
    };
    (value, pullback)
}

fn cross_entropy_jvp<T: Real>(logits: &[T], class: usize, logits_dot: &[T]) -> (T, T) {
    assert_eq!(
        logits.len(),
        logits_dot.len(),
        "cross_entropy: one tangent per logit"
    );
    let (value, slope) = cross_entropy_slope(logits, class);
    let terms = slope.into_iter().zip(logits_dot);
    (
        value,
        terms.map(|(slope, &z_dot)| strong(z_dot, || slope)).sum(),
    )
}

/// The cross-entropy and its gradient.
fn cross_entropy_slope<T: Real>(logits: &[T], class: usize) -> (T, Vec<T>) {
    let top = check_class(logits, class);
    let mut slope = logits.to_vec();
    let rest = exponentials(&mut slope, top);
    let sum = rest + T::from_f64(1.0);
    slope.iter_mut().for_each(|p| *p /= sum);
    slope[class] = T::default();
    slope[class] = -slope.iter().copied().sum::<T>();
    ((logits[top] - logits[class]) + rest.ln_1p(), slope)
}

/// The index of the largest logit, once `class` is known to have one.
fn check_class<T: Real>(logits: &[T], class: usize) -> usize {
    let count = logits.len();
    assert!(
        class < count,
        "cross_entropy: class {class} has no logit, there are {count}"
    );
    leading(logits).expect("a class has a logit, so there is one")
}

/// The negative log-likelihood of a class from the probabilities of all of them, `−ln p_class`.
///
/// Gradient `−1/p_class` in that entry and 0 in the others; the probabilities are not normalised
/// here. For `softmax(z)` see [`cross_entropy()`].
///
/// # Panics
///
/// If there is no probability for `class`.
///
/// ```
/// # use autodiff_runtime::loss::nll_categorical;
/// assert_eq!(nll_categorical(&[0.25, 0.75], 0), 4.0_f64.ln());
/// ```
#[differentiable]
pub fn nll_categorical<T: Real>(probabilities: &[T], class: usize) -> T {
    assert!(
        class < probabilities.len(),
        "nll_categorical: class {class} has no probability, there are {}",
        probabilities.len()
    );
    -probabilities[class].ln()
}

/// The hinge loss, `max(0, 1 − y·score)` with `y` = ±1 (Cortes & Vapnik, 1995).
///
/// Derivative in `score`: `−y` where `y·score < 1`, else 0; in `y`: `−score` there, else 0. At the
/// kink `y·score = 1` both are 0, as for `relu`.
///
/// ```
/// # use autodiff_runtime::loss::hinge;
/// assert_eq!(hinge(0.5, -1.0), 1.5);
/// assert_eq!(hinge(2.0, 1.0), 0.0);
/// ```
#[differentiable]
pub fn hinge<T: Real>(score: T, y: T) -> T {
    (T::from_f64(1.0) - y * score).relu()
}

/// The pairwise logistic ranking loss, `ln(1 + e^{−(better − worse)})` for the scores of two items
/// of which the first should rank higher (RankNet: Burges et al., 2005).
///
/// Derivative `∓σ(worse − better)` in `better` and `worse`.
///
/// ```
/// # use autodiff_runtime::loss::pairwise_ranking;
/// assert_eq!(pairwise_ranking(1.0, 1.0), 2.0_f64.ln());
/// assert_eq!(pairwise_ranking(0.0, 800.0), 800.0);
/// ```
#[differentiable]
pub fn pairwise_ranking<T: Real>(better: T, worse: T) -> T {
    (worse - better).softplus()
}

/// `weight · factor`, which is 0 where the weight is, even if the factor is infinite or NaN.
fn strong<T: Real>(weight: T, factor: impl FnOnce() -> T) -> T {
    if weight == T::default() {
        weight
    } else {
        weight * factor()
    }
}

#[cfg(test)]
mod tests;
