//! Rows of a table by index, and indices as vectors.

use ndarray::{Array2, ArrayRef2, Axis};

use super::shape;
use crate::{Real, differentiable};

/// The rows of a table with these indices, `yᵢ = table[indexᵢ]`: one vector for each index.
///
/// Adjoint `table̅[indexᵢ] += ȳᵢ`: rows that occur several times gather all of theirs, and the others are not touched.
///
/// # Panics
///
/// If an index has no row.
///
/// ```
/// use autodiff_runtime::tensor::embedding;
/// use ndarray::arr2;
///
/// let table = arr2(&[[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]]);
/// assert_eq!(embedding(&table, &[2, 0]), arr2(&[[5.0, 6.0], [1.0, 2.0]]));
/// ```
#[track_caller]
#[differentiable(vjp = embedding_vjp, jvp = embedding_jvp)]
pub fn embedding<T: Real>(table: &ArrayRef2<T>, #[constant] indices: &[usize]) -> Array2<T> {
    expect_below("embedding", "row", indices, table.nrows(), table.shape());
    table.select(Axis(0), indices)
}

fn embedding_vjp<T: Real>(
    table: &ArrayRef2<T>,
    indices: &[usize],
    y_bar: Array2<T>,
    table_bar: &mut Array2<T>,
) {
    shape::expect_cotangent("embedding", &[indices.len(), table.ncols()], y_bar.shape());
    if let Some(table_bar) = shape::read("embedding", table, table_bar) {
        for (&index, y_bar) in indices.iter().zip(y_bar.rows()) {
            let mut row = table_bar.row_mut(index);
            row += &y_bar;
        }
    }
}

fn embedding_jvp<T: Real>(
    table: &ArrayRef2<T>,
    indices: &[usize],
    table_dot: &Array2<T>,
) -> (Array2<T>, Array2<T>) {
    let y = embedding(table, indices);
    let y_dot = match shape::moving("embedding", table, table_dot) {
        Some(table_dot) => embedding(table_dot, indices),
        None => Array2::zeros(y.raw_dim()),
    };
    (y, y_dot)
}

/// A row for each label, with a 1 in the column of that class and 0 in the others. It has no derivative.
///
/// # Panics
///
/// If a label is not below the number of classes.
///
/// ```
/// use autodiff_runtime::tensor::one_hot;
/// use ndarray::arr2;
///
/// assert_eq!(one_hot::<f64>(&[2, 0], 3), arr2(&[[0.0, 0.0, 1.0], [1.0, 0.0, 0.0]]));
/// ```
#[track_caller]
pub fn one_hot<T: Real>(labels: &[usize], classes: usize) -> Array2<T> {
    expect_below(
        "one_hot",
        "column",
        labels,
        classes,
        &[labels.len(), classes],
    );
    let mut rows = Array2::zeros((labels.len(), classes));
    for (row, &label) in labels.iter().enumerate() {
        rows[[row, label]] = T::one();
    }
    rows
}

#[track_caller]
fn expect_below(operation: &str, what: &str, indices: &[usize], bound: usize, shape: &[usize]) {
    if let Some(index) = indices.iter().find(|&&index| index >= bound) {
        panic!("{operation}: index {index} has no {what} in a matrix of shape {shape:?}");
    }
}

#[cfg(test)]
mod tests;
