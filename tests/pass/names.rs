//! Names that collide with generated ones, and names that only differ in hygiene.

use autodiff_runtime::prelude::*;

#[differentiable]
fn like_generated(
    value: f64,
    split: f64,
    leaves: f64,
    out_bar: f64,
    value_bar: f64,
    t1: f64,
    pullback: f64,
    value_dot: f64,
) -> f64 {
    let x_bar = value * split;
    let t2 = leaves * out_bar * x_bar;
    let bar0 = value_bar * t1 + t2;
    bar0 * pullback * value_dot
}

#[differentiable]
fn by_reference(value: &f64, split: &[f64; 2], pullback: &f64) -> [f64; 2] {
    [*value * split[0], *pullback * split[1]]
}

#[differentiable]
fn numbered((a, b): (f64, f64), arg0: f64, [c, d]: [f64; 2], _: f64) -> f64 {
    a * b * arg0 + c * d
}

#[differentiable]
fn raw(r#type: f64, r#fn: f64) -> f64 {
    let r#match = r#type * r#fn;
    println!("{type} {match}");
    r#match * r#type
}

#[differentiable]
fn grad(grad: f64) -> f64 {
    let jvp = grad * grad;
    jvp * grad
}

fn table(tens: usize, ones: usize) -> f64 {
    (10 * tens + ones) as f64
}

// The macro's `x` and `k` are other variables than the caller's.
macro_rules! define {
    ($name:ident, $x:ident, $k:ident, $sum:expr, $index:expr, $negative:literal) => {
        #[differentiable]
        fn $name($x: f64, $k: usize) -> f64 {
            let x = 3.0 * $sum;
            let k = 7usize;
            let y = x * $sum * $x;
            y - x + $x * table($index * 2, k) + $negative.powi(2) * $x
        }
    };
}

define!(by_macro, x, k, x + 1.0, k + 1, -2.0_f64);

macro_rules! define_with_types {
    ($(#[$meta:meta])* $vis:vis $name:ident($($arg:ident: $ty:ty),*) -> $out:ty $body:block) => {
        $(#[$meta])*
        #[differentiable]
        $vis fn $name($($arg: $ty),*) -> $out $body
    };
}

define_with_types! {
    /// Documented.
    #[must_use]
    pub(crate) typed(a: f64, b: &[f64; 2]) -> f64 {
        a * b[0] + b[1]
    }
}

fn main() {
    let (value, gradient) = like_generated::value_and_grad(1., 2., 3., 4., 5., 6., 7., 8.);
    assert_eq!(value, like_generated(1., 2., 3., 4., 5., 6., 7., 8.));
    assert_eq!(gradient, (1344., 672., 448., 336., 336., 280., 432., 378.));
    assert_eq!(
        like_generated::trace(1., 2., 3., 4., 5., 6., 7., 8.).output(),
        value
    );

    let jacobian = by_reference::jacobian(&1., &[2., 3.], &4.);
    assert_eq!(jacobian, ([2., 0.], [[1., 0.], [0., 4.]], [0., 3.]));
    let (_, pull) = by_reference::pullback(&1., &[2., 3.], &4.);
    let (mut by_value, mut by_split, mut by_pullback) = (0., [0.; 2], 0.);
    pull([1., 10.], &mut by_value, &mut by_split, &mut by_pullback);
    pull([1., 0.], &mut by_value, &mut by_split, &mut by_pullback);
    assert_eq!((by_value, by_split, by_pullback), (4., [2., 40.], 30.));

    let (value, gradient) = numbered::value_and_grad((1., 2.), 3., [4., 5.], 6.);
    assert_eq!((value, gradient), (26., ((6., 3.), 2., [5., 4.], 0.)));
    assert_eq!(raw::value_and_grad(2., 3.), (12., (12., 4.)));
    assert_eq!(grad::grad(2.), 12.);

    let (value, slope) = by_macro::value_and_grad(2., 3);
    assert_eq!(value, 45. + 174. + 8.);
    assert_eq!(value, by_macro(2., 3));
    assert_eq!(slope, 60. + 87. + 4.);
    assert_eq!(typed::grad(2., &[3., 4.]), (3., [2., 1.]));
}
