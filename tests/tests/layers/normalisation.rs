//! Layer and batch normalisation.

use autodiff_runtime::layers::{
    BatchNorm, LayerNorm, Moments, batch_norm, batch_norm_eval, batch_norm2d, layer_norm,
};
use autodiff_tests::check;
use ndarray::{Array2, Array4, Axis};

use super::numbers::{array, expect, expect_all};

fn batch() -> BatchNorm<f64> {
    BatchNorm {
        weight: array(4, 1.0),
        bias: array(4, 2.0),
    }
}

#[test]
fn of_rows() {
    let norm = LayerNorm {
        weight: array(4, 1.0),
        bias: array(4, 2.0),
    };
    let x: Array2<f64> = array((5, 4), 3.0);
    let (norm_bar, x_bar) = check!(layer_norm(&norm, &x) => array((5, 4), 4.0));
    expect(&layer_norm(&norm, &x), "layer_norm");
    expect_all(&norm_bar, "layer_norm");
    expect(&x_bar, "layer_norm x");
}

#[test]
fn of_batches() {
    let x: Array2<f64> = array((5, 4), 3.0);
    let (batch_bar, x_bar) = check!(batch_norm(&batch(), &x) => array((5, 4), 4.0));
    expect(&batch_norm(&batch(), &x), "batch_norm");
    expect_all(&batch_bar, "batch_norm");
    expect(&x_bar, "batch_norm x");
    let moments = Moments {
        running_mean: array(4, 5.0),
        running_var: 1.5 + array(4, 6.0),
    };
    let (batch_bar, x_bar) =
        check!(batch_norm_eval(&batch(), const &moments, &x) => array((5, 4), 4.0));
    expect(&batch_norm_eval(&batch(), &moments, &x), "batch_norm_eval");
    expect_all(&batch_bar, "batch_norm_eval");
    expect(&x_bar, "batch_norm_eval x");
}

#[test]
fn of_images() {
    let x: Array4<f64> = array((2, 4, 3, 2), 7.0);
    let (batch_bar, x_bar) = check!(batch_norm2d(&batch(), &x) => array((2, 4, 3, 2), 8.0));
    expect(&batch_norm2d(&batch(), &x), "batch_norm2d");
    expect_all(&batch_bar, "batch_norm2d");
    expect(&x_bar, "batch_norm2d x");
}

#[test]
fn moments_go_towards_those_of_the_batches() {
    let x: Array4<f64> = array((2, 4, 3, 2), 7.0);
    let mut moments = Moments::new(4);
    moments.update2d(&x, 0.25);
    for channel in 0..4 {
        let own = x.index_axis(Axis(1), channel);
        let (mean, variance) = (own.mean().unwrap(), own.var(1.0));
        assert!((moments.running_mean[channel] - 0.25 * mean).abs() < 1e-15);
        assert!((moments.running_var[channel] - (0.75 + 0.25 * variance)).abs() < 1e-15);
    }
}

#[test]
#[should_panic(expected = "batch_norm: an input of shape [5, 3] meets a weight of shape [4]")]
fn of_other_features() {
    batch_norm(&batch(), &array((5, 3), 1.0));
}
