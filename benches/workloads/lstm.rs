//! A recurrent network of LSTM units that predicts the next character of a text.
//!
//! The model is that of ADBench (Srajer, Kukelova, Fitzgibbon, 2018): the gates see the layer's
//! input or its output, each through a diagonal matrix.

use autodiff_runtime::prelude::*;

use super::mixture::log_sum_exp;
use super::{Case, Workload};
use crate::numbers::Numbers;

/// Weights and biases of one gate.
#[derive(Clone, Debug, Differentiable)]
pub struct Gate<const H: usize> {
    /// The diagonal of the weight matrix.
    pub weight: [f64; H],
    /// The biases.
    pub bias: [f64; H],
}

/// One layer.
#[derive(Clone, Debug, Differentiable)]
pub struct Layer<const H: usize> {
    /// How much of the cell is kept, by the input.
    pub keep: Gate<H>,
    /// How much of the change is let in, by the layer's last output.
    pub admit: Gate<H>,
    /// How much of the cell is put out, by the input.
    pub emit: Gate<H>,
    /// The change, by the layer's last output.
    pub change: Gate<H>,
}

/// `L` layers between diagonal matrices.
#[derive(Clone, Debug, Differentiable)]
pub struct Lstm<const H: usize, const L: usize> {
    /// The layers, in the order in which the signal passes.
    pub layers: [Layer<H>; L],
    /// What a character is multiplied by.
    pub input: [f64; H],
    /// What the last layer's output is multiplied by, and its bias.
    pub output: Gate<H>,
}

/// One step of one layer.
#[differentiable]
pub fn step<const H: usize>(
    layer: &Layer<H>,
    input: &[f64; H],
    cell: &mut [f64; H],
    hidden: &mut [f64; H],
) {
    for i in 0..H {
        let keep = sigmoid(layer.keep.weight[i] * input[i] + layer.keep.bias[i]);
        let admit = sigmoid(layer.admit.weight[i] * hidden[i] + layer.admit.bias[i]);
        let emit = sigmoid(layer.emit.weight[i] * input[i] + layer.emit.bias[i]);
        let change = (layer.change.weight[i] * hidden[i] + layer.change.bias[i]).tanh();
        cell[i] = keep * cell[i] + admit * change;
        hidden[i] = emit * cell[i].tanh();
    }
}

/// The mean cross-entropy of the predictions; `text` holds the characters one-hot.
#[differentiable(wrt(model))]
pub fn lstm_loss<const H: usize, const L: usize>(model: &Lstm<H, L>, text: &[[f64; H]]) -> f64 {
    let mut cells = [[0.0; H]; L];
    let mut hiddens = [[0.0; H]; L];
    let mut total = 0.0;
    for t in 0..text.len() - 1 {
        let mut signal = [0.0; H];
        for i in 0..H {
            signal[i] = model.input[i] * text[t][i];
        }
        for k in 0..L {
            step(&model.layers[k], &signal, &mut cells[k], &mut hiddens[k]);
            signal = hiddens[k];
        }
        let mut scores = [0.0; H];
        for i in 0..H {
            scores[i] = model.output.weight[i] * signal[i] + model.output.bias[i];
        }
        let norm = log_sum_exp(&scores);
        for i in 0..H {
            total += text[t + 1][i] * (scores[i] - norm);
        }
    }
    -total / (text.len() - 1) as f64
}

/// What the reverse of a step needs.
#[derive(Clone, Copy)]
struct Kept<const H: usize> {
    input: [f64; H],
    cell: [f64; H],
    hidden: [f64; H],
    keep: [f64; H],
    admit: [f64; H],
    emit: [f64; H],
    change: [f64; H],
    squashed: [f64; H],
}

/// As [`step()`].
#[inline]
fn step_and_keep<const H: usize>(
    layer: &Layer<H>,
    kept: &mut Kept<H>,
    input: &[f64; H],
    cell: &mut [f64; H],
    hidden: &mut [f64; H],
) {
    kept.input = *input;
    kept.cell = *cell;
    kept.hidden = *hidden;
    for i in 0..H {
        let keep = sigmoid(layer.keep.weight[i] * input[i] + layer.keep.bias[i]);
        let admit = sigmoid(layer.admit.weight[i] * hidden[i] + layer.admit.bias[i]);
        let emit = sigmoid(layer.emit.weight[i] * input[i] + layer.emit.bias[i]);
        let change = (layer.change.weight[i] * hidden[i] + layer.change.bias[i]).tanh();
        cell[i] = keep * cell[i] + admit * change;
        let squashed = cell[i].tanh();
        hidden[i] = emit * squashed;
        kept.keep[i] = keep;
        kept.admit[i] = admit;
        kept.emit[i] = emit;
        kept.change[i] = change;
        kept.squashed[i] = squashed;
    }
}

