//! What random programs (`tests/programs`) have found, made small: each was wrong, or did not compile. Here forward
//! and reverse mode are held against the derivative by hand.

// As random programs are written.
#![allow(unused_mut, unused_variables, clippy::all)]

use autodiff_runtime::prelude::*;

#[derive(Clone, Debug, Default, PartialEq, Differentiable)]
struct Point {
    x: f64,
    y: f64,
}

#[derive(Clone, Debug, Differentiable)]
struct List {
    entries: Vec<f64>,
}

#[derive(Clone, Debug, Differentiable)]
struct Holder {
    list: List,
    scale: f64,
}

#[differentiable]
fn smoothed(v: &mut [f64], k: f64) {
    for i in 1..v.len() {
        v[i] = 0.5 * v[i - 1] + k * v[i];
    }
}

#[differentiable]
fn scaled(v: &[f64; 3], k: f64) -> [f64; 3] {
    [v[0] * k, v[1] + k, v[2] * v[0]]
}

#[differentiable]
fn squares(v: &[f64]) -> f64 {
    let mut s = 0.0;
    for x in v {
        s += x * x;
    }
    s
}

#[differentiable]
fn pushed(p: &mut Point, k: f64) -> f64 {
    p.x += k * p.y;
    p.x * p.y
}

#[differentiable]
fn bumped(x: &mut f64, k: f64) {
    *x *= k;
}

/// `value_and_grad` and `jvp` of a function of one number.
macro_rules! slopes {
    ($function:ident($x:expr $(, $more:expr)*)) => {{
        let (value, slope) = $function::value_and_grad($x $(, $more)*);
        assert_eq!(value.to_bits(), $function($x $(, $more)*).to_bits());
        assert_eq!($function::jvp($x $(, $more)*, 1.0), (value, slope));
        slope
    }};
}

/// What was read before a call that changes the rest: its tangent was read after the call.
#[differentiable]
fn read_before(x: f64) -> f64 {
    let mut a = [x, x, x];
    let m = [[x, x], [x, a[1]]];
    smoothed(&mut a, x);
    m[1][1] + 0.0 * a[0]
}

#[test]
fn a_tangent_is_read_when_its_value_is() {
    assert_eq!(slopes!(read_before(0.5)), 1.0);
}

/// An element of which the type is seen at one of its uses only: the vector program did not compile.
#[differentiable]
fn elements(x: f64, y: f64) -> Vec<f64> {
    let t = (x, y);
    let a = scaled(&[0.3, 0.5, 0.7], x);
    let u = (x, a[2]);
    vec![a[1] / (2.0 + a[2].sin()), u.0 * t.1]
}

#[test]
fn equal_elements_have_one_type() {
    let (value, (by_x, by_y)) = elements::value_and_jacobian(2.0, 3.0);
    assert_eq!(value, elements(2.0, 3.0));
    assert_eq!((by_x[1], by_y[1]), (3.0, 2.0));
    assert!((by_x[0] - 1.0 / (2.0 + 0.21_f64.sin())).abs() < 1e-15);
}

/// The slope is the same in all iterations: it was defined twice before the loops.
#[differentiable]
fn constant_slope(mut x: f64, k: f64, n: usize) -> (f64, f64) {
    for _ in 0..n {
        x += sigmoid(k);
    }
    (x, x)
}

#[test]
fn what_a_tape_keeps_stays_in_its_loop() {
    let (_, (x_bar, k_bar)) = constant_slope::vjp(1.0, 0.0, 3, (1.0, 2.0));
    assert_eq!((x_bar, k_bar), (3.0, 3.0 * 3.0 * 0.25));
}

/// A slice of what a branch computes: it was to be kept as a value.
#[differentiable]
fn slice_in_an_arm(x: f64, mut p: Point) -> f64 {
    let k = pushed(&mut p, x);
    if x > 2.0 {
        return x;
    }
    let m = [[x, x], [relu(k), p.x]];
    p.x += squares(&m[1][0..]);
    p.x
}

