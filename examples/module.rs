//! Six problems in the plane, from easy to hard, each learnt by a small network whose decisions
//! are drawn: those of the minitorch course's module on training.
//!
//! `cargo run --release --example module`

use std::error::Error;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Instant;

use autodiff_examples::{Folder, count, positive, run};
use autodiff_runtime::data::{Dataset, Planar};
use autodiff_runtime::optim::Adam;
use autodiff_runtime::plot::Figure;
use autodiff_runtime::prelude::*;
use autodiff_runtime::train::{Trainer, accuracy};
use clap::Parser;

type Points = Dataset<[f64; 2], usize>;

/// How surprised the network is that point `x` is of class `y`.
#[differentiable(wrt(net))]
fn nll(net: &Mlp, x: &[f64; 2], y: usize) -> f64 {
    let z = mlp(net, x);
    nll_with_logits(z[0], y as f64)
}

/// The probability that `x` is of class 1.
fn probability(net: &Mlp, x: &[f64; 2]) -> f64 {
    sigmoid(mlp(net, x)[0])
}

fn right(net: &Mlp, points: &Points) -> f64 {
    let classes = points
        .iter()
        .map(|(x, _)| usize::from(probability(net, x) > 0.5));
    accuracy(&classes.collect::<Vec<_>>(), points.targets())
}

/// Learn six problems in the plane and draw the decisions
#[derive(Parser)]
#[command(allow_negative_numbers = true)]
struct Options {
    /// Decides on the points, the first weights and the order of training
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// The number of points of each problem, a quarter of them for the test
    #[arg(long, default_value = "400", value_parser = count)]
    points: usize,
    /// How often each point is seen
    #[arg(long, default_value = "1000", value_parser = count)]
    epochs: usize,
    /// The step size of the optimiser (Adam)
    #[arg(long, value_name = "RATE", default_value = "0.005", value_parser = positive)]
    learning_rate: f64,
    /// The number of units in each of the two hidden layers
    #[arg(long, value_name = "WIDTH", default_value = "16", value_parser = count)]
    hidden: usize,
    /// The folder to write the pictures to
    #[arg(long, value_name = "FOLDER", default_value = "target/module")]
    out: PathBuf,
}

/// Learns one problem, draws the decisions, and prints a row of the table.
fn learn(problem: Planar, options: &Options, folder: &mut Folder) -> Result<(), Box<dyn Error>> {
    let &Options { seed, hidden, .. } = options;
    let start = Instant::now();
    let points = problem.sample(options.points, seed);
    let (train, test) = points.split_stratified(0.25, seed)?;

    let sizes = [2, hidden, hidden, 1];
    let (inside, last) = (Activation::Tanh, Activation::Linear);
    let mut net = Mlp::new(&sizes, inside, last, Init::Xavier, seed)?;
    let trainer = Trainer::new(Adam::new(options.learning_rate))
        .epochs(options.epochs)
        .seed(seed)
        .progress(false);
    let history = trainer.fit(&mut net, &train, nll::grad_into)?;

    let [learnt, new] = [&train, &test].map(|points| 100.0 * right(&net, points));
    let path = folder.file(
        &format!("{problem}.svg"),
        format!("decisions on `{problem}`"),
    );
    Figure::new(format!("{problem}: {new:.1} % of the test points"))
        .size(480, 480)
        .decision_boundary(path, |x| probability(&net, &x), &points)?;
    let seconds = start.elapsed().as_secs_f64();
    let loss = history.final_loss();
    println!("{problem:8}  {learnt:6.1} %  {new:5.1} %  {loss:6.4}  {seconds:5.2} s");
    Ok(())
}

fn main() -> ExitCode {
    run(|options: &Options| {
        let mut folder = Folder::create(&options.out)?;
        println!("accuracy  training     test     NLL     time");
        for problem in Planar::ALL {
            learn(problem, options, &mut folder)?;
        }
        println!();
        folder.print();
        Ok(())
    })
}
