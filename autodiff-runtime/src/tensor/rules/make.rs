//! Arrays made of numbers.

use ndarray::{Array, Dimension, IntoDimension, ShapeBuilder};

use crate::tensor::pool;
use crate::tensor::shape::expect_cotangent;
use crate::{Real, differentiable};

/// An array with the number everywhere.
#[differentiable(vjp = filled_vjp, jvp = filled_jvp)]
pub fn filled<T: Real, E: IntoDimension + Clone>(
    #[constant] shape: E,
    number: &T,
) -> Array<T, E::Dim>
where
    E::Dim: 'static,
{
    let mut filled = pool::array_of_any(shape.into_dimension());
    filled.fill(*number);
    filled
}

fn filled_vjp<T: Real, E: IntoDimension + Clone>(
    shape: E,
    _: &T,
    d: Array<T, E::Dim>,
    number_bar: &mut T,
) where
    E::Dim: 'static,
{
    expect_cotangent("`from_elem`", shape.into_dimension().slice(), d.shape());
    *number_bar += d.sum();
    pool::give_array(d);
}

fn filled_jvp<T: Real, E: IntoDimension + Clone>(
    shape: E,
    number: &T,
    number_dot: &T,
) -> (Array<T, E::Dim>, Array<T, E::Dim>)
where
    E::Dim: 'static,
{
    (filled(shape.clone(), number), filled(shape, number_dot))
}

/// An array of the shape with these numbers, as `Array::from_shape_vec(shape, numbers).unwrap()`.
///
/// # Panics
///
/// If there are not as many numbers.
#[track_caller]
#[differentiable(vjp = from_numbers_vjp, jvp = from_numbers_jvp)]
pub fn from_numbers<T: Real, E: IntoDimension + Clone>(
    #[constant] shape: E,
    numbers: &[T],
) -> Array<T, E::Dim>
where
    E::Dim: 'static,
{
    let shape = shape.into_dimension();
    match Array::from_shape_vec(shape.clone().into_shape_with_order(), numbers.to_vec()) {
        Ok(array) => array,
        Err(_) => panic!(
            "`from_shape_vec`: {} numbers do not fill an array of shape {:?}",
            numbers.len(),
            shape.slice()
        ),
    }
}

fn from_numbers_vjp<T: Real, E: IntoDimension + Clone>(
    shape: E,
    _: &[T],
    d: Array<T, E::Dim>,
    numbers_bar: &mut [T],
) where
    E::Dim: 'static,
{
    expect_cotangent(
        "an array of numbers",
        shape.into_dimension().slice(),
        d.shape(),
    );
    for (number_bar, &d) in numbers_bar.iter_mut().zip(&d) {
        *number_bar += d;
    }
    pool::give_array(d);
}

fn from_numbers_jvp<T: Real, E: IntoDimension + Clone>(
    shape: E,
    numbers: &[T],
    numbers_dot: &[T],
) -> (Array<T, E::Dim>, Array<T, E::Dim>)
where
    E::Dim: 'static,
{
    (
        from_numbers(shape.clone(), numbers),
        from_numbers(shape, numbers_dot),
    )
}
