//! The main example: two networks learn to name irises, by generated gradients of the negative
//! log-likelihood (NLL) of Fisher's 150 flowers.
//!
//! `cargo run --release --example nll`

use std::error::Error;
use std::path::PathBuf;
use std::process::ExitCode;

use autodiff_examples::{Folder, count, positive, run};
use autodiff_runtime::data::{Dataset, Standardiser, iris};
use autodiff_runtime::nn::NetworkError;
use autodiff_runtime::optim::Adam;
use autodiff_runtime::plot::{Figure, Prediction};
use autodiff_runtime::prelude::*;
use autodiff_runtime::train::{
    ConfusionMatrix, History, Metrics, Trainer, accuracy, confusion_matrix,
};
use clap::Parser;

// ---------------------------------------------------------------------------------------------
// Two species: the network of the lecture, p(y = 1 | x) = σ(w₀ · σ(W x)).

/// The weights. Each layer also has a bias, the weight of an input that is always 1.
#[derive(Clone, Debug, Differentiable)]
struct Lecture {
    /// `W`: from the features to the hidden units.
    hidden: Dense,
    /// `w₀`: from the hidden units to one number.
    output: Dense,
}

impl Lecture {
    fn new(features: usize, width: usize, seed: u64) -> Result<Self, NetworkError> {
        // The sigmoids stand in the formulas below, so the layers are linear.
        let net = Mlp::builder(features)
            .layer(width, Activation::Linear)
            .layer(1, Activation::Linear)
            .seed(seed)
            .build()?;
        let [hidden, output] = net.layers.try_into().expect("two layers were asked for");
        Ok(Self { hidden, output })
    }
}

/// The probability that flower `x` is of class 1.
#[differentiable]
fn probability(net: &Lecture, x: &[f64]) -> f64 {
    let h = elementwise::sigmoid(&dense(&net.hidden, x));
    let z = dense(&net.output, &h);
    sigmoid(z[0])
}

/// How surprised the network is that flower `x` is of class `y`.
///
/// `wrt(net)`: the weights are to be learnt, the flower is what it is. `stable`: where p rounds to
/// 0 or 1, `ln` meets 0; the generated code goes back to `z` and gives the loss its true value. For
/// that it has to see the last sigmoid, which is why `probability` is spelt out here.
#[differentiable(wrt(net), stable)]
fn nll_two(net: &Lecture, x: &[f64], y: usize) -> f64 {
    let h = elementwise::sigmoid(&dense(&net.hidden, x));
    let z = dense(&net.output, &h);
    let p = sigmoid(z[0]);
    let y = y as f64;
    -(y * p.ln() + (1.0 - y) * (1.0 - p).ln())
}

// ---------------------------------------------------------------------------------------------
// Three species: a multilayer perceptron with a softmax at its end.

/// The same for any number of classes: one logit for each, softmax, and the logarithm of what
/// class `y` gets, the last two in one function that neither over- nor underflows.
#[differentiable(wrt(net))]
fn nll_many(net: &Mlp, x: &[f64], y: usize) -> f64 {
    let logits = mlp(net, x);
    cross_entropy(&logits, y)
}

/// The class with the largest logit.
fn most_likely(net: &Mlp, x: &[f64]) -> usize {
    let logits = mlp(net, x);
    (0..logits.len())
        .max_by(|&a, &b| logits[a].total_cmp(&logits[b]))
        .expect("there are classes")
}

// ---------------------------------------------------------------------------------------------

/// Train two networks on Fisher's irises and draw what they learnt.
#[derive(Parser)]
struct Options {
    /// Decides on the split, the first weights and the order of the flowers
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// How often each flower is seen
    #[arg(long, default_value = "200", value_parser = count)]
    epochs: usize,
    /// The step size of the optimiser (Adam)
    #[arg(long, value_name = "RATE", default_value = "0.01", value_parser = positive)]
    learning_rate: f64,
    /// The number of hidden units
    #[arg(long, value_name = "WIDTH", default_value = "8", value_parser = count)]
    hidden: usize,
    /// The folder to write the pictures to
    #[arg(long, value_name = "FOLDER", default_value = "target/nll")]
    out: PathBuf,
}

impl Options {
    fn trainer(&self) -> Trainer<Adam> {
        Trainer::new(Adam::new(self.learning_rate))
            .epochs(self.epochs)
            .batch_size(8)
            .seed(self.seed)
    }
}

/// Flowers divided into a training and a test part, on the scale of the training part.
struct Task {
    flowers: Dataset,
    scale: Standardiser,
    train: Dataset,
    test: Dataset,
}

impl Task {
    /// A quarter of each species is held out.
    fn new(flowers: Dataset, seed: u64) -> Result<Self, Box<dyn Error>> {
        let (train, test) = flowers.split_stratified(0.25, seed)?;
        let scale = Standardiser::fit(&train)?;
        Ok(Self {
            train: scale.apply(&train)?,
            test: scale.apply(&test)?,
            flowers,
            scale,
        })
    }

    /// The same flowers and the same split, of which only the petals are measured.
    fn petals(&self, seed: u64) -> Result<Self, Box<dyn Error>> {
        let petals = self.flowers.select_features([2, 3])?;
        Self::new(petals.map_inputs(|x| x.to_vec()), seed)
    }

    fn features(&self) -> usize {
        self.flowers.width().unwrap_or(0)
    }
}

/// What training led to.
struct Outcome {
    name: String,
    parameters: usize,
    history: History,
    train: ConfusionMatrix,
    test: ConfusionMatrix,
}

/// Trains the network of the lecture.
fn learn_two(task: &Task, options: &Options, name: &str) -> Result<(Lecture, Outcome), Box<dyn Error>> {
    let mut net = Lecture::new(task.features(), options.hidden, options.seed)?;
    let class = |net: &Lecture, x: &[f64]| usize::from(probability(net, x) > 0.5);
    let history = options.trainer().fit_with(&mut net, &task.train, nll_two::grad_into, |net, _| {
        measure(task, |x, y| nll_two(net, x, y), |x| class(net, x))
    })?;
    let parameters = net.hidden.parameter_count() + net.output.parameter_count();
    let outcome = Outcome::new(name, parameters, history, task, |x| class(&net, x));
    Ok((net, outcome))
}
