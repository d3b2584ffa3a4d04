//! The functions under test, as a user would write them.
//!
//! The network is p = σ(w₀·σ(W x)) with the loss −(y ln p + (1 − y) ln(1 − p)) of one example. Its
//! loops are written out, as straight-line code: what the macro differentiates so far.

use autodiff_runtime::prelude::*;

/// −5 x² ln x², in the steps of the README.
#[differentiable]
#[inline]
pub fn loss(x: f64) -> f64 {
    let a = x.powi(2);
    let b = 5.0 * a;
    let c = a.ln();
    let g = b * c;
    -g
}

/// The network with three hidden units.
#[differentiable]
#[inline]
pub fn network3(
    w: &[[f64; 4]; 3],
    w0: &[f64; 3],
    #[constant] x: &[f64; 4],
    #[constant] y: f64,
) -> f64 {
    let h0 = sigmoid(w[0][0] * x[0] + w[0][1] * x[1] + w[0][2] * x[2] + w[0][3] * x[3]);
    let h1 = sigmoid(w[1][0] * x[0] + w[1][1] * x[1] + w[1][2] * x[2] + w[1][3] * x[3]);
    let h2 = sigmoid(w[2][0] * x[0] + w[2][1] * x[1] + w[2][2] * x[2] + w[2][3] * x[3]);
    let p = sigmoid(w0[0] * h0 + w0[1] * h1 + w0[2] * h2);
    -(y * p.ln() + (1.0 - y) * (1.0 - p).ln())
}

/// The network with eight hidden units.
#[differentiable]
#[inline]
pub fn network8(
    w: &[[f64; 4]; 8],
    w0: &[f64; 8],
    #[constant] x: &[f64; 4],
    #[constant] y: f64,
) -> f64 {
    let h0 = sigmoid(w[0][0] * x[0] + w[0][1] * x[1] + w[0][2] * x[2] + w[0][3] * x[3]);
    let h1 = sigmoid(w[1][0] * x[0] + w[1][1] * x[1] + w[1][2] * x[2] + w[1][3] * x[3]);
    let h2 = sigmoid(w[2][0] * x[0] + w[2][1] * x[1] + w[2][2] * x[2] + w[2][3] * x[3]);
    let h3 = sigmoid(w[3][0] * x[0] + w[3][1] * x[1] + w[3][2] * x[2] + w[3][3] * x[3]);
    let h4 = sigmoid(w[4][0] * x[0] + w[4][1] * x[1] + w[4][2] * x[2] + w[4][3] * x[3]);
    let h5 = sigmoid(w[5][0] * x[0] + w[5][1] * x[1] + w[5][2] * x[2] + w[5][3] * x[3]);
    let h6 = sigmoid(w[6][0] * x[0] + w[6][1] * x[1] + w[6][2] * x[2] + w[6][3] * x[3]);
    let h7 = sigmoid(w[7][0] * x[0] + w[7][1] * x[1] + w[7][2] * x[2] + w[7][3] * x[3]);
    let left = w0[0] * h0 + w0[1] * h1 + w0[2] * h2 + w0[3] * h3;
    let p = sigmoid(left + w0[4] * h4 + w0[5] * h5 + w0[6] * h6 + w0[7] * h7);
    -(y * p.ln() + (1.0 - y) * (1.0 - p).ln())
}

/// A hidden unit.
#[differentiable]
#[inline]
pub fn neuron(w: &[f64; 4], x: &[f64; 4]) -> f64 {
    sigmoid(w[0] * x[0] + w[1] * x[1] + w[2] * x[2] + w[3] * x[3])
}

/// `network3` by calls of `neuron`.
#[differentiable]
#[inline]
pub fn composed3(
    w: &[[f64; 4]; 3],
    w0: &[f64; 3],
    #[constant] x: &[f64; 4],
    #[constant] y: f64,
) -> f64 {
    let h0 = neuron(&w[0], x);
    let h1 = neuron(&w[1], x);
    let h2 = neuron(&w[2], x);
    let p = sigmoid(w0[0] * h0 + w0[1] * h1 + w0[2] * h2);
    -(y * p.ln() + (1.0 - y) * (1.0 - p).ln())
}

/// `network8` by calls of `neuron`.
#[differentiable]
#[inline]
pub fn composed8(
    w: &[[f64; 4]; 8],
    w0: &[f64; 8],
    #[constant] x: &[f64; 4],
    #[constant] y: f64,
) -> f64 {
    let h0 = neuron(&w[0], x);
    let h1 = neuron(&w[1], x);
    let h2 = neuron(&w[2], x);
    let h3 = neuron(&w[3], x);
    let h4 = neuron(&w[4], x);
    let h5 = neuron(&w[5], x);
    let h6 = neuron(&w[6], x);
    let h7 = neuron(&w[7], x);
    let left = w0[0] * h0 + w0[1] * h1 + w0[2] * h2 + w0[3] * h3;
    let p = sigmoid(left + w0[4] * h4 + w0[5] * h5 + w0[6] * h6 + w0[7] * h7);
    -(y * p.ln() + (1.0 - y) * (1.0 - p).ln())
}
