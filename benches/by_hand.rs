//! The same derivatives by somebody who knows the mathematics and writes plain, fast Rust.
//!
//! The forward halves compute what the functions in `models` compute, with the same `sigmoid`; the
//! derivatives use what one finds on paper: σ′ = σ(1 − σ), and ∂L/∂z = p − y at the output.

use autodiff_runtime::prelude::*;

/// Value and derivative: −5 x² ln x², −10 x (ln x² + 1).
#[inline]
pub fn loss(x: f64) -> (f64, f64) {
    let a = x * x;
    let c = a.ln();
    (-(5.0 * a * c), -10.0 * x * (c + 1.0))
}

/// Value and derivative by the chain rule, step by step, without the simplification on paper:
/// cancelling a in ∂g/∂a = 5 ln a + 5a/a is algebra that does not hold at a = 0.
#[inline]
pub fn loss_in_steps(x: f64) -> (f64, f64) {
    let a = x * x;
    let b = 5.0 * a;
    let c = a.ln();
    let slope_by_a = 5.0 * c + b / a;
    (-(b * c), -slope_by_a * (2.0 * x))
}

/// Value and directional derivative.
#[inline]
pub fn loss_jvp(x: f64, x_dot: f64) -> (f64, f64) {
    let (value, slope) = loss(x);
    (value, slope * x_dot)
}

#[inline]
fn dot<const N: usize>(a: &[f64; N], b: &[f64; N]) -> f64 {
    let mut sum = a[0] * b[0];
    for k in 1..N {
        sum += a[k] * b[k];
    }
    sum
}

#[inline]
fn nll(p: f64, y: f64) -> f64 {
    -(y * p.ln() + (1.0 - y) * (1.0 - p).ln())
}

/// The forward half: the hidden units and p.
#[inline]
fn forward<const H: usize>(w: &[[f64; 4]; H], w0: &[f64; H], x: &[f64; 4]) -> ([f64; H], f64) {
    let mut h = [0.0; H];
    for k in 0..H {
        h[k] = sigmoid(dot(&w[k], x));
    }
    let p = sigmoid(dot(w0, &h));
    (h, p)
}

/// The network's value and its gradient by the weights.
#[inline]
pub fn network<const H: usize>(
    w: &[[f64; 4]; H],
    w0: &[f64; H],
    x: &[f64; 4],
    y: f64,
) -> (f64, ([[f64; 4]; H], [f64; H])) {
    let (h, p) = forward(w, w0, x);
    let dz = p - y;
    let mut dw = [[0.0; 4]; H];
    let mut dw0 = [0.0; H];
    for k in 0..H {
        dw0[k] = dz * h[k];
        let d = dz * w0[k] * h[k] * (1.0 - h[k]);
        for i in 0..4 {
            dw[k][i] = d * x[i];
        }
    }
    (nll(p, y), (dw, dw0))
}

/// As [`network`], adding the gradient to buffers: one step of a batch.
#[inline]
pub fn network_into<const H: usize>(
    w: &[[f64; 4]; H],
    w0: &[f64; H],
    x: &[f64; 4],
    y: f64,
    dw: &mut [[f64; 4]; H],
    dw0: &mut [f64; H],
) -> f64 {
    let (h, p) = forward(w, w0, x);
    let dz = p - y;
    for k in 0..H {
        dw0[k] += dz * h[k];
        let d = dz * w0[k] * h[k] * (1.0 - h[k]);
        for i in 0..4 {
            dw[k][i] += d * x[i];
        }
    }
    nll(p, y)
}

/// The network's value and its derivative along a direction of the weights.
#[inline]
pub fn network_jvp<const H: usize>(
    w: &[[f64; 4]; H],
    w0: &[f64; H],
    x: &[f64; 4],
    y: f64,
    w_dot: &[[f64; 4]; H],
    w0_dot: &[f64; H],
) -> (f64, f64) {
    let (h, p) = forward(w, w0, x);
    let mut z_dot = 0.0;
    for k in 0..H {
        z_dot += w0_dot[k] * h[k] + w0[k] * (h[k] * (1.0 - h[k]) * dot(&w_dot[k], x));
    }
    (nll(p, y), (p - y) * z_dot)
}