#[test]
fn a_slice_is_cut_again() {
    // p.x + (p.x·p.y)² + p.x², with p.x = 1 + 2x and p.y = 2.
    let p = Point { x: 1.0, y: 2.0 };
    let (value, (slope, _)) = slice_in_an_arm::value_and_grad(1.0, p);
    assert_eq!((value, slope), (48.0, 2.0 + 48.0 + 12.0));
}

/// The result of a call may be an array, though slices are taken of it: its adjoint was a vector.
#[differentiable]
fn slices_of_a_result(x: f64) -> f64 {
    let mut a = scaled(&[1.0, 2.0, 3.0], x);
    let mut s = squares(&a[..2]);
    for w in a[1..].windows(2) {
        s += w[0] * w[1];
    }
    a[1..][0] = x * s;
    smoothed(&mut a[..2], x);
    a[1]
}

#[test]
fn a_slice_of_an_unknown_whole_says_nothing_of_it() {
    // s = x² + (2 + x)² + 3 (2 + x), and the result x/2 + x² s.
    let x = 1.0;
    let s = x * x + (2.0 + x) * (2.0 + x) + 3.0 * (2.0 + x);
    let slope = 2.0 * x + 2.0 * (2.0 + x) + 3.0;
    assert_eq!(
        slopes!(slices_of_a_result(x)),
        0.5 + 2.0 * x * s + x * x * slope
    );
}

/// A part under a name, of which the reverse needs the length: the pullback held on to the reference.
#[differentiable]
fn named_part(x: f64, rows: &[[f64; 2]]) -> f64 {
    let row = |v: &[f64], k: f64| v.iter().map(|u| u * k).sum::<f64>();
    let s = row(&rows[1], x);
    if x > 9.0 {
        return s;
    }
    let p = rows[1].iter().map(|u| 1.0 + u).product::<f64>();
    p * s
}

#[test]
fn a_pullback_borrows_anew() {
    let (value, pull) = named_part::pullback(2.0, &[[0.0; 2], [1.0, 3.0]]);
    let (mut x_bar, mut rows_bar) = (0.0, [[0.0; 2]; 2]);
    pull(1.0, &mut x_bar, &mut rows_bar);
    assert_eq!((value, x_bar), (64.0, 32.0));
    assert_eq!(rows_bar, [[0.0; 2], [4.0 * 8.0 + 16.0, 2.0 * 8.0 + 16.0]]);
}

/// A mutable reference to a number, handed on bare.
#[differentiable]
fn handed_on(x: &mut f64, k: f64) -> f64 {
    bumped(x, k);
    bumped(x, 2.0 * k);
    *x
}

#[test]
fn a_mutable_number_is_lent_again() {
    let mut x = 3.0;
    let (value, (x_bar, k_bar)) = handed_on::value_and_grad(&mut x, 0.5);
    assert_eq!((value, x_bar, k_bar), (1.5, 0.5, 6.0));
    assert_eq!(x, 1.5);
}

/// A field that gets a struct of another shape: the reverse indexed out of bounds.
#[differentiable]
fn replaced(mut q: Holder, x: f64) -> f64 {
    let s = q.list.entries[1] * x;
    q.list = List {
        entries: vec![s * q.scale],
    };
    q.list.entries[0] * s
}

#[test]
fn an_adjoint_gets_its_shape_back() {
    let list = List {
        entries: vec![1.0, 2.0],
    };
    let q = Holder { list, scale: 3.0 };
    let (value, (q_bar, x_bar)) = replaced::value_and_grad(q, 0.5);
    assert_eq!((value, x_bar), (3.0, 12.0));
    assert_eq!((q_bar.list.entries, q_bar.scale), (vec![0.0, 3.0], 1.0));
}

/// Jumps that end inside of what is kept as written.
#[differentiable]
fn own_jumps(x: f64, k: usize) -> f64 {
    let flag = 'found: {
        if k > 2 {
            break 'found true;
        }
        k == 1
    };
    let place = 'outer: loop {
        for i in 0..9 {
            if i * i > k {
                break 'outer i;
            }
        }
        break 'outer 3;
    };
    if flag { x * place as f64 } else { x }
}

