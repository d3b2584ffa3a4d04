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

/// The network up to its last sigmoid.
#[differentiable]
fn logit(net: &Lecture, x: &[f64]) -> f64 {
    let h = dense(&net.hidden, x);
    let z = dense(&net.output, &h);
    z[0]
}

/// How surprised the network is that flower `x` is of class `y`.
///
/// `wrt(net)`: the weights are learnt, the flower is what it is. `stable`: where p rounds to 0 or 1,
/// a logarithm would meet 0; the generated code computes from `z` what it should have been.
#[differentiable(wrt(net), stable)]
fn nll_two(net: &Lecture, x: &[f64], y: usize) -> f64 {
    let z = logit(net, x);
    let p = sigmoid(z);
    let y = y as f64;
    -(y * p.ln() + (1.0 - y) * (1.0 - p).ln())
}

impl Lecture {
    fn new(features: usize, width: usize, seed: u64) -> Result<Self, NetworkError> {
        let net = Mlp::builder(features)
            .layer(width, Activation::Sigmoid)
            .layer(1, Activation::Linear)
            .seed(seed)
            .build()?;
        let [hidden, output] = net.layers.try_into().expect("two layers were asked for");
        Ok(Self { hidden, output })
    }

    fn probability(&self, x: &[f64]) -> f64 {
        sigmoid(logit(self, x))
    }

    fn class(&self, x: &[f64]) -> usize {
        usize::from(self.probability(x) > 0.5)
    }
}

// ---------------------------------------------------------------------------------------------
// Three species: a multilayer perceptron with a softmax at its end.

/// The same for any number of classes: a logit for each, softmax, and minus the logarithm of what
/// class `y` gets; the last two in one function that neither over- nor underflows.
#[differentiable(wrt(net))]
fn nll_many(net: &Mlp, x: &[f64], y: usize) -> f64 {
    let logits = mlp(net, x);
    cross_entropy(&logits, y)
}

/// The class with the largest logit.
fn likeliest(net: &Mlp, x: &[f64]) -> usize {
    let logits = mlp(net, x);
    let classes = 0..logits.len();
    classes
        .max_by(|&a, &b| logits[a].total_cmp(&logits[b]))
        .expect("there are classes")
}

fn perceptron(features: usize, width: usize, seed: u64) -> Result<Mlp, NetworkError> {
    let (hidden, output) = (Activation::Tanh, Activation::Linear);
    Mlp::new(&[features, width, 3], hidden, output, Init::Xavier, seed)
}

// ---------------------------------------------------------------------------------------------
// The experiment.

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

/// Flowers in a training and a test part, on the scale of the training part.
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

    fn features(&self) -> usize {
        self.flowers.width().unwrap_or(0)
    }
}

/// How training went.
struct Outcome {
    history: History,
    train: ConfusionMatrix,
    test: ConfusionMatrix,
}

/// Trains `net` on `task`, given its loss, the gradient of it, and its answer.
fn learn<M: Differentiable>(
    net: &mut M,
    task: &Task,
    options: &Options,
    loss: impl Fn(&M, &[f64], usize) -> f64,
    grad_into: impl for<'a> FnMut(&'a M, &'a [f64], usize, &mut M::Gradient) -> f64,
    class: impl Fn(&M, &[f64]) -> usize,
) -> Result<Outcome, Box<dyn Error>> {
    let classes = |net: &M, flowers: &Dataset| -> Vec<usize> {
        flowers.iter().map(|(x, _)| class(net, x)).collect()
    };
    let right = |net: &M, flowers: &Dataset| accuracy(&classes(net, flowers), flowers.targets());
    let mean_loss = |net: &M, flowers: &Dataset| {
        let sum: f64 = flowers.iter().map(|(x, y)| loss(net, x, y)).sum();
        sum / flowers.len() as f64
    };

    let history = Trainer::new(Adam::new(options.learning_rate))
        .epochs(options.epochs)
        .batch_size(8)
        .seed(options.seed)
        .fit_with(net, &task.train, grad_into, |net, _| {
            Metrics::new()
                .train_accuracy(right(net, &task.train))
                .test_accuracy(right(net, &task.test))
                .test_loss(mean_loss(net, &task.test))
        })?;

    let confusion = |flowers: &Dataset| {
        let names = flowers.class_names();
        confusion_matrix(&classes(net, flowers), flowers.targets(), names)
    };
    Ok(Outcome {
        train: confusion(&task.train),
        test: confusion(&task.test),
        history,
    })
}

fn main() -> ExitCode {
    run(|options: &Options| {
        let mut folder = Folder::create(&options.out)?;
        let graph = nll_two::GRAPH.to_svg();
        folder.write("graph.svg", "the loss of the two-species network, as a graph", &graph)?;
        let graph = logit::GRAPH.to_svg();
        folder.write("network.svg", "the network inside it", &graph)?;
        folder.print();
        let f = iris();
        let task = Task::new(f.select_classes(&[1,2])?, options.seed)?;
        let mut net = Lecture::new(task.features(), options.hidden, options.seed)?;
        let o = learn(&mut net, &task, options, nll_two, nll_two::grad_into, Lecture::class)?;
        println!("{}{}", o.train, o.test);
        Ok(())
    })
}
