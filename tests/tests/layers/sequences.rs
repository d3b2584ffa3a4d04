//! Recurrent networks and tables of vectors.

use autodiff_runtime::layers::{
    Embedding, Gru, Lstm, LstmState, LstmStateGradient, Rnn, embed, gru, lstm, lstm_step, rnn,
};
use autodiff_runtime::prelude::*;
use autodiff_tests::check;
use ndarray::{Array1, Array2, Array3, Axis, s};

use super::numbers::{array, expect, expect_all};

macro_rules! checked {
    ($layer:ident, $function:ident, $gates:literal) => {{
        let layer = $layer {
            weight_ih: array(($gates * 5, 3), 1.0),
            weight_hh: array(($gates * 5, 5), 2.0),
            bias_ih: array($gates * 5, 3.0),
            bias_hh: array($gates * 5, 4.0),
        };
        let x: Array3<f64> = array((4, 2, 3), 5.0);
        let (layer_bar, x_bar) = check!($function(&layer, &x) => array((4, 2, 5), 6.0));
        let name = stringify!($function);
        expect(&$function(&layer, &x), name);
        expect_all(&layer_bar, name);
        expect(&x_bar, &format!("{name} x"));
        layer
    }};
}

#[test]
fn recurrent_networks() {
    checked!(Rnn, rnn, 1);
    checked!(Gru, gru, 3);
}

#[test]
fn long_short_term_memory() {
    let layer = checked!(Lstm, lstm, 4);
    // The same, step by step.
    let x: Array3<f64> = array((4, 2, 3), 5.0);
    let states = lstm(&layer, &x);
    let mut state = LstmState::zeros(2, 5);
    for (x, h) in x.outer_iter().zip(states.outer_iter()) {
        state = lstm_step(&layer, &x.to_owned(), &state);
        assert!((&state.h - &h).iter().all(|d| d.abs() < 1e-15));
    }
    let bar = LstmStateGradient {
        h: array((2, 5), 7.0),
        c: array((2, 5), 8.0),
    };
    let step: Array2<f64> = array((2, 3), 9.0);
    check!(lstm_step(&layer, &step, &state) => bar);
}

/// A user's own loop over steps, and a loss of the last state.
#[differentiable(wrt(layer))]
fn last_state(layer: &Lstm<f64>, x: &Array3<f64>) -> f64 {
    let states: Array3<f64> = lstm(layer, x);
    let last = states.index_axis(Axis(0), x.shape()[0] - 1);
    last.sum() + states.slice(s![0, .., 1]).product()
}

#[test]
fn in_functions_of_ones_own() {
    let layer = Lstm::new(3, 5, 1);
    let x = array((4, 2, 3), 5.0);
    check!(last_state(&layer, const &x));
}

#[test]
fn states_keep_their_length_at_the_start() {
    let gru = Gru::<f64>::new(3, 16, 5);
    let gate = gru.weight_hh.slice(s![16..32, ..]);
    let product = gate.dot(&gate.t()) - Array2::<f64>::eye(16);
    assert!(product.iter().all(|x| x.abs() < 1e-14));
    assert_eq!(gru.bias_ih, Array1::<f64>::zeros(48));
}

#[test]
#[should_panic(expected = "lstm: a sequence of shape [4, 2, 6] meets a weight of shape [20, 3]")]
fn sequences_of_another_width() {
    lstm(&Lstm::new(3, 5, 1), &Array3::<f32>::zeros((4, 2, 6)));
}

#[test]
fn tables() {
    let table = Embedding {
        weight: array((6, 3), 1.0),
    };
    let bar = check!(embed(&table, const &[4, 0, 4]) => array((3, 3), 2.0));
    let out: Array2<f64> = array((3, 3), 2.0);
    assert_eq!(bar.weight.row(4), &out.row(0) + &out.row(2));
    assert_eq!(bar.weight.row(1), Array1::<f64>::zeros(3));
}

#[test]
#[should_panic(
    expected = "lstm: weights of shape [12, 4] and [12, 4] and biases of shape [12] and [12]"
)]
fn weights_of_another_state() {
    let layer = Lstm {
        weight_hh: array((12, 4), 1.0),
        ..Lstm::<f64>::new(4, 3, 1)
    };
    lstm(&layer, &array((2, 2, 4), 2.0));
}

#[test]
#[should_panic(
    expected = "lstm_step: an input of shape [2, 4] meets a state of shapes [3, 3] and [3, 3]"
)]
fn states_of_other_samples() {
    let layer = Lstm::<f64>::new(4, 3, 1);
    lstm_step(&layer, &array((2, 4), 1.0), &LstmState::zeros(3, 3));
}
