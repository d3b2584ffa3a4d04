use ndarray::{Array2, Array3, arr1, arr2};

use super::*;
use crate::activation;
use crate::tensor::check::{check_reference, check_rule, numbers};

#[test]
fn rules_agree_with_differences_and_each_other() {
    for axis in [Axis(0), Axis(1), Axis(2)] {
        check_rule!(softmax(x x_dot: (2, 3, 4)); axis);
        check_rule!(log_softmax(x x_dot: (2, 3, 4)); axis);
        check_rule!(logsumexp_axis(x x_dot: (2, 3, 4)); axis);
    }
    check_rule!(logsumexp(x x_dot: (2, 3)));
    check_rule!(softmax(x x_dot: 19); Axis(0));
}

#[test]
fn values_and_gradients_are_those_of_the_reference() {
    check_reference!("softmax", softmax(x: (3, 4)); Axis(1));
    check_reference!("softmax_columns", softmax(x: (3, 4)); Axis(0));
    check_reference!("log_softmax", log_softmax(x: (3, 4)); Axis(1));
    check_reference!("logsumexp", logsumexp(x: (3, 4)));
    check_reference!("logsumexp_axis", logsumexp_axis(x: (3, 4)); Axis(1));
}

/// Along every axis the vectors are those of the functions of slices.
#[test]
fn they_are_the_activations_of_lanes() {
    let x = Array3::from_shape_vec((2, 11, 3), numbers(66, 0.3)).expect("as many");
    for axis in [Axis(0), Axis(1), Axis(2)] {
        let (p, log_p, sums) = (
            softmax(&x, axis),
            log_softmax(&x, axis),
            logsumexp_axis(&x, axis),
        );
        let sums: Vec<f64> = sums.iter().copied().collect();
        for (k, lane) in x.lanes(axis).into_iter().enumerate() {
            let own = |array: &Array3<f64>| array.lanes(axis).into_iter().nth(k).unwrap().to_vec();
            assert_near(&own(&p), &activation::softmax(&lane.to_vec()));
            assert_near(&own(&log_p), &activation::log_softmax(&lane.to_vec()));
            assert_near(&[sums[k]], &[activation::logsumexp(&lane.to_vec())]);
        }
    }
    assert_near(
        &[logsumexp(&x)],
        &[activation::logsumexp(x.as_slice().unwrap())],
    );
}

#[track_caller]
fn assert_near(found: &[f64], expected: &[f64]) {
    for (found, expected) in found.iter().zip(expected) {
        assert!(
            (found - expected).abs() <= 4e-15 * expected.abs(),
            "{found:e}, not {expected:e}"
        );
    }
}

#[test]
fn logits_of_any_size() {
    let x = arr2(&[
        [1000.0, -1000.0, 0.0],
        [-1000.0, -1000.0, f64::NEG_INFINITY],
    ]);
    assert_eq!(
        softmax(&x, Axis(1)),
        arr2(&[[1.0, 0.0, 0.0], [0.5, 0.5, 0.0]])
    );
    assert_eq!(
        log_softmax(&x, Axis(1)).row(0),
        arr1(&[0.0, -2000.0, -1000.0])
    );
    // ln(1 + e⁻⁴⁰) is not rounded to 0.
    let y = log_softmax(&arr1(&[0.0, -40.0]), Axis(0));
    assert_near(&[y[0]], &[-(-40.0_f64).exp()]);
    let (_, x_bar) = softmax::vjp(&x, Axis(1), arr2(&[[0.0, 1.0, 0.0], [1.0, 0.0, 3.0]]));
    assert_eq!(x_bar, arr2(&[[0.0, 0.0, 0.0], [0.25, -0.25, 0.0]]));
}

#[test]
fn infinities_and_nan() {
    let inf = f64::INFINITY;
    assert_eq!(logsumexp(&arr1(&[1.0, inf])), inf);
    assert_eq!(logsumexp(&arr1(&[-inf, -inf])), -inf);
    assert_eq!(logsumexp(&arr1::<f64>(&[])), -inf);
    assert!(logsumexp(&arr1(&[1.0, inf, f64::NAN])).is_nan());
    assert!(logsumexp(&arr1(&[f64::NAN, 1.0])).is_nan());
    assert!(
        softmax(&arr1(&[0.0, f64::NAN, 1.0]), Axis(0))
            .iter()
            .all(|p| p.is_nan())
    );
}

#[test]
fn lengths_of_zero() {
    for shape in [(2, 0), (0, 2), (0, 0)] {
        let x = Array2::<f64>::zeros(shape);
        assert_eq!(softmax(&x, Axis(1)), x);
        assert_eq!(log_softmax(&x, Axis(0)), x);
        let sums = Array::from_elem(shape.0, f64::NEG_INFINITY);
        assert_eq!(logsumexp_axis(&x, Axis(1)), sums);
        assert_eq!(logsumexp_axis::vjp(&x, Axis(1), sums).1, x);
    }
}

mod user {
    use ndarray::{Array2, Axis};

    use crate::{differentiable, tensor};

    /// The entropy of each row's distribution, summed.
    #[differentiable]
    pub fn entropy(x: &Array2<f64>) -> f64 {
        let p: Array2<f64> = tensor::softmax(x, Axis(1));
        let log_p: Array2<f64> = tensor::log_softmax(x, Axis(1));
        -(&p * &log_p).sum()
    }
}

#[test]
fn in_a_function() {
    let x = Array2::from_shape_vec((2, 3), numbers(6, 0.9)).expect("as many");
    let x_bar = user::entropy::grad(&x);
    for (index, slope) in x_bar.indexed_iter() {
        let ends = [1e-5, -1e-5].map(|step| {
            let mut moved = x.clone();
            moved[index] += step;
            user::entropy(&moved)
        });
        assert!(((ends[0] - ends[1]) / 2e-5 - slope).abs() < 1e-9);
    }
}

#[test]
#[should_panic(expected = "softmax: there is no axis 2 in an array of shape [2, 3]")]
fn an_axis_that_is_not_there() {
    softmax(&arr2(&[[1.0, 2.0, 3.0], [1.0, 2.0, 3.0]]), Axis(2));
}
