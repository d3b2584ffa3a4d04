//! Pooling of images: windows of each channel become one number.

use ndarray::{Array4, ArrayRef4, Dimension, Ix4};

use super::shape;
use super::window::Windows;
use crate::{Real, differentiable};

/// Where an element of an array of images is.
type Place = (usize, usize, usize, usize);

/// The largest number of each window of size × size, windows lying a stride apart:
/// y\[b, c, i, j\] = max x\[b, c, stride·i + u, stride·j + v\] over 0 ≤ u, v < size (Goodfellow, Bengio and Courville, *Deep
/// Learning*, 2016, section 9.3).
///
/// Shapes: `x` \[batch, channels, height, width\], `y` \[batch, channels, (height − size)/stride + 1, …\], rounded
/// down. The adjoint of a window goes to its largest number, to the first in rows if there are several.
/// A window with a NaN gives NaN.
///
/// # Panics
///
/// If the stride is 0, or the window is empty or larger than the image.
///
/// ```
/// use autodiff_runtime::tensor::max_pool2d;
/// use ndarray::Array4;
///
/// let image = Array4::from_shape_fn((1, 1, 4, 4), |(_, _, i, j)| (4 * i + j) as f64);
/// let pooled = max_pool2d(&image, 2, 2);
/// assert_eq!(pooled.flatten().to_vec(), [5.0, 7.0, 13.0, 15.0]);
/// ```
#[track_caller]
#[differentiable(vjp = max_pool2d_vjp, jvp = max_pool2d_jvp)]
pub fn max_pool2d<T: Real>(x: &ArrayRef4<T>, size: usize, stride: usize) -> Array4<T> {
    let shape = pooled("max_pool2d", x, size, stride);
    Array4::from_shape_fn(shape, |place| x[largest(x, window(place, size, stride))])
}

fn max_pool2d_vjp<T: Real>(
    x: &ArrayRef4<T>,
    size: usize,
    stride: usize,
    y_bar: Array4<T>,
    x_bar: &mut Array4<T>,
) {
    let shape = pooled("max_pool2d", x, size, stride);
    shape::expect_cotangent("max_pool2d", shape.slice(), y_bar.shape());
    if let Some(x_bar) = shape::read("max_pool2d", x, x_bar) {
        for (place, &y_bar) in y_bar.indexed_iter() {
            x_bar[largest(x, window(place, size, stride))] += y_bar;
        }
    }
}

fn max_pool2d_jvp<T: Real>(
    x: &ArrayRef4<T>,
    size: usize,
    stride: usize,
    x_dot: &Array4<T>,
) -> (Array4<T>, Array4<T>) {
    let y = max_pool2d(x, size, stride);
    let y_dot = match shape::moving("max_pool2d", x, x_dot) {
        Some(x_dot) => Array4::from_shape_fn(y.raw_dim(), |place| {
            x_dot[largest(x, window(place, size, stride))]
        }),
        None => Array4::zeros(y.raw_dim()),
    };
    (y, y_dot)
}

/// The first place with the largest number, or with a NaN.
fn largest<T: Real>(x: &ArrayRef4<T>, window: impl Iterator<Item = Place>) -> Place {
    let larger = |best: Place, place: Place| match x[place] > x[best] || x[place].is_nan() {
        true if !x[best].is_nan() => place,
        _ => best,
    };
    window.reduce(larger).expect("a window is not empty")
}

/// The mean of each window of size × size, windows lying a stride apart:
/// y\[b, c, i, j\] = Σ x\[b, c, stride·i + u, stride·j + v\]/size² over 0 ≤ u, v < size (LeCun, Bottou, Bengio and Haffner,
/// *Gradient-based learning applied to document recognition*, Proceedings of the IEEE, 1998: there with a factor and a
/// bias to learn).
///
/// Shapes as of [`max_pool2d()`]. The adjoint of a window is spread over it evenly.
///
/// # Panics
///
/// If the stride is 0, or the window is empty or larger than the image.
///
/// ```
/// use autodiff_runtime::tensor::avg_pool2d;
/// use ndarray::Array4;
///
/// let image = Array4::from_shape_fn((1, 1, 4, 4), |(_, _, i, j)| (4 * i + j) as f64);
/// let pooled = avg_pool2d(&image, 2, 2);
/// assert_eq!(pooled.flatten().to_vec(), [2.5, 4.5, 10.5, 12.5]);
/// ```
#[track_caller]
#[differentiable(vjp = avg_pool2d_vjp, jvp = avg_pool2d_jvp)]
pub fn avg_pool2d<T: Real>(x: &ArrayRef4<T>, size: usize, stride: usize) -> Array4<T> {
    let shape = pooled("avg_pool2d", x, size, stride);
    Array4::from_shape_fn(shape, |place| {
        let numbers = window(place, size, stride).map(|place| x[place]);
        numbers.sum::<T>() / area(size)
    })
}

fn avg_pool2d_vjp<T: Real>(
    x: &ArrayRef4<T>,
    size: usize,
    stride: usize,
    y_bar: Array4<T>,
    x_bar: &mut Array4<T>,
) {
    let shape = pooled("avg_pool2d", x, size, stride);
    shape::expect_cotangent("avg_pool2d", shape.slice(), y_bar.shape());
    if let Some(x_bar) = shape::read("avg_pool2d", x, x_bar) {
        for (place, &y_bar) in y_bar.indexed_iter() {
            for place in window(place, size, stride) {
                x_bar[place] += y_bar / area(size);
            }
        }
    }
}

fn avg_pool2d_jvp<T: Real>(
    x: &ArrayRef4<T>,
    size: usize,
    stride: usize,
    x_dot: &Array4<T>,
) -> (Array4<T>, Array4<T>) {
    let y = avg_pool2d(x, size, stride);
    let y_dot = match shape::moving("avg_pool2d", x, x_dot) {
        Some(x_dot) => avg_pool2d(x_dot, size, stride),
        None => Array4::zeros(y.raw_dim()),
    };
    (y, y_dot)
}

fn area<T: Real>(size: usize) -> T {
    T::from_f64((size * size) as f64)
}

/// The shape of the result.
#[track_caller]
fn pooled<T>(operation: &str, x: &ArrayRef4<T>, size: usize, stride: usize) -> Ix4 {
    let (batch, channels, height, width) = x.dim();
    let image = [channels, height, width];
    let [rows, columns] = Windows::new(operation, image, [size; 2], stride, 0).places;
    Ix4(batch, channels, rows, columns)
}

/// The places in `x` that a place of the result sees, row by row.
fn window(
    (image, channel, i, j): Place,
    size: usize,
    stride: usize,
) -> impl Iterator<Item = Place> {
    let (top, left) = (i * stride, j * stride);
    (top..top + size).flat_map(move |u| (left..left + size).map(move |v| (image, channel, u, v)))
}

#[cfg(test)]
mod tests;
