use ndarray::{Array, Axis, Slice, arr1, arr2};

use super::*;
use crate::tensor::check::{check_reference, check_rule};

#[test]
fn rules_agree_with_differences_and_each_other() {
    check_rule!(matmul(a a_dot: (3, 4), b b_dot: (4, 2)));
    check_rule!(matmul(a a_dot: (1, 5), b b_dot: (5, 1)));
    check_rule!(affine(x x_dot: (5, 3), w w_dot: (3, 2), b b_dot: 2));
    check_rule!(outer(a a_dot: 3, b b_dot: 4));
}

#[test]
fn values_and_gradients_are_those_of_the_reference() {
    check_reference!("matmul", matmul(a: (3, 4), b: (4, 2)));
    check_reference!("outer", outer(a: 3, b: 4));
}

fn grid(rows: usize, columns: usize) -> Array2<f64> {
    Array::from_shape_fn((rows, columns), |(i, j)| (i * 7 + j * 3) as f64 % 5.0 - 2.0)
}

/// Operands may be views of any layout; the gradient has the shape of the view.
#[test]
fn views_are_operands_too() {
    let (w, x) = (grid(3, 4), grid(6, 8));
    let every_second = x.slice_axis(Axis(1), Slice::new(0, None, 2));
    let value = matmul(&w, &every_second.t());
    assert_eq!(value, w.dot(&every_second.t()));
    let (_, (w_bar, x_bar)) = matmul::vjp(&w, &every_second.t(), grid(3, 6));
    assert_eq!(w_bar, grid(3, 6).dot(&every_second));
    assert_eq!(x_bar, w.t().dot(&grid(3, 6)));
}

/// It is the sum that operators make of it, with the same gradient.
#[differentiable]
fn by_operators(x: &Array2<f64>, w: &Array2<f64>, b: &Array1<f64>, c: &Array2<f64>) -> f64 {
    let y: Array2<f64> = matmul(x, w);
    let y = y + b;
    (&y * c).sum()
}

#[test]
fn an_affine_map_is_a_product_and_a_sum() {
    let (x, w, b, c) = (grid(5, 3), grid(3, 2), arr1(&[1.0, 2.0]), grid(5, 2));
    let (value, (x_bar, w_bar, b_bar, _)) = by_operators::value_and_grad(&x, &w, &b, &c);
    let (y, bars) = affine::vjp(&x, &w, &b, c.clone());
    assert_eq!(((y * c).sum(), bars), (value, (x_bar, w_bar, b_bar)));
}

#[test]
#[should_panic(
    expected = "affine: the input has shape [5, 3], the matrix [3, 2] and the bias [3]; columns must meet as many rows, and numbers of the bias"
)]
fn a_bias_that_does_not_fit() {
    affine(&grid(5, 3), &grid(3, 2), &arr1(&[1.0, 2.0, 3.0]));
}

#[test]
fn what_nobody_reads_is_not_computed() {
    let (a, b) = (grid(3, 4), grid(4, 2));
    let (_, pullback) = matmul::pullback(&a, &b);
    let (mut unread, mut b_bar) = (Array2::zeros((0, 0)), Array2::zeros((4, 2)));
    pullback(grid(3, 2), &mut unread, &mut b_bar);
    assert_eq!((unread.len(), b_bar), (0, a.t().dot(&grid(3, 2))));
}

#[test]
fn lengths_of_zero() {
    let (a, b) = (Array2::<f64>::zeros((2, 0)), Array2::zeros((0, 3)));
    let (value, (a_bar, b_bar)) = matmul::vjp(&a, &b, grid(2, 3));
    assert_eq!((value, a_bar, b_bar), (Array2::zeros((2, 3)), a, b));
}

/// A rank-1 matrix: ∂/∂a of `xᵀ(a bᵀ)y` is (bᵀy)·x.
#[differentiable]
fn bilinear(a: &Array1<f64>, b: &Array1<f64>, x: &Array1<f64>, y: &Array1<f64>) -> f64 {
    let m: Array2<f64> = outer(a, b);
    x.dot(&m.dot(y))
}

#[test]
fn an_outer_product_in_a_function() {
    let (a, b) = (arr1(&[1.0, 2.0]), arr1(&[3.0, 5.0, 7.0]));
    let (x, y) = (arr1(&[2.0, -1.0]), arr1(&[1.0, 0.5, -1.0]));
    let (a_bar, b_bar, _, _) = bilinear::grad(&a, &b, &x, &y);
    assert_eq!(a_bar, &x * b.dot(&y));
    assert_eq!(b_bar, &y * a.dot(&x));
}

#[test]
#[should_panic(
    expected = "matmul: the left operand has shape [3, 4] and the right one [5, 2]; the 4 columns must meet as many rows"
)]
fn lengths_that_do_not_meet() {
    matmul(&grid(3, 4), &grid(5, 2));
}

#[test]
#[should_panic(expected = "`matmul`: the result has shape [3, 2], and its cotangent [2, 2]")]
fn an_adjoint_of_another_shape() {
    matmul::vjp(&grid(3, 4), &grid(4, 2), arr2(&[[1.0, 2.0], [3.0, 4.0]]));
}
