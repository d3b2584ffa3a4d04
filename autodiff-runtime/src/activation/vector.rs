//! The functions that look at a whole slice at once: softmax and its logarithms.
//!
//! All of them subtract the largest entry before they exponentiate, so nothing overflows, and treat
//! that entry apart in sums, so that `1 − pₖ` of a probability near 1 keeps its digits (Blanchard,
//! Higham & Higham, *Accurately computing the log-sum-exp and softmax functions*, 2021). An entry of
//! −∞ is a masked one: probability 0, no effect on the rest.

use crate::{Real, differentiable};

/// The softmax, `pᵢ = e^{xᵢ} / Σⱼ e^{xⱼ}` (Bridle, 1990): as many probabilities as there are logits.
///
/// Jacobian `∂pᵢ/∂xⱼ = pᵢ·(δᵢⱼ − pⱼ)`. NaN where no entry is finite.
///
/// ```
/// # use autodiff_runtime::activation::softmax;
/// assert_eq!(softmax(&[800.0, 800.0, f64::NEG_INFINITY]), [0.5, 0.5, 0.0]);
/// ```
#[differentiable(pullback = softmax_pullback, jvp = softmax_jvp)]
pub fn softmax<T: Real>(x: &[T]) -> Vec<T> {
    let mut p = x.to_vec();
    softmax_in_place(&mut p);
    p
}

fn softmax_pullback<'a, T: Real>(x: &'a [T]) -> (Vec<T>, impl Fn(Vec<T>, &mut [T]) + use<'a, T>) {
    let p = softmax(x);
    let kept = p.clone();
    let pullback = move |mut p_bar: Vec<T>, x_bar: &mut [T]| {
        same_length(kept.len(), p_bar.len());
        same_length(kept.len(), x_bar.len());
        times_softmax_jacobian(&kept, &mut p_bar);
        for (x_bar, &bar) in x_bar.iter_mut().zip(&p_bar) {
            *x_bar += bar;
        }
    };
    (p, pullback)
}

fn softmax_jvp<T: Real>(x: &[T], x_dot: &[T]) -> (Vec<T>, Vec<T>) {
    same_length(x.len(), x_dot.len());
    let p = softmax(x);
    let mut p_dot = x_dot.to_vec();
    times_softmax_jacobian(&p, &mut p_dot);
    (p, p_dot)
}

/// The logarithm of the softmax, `xᵢ − ln Σⱼ e^{xⱼ}`: as many log-probabilities as there are logits.
///
/// Jacobian `δᵢⱼ − pⱼ` with `p = softmax(x)`. NaN where no entry is finite.
///
/// ```
/// # use autodiff_runtime::activation::log_softmax;
/// assert_eq!(log_softmax(&[800.0, 0.0]), [0.0, -800.0]);
/// ```
#[differentiable(pullback = log_softmax_pullback, jvp = log_softmax_jvp)]
pub fn log_softmax<T: Real>(x: &[T]) -> Vec<T> {
    let mut y = x.to_vec();
    log_softmax_in_place(&mut y, &mut vec![T::default(); x.len()]);
    y
}

fn log_softmax_pullback<'a, T: Real>(
    x: &'a [T],
) -> (Vec<T>, impl Fn(Vec<T>, &mut [T]) + use<'a, T>) {
    let (mut y, mut p) = (x.to_vec(), vec![T::default(); x.len()]);
    log_softmax_in_place(&mut y, &mut p);
    let pullback = move |mut y_bar: Vec<T>, x_bar: &mut [T]| {
        same_length(p.len(), y_bar.len());
        same_length(p.len(), x_bar.len());
        pull_log_softmax(&p, &mut y_bar);
        for (x_bar, &bar) in x_bar.iter_mut().zip(&y_bar) {
            *x_bar += bar;
        }
    };
    (y, pullback)
}

fn log_softmax_jvp<T: Real>(x: &[T], x_dot: &[T]) -> (Vec<T>, Vec<T>) {
    same_length(x.len(), x_dot.len());
    let (mut y, mut p, mut y_dot) = (x.to_vec(), vec![T::default(); x.len()], x_dot.to_vec());
    log_softmax_in_place(&mut y, &mut p);
    push_log_softmax(&p, &mut y_dot);
    (y, y_dot)
}

/// The logarithm of a sum of exponentials, `ln Σⱼ e^{xⱼ}`; gradient `softmax(x)`.
///
/// A smooth maximum: between `max(x)` and `max(x) + ln n`. −∞ for an empty slice.
///
/// ```
/// # use autodiff_runtime::activation::logsumexp;
/// assert_eq!(logsumexp(&[800.0, 800.0]), 800.0 + 2.0_f64.ln());
/// ```
#[differentiable(pullback = logsumexp_pullback, jvp = logsumexp_jvp)]
pub fn logsumexp<T: Real>(x: &[T]) -> T {
    let Some(top) = leading(x) else {
        return T::from_f64(f64::NEG_INFINITY);
    };
    let highest = x[top];
    if highest.is_infinite() {
        // No difference from it can be formed; it is the sum, unless there is no telling.
        return x.iter().copied().find(|x| x.is_nan()).unwrap_or(highest);
    }
    let others = x.iter().enumerate().filter(|&(i, _)| i != top);
    highest + others.map(|(_, &x)| (x - highest).exp()).sum::<T>().ln_1p()
}

