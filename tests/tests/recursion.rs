//! Functions that call themselves and one another, in loops, in branches, with state of every kind,
//! some levels deep.
#![allow(
    clippy::manual_is_multiple_of,
    clippy::needless_range_loop,
    reason = "recursion is written in every way that users write it"
)]

use autodiff_runtime::prelude::*;
use autodiff_tests::derivatives::assert_near;
use autodiff_tests::points::Points;
use autodiff_tests::{check, check_at_kink};

#[differentiable]
fn power(x: f64, n: usize) -> f64 {
    if n == 0 { 1.0 } else { x * power(x, n - 1) }
}

#[test]
fn a_product() {
    assert_near(check!(power(2.0, const 0)), 0.0);
    assert_near(check!(power(2.0, const 1)), 1.0);
    assert_near(check!(power(1.5, const 4)), 4.0 * 1.5_f64.powi(3));
}

#[differentiable]
fn fast_power(x: f64, n: u32) -> f64 {
    if n == 0 {
        return 1.0;
    }
    let half = fast_power(x, n / 2);
    if n % 2 == 0 {
        half * half
    } else {
        half * half * x
    }
}

#[test]
fn with_early_return() {
    for n in 0..12 {
        assert_near(
            check!(fast_power(1.1, const n)),
            f64::from(n) * 1.1_f64.powi(n as i32 - 1),
        );
    }
}

#[differentiable]
fn fibonacci(a: f64, b: f64, n: usize) -> f64 {
    match n {
        0 => a,
        1 => b,
        _ => fibonacci(a, b, n - 1) + fibonacci(a, b, n - 2),
    }
}

#[test]
fn two_calls_of_itself() {
    assert_near(check!(fibonacci(2.0, 3.0, const 0)), (1.0, 0.0));
    assert_near(check!(fibonacci(2.0, 3.0, const 7)), (8.0, 13.0));
}

#[differentiable]
fn horner(c: &[f64], x: f64) -> f64 {
    if c.is_empty() {
        0.0
    } else {
        c[0] + x * horner(&c[1..], x)
    }
}

#[test]
fn over_the_rest_of_a_slice() {
    let (c, x) = (vec![1.0, 2.0, 3.0], 0.5);
    assert_near(check!(horner(&c, x)), ([1.0, 0.5, 0.25], 2.0 + 3.0));
    assert_near(check!(horner(&Vec::<f64>::new(), x)), ((), 0.0));
}

/// Summation in pairs.
#[differentiable]
fn pairwise(x: &[f64]) -> f64 {
    match x.len() {
        0 => 0.0,
        1 => x[0] * x[0],
        n => pairwise(&x[..n / 2]) + pairwise(&x[n / 2..]) * x[0],
    }
}

#[test]
fn halves_of_a_slice() {
    check!(pairwise(&vec![1.5, 0.5, 2.0, -1.0, 0.25]));
    // a² + b²a
    assert_near(check!(pairwise(&vec![2.0, 3.0])), [4.0 + 9.0, 12.0]);
}

#[differentiable]
fn newton(a: f64, guess: f64) -> f64 {
    let next = 0.5 * (guess + a / guess);
    if (next - guess).abs() < 1e-12 {
        next
    } else {
        newton(a, next)
    }
}

#[test]
fn until_a_tolerance() {
    for a in [0.5, 2.0, 10.0] {
        assert_near(check!(newton(a, 1.25)), (0.5 / a.sqrt(), 0.0));
    }
}

/// Even and odd terms of a series call one another.
#[differentiable(recursive)]
fn even(x: f64, n: usize) -> f64 {
    if n == 0 { x } else { odd(x, n - 1).sin() + x }
}

#[differentiable]
fn odd(x: f64, n: usize) -> f64 {
    if n == 0 { 1.0 } else { even(x, n - 1) * x }
}

#[test]
fn mutual() {
    assert_near(check!(even(0.5, const 0)), 1.0);
    assert_near(check!(even(0.5, const 1)), 1.0);
    // sin(x²) + x
    assert_near(check!(even(0.5, const 2)), 0.25_f64.cos() + 1.0);
    check!(odd(0.5, const 7));
}

