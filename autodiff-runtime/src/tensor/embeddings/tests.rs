use ndarray::{Array2, arr2};

use super::*;
use crate::tensor::check::{check_reference, check_rule};

#[test]
fn rules_agree_with_differences_and_each_other() {
    check_rule!(embedding(table table_dot: (4, 2)); &[3, 0, 3, 1]);
    check_rule!(embedding(table table_dot: (1, 3)); &[0]);
}

#[test]
fn values_and_gradients_are_those_of_the_reference() {
    check_reference!("embedding", embedding(table: (4, 2)); &[3, 0, 3, 1]);
}

/// It is the product with one-hot rows.
#[test]
fn the_same_by_a_product() {
    let table = arr2(&[[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]]);
    let rows = one_hot(&[1, 1, 2], 3);
    let y_bar = arr2(&[[1.0, 2.0], [4.0, 8.0], [16.0, 32.0]]);
    let (y, table_bar) = embedding::vjp(&table, &[1, 1, 2], y_bar.clone());
    assert_eq!(y, rows.dot(&table));
    assert_eq!(table_bar, rows.t().dot(&y_bar));
}

#[test]
fn no_index() {
    let table = Array2::<f64>::ones((2, 3));
    let (y, table_bar) = embedding::vjp(&table, &[], Array2::zeros((0, 3)));
    assert_eq!(
        (y.shape(), table_bar),
        ([0, 3].as_slice(), Array2::zeros((2, 3)))
    );
}

#[test]
#[should_panic(expected = "embedding: index 2 has no row in a matrix of shape [2, 3]")]
fn an_index_too_large() {
    embedding(&Array2::<f64>::ones((2, 3)), &[0, 2]);
}

#[test]
#[should_panic(expected = "one_hot: index 3 has no column in a matrix of shape [2, 3]")]
fn a_label_too_large() {
    one_hot::<f64>(&[0, 3], 3);
}
