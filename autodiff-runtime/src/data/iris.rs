//! Fisher's irises.

use super::{CsvFormat, Dataset, parse_csv};

/// The Iris data: 150 flowers, four measures in centimetres (sepal length and width, petal length
/// and width), 50 flowers of each of three species (setosa, versicolor, virginica). Setosa is
/// separated from the others by a line, these two are not from each other.
///
/// Source: R. A. Fisher, *The use of multiple measurements in taxonomic problems*, Annals of
/// Eugenics 7 (1936) 179–188, as distributed by the UCI Machine Learning Repository
/// (<https://doi.org/10.24432/C56C76>) under the Creative Commons Attribution 4.0 International licence
/// (CC BY 4.0). UCI's own file differs from the paper in flowers 35 and 38; here they are as in the paper.
///
/// ```
/// let iris = autodiff_runtime::data::iris();
/// assert_eq!(iris.len(), 150);
/// assert_eq!(iris.class_names(), ["setosa", "versicolor", "virginica"]);
/// assert_eq!(iris.get(0), Some((&[5.1, 3.5, 1.4, 0.2][..], 0)));
/// ```
pub fn iris() -> Dataset {
    let text = include_str!("../../data/iris.csv");
    parse_csv(
        "iris.csv",
        text.as_bytes(),
        &CsvFormat::new("species").comment('#'),
    )
    .expect("the embedded file is well formed, as the tests check")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn iris_is_fishers() {
        let iris = iris();
        assert_eq!(iris.len(), 150);
        assert_eq!(iris.class_counts(), [50, 50, 50]);
        assert_eq!(
            iris.feature_names(),
            ["sepal_length", "sepal_width", "petal_length", "petal_width"]
        );
        // The two flowers in which other copies differ from the paper (35 and 38, counting from 1).
        assert_eq!(iris.inputs()[34], [4.9, 3.1, 1.5, 0.2]);
        assert_eq!(iris.inputs()[37], [4.9, 3.6, 1.4, 0.1]);
        let totals = [876.5, 458.6, 563.7, 179.9];
        for (feature, total) in totals.into_iter().enumerate() {
            let sum: f64 = iris.inputs().iter().map(|x| x[feature]).sum();
            assert!((sum - total).abs() < 1e-9, "feature {feature}: {sum}");
        }
    }
}
