//! Loops that run to their end: `for` over ranges, slices and arrays, `while`; nested, one after the
//! other, with state of every kind, and zero times.
#![allow(
    clippy::manual_is_multiple_of,
    clippy::needless_range_loop,
    reason = "loops are written in every way that users write them"
)]

use autodiff_runtime::prelude::*;
use autodiff_tests::derivatives::assert_near;
use autodiff_tests::points::Points;
use autodiff_tests::{check, check_at_kink};

// ---------------------------------------------------------------------------------- for, ranges

#[differentiable]
fn power(x: f64, n: usize) -> f64 {
    let mut result = 1.0;
    for _ in 0..n {
        result *= x;
    }
    result
}

#[test]
fn a_product() {
    assert_near(check!(power(2.0, const 1)), 1.0);
    assert_near(check!(power(1.5, const 4)), 4.0 * 1.5_f64.powi(3));
    // Not once.
    assert_near(check!(power(2.0, const 0)), 0.0);
    // Through zero.
    assert_near(check_at_kink!(power(0.0, const 3)), 0.0);
}

#[differentiable]
fn sum_by_index(x: &[f64]) -> f64 {
    let mut total = 0.0;
    for i in 0..x.len() {
        total += x[i];
    }
    total
}

#[test]
fn a_sum() {
    assert_near(check!(sum_by_index(&vec![1.0, 2.0, 3.0])), [1.0; 3]);
    assert_near(check!(sum_by_index(&vec![4.0])), [1.0]);
}

#[differentiable]
fn sum_of_squares(x: &[f64], k: f64) -> f64 {
    let mut total = 0.0;
    for i in 0..x.len() {
        let scaled = k * x[i];
        total += scaled * scaled;
    }
    total
}

#[test]
fn a_fused_sum() {
    let x = vec![1.0, -2.0, 3.0];
    assert_near(check!(sum_of_squares(&x, 0.5)), ([0.5, -1.0, 1.5], 14.0));
}

#[test]
fn zero_trips() {
    assert_near(check!(sum_of_squares(&Vec::<f64>::new(), 0.5)), ((), 0.0));
}

#[differentiable]
fn horner(c: &[f64], x: f64) -> f64 {
    let mut value = 0.0;
    for i in (0..c.len()).rev() {
        value = value * x + c[i];
    }
    value
}

#[test]
fn backwards() {
    let mut points = Points::seeded(1);
    for degree in 0..8 {
        let (c, x) = (
            points.vector(degree + 1, -1.0, 1.0),
            points.uniform(-1.0, 1.0),
        );
        let (c_bar, x_bar) = check!(horner(&c, x));
        let powers: Vec<f64> = (0..=degree).map(|k| x.powi(k as i32)).collect();
        assert_near(c_bar, powers);
        let slope: f64 = (1..=degree)
            .map(|k| k as f64 * c[k] * x.powi(k as i32 - 1))
            .sum();
        assert_near(x_bar, slope);
    }
}

#[differentiable]
fn mercator(x: f64, n: i32) -> f64 {
    let mut total = 0.0;
    let mut sign = 1.0;
    for k in 1..=n {
        total += sign * x.powi(k) / f64::from(k);
        sign = -sign;
    }
    total
}

#[test]
fn an_inclusive_range() {
    // ln(1 + x), cut off after ten terms.
    let x = 0.3_f64;
    let slope = (1.0 - (-x).powi(10)) / (1.0 + x);
    assert_near(check!(mercator(x, const 10)), slope);
    assert_near(check!(mercator(x, const 0)), 0.0);
}

#[differentiable]
fn every_third(x: &[f64], k: f64) -> f64 {
    let mut total = 0.0;
    for i in (1..x.len()).step_by(3) {
        total += x[i] * x[i - 1] * k;
    }
    for i in (0..x.len()).rev().step_by(3) {
        total -= x[i];
    }
    total
}

#[test]
fn steps() {
    let x = vec![2.0, 3.0, 5.0, 7.0, 11.0, 13.0];
    // x₀x₁k + x₃x₄k − x₅ − x₂.
    let (x_bar, k_bar) = check!(every_third(&x, 10.0));
    assert_near(x_bar, [30.0, 20.0, -1.0, 110.0, 70.0, -1.0]);
    assert_near(k_bar, 6.0 + 77.0);
}

