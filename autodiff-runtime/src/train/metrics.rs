//! How well classes were predicted.

use std::fmt;

/// The share of predictions that are right; NaN if there are none.
///
/// ```
/// use autodiff_runtime::train::accuracy;
/// assert_eq!(accuracy(&[0, 1, 2, 2], &[0, 1, 1, 2]), 0.75);
/// ```
///
/// # Panics
/// When there are not as many predictions as true classes.
pub fn accuracy(predicted: &[usize], actual: &[usize]) -> f64 {
    assert_eq!(
        predicted.len(),
        actual.len(),
        "one prediction is needed for each true class"
    );
    let right = predicted
        .iter()
        .zip(actual)
        .filter(|(predicted, actual)| predicted == actual);
    right.count() as f64 / actual.len() as f64
}

/// The class with the largest score in each row, the first of equal ones: what [`accuracy`] takes. A NaN
/// is never larger than another score.
///
/// ```
/// use autodiff_runtime::train::predicted_classes;
/// use ndarray::arr2;
/// assert_eq!(predicted_classes(&arr2(&[[0.1, 0.7, 0.2], [3.0, 1.0, 3.0]])), [1, 0]);
/// ```
///
/// # Panics
/// When there are rows, and no scores in them.
#[cfg(feature = "ndarray")]
pub fn predicted_classes<T: crate::Real>(scores: &ndarray::Array2<T>) -> Vec<usize> {
    let largest = |row: ndarray::ArrayView1<'_, T>| {
        (1..row.len()).fold(0, |best, class| {
            if row[class] > row[best] || row[best].is_nan() {
                class
            } else {
                best
            }
        })
    };
    assert!(
        scores.ncols() > 0 || scores.nrows() == 0,
        "there are no scores to choose from"
    );
    scores.rows().into_iter().map(largest).collect()
}

/// How often each class was taken for each class. Prints as a table, one row for each true class.
///
/// ```
/// use autodiff_runtime::train::confusion_matrix;
///
/// let matrix = confusion_matrix(&[0, 1, 1, 1], &[0, 0, 1, 1], &["cat", "dog"]);
/// assert_eq!(matrix.count(0, 1), 1);
/// assert_eq!(matrix.accuracy(), 0.75);
/// assert_eq!(matrix.to_string(), "\
/// actual \\ predicted  cat  dog  recall
/// cat                   1    1   50.0 %
/// dog                   0    2  100.0 %
/// ");
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConfusionMatrix {
    names: Vec<String>,
    /// `counts[actual][predicted]`.
    counts: Vec<Vec<usize>>,
}

/// Counts predictions by true and predicted class; `classes` names the classes `0, 1, …`.
///
/// # Panics
/// When there are not as many predictions as true classes, or a class is beyond the names.
pub fn confusion_matrix<S: AsRef<str>>(
    predicted: &[usize],
    actual: &[usize],
    classes: &[S],
) -> ConfusionMatrix {
    assert_eq!(
        predicted.len(),
        actual.len(),
        "one prediction is needed for each true class"
    );
    let names: Vec<String> = classes
        .iter()
        .map(|name| name.as_ref().to_owned())
        .collect();
    let mut counts = vec![vec![0; names.len()]; names.len()];
    for (&predicted, &actual) in predicted.iter().zip(actual) {
        let largest = predicted.max(actual);
        assert!(
            largest < names.len(),
            "class {largest} has no name; there are {}",
            names.len()
        );
        counts[actual][predicted] += 1;
    }
    ConfusionMatrix { names, counts }
}

impl ConfusionMatrix {
    /// How many rows of class `actual` were predicted as class `predicted`.
    ///
    /// # Panics
    /// When there is no such class.
    pub fn count(&self, actual: usize, predicted: usize) -> usize {
        self.counts[actual][predicted]
    }

    /// The share of predictions that are right; NaN if there are none.
    pub fn accuracy(&self) -> f64 {
        let right: usize = (0..self.counts.len())
            .map(|class| self.counts[class][class])
            .sum();
        let all: usize = self.counts.iter().flatten().sum();
        right as f64 / all as f64
    }

    /// The share of the rows of this class that were predicted rightly; NaN if there are none.
    ///
    /// # Panics
    /// When there is no such class.
    pub fn recall(&self, class: usize) -> f64 {
        let all: usize = self.counts[class].iter().sum();
        self.counts[class][class] as f64 / all as f64
    }
}

impl fmt::Display for ConfusionMatrix {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const CORNER: &str = "actual \\ predicted";
        let width = |text: &str| text.chars().count();
        let first = self
            .names
            .iter()
            .map(|name| width(name))
            .chain([width(CORNER)])
            .max()
            .unwrap_or(0);
        let columns: Vec<usize> = (0..self.names.len())
            .map(|class| {
                let counts = self.counts.iter().map(|row| row[class].to_string().len());
                counts.chain([width(&self.names[class])]).max().unwrap_or(0)
            })
            .collect();
        write!(f, "{CORNER:<first$}")?;
        for (name, &column) in self.names.iter().zip(&columns) {
            write!(f, "  {name:>column$}")?;
        }
        writeln!(f, "  recall")?;
        for (class, name) in self.names.iter().enumerate() {
            write!(f, "{name:<first$}")?;
            for (count, &column) in self.counts[class].iter().zip(&columns) {
                write!(f, "  {count:>column$}")?;
            }
            match self.recall(class) {
                recall if recall.is_nan() => writeln!(f, "       –")?,
                recall => writeln!(f, "  {:5.1} %", 100.0 * recall)?,
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn table_lines_up() {
        let names = ["a", "long name", "ünï"];
        let predicted = [vec![0; 1200], vec![1, 2]].concat();
        let actual = [vec![0; 1200], vec![0, 1]].concat();
        let matrix = confusion_matrix(&predicted, &actual, &names);
        let text = matrix.to_string();
        assert_eq!(
            text,
            "actual \\ predicted     a  long name  ünï  recall\n\
             a                   1200          1    0   99.9 %\n\
             long name              0          0    1    0.0 %\n\
             ünï                    0          0    0       –\n"
        );
        assert_eq!(matrix.accuracy(), 1200.0 / 1202.0);
        assert!(matrix.recall(2).is_nan());
    }

    #[cfg(feature = "ndarray")]
    #[test]
    fn the_largest_score_decides_and_nan_does_not() {
        let nan = f32::NAN;
        let scores = ndarray::arr2(&[[nan, -1.0, nan], [-2.0, nan, -1.0], [nan, nan, nan]]);
        assert_eq!(predicted_classes(&scores), [1, 2, 2]);
    }

    #[test]
    #[should_panic(expected = "class 2 has no name; there are 2")]
    fn classes_need_names() {
        confusion_matrix(&[2], &[0], &["a", "b"]);
    }

    #[test]
    #[should_panic(expected = "one prediction is needed for each true class")]
    fn predictions_must_match() {
        accuracy(&[1], &[1, 2]);
    }
}
