//! Convolution of images.

use ndarray::{Array2, Array4, ArrayRef4, ArrayView2, ArrayViewMut2};

use super::kernel::product;
use super::shape;
use super::window::Windows;
use crate::{Real, differentiable};

/// The cross-correlation of images with a kernel, as layers of neural networks have it:
/// `y[b, o, i, j] = Σ x[b, c, i·s + p − padding, j·s + q − padding] · kernel[o, c, p, q]` over channels c
/// and kernel rows and columns p, q, with stride s; outside of the image x is 0.
///
/// Shapes: `x` \[batch, channels, height, width\], `kernel` \[output channels, channels, rows, columns\], `y`
/// \[batch, output channels, (height + 2·padding − rows)/s + 1, …\], rounded down.
///
/// Each image becomes a matrix with a row per kernel element and a column per window (im2col; Chellapilla, Puri & Simard,
/// *High performance convolutional neural networks for document processing*, 2006), and value and
/// adjoints are products: `y = K·X`, `K̄ += ȳ·Xᵀ`, `X̄ = Kᵀ·ȳ`, which is added to `x̄` window by window.
///
/// # Panics
///
/// If the channels differ, the stride is 0, or the kernel is empty or larger than the padded image.
///
/// ```
/// use autodiff_runtime::tensor::conv2d;
/// use ndarray::Array4;
///
/// let image = Array4::from_shape_fn((1, 1, 3, 3), |(_, _, i, j)| (3 * i + j) as f64);
/// let edge = Array4::from_shape_vec((1, 1, 1, 2), vec![-1.0, 1.0]).unwrap();
/// assert_eq!(conv2d(&image, &edge, 1, 0), Array4::<f64>::ones((1, 1, 3, 2)));
/// assert_eq!(conv2d(&image, &edge, 2, 1).shape(), [1, 1, 3, 2]);
/// ```
#[track_caller]
#[differentiable(vjp = conv2d_vjp, jvp = conv2d_jvp)]
pub fn conv2d<T: Real>(
    x: &ArrayRef4<T>,
    kernel: &ArrayRef4<T>,
    stride: usize,
    padding: usize,
) -> Array4<T> {
    let windows = expect_fit(x, kernel, stride, padding);
    let mut y = Array4::zeros(result(x, kernel, &windows));
    add_conv2d(x, kernel, &windows, &mut y);
    y
}

fn conv2d_vjp<T: Real>(
    x: &ArrayRef4<T>,
    kernel: &ArrayRef4<T>,
    stride: usize,
    padding: usize,
    y_bar: Array4<T>,
    x_bar: &mut Array4<T>,
    kernel_bar: &mut Array4<T>,
) {
    let windows = expect_fit(x, kernel, stride, padding);
    let (batch, outputs, rows, columns) = result(x, kernel, &windows);
    shape::expect_cotangent("conv2d", &[batch, outputs, rows, columns], y_bar.shape());
    let y_bar = y_bar.as_standard_layout();
    let y_bar = y_bar.as_slice().expect("in standard layout");
    let (size, count) = (windows.size(), windows.count());
    let y_bars = || {
        y_bar
            .chunks_exact((outputs * count).max(1))
            .map(|own| matrix(own, outputs, count))
    };
    let mut patches = Array2::zeros((size, count));
    let one = T::one();
    if let Some(kernel_bar) = shape::read("conv2d", kernel, kernel_bar) {
        let x = x.as_standard_layout();
        let images = x
            .as_slice()
            .expect("in standard layout")
            .chunks_exact(windows.image());
        shape::in_order(kernel_bar, |kernel_bar| {
            for (image, y_bar) in images.zip(y_bars()) {
                windows.gather(image, &mut patches);
                let kernel_bar = matrix_mut(kernel_bar, outputs, size);
                product(one, y_bar, patches.t(), one, kernel_bar);
            }
        });
    }
    if let Some(x_bar) = shape::read("conv2d", x, x_bar) {
        let kernel = kernel.as_standard_layout();
        let kernel = matrix(
            kernel.as_slice().expect("in standard layout"),
            outputs,
            size,
        );
        shape::in_order(x_bar, |x_bar| {
            for (image_bar, y_bar) in x_bar.chunks_exact_mut(windows.image()).zip(y_bars()) {
                product(one, kernel.t(), y_bar, T::zero(), patches.view_mut());
                windows.scatter(&patches, image_bar);
            }
        });
    }
}

fn conv2d_jvp<T: Real>(
    x: &ArrayRef4<T>,
    kernel: &ArrayRef4<T>,
    stride: usize,
    padding: usize,
    x_dot: &Array4<T>,
    kernel_dot: &Array4<T>,
) -> (Array4<T>, Array4<T>) {
    let windows = expect_fit(x, kernel, stride, padding);
    let mut y_dot = Array4::zeros(result(x, kernel, &windows));
    if let Some(x_dot) = shape::moving("conv2d", x, x_dot) {
        add_conv2d(x_dot, kernel, &windows, &mut y_dot);
    }
    if let Some(kernel_dot) = shape::moving("conv2d", kernel, kernel_dot) {
        add_conv2d(x, kernel_dot, &windows, &mut y_dot);
    }
    (conv2d(x, kernel, stride, padding), y_dot)
}

/// `y += kernel ∗ x`, for `y` in standard layout.
fn add_conv2d<T: Real>(
    x: &ArrayRef4<T>,
    kernel: &ArrayRef4<T>,
    windows: &Windows,
    y: &mut Array4<T>,
) {
    let outputs = kernel.dim().0;
    let (size, count) = (windows.size(), windows.count());
    let kernel = kernel.as_standard_layout();
    let kernel = matrix(
        kernel.as_slice().expect("in standard layout"),
        outputs,
        size,
    );
    let x = x.as_standard_layout();
    let images = x
        .as_slice()
        .expect("in standard layout")
        .chunks_exact(windows.image());
    let mut patches = Array2::zeros((size, count));
    shape::in_order(y, |y| {
        for (image, y) in images.zip(y.chunks_exact_mut((outputs * count).max(1))) {
            windows.gather(image, &mut patches);
            let y = matrix_mut(y, outputs, count);
            product(T::one(), kernel, patches.view(), T::one(), y);
        }
    });
}

#[track_caller]
fn expect_fit<T>(
    x: &ArrayRef4<T>,
    kernel: &ArrayRef4<T>,
    stride: usize,
    padding: usize,
) -> Windows {
    let (_, channels, height, width) = x.dim();
    let (_, expected, rows, columns) = kernel.dim();
    assert!(
        channels == expected,
        "conv2d: the images have shape {:?} and the kernel {:?}; the {channels} channels must meet as many",
        x.shape(),
        kernel.shape()
    );
    Windows::new(
        "conv2d",
        [channels, height, width],
        [rows, columns],
        stride,
        padding,
    )
}

fn result<T>(
    x: &ArrayRef4<T>,
    kernel: &ArrayRef4<T>,
    windows: &Windows,
) -> (usize, usize, usize, usize) {
    let [rows, columns] = windows.places;
    (x.dim().0, kernel.dim().0, rows, columns)
}

fn matrix<T>(numbers: &[T], rows: usize, columns: usize) -> ArrayView2<'_, T> {
    ArrayView2::from_shape((rows, columns), numbers).expect("as many numbers as the matrix has")
}

fn matrix_mut<T>(numbers: &mut [T], rows: usize, columns: usize) -> ArrayViewMut2<'_, T> {
    ArrayViewMut2::from_shape((rows, columns), numbers).expect("as many numbers as the matrix has")
}

#[cfg(test)]
mod tests;