/// The reverse of a step: adds to the layer's gradient, replaces those of cell and output, and
/// returns that of the input.
#[inline]
fn step_back<const H: usize>(
    layer: &Layer<H>,
    kept: &Kept<H>,
    dlayer: &mut LayerGradient<H>,
    dcell: &mut [f64; H],
    dhidden: &mut [f64; H],
) -> [f64; H] {
    let mut dinput = [0.0; H];
    for i in 0..H {
        let (keep, admit) = (kept.keep[i], kept.admit[i]);
        let (emit, change) = (kept.emit[i], kept.change[i]);
        let squashed = kept.squashed[i];
        let dc = dcell[i] + dhidden[i] * emit * (1.0 - squashed * squashed);
        let dkeep = dc * kept.cell[i] * keep * (1.0 - keep);
        let dadmit = dc * change * admit * (1.0 - admit);
        let demit = dhidden[i] * squashed * emit * (1.0 - emit);
        let dchange = dc * admit * (1.0 - change * change);
        dlayer.keep.weight[i] += dkeep * kept.input[i];
        dlayer.keep.bias[i] += dkeep;
        dlayer.admit.weight[i] += dadmit * kept.hidden[i];
        dlayer.admit.bias[i] += dadmit;
        dlayer.emit.weight[i] += demit * kept.input[i];
        dlayer.emit.bias[i] += demit;
        dlayer.change.weight[i] += dchange * kept.hidden[i];
        dlayer.change.bias[i] += dchange;
        dcell[i] = dc * keep;
        dhidden[i] = dadmit * layer.admit.weight[i] + dchange * layer.change.weight[i];
        dinput[i] = dkeep * layer.keep.weight[i] + demit * layer.emit.weight[i];
    }
    dinput
}

/// Value and gradient: backpropagation through time. The output's part is done on the way
/// forwards, since ∂/∂score = p − y is known at once.
pub fn by_hand<const H: usize, const L: usize>(
    model: &Lstm<H, L>,
    text: &[[f64; H]],
) -> (f64, LstmGradient<H, L>) {
    let steps = text.len() - 1;
    let nothing = Kept {
        input: [0.0; H],
        cell: [0.0; H],
        hidden: [0.0; H],
        keep: [0.0; H],
        admit: [0.0; H],
        emit: [0.0; H],
        change: [0.0; H],
        squashed: [0.0; H],
    };
    let mut kept = vec![[nothing; L]; steps];
    let mut dsignals = vec![[0.0; H]; steps];
    let mut gradient = model.zero_gradient();
    let mut cells = [[0.0; H]; L];
    let mut hiddens = [[0.0; H]; L];
    let mut total = 0.0;
    for t in 0..steps {
        let (now, next) = (&text[t], &text[t + 1]);
        let mut signal: [f64; H] = std::array::from_fn(|i| model.input[i] * now[i]);
        for k in 0..L {
            let (cell, hidden) = (&mut cells[k], &mut hiddens[k]);
            step_and_keep(&model.layers[k], &mut kept[t][k], &signal, cell, hidden);
            signal = *hidden;
        }
        let Gate { weight, bias } = &model.output;
        let scores: [f64; H] = std::array::from_fn(|i| weight[i] * signal[i] + bias[i]);
        // As in `log_sum_exp`, keeping the exponentials.
        let largest = scores.iter().fold(f64::NEG_INFINITY, |a, &b| a.max(b));
        let powers = scores.map(|score| (score - largest).exp());
        let mut sum = 0.0;
        for power in powers {
            sum += power;
        }
        let norm = largest + sum.ln();
        let mut weights = 0.0;
        for i in 0..H {
            total += next[i] * (scores[i] - norm);
            weights += next[i];
        }
        let scale = weights / (sum * steps as f64);
        for i in 0..H {
            let dscore = powers[i] * scale - next[i] / steps as f64;
            gradient.output.weight[i] += dscore * signal[i];
            gradient.output.bias[i] += dscore;
            dsignals[t][i] = dscore * weight[i];
        }
    }
    let mut dcells = [[0.0; H]; L];
    let mut dhiddens = [[0.0; H]; L];
    for t in (0..steps).rev() {
        let mut dsignal = dsignals[t];
        for k in (0..L).rev() {
            for i in 0..H {
                dhiddens[k][i] += dsignal[i];
            }
            dsignal = step_back(
                &model.layers[k],
                &kept[t][k],
                &mut gradient.layers[k],
                &mut dcells[k],
                &mut dhiddens[k],
            );
        }
        for i in 0..H {
            gradient.input[i] += dsignal[i] * text[t][i];
        }
    }
    (-total / steps as f64, gradient)
}

/// A model at random.
pub fn model<const H: usize, const L: usize>() -> Lstm<H, L> {
    let mut numbers = Numbers::new(6);
    let mut gate = || Gate {
        weight: numbers.array(1.5),
        bias: numbers.array(0.5),
    };
    let layers = std::array::from_fn(|_| Layer {
        keep: gate(),
        admit: gate(),
        emit: gate(),
        change: gate(),
    });
    Lstm {
        layers,
        output: gate(),
        input: numbers.array(1.5),
    }
}

/// A text: each of the `H` characters is mostly followed by one of the next two.
pub fn text<const H: usize>(length: usize) -> Vec<[f64; H]> {
    let mut numbers = Numbers::new(7);
    let mut character = 0;
    let one_hot = |_| {
        let ahead = if numbers.draw() > -1.2 { 2 } else { H };
        character = (character + 1 + numbers.below(ahead)) % H;
        std::array::from_fn(|i| if i == character { 1.0 } else { 0.0 })
    };
    (0..length).map(one_hot).collect()
}

/// What is timed.
pub fn workloads() -> Vec<Workload> {
    let case = Case::new(
        "LSTM, 2 layers of 14, 1024 characters",
        (model::<14, 2>(), text(1024)),
        |(model, text)| lstm_loss(model, text),
        |(model, text)| by_hand(model, text),
    );
    vec![
        case.generated(|(model, text)| lstm_loss::value_and_grad(model, text))
            .workload(),
    ]
}

#[test]
fn the_gradient_by_hand_is_right() {
    let text = text(12);
    super::check_gradient(
        &model::<3, 2>(),
        |model| lstm_loss(model, &text),
        |model| by_hand(model, &text),
    );
}
