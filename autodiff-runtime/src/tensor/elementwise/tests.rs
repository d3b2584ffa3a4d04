use ndarray::{Array1, Array2, Array3, Axis, Slice, arr1};

use super::*;
use crate::tensor::check::{check_reference, check_rule, numbers};

/// The functions of one number.
mod number {
    use crate::differentiable;

    pub use crate::activation::{gelu, log_sigmoid, relu, sigmoid, silu, softplus, tanh};

    #[differentiable]
    pub fn exp(x: f64) -> f64 {
        x.exp()
    }
}

macro_rules! check_all {
    ($($name:ident)*) => {
        #[test]
        fn rules_agree_with_differences_and_each_other() {
            $(
                check_rule!($name(x x_dot: (2, 3)));
                check_rule!($name(x x_dot: (2, 2, 2)));
                check_rule!(by |x| 10.0 * x; $name(x x_dot: 5));
            )*
        }

        #[test]
        fn values_and_gradients_are_those_of_the_reference() {
            $(check_reference!(stringify!($name), $name(x: 12));)*
        }

        /// Against the functions of numbers, in tails and at the ends too.
        #[test]
        fn they_are_the_activations() {
            let mut at = numbers(200, 0.7);
            for (k, x) in at.iter_mut().enumerate() {
                *x *= 1.05_f64.powi(k as i32);
            }
            at.extend([0.0, -0.0, f64::INFINITY, f64::NEG_INFINITY]);
            let x = Array1::from_vec(at);
            $({
                let (y, x_bar) = $name::vjp(&x, Array1::ones(x.len()));
                for ((&x, y), x_bar) in x.iter().zip(y).zip(x_bar) {
                    let (expected, slope) = number::$name::value_and_grad(x);
                    assert_near(stringify!($name), x, y, expected);
                    assert_near(stringify!($name), x, x_bar, slope);
                }
                assert!($name(&arr1(&[f64::NAN]))[0].is_nan());
            })*
        }

        /// In single precision, too, and of views that have gaps.
        #[test]
        fn of_other_layouts() {
            let x = Array3::from_shape_vec((4, 3, 5), numbers(60, 0.2)).expect("as many").mapv(|x| x as f32);
            for x in [
                x.view(),
                x.view().reversed_axes(),
                x.slice_axis(Axis(2), Slice::new(0, None, 2)),
                x.slice_axis(Axis(1), Slice::new(0, None, -1)),
            ] {
                $(
                    let plain = x.as_standard_layout().into_owned();
                    assert_eq!($name(&x), $name(&plain));
                    let (_, x_bar) = $name::vjp(&x, plain.clone());
                    assert_eq!(x_bar, $name::vjp(&plain, plain.clone()).1);
                )*
            }
        }
    };
}

#[track_caller]
fn assert_near(name: &str, x: f64, found: f64, expected: f64) {
    // The slope of `tanh` of a number is 1 − y², whose tail has no digits.
    let least = if name == "tanh" {
        f64::EPSILON
    } else {
        f64::MIN_POSITIVE
    };
    assert!(
        found == expected || (found - expected).abs() <= 1e-13 * expected.abs() + least,
        "{name}({x:e}): {found:e}, not {expected:e}"
    );
}

check_all! { tanh sigmoid exp softplus log_sigmoid silu gelu relu }

#[test]
fn the_slope_of_tanh_has_a_tail() {
    let x_bar = tanh::vjp(&arr1(&[-20.0]), arr1(&[1.0])).1;
    let exact = 4.0 * (-40.0_f64).exp();
    assert!((x_bar[0] - exact).abs() < 1e-15 * exact);
}

#[test]
fn nothing_is_computed_for_what_nobody_reads() {
    let x = Array2::from_elem((2, 2), 0.5);
    let (_, pullback) = tanh::pullback(&x);
    let mut unread = Array2::zeros((0, 0));
    pullback(Array2::ones((2, 2)), &mut unread);
    assert!(unread.is_empty());
}

#[test]
fn an_adjoint_of_zero_stays_zero() {
    let x = arr1(&[f64::INFINITY]);
    assert_eq!(exp::vjp(&x, arr1(&[0.0])).1, arr1(&[0.0]));
}

/// A layer as users write it.
mod user {
    use ndarray::Array2;

    use crate::{differentiable, tensor};

    #[differentiable]
    pub fn layer(x: &Array2<f64>, w: &Array2<f64>) -> f64 {
        let h: Array2<f64> = tensor::tanh(&x.dot(w));
        h.sum()
    }
}

#[test]
fn in_a_function() {
    let x = Array2::from_shape_vec((3, 2), numbers(6, 0.3)).expect("as many");
    let w = Array2::from_shape_vec((2, 4), numbers(8, 0.4)).expect("as many");
    let (value, (_, w_bar)) = user::layer::value_and_grad(&x, &w);
    let slopes = tanh::vjp(&x.dot(&w), Array2::ones((3, 4))).1;
    assert_eq!(value, tanh(&x.dot(&w)).sum());
    assert!(
        (w_bar - x.t().dot(&slopes))
            .iter()
            .all(|error| error.abs() < 1e-15)
    );
}

#[test]
#[should_panic(expected = "`tanh`: the result has shape [3], and its cotangent [2]")]
fn an_adjoint_of_another_shape() {
    tanh::vjp(&arr1(&[1.0, 2.0, 3.0]), arr1(&[1.0, 2.0]));
}