#[differentiable]
fn exponential(x: f64, terms: usize) -> f64 {
    let mut term = 1.0;
    let mut total = 1.0;
    for k in 1..terms {
        term *= x / k as f64;
        total += term;
    }
    total
}

#[test]
fn two_carried_values() {
    assert_near(check!(exponential(0.7, const 25)), 0.7_f64.exp());
    assert_near(check!(exponential(0.7, const 1)), 0.0);
}

/// Newton's iteration for the square root.
#[differentiable]
fn newton_root(a: f64) -> f64 {
    let mut y = a;
    for _ in 0..12 {
        y = 0.5 * (y + a / y);
    }
    y
}

#[test]
fn a_fixed_point() {
    for a in [0.3, 2.0, 9.0] {
        assert_near(check!(newton_root(a)), 0.5 / a.sqrt());
    }
}

/// A quadrature: the running number of the loop as a float.
#[differentiable]
fn midpoint_rule(from: f64, to: f64, k: f64, n: usize) -> f64 {
    let width = (to - from) / n as f64;
    let mut total = 0.0;
    for i in 0..n {
        let t = from + (i as f64 + 0.5) * width;
        total += (k * t).sin() * width;
    }
    total
}

#[test]
fn an_integral() {
    check!(midpoint_rule(0.2, 1.3, 2.0, const 10));
    // Exact in the limit: the slopes by the ends are the integrand there.
    let (from, to, _) = check_at_kink!(midpoint_rule(0.2, 1.3, 2.0, const 1000));
    assert!((from + 0.4_f64.sin()).abs() < 1e-6 && (to - 2.6_f64.sin()).abs() < 1e-6);
}

#[differentiable]
fn vectors_handed_on(x: f64, n: usize) -> f64 {
    let mut a = vec![x, 0.3];
    let mut b = vec![0.1, 2.0 * x];
    for _ in 0..n {
        let next = vec![a[0] * b[1], (b[0] + a[1]).sin()];
        a = b;
        b = next;
    }
    a[0] * a[1] + b[0] * b[1]
}

#[differentiable]
fn arrays_swapped(x: f64, n: usize) -> f64 {
    let mut a = [x, 0.3];
    let mut b = [0.1, 2.0 * x];
    let mut k = 0;
    while k < n {
        (a, b) = (b, a);
        let next = [a[0] * b[1], (b[0] + a[1]).sin()];
        a = next;
        k += 1;
    }
    a[0] * a[1] + b[0] * b[1]
}

#[test]
fn aggregates_handed_on() {
    for n in 0..6 {
        check!(vectors_handed_on(0.8, const n));
        check!(arrays_swapped(0.8, const n));
    }
}

#[differentiable]
fn fibonacci(a: f64, b: f64, n: usize) -> f64 {
    let mut low = a;
    let mut high = b;
    for _ in 0..n {
        let next = low + high;
        low = high;
        high = next;
    }
    low * high
}

#[test]
fn values_handed_on() {
    // F₇ = 13a + 8b… with the first numbers: (a, b), (b, a + b), (a + b, a + 2b), (a + 2b, 2a + 3b).
    let (a, b) = (2.0, 3.0);
    let (low, high) = (a + 2.0 * b, 2.0 * a + 3.0 * b);
    assert_near(
        check!(fibonacci(a, b, const 3)),
        (high + 2.0 * low, 2.0 * high + 3.0 * low),
    );
    assert_near(check!(fibonacci(a, b, const 0)), (b, a));
}

#[differentiable]
fn logistic_map(x: f64, r: f64, n: usize) -> f64 {
    let mut x = x;
    for _ in 0..n {
        x = r * x * (1.0 - x);
    }
    x
}

#[test]
fn a_parameter_rebound() {
    assert_near(check!(logistic_map(0.3, 3.0, const 1)), (3.0 * 0.4, 0.21));
    check!(logistic_map(0.3, 3.7, const 4));
}

/// Only what the last trip wrote counts.
#[differentiable]
fn last_only(x: &[f64], k: f64) -> f64 {
    let mut last = k;
    for i in 0..x.len() {
        last = x[i] * i as f64;
    }
    last * k
}

#[test]
fn overwritten_in_every_trip() {
    assert_near(
        check!(last_only(&vec![2.0, 3.0, 5.0], 7.0)),
        ([0.0, 0.0, 14.0], 10.0),
    );
    assert_near(check!(last_only(&Vec::<f64>::new(), 7.0)), ((), 14.0));
}

