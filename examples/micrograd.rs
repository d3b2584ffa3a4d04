//! The notebook of A. Karpathy's *The spelled-out intro to neural networks and backpropagation*
//! (the library micrograd), with derivatives found by the compiler: one neuron, four samples, and
//! a curve.
//!
//! `cargo run --release --example micrograd`

use std::error::Error;
use std::path::PathBuf;
use std::process::ExitCode;

use autodiff_examples::{Folder, run};
use autodiff_runtime::data::Dataset;
use autodiff_runtime::nn::NetworkError;
use autodiff_runtime::optim::{Adam, Optimiser, Sgd};
use autodiff_runtime::plot::Figure;
use autodiff_runtime::prelude::*;
use autodiff_runtime::train::{Metrics, Trainer};
use clap::Parser;
use rand::rngs::Xoshiro256PlusPlus;
use rand::{RngExt, SeedableRng};

// ---------------------------------------------------------------------------------------------
// One neuron.

/// A neuron with two inputs, step by step as in the notebook, so that each node of the graph has a
/// name.
#[differentiable]
#[expect(clippy::let_and_return, reason = "the result has a name, too")]
fn neuron(x1: f64, x2: f64, w1: f64, w2: f64, b: f64) -> f64 {
    let x1w1 = x1 * w1;
    let x2w2 = x2 * w2;
    let x1w1x2w2 = x1w1 + x2w2;
    let n = x1w1x2w2 + b;
    let o = n.tanh();
    o
}

fn one_neuron(folder: &mut Folder) -> Result<(), Box<dyn Error>> {
    // With this bias, tanh has the slope ½.
    let (x1, x2, w1, w2, b) = (2.0, 0.0, -3.0, 1.0, 6.8813735870195432);
    let (o, (x1_grad, x2_grad, w1_grad, w2_grad, _)) = neuron::value_and_grad(x1, x2, w1, w2, b);

    println!("One neuron, o = tanh(x1·w1 + x2·w2 + b)\n");
    println!("           computed            published");
    for (name, computed, published) in [
        ("o", o, 0.5_f64.sqrt()),
        ("x1.grad", x1_grad, -1.5),
        ("w1.grad", w1_grad, 1.0),
        ("x2.grad", x2_grad, 0.5),
        ("w2.grad", w2_grad, 0.0),
    ] {
        println!("{name:8}  {computed:19.16}  {published:9.4}");
        if (computed - published).abs() > 1e-14 {
            return Err(format!("{name} is not what the notebook has").into());
        }
    }
    let graph = neuron::trace(x1, x2, w1, w2, b).to_svg();
    folder.write(
        "neuron.svg",
        "the neuron, with data and grad of every node",
        &graph,
    )?;
    Ok(())
}

// ---------------------------------------------------------------------------------------------
// Four samples.

/// What one sample adds to the loss.
#[differentiable(wrt(net))]
fn error(net: &Mlp, x: &[f64], y: f64) -> f64 {
    let prediction = mlp(net, x);
    squared_error(prediction[0], y)
}

/// The notebook's training loop, written out: what `Trainer` does otherwise.
fn four_samples(seed: u64) -> Result<(), Box<dyn Error>> {
    let xs = [
        [2.0, 3.0, -1.0],
        [3.0, -1.0, 0.5],
        [0.5, 1.0, 1.0],
        [1.0, 1.0, -1.0],
    ];
    let ys = [1.0, -1.0, -1.0, 1.0];

    let sizes = [3, 4, 4, 1];
    let mut net = Mlp::new(
        &sizes,
        Activation::Tanh,
        Activation::Tanh,
        Init::Uniform(1.0),
        seed,
    )?;
    println!(
        "\nFour samples, MLP(3, [4, 4, 1]) with {} parameters\n",
        net.parameter_count()
    );

    let mut sgd = Sgd::new(0.1);
    let mut gradient = net.zero_gradient();
    for epoch in 1..=20 {
        gradient.set_zero();
        let mut loss = 0.0;
        for (x, &y) in xs.iter().zip(&ys) {
            loss += error::grad_into(&net, x, y, &mut gradient);
        }
        sgd.step(&mut net, &gradient)?;
        println!("epoch {epoch:2}  loss {loss:.6}");
    }

    println!("\nwanted  predicted");
    for (x, y) in xs.iter().zip(&ys) {
        println!("{y:6.1}  {:9.4}", mlp(&net, x)[0]);
    }
    Ok(())
}

