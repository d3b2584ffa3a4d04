//! Control flow in generic functions: `T: Real` in both precisions, const generics, `where` clauses,
//! lifetimes.
#![allow(
    clippy::needless_range_loop,
    clippy::assign_op_pattern,
    reason = "generic functions are written in every way that users write them"
)]

use autodiff_runtime::prelude::*;
use autodiff_tests::derivatives::{assert_near, assert_near_single};
use autodiff_tests::points::Points;
use autodiff_tests::{check, check_at_kink};

/// The numbers in single precision.
fn single<const N: usize>(x: [f64; N]) -> [f32; N] {
    x.map(|x| x as f32)
}

fn singles(x: &[f64]) -> Vec<f32> {
    x.iter().map(|x| *x as f32).collect()
}

// ---------------------------------------------------------------------------------------- T: Real

#[differentiable]
fn magnitude<T: Real>(x: T) -> T {
    if x > T::from_f64(0.0) { x } else { -x }
}

#[test]
fn a_branch() {
    assert_near(check!(magnitude(1.5)), 1.0);
    assert_near(check!(magnitude(-1.5)), -1.0);
    assert_near(check!(magnitude(-1.5_f32)), -1.0_f32);
    assert_near(check_at_kink!(magnitude(0.0)), -1.0);
}

#[differentiable]
fn power<T: Real>(x: T, n: usize) -> T {
    let mut result = T::from_f64(1.0);
    for _ in 0..n {
        result *= x;
    }
    result
}

#[test]
fn a_loop() {
    assert_near(check!(power(1.5, const 4)), 4.0 * 1.5_f64.powi(3));
    assert_near_single(check!(power(1.5_f32, const 4)), 4.0 * 1.5_f32.powi(3));
    assert_near(check!(power(1.5_f32, const 0)), 0.0_f32);
}

#[differentiable]
fn sum_of_squares<T: Real>(x: &[T], k: T) -> T {
    let mut total = T::from_f64(0.0);
    for v in x {
        total += *v * *v * k;
    }
    total
}

#[test]
fn a_slice() {
    let x = vec![1.0, -2.0, 3.0];
    assert_near(check!(sum_of_squares(&x, 0.5)), ([1.0, -2.0, 3.0], 14.0));
    assert_near(
        check!(sum_of_squares(&singles(&x), 0.5)),
        ([1.0_f32, -2.0, 3.0], 14.0_f32),
    );
    assert_near(check!(sum_of_squares(&Vec::<f32>::new(), 0.5)), ((), 0.0));
}

#[differentiable]
fn horner<T: Real>(c: &[T], x: T) -> T {
    c.iter()
        .rev()
        .fold(T::from_f64(0.0), |value, c| value * x + *c)
}

#[test]
fn a_fold() {
    let (c, x) = (vec![1.0, 2.0, 3.0], 0.5);
    assert_near(check!(horner(&c, x)), ([1.0, 0.5, 0.25], 5.0));
    assert_near_single(check!(horner(&singles(&c), 0.5)), ([1.0, 0.5, 0.25], 5.0));
}

#[differentiable]
fn root<T: Real>(a: T) -> T {
    let half = T::from_f64(0.5);
    let mut y = a;
    let mut trips = 0;
    loop {
        let next = half * (y + a / y);
        trips += 1;
        if trips == 30 || (next - y).abs() < T::from_f64(1e-9) {
            break next;
        }
        y = next;
    }
}

#[test]
fn a_loop_with_a_value() {
    assert_near(check!(root(9.0)), 1.0 / 6.0);
    assert_near_single(check!(root(9.0_f32)), 1.0 / 6.0);
}

#[differentiable]
fn log_sum_exp<T: Real>(x: &[T]) -> T {
    let mut top = x[0];
    for v in x.iter().skip(1) {
        if *v > top {
            top = *v;
        }
    }
    let total: T = x.iter().map(|v| (*v - top).exp()).sum();
    top + total.ln()
}

#[test]
fn a_sum_of_a_map() {
    let x = vec![0.5, 3.0, -1.0, 2.5];
    let total: f64 = x.iter().map(|v| v.exp()).sum();
    let softmax: Vec<f64> = x.iter().map(|v| v.exp() / total).collect();
    assert_near(check!(log_sum_exp(&x)), softmax.clone());
    assert_near_single(check!(log_sum_exp(&singles(&x))), softmax);
}

#[differentiable]
fn bounded<T>(x: T, limit: T) -> T
where
    T: Real,
{
    let mut y = x;
    while y < limit {
        y = y * y + x;
        if y > T::from_f64(100.0) {
            return y.ln();
        }
    }
    y
}

#[test]
fn a_where_clause() {
    assert_near(check!(bounded(3.0, 2.0)), (1.0, 0.0));
    // x² + x, then its square plus x.
    assert_near(check!(bounded(2.0, 10.0)), (12.0 * 5.0 + 1.0, 0.0));
    assert_near_single(check!(bounded(2.0_f32, 10.0_f32)), (61.0, 0.0));
    check!(bounded(2.0, 90.0));
}