fn logsumexp_pullback<'a, T: Real>(x: &'a [T]) -> (T, impl Fn(T, &mut [T]) + use<'a, T>) {
    let p = softmax(x);
    let pullback = move |y_bar: T, x_bar: &mut [T]| {
        same_length(p.len(), x_bar.len());
        if y_bar == T::default() {
            return;
        }
        for (x_bar, &p) in x_bar.iter_mut().zip(&p) {
            *x_bar += y_bar * p;
        }
    };
    (logsumexp(x), pullback)
}

fn logsumexp_jvp<T: Real>(x: &[T], x_dot: &[T]) -> (T, T) {
    same_length(x.len(), x_dot.len());
    let zero = T::default();
    let terms = softmax(x).into_iter().zip(x_dot);
    let y_dot = terms
        .map(|(p, &x_dot)| if x_dot == zero { zero } else { p * x_dot })
        .sum();
    (logsumexp(x), y_dot)
}

/// The index of the (first) largest entry; `None` for an empty slice.
pub(crate) fn leading<T: Real>(x: &[T]) -> Option<usize> {
    (0..x.len()).reduce(|best, i| if x[i] > x[best] { i } else { best })
}

/// Replaces each `xᵢ` by `exp(xᵢ − x_top)` and returns the sum of all but the leading one, which is
/// exactly 1.
pub(crate) fn exponentials<T: Real>(x: &mut [T], top: usize) -> T {
    let highest = x[top];
    let mut rest = T::default();
    for (i, x) in x.iter_mut().enumerate() {
        *x = (*x - highest).exp();
        if i != top {
            rest += *x;
        }
    }
    rest
}

/// Softmax of `x`, in its place.
pub(super) fn softmax_in_place<T: Real>(x: &mut [T]) {
    let Some(top) = leading(x) else { return };
    let sum = exponentials(x, top) + T::from_f64(1.0);
    for p in x {
        *p /= sum;
    }
}

/// Log-softmax of `x` in its place, and the softmax in `p`.
pub(super) fn log_softmax_in_place<T: Real>(x: &mut [T], p: &mut [T]) {
    let Some(top) = leading(x) else { return };
    p.copy_from_slice(x);
    let rest = exponentials(p, top);
    let (highest, log_sum, sum) = (x[top], rest.ln_1p(), rest + T::from_f64(1.0));
    for (x, p) in x.iter_mut().zip(p) {
        *x = (*x - highest) - log_sum;
        *p /= sum;
    }
}

/// `Σⱼ pⱼ·(vⱼ − v_base)`: the mean of `v` under `p`, measured from one of its entries.
///
/// With the leading entry as base, the mean's distance from it keeps its digits where `p` is nearly
/// all there. Entries that equal the base's contribute nothing, infinite ones included.
fn weighted_gap<T: Real>(p: &[T], v: &[T], base: usize) -> T {
    let zero = T::default();
    let terms = p.iter().zip(v).map(|(&p, &v_j)| {
        if v_j == v[base] {
            zero
        } else {
            p * (v_j - v[base])
        }
    });
    terms.sum()
}

/// `v ← (diag p − p pᵀ) v`. The matrix is symmetric: this is both modes' product.
pub(crate) fn times_softmax_jacobian<T: Real>(p: &[T], v: &mut [T]) {
    let Some(top) = leading(p) else { return };
    let (base, gap) = (v[top], weighted_gap(p, v, top));
    for (v, &p) in v.iter_mut().zip(p) {
        *v = p * ((*v - base) - gap);
    }
}

/// `v ← (I − 1 pᵀ) v`.
pub(crate) fn push_log_softmax<T: Real>(p: &[T], v: &mut [T]) {
    let Some(top) = leading(p) else { return };
    let (base, gap) = (v[top], weighted_gap(p, v, top));
    for v in v {
        *v = (*v - base) - gap;
    }
}

/// `u ← (I − p 1ᵀ) u`.
pub(crate) fn pull_log_softmax<T: Real>(p: &[T], u: &mut [T]) {
    let Some(top) = leading(p) else { return };
    let but_top = |values: &[T]| {
        values[..top]
            .iter()
            .chain(&values[top + 1..])
            .copied()
            .sum::<T>()
    };
    let (others, missing) = (but_top(u), but_top(p));
    let at_top = u[top] * missing - p[top] * others;
    let total = others + u[top];
    for (u, &p) in u.iter_mut().zip(p) {
        *u -= p * total;
    }
    u[top] = at_top;
}

fn same_length(entries: usize, found: usize) {
    assert_eq!(entries, found, "softmax: one adjoint or tangent per entry");
}

#[cfg(test)]
mod tests;
