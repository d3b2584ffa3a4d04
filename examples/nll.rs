//! The main example: two networks learn to name irises, by generated gradients of the negative
//! log-likelihood (NLL) of Fisher's 150 flowers.
//!
//! `cargo run --release --example nll`

use std::error::Error;
use std::path::PathBuf;
use std::process::ExitCode;

use autodiff_examples::{Folder, count, positive, run};
use autodiff_runtime::data::{DataError, Dataset, Standardiser, iris};
use autodiff_runtime::nn::NetworkError;
use autodiff_runtime::optim::Adam;
use autodiff_runtime::plot::{Figure, Prediction};
use autodiff_runtime::prelude::*;
use autodiff_runtime::train::{
    ConfusionMatrix, History, Metrics, TrainError, Trainer, accuracy, confusion_matrix,
};
use clap::Parser;

// ---------------------------------------------------------------------------------------------
// Two species: the network of the lecture, p(y = 1 | x) = σ(w₀ · σ(W x)).

/// The weights. Each layer also has a bias, the weight of an input that is always 1.
#[derive(Clone, Debug, Differentiable)]
struct Lecture {
    /// `W`: from the features to the hidden units.
    w: Dense,
    /// `w₀`: from the hidden units to one number.
    w0: Dense,
}

/// The network up to its last sigmoid.
#[differentiable]
fn logit(net: &Lecture, x: &[f64]) -> f64 {
    let a = dense(&net.w, x);
    let h = elementwise::sigmoid(&a);
    let z = dense(&net.w0, &h);
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
    let if_one = y * p.ln();
    let if_zero = (1.0 - y) * (1.0 - p).ln();
    -(if_one + if_zero)
}

impl Lecture {
    /// A network of `width` hidden units. Its sigmoids stand in `logit` and `nll_two`, so the
    /// layers are linear.
    fn new(features: usize, width: usize, seed: u64) -> Result<Self, NetworkError> {
        let net = Mlp::builder(features)
            .layer(width, Activation::Linear)
            .layer(1, Activation::Linear)
            .seed(seed)
            .build()?;
        let [w, w0] = net.layers.try_into().expect("two layers were asked for");
        Ok(Self { w, w0 })
    }

    fn parameter_count(&self) -> usize {
        self.w.parameter_count() + self.w0.parameter_count()
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
    (0..logits.len())
        .max_by(|&a, &b| logits[a].total_cmp(&logits[b]))
        .expect("there are classes")
}

fn perceptron(features: usize, width: usize, seed: u64) -> Result<Mlp, NetworkError> {
    let (hidden, output) = (Activation::Tanh, Activation::Linear);
    Mlp::new(&[features, width, 3], hidden, output, Init::Xavier, seed)
}

// ---------------------------------------------------------------------------------------------
// The experiment.

/// Train two networks on Fisher's irises and draw what they learnt
#[derive(Parser)]
#[command(allow_negative_numbers = true)]
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

/// Flowers in a training and a test part, both on the scale of the training part.
struct Task {
    flowers: Dataset,
    scale: Standardiser,
    train: Dataset,
    test: Dataset,
}

impl Task {
    /// Holds out a quarter of each species.
    fn new(flowers: Dataset, seed: u64) -> Result<Self, DataError> {
        let (train, test) = flowers.split_stratified(0.25, seed)?;
        let scale = Standardiser::fit(&train)?;
        Ok(Self {
            train: scale.apply(&train)?,
            test: scale.apply(&test)?,
            flowers,
            scale,
        })
    }

    /// The same flowers and the same split with the petals measured only.
    fn petals(&self, seed: u64) -> Result<Self, DataError> {
        let petals = self.flowers.select_features([2, 3])?;
        let petals = petals.map_inputs(|x| x.to_vec());
        Self::new(
            petals.with_feature_names(["petal length", "petal width"])?,
            seed,
        )
    }

    fn features(&self) -> usize {
        self.flowers.width().unwrap_or(0)
    }