// ----------------------------------------------------------------------------------- const generics

#[differentiable]
fn norm<const N: usize>(x: &[f64; N]) -> f64 {
    let mut total = 0.0;
    for i in 0..N {
        total += x[i] * x[i];
    }
    total.sqrt()
}

#[test]
fn a_length() {
    assert_near(check!(norm(&[3.0, 4.0])), [0.6, 0.8]);
    assert_near(check!(norm(&[-2.0])), [-1.0]);
}

#[differentiable]
fn product<T: Real, const M: usize, const N: usize>(a: &[[T; N]; M], x: &[T; N]) -> [T; M] {
    let mut y = [T::from_f64(0.0); M];
    for i in 0..M {
        for j in 0..N {
            y[i] += a[i][j] * x[j];
        }
    }
    y
}

#[test]
fn a_matrix_of_any_size() {
    let (a, x) = ([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]], [7.0, 8.0, 9.0]);
    let (a_bar, x_bar) = check!(product(&a, &x) => [1.0, 10.0]);
    assert_near(a_bar, [x, x.map(|x| 10.0 * x)]);
    assert_near(x_bar, [41.0, 52.0, 63.0]);
    let (a, x) = (a.map(single), single(x));
    assert_near(
        check!(product(&a, &x) => [1.0, 10.0]).1,
        [41.0_f32, 52.0, 63.0],
    );
}

#[differentiable]
fn cholesky<T: Real, const N: usize>(a: &[[T; N]; N]) -> [[T; N]; N] {
    let mut l = [[T::from_f64(0.0); N]; N];
    for i in 0..N {
        for j in 0..=i {
            let mut sum = a[i][j];
            for k in 0..j {
                sum -= l[i][k] * l[j][k];
            }
            l[i][j] = if i == j { sum.sqrt() } else { sum / l[j][j] };
        }
    }
    l
}

#[test]
fn factors_of_any_size() {
    let a = [[4.0, 1.0, 0.5], [1.0, 3.0, -0.25], [0.5, -0.25, 2.0]];
    let out_bar = [[1.0, 0.0, 0.0], [2.0, -1.0, 0.0], [0.5, 3.0, 1.5]];
    let double = check!(cholesky(&a) => out_bar);
    assert_near_single(
        check!(cholesky(&a.map(single)) => out_bar.map(single)),
        double,
    );
    assert_near(check!(cholesky(&[[4.0]]) => [[1.0]]), [[0.25]]);
}

#[differentiable]
fn tangent_chain<const STEPS: usize>(x: f64) -> f64 {
    let mut states = [0.0; STEPS];
    let mut y = x;
    for k in 0..STEPS {
        y = (y + x).tanh();
        states[k] = y;
    }
    let mut total = x;
    for (k, s) in states.iter().enumerate() {
        total += s * k as f64;
    }
    total
}

#[differentiable]
fn chains(x: f64) -> f64 {
    tangent_chain::<0>(x) * tangent_chain::<1>(x) + tangent_chain::<5>(x)
}

#[test]
fn a_number_of_steps() {
    check!(chains(0.4));
}

#[differentiable]
fn blocks<T: Real, const B: usize>(x: &[T], weights: &[T; B]) -> T {
    let mut total = T::from_f64(0.0);
    for block in x.chunks(B) {
        for (v, w) in block.iter().zip(weights) {
            total += *v * *w;
        }
    }
    total
}

#[test]
fn blocks_of_a_slice() {
    let (x, w) = (vec![1.0, 2.0, 3.0, 4.0, 5.0], [10.0, 100.0]);
    let expected = ([10.0, 100.0, 10.0, 100.0, 10.0], [9.0, 6.0]);
    assert_near(check!(blocks(&x, &w)), expected);
    assert_near_single(check!(blocks(&singles(&x), &single(w))), expected);
}

// ------------------------------------------------------------------------------ structs and methods

#[derive(Clone, Debug, PartialEq, Differentiable)]
struct State<T: Real> {
    x: T,
    v: T,
}

#[differentiable]
fn oscillator<T: Real>(start: &State<T>, frequency: T, steps: usize) -> State<T> {
    let mut state = start.clone();
    let dt = T::from_f64(0.05);
    for _ in 0..steps {
        state.v -= frequency * frequency * state.x * dt;
        state.x += state.v * dt;
    }
    state
}

#[test]
fn a_generic_struct() {
    let start = State { x: 1.0, v: 0.5 };
    let out_bar = StateGradient { x: 1.0, v: 10.0 };
    let (bar, frequency_bar) = check!(oscillator(&start, 2.0, const 10) => out_bar);
    let start = State { x: 1.0_f32, v: 0.5 };
    let out_bar = StateGradient {
        x: 1.0_f32,
        v: 10.0,
    };
    let (narrow, narrow_frequency) = check!(oscillator(&start, 2.0, const 10) => out_bar);
    assert_near_single(
        (narrow.x, narrow.v, narrow_frequency),
        (bar.x, bar.v, frequency_bar),
    );
}

