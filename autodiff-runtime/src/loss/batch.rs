//! Losses of whole batches, as arrays: the mean over the samples.
//!
//! Where a loss takes two arrays of any number of axes, they have one shape, and the mean is over all numbers; those of
//! rows take \[samples, classes\]. The result is one number.
//!
//! The cross-entropies are in [`tensor`](crate::tensor): of distributions, and of classes from logits. These
//! here have the names of those for one sample, so call them by a path:
//!
//! ```
//! use autodiff_runtime::loss::batch;
//! use autodiff_runtime::prelude::*;
//! use ndarray::{Array2, arr2};
//!
//! #[differentiable(wrt(w))]
//! fn miss(w: &Array2<f64>, x: &Array2<f64>, y: &Array2<f64>) -> f64 {
//!     let out = x.dot(w);
//!     batch::squared_error(&out, y)
//! }
//!
//! let (w, x, y) = (arr2(&[[0.5]]), arr2(&[[1.0], [2.0]]), arr2(&[[1.0], [3.0]]));
//! assert_eq!(miss::value_and_grad(&w, &x, &y), (2.125, arr2(&[[-4.5]])));
//! ```

use ndarray::{ArrayRef, ArrayRef2, Dimension};

use crate::loss;
use crate::{Real, differentiable};

/// The mean of `(prediction − target)²` over all numbers, of two arrays of one shape: least squares (Legendre, 1805;
/// Gauss, 1809).
///
/// # Panics
///
/// If the shapes differ, or there are no numbers.
///
/// ```
/// use autodiff_runtime::loss::batch;
/// use ndarray::arr1;
///
/// assert_eq!(batch::squared_error(&arr1(&[1.0, 2.0]), &arr1(&[0.0, 4.0])), 2.5);
/// ```
#[differentiable]
pub fn squared_error<T: Real, D: Dimension + 'static>(
    prediction: &ArrayRef<T, D>,
    target: &ArrayRef<T, D>,
) -> T {
    assert!(
        prediction.shape() == target.shape() && !prediction.is_empty(),
        "squared_error: arrays of shape {:?} and {:?}, which are to be equal and not empty",
        prediction.shape(),
        target.shape()
    );
    let pairs = prediction.iter().zip(target.iter());
    let total: T = pairs.map(|(&p, &t)| loss::squared_error(p, t)).sum();
    total / T::from_f64(prediction.len() as f64)
}

/// The mean negative log-likelihood of outcomes between 0 and 1 under probabilities,
/// `−t·ln p − (1 − t)·ln(1 − p)` (Cox, *The regression analysis of binary sequences*, 1958), of two arrays of one
/// shape; see [`loss::nll`](fn@crate::loss::nll).
///
/// # Panics
///
/// If the shapes differ, or there are no numbers.
///
/// ```
/// use autodiff_runtime::loss::batch;
/// use ndarray::arr1;
///
/// assert_eq!(batch::nll(&arr1(&[0.25, 0.5]), &arr1(&[1.0, 0.0])), 1.5 * 2.0_f64.ln());
/// ```
#[differentiable]
pub fn nll<T: Real, D: Dimension + 'static>(
    probability: &ArrayRef<T, D>,
    target: &ArrayRef<T, D>,
) -> T {
    assert!(
        probability.shape() == target.shape() && !probability.is_empty(),
        "nll: arrays of shape {:?} and {:?}, which are to be equal and not empty",
        probability.shape(),
        target.shape()
    );
    let pairs = probability.iter().zip(target.iter());
    let total: T = pairs.map(|(&p, &t)| loss::nll(p, t)).sum();
    total / T::from_f64(probability.len() as f64)
}

