use ndarray::{Array3, Array4, ShapeBuilder, arr2};

use super::*;
use crate::tensor::check::{check_reference, check_rule, numbers};
use crate::tensor::{matmul, outer};

#[test]
fn rules_agree_with_differences_and_each_other() {
    check_rule!(mode_product(x x_dot: (3, 4), m m_dot: (2, 3)); Axis(0));
    check_rule!(mode_product(x x_dot: (2, 3, 4), m m_dot: (5, 3)); Axis(1));
    check_rule!(mode_product(x x_dot: (2, 3, 4), m m_dot: (2, 4)); Axis(2));
    check_rule!(tensordot(a a_dot: (2, 3, 2), b b_dot: (3, 4)); &[(Axis(1), Axis(0))]);
    check_rule!(tensordot(a a_dot: (2, 3, 4), b b_dot: (4, 2, 5)); &[(Axis(2), Axis(0)), (Axis(0), Axis(1))]);
    check_rule!(tensordot(a a_dot: (2, 3), b b_dot: (3, 2)); &[(Axis(0), Axis(1)), (Axis(1), Axis(0))]);
    check_rule!(tensordot(a a_dot: 3, b b_dot: (2, 2)); &[]);
}

#[test]
fn values_and_gradients_are_those_of_the_reference() {
    check_reference!("mode_product", mode_product(x: (2, 3, 2), m: (4, 3)); Axis(1));
    check_reference!("tensordot", tensordot(a: (2, 3, 2), b: (3, 4)); &[(Axis(1), Axis(0))]);
}

fn cube(a: usize, b: usize, c: usize) -> Array3<f64> {
    Array3::from_shape_vec((a, b, c), numbers(a * b * c, 0.4)).expect("as many numbers")
}

/// C[m, r, k] = Σₙ A[m, n, r]·B[n, k] by loops, with every order of A's axes in memory.
#[test]
fn every_layout_gives_what_loops_give() {
    let b = cube(1, 3, 4).remove_axis(Axis(0));
    let plain = cube(2, 3, 5);
    for order in [
        [0, 1, 2],
        [0, 2, 1],
        [1, 0, 2],
        [1, 2, 0],
        [2, 0, 1],
        [2, 1, 0],
    ] {
        // The same array, whose axes lie in this order.
        let stored = plain
            .view()
            .permuted_axes(order)
            .as_standard_layout()
            .into_owned();
        let mut back = [0; 3];
        (0..3).for_each(|k| back[order[k]] = k);
        let a = stored.permuted_axes(back);
        assert_eq!(a, plain);
        let c = tensordot(&a, &b, &[(Axis(1), Axis(0))]);
        let c_bar = cube(2, 5, 4).into_dyn();
        let mut a_bar = Array3::zeros(a.raw_dim());
        let mut b_bar = Array2::zeros((3, 4).set_f(order[0] == 1));
        let (_, pullback) = tensordot::pullback(&a, &b, &[(Axis(1), Axis(0))]);
        pullback(c_bar.clone(), &mut a_bar, &mut b_bar);
        for ((m, n, r), a_bar) in a_bar.indexed_iter() {
            let sum: f64 = (0..4).map(|k| c_bar[[m, r, k]] * b[[n, k]]).sum();
            assert!((a_bar - sum).abs() < 1e-14);
        }
        for ((n, k), b_bar) in b_bar.indexed_iter() {
            let pairs = (0..2).flat_map(|m| (0..5).map(move |r| (m, r)));
            let sum: f64 = pairs.map(|(m, r)| c_bar[[m, r, k]] * a[[m, n, r]]).sum();
            assert!((b_bar - sum).abs() < 1e-13);
        }
        for m in 0..2 {
            for r in 0..5 {
                for k in 0..4 {
                    let sum: f64 = (0..3).map(|n| a[[m, n, r]] * b[[n, k]]).sum();
                    assert!((c[[m, r, k]] - sum).abs() < 1e-14);
                }
            }
        }
    }
}

#[test]
fn known_products_are_special_cases() {
    let (a, b) = (
        cube(1, 3, 4).remove_axis(Axis(0)),
        cube(1, 4, 2).remove_axis(Axis(0)),
    );
    assert_eq!(
        tensordot(&a, &b, &[(Axis(1), Axis(0))]),
        matmul(&a, &b).into_dyn()
    );
    let x = cube(1, 3, 4);
    assert_eq!(
        mode_product(&a, &b.t(), Axis(1)),
        mode_product(&x, &b.t(), Axis(2)).remove_axis(Axis(0))
    );
    assert_eq!(mode_product(&a, &b.t(), Axis(1)), matmul(&a, &b));
    let (u, v) = (a.row(0), b.column(0));
    assert_eq!(tensordot(&u, &v, &[]), outer(&u, &v).into_dyn());
}

/// A function that is differentiated by both modes, with constants that are expressions.
#[differentiable]
fn compressed(x: &Array3<f64>, m: &Array2<f64>) -> f64 {
    let y: Array3<f64> = mode_product(x, m, Axis(1));
    (&y * &y).sum()
}

#[test]
fn a_mode_product_in_a_function() {
    let (x, m) = (cube(2, 3, 2), arr2(&[[1.0, 2.0, 3.0]]));
    let (value, (x_bar, _)) = compressed::value_and_grad(&x, &m);
    let y = mode_product(&x, &m, Axis(1));
    assert_eq!(value, (&y * &y).sum());
    assert_eq!(x_bar, mode_product(&(2.0 * &y), &m.t(), Axis(1)));
}

#[test]
fn lengths_of_zero() {
    let x = Array4::<f64>::zeros((2, 0, 3, 0));
    let m = Array2::zeros((4, 0));
    let y = Array4::zeros((2, 4, 3, 0));
    assert_eq!(mode_product(&x, &m, Axis(1)), y);
    let (_, (x_bar, m_bar)) = mode_product::vjp(&x, &m, Axis(1), y);
    assert_eq!((x_bar, m_bar), (x, m));
    assert_eq!(
        mode_product(
            &Array3::<f64>::zeros((2, 0, 1)),
            &Array2::zeros((3, 0)),
            Axis(1)
        ),
        Array3::<f64>::zeros((2, 3, 1))
    );
}

#[test]
#[should_panic(
    expected = "mode_product: the array has shape [2, 3, 4] and the matrix [3, 4]; its 4 columns must meet the length 3 of axis 1"
)]
fn a_matrix_that_does_not_fit() {
    mode_product(&cube(2, 3, 4), &Array2::zeros((3, 4)), Axis(1));
}

#[test]
#[should_panic(expected = "mode_product: there is no axis 3 in an array of shape [2, 3, 4]")]
fn an_axis_that_is_not_there() {
    mode_product(&cube(2, 3, 4), &Array2::zeros((3, 4)), Axis(3));
}

#[test]
#[should_panic(
    expected = "tensordot: the left operand has shape [2, 3, 4] and the right one [2, 3, 4]; axis 1 of length 3 cannot meet axis 2 of length 4"
)]
fn lengths_that_do_not_meet() {
    tensordot(
        &cube(2, 3, 4),
        &cube(2, 3, 4),
        &[(Axis(0), Axis(0)), (Axis(1), Axis(2))],
    );
}

#[test]
#[should_panic(expected = "tensordot: axis 1 of an array of shape [2, 3, 3] occurs twice")]
fn an_axis_that_occurs_twice() {
    tensordot(
        &cube(2, 3, 3),
        &cube(2, 3, 3),
        &[(Axis(1), Axis(1)), (Axis(1), Axis(2))],
    );
}