#[differentiable]
fn normalised<T: Real>(x: &mut [T]) -> T {
    let mut total = T::from_f64(0.0);
    for v in x.iter() {
        total += *v * *v;
    }
    let norm = total.sqrt();
    for v in x.iter_mut() {
        *v /= norm;
    }
    norm
}

#[test]
fn in_place() {
    // The norm's own slope, and that of the first entry.
    let x = vec![3.0, 4.0];
    let expected = [0.6 + 0.128, 0.8 - 0.096];
    assert_near(check!(normalised(&mut x => vec![1.0, 0.0])), expected);
    assert_near_single(
        check!(normalised(&mut singles(&x) => vec![1.0, 0.0])),
        expected,
    );
}

// --------------------------------------------------------------------------------------- lifetimes

#[differentiable]
fn dot<'a, T: Real>(x: &'a [T], y: &'a [T]) -> T {
    let mut total = T::from_f64(0.0);
    for i in 0..x.len() {
        total += x[i] * y[i];
    }
    total
}

#[differentiable]
fn gram<'a, 'b: 'a, T>(x: &'a [T], y: &'b [T], n: usize) -> T
where
    T: Real + 'static,
{
    let mut total = T::from_f64(1.0);
    for _ in 0..n {
        total = total * dot(x, y) + dot(x, x);
    }
    total
}

#[test]
fn named_lifetimes() {
    let (x, y) = (vec![0.5, 1.0], vec![2.0, -0.25]);
    // n = 1: x·y + x·x.
    assert_near(check!(gram(&x, &y, const 1)), ([3.0, 1.75], [0.5, 1.0]));
    let (x_bar, y_bar) = check!(gram(&x, &y, const 3));
    assert_near_single(
        check!(gram(&singles(&x), &singles(&y), const 3)),
        (x_bar, y_bar),
    );
}

#[differentiable]
fn calls_in_both_precisions(x: f64, y: f32) -> f64 {
    let mut total = x;
    for k in 0..3 {
        total += power(x, k) * power(y, k + 1) as f64;
    }
    total
}

#[test]
fn both_precisions() {
    let (x_bar, y_bar) = calls_in_both_precisions::grad(0.5, 2.0);
    // x + y + xy² + x²y³
    assert_near(x_bar, 1.0 + 4.0 + 8.0);
    assert_near(f64::from(y_bar), 1.0 + 2.0 + 3.0);
}

/// The chain of a softmax of any length, at random points, in both precisions.
#[differentiable]
fn entropy<T: Real, const N: usize>(logits: &[T; N]) -> T {
    let mut p = [T::from_f64(0.0); N];
    let mut total = T::from_f64(0.0);
    for i in 0..N {
        p[i] = logits[i].exp();
        total += p[i];
    }
    let mut entropy = T::from_f64(0.0);
    for p in p {
        let share = p / total;
        entropy -= share * share.ln();
    }
    entropy
}

#[test]
fn random_points() {
    let mut points = Points::seeded(9);
    for _ in 0..10 {
        let logits: [f64; 4] = points.array(-1.0, 1.0);
        let double = check!(entropy(&logits));
        assert_near_single(check!(entropy(&single(logits))), double);
    }
}

// ------------------------------------------------------------- elements updated by other elements

#[differentiable]
fn by_neighbours<T: Real>(x: T, w: &[T]) -> T {
    let mut a = w.to_vec();
    for i in 1..w.len() {
        let before = a[i - 1];
        a[i] += before;
        let product = before * x;
        a[i] -= product;
    }
    let last = a[w.len() - 1];
    a[0] *= last;
    a[0] + last
}

#[differentiable]
fn in_a_slice<T: Real>(x: T, w: &mut [T]) {
    for i in 1..w.len() {
        w[i] = w[i] + w[i - 1] * x;
    }
    let first = w[0];
    w[1] -= first;
}

#[differentiable]
fn pushed_and_updated<T: Real>(x: T, w: &[T]) -> Vec<T> {
    let mut found = Vec::new();
    for &v in w {
        if v > x {
            return found;
        }
        found.push(v * x);
        let first = found[0];
        found[0] += first;
    }
    found
}

#[test]
fn elements_of_any_real_type() {
    check!(by_neighbours(0.6, &vec![0.5, -1.2, 0.7]));
    check!(by_neighbours(0.6_f32, &vec![0.5, -1.2, 0.7]));
    check!(in_a_slice(0.6, &mut vec![0.5, -1.2, 0.7] => vec![1.0, 0.5, -2.0]) => ());
    check!(pushed_and_updated(0.6, &vec![0.5, 0.1, 0.7]) => vec![1.0, 0.5]);
}