#[differentiable]
fn unread(x: f64, n: usize) -> f64 {
    let mut waste = x;
    for _ in 0..n {
        waste = waste.exp();
    }
    2.0 * x
}

#[test]
fn a_loop_that_nobody_reads() {
    // The value overflows, the gradient does not care.
    assert_near(check!(unread(3.0, const 10)), 2.0);
}

#[differentiable]
fn whole_part(x: f64, k: f64) -> f64 {
    let mut total = x;
    for i in 0..(x.floor() as usize) {
        total += k * i as f64;
    }
    total
}

#[test]
fn a_step_bounds_the_range() {
    assert_near(check!(whole_part(4.5, 10.0)), (1.0, 6.0));
}

#[differentiable]
fn between(x: &[f64], from: usize, to: usize) -> f64 {
    let mut product = 1.0;
    for k in from..to {
        product *= x[k] + k as f64;
    }
    for k in (from..=to).rev() {
        product += x[k];
    }
    product
}

#[test]
fn bounds_that_are_parameters() {
    let x = vec![2.0, 3.0, 5.0, 7.0];
    // (x₁ + 1)(x₂ + 2) + x₃ + x₂ + x₁.
    assert_near(check!(between(&x, const 1, const 3)), [0.0, 8.0, 5.0, 1.0]);
    // Empty, and one of one.
    assert_near(check!(between(&x, const 2, const 2)), [0.0, 0.0, 1.0, 0.0]);
    // Backwards is empty, too.
    assert_near(check!(between(&x, const 3, const 1)), [0.0; 4]);
}

// --------------------------------------------------------------------- for, slices and arrays

#[differentiable]
fn log_sum(x: &[f64]) -> f64 {
    let mut total = 0.0;
    for v in x {
        total += v.ln();
    }
    total
}

#[test]
fn over_a_slice() {
    assert_near(check!(log_sum(&vec![0.5, 2.0, 4.0])), [2.0, 0.5, 0.25]);
}

#[differentiable]
fn dot(x: &[f64], y: &[f64]) -> f64 {
    let mut total = 0.0;
    for (a, b) in x.iter().zip(y) {
        total += a * b;
    }
    total
}

#[test]
fn over_two_slices() {
    let (x, y) = (vec![1.0, 2.0, 3.0], vec![5.0, 7.0]);
    // The shorter one ends it.
    assert_near(check!(dot(&x, &y)), ([5.0, 7.0, 0.0], [1.0, 2.0]));
}

#[differentiable]
fn moment(x: &[f64; 4]) -> f64 {
    let mut total = 0.0;
    for (i, v) in x.iter().enumerate() {
        total += i as f64 * v * v;
    }
    total
}

#[test]
fn with_numbers() {
    assert_near(
        check!(moment(&[1.0, 2.0, 3.0, 4.0])),
        [0.0, 4.0, 12.0, 24.0],
    );
}

#[differentiable]
fn over_built(x: f64, y: f64) -> f64 {
    let mut product = 1.0;
    for w in [x, x * y, y.sin()] {
        product *= w + 1.0;
    }
    product
}

#[test]
fn over_an_array_of_active_values() {
    let (x, y) = (0.5_f64, 0.75_f64);
    let factors = [x + 1.0, x * y + 1.0, y.sin() + 1.0];
    let product: f64 = factors.iter().product();
    assert_near(
        check!(over_built(x, y)),
        (
            product / factors[0] + product / factors[1] * y,
            product / factors[1] * x + product / factors[2] * y.cos(),
        ),
    );
}

const GAUSS: [(f64, f64); 3] = [
    (-0.774_596_669_241_483_4, 5.0 / 9.0),
    (0.0, 8.0 / 9.0),
    (0.774_596_669_241_483_4, 5.0 / 9.0),
];

#[differentiable]
fn quadrature(from: f64, to: f64) -> f64 {
    let half = 0.5 * (to - from);
    let mut total = 0.0;
    for (node, weight) in GAUSS {
        let t = from + half * (1.0 + node);
        total += weight * t.powi(4);
    }
    total * half
}

#[test]
fn over_a_constant_table() {
    // Exact for polynomials of degree five: (b⁵ − a⁵)/5.
    assert_near(check!(quadrature(0.5, 2.0)), (-0.0625, 16.0));
}

