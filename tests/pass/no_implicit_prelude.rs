//! Nothing of the standard prelude is in scope, and every name it has means something else.

#![no_implicit_prelude]
#![allow(dead_code, non_camel_case_types)]

pub struct Option;
pub struct Some;
pub struct None;
pub struct Result;
pub struct Vec;
pub struct Box;
pub struct String;
pub trait Fn {}
pub trait Clone {}
pub trait Copy {}
pub trait Default {}
pub trait Sized {}
pub trait Differentiable {}
pub trait Gradient {}
pub mod core {}
pub mod std {}
pub mod alloc {}

macro_rules! vec {
    () => {};
}
macro_rules! assert {
    () => {};
}

#[derive(::autodiff_runtime::Differentiable)]
struct Point<T> {
    x: T,
    y: T,
    name: &'static str,
    label: ::std::string::String,
    rest: ::std::vec::Vec<f64>,
}

#[::autodiff_runtime::differentiable]
fn scalar(x: f64, y: &f64) -> f64 {
    let z = x.exp() * y.powi(3) + (x / *y).tanh();
    z.sqrt().max(0.5) * ::autodiff_runtime::prelude::sigmoid(x)
}

#[::autodiff_runtime::differentiable]
fn array<T: ::autodiff_runtime::Real, const N: usize>(v: [T; N], w: &[T]) -> [T; 2] {
    [v[0] * w[1] + v[N - 1], T::from_f64(2.0) * w[0]]
}

#[::autodiff_runtime::differentiable]
fn point(p: &Point<f64>, k: usize) -> f64 {
    p.x * p.rest[k] - p.y
}

#[::autodiff_runtime::differentiable]
fn composed(x: f64) -> f64 {
    let [a, b] = array([x, 2.0 * x], &[x, 3.0]);
    scalar(a, &b)
}

#[::core::prelude::v1::test]
fn unused() {}

fn main() {
    let (value, _) = scalar::value_and_grad(1.0, &2.0);
    ::std::assert_eq!(value, scalar(1.0, &2.0));
    let p = Point {
        x: 2.0,
        y: 3.0,
        name: "",
        label: ::std::string::String::new(),
        rest: ::std::vec![5.0, 7.0],
    };
    let (value, gradient) = point::value_and_grad(&p, 1);
    ::std::assert_eq!((value, gradient.x, gradient.y), (11.0, 7.0, -1.0));
    ::std::assert_eq!(gradient.rest, [0.0, 2.0]);
    ::std::assert_eq!(
        array::jacobian([1.0, 2.0], &[3.0, 4.0]).0,
        [[4.0, 1.0], [0.0, 0.0]]
    );
    let (value, slope) = composed::value_and_grad(0.5);
    let step = 1e-6;
    let numeric = (composed(0.5 + step) - composed(0.5 - step)) / (2.0 * step);
    ::std::assert!((slope - numeric).abs() < 1e-6 && value == composed(0.5));
    let trace = scalar::trace(1.0, &2.0);
    ::std::assert!(trace.output() == scalar(1.0, &2.0));
}
