//! Training on batches: what it computes, that the threads change no bit of it, and that it allocates
//! nothing once it runs.

#![cfg(feature = "train")]

use std::ops::ControlFlow;

use allocation_counter::measure;
use autodiff_runtime::data::{Dataset, Planar, Seeds};
use autodiff_runtime::optim::{Adam, AdamW, Momentum, Nesterov, Optimiser, RmsProp, Sgd};
use autodiff_runtime::prelude::*;
use autodiff_runtime::train::{
    Clip, History, Observer, Reduction, Schedule, StepRecord, TrainError, Trainer, WeightDecay,
};

/// Two layers, with biases.
#[derive(Clone, Debug, PartialEq, Differentiable)]
struct Net {
    hidden: [[f32; 3]; 8],
    output: [f32; 8],
    bias: f32,
}

impl Net {
    fn start() -> Self {
        let weight = |i: usize, j: usize| ((i * 5 + j * 3) % 7) as f32 / 7.0 - 0.45;
        Self {
            hidden: std::array::from_fn(|i| std::array::from_fn(|j| weight(i, j))),
            output: std::array::from_fn(|i| weight(i, 4)),
            bias: 0.0,
        }
    }
}

#[differentiable(wrt(net))]
fn surprise(net: &Net, x: [f32; 2], y: usize) -> f32 {
    let mut score = net.bias;
    for i in 0..8 {
        let row = net.hidden[i];
        score += net.output[i] * (row[0] * x[0] + row[1] * x[1] + row[2]).tanh();
    }
    let sign = 2.0 * y as f32 - 1.0;
    softplus(-sign * score)
}

/// The sum of the surprises of a batch.
fn batch_sum(net: &Net, x: &[[f32; 2]], y: &[usize], bar: &mut NetGradient) -> f32 {
    let pairs = x.iter().zip(y);
    pairs
        .map(|(&x, &y)| surprise::grad_into(net, x, y, bar))
        .sum()
}

fn spirals() -> (Vec<[f32; 2]>, Vec<usize>) {
    let data = Planar::Spiral.sample(301, 5);
    let inputs = data.inputs().iter().map(|x| x.map(|x| x as f32)).collect();
    (inputs, data.targets().to_vec())
}

fn trained(trainer: &Trainer<impl Optimiser>) -> (Net, History) {
    let (x, y) = spirals();
    let mut net = Net::start();
    let history = trainer.fit_batches(&mut net, &x, &y, batch_sum).unwrap();
    (net, history)
}

fn trainer() -> Trainer<Adam> {
    Trainer::new(Adam::new(0.02))
        .epochs(4)
        .batch_size(32)
        .seed(3)
        .reduction(Reduction::Sum)
        .progress(false)
}

#[test]
fn batches_do_what_rows_do() {
    let (x, y) = spirals();
    let data = Dataset::new(x, y).unwrap();
    let mut by_rows = Net::start();
    let grad_into =
        |net: &Net, x: &[f32; 2], y, bar: &mut NetGradient| surprise::grad_into(net, *x, y, bar);
    let history = trainer().fit(&mut by_rows, &data, grad_into).unwrap();
    let (by_batches, batch_history) = trained(&trainer());
    assert_eq!(by_rows, by_batches);
    let losses = batch_history.losses();
    for (row, batch) in history.losses().iter().zip(&losses) {
        assert!((row - batch).abs() < 1e-5, "{row} {batch}");
    }
    assert!(losses[3] < losses[0]);
}

/// The mean over shards of unequal size is the mean over their examples.
#[test]
fn shards_and_reductions_change_nothing_but_rounding() {
    let (whole, _) = trained(&trainer());
    for shards in [2, 3, 7, 50] {
        for reduction in [Reduction::Sum, Reduction::Mean] {
            let (x, y) = spirals();
            let mut net = Net::start();
            let grad_into = |net: &Net, x: &[[f32; 2]], y: &[usize], bar: &mut NetGradient| {
                let mut own = net.zero_gradient();
                let sum = batch_sum(net, x, y, &mut own);
                let share = match reduction {
                    Reduction::Sum => 1.0,
                    Reduction::Mean => 1.0 / x.len() as f32,
                };
                bar.add_scaled(f64::from(share), &own);
                share * sum
            };
            let trainer = trainer().shards(shards).reduction(reduction);
            trainer.fit_batches(&mut net, &x, &y, grad_into).unwrap();
            let numbers =
                |net: &Net| [net.hidden.as_flattened(), &net.output, &[net.bias]].concat();
            for (own, whole) in numbers(&net).iter().zip(numbers(&whole)) {
                assert!(
                    (own - whole).abs() < 1e-3,
                    "{shards} {reduction:?}: {own} {whole}"
                );
            }
        }
    }
}