/// [`nll()`] of `σ(logit)`, as `ln(1 + e^logit) − t·logit`, which stays finite; of two arrays of one shape, see [`loss::nll_with_logits`](fn@crate::loss::nll_with_logits).
///
/// # Panics
///
/// If the shapes differ, or there are no numbers.
///
/// ```
/// use autodiff_runtime::loss::batch;
/// use ndarray::arr1;
///
/// assert_eq!(batch::nll_with_logits(&arr1(&[0.0, 800.0]), &arr1(&[1.0, 1.0])), 0.5 * 2.0_f64.ln());
/// ```
#[differentiable]
pub fn nll_with_logits<T: Real, D: Dimension + 'static>(
    logit: &ArrayRef<T, D>,
    target: &ArrayRef<T, D>,
) -> T {
    assert!(
        logit.shape() == target.shape() && !logit.is_empty(),
        "nll_with_logits: arrays of shape {:?} and {:?}, which are to be equal and not empty",
        logit.shape(),
        target.shape()
    );
    let pairs = logit.iter().zip(target.iter());
    let total: T = pairs.map(|(&l, &t)| loss::nll_with_logits(l, t)).sum();
    total / T::from_f64(logit.len() as f64)
}

/// The mean of Huber's loss of `r = prediction − target`: `r²/2` where `|r| ≤ delta`, and
/// `delta·(|r| − delta/2)` elsewhere, so that no sample pulls with more than `delta` (Huber, *Robust
/// estimation of a location parameter*, 1964).
///
/// # Panics
///
/// If the shapes differ, or there are no numbers. If `delta` is not positive.
///
/// ```
/// use autodiff_runtime::loss::batch;
/// use ndarray::arr1;
///
/// assert_eq!(batch::huber(&arr1(&[1.0, 3.0]), &arr1(&[0.0, 0.0]), 2.0), (0.5 + 4.0) / 2.0);
/// ```
#[differentiable]
pub fn huber<T: Real, D: Dimension + 'static>(
    prediction: &ArrayRef<T, D>,
    target: &ArrayRef<T, D>,
    #[constant] delta: T,
) -> T {
    assert!(
        prediction.shape() == target.shape() && !prediction.is_empty(),
        "huber: arrays of shape {:?} and {:?}, which are to be equal and not empty",
        prediction.shape(),
        target.shape()
    );
    assert!(
        delta > T::default(),
        "huber: delta = {delta} is not positive"
    );
    let pairs = prediction.iter().zip(target.iter());
    let total: T = pairs.map(|(&p, &t)| huber_of(p - t, delta)).sum();
    total / T::from_f64(prediction.len() as f64)
}

#[differentiable]
fn huber_of<T: Real>(r: T, #[constant] delta: T) -> T {
    let half = T::from_f64(0.5);
    if r.abs() <= delta {
        half * r * r
    } else {
        delta * (r.abs() - half * delta)
    }
}

/// The mean of `ln(1 + e^{worse − better})` over pairs of scores, of which the first should be the higher
/// one (Burges et al., *Learning to rank using gradient descent*, 2005); two arrays of one shape. See [`loss::pairwise_ranking`](fn@crate::loss::pairwise_ranking).
///
/// # Panics
///
/// If the shapes differ, or there are no numbers.
///
/// ```
/// use autodiff_runtime::loss::batch;
/// use ndarray::arr1;
///
/// assert_eq!(batch::pairwise_ranking(&arr1(&[1.0, 2.0]), &arr1(&[1.0, 2.0])), 2.0_f64.ln());
/// ```
#[differentiable]
pub fn pairwise_ranking<T: Real, D: Dimension + 'static>(
    better: &ArrayRef<T, D>,
    worse: &ArrayRef<T, D>,
) -> T {
    assert!(
        better.shape() == worse.shape() && !better.is_empty(),
        "pairwise_ranking: arrays of shape {:?} and {:?}, which are to be equal and not empty",
        better.shape(),
        worse.shape()
    );
    let pairs = better.iter().zip(worse.iter());
    let total: T = pairs.map(|(&b, &w)| loss::pairwise_ranking(b, w)).sum();
    total / T::from_f64(better.len() as f64)
}

