//! Recurrent networks: over a sequence, and step by step.
//!
//! Sequences are \[time, samples, features\], so that each step is one contiguous matrix. All start from a
//! state of zeros. What enters is multiplied by its weights for all steps at once.

use ndarray::{Array1, Array2, Array3, ArrayRef2, ArrayRef3, Axis, Slice};

use super::draw::Draw;
use super::grid::grid;
use super::product::weigh;
use crate::nn::Init;
use crate::{Differentiable, Real, differentiable, tensor};

macro_rules! cells {
    ($(
        $(#[$documentation:meta])*
        $name:ident, $gates:literal, $rows:literal;
    )*) => {$(
        $(#[$documentation])*
        #[derive(Clone, Debug, PartialEq, Differentiable)]
        pub struct $name<T: Real = f32> {
            #[doc = concat!("What multiplies the input, shape \\[", $rows, ", inputs\\].")]
            pub weight_ih: Array2<T>,
            #[doc = concat!("What multiplies the state, shape \\[", $rows, ", hidden\\].")]
            pub weight_hh: Array2<T>,
            #[doc = concat!("Added to the former, shape \\[", $rows, "\\].")]
            pub bias_ih: Array1<T>,
            #[doc = concat!("Added to the latter, shape \\[", $rows, "\\].")]
            pub bias_hh: Array1<T>,
        }

        impl<T: Real> $name<T> {
            /// Weights of the stream of `seed`: those of the input uniform as by Glorot & Bengio (2010), those of
            /// the state orthogonal for each gate (Saxe, McClelland & Ganguli, 2014); zero biases.
            pub fn new(inputs: usize, hidden: usize, seed: u64) -> Self {
                let mut draw = Draw::seeded(seed);
                let rows = $gates * hidden;
                Self {
                    weight_ih: draw.init(Init::Xavier, (rows, inputs), inputs, hidden),
                    weight_hh: draw.orthogonal($gates, hidden),
                    bias_ih: Array1::zeros(rows),
                    bias_hh: Array1::zeros(rows),
                }
            }
        }
    )*};
}

cells! {
    /// The parameters of a simple recurrent network, see [`rnn()`].
    Rnn, 1, "hidden";
    /// The parameters of a network with long short-term memory, see [`lstm()`]; gates beneath each other in the
    /// order i, f, g, o.
    Lstm, 4, "4·hidden";
    /// The parameters of a network of gated recurrent units, see [`gru()`]; gates beneath each other in the order
    /// r, z, n.
    Gru, 3, "3·hidden";
}

/// What enters at all steps: `W_ih·xₜ`, the steps beneath each other.
#[differentiable]
fn enter<T: Real>(x: &ArrayRef3<T>, weight_ih: &ArrayRef2<T>) -> Array2<T> {
    let (steps, samples, inputs) = (x.shape()[0], x.shape()[1], x.shape()[2]);
    let rows = x.to_shape((steps * samples, inputs)).unwrap();
    weigh(&rows, weight_ih)
}

/// Refuses what is no sequence for these weights.
#[track_caller]
fn expect_sequence(layer: &str, sequence: &[usize], weight: &[usize]) {
    assert!(
        sequence[2] == weight[1] && !sequence.contains(&0),
        "{layer}: a sequence of shape {sequence:?} meets a weight of shape {weight:?}; it is to be [time, samples, inputs] and not empty"
    );
}

/// The states of all steps as one array.
#[differentiable]
fn in_order<T: Real>(states: &[Array2<T>]) -> Array3<T> {
    let (steps, samples, width) = (states.len(), states[0].nrows(), states[0].ncols());
    let all: Array2<T> = grid(states, 1);
    all.into_shape_with_order((steps, samples, width)).unwrap()
}

/// A simple recurrent network, `hₜ = tanh(W_ih·xₜ + b_ih + W_hh·hₜ₋₁ + b_hh)` (Elman, *Finding structure in
/// time*, 1990): \[time, samples, inputs\] → \[time, samples, hidden\], the states of all steps.
///
/// # Panics
///
/// If the sequence has no step, or its features are not as many as the weight has columns.
///
/// ```
/// use autodiff_runtime::layers::{Rnn, rnn};
/// use ndarray::Array3;
///
/// let states = rnn(&Rnn::new(3, 5, 1), &Array3::<f32>::ones((7, 2, 3)));
/// assert_eq!(states.dim(), (7, 2, 5));
/// ```
#[differentiable]
pub fn rnn<T: Real>(layer: &Rnn<T>, x: &ArrayRef3<T>) -> Array3<T> {
    let weight_ih: &Array2<T> = &layer.weight_ih;
    expect_sequence("rnn", x.shape(), weight_ih.shape());
    let entering: Array2<T> = enter(x, weight_ih);
    let entering = entering + &layer.bias_ih + &layer.bias_hh;
    let weight_hh: &Array2<T> = &layer.weight_hh;
    let (steps, samples, width) = (x.shape()[0], x.shape()[1], weight_hh.ncols());
    let mut h = Array2::zeros((samples, width));
    let mut states = Vec::new();
    for t in 0..steps {
        let now = Slice::from(t * samples..(t + 1) * samples);
        let again: Array2<T> = weigh(&h, weight_hh);
        h = tensor::tanh(&(again + entering.slice_axis(Axis(0), now)));
        states.push(h.clone());
    }
    in_order(&states)
}

/// Where a network with long short-term memory stands between two steps.
#[derive(Clone, Debug, PartialEq, Differentiable)]
pub struct LstmState<T: Real = f32> {
    /// The state `h`, which is also the output, shape \[samples, hidden\].
    pub h: Array2<T>,
    /// The memory `c`, shape \[samples, hidden\].
    pub c: Array2<T>,
}

impl<T: Real> LstmState<T> {
    /// The state of zeros, for so many samples.
    pub fn zeros(samples: usize, hidden: usize) -> Self {
        let zeros = Array2::zeros((samples, hidden));
        Self {
            h: zeros.clone(),
            c: zeros,
        }
    }
}

/// Long short-term memory (Hochreiter & Schmidhuber, 1997; with the forget gate of Gers, Schmidhuber &
/// Cummins, 2000): \[time, samples, inputs\] → \[time, samples, hidden\], the states `h` of all steps.
///
/// With `a = W_ih·xₜ + b_ih + W_hh·hₜ₋₁ + b_hh`, taken apart into four gates,
/// `i = σ(a_i)`, `f = σ(a_f)`, `g = tanh(a_g)`, `o = σ(a_o)`:
/// `cₜ = f·cₜ₋₁ + i·g`, `hₜ = o·tanh(cₜ)`.
///
/// # Panics
///
/// As [`rnn()`].
///
/// ```
/// use autodiff_runtime::layers::{Lstm, lstm};
/// use ndarray::Array3;
///
/// let states = lstm(&Lstm::new(3, 5, 1), &Array3::<f32>::ones((7, 2, 3)));
/// assert_eq!(states.dim(), (7, 2, 5));
/// ```
#[differentiable]
pub fn lstm<T: Real>(layer: &Lstm<T>, x: &ArrayRef3<T>) -> Array3<T> {
    let weight_ih: &Array2<T> = &layer.weight_ih;
    expect_sequence("lstm", x.shape(), weight_ih.shape());
    let entering: Array2<T> = enter(x, weight_ih);
    let entering = entering + &layer.bias_ih + &layer.bias_hh;
    let weight_hh: &Array2<T> = &layer.weight_hh;
    let (steps, samples, width) = (x.shape()[0], x.shape()[1], weight_hh.ncols());
    let mut h = Array2::zeros((samples, width));
    let mut c = Array2::zeros((samples, width));
    let mut states = Vec::new();
    for t in 0..steps {
        let now = Slice::from(t * samples..(t + 1) * samples);
        let again: Array2<T> = weigh(&h, weight_hh);
        let a = again + entering.slice_axis(Axis(0), now);
        c = lstm_memory(&a, &c);
        h = lstm_output(&a, &c);
        states.push(h.clone());
    }
    in_order(&states)
}

/// One step of [`lstm()`], for loops of one's own: the state after `x` of shape \[samples, inputs\].
///
/// # Panics
///
/// If the shapes of input, weights and state do not fit.
///
/// ```
/// use autodiff_runtime::layers::{Lstm, LstmState, lstm_step};
/// use ndarray::Array2;
///
/// let state = lstm_step(&Lstm::new(3, 5, 1), &Array2::<f32>::ones((2, 3)), &LstmState::zeros(2, 5));
/// assert_eq!(state.h.dim(), (2, 5));
/// ```
#[differentiable]
pub fn lstm_step<T: Real>(layer: &Lstm<T>, x: &ArrayRef2<T>, state: &LstmState<T>) -> LstmState<T> {
    let entering: Array2<T> = weigh(x, &layer.weight_ih);
    let again: Array2<T> = weigh(&state.h, &layer.weight_hh);
    let a = entering + &layer.bias_ih + &layer.bias_hh + &again;
    let c: Array2<T> = lstm_memory(&a, &state.c);
    let h: Array2<T> = lstm_output(&a, &c);
    LstmState { h, c }
}

/// `σ(a_f)·c + σ(a_i)·tanh(a_g)`.
#[differentiable]
fn lstm_memory<T: Real>(a: &ArrayRef2<T>, c: &ArrayRef2<T>) -> Array2<T> {
    let width = c.ncols();
    let open: Array2<T> = tensor::sigmoid(&a.slice_axis(Axis(1), Slice::from(..2 * width)));
    let g: Array2<T> = tensor::tanh(&a.slice_axis(Axis(1), Slice::from(2 * width..3 * width)));
    let i = open.slice_axis(Axis(1), Slice::from(..width));
    let f = open.slice_axis(Axis(1), Slice::from(width..));
    &f * &c.view() + &i * &g
}

/// `σ(a_o)·tanh(c)`.
#[differentiable]
fn lstm_output<T: Real>(a: &ArrayRef2<T>, c: &ArrayRef2<T>) -> Array2<T> {
    let width = c.ncols();
    let o: Array2<T> = tensor::sigmoid(&a.slice_axis(Axis(1), Slice::from(3 * width..)));
    let shown: Array2<T> = tensor::tanh(c);
    o * &shown
}

/// Gated recurrent units (Cho et al., *Learning phrase representations using RNN encoder–decoder*, 2014, in the
/// form of cuDNN and PyTorch, whose reset gate follows the product): \[time, samples, inputs\] →
/// \[time, samples, hidden\], the states of all steps.
///
/// With `a = W_ih·xₜ + b_ih` and `d = W_hh·hₜ₋₁ + b_hh`, each taken apart into three gates,
/// `r = σ(a_r + d_r)`, `z = σ(a_z + d_z)`, `n = tanh(a_n + r·d_n)`: `hₜ = (1 − z)·n + z·hₜ₋₁`.
///
/// # Panics
///
/// As [`rnn()`].
///
/// ```
/// use autodiff_runtime::layers::{Gru, gru};
/// use ndarray::Array3;
///
/// let states = gru(&Gru::new(3, 5, 1), &Array3::<f32>::ones((7, 2, 3)));
/// assert_eq!(states.dim(), (7, 2, 5));
/// ```
#[differentiable]
pub fn gru<T: Real>(layer: &Gru<T>, x: &ArrayRef3<T>) -> Array3<T> {
    let weight_ih: &Array2<T> = &layer.weight_ih;
    expect_sequence("gru", x.shape(), weight_ih.shape());
    let entering: Array2<T> = enter(x, weight_ih);
    let entering = entering + &layer.bias_ih;
    let weight_hh: &Array2<T> = &layer.weight_hh;
    let (steps, samples, width) = (x.shape()[0], x.shape()[1], weight_hh.ncols());
    let mut h = Array2::zeros((samples, width));
    let mut states = Vec::new();
    for t in 0..steps {
        let a = entering.slice_axis(Axis(0), Slice::from(t * samples..(t + 1) * samples));
        let d: Array2<T> = weigh(&h, weight_hh);
        let d = d + &layer.bias_hh;
        let sum = &a.slice_axis(Axis(1), Slice::from(..2 * width))
            + &d.slice_axis(Axis(1), Slice::from(..2 * width));
        let open: Array2<T> = tensor::sigmoid(&sum);
        let r = open.slice_axis(Axis(1), Slice::from(..width));
        let z = open.slice_axis(Axis(1), Slice::from(width..));
        let reset = &r * &d.slice_axis(Axis(1), Slice::from(2 * width..));
        let n: Array2<T> = tensor::tanh(&(reset + a.slice_axis(Axis(1), Slice::from(2 * width..))));
        h = &n + &z * &(&h - &n);
        states.push(h.clone());
    }
    in_order(&states)
}
