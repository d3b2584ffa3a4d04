//! Losses of whole batches: a row per sample, a column per class, the mean over the samples.

use ndarray::{Array2, ArrayRef2, Zip};

use super::rows::{Exponentials, sum, sum_without_largest};
use super::shape;
use crate::{Real, differentiable};

/// The cross-entropy of distributions, `−1/B · Σ t·ln p` over a batch of B rows, with `0·ln 0 = 0`.
///
/// Adjoints `p̄ −= l̄/B · t/p` (0 where t = 0) and `t̄ −= l̄/B · ln p`. Rows are not normalised here. Where
/// the probabilities are a softmax, prefer [`cross_entropy_with_logits()`].
///
/// # Panics
///
/// If the shapes differ, or there is no row.
///
/// ```
/// use autodiff_runtime::tensor::cross_entropy;
/// use ndarray::arr2;
///
/// let p = arr2(&[[0.25, 0.75, 0.0], [0.5, 0.25, 0.25]]);
/// let t = arr2(&[[1.0, 0.0, 0.0], [0.0, 0.5, 0.5]]);
/// assert_eq!(cross_entropy(&p, &t), 4.0_f64.ln());
/// ```
#[track_caller]
#[differentiable(vjp = cross_entropy_vjp, jvp = cross_entropy_jvp)]
pub fn cross_entropy<T: Real>(probabilities: &ArrayRef2<T>, targets: &ArrayRef2<T>) -> T {
    let count = expect_pairs(probabilities, targets);
    let mut total = T::zero();
    Zip::from(probabilities)
        .and(targets)
        .for_each(|&p, &t| total += strong(t, || p.ln()));
    -total / count
}

fn cross_entropy_vjp<T: Real>(
    probabilities: &ArrayRef2<T>,
    targets: &ArrayRef2<T>,
    bar: T,
    probabilities_bar: &mut Array2<T>,
    targets_bar: &mut Array2<T>,
) {
    let bar = -bar / expect_pairs(probabilities, targets);
    if bar == T::zero() {
        return;
    }
    if let Some(p_bar) = shape::read("cross_entropy", probabilities, probabilities_bar) {
        Zip::from(p_bar)
            .and(probabilities)
            .and(targets)
            .for_each(|p_bar, &p, &t| *p_bar += strong(t, || bar / p));
    }
    if let Some(t_bar) = shape::read("cross_entropy", targets, targets_bar) {
        t_bar.zip_mut_with(probabilities, |t_bar, &p| *t_bar += bar * p.ln());
    }
}

fn cross_entropy_jvp<T: Real>(
    probabilities: &ArrayRef2<T>,
    targets: &ArrayRef2<T>,
    probabilities_dot: &Array2<T>,
    targets_dot: &Array2<T>,
) -> (T, T) {
    let mut total = T::zero();
    if let Some(p_dot) = shape::moving("cross_entropy", probabilities, probabilities_dot) {
        Zip::from(p_dot)
            .and(probabilities)
            .and(targets)
            .for_each(|&p_dot, &p, &t| total += strong(p_dot, || strong(t, || p.recip())));
    }
    if let Some(t_dot) = shape::moving("cross_entropy", targets, targets_dot) {
        Zip::from(t_dot)
            .and(probabilities)
            .for_each(|&t_dot, &p| total += strong(t_dot, || p.ln()));
    }
    let count = expect_pairs(probabilities, targets);
    (cross_entropy(probabilities, targets), -total / count)
}

#[track_caller]
fn expect_pairs<T: Real>(probabilities: &ArrayRef2<T>, targets: &ArrayRef2<T>) -> T {
    assert!(
        probabilities.shape() == targets.shape(),
        "cross_entropy: the probabilities have shape {:?} and the targets {:?}; they must agree",
        probabilities.shape(),
        targets.shape()
    );
    samples("cross_entropy", probabilities)
}

/// The number of rows to average over.
#[track_caller]
fn samples<T: Real>(operation: &str, batch: &ArrayRef2<T>) -> T {
    assert!(
        batch.nrows() > 0,
        "{operation}: a batch of shape {:?} has no mean",
        batch.shape()
    );
    T::from_f64(batch.nrows() as f64)
}