/// The mean of `max(0, margin − (better − worse))` over pairs of scores: the first is to be higher by the
/// margin (Herbrich, Graepel & Obermayer, *Large margin rank boundaries for ordinal regression*, 2000).
///
/// # Panics
///
/// If the shapes differ, or there are no numbers.
///
/// ```
/// use autodiff_runtime::loss::batch;
/// use ndarray::arr1;
///
/// assert_eq!(batch::margin_ranking(&arr1(&[2.0, 1.0]), &arr1(&[0.0, 1.5]), 1.0), 0.75);
/// ```
#[differentiable]
pub fn margin_ranking<T: Real, D: Dimension + 'static>(
    better: &ArrayRef<T, D>,
    worse: &ArrayRef<T, D>,
    #[constant] margin: T,
) -> T {
    assert!(
        better.shape() == worse.shape() && !better.is_empty(),
        "margin_ranking: arrays of shape {:?} and {:?}, which are to be equal and not empty",
        better.shape(),
        worse.shape()
    );
    let pairs = better.iter().zip(worse.iter());
    let total: T = pairs.map(|(&b, &w)| (margin - (b - w)).relu()).sum();
    total / T::from_f64(better.len() as f64)
}

/// The divergence `Σⱼ pⱼ·ln(pⱼ/qⱼ)` of each row of `q` from that row of `p` (Kullback & Leibler, *On information and
/// sufficiency*, 1951), both of them probabilities of shape \[samples, classes\]; the mean over the rows. A `pⱼ` of 0 contributes 0, and its derivative is taken as 0.
///
/// # Panics
///
/// If the shapes differ, or there are no numbers.
///
/// ```
/// use autodiff_runtime::loss::batch;
/// use ndarray::arr2;
///
/// let p = arr2(&[[0.5, 0.5, 0.0]]);
/// assert_eq!(batch::kl_divergence(&p, &arr2(&[[0.25, 0.25, 0.5]])), 2.0_f64.ln());
/// assert_eq!(batch::kl_divergence(&p, &p), 0.0);
/// ```
#[differentiable]
pub fn kl_divergence<T: Real>(p: &ArrayRef2<T>, q: &ArrayRef2<T>) -> T {
    assert!(
        p.shape() == q.shape() && !p.is_empty(),
        "kl_divergence: arrays of shape {:?} and {:?}, which are to be equal and not empty",
        p.shape(),
        q.shape()
    );
    let pairs = p.iter().zip(q.iter());
    let total: T = pairs.map(|(&p, &q)| divergence(p, q)).sum();
    total / T::from_f64(p.nrows() as f64)
}

#[differentiable]
fn divergence<T: Real>(p: T, q: T) -> T {
    if p == T::default() {
        T::default()
    } else {
        p * (p / q).ln()
    }
}

/// The mean cross-entropy of classes from probabilities, `−ln p_class` for each sample: \[samples, classes\], and one
/// class for each sample (Bridle, *Training stochastic model recognition algorithms as networks can lead to maximum
/// mutual information estimation of parameters*, 1990). Where the probabilities come from a softmax, [`tensor::cross_entropy_with_logits`](fn@crate::tensor::cross_entropy_with_logits)
/// of its logits is better.
///
/// # Panics
///
/// If there is not one class for each row, no row, or a class without a probability.
///
/// ```
/// use autodiff_runtime::loss::batch;
/// use ndarray::arr2;
///
/// assert_eq!(batch::nll_categorical(&arr2(&[[0.25, 0.75]]), &[0]), 4.0_f64.ln());
/// ```
#[differentiable]
pub fn nll_categorical<T: Real>(probabilities: &ArrayRef2<T>, classes: &[usize]) -> T {
    assert!(
        probabilities.nrows() == classes.len() && !classes.is_empty(),
        "nll_categorical: probabilities of shape {:?} meet {} classes; there is to be one for each row, and a row",
        probabilities.shape(),
        classes.len()
    );
    let mut total = T::default();
    for (row, &class) in classes.iter().enumerate() {
        assert!(
            class < probabilities.ncols(),
            "nll_categorical: class {class} has no column in probabilities of shape {:?}",
            probabilities.shape()
        );
        total -= probabilities[[row, class]].ln();
    }
    total / T::from_f64(classes.len() as f64)
}
