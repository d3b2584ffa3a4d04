//! A transformer learns to reverse sequences of digits, which it can only do by attention: the digit to
//! give at one place stands at another.
//!
//! `cargo run --release --example transformer`

use std::error::Error;
use std::process::ExitCode;
use std::time::Instant;

use autodiff_examples::{count, positive, run};
use autodiff_runtime::layers::{
    Embedding, LayerNorm, Linear, Mode, TransformerBlock, affine, embed, layer_norm,
    transformer_block,
};
use autodiff_runtime::optim::{Adam, Optimiser};
use autodiff_runtime::prelude::*;
use autodiff_runtime::tensor;
use clap::Parser;
use ndarray::Array2;
use rand::rngs::Xoshiro256PlusPlus;
use rand::{RngExt, SeedableRng};

const DIGITS: usize = 10;
const LENGTH: usize = 8;

#[derive(Clone, Debug, Differentiable)]
struct Model {
    tokens: Embedding<f32>,
    places: Embedding<f32>,
    blocks: Vec<TransformerBlock<f32>>,
    norm: LayerNorm<f32>,
    head: Linear<f32>,
}

impl Model {
    fn new(width: usize, blocks: usize, seed: u64) -> Self {
        let block = |k| TransformerBlock::new(width, 4, 2 * width, seed + 2 + k as u64);
        Self {
            tokens: Embedding::new(DIGITS, width, seed),
            places: Embedding::new(LENGTH, width, seed + 1),
            blocks: (0..blocks).map(block).collect(),
            norm: LayerNorm::new(width),
            head: Linear::new(width, DIGITS, seed + 99),
        }
    }
}

/// Scores of the digits at each place of each sequence, one place per row. `tokens` are the sequences one
/// after the other, `places` are 0, 1, … for each of them.
#[differentiable(wrt(model))]
fn scores(model: &Model, tokens: &[usize], places: &[usize]) -> Array2<f32> {
    let rows = tokens.len();
    #[constant]
    let samples = rows / LENGTH;
    let digits: Array2<f32> = embed(&model.tokens, tokens);
    let order: Array2<f32> = embed(&model.places, places);
    let sum = digits + &order;
    let width = sum.ncols();
    let mut h = sum.into_shape_with_order((samples, LENGTH, width)).unwrap();
    for block in model.blocks.iter() {
        h = transformer_block(block, &h, false, Mode::Eval);
    }
    let flat = h.into_shape_with_order((rows, width)).unwrap();
    let normal: Array2<f32> = layer_norm(&model.norm, &flat);
    affine(&model.head, &normal)
}

/// How surprised the model is by the right digits.
#[differentiable(wrt(model))]
fn loss(model: &Model, tokens: &[usize], places: &[usize], reversed: &[usize]) -> f32 {
    let all: Array2<f32> = scores(model, tokens, places);
    tensor::cross_entropy_with_logits(&all, reversed)
}

/// Learn to reverse sequences of digits
#[derive(Parser)]
#[command(allow_negative_numbers = true)]
struct Options {
    /// Decides on the first weights and the sequences
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// The number of steps
    #[arg(long, default_value = "400", value_parser = count)]
    steps: usize,
    /// The number of sequences in a step, new ones each time
    #[arg(long, value_name = "SIZE", default_value = "32", value_parser = count)]
    batch: usize,
    /// The step size of the optimiser (Adam)
    #[arg(long, value_name = "RATE", default_value = "0.003", value_parser = positive)]
    learning_rate: f64,
}

fn main() -> ExitCode {
    run(learn)
}

fn learn(options: &Options) -> Result<(), Box<dyn Error>> {
    let mut rng = Xoshiro256PlusPlus::seed_from_u64(options.seed);
    let mut model = Model::new(32, 2, options.seed);
    let mut adam = Adam::new(options.learning_rate);
    println!(
        "sequences of {LENGTH} digits, to be given in reverse; two blocks of width 32, four heads"
    );
    let start = Instant::now();
    for step in 1..=options.steps {
        let batch = Batch::draw(options.batch, &mut rng);
        let (value, gradient) =
            loss::value_and_grad(&model, &batch.tokens, &batch.places, &batch.reversed);
        adam.step(&mut model, &gradient)?;
        if step == 1 || step % (options.steps / 8).max(1) == 0 {
            println!("step {step:4}: loss {value:.4}");
        }
    }
    let seconds = start.elapsed().as_secs_f64();
    let test = Batch::draw(1000, &mut rng);
    let guesses = guesses(&scores(&model, &test.tokens, &test.places));
    let right =
        |guess: &[usize], truth: &[usize]| guess.iter().zip(truth).filter(|(a, b)| a == b).count();
    let digits = right(&guesses, &test.reversed);
    let pairs = guesses.chunks(LENGTH).zip(test.reversed.chunks(LENGTH));
    let whole = pairs.filter(|(guess, truth)| guess == truth).count();
    println!(
        "1000 new sequences: {:.2} % of the digits right, {:.1} % of the sequences",
        100.0 * digits as f64 / guesses.len() as f64,
        whole as f64 / 10.0
    );
    let shown = |digits: &[usize]| digits.iter().map(usize::to_string).collect::<String>();
    println!(
        "{} becomes {}",
        shown(&test.tokens[..LENGTH]),
        shown(&guesses[..LENGTH])
    );
    println!(
        "{seconds:.1} s, {:.0} sequences per second in training",
        (options.steps * options.batch) as f64 / seconds
    );
    Ok(())
}

/// Sequences one after the other, and their places.
struct Batch {
    tokens: Vec<usize>,
    places: Vec<usize>,
    reversed: Vec<usize>,
}

impl Batch {
    fn draw(samples: usize, rng: &mut Xoshiro256PlusPlus) -> Self {
        let rows = samples * LENGTH;
        let tokens: Vec<usize> = (0..rows).map(|_| rng.random_range(0..DIGITS)).collect();
        let reversed = tokens
            .chunks(LENGTH)
            .flat_map(|own| own.iter().rev().copied());
        Self {
            places: (0..rows).map(|row| row % LENGTH).collect(),
            reversed: reversed.collect(),
            tokens,
        }
    }
}

/// The digit with the highest score, of each row.
fn guesses(scores: &Array2<f32>) -> Vec<usize> {
    let best = |row: ndarray::ArrayView1<'_, f32>| {
        let digits = 0..DIGITS;
        digits
            .max_by(|&a, &b| row[a].total_cmp(&row[b]))
            .unwrap_or(0)
    };
    scores.outer_iter().map(best).collect()
}