    /// Draws what a classifier of standardised petals makes of every size of petal, in centimetres.
    fn draw<P: Prediction>(
        &self,
        path: PathBuf,
        title: &str,
        classify: impl Fn(&[f64]) -> P,
    ) -> Result<(), Box<dyn Error>> {
        let names = self
            .flowers
            .feature_names()
            .iter()
            .map(|name| format!("{name} (cm)"));
        let flowers = self.flowers.clone().with_feature_names(names)?;
        let rescale = |point: [f64; 2]| self.scale.transform(&point).expect("two features");
        Figure::new(title).decision_boundary(path, |point| classify(&rescale(point)), &flowers)?;
        Ok(())
    }
}

/// How a training went.
struct Outcome {
    history: History,
    train: ConfusionMatrix,
    test: ConfusionMatrix,
}

/// Trains `net`, given its loss, the gradient of the loss, and the class it decides for.
fn learn<M: Differentiable>(
    net: &mut M,
    task: &Task,
    options: &Options,
    loss: impl Fn(&M, &[f64], usize) -> f64,
    grad_into: impl for<'a> FnMut(&'a M, &'a [f64], usize, &mut M::Gradient) -> f64,
    class: impl Fn(&M, &[f64]) -> usize,
) -> Result<Outcome, TrainError> {
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

fn learn_two(task: &Task, options: &Options) -> Result<(Lecture, Outcome), Box<dyn Error>> {
    let mut net = Lecture::new(task.features(), options.hidden, options.seed)?;
    announce(task, net.parameter_count());
    let (grad_into, class) = (nll_two::grad_into, Lecture::class);
    let outcome = learn(&mut net, task, options, nll_two, grad_into, class)?;
    Ok((net, outcome))
}

fn learn_many(task: &Task, options: &Options) -> Result<(Mlp, Outcome), Box<dyn Error>> {
    let mut net = perceptron(task.features(), options.hidden, options.seed)?;
    announce(task, net.parameter_count());
    let (grad_into, class) = (nll_many::grad_into, likeliest);
    let outcome = learn(&mut net, task, options, nll_many, grad_into, class)?;
    Ok((net, outcome))
}

/// The line above the progress bar.
fn announce(task: &Task, parameters: usize) {
    let names = task.flowers.feature_names().join(", ").replace('_', " ");
    println!("by {names} ({parameters} parameters)");
}

fn job(options: &Options) -> Result<(), Box<dyn Error>> {
    let &Options { seed, hidden, .. } = options;
    let mut folder = Folder::create(&options.out)?;
    let loss_graph = nll_two::GRAPH.to_svg();
    folder.write("two-loss-graph.svg", "the loss as a graph", &loss_graph)?;
    let logit_graph = logit::GRAPH.to_svg();
    folder.write("two-logit-graph.svg", "the network inside it", &logit_graph)?;

    let flowers = iris();
    let count = flowers.len();
    println!("Fisher's irises: {count} flowers, a quarter of them held out (seed {seed})");

    println!("\nVersicolor or virginica?  p(y = 1 | x) = σ(w₀ · σ(W x)), {hidden} hidden units");
    let two = Task::new(flowers.select_classes(&[1, 2])?, seed)?;
    let (_, two_all) = learn_two(&two, options)?;
    let path = folder.file("two-training.svg", "loss and accuracy over the epochs");
    Figure::new("Versicolor or virginica").loss_curve(path, &two_all.history)?;

    let petals = two.petals(seed)?;
    let (net, two_petals) = learn_two(&petals, options)?;
    let path = folder.file("two-boundary.svg", "its decisions, by petals alone");
    let title = "Versicolor or virginica, by petals alone";
    petals.draw(path, title, |x| net.probability(x))?;

    println!("\nWhich of the three?  p(y | x) = softmax(V tanh(W x)), {hidden} hidden units");
    let three = Task::new(flowers, seed)?;
    let (_, three_all) = learn_many(&three, options)?;
    let path = folder.file("three-training.svg", "loss and accuracy over the epochs");
    Figure::new("Three species").loss_curve(path, &three_all.history)?;

    let petals = three.petals(seed)?;
    let (net, three_petals) = learn_many(&petals, options)?;
    let path = folder.file("three-boundary.svg", "its decisions, by petals alone");
    let title = "Three species, by petals alone";
    petals.draw(path, title, |x| likeliest(&net, x))?;

    println!("\naccuracy                 training     test");
    for (name, outcome) in [
        ("versicolor or virginica", &two_all),
        ("  by petals alone", &two_petals),
        ("all three species", &three_all),
        ("  by petals alone", &three_petals),
    ] {
        let [train, test] = [&outcome.train, &outcome.test].map(|m| 100.0 * m.accuracy());
        println!("{name:23}   {train:5.1} %  {test:5.1} %");
    }
    println!("\nThe test flowers, by all measures:\n");
    println!("{}\n{}", two_all.test, three_all.test);
    folder.print();
    Ok(())
}

fn main() -> ExitCode {
    run(job)
}
