//! A mixture of Gaussians: the log-posterior under a Wishart prior, one of the problems of ADBench
//! (Srajer, Kukelova, Fitzgibbon, 2018).
//!
//! Component j has the weight softmax(α)ⱼ, the mean μⱼ, and the precision QᵀQ with Q lower
//! triangular. `icf[j]` holds Q: the logarithms of its `D` diagonal entries, then what is below the
//! diagonal, row by row; `T` = D (D + 1)/2.

use autodiff_runtime::prelude::*;
pub mod by_hand;

use std::f64::consts::{LN_2, PI};

use super::{Case, Workload};
use crate::numbers::Numbers;

/// ln Σ exp xᵢ, without overflow.
#[differentiable]
pub fn log_sum_exp(x: &[f64]) -> f64 {
    let largest = x.iter().fold(f64::NEG_INFINITY, |a, &b| a.max(b));
    let sum: f64 = x.iter().map(|x| (x - largest).exp()).sum();
    largest + sum.ln()
}

/// ‖Q (x − μ)‖².
#[differentiable(wrt(mean, diagonal, icf))]
pub fn square_distance<const D: usize, const T: usize>(
    point: &[f64; D],
    mean: &[f64; D],
    diagonal: &[f64; D],
    icf: &[f64; T],
) -> f64 {
    let mut centred = [0.0; D];
    for d in 0..D {
        centred[d] = point[d] - mean[d];
    }
    let mut sum = 0.0;
    for r in 0..D {
        let mut entry = diagonal[r] * centred[r];
        for c in 0..r {
            entry += icf[D + r * (r - 1) / 2 + c] * centred[c];
        }
        sum += entry * entry;
    }
    sum
}

/// The logarithm of Wishart's density at QᵀQ, with D + m + 1 degrees of freedom and the scale
/// matrix I/γ².
#[differentiable(wrt(diagonal, log_det, icf))]
pub fn log_wishart<const D: usize, const T: usize>(
    diagonal: &[f64; D],
    log_det: f64,
    icf: &[f64; T],
    gamma: f64,
    m: usize,
) -> f64 {
    let mut squares = 0.0;
    for d in 0..D {
        squares += diagonal[d] * diagonal[d];
    }
    for t in D..T {
        squares += icf[t] * icf[t];
    }
    let freedom = D + m + 1;
    let norm = (freedom * D) as f64 * (gamma.ln() - 0.5 * LN_2) - log_gamma(freedom, D);
    m as f64 * log_det - 0.5 * gamma * gamma * squares + norm
}

/// The logarithm of the `d`-variate gamma function at n/2.
pub fn log_gamma(n: usize, d: usize) -> f64 {
    let mut sum = (d * (d - 1)) as f64 / 4.0 * PI.ln();
    for twice in n + 1 - d..=n {
        // Γ(x + 1) = x Γ(x) down to Γ(1) or Γ(1/2).
        let mut x = twice as f64 / 2.0;
        while x > 1.0 {
            x -= 1.0;
            sum += x.ln();
        }
        if x < 1.0 {
            sum += 0.5 * PI.ln();
        }
    }
    sum
}

/// The logarithm of the posterior density of the parameters, given the points `x`.
#[differentiable(wrt(alphas, means, icf))]
pub fn log_posterior<const D: usize, const T: usize>(
    alphas: &[f64],
    means: &[[f64; D]],
    icf: &[[f64; T]],
    x: &[[f64; D]],
    gamma: f64,
    m: usize,
) -> f64 {
    let components = alphas.len();
    let mut diagonals = vec![[0.0; D]; components];
    let mut log_dets = vec![0.0; components];
    for j in 0..components {
        for d in 0..D {
            diagonals[j][d] = icf[j][d].exp();
            log_dets[j] += icf[j][d];
        }
    }
    let mut total = 0.0;
    let mut terms = vec![0.0; components];
    for point in x {
        for j in 0..components {
            let square = square_distance(point, &means[j], &diagonals[j], &icf[j]);
            terms[j] = alphas[j] + log_dets[j] - 0.5 * square;
        }
        total += log_sum_exp(&terms);
    }
    total -= x.len() as f64 * (log_sum_exp(alphas) + 0.5 * D as f64 * (2.0 * PI).ln());
    for j in 0..components {
        total += log_wishart(&diagonals[j], log_dets[j], &icf[j], gamma, m);
    }
    total
}