#[test]
fn jumps_inside_of_kept_code_are_its_own() {
    assert_eq!(slopes!(own_jumps(2.0, 4)), 3.0);
    assert_eq!(own_jumps::grad(2.0, 0), 1.0);
}

/// What an arm hands out is used in its reverse, and so is what is computed of it: the condition.
#[differentiable]
fn handed_out(mut x: f64, q: f64, p: f64) -> f64 {
    let mut s = x;
    if q > 0.45 {
        x /= 1.5 + q;
        for i in 0..2 {
            let mut n = 0usize;
            let y = loop {
                n += 1;
                if n > 3 {
                    break q;
                }
                if x < -0.3 {
                    break p;
                }
            };
            s *= y;
        }
    }
    x * s
}

#[test]
fn conditions_of_what_an_arm_hands_out() {
    // x² q² / (1.5 + q), or p in place of the second q.
    assert_eq!(handed_out::grad(2.0, 0.5, 7.0), (0.5, 2.0 - 0.25, 0.0));
    assert_eq!(handed_out::grad(-2.0, 0.5, 2.0), (-8.0, -4.0, 8.0));
    assert_eq!(handed_out::grad(2.0, 0.25, 7.0), (4.0, 0.0, 0.0));
}

#[differentiable]
fn shaped(x: f64, #[constant] shape: &str) -> f64 {
    if shape == "square" { x * x } else { x.sin() }
}

/// A literal text is a reference, when it is compared and when it is an argument.
#[differentiable]
fn by_name(x: &[f64]) -> f64 {
    let mut sum = shaped(x[0], "sine");
    for i in 1..x.len() {
        sum += shaped(x[i], "square") * x[0];
    }
    sum
}

#[test]
fn texts_are_compared_and_passed_on() {
    let slope = 0.5f64.cos() + 4.0;
    assert_eq!(by_name::grad(&[0.5, 2.0]), [slope, 2.0]);
    assert_eq!(by_name::jvp(&[0.5, 2.0], &[1.0, 0.0]).1, slope);
}

#[differentiable]
fn pulled(p: &Point, k: f64) -> f64 {
    (p.x * p.y * k).sin() + p.y
}

/// What is taken out of a tuple is what was put in, also when the place it came from has changed.
#[differentiable]
fn kept_in_a_tuple(p: &mut Point, y: f64) -> f64 {
    let (twice, before) = (2.0 * y, p.y);
    p.y = twice;
    pulled(&*p, before)
}

#[test]
fn parts_of_tuples_are_read_when_the_tuple_is_made() {
    let point = Point { x: 0.5, y: 0.25 };
    // sin(p.x · 2y · p.y) + 2y
    let value = 0.25f64.sin() + 2.0;
    assert_eq!(kept_in_a_tuple(&mut point.clone(), 1.0), value);
    let mut dot = PointGradient { x: 0.0, y: 1.0 };
    let (forward, tangent) = kept_in_a_tuple::jvp(&mut point.clone(), 1.0, &mut dot, 0.0);
    assert_eq!((forward, tangent), (value, 0.25f64.cos()));
    let (at_point, by_y) = kept_in_a_tuple::grad(&mut point.clone(), 1.0);
    assert_eq!(at_point.y, 0.25f64.cos());
    assert_eq!(by_y, 0.25 * 0.25f64.cos() + 2.0);
}

#[differentiable]
fn sine(x: f64) -> f64 {
    x.sin()
}

/// The last call is behind a loop that runs with its reverse, so its cotangent is known when it is called.
#[differentiable]
fn counted_then_called(x: f64, sum: &mut f64) -> f64 {
    for _ in 0..3 {
        *sum += x;
    }
    sine(x)
}

#[test]
fn a_call_that_meets_its_cotangent_may_be_the_result() {
    let (value, slopes) = counted_then_called::value_and_grad(0.5, &mut 1.0);
    assert_eq!((value, slopes), (0.5f64.sin(), (0.5f64.cos(), 0.0)));
    let (mut by_x, mut by_sum) = (0.0, 1.0);
    counted_then_called::grad_into(0.5, &mut 1.0, &mut by_x, &mut by_sum);
    assert_eq!((by_x, by_sum), (3.0 + 0.5f64.cos(), 1.0));
}
