//! Losses of batches.

use autodiff_runtime::activation::Activation;
use autodiff_runtime::layers::activate;
use autodiff_runtime::loss::batch;
use autodiff_tests::{check, check_at_kink};
use ndarray::{Array2, arr0, arr2};

use super::numbers::{array, expect};

/// Probabilities: rows of positive numbers that add up to 1.
fn probabilities(seed: f64) -> Array2<f64> {
    activate(&(2.0 * array((4, 5), seed)), Activation::Softmax)
}

const CLASSES: [usize; 4] = [2, 0, 4, 2];

#[test]
fn of_classes() {
    let p = probabilities(2.0);
    check!(batch::nll_categorical(&p, const &CLASSES));
    expect(
        &arr0(batch::nll_categorical(&p, &CLASSES)),
        "nll_categorical",
    );
}

#[test]
fn of_distributions() {
    let (p, q) = (probabilities(1.0), probabilities(2.0));
    let (_, q_bar) = check!(batch::kl_divergence(&p, &q));
    expect(&arr0(batch::kl_divergence(&p, &q)), "kl_divergence");
    expect(&q_bar, "kl_divergence q");
    let certain = arr2(&[[1.0, 0.0]]);
    let (p_bar, q_bar) = check_at_kink!(batch::kl_divergence(&certain, &arr2(&[[0.5, 0.5]])));
    assert_eq!((p_bar[[0, 1]], q_bar), (0.0, arr2(&[[-2.0, 0.0]])));
}

#[test]
fn of_numbers() {
    let (x, y) = (2.0 * array((4, 3), 1.0), array((4, 3), 2.0));
    let (x_bar, _) = check!(batch::squared_error(&x, &y));
    expect(&arr0(batch::squared_error(&x, &y)), "squared_error");
    expect(&x_bar, "squared_error x");
    let (x_bar, _) = check!(batch::huber(&x, &y, const 0.8));
    expect(&arr0(batch::huber(&x, &y, 0.8)), "huber");
    expect(&x_bar, "huber x");
    check!(batch::pairwise_ranking(&x, &y));
    expect(&arr0(batch::pairwise_ranking(&x, &y)), "pairwise_ranking");
    let (x_bar, _) = check!(batch::margin_ranking(&x, &y, const 0.5));
    expect(&arr0(batch::margin_ranking(&x, &y, 0.5)), "margin_ranking");
    expect(&x_bar, "margin_ranking x");
}

#[test]
fn of_outcomes() {
    let (z, y) = (2.0 * array(6, 1.0), array(6, 2.0).mapv(|y| 0.5 + 0.5 * y));
    let p = z.mapv(|z: f64| 1.0 / (1.0 + (-z).exp()));
    check!(batch::nll(&p, &y));
    let (z_bar, _) = check!(batch::nll_with_logits(&z, &y));
    expect(&arr0(batch::nll(&p, &y)), "nll");
    expect(&arr0(batch::nll_with_logits(&z, &y)), "nll");
    expect(&z_bar, "nll logits");
}

#[test]
#[should_panic(
    expected = "squared_error: arrays of shape [2, 3] and [3, 2], which are to be equal and not empty"
)]
fn of_arrays_that_do_not_fit() {
    batch::squared_error(&array((2, 3), 1.0), &array((3, 2), 1.0));
}

#[test]
#[should_panic(expected = "nll_categorical: probabilities of shape [4, 5] meet 3 classes")]
fn of_too_few_classes() {
    batch::nll_categorical(&array((4, 5), 1.0), &CLASSES[..3]);
}

#[test]
#[should_panic(
    expected = "nll_categorical: class 5 has no column in probabilities of shape [2, 5]"
)]
fn of_a_class_that_there_is_not() {
    batch::nll_categorical(&array((2, 5), 1.0), &[0, 5]);
}