#[differentiable]
fn rows(m: &[[f64; 2]], x: &[f64; 2]) -> f64 {
    let mut total = 0.0;
    for row in m {
        let image = row[0] * x[0] + row[1] * x[1];
        total += image * image;
    }
    total
}

#[test]
fn over_rows() {
    let m = vec![[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]];
    let (m_bar, x_bar) = check!(rows(&m, &[1.0, -2.0]));
    // Images −3, −5, −7.
    assert_near(m_bar, [[-6.0, 12.0], [-10.0, 20.0], [-14.0, 28.0]]);
    assert_near(x_bar, [-6.0 - 30.0 - 70.0, -12.0 - 40.0 - 84.0]);
}

#[derive(Clone, Debug, PartialEq, Differentiable)]
struct Point {
    x: f64,
    y: f64,
}

#[differentiable]
fn patterns(values: &[f64], rows: &[[f64; 2]], points: &[Point], pairs: &[(f64, usize)]) -> f64 {
    let mut total = 0.0;
    for &v in values {
        total += v * v;
    }
    for &[a, b] in rows {
        total += a * b;
    }
    for Point { x, y } in points {
        total += x - y * total;
    }
    for (i, (weight, k)) in pairs.iter().enumerate() {
        total += weight * (k + i) as f64;
    }
    for i in 0..2 {
        let i = i + 1;
        total *= values[i];
    }
    total
}

#[test]
fn patterns_of_loops() {
    let points = vec![Point { x: 2.0, y: 0.5 }, Point { x: 1.0, y: -0.25 }];
    let rows = vec![[1.0, 2.0], [3.0, 4.0]];
    let pairs = vec![(0.5, 3), (0.25, 4)];
    let (values_bar, rows_bar, points_bar, pairs_bar) =
        check!(patterns(&vec![1.0, 2.0, 3.0], &rows, &points, &pairs));
    // ((((14 + 14)(1 − ½) + 2)(1 + ¼) + 1) + 2.75)·6
    assert_near(rows_bar, [[7.5, 3.75], [15.0, 11.25]]);
    assert_near(
        pairs_bar.iter().map(|bar| bar.0).collect::<Vec<_>>(),
        [18.0, 30.0],
    );
    assert_near((points_bar[1].x, points_bar[1].y), (6.0, -96.0));
    assert_near(values_bar[0], 7.5);
}

// --------------------------------------------------------------------------------------- nested

#[differentiable]
fn bilinear(x: &[f64; 2], a: &[[f64; 3]; 2], y: &[f64; 3]) -> f64 {
    let mut total = 0.0;
    for i in 0..2 {
        let mut row = 0.0;
        for j in 0..3 {
            row += a[i][j] * y[j];
        }
        total += x[i] * row;
    }
    total
}

#[test]
fn two_levels() {
    let a = [[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]];
    let (x, y) = ([2.0, 3.0], [5.0, 7.0, 11.0]);
    let (x_bar, a_bar, y_bar) = check!(bilinear(&x, &a, &y));
    assert_near(x_bar, [52.0, 121.0]);
    assert_near(a_bar, [[10.0, 14.0, 22.0], [15.0, 21.0, 33.0]]);
    assert_near(y_bar, [14.0, 19.0, 24.0]);
}

/// The pair energy of particles on a line: the inner bound is the outer number.
#[differentiable]
fn pair_energy(x: &[f64], charge: &[f64]) -> f64 {
    let mut energy = 0.0;
    for i in 0..x.len() {
        for j in 0..i {
            let distance = (x[i] - x[j]).abs();
            energy += charge[i] * charge[j] / distance;
        }
    }
    energy
}

#[test]
fn a_triangle() {
    let (x, charge) = (vec![0.0, 1.0, 3.0], vec![1.0, 2.0, -1.0]);
    let (x_bar, charge_bar) = check!(pair_energy(&x, &charge));
    let forces = [2.0 / 1.0, -1.0 / 9.0, -2.0 / 4.0];
    assert_near(
        x_bar,
        [
            forces[0] + forces[1],
            -forces[0] + forces[2],
            -forces[1] - forces[2],
        ],
    );
    assert_near(charge_bar, [2.0 - 1.0 / 3.0, 1.0 - 0.5, 1.0 / 3.0 + 1.0]);
}