/// The cross-entropy of classes from logits, `1/B · Σ (ln Σⱼ e^{zⱼ} − z_label)` over a batch of B rows:
/// softmax, logarithm and mean in one.
///
/// Adjoint `z̄ += l̄/B · (softmax(z) − e_label)`, where the entry of the label is the sum of the other
/// probabilities, negated, and so keeps its digits near 0. Value and gradient are finite for all finite logits.
///
/// # Panics
///
/// If there are not as many labels as rows, or none, or a label has no column.
///
/// ```
/// use autodiff_runtime::tensor::cross_entropy_with_logits;
/// use ndarray::arr2;
///
/// let z = arr2(&[[0.0, 0.0], [800.0, 0.0]]);
/// let (loss, slope) = cross_entropy_with_logits::value_and_grad(&z, &[1, 0]);
/// assert_eq!(loss, 2.0_f64.ln() / 2.0);
/// assert_eq!(slope, arr2(&[[0.25, -0.25], [0.0, 0.0]]));
/// ```
#[track_caller]
#[differentiable(vjp = with_logits_vjp, jvp = with_logits_jvp)]
pub fn cross_entropy_with_logits<T: Real>(
    logits: &ArrayRef2<T>,
    #[constant] labels: &[usize],
) -> T {
    let count = expect_labels(logits, labels);
    let mut e = Exponentials::new(logits);
    let mut total = T::zero();
    e.each(
        #[inline(always)]
        |row, highest, k| {
            total += (*highest - logits[[k, labels[k]]]) + ln_1p(sum_without_largest(row));
        },
    );
    e.give();
    total / count
}

/// ln(1 + x) for x ≥ 0: with u the rounded sum, `ln u` and, by its slope 1/u, what was rounded away. In half the
/// time of the standard library's, which is for all x.
fn ln_1p<T: Real>(x: T) -> T {
    let u = T::one() + x;
    u.ln() + (x - (u - T::one())) / u
}

fn with_logits_vjp<T: Real>(
    logits: &ArrayRef2<T>,
    labels: &[usize],
    bar: T,
    logits_bar: &mut Array2<T>,
) {
    let bar = bar / expect_labels(logits, labels);
    if let Some(logits_bar) = shape::read("cross_entropy_with_logits", logits, logits_bar)
        && bar != T::zero()
    {
        let width = logits.ncols();
        shape::in_order(logits_bar, |logits_bar| {
            each_slope(
                logits,
                labels,
                #[inline(always)]
                |slopes, scale, k| {
                    let own = &mut logits_bar[k * width..][..width];
                    for (z_bar, &slope) in own.iter_mut().zip(slopes) {
                        *z_bar += slope * (bar / scale);
                    }
                },
            );
        });
    }
}

fn with_logits_jvp<T: Real>(
    logits: &ArrayRef2<T>,
    labels: &[usize],
    logits_dot: &Array2<T>,
) -> (T, T) {
    let count = expect_labels(logits, labels);
    let mut total = T::zero();
    if let Some(dot) = shape::moving("cross_entropy_with_logits", logits, logits_dot) {
        each_slope(logits, labels, |slopes, scale, k| {
            let terms = slopes.iter().zip(dot.row(k));
            total += terms
                .map(|(&slope, &dot)| strong(dot, || slope / scale))
                .sum::<T>();
        });
    }
    (cross_entropy_with_logits(logits, labels), total / count)
}

/// Runs over the rows of `softmax(z) − e_label`, as numerators, which more zeros may follow, with their denominator.
#[inline(always)]
fn each_slope<T: Real>(
    logits: &ArrayRef2<T>,
    labels: &[usize],
    mut run: impl FnMut(&[T], T, usize),
) {
    let mut e = Exponentials::new(logits);
    e.each(
        #[inline(always)]
        |row, _, k| {
            let own = std::mem::replace(&mut row[labels[k]], T::zero());
            let others = sum(row);
            row[labels[k]] = -others;
            run(row, others + own, k);
        },
    );
    e.give();
}

#[track_caller]
fn expect_labels<T: Real>(logits: &ArrayRef2<T>, labels: &[usize]) -> T {
    let operation = "cross_entropy_with_logits";
    let shape = logits.shape();
    assert!(
        labels.len() == logits.nrows(),
        "{operation}: the logits have shape {shape:?}, and there are {} labels; there must be one for each row",
        labels.len()
    );
    if let Some(label) = labels.iter().find(|&&label| label >= logits.ncols()) {
        panic!("{operation}: label {label} has no column in logits of shape {shape:?}");
    }
    samples(operation, logits)
}

/// `weight · factor`, which is 0 where the weight is, even if the factor is infinite or NaN.
fn strong<T: Real>(weight: T, factor: impl FnOnce() -> T) -> T {
    if weight == T::zero() {
        weight
    } else {
        weight * factor()
    }
}

#[cfg(test)]
mod tests;
