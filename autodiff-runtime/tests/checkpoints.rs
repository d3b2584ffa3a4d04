//! Trainings that stop and go on: the same bits as without a stop, whatever stops them.

#![cfg(feature = "safetensors")]

use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::process::{Child, Command};
use std::time::{Duration, Instant};

use autodiff_runtime::optim::{Adam, AdamW, Momentum, Nesterov, Optimiser, RmsProp, Sgd};
use autodiff_runtime::prelude::*;
use autodiff_runtime::train::{
    Checkpoints, Clip, EarlyStop, EpochRecord, History, Metrics, Observer, Reduction, Schedule,
    StepRecord, TrainError, Trainer, WeightDecay,
};
use autodiff_runtime::weights;

/// A folder of a test's own, gone after it.
struct Folder(PathBuf);

impl Folder {
    fn new(test: &str) -> Self {
        let path = std::env::temp_dir().join(format!("checkpoints-{test}-{}", std::process::id()));
        std::fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    fn file(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

#[derive(Clone, Debug, PartialEq, Differentiable)]
struct Line {
    slope: [[f32; 2]; 2],
    offset: f64,
    spare: Vec<f32>,
}

impl Line {
    fn start() -> Self {
        Self {
            slope: [[0.5, -0.25], [0.125, 1.0]],
            offset: 0.1,
            spare: vec![1.0; 5],
        }
    }
}

/// Something smooth with a gradient by everything, of a batch of numbers; the sum over the batch.
fn grad_into(line: &Line, x: &[f64], (): (), bar: &mut LineGradient) -> f64 {
    let mut sum = 0.0;
    for &x in x {
        let rest =
            f64::from(line.slope[0][0]) * x + f64::from(line.slope[1][1]) * x * x + line.offset
                - (3.0 * x).sin();
        bar.slope[0][0] += (rest * x) as f32;
        bar.slope[1][1] += (rest * x * x) as f32;
        bar.slope[0][1] += 0.01 * line.slope[0][1];
        bar.offset += rest;
        for (bar, own) in bar.spare.iter_mut().zip(&line.spare) {
            *bar += 0.1 * own * (x as f32);
        }
        sum += 0.5 * rest * rest;
    }
    sum
}

fn numbers() -> Vec<f64> {
    (0..23).map(|index| f64::from(index) / 11.0 - 1.0).collect()
}

fn trainer<O: Optimiser>(optimiser: O) -> Trainer<O> {
    Trainer::new(optimiser)
        .epochs(6)
        .batch_size(5)
        .seed(11)
        .shards(2)
        .reduction(Reduction::Sum)
        .schedule(Schedule::cosine(0.1).warm_up(1.0))
        .clip(Clip::Norm(0.8))
        .weight_decay(WeightDecay::new(0.01))
        .progress(false)
}

/// Measures something, and ends the training after so many steps.
struct Stopper(u64);

impl Observer<Line> for Stopper {
    fn measure(&mut self, line: &Line, epoch: usize) -> Metrics {
        let metrics = Metrics::new().train_accuracy(line.offset);
        if epoch.is_multiple_of(2) {
            metrics.test_loss(f64::from(line.slope[0][0]))
        } else {
            metrics
        }
    }

    fn after_step(&mut self, step: &StepRecord, _: &Line) -> ControlFlow<()> {
        match step.step == self.0 {
            true => ControlFlow::Break(()),
            false => ControlFlow::Continue(()),
        }
    }
}

fn fit<O: Optimiser>(trainer: &Trainer<O>, last_step: u64) -> Result<(Line, History), TrainError> {
    let mut line = Line::start();
    let mut observer = Stopper(last_step);
    let history =
        trainer.fit_batches_observed(&mut line, &numbers(), &(), grad_into, &mut observer)?;
    Ok((line, history))
}

/// Whatever the optimiser and wherever it stops, between steps or between epochs, the rest leads to the
/// same weights and the same history.
#[test]
fn a_training_in_parts_ends_like_one_in_one_piece() {
    fn check<O: Optimiser>(optimiser: O) {
        let folder = Folder::new(optimiser.name());
        let whole = fit(&trainer(optimiser.clone()), u64::MAX).unwrap();
        // An epoch has 5 steps.
        for stops in [vec![1, 5], vec![7, 8, 20], vec![30]] {
            let path = folder.file("run.safetensors");
            let _ = std::fs::remove_file(&path);
            let checkpoints = Checkpoints::new(&path).every_steps(1).resume();
            let part = trainer(optimiser.clone()).checkpoints(checkpoints);
            for stop in stops {
                fit(&part, stop).unwrap();
            }
            assert_eq!(fit(&part, u64::MAX).unwrap(), whole);
            // What is done is done.
            assert_eq!(fit(&part, u64::MAX).unwrap(), whole);
            let mut weights = Line {
                spare: vec![0.0; 5],
                ..Line::start()
            };
            weights::load(&mut weights, &path).unwrap();
            assert_eq!(weights, whole.0);
        }
    }
    check(Sgd::new(0.05));
    check(Momentum::new(0.02));
    check(Nesterov::new(0.02));
    check(RmsProp::new(0.01));
    check(Adam::new(0.03));
    check(AdamW::new(0.03));
}

#[test]
fn without_a_checkpoint_the_epoch_is_done_again() {
    let folder = Folder::new("epochs");
    let path = folder.file("run.safetensors");
    let part =
        trainer(Adam::new(0.03)).checkpoints(Checkpoints::new(&path).every_epochs(2).resume());
    fit(&part, 14).unwrap();
    assert_eq!(
        fit(&part, u64::MAX).unwrap(),
        fit(&trainer(Adam::new(0.03)), u64::MAX).unwrap()
    );
}

#[test]
fn an_early_stop_remembers_the_best_weights() {
    let folder = Folder::new("early");
    let path = folder.file("run.safetensors");
    let rule = EarlyStop::new(3).min_delta(0.001);
    // Too large a rate, so that it gets worse.
    let whole = trainer(Momentum::new(0.3)).epochs(40).early_stop(rule);
    let expected = fit(&whole, u64::MAX).unwrap();
    assert!(
        expected.1.stopped_early && expected.1.epochs.len() > 4,
        "{:?}",
        expected.1
    );
    let checkpoints = Checkpoints::new(&path).every_steps(3).resume();
    let part = whole.clone().checkpoints(checkpoints);
    for stop in 1..expected.1.epochs.len() as u64 * 5 {
        fit(&part, stop).unwrap();
    }
    assert_eq!(fit(&part, u64::MAX).unwrap(), expected);
    let error = fit(
        &trainer(Momentum::new(0.3)).checkpoints(Checkpoints::new(&path).resume()),
        1,
    )
    .unwrap_err();
    assert!(
        error.to_string().ends_with(
            "the file has a tensor early_stop.best (one number, f64), for which there is no place"
        ),
        "{error}"
    );
}

#[test]
fn a_checkpoint_of_another_training_is_refused_and_stays() {
    let folder = Folder::new("another");
    let path = folder.file("run.safetensors");
    let keep = Checkpoints::new(&path);
    let resume = || Checkpoints::new(&path).resume();
    fit(&trainer(Adam::new(0.03)).checkpoints(keep), 7).unwrap();
    let file = std::fs::read(&path).unwrap();
    let refused = |result: Result<(Line, History), TrainError>| {
        let text = result.unwrap_err().to_string();
        assert_eq!(
            std::fs::read(&path).unwrap(),
            file,
            "the file stays: {text}"
        );
        text.strip_prefix(&format!("{}: ", path.display()))
            .unwrap()
            .to_owned()
    };
    let other = "this is a checkpoint of another training: the ";
    let adam = || trainer(Adam::new(0.03)).checkpoints(resume());
    for (found, expected) in [
        (
            fit(&trainer(Sgd::new(0.1)).checkpoints(resume()), 9),
            "optimiser is Sgd here, and Adam in the file",
        ),
        (
            fit(&adam().seed(12), 9),
            "seed is 12 here, and 11 in the file",
        ),
        (
            fit(&adam().batch_size(6), 9),
            "batch size is 6 here, and 5 in the file",
        ),
        (
            fit(&adam().shards(1), 9),
            "number of shards is 1 here, and 2 in the file",
        ),
    ] {
        assert_eq!(refused(found), format!("{other}{expected}"));
    }
    let mut line = Line {
        spare: vec![1.0; 6],
        ..Line::start()
    };
    let before = line.clone();
    let error = adam()
        .fit_batches(&mut line, &numbers(), &(), grad_into)
        .unwrap_err();
    assert!(
        error.to_string().ends_with(
            "the tensor model.spare (6, f32) was expected, and model.spare (5, f32) is in the file"
        ),
        "{error}"
    );
    assert_eq!(line, before);

    weights::save(&Line::start(), &path).unwrap();
    let error = fit(&adam(), 9).unwrap_err().to_string();
    assert!(
        error.ends_with(
            "a checkpoint of a training was expected, and this is a file of weights alone"
        ),
        "{error}"
    );
}

/// Nothing that is left of a file is taken for a checkpoint.
#[test]
fn a_damaged_checkpoint_is_refused_and_stays() {
    let folder = Folder::new("damaged");
    let path = folder.file("run.safetensors");
    fit(
        &trainer(Adam::new(0.03)).checkpoints(Checkpoints::new(&path)),
        7,
    )
    .unwrap();
    let file = std::fs::read(&path).unwrap();
    let resumed = trainer(Adam::new(0.03)).checkpoints(Checkpoints::new(&path).resume());
    for length in [0, 7, 8, 100, file.len() / 2, file.len() - 1] {
        std::fs::write(&path, &file[..length]).unwrap();
        let error = fit(&resumed, 9).unwrap_err().to_string();
        let place = format!("{}: the file is cut off: ", path.display());
        assert!(error.starts_with(&place), "{error}");
        assert_eq!(std::fs::read(&path).unwrap(), file[..length]);
    }
    for place in [file.len() - 1, file.len() - 200] {
        let mut damaged = file.clone();
        damaged[place] ^= 0x10;
        std::fs::write(&path, &damaged).unwrap();
        let error = fit(&resumed, 9).unwrap_err().to_string();
        assert!(
            error.contains("the file is damaged: the checksum "),
            "{error}"
        );
        assert_eq!(std::fs::read(&path).unwrap(), damaged);
    }
}

#[test]
fn a_checkpoint_that_cannot_be_written_ends_the_training() {
    let error = fit(
        &trainer(Sgd::new(0.1)).checkpoints(Checkpoints::new("/nowhere/run")),
        9,
    )
    .unwrap_err();
    assert!(
        error
            .to_string()
            .starts_with("/nowhere/run: cannot be written: "),
        "{error}"
    );
}

// ---------------------------------------------------------------------------------------------
// A process that is killed.

/// Where the child of the test below puts its files; set for the child only.
const FOLDER: &str = "AUTODIFF_CHECKPOINT_TEST_FOLDER";

/// Long vectors, so that writing a checkpoint takes its time.
type Large = (Vec<f32>, Vec<f64>);

fn large() -> Large {
    (vec![0.5; 60_000], vec![-0.5; 10_000])
}

/// What the child does, and the test itself without a stop: 150 steps.
fn train_large(checkpoints: Option<Checkpoints>) -> (Large, History) {
    let mut trainer = Trainer::new(Adam::new(0.01))
        .epochs(15)
        .batch_size(3)
        .seed(2)
        .progress(false);
    if let Some(checkpoints) = checkpoints {
        trainer = trainer.checkpoints(checkpoints);
    }
    let mut model = large();
    let grad_into = |model: &Large, rows: &[usize], (), bar: &mut Large| {
        for (index, (bar, own)) in bar.0.iter_mut().zip(&model.0).enumerate() {
            *bar += own - ((index + rows[0]) % 7) as f32;
        }
        for (index, (bar, own)) in bar.1.iter_mut().zip(&model.1).enumerate() {
            *bar += own - ((index * rows[0]) % 5) as f64;
        }
        model.1[7]
    };
    let history = trainer
        .fit_batches(&mut model, &(0..30), &(), grad_into)
        .unwrap();
    (model, history)
}

/// Not a test: the child.
#[test]
#[ignore = "is run by the test that kills it"]
fn child() {
    let folder = PathBuf::from(std::env::var_os(FOLDER).expect("the folder is given"));
    let checkpoints = Checkpoints::new(folder.join("run.safetensors"))
        .every_steps(1)
        .resume();
    let (model, history) = train_large(Some(checkpoints));
    weights::save(&model, folder.join("end.safetensors")).unwrap();
    history.write_csv(folder.join("end.csv")).unwrap();
}

fn start_child(folder: &Path) -> Child {
    Command::new(std::env::current_exe().unwrap())
        .args(["child", "--exact", "--ignored"])
        .env(FOLDER, folder)
        .stdout(std::process::Stdio::null())
        .spawn()
        .unwrap()
}

/// Kills the child, sometimes while it writes a checkpoint and sometimes whenever it is, starts it again,
/// and compares what it ends with.
#[test]
fn a_killed_process_ends_like_one_that_was_not() {
    let folder = Folder::new("killed");
    let (file, part) = (
        folder.file("run.safetensors"),
        folder.file("run.safetensors.part"),
    );
    let (mut while_writing, mut whenever) = (0, 0);
    let started = Instant::now();
    let wanted = 4;
    while while_writing < wanted || whenever < wanted {
        assert!(
            started.elapsed() < Duration::from_secs(120),
            "{while_writing} {whenever}"
        );
        let written = std::fs::metadata(&file)
            .and_then(|file| file.modified())
            .ok();
        let mut child = start_child(&folder.0);
        let aim_at_writing = while_writing < wanted;
        // After a checkpoint of its own at least, so that every child brings the run forward.
        loop {
            assert!(
                child.try_wait().unwrap().is_none(),
                "the child ended by itself"
            );
            let now = std::fs::metadata(&file)
                .and_then(|file| file.modified())
                .ok();
            if now != written && (!aim_at_writing || part.exists()) {
                break;
            }
        }
        if !aim_at_writing {
            std::thread::sleep(Duration::from_millis(whenever * 3));
        }
        child.kill().unwrap();
        child.wait().unwrap();
        match part.exists() {
            true => while_writing += 1,
            false => whenever += 1,
        }
        // Whatever it was doing, there is a whole checkpoint.
        let mut model = large();
        weights::load(&mut model, &file).unwrap();
    }
    assert!(start_child(&folder.0).wait().unwrap().success());

    let (expected, history) = train_large(None);
    let mut model = large();
    weights::load(&mut model, folder.file("end.safetensors")).unwrap();
    assert!(model == expected, "the weights differ");
    assert_eq!(
        std::fs::read_to_string(folder.file("end.csv")).unwrap(),
        history.to_csv()
    );
    assert!(!part.exists());
}

/// The history is part of the state to the last bit, what was not measured included.
#[test]
fn history_survives() {
    let folder = Folder::new("history");
    let path = folder.file("run.safetensors");
    struct Measure;
    impl Observer<f64> for Measure {
        fn measure(&mut self, _: &f64, epoch: usize) -> Metrics {
            match epoch {
                1 => Metrics::new().test_accuracy(0.1),
                2 => Metrics::new().test_loss(f64::INFINITY).train_accuracy(0.0),
                _ => Metrics::new(),
            }
        }
        fn after_epoch(&mut self, _: &EpochRecord, _: &f64) -> ControlFlow<()> {
            ControlFlow::Break(())
        }
    }
    let grad_into = |w: &f64, x: &[usize], (): (), bar: &mut f64| {
        *bar += 0.1 * w;
        w / x.len() as f64
    };
    let trainer = Trainer::new(Sgd::new(0.1))
        .epochs(3)
        .progress(false)
        .checkpoints(Checkpoints::new(&path).resume());
    let epoch = || trainer.fit_batches_observed(&mut 1.0, &(0..3), &(), grad_into, &mut Measure);
    epoch().unwrap();
    epoch().unwrap();
    let history = epoch().unwrap();
    let metrics: Vec<Metrics> = history.epochs.iter().map(|record| record.metrics).collect();
    assert_eq!(
        metrics,
        [
            Metrics::new().test_accuracy(0.1),
            Metrics::new().test_loss(f64::INFINITY).train_accuracy(0.0),
            Metrics::new(),
        ]
    );
}