#[differentiable]
fn nested_powers(x: f64, n: usize) -> f64 {
    let mut total = 0.0;
    for i in 0..n {
        let mut term = 1.0;
        for j in 0..i {
            term *= x + j as f64;
            for _ in j..i {
                term = term.sin() + x;
            }
        }
        total += term;
    }
    total
}

#[test]
fn three_levels_with_state() {
    for n in 0..5 {
        check!(nested_powers(0.4, const n));
    }
}

#[differentiable]
fn variance(x: &[f64]) -> f64 {
    let mut mean = 0.0;
    for v in x {
        mean += v;
    }
    mean /= x.len() as f64;
    let mut sum = 0.0;
    for v in x {
        let off = v - mean;
        sum += off * off;
    }
    sum / x.len() as f64
}

/// Welford's update, in one pass.
#[differentiable]
fn running_variance(x: &[f64]) -> f64 {
    let mut mean = 0.0;
    let mut sum = 0.0;
    let mut count = 0.0;
    for v in x {
        count += 1.0;
        let off = v - mean;
        mean += off / count;
        sum += off * (v - mean);
    }
    sum / count
}

#[test]
fn one_loop_after_the_other() {
    let x = vec![1.0, 4.0, 2.0, 9.0];
    let expected: Vec<f64> = x.iter().map(|v| 2.0 * (v - 4.0) / 4.0).collect();
    assert_near(check!(variance(&x)), expected.clone());
    assert_near(check!(running_variance(&x)), expected);
}

#[differentiable]
fn log_sum_exp(x: &[f64]) -> f64 {
    let mut largest = x[0];
    for i in 1..x.len() {
        if x[i] > largest {
            largest = x[i];
        }
    }
    let mut total = 0.0;
    for v in x {
        total += (v - largest).exp();
    }
    largest + total.ln()
}

#[test]
fn a_branch_in_a_loop() {
    let x = vec![0.5, 3.0, -1.0, 2.5];
    let total: f64 = x.iter().map(|v| v.exp()).sum();
    let softmax: Vec<f64> = x.iter().map(|v| v.exp() / total).collect();
    assert_near(check!(log_sum_exp(&x)), softmax);
    // Where the naive form overflows.
    assert_near(check!(log_sum_exp(&vec![1000.0, 1000.0])), [0.5, 0.5]);
}

#[differentiable]
fn kahan_sum(x: &[f64]) -> f64 {
    let mut total = 0.0;
    let mut lost = 0.0;
    for v in x {
        let y = v - lost;
        let t = total + y;
        lost = (t - total) - y;
        total = t;
    }
    total
}

#[test]
fn a_compensated_sum() {
    assert_near(check!(kahan_sum(&vec![1e3, 0.1, -0.7, 1e-3])), [1.0; 4]);
}

/// An adjoint that is exactly 0 stays 0 through the infinite slope of a root at 0.
#[differentiable]
fn weighted_roots(w: &[f64], x: &[f64]) -> f64 {
    let mut total = 0.0;
    for i in 0..w.len() {
        let root = x[i].sqrt();
        total += w[i] * root * root.cos();
    }
    total
}

#[test]
fn strong_zeros() {
    let slope = 3.0 * (2.0_f64.cos() - 2.0 * 2.0_f64.sin()) * 0.25;
    let found = check_at_kink!(weighted_roots(&vec![0.0, 3.0], &vec![0.0, 4.0]));
    assert_near(found, ([0.0, 2.0 * 2.0_f64.cos()], [0.0, slope]));
}

// ------------------------------------------------------------------------------------ integrators

/// A pendulum by the symplectic Euler method.
#[differentiable]
fn pendulum(angle: f64, speed: f64, gravity: f64, steps: usize) -> f64 {
    let mut angle = angle;
    let mut speed = speed;
    let dt = 0.05;
    for _ in 0..steps {
        speed -= gravity * angle.sin() * dt;
        angle += speed * dt;
    }
    0.5 * speed * speed - gravity * angle.cos()
}

#[test]
fn euler() {
    check!(pendulum(0.4, 0.1, 9.81, const 0));
    check!(pendulum(0.4, 0.1, 9.81, const 1));
    check!(pendulum(0.4, 0.1, 9.81, const 30));
}

#[differentiable]
fn growth(y: f64, rate: f64) -> f64 {
    rate * y * (1.0 - y)
}