#[cfg(feature = "parallel")]
#[test]
fn threads_change_no_bit() {
    let on = |threads| {
        let pool = rayon::ThreadPoolBuilder::new()
            .num_threads(threads)
            .build()
            .unwrap();
        pool.install(|| trained(&trainer().shards(5).clip(Clip::Norm(0.5))))
    };
    let (alone, history) = on(1);
    for threads in [2, 3] {
        for _ in 0..3 {
            assert_eq!(on(threads), (alone.clone(), history.clone()));
        }
    }
    // Outside of a pool it is the global one.
    assert_eq!(trained(&trainer().shards(5).clip(Clip::Norm(0.5))).0, alone);
}

/// How many allocations a training of so many epochs makes.
fn allocations(trainer: Trainer<impl Optimiser>, epochs: usize) -> u64 {
    let (x, y) = spirals();
    let mut net = Net::start();
    let trainer = trainer.epochs(epochs);
    measure(|| {
        trainer.fit_batches(&mut net, &x, &y, batch_sum).unwrap();
    })
    .count_total
}

#[track_caller]
fn assert_later_epochs_allocate_nothing(trainer: Trainer<impl Optimiser>) {
    let first = allocations(trainer.clone(), 1);
    assert!(first > 0, "the counter counts");
    assert_eq!(allocations(trainer.clone(), 2), first);
    assert_eq!(allocations(trainer, 40), first);
}

#[test]
fn later_epochs_allocate_nothing() {
    assert_later_epochs_allocate_nothing(trainer());
    let everything = Trainer::new(Momentum::new(0.01))
        .batch_size(20)
        .reduction(Reduction::Sum)
        .schedule(Schedule::cosine(0.1).warm_up(0.5))
        .clip(Clip::Norm(1.0))
        .weight_decay(WeightDecay::new(0.01).only(|name| name != "bias"))
        .progress(false);
    assert_later_epochs_allocate_nothing(everything);
}

/// Without a trainer, too, and for leaves of both precisions.
#[test]
fn later_steps_of_optimisers_allocate_nothing() {
    fn check(mut optimiser: impl Optimiser) {
        let mut model = (vec![1.0_f32; 10], [2.0_f64; 3], [[3.0_f32; 2]; 2]);
        let gradient = model.clone();
        let mut steps = |number: usize| {
            let count = measure(|| {
                for _ in 0..number {
                    optimiser.step(&mut model, &gradient).unwrap();
                }
            });
            count.count_total
        };
        assert!(steps(1) > 0);
        assert_eq!(steps(5), 0);
    }
    check(Sgd::new(0.1));
    check(Momentum::new(0.1));
    check(Nesterov::new(0.1));
    check(RmsProp::new(0.1));
    check(Adam::new(0.1));
    check(AdamW::new(0.1));
}

/// On one thread, since the counter counts those of its own thread.
#[cfg(feature = "parallel")]
#[test]
fn later_epochs_allocate_nothing_in_a_pool() {
    let pool = rayon::ThreadPoolBuilder::new()
        .num_threads(1)
        .build()
        .unwrap();
    pool.install(|| assert_later_epochs_allocate_nothing(trainer().shards(4)));
}

/// The first step is allowed to allocate, and no other.
#[test]
fn steps_after_the_first_allocate_nothing() {
    struct Count(Vec<u64>);
    impl Observer<Net> for Count {
        fn after_step(&mut self, step: &StepRecord, _: &Net) -> ControlFlow<()> {
            self.0.push(step.step);
            match step.step {
                4 => ControlFlow::Break(()),
                _ => ControlFlow::Continue(()),
            }
        }
    }
    let (x, y) = spirals();
    let until = |last: u64| {
        struct Until(u64);
        impl Observer<Net> for Until {
            fn after_step(&mut self, step: &StepRecord, _: &Net) -> ControlFlow<()> {
                match step.step == self.0 {
                    true => ControlFlow::Break(()),
                    false => ControlFlow::Continue(()),
                }
            }
        }
        let mut net = Net::start();
        let mut observer = Until(last);
        measure(|| {
            let trainer = trainer();
            trainer
                .fit_batches_observed(&mut net, &x, &y, batch_sum, &mut observer)
                .unwrap();
        })
        .count_total
    };
    assert_eq!(until(1), until(2));
    assert_eq!(until(1), until(9));

    let mut net = Net::start();
    let mut count = Count(Vec::new());
    let history = trainer()
        .fit_batches_observed(&mut net, &x, &y, batch_sum, &mut count)
        .unwrap();
    assert_eq!(count.0, [1, 2, 3, 4]);
    assert!(history.stopped_early && history.epochs.len() == 1);
}

