//! Inputs with their targets.

use super::DataError;

/// A value that a [`Dataset`] can hold, and the form in which a loss function receives it.
///
/// Whatever the macro calls a parameter type, its rows are stored owned and passed as that type:
///
/// | stored | passed | parameter of the loss |
/// | --- | --- | --- |
/// | `Vec<T>` | `&[T]` | `x: &[f64]` |
/// | `[T; N]` | `&[T; N]` | `x: &[f64; 2]` |
/// | `usize`, `f64`, `f32`, `bool` | itself | `y: usize`, `y: f64` |
/// | `()` | itself | no target |
///
/// Implement it for a row type of your own with `type Arg<'a> = &'a Row`.
pub trait Entry: 'static {
    /// What the loss function is given.
    type Arg<'a>: Copy;

    /// This value as the loss function takes it.
    fn arg(&self) -> Self::Arg<'_>;

    /// How many features the value has, where rows of one data set must agree in it.
    fn width(&self) -> Option<usize> {
        None
    }
}

impl<T: 'static> Entry for Vec<T> {
    type Arg<'a> = &'a [T];

    fn arg(&self) -> &[T] {
        self
    }

    fn width(&self) -> Option<usize> {
        Some(self.len())
    }
}

impl<T: 'static, const N: usize> Entry for [T; N] {
    type Arg<'a> = &'a [T; N];

    fn arg(&self) -> &[T; N] {
        self
    }

    fn width(&self) -> Option<usize> {
        Some(N)
    }
}

macro_rules! passed_by_value {
    ($($type:ty),*) => {$(
        impl Entry for $type {
            type Arg<'a> = $type;

            fn arg(&self) -> $type {
                *self
            }
        }
    )*};
}

// `usize` is the only integer here, so that the labels in `vec![0, 1]` are inferred to be `usize`.
passed_by_value!(f64, f32, usize, bool, ());

/// Inputs with one target each, and the names of features and classes where they are known.
///
/// `X` is the type of one input, `Y` of one target: a class index (`usize`) by default, `f64` for
/// regression, `Vec<f64>` for several outputs.
///
/// ```
/// use autodiff_runtime::data::Dataset;
///
/// let data = Dataset::new(vec![[0.0, 1.0], [1.0, 0.0]], vec![0, 1])?
///     .with_feature_names(["left", "right"])?
///     .with_class_names(["no", "yes"])?;
/// for (x, y) in data.iter() {
///     println!("{x:?} is {}", data.class_names()[y]);
/// }
/// # Ok::<(), autodiff_runtime::data::DataError>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Dataset<X = Vec<f64>, Y = usize> {
    inputs: Vec<X>,
    targets: Vec<Y>,
    feature_names: Vec<String>,
    class_names: Vec<String>,
}

impl<X: Entry, Y: Entry> Dataset<X, Y> {
    /// Pairs `inputs[i]` with `targets[i]`.
    ///
    /// # Errors
    /// When there are more of one than of the other, or when the inputs differ in length.
    pub fn new(inputs: Vec<X>, targets: Vec<Y>) -> Result<Self, DataError> {
        if inputs.len() != targets.len() {
            return Err(DataError::Lengths {
                inputs: inputs.len(),
                targets: targets.len(),
            });
        }
        if let Some(expected) = inputs.first().and_then(Entry::width) {
            for (row, input) in inputs.iter().enumerate() {
                let found = input.width().unwrap_or(expected);
                if found != expected {
                    return Err(DataError::Width {
                        row: Some(row),
                        found,
                        expected,
                    });
                }
            }
        }
        Ok(Self {
            inputs,
            targets,
            feature_names: Vec::new(),
            class_names: Vec::new(),
        })
    }

    /// Names the features, in order.
    ///
    /// # Errors
    /// When the inputs have a different number of features.
    pub fn with_feature_names<S: Into<String>>(
        mut self,
        names: impl IntoIterator<Item = S>,
    ) -> Result<Self, DataError> {
        let names: Vec<String> = names.into_iter().map(Into::into).collect();
        match self.width() {
            Some(width) if width != names.len() => Err(DataError::FeatureNames {
                names: names.len(),
                features: width,
            }),
            _ => {
                self.feature_names = names;
                Ok(self)
            }
        }
    }

