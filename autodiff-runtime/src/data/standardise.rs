//! Bringing every feature to mean 0 and standard deviation 1.

use super::{DataError, Dataset, Entry};

/// The mean and standard deviation of each feature, learnt from one data set (the training part)
/// and applied to any other: `x ↦ (x − mean) / deviation`.
///
/// The deviation is the population's, `sqrt(Σ(x − mean)² / n)`. A constant feature has deviation
/// 0; it is only shifted, so it becomes 0 and not NaN.
///
/// ```
/// use autodiff_runtime::data::{Dataset, Standardiser};
///
/// let train = Dataset::new(vec![[1.0], [3.0]], vec![0, 1])?;
/// let scale = Standardiser::fit(&train)?;
/// assert_eq!(scale.apply(&train)?.inputs(), [[-1.0], [1.0]]);
/// assert_eq!(scale.transform(&[5.0])?, [3.0]);
/// # Ok::<(), autodiff_runtime::data::DataError>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Standardiser {
    mean: Vec<f64>,
    deviation: Vec<f64>,
}

impl Standardiser {
    /// Learns the scale of each feature.
    ///
    /// # Errors
    /// When there are no rows to learn from.
    pub fn fit<X, Y>(data: &Dataset<X, Y>) -> Result<Self, DataError>
    where
        X: Entry + AsRef<[f64]>,
        Y: Entry,
    {
        let width = data.width().ok_or(DataError::Empty)?;
        let count = data.len() as f64;
        let mean_of = |f: &dyn Fn(usize, f64) -> f64| -> Vec<f64> {
            (0..width)
                .map(|i| {
                    data.inputs()
                        .iter()
                        .map(|x| f(i, x.as_ref()[i]))
                        .sum::<f64>()
                        / count
                })
                .collect()
        };
        let mean = mean_of(&|_, x| x);
        // Around the mean, in a second pass: the one-pass formula cancels for a large mean.
        let variance = mean_of(&|i, x| (x - mean[i]).powi(2));
        Ok(Self {
            deviation: variance.into_iter().map(f64::sqrt).collect(),
            mean,
        })
    }

    /// The mean of each feature.
    pub fn mean(&self) -> &[f64] {
        &self.mean
    }

    /// The standard deviation of each feature.
    pub fn deviation(&self) -> &[f64] {
        &self.deviation
    }

    /// The data with every input on the learnt scale.
    ///
    /// # Errors
    /// When the inputs have another number of features than those learnt from.
    pub fn apply<X, Y>(&self, data: &Dataset<X, Y>) -> Result<Dataset<X, Y>, DataError>
    where
        X: Entry + Clone + AsMut<[f64]>,
        Y: Entry + Clone,
    {
        if let Some(found) = data.width() {
            self.check_width(found)?;
        }
        Ok(data.with_inputs(|x| {
            let mut x = x.clone();
            self.rescale(x.as_mut());
            x
        }))
    }

    /// One input on the learnt scale.
    ///
    /// # Errors
    /// As for [`Standardiser::apply`].
    pub fn transform<X: Clone + AsMut<[f64]>>(&self, input: &X) -> Result<X, DataError> {
        let mut input = input.clone();
        self.check_width(input.as_mut().len())?;
        self.rescale(input.as_mut());
        Ok(input)
    }

    fn check_width(&self, found: usize) -> Result<(), DataError> {
        match found == self.mean.len() {
            true => Ok(()),
            false => Err(DataError::Width {
                row: None,
                found,
                expected: self.mean.len(),
            }),
        }
    }

    fn rescale(&self, input: &mut [f64]) {
        for ((x, mean), deviation) in input.iter_mut().zip(&self.mean).zip(&self.deviation) {
            *x = (*x - mean) / if *deviation > 0.0 { *deviation } else { 1.0 };
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::iris;

    #[test]
    fn iris_has_the_published_moments() {
        // The summary statistics published with the data, to their two decimals.
        let scale = Standardiser::fit(&iris()).unwrap();
        let round = |values: &[f64]| -> Vec<f64> {
            values
                .iter()
                .map(|value| (value * 100.0).round() / 100.0)
                .collect()
        };
        assert_eq!(round(scale.mean()), [5.84, 3.06, 3.76, 1.20]);
        assert_eq!(round(scale.deviation()), [0.83, 0.43, 1.76, 0.76]);
    }

    #[test]
    fn standardised_data_have_mean_zero_and_deviation_one() {
        let data = iris();
        let scaled = Standardiser::fit(&data).unwrap().apply(&data).unwrap();
        let again = Standardiser::fit(&scaled).unwrap();
        assert!(again.mean().iter().all(|mean| mean.abs() < 1e-14));
        assert!(
            again
                .deviation()
                .iter()
                .all(|deviation| (deviation - 1.0).abs() < 1e-14)
        );
        assert_eq!(scaled.feature_names(), data.feature_names());
        assert_eq!(scaled.targets(), data.targets());
    }

    #[test]
    fn constant_features_become_zero() {
        let data = Dataset::new(vec![[7.0, 1.0], [7.0, 2.0]], vec![0, 1]).unwrap();
        let scaled = Standardiser::fit(&data).unwrap().apply(&data).unwrap();
        assert_eq!(scaled.inputs(), [[0.0, -1.0], [0.0, 1.0]]);
    }

    #[test]
    fn other_widths_are_refused() {
        let scale = Standardiser::fit(&iris()).unwrap();
        let error = scale.transform(&[1.0, 2.0]).unwrap_err();
        assert_eq!(
            error.to_string(),
            "the input has the wrong number of features: 2 instead of 4"
        );
        let empty = Dataset::<[f64; 2], usize>::new(vec![], vec![]).unwrap();
        assert_eq!(
            Standardiser::fit(&empty).unwrap_err().to_string(),
            "there are no rows"
        );
    }
}