#[test]
fn seeds_differ_from_step_to_step_and_come_back() {
    let seen = || {
        let seen = std::sync::Mutex::new(Vec::new());
        let grad_into = |w: &f64, rows: &[usize], seed: u64, _: &mut f64| {
            seen.lock().unwrap().push((rows.to_vec(), seed));
            *w
        };
        let trainer = Trainer::new(Sgd::new(1.0))
            .epochs(2)
            .batch_size(4)
            .progress(false);
        trainer
            .fit_batches(&mut 0.0, &(100..110), &Seeds(9), grad_into)
            .unwrap();
        seen.into_inner().unwrap()
    };
    let first = seen();
    assert_eq!(first, seen());
    let mut rows: Vec<usize> = first[..3]
        .iter()
        .flat_map(|(rows, _)| rows.clone())
        .collect();
    rows.sort_unstable();
    assert_eq!(rows, (100..110).collect::<Vec<_>>());
    let mut seeds: Vec<u64> = first.iter().map(|(_, seed)| *seed).collect();
    seeds.dedup();
    assert_eq!(seeds.len(), 6);
}

#[test]
fn tables_of_different_length_are_refused() {
    let grad_into = |w: &f64, _: &[f64], _: &[usize], _: &mut f64| *w;
    let trainer = Trainer::new(Sgd::new(1.0));
    let error = trainer
        .fit_batches(&mut 0.0, &vec![1.0; 3], &vec![1_usize; 4], grad_into)
        .unwrap_err();
    assert_eq!(
        error.to_string(),
        "the tables differ in length: 3 and 4 examples"
    );
    let none = trainer.fit_batches(&mut 0.0, &(), &(), |w: &f64, (), (), _: &mut f64| *w);
    assert_eq!(none, Err(TrainError::NoData));
    let error = trainer
        .shards(0)
        .fit_batches(
            &mut 0.0,
            &(0..3),
            &(),
            |w: &f64, _: &[usize], (), _: &mut f64| *w,
        )
        .unwrap_err();
    assert_eq!(
        error.to_string(),
        "a batch must be divided into at least 1 shard"
    );
}

/// The schedule, the decay and the clipping of every step, against the formulas.
#[test]
fn a_step_is_schedule_decay_and_clipped_gradient() {
    struct Record(Vec<StepRecord>);
    impl Observer<[f64; 2]> for Record {
        fn after_step(&mut self, step: &StepRecord, _: &[f64; 2]) -> ControlFlow<()> {
            self.0.push(*step);
            ControlFlow::Continue(())
        }
    }
    let mut w = [1.0, 2.0];
    let mut record = Record(Vec::new());
    let history = Trainer::new(Sgd::new(0.5))
        .epochs(2)
        .batch_size(2)
        .progress(false)
        .schedule(Schedule::step(1.0, 0.5))
        .weight_decay(WeightDecay::new(0.1))
        .clip(Clip::Norm(1.0))
        .fit_batches_observed(
            &mut w,
            &(0..2),
            &(),
            |_: &[f64; 2], _: &[usize], (), bar: &mut [f64; 2]| {
                bar.add_scaled(1.0, &[3.0, 4.0]);
                7.0
            },
            &mut record,
        )
        .unwrap();
    let mut expected = [1.0, 2.0];
    for rate in [0.5, 0.25] {
        for (w, slope) in expected.iter_mut().zip([0.6, 0.8]) {
            *w = *w * (1.0 - rate * 0.1) - rate * slope;
        }
    }
    for (w, expected) in w.iter().zip(expected) {
        assert!((w - expected).abs() < 1e-15, "{w} {expected}");
    }
    assert_eq!(
        record.0[1],
        StepRecord {
            epoch: 2,
            batch: 1,
            step: 2,
            loss: 7.0,
            learning_rate: 0.25,
            gradient_norm: Some(5.0),
        }
    );
    assert_eq!(history.epochs[1].learning_rate, 0.25);
}

#[test]
fn a_factor_out_of_range_stops_the_training() {
    let schedule = Schedule::custom(|moment| 1.0 - moment.step as f64);
    let error = Trainer::new(Sgd::new(1.0))
        .schedule(schedule)
        .batch_size(1)
        .fit_batches(
            &mut 0.0,
            &(0..3),
            &(),
            |w: &f64, _: &[usize], (), _: &mut f64| *w,
        )
        .unwrap_err();
    assert_eq!(
        error.to_string(),
        "in epoch 1, batch 2, the schedule gave the factor 0 for the learning rate; it must be \
         positive and finite"
    );
}

#[test]
fn history_is_written_as_csv() {
    let (_, history) = trained(&trainer());
    let path = std::env::temp_dir().join(format!("history-{}.csv", std::process::id()));
    history.write_csv(&path).unwrap();
    let text = std::fs::read_to_string(&path).unwrap();
    std::fs::remove_file(&path).unwrap();
    for (line, record) in text.lines().skip(1).zip(&history.epochs) {
        let cells: Vec<&str> = line.split(',').collect();
        assert_eq!(cells.len(), 6);
        assert_eq!(
            cells[1].parse::<f64>().unwrap().to_bits(),
            record.loss.to_bits()
        );
    }
    let error = history
        .write_csv("/nowhere/at/all.csv")
        .unwrap_err()
        .to_string();
    assert!(
        error.starts_with("cannot write /nowhere/at/all.csv: "),
        "{error}"
    );
}