    /// The number of rows.
    pub fn len(&self) -> usize {
        self.inputs.len()
    }

    /// Whether there are no rows.
    pub fn is_empty(&self) -> bool {
        self.inputs.is_empty()
    }

    /// The number of features of each input, where inputs have features and there is a row.
    pub fn width(&self) -> Option<usize> {
        self.inputs.first().and_then(Entry::width)
    }

    /// All inputs.
    pub fn inputs(&self) -> &[X] {
        &self.inputs
    }

    /// All targets.
    pub fn targets(&self) -> &[Y] {
        &self.targets
    }

    /// The features' names; empty when none were given.
    pub fn feature_names(&self) -> &[String] {
        &self.feature_names
    }

    /// The classes' names; empty when none were given.
    pub fn class_names(&self) -> &[String] {
        &self.class_names
    }

    /// The row at `index`, in the form a loss function takes.
    pub fn get(&self, index: usize) -> Option<(X::Arg<'_>, Y::Arg<'_>)> {
        Some((
            self.inputs.get(index)?.arg(),
            self.targets.get(index)?.arg(),
        ))
    }

    /// The rows in order, in the form a loss function takes.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (X::Arg<'_>, Y::Arg<'_>)> {
        self.inputs
            .iter()
            .zip(&self.targets)
            .map(|(x, y)| (x.arg(), y.arg()))
    }

    /// The same rows with every input replaced; the features' names go, the classes' stay.
    ///
    /// # Panics
    /// When `f` returns inputs of different lengths.
    ///
    /// ```
    /// use autodiff_runtime::data::iris;
    /// let areas = iris().map_inputs(|x| [x[0] * x[1], x[2] * x[3]]);
    /// assert_eq!(areas.width(), Some(2));
    /// ```
    pub fn map_inputs<X2: Entry>(self, f: impl FnMut(&X) -> X2) -> Dataset<X2, Y> {
        let inputs = self.inputs.iter().map(f).collect();
        let mapped = Dataset::new(inputs, self.targets)
            .unwrap_or_else(|error| panic!("map_inputs: {error}"));
        Dataset {
            class_names: self.class_names,
            ..mapped
        }
    }

    /// The same rows with every target replaced; the classes' names go, since the targets may no
    /// longer be classes.
    ///
    /// ```
    /// use autodiff_runtime::data::Planar;
    /// // For a loss that takes its label as a number: `fn nll(w: &[f64; 2], x: &[f64; 2], y: f64)`.
    /// let data = Planar::Simple.sample(10, 0).map_targets(|&class| class as f64);
    /// assert!(data.targets().iter().all(|&y| y == 0.0 || y == 1.0));
    /// ```
    pub fn map_targets<Y2: Entry>(self, f: impl FnMut(&Y) -> Y2) -> Dataset<X, Y2> {
        Dataset {
            targets: self.targets.iter().map(f).collect(),
            inputs: self.inputs,
            feature_names: self.feature_names,
            class_names: Vec::new(),
        }
    }
}

impl<X: Entry + Clone, Y: Entry + Clone> Dataset<X, Y> {
    /// The rows at `indices`, in that order.
    ///
    /// # Panics
    /// When an index is out of range.
    pub fn subset(&self, indices: &[usize]) -> Self {
        Self {
            inputs: indices
                .iter()
                .map(|&index| self.inputs[index].clone())
                .collect(),
            targets: indices
                .iter()
                .map(|&index| self.targets[index].clone())
                .collect(),
            feature_names: self.feature_names.clone(),
            class_names: self.class_names.clone(),
        }
    }
}

impl<X: Entry, Y: Entry + Clone> Dataset<X, Y> {
    /// The same rows and names, with every input replaced by one of the same width.
    pub(super) fn with_inputs(&self, f: impl FnMut(&X) -> X) -> Self {
        Self {
            inputs: self.inputs.iter().map(f).collect(),
            targets: self.targets.clone(),
            feature_names: self.feature_names.clone(),
            class_names: self.class_names.clone(),
        }
    }
}

