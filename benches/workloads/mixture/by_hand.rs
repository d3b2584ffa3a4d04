//! The mixture's gradient, in two ways.

use std::f64::consts::PI;

use super::{Slopes, log_wishart};

/// Replaces the terms by their softmax and returns `log_sum_exp` of them.
#[inline]
fn softmax(terms: &mut [f64]) -> f64 {
    let largest = terms.iter().fold(f64::NEG_INFINITY, |a, &b| a.max(b));
    let mut sum = 0.0;
    for term in &mut *terms {
        *term = (*term - largest).exp();
        sum += *term;
    }
    for term in terms {
        *term /= sum;
    }
    largest + sum.ln()
}

/// The parameters of the components, made ready.
struct Components<'a, const D: usize, const T: usize> {
    alphas: &'a [f64],
    means: &'a [[f64; D]],
    icf: &'a [[f64; T]],
    diagonals: Vec<[f64; D]>,
    log_dets: Vec<f64>,
}

impl<'a, const D: usize, const T: usize> Components<'a, D, T> {
    fn new(alphas: &'a [f64], means: &'a [[f64; D]], icf: &'a [[f64; T]]) -> Self {
        let mut diagonals = vec![[0.0; D]; alphas.len()];
        let mut log_dets = vec![0.0; alphas.len()];
        for j in 0..alphas.len() {
            for d in 0..D {
                diagonals[j][d] = icf[j][d].exp();
                log_dets[j] += icf[j][d];
            }
        }
        Components {
            alphas,
            means,
            icf,
            diagonals,
            log_dets,
        }
    }

    /// Q of a component, as a square.
    fn square(&self, j: usize) -> [[f64; D]; D] {
        let mut q = [[0.0; D]; D];
        for r in 0..D {
            q[r][r] = self.diagonals[j][r];
            for c in 0..r {
                q[r][c] = self.icf[j][D + r * (r - 1) / 2 + c];
            }
        }
        q
    }

    /// Replaces `weights` by the responsibilities for a point; returns the logarithm of their sum
    /// before they were divided by it.
    #[inline]
    fn responsibilities(&self, point: &[f64; D], weights: &mut [f64]) -> f64 {
        let k = weights.len();
        // Of one length, so that the loop has no checks and runs over several components at once.
        let (alphas, means, icf) = (&self.alphas[..k], &self.means[..k], &self.icf[..k]);
        let (diagonals, log_dets) = (&self.diagonals[..k], &self.log_dets[..k]);
        for j in 0..k {
            let mut centred = [0.0; D];
            for d in 0..D {
                centred[d] = point[d] - means[j][d];
            }
            let mut square = 0.0;
            for r in 0..D {
                let mut entry = diagonals[j][r] * centred[r];
                for c in 0..r {
                    entry += icf[j][D + r * (r - 1) / 2 + c] * centred[c];
                }
                square += entry * entry;
            }
            weights[j] = alphas[j] + log_dets[j] - 0.5 * square;
        }
        softmax(weights)
    }

    /// The value, given the sum over the points, and the gradient, given the sums of the
    /// responsibilities and the gradients of the likelihood by means and Q.
    fn finish(
        &self,
        likelihood: f64,
        mut dalphas: Vec<f64>,
        dmeans: Vec<[f64; D]>,
        dsquares: &[[[f64; D]; D]],
        (points, gamma, m): (usize, f64, usize),
    ) -> (f64, Slopes<D, T>) {
        let n = points as f64;
        let mut weights = self.alphas.to_vec();
        let norm = softmax(&mut weights) + 0.5 * D as f64 * (2.0 * PI).ln();
        let mut total = likelihood - n * norm;
        let mut dicf = vec![[0.0; T]; weights.len()];
        for (j, dicf) in dicf.iter_mut().enumerate() {
            let (diagonal, icf, dq) = (&self.diagonals[j], &self.icf[j], &dsquares[j]);
            total += log_wishart(diagonal, self.log_dets[j], icf, gamma, m);
            for r in 0..D {
                let dexp = dq[r][r] - gamma * gamma * diagonal[r];
                dicf[r] = dexp * diagonal[r] + dalphas[j] + m as f64;
                for c in 0..r {
                    let at = D + r * (r - 1) / 2 + c;
                    dicf[at] = dq[r][c] - gamma * gamma * icf[at];
                }
            }
            dalphas[j] -= n * weights[j];
        }
        (total, (dalphas, dmeans, dicf))
    }
}

