//! Steps of a training: by [`Trainer::fit_batches`], on one thread and on two, against the bare loop of gradient
//! and descent on a batch that is there already. Words choose networks: `large`, `small`.

use std::hint::black_box;
use std::ops::ControlFlow;
use std::time::{Duration, Instant};

use autodiff_runtime::activation::Activation;
use autodiff_runtime::data::Examples;
use autodiff_runtime::layers::{Mlp, mlp};
use autodiff_runtime::optim::Sgd;
use autodiff_runtime::prelude::{Differentiable, Gradient, differentiable};
use autodiff_runtime::tensor;
use autodiff_runtime::train::{Observer, StepRecord, Trainer};
use ndarray::{Array2, s};

/// For each row of a table.
const TIME: Duration = Duration::from_secs(3);
const RATE: f64 = 1e-4;
const STEPS_PER_EPOCH: usize = 40;

fn main() {
    let words: Vec<String> = std::env::args().skip(1).collect();
    if !words.iter().any(|word| word == "--bench") {
        // Built and started by `cargo test --all-targets`: nothing is timed in a test.
        return;
    }
    let networks: [(&str, fn()); 2] = [("large", large), ("small", small)];
    let chosen = |name: &str| words.iter().any(|word| word == name);
    let all = !networks.iter().any(|(name, _)| chosen(name));
    for (name, network) in networks {
        if all || chosen(name) {
            network();
        }
    }
}

#[differentiable(wrt(model))]
fn classified(model: &Mlp, x: &Array2<f32>, labels: &[usize]) -> f32 {
    let scores: Array2<f32> = mlp(model, x);
    tensor::cross_entropy_with_logits(&scores, labels)
}

#[differentiable(wrt(model))]
fn fitted(model: &Mlp, x: &Array2<f32>, y: &Array2<f32>) -> f32 {
    let out: Array2<f32> = mlp(model, x);
    let miss = out - y;
    (&miss * &miss).mean().unwrap()
}

fn numbers(rows: usize, columns: usize) -> Array2<f32> {
    Array2::from_shape_fn((rows, columns), |(i, j)| {
        ((i * 7 + j * 3) % 11) as f32 * 0.1 - 0.5
    })
}

fn large() {
    let batch = 128;
    let rows = STEPS_PER_EPOCH * batch;
    let model = Mlp::new(&[784, 128, 64, 10], Activation::Relu, 1);
    let labels: Vec<usize> = (0..rows).map(|row| row % 10).collect();
    let x = numbers(rows, 784);
    let first = (x.slice(s![..batch, ..]).to_owned(), &labels[..batch]);
    println!("\n784-128-64-10 ReLU, cross-entropy, batches of {batch}");
    compare(
        batch,
        &model,
        (&x, &labels),
        classified::grad_into,
        |model, slope| classified::grad_into(model, &first.0, first.1, slope),
    );
}

fn small() {
    let batch = 64;
    let rows = STEPS_PER_EPOCH * batch;
    let model = Mlp::new(&[2, 16, 16, 1], Activation::Tanh, 1);
    let (x, y) = (numbers(rows, 2), numbers(rows, 1));
    let first = (
        x.slice(s![..batch, ..]).to_owned(),
        y.slice(s![..batch, ..]).to_owned(),
    );
    println!("\n2-16-16-1 tanh, squared error, batches of {batch}");
    compare(
        batch,
        &model,
        (&x, &y),
        fitted::grad_into,
        |model, slope| fitted::grad_into(model, &first.0, &first.1, slope),
    );
}

/// Prints the rows for one network.
fn compare<X: Examples, Y: Examples>(
    batch: usize,
    model: &Mlp,
    (x, y): (&X, &Y),
    grad_into: impl for<'a> Fn(
        &'a Mlp,
        X::Arg<'a>,
        Y::Arg<'a>,
        &mut <Mlp as Differentiable>::Gradient,
    ) -> f32
    + Sync,
    on_first: impl Fn(&Mlp, &mut <Mlp as Differentiable>::Gradient) -> f32,
) {
    // glibc gives freed memory back to the system and asks for it again in every step, until it has seen a
    // large block freed; what reads data does that.
    drop(black_box(vec![0_u8; 16 << 20]));
    println!("                        best µs  median µs   steps/s  samples/s");
    let report = |name: &str, windows: Windows| {
        let (best, median) = windows.best_and_median();
        println!(
            "{name:<22}  {:>7.1}    {:>7.1}  {:>8.0}  {:>9.0}",
            1e6 * best,
            1e6 * median,
            1.0 / best,
            batch as f64 / best
        );
    };

    let mut trained = model.clone();
    let mut slope = model.zero_gradient();
    let mut windows = Windows::new();
    while windows.step().is_continue() {
        slope.set_zero();
        black_box(on_first(&trained, &mut slope));
        for (layer, slope) in trained.layers.iter_mut().zip(&slope.layers) {
            layer.weight.scaled_add(-RATE as f32, &slope.weight);
            layer.bias.scaled_add(-RATE as f32, &slope.bias);
        }
    }
    report("bare loop", windows);

    for threads in [1, 2] {
        let trainer = Trainer::new(Sgd::new(RATE))
            .epochs(usize::MAX >> 32)
            .batch_size(batch)
            .shards(threads)
            .progress(false);
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build();
        let mut trained = model.clone();
        let mut windows = Windows::new();
        pool.expect("threads can be started").install(|| {
            trainer
                .fit_batches_observed(&mut trained, x, y, &grad_into, &mut windows)
                .expect("the numbers stay finite");
        });
        let threads = match threads {
            1 => "1 thread".to_owned(),
            more => format!("{more} threads"),
        };
        report(&format!("Trainer, {threads}"), windows);
    }
}

/// The times of short runs of steps. The best of many runs is what the machine can do when nobody else wants
/// it: runs are so short that some of them are left alone.
struct Windows {
    start: Instant,
    last: Instant,
    steps: u32,
    /// Steps of a window: as many as make two milliseconds.
    width: u32,
    seconds: Vec<f64>,
}

impl Windows {
    fn new() -> Self {
        let now = Instant::now();
        Self {
            start: now,
            last: now,
            steps: 0,
            width: 1,
            seconds: Vec::new(),
        }
    }

    /// Counts a step; breaks when the time is over.
    fn step(&mut self) -> ControlFlow<()> {
        self.steps += 1;
        if self.steps < self.width {
            return ControlFlow::Continue(());
        }
        let now = Instant::now();
        let passed = now - self.last;
        match passed < Duration::from_millis(2) && self.seconds.is_empty() {
            true => self.width *= 2,
            false => self
                .seconds
                .push(passed.as_secs_f64() / f64::from(self.steps)),
        }
        (self.last, self.steps) = (now, 0);
        match now - self.start > TIME {
            true => ControlFlow::Break(()),
            false => ControlFlow::Continue(()),
        }
    }

    fn best_and_median(mut self) -> (f64, f64) {
        self.seconds.sort_by(f64::total_cmp);
        (self.seconds[0], self.seconds[self.seconds.len() / 2])
    }
}

impl<M> Observer<M> for Windows {
    fn after_step(&mut self, _: &StepRecord, _: &M) -> ControlFlow<()> {
        self.step()
    }
}
