//! Generated code in unfriendly surroundings: strict lints, a renamed runtime, other crates' types.
//! (`tests/pass` has the cases that need a crate of their own.)

#![deny(warnings, missing_docs, unsafe_code, unused_qualifications)]
#![deny(unreachable_pub, missing_debug_implementations, single_use_lifetimes)]
#![deny(elided_lifetimes_in_paths, trivial_casts, unused_results)]
#![deny(clippy::all, clippy::pedantic)]
// The functions under test are numerical; these two fight formulas in any crate.
#![allow(clippy::many_single_char_names, clippy::float_cmp)]

use autodiff_renamed::{Spring, cube, displaced, energy, generic};
use autodiff_runtime::prelude::*;

/// A function that a strict crate would write.
#[must_use]
#[differentiable]
fn strict(weights: &[f64; 2], x: f64, #[constant] scale: f64) -> f64 {
    let z = weights[0].mul_add(x, weights[1]);
    let unused_result = z.tanh() * scale;
    unused_result.powi(2) + z.exp().ln_1p()
}

/// A generic one.
#[must_use]
#[differentiable]
fn strict_generic<T: Real, const N: usize>(values: &[T; N], k: usize) -> (T, [T; 2]) {
    (values[0] * values[k], [values[k].sin(), T::from_f64(2.0)])
}

/// A struct of a strict crate.
#[derive(Clone, Debug, PartialEq, Differentiable)]
struct Line<T> {
    slope: T,
    start: [T; 2],
    count: usize,
}

/// A function of a struct.
#[differentiable]
fn at(line: &Line<f64>, t: f64) -> f64 {
    line.slope.mul_add(t, line.start[0])
}

/// Composition.
#[differentiable]
fn twice(line: &Line<f64>, t: f64) -> f64 {
    at(line, at(line, t)) * strict(&[1.0, t], t, 2.0)
}

/// Methods of a struct.
#[differentiable]
impl Line<f64> {
    /// A private one.
    fn height(&self, t: f64) -> f64 {
        self.slope.mul_add(t, self.start[1])
    }

    /// One that changes it.
    fn raise(&mut self, by: f64) -> f64 {
        self.start[1] += by;
        self.height(by)
    }
}

#[test]
fn methods_in_strict_and_in_other_crates() {
    let mut line = Line {
        slope: 2.0,
        start: [0.0, 1.0],
        count: 1,
    };
    assert_eq!(line.height_grad(3.0).1, 2.0);
    let mut line_bar = line.zero_gradient();
    let mut by_bar = 0.0;
    assert_eq!(line.raise_grad_into(1.0, &mut line_bar, &mut by_bar), 4.0);
    assert_eq!(by_bar, 3.0);
    let spring = Spring {
        stiffness: 3.0,
        rest: [0.0; 2],
        name: String::new(),
    };
    assert_eq!(spring.initial(), None);
    assert_eq!(spring.stretched_grad(2.0).1, 12.0);
}

#[test]
fn strict_lints_stay_quiet() {
    let (value, (by_weights, by_x)) = strict::value_and_grad(&[0.5, -1.0], 2.0, 3.0);
    assert_eq!(value.to_bits(), strict(&[0.5, -1.0], 2.0, 3.0).to_bits());
    // z = 0: d/dz is 9 · 2 tanh z (1 − tanh² z) + σ(z) = 1/2.
    assert_eq!((by_weights, by_x), ([1.0, 0.5], 0.25));

    let jacobian = strict_generic::vjp(&[2.0, 0.0], 1, (1.0, [1.0, 5.0])).1;
    assert_eq!(jacobian, [0.0, 3.0]);

    let line = Line {
        slope: 2.0,
        start: [1.0, 0.0],
        count: 3,
    };
    let (value, (by_line, by_t)) = twice::value_and_grad(&line, 0.5);
    assert_eq!(value.to_bits(), twice(&line, 0.5).to_bits());
    let step = 1e-6;
    let numeric = (twice(&line, 0.5 + step) - twice(&line, 0.5 - step)) / (2.0 * step);
    assert!((by_t - numeric).abs() < 1e-7 * numeric.abs());
    assert_eq!(by_line.start[1], 0.0);
    assert!(by_line.slope != 0.0 && line.count == 3);
}

#[test]
fn runtime_by_another_name() {
    let spring = Spring {
        stiffness: 2.0,
        rest: [1.0, 1.0],
        name: "s".to_owned(),
    };
    let (value, (by_spring, by_at)) = energy::value_and_grad(&spring, [1.0, 3.0]);
    assert_eq!(value.to_bits(), energy(&spring, [1.0, 3.0]).to_bits());
    assert_eq!((by_spring.stiffness, by_at), (2.0, [0.25, 4.0]));
    assert_eq!(by_spring.rest, [-0.25, -4.0]);
    assert_eq!(
        displaced::jacobian(&spring, [1.0, 3.0]).1,
        [[1.0, 0.0], [0.0, 1.0]]
    );
    assert_eq!(generic::grad(0.0_f64, &[3.0]), (3.5, vec![0.0]));
    assert_eq!(cube::jvp(2.0, 1.0), (8.0, 12.0));
    assert!(energy::GRAPH.nodes.len() > 4);
}