impl<X: Entry> Dataset<X, usize> {
    /// Names the classes `0, 1, …` in order.
    ///
    /// # Errors
    /// When a row has a class beyond the names.
    pub fn with_class_names<S: Into<String>>(
        mut self,
        names: impl IntoIterator<Item = S>,
    ) -> Result<Self, DataError> {
        let names: Vec<String> = names.into_iter().map(Into::into).collect();
        if let Some(row) = self.targets.iter().position(|&class| class >= names.len()) {
            let class = self.targets[row];
            return Err(DataError::ClassNames {
                row,
                class,
                names: names.len(),
            });
        }
        self.class_names = names;
        Ok(self)
    }

    /// The number of classes: of names where they are known, else one more than the largest class
    /// present.
    pub fn classes(&self) -> usize {
        let present = self.targets.iter().max().map_or(0, |&largest| largest + 1);
        present.max(self.class_names.len())
    }

    /// The number of rows of each class.
    pub fn class_counts(&self) -> Vec<usize> {
        let mut counts = vec![0; self.classes()];
        for &class in &self.targets {
            counts[class] += 1;
        }
        counts
    }
}

impl<X: Entry + Clone> Dataset<X, usize> {
    /// Only the rows of the given classes, which become classes `0, 1, …` in the order given.
    ///
    /// ```
    /// use autodiff_runtime::data::iris;
    /// // The two species that no line separates.
    /// let pair = iris().select_classes(&[1, 2])?;
    /// assert_eq!(pair.class_names(), ["versicolor", "virginica"]);
    /// assert_eq!(pair.class_counts(), [50, 50]);
    /// # Ok::<(), autodiff_runtime::data::DataError>(())
    /// ```
    ///
    /// # Errors
    /// When a class is asked for that the data do not have, or one is asked for twice.
    pub fn select_classes(&self, classes: &[usize]) -> Result<Self, DataError> {
        let mut renamed = vec![None; self.classes()];
        for (new, &old) in classes.iter().enumerate() {
            match renamed.get_mut(old) {
                Some(place @ None) => *place = Some(new),
                Some(Some(_)) => return Err(DataError::ClassTwice { class: old }),
                None => {
                    return Err(DataError::NoSuchClass {
                        class: old,
                        classes: self.classes(),
                    });
                }
            }
        }
        let kept: Vec<usize> = (0..self.len())
            .filter(|&row| renamed[self.targets[row]].is_some())
            .collect();
        let mut selected = self.subset(&kept);
        for target in &mut selected.targets {
            *target = renamed[*target].expect("only rows of selected classes were kept");
        }
        if !self.class_names.is_empty() {
            selected.class_names = classes
                .iter()
                .map(|&class| self.class_names[class].clone())
                .collect();
        }
        Ok(selected)
    }
}

impl<X: Entry + AsRef<[f64]>, Y: Entry> Dataset<X, Y> {
    /// The smallest and the largest value of each feature; empty without rows. NaN is passed over.
    ///
    /// ```
    /// use autodiff_runtime::data::iris;
    /// assert_eq!(iris().bounding_box()[0], (4.3, 7.9));
    /// ```
    pub fn bounding_box(&self) -> Vec<(f64, f64)> {
        let width = self.width().unwrap_or(0);
        let mut bounds = vec![(f64::INFINITY, f64::NEG_INFINITY); width];
        for input in &self.inputs {
            for ((low, high), &value) in bounds.iter_mut().zip(input.as_ref()) {
                *low = low.min(value);
                *high = high.max(value);
            }
        }
        bounds
    }
}

#[cfg(feature = "ndarray")]
impl<X: Entry + AsRef<[f64]>, Y: Entry> Dataset<X, Y> {
    /// The inputs as a matrix with one row for each, in the precision asked for.
    ///
    /// ```
    /// use autodiff_runtime::data::iris;
    /// let flowers = iris().input_matrix::<f32>();
    /// assert_eq!(flowers.shape(), [150, 4]);
    /// assert_eq!(flowers[[0, 1]], 3.5);
    /// ```
    pub fn input_matrix<T: crate::Real>(&self) -> ndarray::Array2<T> {
        let shape = (self.len(), self.width().unwrap_or(0));
        let numbers = self.inputs.iter().flat_map(|x| x.as_ref());
        let numbers = numbers.map(|&number| T::from_f64(number)).collect();
        ndarray::Array2::from_shape_vec(shape, numbers).expect("all inputs have one width")
    }
}

