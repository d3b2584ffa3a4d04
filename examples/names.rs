//! An LSTM reads names of stars, elements and moons letter by letter, learns which letter comes next, and
//! makes up names of its own.
//!
//! `cargo run --release --example names`

use std::error::Error;
use std::process::ExitCode;
use std::time::Instant;

use autodiff_examples::{count, positive, run};
use autodiff_runtime::data::names;
use autodiff_runtime::layers::{
    Embedding, Linear, Lstm, LstmState, affine, embed, lstm, lstm_step,
};
use autodiff_runtime::optim::{Adam, Optimiser};
use autodiff_runtime::prelude::*;
use autodiff_runtime::tensor;
use clap::Parser;
use ndarray::{Array2, Array3, Axis};
use rand::rngs::Xoshiro256PlusPlus;
use rand::seq::SliceRandom;
use rand::{RngExt, SeedableRng};

/// The letters, and the mark before and behind a name.
const SYMBOLS: usize = 27;
const MARK: usize = 26;

#[derive(Clone, Debug, Differentiable)]
struct Model {
    letters: Embedding<f32>,
    memory: Lstm<f32>,
    head: Linear<f32>,
}

/// How surprised the model is by the next letters, on average. The names stand side by side, step by step, padded
/// with marks; `real` are the rows that are no padding, `next` what follows them.
#[differentiable(wrt(model))]
fn loss(model: &Model, symbols: &[usize], names: usize, real: &[usize], next: &[usize]) -> f32 {
    let steps = symbols.len() / names;
    let read: Array2<f32> = embed(&model.letters, symbols);
    let width = read.ncols();
    let sequence = read.into_shape_with_order((steps, names, width)).unwrap();
    let states: Array3<f32> = lstm(&model.memory, &sequence);
    let hidden = states.shape()[2];
    let rows = states
        .into_shape_with_order((steps * names, hidden))
        .unwrap();
    let of_letters: Array2<f32> = tensor::embedding(&rows, real);
    let scores: Array2<f32> = affine(&model.head, &of_letters);
    tensor::cross_entropy_with_logits(&scores, next)
}

/// Learn to make up names
#[derive(Parser)]
#[command(allow_negative_numbers = true)]
struct Options {
    /// Decides on the first weights, the order of the names and what is made up
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// How often each name is read
    #[arg(long, default_value = "8", value_parser = count)]
    epochs: usize,
    /// The number of names in a step
    #[arg(long, value_name = "SIZE", default_value = "16", value_parser = count)]
    batch: usize,
    /// The step size of the optimiser (Adam)
    #[arg(long, value_name = "RATE", default_value = "0.005", value_parser = positive)]
    learning_rate: f64,
    /// The number of names to make up
    #[arg(long, value_name = "COUNT", default_value = "10", value_parser = count)]
    sample: usize,
}

fn main() -> ExitCode {
    run(learn)
}

fn learn(options: &Options) -> Result<(), Box<dyn Error>> {
    let mut rng = Xoshiro256PlusPlus::seed_from_u64(options.seed);
    let mut all = names();
    all.shuffle(&mut rng);
    let (test, train) = all.split_at_mut(67);
    let mut model = Model {
        letters: Embedding::new(SYMBOLS, 16, options.seed),
        memory: Lstm::new(16, 64, options.seed + 1),
        head: Linear::new(64, SYMBOLS, options.seed + 2),
    };
    println!(
        "{} names to learn from, {} to test; one of {SYMBOLS} symbols at each step",
        train.len(),
        test.len()
    );
    let test = Batch::of(test);
    let start = Instant::now();
    let mut adam = Adam::new(options.learning_rate);
    for epoch in 1..=options.epochs {
        train.shuffle(&mut rng);
        let (mut total, mut batches) = (0.0, 0);
        for names in train.chunks(options.batch) {
            let batch = Batch::of(names);
            let (value, gradient) = loss::value_and_grad(
                &model,
                &batch.symbols,
                batch.names,
                &batch.real,
                &batch.next,
            );
            adam.step(&mut model, &gradient)?;
            total += f64::from(value);
            batches += 1;
        }
        if epoch == 1 || epoch % (options.epochs / 8).max(1) == 0 {
            let surprise = loss(&model, &test.symbols, test.names, &test.real, &test.next);
            println!(
                "epoch {epoch:3}: as unsure as among {:.1} letters, in names not seen among {:.1}",
                (total / f64::from(batches)).exp(),
                surprise.exp()
            );
        }
    }
    let seconds = start.elapsed().as_secs_f64();
    let made: Vec<String> = (0..options.sample)
        .map(|_| make_up(&model, &mut rng))
        .collect();
    println!("made up: {}", made.join(", "));
    println!("{seconds:.1} s");
    Ok(())
}

/// Names side by side.
struct Batch {
    names: usize,
    symbols: Vec<usize>,
    real: Vec<usize>,
    next: Vec<usize>,
}

impl Batch {
    fn of(names: &[&str]) -> Self {
        let steps = names.iter().map(|name| name.len() + 1).max().unwrap_or(0);
        let symbol = |name: &str, place: usize| {
            let letter = name.as_bytes().get(place);
            letter.map_or(MARK, |letter| usize::from(letter - b'a'))
        };
        let mut batch = Self {
            names: names.len(),
            symbols: Vec::new(),
            real: Vec::new(),
            next: Vec::new(),
        };
        for step in 0..steps {
            for name in names {
                if step <= name.len() {
                    batch.real.push(batch.symbols.len());
                    batch.next.push(symbol(name, step));
                }
                let read = step
                    .checked_sub(1)
                    .map_or(MARK, |place| symbol(name, place));
                batch.symbols.push(read);
            }
        }
        batch
    }
}

/// A name, letter by letter, each drawn by the probability that the model gives it.
fn make_up(model: &Model, rng: &mut Xoshiro256PlusPlus) -> String {
    let (mut name, mut symbol) = (String::new(), MARK);
    let mut state = LstmState::zeros(1, model.memory.weight_hh.ncols());
    while name.len() < 16 {
        state = lstm_step(&model.memory, &embed(&model.letters, &[symbol]), &state);
        let chances = tensor::softmax(&affine(&model.head, &state.h), Axis(1));
        let mut left = rng.random::<f32>();
        let drawn = chances.iter().position(|chance| {
            left -= chance;
            left < 0.0
        });
        symbol = drawn.unwrap_or(MARK);
        if symbol == MARK {
            break;
        }
        name.push(char::from(b'a' + symbol as u8));
    }
    name
}
