//! Functions with a mistake in them that rustc finds. What it says of those that end in `// once` is the same
//! with the attribute and without; the others get more sentences, on the same line or of the same call.
#![allow(dead_code, unused_variables, unused_mut)]

use autodiff_runtime::prelude::*;

#[derive(Clone, Copy, Debug, Differentiable)]
struct Pair {
    a: f64,
    b: f64,
}

#[differentiable]
fn first(x: &[f64]) -> f64 {
    x[0]
}

#[differentiable]
fn of_four<const N: usize>(x: [f64; N], y: f64) -> f64 {
    x[0] * y
}

#[differentiable]
fn a_number_as_a_condition(x: f64) -> f64 {
    if x { x } else { 2.0 * x } // once
}

#[differentiable]
fn a_count_as_a_condition(x: f64, n: usize) -> f64 {
    if n { x } else { 2.0 * x } // once
}

#[differentiable]
fn a_length_as_a_condition(x: &[f64]) -> f64 {
    if x.len() { x[0] } else { 2.0 } // once
}

#[differentiable]
fn while_a_count(x: f64, n: usize) -> f64 {
    let mut y = x;
    while n {
        y *= x;
    }
    y
}

#[differentiable]
fn text_and_number(x: f64, s: &str) -> f64 {
    if s == 3 { x } else { 2.0 * x }
}

#[differentiable]
fn count_and_text(x: f64, n: usize) -> f64 {
    if n == "a" { x } else { 2.0 * x } // once
}

#[differentiable]
fn compared_with_an_integer(x: f64) -> f64 {
    if x == 3 { x } else { 2.0 * x } // once
}

#[differentiable]
fn compared_with_a_count(x: f64, n: usize) -> f64 {
    if x < n { x } else { 1.0 } // once
}

#[differentiable]
fn a_flag_and_a_count(x: f64, n: usize) -> f64 {
    if n > 2 && n { x } else { 1.0 } // once
}

#[differentiable]
fn not_a_number(x: f64) -> f64 {
    if !x { x } else { 1.0 } // once
}

#[differentiable]
fn an_integer_as_the_result(x: f64) -> f64 {
    3 // once
}

#[differentiable]
fn a_flag_as_the_result(x: f64) -> f64 {
    x > 3.0
}

#[differentiable]
fn nothing_as_the_result(x: f64) -> f64 {
    let y = x;
}

#[differentiable]
fn arms_of_two_types(x: f64) -> f64 {
    if x > 3.0 { x } else { true }
}

#[differentiable]
fn times_a_count(x: f64, n: usize) -> f64 {
    x * n
}

#[differentiable]
fn plus_an_integer(x: f64) -> f64 {
    x + 1 // once
}

#[differentiable]
fn an_unknown_method(x: f64) -> f64 {
    x.sine()
}

#[differentiable]
fn an_unknown_field(p: Pair) -> f64 {
    p.c
}

#[differentiable]
fn a_field_too_many(x: f64) -> Pair {
    Pair { a: x, b: x, c: x }
}

#[differentiable]
fn a_field_too_few(x: f64) -> Pair {
    Pair { a: x } // once
}

#[differentiable]
fn a_number_for_a_slice(x: f64) -> f64 {
    first(x)
}

#[differentiable]
fn arguments_too_many(x: &[f64]) -> f64 {
    first(x, x)
}

#[differentiable]
fn a_wrong_length(x: [f64; 3]) -> f64 {
    of_four::<4>(x, x[0])
}

#[differentiable]
fn an_integer_for_a_float(x: f64) -> f64 {
    x.powf(2) // once
}

#[differentiable]
fn a_float_for_an_integer(x: f64) -> f64 {
    x.powi(2.0) // once
}

#[differentiable]
fn the_larger_of_two_types(x: f64) -> f64 {
    x.max(0) // once
}

#[differentiable]
fn indexed_by_an_integer(x: &[f64], #[constant] i: i32) -> f64 {
    x[i]
}

#[differentiable]
fn a_float_range(x: &[f64]) -> f64 {
    let y = &x[1.0..];
    y[0]
}

#[differentiable]
fn a_part_of_a_number(x: f64) -> f64 {
    x[0] // once
}

#[differentiable]
fn a_third_of_a_pair(x: f64) -> f64 {
    let t = (x, x);
    t.2 // once
}

#[differentiable]
fn three_of_a_pair(x: f64) -> f64 {
    let (a, b, c) = (x, x); // once
    a + b + c
}

#[differentiable]
fn three_of_two(x: f64) -> f64 {
    let [a, b, c] = [x, x]; // once
    a + b + c
}

#[differentiable]
fn another_length(x: f64) -> f64 {
    let a: [f64; 3] = [x, x]; // once
    a[0]
}

#[differentiable]
fn no_place_for_a_change(x: f64) -> f64 {
    let y = x;
    y += 1.0; // once
    y
}

#[differentiable]
fn moved_before(v: Vec<f64>) -> f64 {
    let w = v;
    w[0] + v[0] // once
}

#[differentiable]
fn over_a_number(x: f64, n: usize) -> f64 {
    let mut s = x;
    for _ in n {
        s += x;
    }
    s
}

#[differentiable]
fn over_a_range_of_floats(x: f64) -> f64 {
    let mut s = x;
    for _ in 0..2.5 { // once
        s += x;
    }
    s
}

#[differentiable]
fn pushed_to_a_slice(x: &mut [f64]) -> f64 {
    x.push(1.0);
    x[0]
}

#[differentiable]
fn returned_early(x: f64) -> f64 {
    if x > 2.0 {
        return 1;
    }
    x
}

#[differentiable]
fn a_cast_of_text(x: f64, s: &str) -> f64 {
    x * (s as f64)
}

#[differentiable]
fn a_match_with_a_hole(x: f64, n: usize) -> f64 {
    match n { // once
        0 => x,
        1 => 2.0 * x,
    }
}

#[differentiable]
fn a_match_of_another_type(x: f64, n: usize) -> f64 {
    match n {
        "a" => x, // once
        _ => 2.0 * x,
    }
}

#[differentiable]
fn of_any_type<T: Real>(x: T) -> T {
    x + 1.0 // once
}

#[differentiable]
impl Pair {
    fn without_a_method(&self, x: f64) -> f64 {
        self.missing(x)
    }
}
