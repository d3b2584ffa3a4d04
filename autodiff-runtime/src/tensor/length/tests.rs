use ndarray::{Array1, Array2, arr1};

use super::*;
use crate::tensor::check::{check_reference, check_rule};

#[test]
fn rules_agree_with_differences_and_each_other() {
    check_rule!(norm(x x_dot: (2, 3)));
    check_rule!(norm(x x_dot: 1));
}

#[test]
fn values_and_gradients_are_those_of_the_reference() {
    check_reference!("norm", norm(x: (3, 4)));
}

#[test]
fn of_every_size() {
    let limits = [f64::from_bits(3), 1e-300, 1e-160, 1.0, 1e160, 1e307];
    for size in limits {
        let (value, slope) = norm::value_and_grad(&arr1(&[3.0 * size, -4.0 * size]));
        assert!(
            (value - 5.0 * size).abs() <= 1e-15 * 5.0 * size,
            "{value:e}"
        );
        assert!(
            (slope - arr1(&[0.6, -0.8]))
                .iter()
                .all(|error| error.abs() < 1e-15)
        );
    }
    for size in [f32::from_bits(2), 1e-30, 1.0, 1e37] {
        let (value, slope) = norm::value_and_grad(&arr1(&[3.0 * size, -4.0 * size]));
        assert!((value - 5.0 * size).abs() <= 1e-6 * 5.0 * size, "{value:e}");
        assert!(
            (slope - arr1(&[0.6, -0.8]))
                .iter()
                .all(|error| error.abs() < 1e-6)
        );
    }
    assert_eq!(norm(&arr1(&[1.0, f64::NEG_INFINITY])), f64::INFINITY);
    assert!(norm(&arr1(&[1.0, f64::NAN])).is_nan());
    assert!(norm(&arr1(&[0.0, f64::NAN])).is_nan());
    assert_eq!(norm(&Array2::<f64>::zeros((0, 3))), 0.0);
}

/// ‖x‖ has the gradient x/‖x‖, and 0 at 0.
#[test]
fn at_zero() {
    let zero = Array1::<f64>::zeros(3);
    assert_eq!(norm::value_and_grad(&zero), (0.0, zero.clone()));
    assert_eq!(norm::jvp(&zero, &Array1::ones(3)), (0.0, 0.0));
}