/// The gradient by `alphas`, `means` and `icf`.
pub type Slopes<const D: usize, const T: usize> = (Vec<f64>, Vec<[f64; D]>, Vec<[f64; T]>);

/// Parameters and points.
pub struct Input<const D: usize, const T: usize> {
    parameters: Slopes<D, T>,
    x: Vec<[f64; D]>,
    gamma: f64,
    m: usize,
}

/// Parameters at random, points around some centres.
pub fn input<const D: usize, const T: usize>(components: usize, points: usize) -> Input<D, T> {
    assert_eq!(T, D * (D + 1) / 2);
    let mut numbers = Numbers::new(12);
    let alphas = (0..components).map(|_| numbers.draw()).collect();
    let means = numbers.arrays(components, 1.0);
    let icf = numbers.arrays(components, 0.5);
    let mut point = || {
        let centre: [f64; D] = means[numbers.below(components)];
        centre.map(|x| x + 0.5 * numbers.draw())
    };
    Input {
        x: (0..points).map(|_| point()).collect(),
        parameters: (alphas, means, icf),
        gamma: 1.0,
        m: 0,
    }
}

/// What is timed.
pub fn workloads() -> Vec<Workload> {
    macro_rules! case {
        ($name:expr, $by_hand:path) => {
            Case::new(
                $name,
                input::<10, 55>(25, 1000),
                |Input {
                     parameters: (a, mu, q),
                     x,
                     gamma,
                     m,
                 }| { log_posterior(a, mu, q, x, *gamma, *m) },
                |Input {
                     parameters: (a, mu, q),
                     x,
                     gamma,
                     m,
                 }| $by_hand(a, mu, q, x, *gamma, *m),
            )
            .generated(
                |Input {
                     parameters: (a, mu, q),
                     x,
                     gamma,
                     m,
                 }| { log_posterior::value_and_grad(a, mu, q, x, *gamma, *m) },
            )
            .workload()
        };
    }
    vec![
        case!("Gaussian mixture, D 10, K 25, N 1000", by_hand::by_moments),
        case!("Gaussian mixture, by terms by hand", by_hand::by_terms),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_gradients_by_hand_are_right() {
        let Input {
            parameters,
            x,
            gamma,
            ..
        } = input::<3, 6>(4, 10);
        let (gamma, m) = (1.2 * gamma, 2);
        let value = |(a, mu, q): &Slopes<3, 6>| log_posterior(a, mu, q, &x, gamma, m);
        let by_moments = |(a, mu, q): &Slopes<3, 6>| by_hand::by_moments(a, mu, q, &x, gamma, m);
        super::super::check_gradient(&parameters, value, by_moments);
        let by_terms = |(a, mu, q): &Slopes<3, 6>| by_hand::by_terms(a, mu, q, &x, gamma, m);
        super::super::check_gradient(&parameters, value, by_terms);
    }

    /// Γ₂(3/2) = √π Γ(3/2) Γ(1) = π/2.
    #[test]
    fn the_gamma_function_is_right() {
        assert!((log_gamma(3, 2) - (PI / 2.0).ln()).abs() < 1e-15);
    }

    /// In one dimension the prior is the gamma distribution's density at q², shape n/2, rate γ²/2.
    #[test]
    fn the_prior_is_a_density() {
        let (gamma, m, mut sum) = (1.3, 3, 0.0);
        let width = 0.001;
        for step in 0..40_000 {
            let precision = (f64::from(step) + 0.5) * width;
            let q: f64 = precision.sqrt();
            sum += width * log_wishart::<1, 1>(&[q], q.ln(), &[q.ln()], gamma, m).exp();
        }
        assert!((sum - 1.0).abs() < 1e-4, "{sum}");
    }
}