/// The logistic equation by the classical Runge-Kutta method.
#[differentiable]
fn runge_kutta(y: f64, rate: f64, dt: f64, steps: usize) -> f64 {
    let mut y = y;
    for _ in 0..steps {
        let k1 = growth(y, rate);
        let k2 = growth(y + 0.5 * dt * k1, rate);
        let k3 = growth(y + 0.5 * dt * k2, rate);
        let k4 = growth(y + dt * k3, rate);
        y += dt / 6.0 * (k1 + 2.0 * k2 + 2.0 * k3 + k4);
    }
    y
}

#[test]
fn calls_in_a_loop() {
    let (y, rate) = (0.2, 1.5);
    check!(runge_kutta(y, rate, 0.1, const 1));
    let (y_bar, rate_bar, _) = check!(runge_kutta(y, rate, 0.01, const 100));
    // y e^{rt} / (1 + y (e^{rt} − 1)) at t = 1.
    let e = rate.exp();
    let below = 1.0 + y * (e - 1.0);
    assert!((y_bar - e / below.powi(2)).abs() < 1e-8);
    assert!((rate_bar - y * (1.0 - y) * e / below.powi(2)).abs() < 1e-8);
}

// ----------------------------------------------------------------------------------------- while

#[differentiable]
fn counted(x: f64, n: usize) -> f64 {
    let mut k = 0;
    let mut y = x;
    while k < n {
        y = y * x + 1.0;
        k += 1;
    }
    y
}

#[test]
fn while_counting() {
    assert_near(check!(counted(3.0, const 0)), 1.0);
    // x³ + x + 1
    assert_near(check!(counted(3.0, const 2)), 28.0);
}

/// Exponentiation by squaring.
#[differentiable]
fn fast_power(x: f64, n: u32) -> f64 {
    let mut left = n;
    let mut base = x;
    let mut result = 1.0;
    while left > 0 {
        if left & 1 == 1 {
            result *= base;
        }
        base *= base;
        left >>= 1;
    }
    result
}

#[test]
fn bits_choose_the_factors() {
    for n in 0..20_i32 {
        let slope = f64::from(n) * 1.1_f64.powi(n - 1);
        assert_near(check!(fast_power(1.1, const n as u32)), slope);
    }
}

#[differentiable]
fn collatz(x: f64, start: u64) -> f64 {
    let mut n = start;
    let mut y = x;
    while n != 1 {
        if n % 2 == 0 {
            n /= 2;
            y = 0.5 * y + 0.1;
        } else {
            n = 3 * n + 1;
            y = y.sin() * x;
        }
    }
    y
}

#[test]
fn integers_choose_the_operations() {
    assert_near(check!(collatz(0.8, const 1)), 1.0);
    assert_near(check!(collatz(0.8, const 8)), 0.125);
    check!(collatz(0.8, const 3));
    check!(collatz(0.8, const 7));
}

#[differentiable]
fn reduced(x: f64) -> f64 {
    let mut x = x;
    let mut exponent = 0;
    while x >= 1.0 {
        x *= 0.5;
        exponent += 1;
    }
    x.ln() + exponent as f64 * std::f64::consts::LN_2
}

#[test]
fn an_active_condition() {
    assert_near(check!(reduced(0.7)), 1.0 / 0.7);
    assert_near(check!(reduced(5.0)), 0.2);
    assert_near(check!(reduced(100.0)), 0.01);
}

#[differentiable]
fn agm(a: f64, b: f64) -> f64 {
    let mut a = a;
    let mut b = b;
    while (a - b).abs() > 1e-9 {
        let mean = 0.5 * (a + b);
        b = (a * b).sqrt();
        a = mean;
    }
    a
}

#[test]
fn the_arithmetic_geometric_mean() {
    let (a_bar, b_bar) = check!(agm(1.0, 2.0));
    // Homogeneous of degree one.
    assert_near(a_bar + 2.0 * b_bar, agm(1.0, 2.0));
}

#[differentiable]
fn geometric(x: f64, tolerance: f64) -> f64 {
    let mut term = 1.0;
    let mut total = 0.0;
    while term > tolerance {
        total += term;
        term *= x;
    }
    total
}