/// Value and gradient by moments: with the responsibilities w, v = Σ w (x − μ) and
/// S = Σ w (x − μ)(x − μ)ᵀ, the gradient is QᵀQ v by the mean and −Q S by Q. The products within
/// x xᵀ serve all components.
pub fn by_moments<const D: usize, const T: usize>(
    alphas: &[f64],
    means: &[[f64; D]],
    icf: &[[f64; T]],
    x: &[[f64; D]],
    gamma: f64,
    m: usize,
) -> (f64, Slopes<D, T>) {
    let components = Components::new(alphas, means, icf);
    let k = alphas.len();
    let mut total = 0.0;
    let mut weights = vec![0.0; k];
    let (mut sums, mut firsts, mut seconds) = (vec![0.0; k], vec![[0.0; D]; k], vec![[0.0; T]; k]);
    for point in x {
        total += components.responsibilities(point, &mut weights);
        let mut products = [0.0; T];
        for r in 0..D {
            for c in 0..=r {
                products[r * (r + 1) / 2 + c] = point[r] * point[c];
            }
        }
        for j in 0..k {
            sums[j] += weights[j];
            for d in 0..D {
                firsts[j][d] += weights[j] * point[d];
            }
            for t in 0..T {
                seconds[j][t] += weights[j] * products[t];
            }
        }
    }
    let mut dsquares = vec![[[0.0; D]; D]; k];
    for j in 0..k {
        let (q, mean, first) = (components.square(j), &means[j], firsts[j]);
        let mut s = [[0.0; D]; D];
        for r in 0..D {
            for c in 0..=r {
                let crossed = first[r] * mean[c] + mean[r] * first[c];
                let about_zero = seconds[j][r * (r + 1) / 2 + c];
                s[r][c] = about_zero - crossed + sums[j] * mean[r] * mean[c];
                s[c][r] = s[r][c];
            }
        }
        let mut dmean = [0.0; D];
        for r in 0..D {
            let mut entry = 0.0;
            for c in 0..=r {
                entry += q[r][c] * (first[c] - sums[j] * mean[c]);
            }
            for c in 0..=r {
                dmean[c] += q[r][c] * entry;
                for d in 0..=r {
                    dsquares[j][r][d] -= q[r][c] * s[c][d];
                }
            }
        }
        firsts[j] = dmean;
    }
    components.finish(total, sums, firsts, &dsquares, (x.len(), gamma, m))
}

/// The reverse of −½ ‖Q (x − μ)‖² at the cotangent `weight`, with Q by rows and by columns.
#[inline]
fn reverse_of_term<const D: usize>(
    weight: f64,
    point: &[f64; D],
    mean: &[f64; D],
    (rows, columns): (&[[f64; D]; D], &[[f64; D]; D]),
    dmean: &mut [f64; D],
    dsquare: &mut [[f64; D]; D],
) {
    let (mut centred, mut entries) = ([0.0; D], [0.0; D]);
    for c in 0..D {
        centred[c] = point[c] - mean[c];
        for r in 0..D {
            entries[r] += columns[c][r] * centred[c];
        }
    }
    for r in 0..D {
        let dentry = weight * entries[r];
        for c in 0..D {
            dsquare[r][c] -= dentry * centred[c];
            dmean[c] += dentry * rows[r][c];
        }
    }
}

/// The same without that algebra: the reverse of each point's terms.
pub fn by_terms<const D: usize, const T: usize>(
    alphas: &[f64],
    means: &[[f64; D]],
    icf: &[[f64; T]],
    x: &[[f64; D]],
    gamma: f64,
    m: usize,
) -> (f64, Slopes<D, T>) {
    let components = Components::new(alphas, means, icf);
    let k = alphas.len();
    // Squares, though half of each is zero: loops of fixed length are the faster ones. Q by
    // columns for the product with Q, by rows for that with its transpose.
    let rows: Vec<[[f64; D]; D]> = (0..k).map(|j| components.square(j)).collect();
    let transposed = |q: &[[f64; D]; D]| std::array::from_fn(|c| std::array::from_fn(|r| q[r][c]));
    let columns: Vec<[[f64; D]; D]> = rows.iter().map(transposed).collect();
    let mut total = 0.0;
    let mut weights = vec![0.0; k];
    let mut sums = vec![0.0; k];
    let (mut dmeans, mut dsquares) = (vec![[0.0; D]; k], vec![[[0.0; D]; D]; k]);
    for point in x {
        total += components.responsibilities(point, &mut weights);
        for j in 0..k {
            sums[j] += weights[j];
            let squares = (&rows[j], &columns[j]);
            reverse_of_term(
                weights[j],
                point,
                &means[j],
                squares,
                &mut dmeans[j],
                &mut dsquares[j],
            );
        }
    }
    components.finish(total, sums, dmeans, &dsquares, (x.len(), gamma, m))
}