#[differentiable]
fn collatz(x: f64, n: u64) -> f64 {
    if n == 1 {
        x
    } else if n % 2 == 0 {
        0.5 * collatz(x, n / 2) + x
    } else {
        collatz(x * 1.01, 3 * n + 1).sin()
    }
}

#[test]
fn integers_choose_the_way() {
    assert_near(check!(collatz(0.8, const 4)), 1.75);
    check!(collatz(0.8, const 3));
    check!(collatz(0.8, const 6));
}

/// Adaptive Simpson quadrature of exp(−kt²).
#[differentiable]
fn adaptive(from: f64, to: f64, k: f64, depth: usize) -> f64 {
    let middle = 0.5 * (from + to);
    let f = [from, 0.5 * (from + middle), middle, 0.5 * (middle + to), to];
    let mut y = [0.0; 5];
    for i in 0..5 {
        y[i] = (-k * f[i] * f[i]).exp();
    }
    let coarse = (to - from) / 6.0 * (y[0] + 4.0 * y[2] + y[4]);
    let fine = (to - from) / 12.0 * (y[0] + 4.0 * y[1] + 2.0 * y[2] + 4.0 * y[3] + y[4]);
    if depth == 0 || (fine - coarse).abs() < 1e-9 {
        return fine;
    }
    adaptive(from, middle, k, depth - 1) + adaptive(middle, to, k, depth - 1)
}

#[test]
fn a_quadrature() {
    check!(adaptive(0.0, 1.0, 1.5, const 0));
    check!(adaptive(0.0, 1.0, 1.5, const 3));
    // Next to a jump of the size of the tolerance.
    let (from, to, _) = check_at_kink!(adaptive(0.0, 1.0, 1.5, const 5));
    assert!((from + 1.0).abs() < 1e-7 && (to - (-1.5_f64).exp()).abs() < 1e-7);
}

/// The determinant by expansion along the first row; minors are built anew.
#[differentiable]
fn determinant(m: &[f64], n: usize) -> f64 {
    if n == 1 {
        return m[0];
    }
    let mut total = 0.0;
    let mut sign = 1.0;
    for skipped in 0..n {
        let mut minor = Vec::with_capacity((n - 1) * (n - 1));
        for i in 1..n {
            for j in 0..n {
                if j != skipped {
                    minor.push(m[i * n + j]);
                }
            }
        }
        total += sign * m[skipped] * determinant(&minor, n - 1);
        sign = -sign;
    }
    total
}

#[test]
fn calls_of_itself_in_a_loop() {
    assert_near(
        check!(determinant(&vec![2.0, 3.0, 5.0, 7.0], const 2)),
        [7.0, -5.0, -3.0, 2.0],
    );
    check!(determinant(&Points::seeded(8).vector(16, -1.0, 1.0), const 4));
}

// ----------------------------------------------------------------------------------- levels of calls

#[differentiable]
fn stretch(a: f64, b: f64) -> f64 {
    (a - b).powi(2) + 0.1 * a
}

#[differentiable]
fn row_energy(row: &[f64; 3], k: f64) -> f64 {
    let mut total = 0.0;
    for i in 1..3 {
        if row[i] > row[i - 1] {
            total += k * stretch(row[i], row[i - 1]);
        } else {
            total += stretch(row[i - 1], k);
        }
    }
    total
}

#[differentiable]
fn sheet_energy(sheet: &[[f64; 3]], k: f64) -> f64 {
    let mut total = 0.0;
    for row in sheet {
        total += row_energy(row, k);
    }
    for i in 1..sheet.len() {
        for j in 0..3 {
            total += stretch(sheet[i][j], sheet[i - 1][j]);
        }
    }
    total
}

#[differentiable]
fn relaxed(sheet: &[[f64; 3]], k: f64, rounds: usize) -> f64 {
    let mut k = k;
    let mut energy = 0.0;
    for _ in 0..rounds {
        energy = sheet_energy(sheet, k);
        k += 0.01 * energy;
    }
    energy
}

