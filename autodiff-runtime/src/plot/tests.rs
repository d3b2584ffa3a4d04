use super::*;
use crate::data::{Planar, iris};
use crate::train::{EpochRecord, Metrics};

fn history(losses: &[f64], metrics: Metrics) -> History {
    let record = |(index, &loss)| EpochRecord {
        learning_rate: 0.1,
        epoch: index + 1,
        loss,
        metrics,
    };
    History {
        epochs: losses.iter().enumerate().map(record).collect(),
        ..History::default()
    }
}

/// A file in a fresh folder, removed at the end.
struct Scratch(std::path::PathBuf);

impl Scratch {
    fn new(name: &str) -> Self {
        let folder = format!("autodiff-plot-{}-{name}", std::process::id());
        let folder = std::env::temp_dir().join(folder);
        fs::create_dir_all(&folder).unwrap();
        Self(folder)
    }

    fn file(&self) -> std::path::PathBuf {
        self.0.join("picture.svg")
    }

    fn text(&self) -> String {
        fs::read_to_string(self.file()).unwrap()
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

#[test]
fn loss_curve_shows_what_was_measured() {
    let scratch = Scratch::new("curve");
    loss_curve(scratch.file(), &history(&[0.9, 0.5, 0.4], Metrics::new())).unwrap();
    let text = scratch.text();
    assert!(text.starts_with("<svg") && text.trim_end().ends_with("</svg>"));
    for word in ["Training", "epoch", "loss", "training"] {
        assert!(text.contains(word), "{word}");
    }
    assert!(!text.contains("accuracy") && !text.contains("test"));

    let metrics = Metrics::new()
        .train_accuracy(0.9)
        .test_accuracy(0.8)
        .test_loss(0.6);
    let both = History {
        best_epoch: Some(2),
        ..history(&[0.9, 0.5, 0.4], metrics)
    };
    Figure::new("Mine")
        .loss_curve(scratch.file(), &both)
        .unwrap();
    let text = scratch.text();
    for word in ["Mine", "accuracy", "test", "100 %", "best epoch"] {
        assert!(text.contains(word), "{word}");
    }
}

#[test]
fn losses_of_every_size_can_be_drawn() {
    let scratch = Scratch::new("sizes");
    for losses in [
        vec![1.0],
        vec![0.0, 0.0],
        vec![5.0; 3],
        vec![-1.0, -2.0],
        vec![1e-12, 1e9],
        vec![1e300, 1.0],
        vec![f64::NAN, 1.0],
        vec![0.5; 10_000],
    ] {
        loss_curve(scratch.file(), &history(&losses, Metrics::new())).unwrap();
    }
    let error = loss_curve(scratch.file(), &History::default()).unwrap_err();
    assert_eq!(error.to_string(), "there is nothing to draw");
}

#[test]
fn boundary_shows_points_and_classes() {
    let scratch = Scratch::new("boundary");
    let data = iris().select_features([2, 3]).unwrap();
    decision_boundary(
        scratch.file(),
        |[length, _]| usize::from(length > 2.5),
        &data,
    )
    .unwrap();
    let text = scratch.text();
    for word in [
        "Decision boundary",
        "petal length",
        "petal width",
        "setosa",
        "virginica",
    ] {
        assert!(text.contains(word), "{word}");
    }
    // A rim and a spot for each flower, a dot for each species.
    assert_eq!(text.matches("<circle").count(), 2 * 150 + 3);
}

#[test]
fn data_off_the_plane_are_refused() {
    let scratch = Scratch::new("off");
    let error = decision_boundary(scratch.file(), |_| 0.5, &iris()).unwrap_err();
    assert!(
        error.to_string().contains("over two features, not 4"),
        "{error}"
    );
    let none = Planar::Xor.sample(0, 0);
    let error = decision_boundary(scratch.file(), |_| 0.5, &none).unwrap_err();
    assert_eq!(error.to_string(), "there is nothing to draw");
}

#[test]
fn constant_features_and_undecided_classifiers_can_be_drawn() {
    let scratch = Scratch::new("constant");
    let data = Dataset::new(vec![[1.0, 0.0]; 3], vec![0, 1, 9]).unwrap();
    decision_boundary(scratch.file(), |_| f64::NAN, &data).unwrap();
    Figure::new("")
        .size(1, 1)
        .decision_boundary(scratch.file(), |_| true, &data)
        .unwrap();
}

#[test]
fn unwritable_files_are_one_sentence() {
    let scratch = Scratch::new("unwritable");
    let path = scratch.0.join("missing").join("picture.svg");
    let error = loss_curve(&path, &history(&[1.0], Metrics::new())).unwrap_err();
    let text = error.to_string();
    assert!(
        text.starts_with(&format!("cannot write {}: ", path.display())),
        "{text}"
    );
    assert!(!text.contains('\n'));
}
