//! A network with one hidden layer of sigmoids, and its negative log-likelihood.

use autodiff_runtime::prelude::*;

use super::{Case, Workload};
use crate::numbers::Numbers;

/// The mean of −(y ln p + (1 − y) ln(1 − p)) over the samples, with the hidden units
/// h = σ(W x + b) and p = σ(v·h + c).
#[differentiable(wrt(w, b, v, c))]
pub fn network_nll<const D: usize, const H: usize>(
    w: &[[f64; D]; H],
    b: &[f64; H],
    v: &[f64; H],
    c: f64,
    x: &[[f64; D]],
    y: &[f64],
) -> f64 {
    let mut total = 0.0;
    for s in 0..x.len() {
        let mut z = c;
        for k in 0..H {
            let mut a = b[k];
            for i in 0..D {
                a += w[k][i] * x[s][i];
            }
            z += v[k] * sigmoid(a);
        }
        let p = sigmoid(z);
        total += y[s] * p.ln() + (1.0 - y[s]) * (1.0 - p).ln();
    }
    -total / x.len() as f64
}

/// The gradient by all weights and biases, in the parameters' order.
pub type Slopes<const D: usize, const H: usize> = ([[f64; D]; H], [f64; H], [f64; H], f64);

/// Value and gradient: backpropagation sample by sample, ∂/∂z = p − y.
pub fn by_hand<const D: usize, const H: usize>(
    w: &[[f64; D]; H],
    b: &[f64; H],
    v: &[f64; H],
    c: f64,
    x: &[[f64; D]],
    y: &[f64],
) -> (f64, Slopes<D, H>) {
    let mut total = 0.0;
    let mut dw = [[0.0; D]; H];
    let (mut db, mut dv, mut dc) = ([0.0; H], [0.0; H], 0.0);
    let mut h = [0.0; H];
    let n = x.len() as f64;
    for (x, &y) in x.iter().zip(y) {
        let mut z = c;
        for k in 0..H {
            let mut a = b[k];
            for i in 0..D {
                a += w[k][i] * x[i];
            }
            h[k] = sigmoid(a);
            z += v[k] * h[k];
        }
        let p = sigmoid(z);
        total += y * p.ln() + (1.0 - y) * (1.0 - p).ln();

        let dz = (p - y) / n;
        dc += dz;
        for k in 0..H {
            dv[k] += dz * h[k];
            let da = dz * v[k] * h[k] * (1.0 - h[k]);
            db[k] += da;
            for i in 0..D {
                dw[k][i] += da * x[i];
            }
        }
    }
    (-total / n, (dw, db, dv, dc))
}

/// Weights and labelled samples.
pub struct Input<const D: usize, const H: usize> {
    w: [[f64; D]; H],
    b: [f64; H],
    v: [f64; H],
    c: f64,
    x: Vec<[f64; D]>,
    y: Vec<f64>,
}

/// Weights at random, and samples labelled by whether they lie in a ball.
pub fn input<const D: usize, const H: usize>(samples: usize) -> Input<D, H> {
    let mut numbers = Numbers::new(5);
    let x = numbers.arrays(samples, 1.0);
    let inside = |row: &[f64; D]| row.iter().map(|x| x * x).sum::<f64>() < D as f64 / 3.0;
    let y = x
        .iter()
        .map(|row| if inside(row) { 1.0 } else { 0.0 })
        .collect();
    Input {
        w: std::array::from_fn(|_| numbers.array(0.5)),
        b: numbers.array(0.2),
        v: numbers.array(1.0),
        c: 0.1,
        x,
        y,
    }
}

/// What is timed.
pub fn workloads() -> Vec<Workload> {
    let case = Case::new(
        "network, 1000 x 32 x 16",
        input::<32, 16>(1000),
        |Input { w, b, v, c, x, y }| network_nll(w, b, v, *c, x, y),
        |Input { w, b, v, c, x, y }| by_hand(w, b, v, *c, x, y),
    );
    vec![
        case.generated(|Input { w, b, v, c, x, y }| network_nll::value_and_grad(w, b, v, *c, x, y))
            .workload(),
    ]
}

#[test]
fn the_gradient_by_hand_is_right() {
    let Input { w, b, v, c, x, y } = input::<3, 4>(10);
    super::check_gradient(
        &(w, b, v, c),
        |(w, b, v, c)| network_nll(w, b, v, *c, &x, &y),
        |(w, b, v, c)| by_hand(w, b, v, *c, &x, &y),
    );
}
