use ndarray::{Array1, Array2, Axis, arr2};

use super::*;
use crate::loss;
use crate::tensor::check::{check_reference, check_rule, numbers};
use crate::tensor::{one_hot, softmax};

#[test]
fn rules_agree_with_differences_and_each_other() {
    check_rule!(by |x| 2.0 + x; cross_entropy(p p_dot: (3, 4), t t_dot: (3, 4)));
    check_rule!(cross_entropy_with_logits(z z_dot: (3, 4)); &[1, 3, 0]);
    check_rule!(cross_entropy_with_logits(z z_dot: (2, 13)); &[12, 5]);
    check_rule!(cross_entropy_with_logits(z z_dot: (2, 37)); &[36, 16]);
}

#[test]
fn values_and_gradients_are_those_of_the_reference() {
    check_reference!("cross_entropy", cross_entropy(p: (3, 4), t: (3, 4)));
    check_reference!("cross_entropy_with_logits", cross_entropy_with_logits(z: (3, 4)); &[2, 0, 3]);
}

fn batch() -> (Array2<f64>, [usize; 5]) {
    let z = Array2::from_shape_vec((5, 11), numbers(55, 0.5)).expect("as many");
    (10.0 * z, [3, 0, 10, 7, 3])
}

/// Softmax and cross-entropy in one are the two one after the other, and the mean of those of rows.
#[test]
fn the_forms_agree() {
    let (z, labels) = batch();
    let (value, slope) = cross_entropy_with_logits::value_and_grad(&z, &labels);
    let p = softmax(&z, Axis(1));
    let targets = one_hot(&labels, 11);
    assert!((value - cross_entropy(&p, &targets)).abs() < 1e-13);
    assert!(
        (&slope - (&p - &targets) / 5.0)
            .iter()
            .all(|error| error.abs() < 1e-15)
    );
    let rows = z.rows().into_iter().zip(labels);
    let alone: Vec<(f64, Vec<f64>)> = rows
        .map(|(z, label)| loss::cross_entropy::value_and_grad(&z.to_vec(), label))
        .collect();
    assert!((value - alone.iter().map(|own| own.0).sum::<f64>() / 5.0).abs() < 1e-14);
    for (row, (_, alone)) in slope.rows().into_iter().zip(alone) {
        let difference = &row * 5.0 - Array1::from_vec(alone);
        assert!(difference.iter().all(|error| error.abs() < 1e-15));
    }
}

/// Logits of transposed views, and gradients that lie otherwise in memory.
#[test]
fn other_layouts() {
    let (z, labels) = batch();
    let turned = z.t().as_standard_layout().into_owned();
    assert_eq!(
        cross_entropy_with_logits::value_and_grad(&turned.t(), &labels),
        cross_entropy_with_logits::value_and_grad(&z, &labels)
    );
}

#[test]
fn logits_of_any_size() {
    let z = arr2(&[[-1000.0, 1000.0], [1000.0, -1000.0], [40.0, 0.0]]);
    let (value, slope) = cross_entropy_with_logits::value_and_grad(&z, &[0, 0, 0]);
    assert_eq!(value, (2000.0 + (-40.0_f64).exp()) / 3.0);
    let small = (-40.0_f64).exp() / (1.0 + (-40.0_f64).exp()) / 3.0;
    assert_eq!(slope.row(0).to_vec(), [-1.0 / 3.0, 1.0 / 3.0]);
    assert_eq!(slope.row(1).to_vec(), [0.0, 0.0]);
    assert!((slope[[2, 0]] + small).abs() < 1e-15 * small);
    // Alone, the loss of the last row has its digits, too.
    let last = cross_entropy_with_logits(&z.select(Axis(0), &[2]), &[0]);
    assert!((last - (-40.0_f64).exp()).abs() < 1e-15 * last);
    let masked = arr2(&[[0.0, f64::NEG_INFINITY]]);
    let (value, slope) = cross_entropy_with_logits::value_and_grad(&masked, &[0]);
    assert_eq!((value, slope), (0.0, arr2(&[[0.0, 0.0]])));
}

/// Several entries may be the largest one.
#[test]
fn equal_logits() {
    for width in [1, 2, 16, 17, 40] {
        let z = Array2::from_elem((3, width), 5.0);
        let loss = cross_entropy_with_logits(&z, &[0, width - 1, width / 2]);
        let error = (loss - (width as f64).ln()).abs();
        assert!(error < 1e-15 * loss.max(1.0), "{width}: {loss}, {error:e}");
    }
}

#[test]
fn a_probability_of_zero_without_weight() {
    let (p, t) = (arr2(&[[0.0, 1.0]]), arr2(&[[0.0, 1.0]]));
    let (value, (p_bar, _)) = cross_entropy::value_and_grad(&p, &t);
    assert_eq!((value, p_bar), (0.0, arr2(&[[0.0, -1.0]])));
}

mod user {
    use ndarray::Array2;

    use crate::{differentiable, tensor};

    #[differentiable]
    pub fn classified(x: &Array2<f64>, w: &Array2<f64>, #[constant] labels: &[usize]) -> f64 {
        let z: Array2<f64> = tensor::matmul(x, w);
        tensor::cross_entropy_with_logits(&z, labels)
    }
}

#[test]
fn in_a_function() {
    let (z, labels) = batch();
    let w = Array2::from_shape_vec((11, 4), numbers(44, 0.6)).expect("as many");
    let labels = labels.map(|label| label % 4);
    let (_, w_bar) = user::classified::grad(&z, &w, &labels);
    let slope = cross_entropy_with_logits::grad(&z.dot(&w), &labels);
    assert!(
        (w_bar - z.t().dot(&slope))
            .iter()
            .all(|error| error.abs() < 1e-14)
    );
}

#[test]
#[should_panic(
    expected = "cross_entropy: the probabilities have shape [1, 2] and the targets [2, 1]; they must agree"
)]
fn shapes_that_differ() {
    cross_entropy(&arr2(&[[0.5, 0.5]]), &arr2(&[[0.5], [0.5]]));
}

#[test]
#[should_panic(
    expected = "cross_entropy_with_logits: the logits have shape [1, 2], and there are 2 labels; there must be one for each row"
)]
fn a_label_too_many() {
    cross_entropy_with_logits(&arr2(&[[0.5, 0.5]]), &[0, 1]);
}

#[test]
#[should_panic(
    expected = "cross_entropy_with_logits: label 2 has no column in logits of shape [1, 2]"
)]
fn a_label_without_a_logit() {
    cross_entropy_with_logits(&arr2(&[[0.5, 0.5]]), &[2]);
}

#[test]
#[should_panic(expected = "cross_entropy_with_logits: a batch of shape [0, 2] has no mean")]
fn an_empty_batch() {
    cross_entropy_with_logits(&Array2::<f64>::zeros((0, 2)), &[]);
}
