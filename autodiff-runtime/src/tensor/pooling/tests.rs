use ndarray::{Array4, arr2};

use super::*;
use crate::tensor::check::{check_reference, check_rule};

#[test]
fn rules_agree_with_differences_and_each_other() {
    for (size, stride) in [(2, 2), (3, 1), (1, 2), (2, 3)] {
        check_rule!(avg_pool2d(x x_dot: (2, 2, 5, 4)); size, stride);
        check_rule!(max_pool2d(x x_dot: (2, 2, 5, 4)); size, stride);
    }
}

#[test]
fn values_and_gradients_are_those_of_the_reference() {
    check_reference!("max_pool2d", max_pool2d(x: (2, 2, 5, 4)); 2, 1);
    check_reference!("avg_pool2d", avg_pool2d(x: (2, 2, 5, 4)); 3, 2);
}

fn image(rows: [[f64; 3]; 2]) -> Array4<f64> {
    Array4::from_shape_vec((1, 1, 2, 3), rows.as_flattened().to_vec()).expect("as many")
}

#[test]
fn of_equal_numbers_the_first_one_gets_the_adjoint() {
    let x = image([[1.0, 3.0, 3.0], [3.0, 2.0, 3.0]]);
    let (y, x_bar) = max_pool2d::vjp(&x, 2, 1, Array4::ones((1, 1, 1, 2)));
    assert_eq!(y, Array4::from_elem((1, 1, 1, 2), 3.0));
    assert_eq!(x_bar, image([[0.0, 2.0, 0.0], [0.0, 0.0, 0.0]]));
}

#[test]
fn nan_passes() {
    let x = image([[1.0, f64::NAN, 3.0], [3.0, 2.0, 5.0]]);
    assert!(max_pool2d(&x, 2, 1).iter().all(|y| y.is_nan()));
    assert!(avg_pool2d(&x, 2, 1).iter().all(|y| y.is_nan()));
}

#[test]
fn of_numbers_that_do_not_lie_side_by_side() {
    let x = arr2(&[[1.0, 4.0], [2.0, 5.0], [3.0, 6.0]])
        .into_shape_with_order((1, 1, 3, 2))
        .expect("as many");
    let turned = x.view().permuted_axes([0, 1, 3, 2]);
    assert_eq!(max_pool2d(&turned, 2, 1).flatten().to_vec(), [5.0, 6.0]);
    assert_eq!(avg_pool2d(&turned, 2, 1).flatten().to_vec(), [3.0, 4.0]);
}

#[test]
#[should_panic(
    expected = "max_pool2d: windows of shape [3, 3] do not fit into images of shape [2, 3], padding included"
)]
fn a_window_too_large() {
    max_pool2d(&image([[0.0; 3]; 2]), 3, 1);
}

#[test]
#[should_panic(expected = "avg_pool2d: windows of shape [0, 0] do not fit")]
fn an_empty_window() {
    avg_pool2d(&image([[0.0; 3]; 2]), 0, 1);
}