#[test]
fn four_levels_with_loops() {
    let sheet = vec![[1.0, 2.0, 0.5], [0.25, -1.0, 3.0], [2.0, 2.5, -0.5]];
    check!(relaxed(&sheet, 1.5, const 1));
    check!(relaxed(&sheet, 1.5, const 3));
    let (sheet_bar, k_bar) = check!(relaxed(&sheet, 1.5, const 0));
    assert_near((sheet_bar, k_bar), ([[0.0; 3]; 3], 0.0));
}

/// An inner call that reads one element: its adjoint is added in place.
#[differentiable]
fn picked(x: &[f64], i: usize) -> f64 {
    x[i] * x[i]
}

#[differentiable]
fn picked_all(x: &[f64], order: &[usize]) -> f64 {
    let mut total = 0.0;
    for i in order {
        total += picked(x, *i) * total.cos();
    }
    total + picked(x, 0)
}

#[test]
fn one_element_per_call() {
    let x = vec![0.5, 1.5, 1.0, -0.25];
    check!(picked_all(&x, const &[3, 1, 1, 0, 2]));
    assert_near(check!(picked_all(&x, const &[])), [1.0, 0.0, 0.0, 0.0]);
}

#[differentiable]
fn rotation(angle: f64) -> [[f64; 2]; 2] {
    let (s, c) = angle.sin_cos();
    [[c, -s], [s, c]]
}

#[differentiable]
fn applied(m: &[[f64; 2]; 2], x: [f64; 2]) -> [f64; 2] {
    let mut y = [0.0; 2];
    for i in 0..2 {
        for j in 0..2 {
            y[i] += m[i][j] * x[j];
        }
    }
    y
}

#[differentiable]
fn arm(angles: &[f64], lengths: &[f64]) -> [f64; 2] {
    let mut place = [0.0; 2];
    let mut angle = 0.0;
    for (a, l) in angles.iter().zip(lengths) {
        angle += a;
        let link = applied(&rotation(angle), [*l, 0.0]);
        place = [place[0] + link[0], place[1] + link[1]];
    }
    place
}

#[test]
fn a_robot_arm() {
    let (angles, lengths) = (vec![0.3, -0.5, 1.1], vec![1.0, 0.75, 0.5]);
    let (angles_bar, lengths_bar) = check!(arm(&angles, &lengths) => [1.0, 0.0]);
    let heading = [0.3_f64, -0.2, 0.9];
    let last = -lengths[2] * heading[2].sin();
    let middle = last - lengths[1] * heading[1].sin();
    assert_near(
        angles_bar,
        [middle - lengths[0] * heading[0].sin(), middle, last],
    );
    assert_near(lengths_bar, heading.map(f64::cos));
}

#[differentiable]
fn cantor(x: f64, depth: usize) -> [f64; 2] {
    if depth == 0 {
        return [x, 1.0];
    }
    let left = cantor(x / 3.0, depth - 1);
    let right = cantor(x * x, depth - 1);
    let mut sum = [0.0; 2];
    for i in 0..2 {
        sum[i] = left[i] + right[1 - i] * x;
    }
    sum
}

#[test]
fn arrays_from_itself() {
    assert_near(check!(cantor(0.5, const 0) => [1.0, 10.0]), 1.0);
    // (x/3 + x, 1 + x³)
    assert_near(
        check!(cantor(0.5, const 1) => [1.0, 10.0]),
        4.0 / 3.0 + 30.0 * 0.25,
    );
    check!(cantor(0.5, const 4) => [1.0, 10.0]);
}

#[derive(Clone, Debug, PartialEq, Differentiable)]
struct Node {
    weight: f64,
    left: usize,
    right: usize,
}