#[test]
fn until_a_tolerance() {
    // The derivative is that of the trips done: 1 + x + x² + x³ for 0.1.
    assert_near(check!(geometric(0.5, 0.1)), (1.0 + 1.0 + 0.75, 0.0));
    assert_near(check!(geometric(0.5, 2.0)), (0.0, 0.0));
}

// ----------------------------------------------------------------------------- driven by strings

/// A little calculator: each character is an operation.
#[differentiable]
fn calculator(x: f64, program: &str) -> f64 {
    let mut y = x;
    for op in program.chars() {
        match op {
            '+' => y += x,
            '*' => y *= x,
            's' => y = y.sin(),
            '2' => y = y * y,
            _ => {}
        }
    }
    y
}

#[differentiable]
fn weighted_length(x: f64, text: &str) -> f64 {
    let mut total = 0.0;
    let mut weight = x;
    for byte in text.bytes() {
        if byte == b' ' {
            weight *= 0.5;
        } else {
            total += weight * f64::from(byte - b'a');
        }
    }
    total + x * text.len() as f64
}

#[test]
fn strings() {
    assert_near(check!(calculator(0.5, const "")), 1.0);
    assert_near(check!(calculator(0.5, const "*+")), 2.0);
    // sin(4x²)
    assert_near(
        check!(calculator(0.5, const "+2s")),
        8.0 * 0.5 * 1.0_f64.cos(),
    );
    check!(calculator(0.5, const "+*s+2 s*"));
    assert_near(
        check!(weighted_length(3.0, const "bc d")),
        1.0 + 2.0 + 1.5 + 4.0,
    );
    assert_near(check!(weighted_length(3.0, const "")), 0.0);
}

/// Every `let` uses the last one three times: what is done to its adjoint is done once.
#[differentiable]
fn long_recurrence(x: f64) -> f64 {
    let mut y = x;
    for _ in 0..2 {
        let x1 = y * y.sin() + y.cos();
        let x2 = x1 * x1.sin() + x1.cos();
        let x3 = x2 * x2.sin() + x2.cos();
        let x4 = x3 * x3.sin() + x3.cos();
        let x5 = x4 * x4.sin() + x4.cos();
        let x6 = x5 * x5.sin() + x5.cos();
        let x7 = x6 * x6.sin() + x6.cos();
        let x8 = x7 * x7.sin() + x7.cos();
        let x9 = x8 * x8.sin() + x8.cos();
        let x10 = x9 * x9.sin() + x9.cos();
        let x11 = x10 * x10.sin() + x10.cos();
        let x12 = x11 * x11.sin() + x11.cos();
        let x13 = x12 * x12.sin() + x12.cos();
        let x14 = x13 * x13.sin() + x13.cos();
        let x15 = x14 * x14.sin() + x14.cos();
        let x16 = x15 * x15.sin() + x15.cos();
        let x17 = x16 * x16.sin() + x16.cos();
        let x18 = x17 * x17.sin() + x17.cos();
        let x19 = x18 * x18.sin() + x18.cos();
        let x20 = x19 * x19.sin() + x19.cos();
        let x21 = x20 * x20.sin() + x20.cos();
        let x22 = x21 * x21.sin() + x21.cos();
        let x23 = x22 * x22.sin() + x22.cos();
        let x24 = x23 * x23.sin() + x23.cos();
        let x25 = x24 * x24.sin() + x24.cos();
        let x26 = x25 * x25.sin() + x25.cos();
        let x27 = x26 * x26.sin() + x26.cos();
        let x28 = x27 * x27.sin() + x27.cos();
        let x29 = x28 * x28.sin() + x28.cos();
        let x30 = x29 * x29.sin() + x29.cos();
        let x31 = x30 * x30.sin() + x30.cos();
        let x32 = x31 * x31.sin() + x31.cos();
        let x33 = x32 * x32.sin() + x32.cos();
        let x34 = x33 * x33.sin() + x33.cos();
        let x35 = x34 * x34.sin() + x34.cos();
        let x36 = x35 * x35.sin() + x35.cos();
        let x37 = x36 * x36.sin() + x36.cos();
        let x38 = x37 * x37.sin() + x37.cos();
        let x39 = x38 * x38.sin() + x38.cos();
        let x40 = x39 * x39.sin() + x39.cos();
        y = x40;
    }
    y
}

#[test]
fn a_long_body_with_one_carried_value() {
    check!(long_recurrence(0.7));
}