// ---------------------------------------------------------------------------------------------
// A curve.

fn curve(x: f64) -> f64 {
    x * x + 3.0 * x
}

/// Points of the curve, each moved up or down by at most `noise`.
fn measured(count: usize, noise: f64, seed: u64) -> Result<Dataset<Vec<f64>, f64>, Box<dyn Error>> {
    let mut random = Xoshiro256PlusPlus::seed_from_u64(seed);
    let xs: Vec<f64> = (0..count).map(|_| random.random_range(-5.0..2.0)).collect();
    let ys = xs
        .iter()
        .map(|&x| curve(x) + random.random_range(-noise..noise));
    let ys = ys.collect();
    Ok(Dataset::new(xs.into_iter().map(|x| vec![x]).collect(), ys)?)
}

fn quadratic(seed: u64, folder: &mut Folder) -> Result<(), Box<dyn Error>> {
    const NOISE: f64 = 0.5;
    let (train, test) = measured(200, NOISE, seed)?.split(0.25, seed)?;
    let mut net = small_net(seed)?;
    println!(
        "\nA curve, y = x² + 3x, measured to ±{NOISE} at {} points",
        train.len()
    );

    let mean_error = |net: &Mlp, data: &Dataset<Vec<f64>, f64>| {
        let sum: f64 = data.iter().map(|(x, y)| error(net, x, y)).sum();
        sum / data.len() as f64
    };
    let trainer = Trainer::new(Adam::new(0.01))
        .epochs(500)
        .batch_size(16)
        .seed(seed);
    let history = trainer.fit_with(&mut net, &train, error::grad_into, |net, _| {
        Metrics::new().test_loss(mean_error(net, &test))
    })?;

    println!("\nmean squared error");
    println!("  training  {:.4}", mean_error(&net, &train));
    println!(
        "  test      {:.4}  ({} points never seen)",
        mean_error(&net, &test),
        test.len()
    );
    println!(
        "  noise     {:.4}  (the mean square of what was added to the curve)",
        NOISE * NOISE / 3.0
    );
    println!("\n    x   x² + 3x  network");
    for x in [-5.0, -4.0, -3.0, -1.5, 0.0, 1.0, 2.0] {
        println!("{x:5.1}  {:8.3}  {:7.3}", curve(x), mlp(&net, &[x])[0]);
    }
    let path = folder.file("quadratic.svg", "training and test error over the epochs");
    Figure::new("y = x² + 3x").loss_curve(path, &history)?;
    Ok(())
}

fn small_net(seed: u64) -> Result<Mlp, NetworkError> {
    Mlp::new(
        &[1, 16, 1],
        Activation::Tanh,
        Activation::Linear,
        Init::Xavier,
        seed,
    )
}

// ---------------------------------------------------------------------------------------------

/// A neuron, a network for four samples, and one that learns a curve
#[derive(Parser)]
#[command(allow_negative_numbers = true)]
struct Options {
    /// Decides on the first weights and on the noise
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// The folder to write the pictures to
    #[arg(long, value_name = "FOLDER", default_value = "target/micrograd")]
    out: PathBuf,
}

fn main() -> ExitCode {
    run(|options: &Options| {
        let mut folder = Folder::create(&options.out)?;
        one_neuron(&mut folder)?;
        four_samples(options.seed)?;
        quadratic(options.seed, &mut folder)?;
        println!();
        folder.print();
        Ok(())
    })
}
