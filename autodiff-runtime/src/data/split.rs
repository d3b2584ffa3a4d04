//! Shuffling a data set, and dividing it into a training and a test part.

use super::{DataError, Dataset, Entry, permutation};

impl<X: Entry + Clone, Y: Entry + Clone> Dataset<X, Y> {
    /// The same rows in an order drawn from `seed`.
    pub fn shuffled(&self, seed: u64) -> Self {
        self.subset(&permutation(self.len(), seed))
    }

    /// Divides the rows at random into a training part and a test part of
    /// `round(test_fraction * len)` rows, at least one in each; returned in that order.
    ///
    /// The same seed gives the same parts.
    ///
    /// # Errors
    /// When the fraction is not strictly between 0 and 1, or there are fewer than two rows.
    pub fn split(&self, test_fraction: f64, seed: u64) -> Result<(Self, Self), DataError> {
        check_fraction(test_fraction)?;
        if self.len() < 2 {
            return Err(DataError::TooFewToSplit { rows: self.len() });
        }
        let held_out = portion(self.len(), test_fraction).clamp(1, self.len() - 1);
        let order = permutation(self.len(), seed);
        let (test, train) = order.split_at(held_out);
        Ok((self.subset(train), self.subset(test)))
    }
}

impl<X: Entry + Clone> Dataset<X, usize> {
    /// As [`Dataset::split`], class by class, so that both parts hold the classes in the same
    /// proportion (to within one row of each class).
    ///
    /// # Errors
    /// As for [`Dataset::split`]; also when every class is too small to give a row to both parts.
    pub fn split_stratified(
        &self,
        test_fraction: f64,
        seed: u64,
    ) -> Result<(Self, Self), DataError> {
        check_fraction(test_fraction)?;
        let counts = self.class_counts();
        let mut wanted: Vec<usize> = counts
            .iter()
            .map(|&count| portion(count, test_fraction))
            .collect();
        // One shuffled pass deals each class's first rows to the test part; both parts come out
        // in shuffled order, classes mixed.
        let (test, train): (Vec<usize>, Vec<usize>) =
            permutation(self.len(), seed).into_iter().partition(|&row| {
                let left = &mut wanted[self.targets()[row]];
                let taken = *left > 0;
                *left = left.saturating_sub(1);
                taken
            });
        if test.is_empty() || train.is_empty() {
            return Err(DataError::TooFewToSplit { rows: self.len() });
        }
        Ok((self.subset(&train), self.subset(&test)))
    }
}

fn check_fraction(fraction: f64) -> Result<(), DataError> {
    match fraction > 0.0 && fraction < 1.0 {
        true => Ok(()),
        false => Err(DataError::Fraction { value: fraction }),
    }
}

/// `count * fraction` to the nearest row.
fn portion(count: usize, fraction: f64) -> usize {
    (count as f64 * fraction).round() as usize
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::iris;

    fn numbered(rows: usize) -> Dataset<[f64; 1], usize> {
        Dataset::new((0..rows).map(|row| [row as f64]).collect(), vec![0; rows]).unwrap()
    }

    fn rows(data: &Dataset<[f64; 1], usize>) -> Vec<usize> {
        data.inputs().iter().map(|x| x[0] as usize).collect()
    }

    #[test]
    fn split_keeps_every_row_once() {
        let (train, test) = numbered(10).split(0.3, 1).unwrap();
        assert_eq!((train.len(), test.len()), (7, 3));
        let mut all = [rows(&train), rows(&test)].concat();
        all.sort_unstable();
        assert_eq!(all, (0..10).collect::<Vec<_>>());
    }

    #[test]
    fn seed_decides_the_split() {
        let data = numbered(50);
        assert_eq!(data.split(0.5, 3).unwrap(), data.split(0.5, 3).unwrap());
        assert_ne!(data.split(0.5, 3).unwrap(), data.split(0.5, 4).unwrap());
        assert_ne!(rows(&data.shuffled(3)), rows(&data));
    }

    #[test]
    fn both_parts_get_a_row() {
        let (train, test) = numbered(3).split(0.01, 0).unwrap();
        assert_eq!((train.len(), test.len()), (2, 1));
        let (train, test) = numbered(3).split(0.99, 0).unwrap();
        assert_eq!((train.len(), test.len()), (1, 2));
    }

    #[test]
    fn stratified_split_keeps_the_proportions() {
        let (train, test) = iris().split_stratified(0.2, 11).unwrap();
        assert_eq!(train.class_counts(), [40, 40, 40]);
        assert_eq!(test.class_counts(), [10, 10, 10]);
        // Shuffled, not class after class.
        assert!(!train.targets().is_sorted());
    }

    #[test]
    fn impossible_splits_are_refused() {
        for fraction in [0.0, 1.0, -0.5, f64::NAN] {
            let error = numbered(9).split(fraction, 0).unwrap_err();
            assert!(error.to_string().contains("between 0 and 1"), "{error}");
        }
        let error = numbered(1).split(0.5, 0).unwrap_err();
        assert_eq!(
            error.to_string(),
            "too few rows to split into a training and a test part: 1"
        );
        assert!(numbered(2).split_stratified(0.1, 0).is_err());
    }
}