impl<X: Entry + AsRef<[f64]>, Y: Entry + Clone> Dataset<X, Y> {
    /// Only the given features, in that order, as fixed-size arrays: two of them to draw, say.
    ///
    /// ```
    /// use autodiff_runtime::data::iris;
    /// let petals = iris().select_features([2, 3])?;
    /// assert_eq!(petals.inputs()[0], [1.4, 0.2]);
    /// assert_eq!(petals.feature_names(), ["petal_length", "petal_width"]);
    /// # Ok::<(), autodiff_runtime::data::DataError>(())
    /// ```
    ///
    /// # Errors
    /// When the inputs have no such feature.
    pub fn select_features<const K: usize>(
        &self,
        features: [usize; K],
    ) -> Result<Dataset<[f64; K], Y>, DataError> {
        let width = self.width().unwrap_or(usize::MAX);
        if let Some(&feature) = features.iter().find(|&&feature| feature >= width) {
            return Err(DataError::NoSuchFeature {
                feature,
                features: width,
            });
        }
        let pick = |x: &X| features.map(|feature| x.as_ref()[feature]);
        let names = &self.feature_names;
        Ok(Dataset {
            inputs: self.inputs.iter().map(pick).collect(),
            targets: self.targets.clone(),
            feature_names: match names.is_empty() {
                true => Vec::new(),
                false => features
                    .iter()
                    .map(|&feature| names[feature].clone())
                    .collect(),
            },
            class_names: self.class_names.clone(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::iris;

    #[test]
    fn rows_must_match_in_number_and_width() {
        let error = Dataset::new(vec![[1.0]], vec![0, 1]).unwrap_err();
        assert_eq!(
            error.to_string(),
            "the numbers of inputs (1) and targets (2) differ"
        );
        let error = Dataset::new(vec![vec![1.0, 2.0], vec![1.0]], vec![0, 1]).unwrap_err();
        assert_eq!(
            error.to_string(),
            "row 1 has the wrong number of features: 1 instead of 2"
        );
    }

    #[test]
    fn names_must_match_what_they_name() {
        let data = Dataset::new(vec![[1.0, 2.0]], vec![3]).unwrap();
        let error = data.clone().with_feature_names(["a"]).unwrap_err();
        assert_eq!(
            error.to_string(),
            "the number of feature names (1) is not that of the features (2)"
        );
        let error = data.with_class_names(["a", "b"]).unwrap_err();
        assert_eq!(
            error.to_string(),
            "row 0 is of class 3, but the number of class names is 2"
        );
    }

    #[test]
    fn select_classes_relabels_in_the_order_given() {
        let data = iris().select_classes(&[2, 0]).unwrap();
        assert_eq!(data.class_names(), ["virginica", "setosa"]);
        assert_eq!(data.class_counts(), [50, 50]);
        // The first row of the file is a setosa, now class 1.
        assert_eq!(data.get(0), Some((&[5.1, 3.5, 1.4, 0.2][..], 1)));
        let error = iris().select_classes(&[0, 3]).unwrap_err();
        assert_eq!(
            error.to_string(),
            "there is no class 3: the data have classes 0 to 2"
        );
        let error = iris().select_classes(&[1, 1]).unwrap_err();
        assert_eq!(error.to_string(), "class 1 is selected twice");
    }

    #[test]
    fn bounding_box_spans_the_inputs() {
        let data =
            Dataset::new(vec![[1.0, -2.0], [0.5, f64::NAN], [3.0, 4.0]], vec![(); 3]).unwrap();
        assert_eq!(data.bounding_box(), [(0.5, 3.0), (-2.0, 4.0)]);
    }

    #[test]
    fn missing_features_are_refused() {
        let error = iris().select_features([0, 4]).unwrap_err();
        assert_eq!(
            error.to_string(),
            "there is no feature 4: the inputs have features 0 to 3"
        );
    }

    #[test]
    fn targets_may_be_of_any_kind() {
        let several = Dataset::new(vec![1.0, 2.0], vec![vec![1.0], vec![2.0]]).unwrap();
        let (x, y): (f64, &[f64]) = several.get(1).unwrap();
        assert_eq!((x, y), (2.0, &[2.0][..]));
        assert_eq!(several.iter().len(), 2);
    }
}
