//! Zachary's karate club: which faction each member follows when the club splits, from the faction of the
//! two leaders alone, by a graph convolution (Kipf & Welling, 2017).
//!
//! `cargo run --release --example karate`

use std::error::Error;
use std::process::ExitCode;
use std::time::Instant;

use autodiff_examples::{count, positive, run};
use autodiff_runtime::data::karate_club;
use autodiff_runtime::layers::{GraphConvolution, graph_convolution, normalised_adjacency};
use autodiff_runtime::optim::{Adam, Optimiser};
use autodiff_runtime::prelude::*;
use autodiff_runtime::tensor;
use clap::Parser;
use ndarray::Array2;

#[derive(Clone, Debug, Differentiable)]
struct Model {
    conv1: GraphConvolution<f64>,
    conv2: GraphConvolution<f64>,
}

/// Scores of the factions for every member. All that is known of a member is who it is: `x` is the unit
/// matrix.
#[differentiable(wrt(model))]
fn scores(model: &Model, adjacency: &Array2<f64>, x: &Array2<f64>) -> Array2<f64> {
    let h: Array2<f64> = graph_convolution(&model.conv1, adjacency, x);
    let h: Array2<f64> = tensor::tanh(&h);
    graph_convolution(&model.conv2, adjacency, &h)
}

/// How surprised the model is by the factions of those whose faction is known.
#[differentiable(wrt(model))]
fn loss(
    model: &Model,
    adjacency: &Array2<f64>,
    x: &Array2<f64>,
    known: &[usize],
    factions: &[usize],
) -> f64 {
    let all: Array2<f64> = scores(model, adjacency, x);
    let of_known: Array2<f64> = tensor::embedding(&all, known);
    tensor::cross_entropy_with_logits(&of_known, factions)
}

/// Learn the factions of a club from two of its members
#[derive(Parser)]
#[command(allow_negative_numbers = true)]
struct Options {
    /// Decides on the first weights
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// The number of steps
    #[arg(long, default_value = "200", value_parser = count)]
    steps: usize,
    /// The step size of the optimiser (Adam)
    #[arg(long, value_name = "RATE", default_value = "0.01", value_parser = positive)]
    learning_rate: f64,
    /// The number of hidden features of a member
    #[arg(long, value_name = "WIDTH", default_value = "16", value_parser = count)]
    hidden: usize,
}

fn main() -> ExitCode {
    run(learn)
}

fn learn(options: &Options) -> Result<(), Box<dyn Error>> {
    let club = karate_club();
    let adjacency = normalised_adjacency(club.nodes, &club.edges);
    let x = Array2::eye(club.nodes);
    let known = [0, club.nodes - 1];
    let factions = known.map(|member| club.classes[member]);
    let mut model = Model {
        conv1: GraphConvolution::new(club.nodes, options.hidden, options.seed),
        conv2: GraphConvolution::new(options.hidden, 2, options.seed + 1),
    };
    println!(
        "{} members, {} friendships; known are the factions of members {} and {}",
        club.nodes,
        club.edges.len(),
        known[0],
        known[1]
    );
    let start = Instant::now();
    let mut adam = Adam::new(options.learning_rate);
    for step in 0..=options.steps {
        let (value, gradient) = loss::value_and_grad(&model, &adjacency, &x, &known, &factions);
        if step % (options.steps / 5).max(1) == 0 {
            let wrong = wrong(&scores(&model, &adjacency, &x), &club.classes);
            println!(
                "step {step:4}: loss {value:.4}, {} of {} right",
                club.nodes - wrong.len(),
                club.nodes
            );
        }
        adam.step(&mut model, &gradient)?;
    }
    let wrong = wrong(&scores(&model, &adjacency, &x), &club.classes);
    println!("taken for the wrong faction: {wrong:?}");
    println!("{:.2} s", start.elapsed().as_secs_f64());
    Ok(())
}

/// The members whose higher score is not that of their faction.
fn wrong(scores: &Array2<f64>, factions: &[usize]) -> Vec<usize> {
    let guess = |member: usize| usize::from(scores[[member, 1]] > scores[[member, 0]]);
    let members = 0..factions.len();
    members.filter(|&m| guess(m) != factions[m]).collect()
}