/// A tree in a slice; 0 is no child.
#[differentiable]
fn tree_value(nodes: &[Node], at: usize, x: f64) -> f64 {
    let node = &nodes[at];
    let mut value = node.weight * x;
    if node.left > 0 {
        value += tree_value(nodes, node.left, x.sin());
    }
    if node.right > 0 {
        value *= tree_value(nodes, node.right, x + 1.0);
    }
    value
}

#[test]
fn a_tree() {
    let node = |weight, left, right| Node {
        weight,
        left,
        right,
    };
    let nodes = vec![
        node(2.0, 1, 2),
        node(3.0, 0, 0),
        node(0.5, 3, 0),
        node(-1.5, 0, 0),
    ];
    check!(tree_value(&nodes, const 0, 0.7));
    let (bars, x_bar) = check!(tree_value(&nodes, const 2, 0.7));
    assert_near((bars[2].weight, bars[3].weight), (0.7, 0.7_f64.sin()));
    assert_near(x_bar, 0.5 - 1.5 * 0.7_f64.cos());
}

#[differentiable]
fn merge_sorted(x: &[f64]) -> Vec<f64> {
    if x.len() <= 1 {
        return x.to_vec();
    }
    let middle = x.len() / 2;
    let left = merge_sorted(&x[..middle]);
    let right = merge_sorted(&x[middle..]);
    let mut merged = vec![0.0; x.len()];
    let mut i = 0;
    let mut j = 0;
    for k in 0..x.len() {
        if j == right.len() || (i < left.len() && left[i] <= right[j]) {
            merged[k] = left[i];
            i += 1;
        } else {
            merged[k] = right[j];
            j += 1;
        }
    }
    merged
}

#[test]
fn vectors_from_itself() {
    let x = vec![3.0, 1.0, 5.0, 2.0, 4.0];
    let out_bar = vec![1.0, 10.0, 100.0, 1000.0, 10_000.0];
    assert_near(
        check!(merge_sorted(&x) => out_bar),
        [100.0, 1.0, 10_000.0, 10.0, 1000.0],
    );
    assert_near(check!(merge_sorted(&Vec::<f64>::new()) => vec![]), ());
}

#[differentiable]
fn generic_sum<T: Real>(x: &[T], k: T) -> T {
    if x.is_empty() {
        return T::from_f64(0.0);
    }
    k * x[0] + generic_sum(&x[1..], k * k)
}

#[test]
fn a_generic_function() {
    // kx₀ + k²x₁ + k⁴x₂
    let (x, k) = (vec![1.0, 2.0, 3.0], 0.5);
    assert_near(
        check!(generic_sum(&x, k)),
        ([0.5, 0.25, 0.0625], 1.0 + 2.0 + 12.0 * 0.125),
    );
}

/// Changed in place, by itself.
#[differentiable]
fn halved(x: &mut [f64], k: f64) {
    let n = x.len();
    if n == 0 {
        return;
    }
    x[0] *= k;
    let first = x[0];
    halved(&mut x[1..], k + first);
}

#[test]
fn in_place() {
    // x₀k, then x₁(k + x₀k).
    let (x_bar, k_bar) = check!(halved(&mut vec![2.0, 3.0] => vec![1.0, 10.0], 0.5) => ());
    assert_near(
        (x_bar, k_bar),
        ([0.5 + 10.0 * 3.0 * 0.5, 15.0], 2.0 + 10.0 * 3.0 * 3.0),
    );
    check!(halved(&mut vec![0.5, -0.25, 1.5, 2.0] => vec![1.0, 2.0, 3.0, 4.0], 0.75) => ());
}

/// A level of calls more must not square the cost: sixty levels end.
#[differentiable]
fn deep(x: f64, depth: usize) -> f64 {
    if depth == 0 {
        return x.sin();
    }
    let inner = deep(x, depth - 1);
    inner * 0.9 + 0.1 * x
}

#[test]
fn many_levels() {
    // 0.9⁶⁰ sin x + (1 − 0.9⁶⁰) x
    let share = 0.9_f64.powi(60);
    assert_near(
        check!(deep(0.5, const 60)),
        share * 0.5_f64.cos() + 1.0 - share,
    );
}
