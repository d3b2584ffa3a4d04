use ndarray::{Array4, Axis};

use super::*;
use crate::tensor::check::{check_reference, check_rule, numbers};

#[test]
fn rules_agree_with_differences_and_each_other() {
    check_rule!(conv2d(x x_dot: (2, 2, 5, 4), k k_dot: (3, 2, 3, 2)); 1, 0);
    check_rule!(conv2d(x x_dot: (2, 2, 5, 4), k k_dot: (3, 2, 3, 2)); 2, 1);
    check_rule!(conv2d(x x_dot: (1, 1, 4, 4), k k_dot: (2, 1, 2, 3)); 3, 2);
    check_rule!(conv2d(x x_dot: (1, 3, 4, 3), k k_dot: (2, 3, 1, 1)); 1, 0);
}

#[test]
fn values_and_gradients_are_those_of_the_reference() {
    check_reference!("conv2d", conv2d(x: (2, 2, 5, 4), k: (3, 2, 3, 2)); 2, 1);
}

fn images(shape: (usize, usize, usize, usize), seed: f64) -> Array4<f64> {
    let count = shape.0 * shape.1 * shape.2 * shape.3;
    Array4::from_shape_vec(shape, numbers(count, seed)).expect("as many")
}

/// The formula as loops.
fn by_loops(x: &Array4<f64>, kernel: &Array4<f64>, stride: usize, padding: usize) -> Array4<f64> {
    let (batch, channels, height, width) = x.dim();
    let (outputs, _, rows, columns) = kernel.dim();
    let places = |length: usize, window: usize| (length + 2 * padding - window) / stride + 1;
    let shape = (batch, outputs, places(height, rows), places(width, columns));
    Array4::from_shape_fn(shape, |(b, o, i, j)| {
        let mut sum = 0.0;
        for c in 0..channels {
            for p in 0..rows {
                for q in 0..columns {
                    let (u, v) = (i * stride + p, j * stride + q);
                    let inside =
                        |at: usize, length: usize| (padding..padding + length).contains(&at);
                    if inside(u, height) && inside(v, width) {
                        sum += x[[b, c, u - padding, v - padding]] * kernel[[o, c, p, q]];
                    }
                }
            }
        }
        sum
    })
}

#[test]
fn every_stride_and_padding_gives_what_loops_give() {
    for (height, width, rows, columns) in [(5, 6, 3, 2), (4, 4, 4, 4), (1, 7, 1, 3), (6, 3, 2, 3)] {
        let (x, kernel) = (
            images((2, 3, height, width), 0.1),
            images((4, 3, rows, columns), 0.2),
        );
        for stride in 1..5 {
            for padding in 0..5 {
                let expected = by_loops(&x, &kernel, stride, padding);
                let y = conv2d(&x, &kernel, stride, padding);
                assert_eq!(y.shape(), expected.shape());
                assert!((y - expected).iter().all(|error| error.abs() < 1e-13));
            }
        }
    }
}

/// Images with the channels last, as cameras give them, are as good as others.
#[test]
fn other_layouts() {
    let (x, kernel) = (images((2, 3, 5, 4), 0.3), images((2, 3, 2, 2), 0.4));
    let stored = x
        .view()
        .permuted_axes([0, 2, 3, 1])
        .as_standard_layout()
        .into_owned();
    let turned = stored.view().permuted_axes([0, 3, 1, 2]);
    let y = conv2d(&x, &kernel, 2, 1);
    let mut upside_down = kernel.view();
    upside_down.invert_axis(Axis(2));
    assert_eq!(conv2d(&turned, &kernel, 2, 1), y);
    assert_eq!(
        conv2d::vjp(&turned, &upside_down, 2, 1, y.clone()),
        conv2d::vjp(&x, &upside_down.as_standard_layout(), 2, 1, y)
    );
}

#[test]
fn what_nobody_reads_and_what_is_not_there() {
    let (x, kernel) = (images((1, 1, 3, 3), 0.5), images((1, 1, 2, 2), 0.6));
    let (y, pullback) = conv2d::pullback(&x, &kernel, 1, 0);
    let (mut unread, mut kernel_bar) = (Array4::zeros((0, 0, 0, 0)), Array4::zeros((1, 1, 2, 2)));
    pullback(y.clone(), &mut unread, &mut kernel_bar);
    assert_eq!(kernel_bar, conv2d::vjp(&x, &kernel, 1, 0, y).1.1);
    for (x, kernel) in [
        ((0, 1, 3, 3), (2, 1, 2, 2)),
        ((1, 0, 3, 3), (2, 0, 2, 2)),
        ((1, 1, 3, 3), (0, 1, 2, 2)),
    ] {
        let (x, kernel) = (Array4::<f64>::zeros(x), Array4::zeros(kernel));
        let y = Array4::zeros((x.dim().0, kernel.dim().0, 2, 2));
        assert_eq!(conv2d(&x, &kernel, 1, 0), y);
        assert_eq!(conv2d::vjp(&x, &kernel, 1, 0, y).1, (x, kernel));
    }
}

mod user {
    use ndarray::Array4;

    use crate::{differentiable, tensor};

    #[differentiable]
    pub fn block(x: &Array4<f64>, kernel: &Array4<f64>) -> f64 {
        let y: Array4<f64> = tensor::conv2d(x, kernel, 1, 1);
        let z: Array4<f64> = tensor::max_pool2d(&y, 2, 2);
        z.sum()
    }
}

#[test]
fn in_a_function() {
    let (x, kernel) = (images((2, 1, 4, 4), 0.7), images((2, 1, 3, 3), 0.8));
    let (_, kernel_bar) = user::block::grad(&x, &kernel);
    for (index, slope) in kernel_bar.indexed_iter() {
        let ends = [1e-6, -1e-6].map(|step| {
            let mut moved = kernel.clone();
            moved[index] += step;
            user::block(&x, &moved)
        });
        assert!(((ends[0] - ends[1]) / 2e-6 - slope).abs() < 1e-8);
    }
}

#[test]
#[should_panic(
    expected = "conv2d: the images have shape [2, 3, 5, 5] and the kernel [4, 2, 3, 3]; the 3 channels must meet as many"
)]
fn channels_that_do_not_meet() {
    conv2d(&images((2, 3, 5, 5), 0.1), &images((4, 2, 3, 3), 0.1), 1, 0);
}

#[test]
#[should_panic(
    expected = "conv2d: windows of shape [3, 3] do not fit into images of shape [2, 5], padding included"
)]
fn a_kernel_too_large() {
    conv2d(&images((1, 1, 2, 5), 0.1), &images((1, 1, 3, 3), 0.1), 1, 0);
}

#[test]
#[should_panic(expected = "conv2d: a stride of 0 does not get anywhere")]
fn no_stride() {
    conv2d(&images((1, 1, 2, 5), 0.1), &images((1, 1, 1, 1), 0.1), 0, 0);
}
