//! Iterator chains over slices, arrays and ranges, and closures.

use autodiff_runtime::prelude::*;
use autodiff_tests::derivatives::assert_near;
use autodiff_tests::points::Points;
use autodiff_tests::{check, check_at_kink};

#[derive(Clone, Debug, PartialEq, Differentiable)]
struct Charge {
    x: f64,
    q: f64,
}

// -------------------------------------------------------------------------------------------- sum

#[differentiable]
fn total(x: &[f64]) -> f64 {
    x.iter().sum()
}

#[test]
fn a_sum() {
    assert_near(check!(total(&vec![1.0, 2.0, 3.0])), [1.0; 3]);
    // The sum of nothing has a sign, which the value keeps.
    assert_near(check!(total(&Vec::<f64>::new())), ());
}

#[differentiable]
fn squares(x: &[f64]) -> f64 {
    x.iter().map(|v| v * v).sum()
}

#[test]
fn a_map() {
    assert_near(check!(squares(&vec![1.0, -2.0, 3.0])), [2.0, -4.0, 6.0]);
}

#[differentiable]
fn dot(x: &[f64], y: &[f64]) -> f64 {
    x.iter().zip(y).map(|(a, b)| a * b).sum()
}

#[test]
fn a_zip() {
    let (x, y) = (vec![1.0, 2.0, 3.0], vec![5.0, 7.0, 11.0]);
    assert_near(check!(dot(&x, &y)), (y.clone(), x.clone()));
    // The shorter one ends it.
    assert_near(check!(dot(&x, &vec![5.0])), ([5.0, 0.0, 0.0], [1.0]));
}

#[differentiable]
fn typed(x: &[f64; 3], k: f64) -> f64 {
    let mean = x.iter().sum::<f64>() / 3.0;
    let spread: f64 = x.iter().map(|v| (v - mean).powi(2)).sum();
    k * spread + mean
}

#[test]
fn sums_as_operands() {
    // Mean 4, spread 9 + 1 + 4 … of 1, 5, 6.
    let (x_bar, k_bar) = check!(typed(&[1.0, 5.0, 6.0], 0.5));
    assert_near(x_bar, [-3.0 + 1.0 / 3.0, 1.0 + 1.0 / 3.0, 2.0 + 1.0 / 3.0]);
    assert_near(k_bar, 14.0);
}

#[differentiable]
fn scaled_sum(x: &[f64], k: f64, b: f64) -> f64 {
    x.iter().map(|v| (k * v + b).tanh()).sum::<f64>() * k
}

#[test]
fn a_closure_captures_active_values() {
    check!(scaled_sum(&vec![0.5, -1.0, 0.25], 1.5, 0.1));
    assert_near(
        check!(scaled_sum(&Vec::<f64>::new(), 1.5, 0.1)),
        ((), 0.0, 0.0),
    );
}

#[differentiable]
fn series(x: f64, n: i32) -> f64 {
    (1..=n).map(|k| x.powi(k) / f64::from(k)).sum()
}

#[test]
fn over_a_range() {
    let x = 0.4_f64;
    assert_near(check!(series(x, const 6)), (1.0 - x.powi(6)) / (1.0 - x));
    assert_near(check!(series(x, const 0)), 0.0);
}

#[differentiable]
fn indexed(a: &[f64], b: &[f64]) -> f64 {
    (0..a.len()).map(|i| a[i] * b[a.len() - 1 - i]).sum()
}

#[test]
fn captured_slices() {
    let (a, b) = (vec![1.0, 2.0, 3.0], vec![5.0, 7.0, 11.0]);
    assert_near(check!(indexed(&a, &b)), ([11.0, 7.0, 5.0], [3.0, 2.0, 1.0]));
}

// ------------------------------------------------------------------------------- product and fold

#[differentiable]
fn product(x: &[f64]) -> f64 {
    x.iter().product()
}

#[test]
fn a_product() {
    assert_near(check!(product(&vec![2.0, 3.0, 5.0])), [15.0, 10.0, 6.0]);
    assert_near(check!(product(&Vec::<f64>::new())), ());
    // Zeros: the others' product, and nothing with two.
    assert_near(check!(product(&vec![2.0, 0.0, 5.0])), [0.0, 10.0, 0.0]);
    assert_near(check!(product(&vec![0.0, 0.0, 5.0])), [0.0, 0.0, 0.0]);
}

#[differentiable]
fn likelihood(p: &[f64], k: f64) -> f64 {
    p.iter().map(|p| p * k + 0.1).product::<f64>().ln()
}

#[test]
fn a_product_of_a_map() {
    let (p, k) = (vec![0.5, 0.9], 0.8);
    let expected = [0.8 / 0.5, 0.8 / 0.82];
    assert_near(
        check!(likelihood(&p, k)),
        (expected, 0.5 / 0.5 + 0.9 / 0.82),
    );
}

#[differentiable]
fn horner(c: &[f64], x: f64) -> f64 {
    c.iter().rev().fold(0.0, |value, c| value * x + c)
}

#[test]
fn a_fold_from_behind() {
    let (c, x) = (vec![1.0, 2.0, 3.0, 4.0], 0.5);
    assert_near(
        check!(horner(&c, x)),
        ([1.0, 0.5, 0.25, 0.125], 2.0 + 3.0 + 3.0),
    );
    assert_near(check!(horner(&Vec::<f64>::new(), x)), ((), 0.0));
}

#[differentiable]
fn largest(x: &[f64]) -> f64 {
    x.iter().fold(f64::NEG_INFINITY, |best, v| best.max(*v))
}

#[differentiable]
fn smallest(x: &[f64]) -> f64 {
    x.iter().copied().fold(f64::INFINITY, f64::min)
}

#[test]
fn extrema() {
    let x = vec![1.0, 3.0, -2.0];
    assert_near(check!(largest(&x)), [0.0, 1.0, 0.0]);
    assert_near(check!(smallest(&x)), [0.0, 0.0, 1.0]);
    assert_near(check_at_kink!(largest(&vec![1.0, 1.0])), [0.5, 0.5]);
}

#[differentiable]
fn mean_and_square(x: &[f64]) -> f64 {
    let (sum, square) = x.iter().fold((0.0, 0.0), |(s, q), v| (s + v, q + v * v));
    let n = x.len() as f64;
    square / n - (sum / n) * (sum / n)
}

#[test]
fn a_fold_of_tuples() {
    let x = vec![1.0, 4.0, 2.0, 9.0];
    let expected: Vec<f64> = x.iter().map(|v| 2.0 * (v - 4.0) / 4.0).collect();
    assert_near(check!(mean_and_square(&x)), expected);
}

#[differentiable]
fn folded_block(x: &[f64], start: f64) -> f64 {
    x.iter().fold(start, |state, v| {
        let next = state.sin() + v;
        if next > 0.5 { next * state } else { next }
    })
}

#[test]
fn a_fold_with_a_body() {
    check!(folded_block(&vec![0.5, -1.0, 0.25], 0.7));
    assert_near(check!(folded_block(&Vec::<f64>::new(), 0.7)), ((), 1.0));
}

#[differentiable]
fn continued_fraction(a: &[f64; 4]) -> f64 {
    a.iter().rev().fold(1.0, |tail, a| a + 1.0 / tail)
}

#[test]
fn a_fold_of_divisions() {
    check!(continued_fraction(&[1.0, 2.0, 3.0, 4.0]));
}

// ---------------------------------------------------------------------- enumerate, take, skip, …

#[differentiable]
fn moment(x: &[f64]) -> f64 {
    x.iter().enumerate().map(|(i, v)| i as f64 * v * v).sum()
}

#[test]
fn enumerate() {
    assert_near(check!(moment(&vec![1.0, 2.0, 3.0])), [0.0, 4.0, 12.0]);
}

#[differentiable]
fn differences(x: &[f64]) -> f64 {
    x.iter()
        .zip(x.iter().skip(1))
        .map(|(a, b)| (b - a).powi(2))
        .sum()
}

#[test]
fn a_slice_zipped_with_itself() {
    // (1)² + (3)²
    assert_near(
        check!(differences(&vec![1.0, 2.0, 5.0])),
        [-2.0, 2.0 - 6.0, 6.0],
    );
    assert_near(check!(differences(&vec![1.0])), [0.0]);
}

#[differentiable]
fn head_and_tail(x: &[f64], n: usize, k: f64) -> f64 {
    let head: f64 = x.iter().take(n).map(|v| v * k).sum();
    let tail: f64 = x.iter().skip(n).map(|v| v * v).sum();
    let last: f64 = x.iter().rev().take(1).sum();
    head * tail + last
}

#[test]
fn take_and_skip() {
    let x = vec![1.0, 2.0, 3.0];
    // (x₀ + x₁)k·x₂² + x₂
    assert_near(
        check!(head_and_tail(&x, const 2, 0.5)),
        ([4.5, 4.5, 9.0 + 1.0], 27.0),
    );
    assert_near(
        check!(head_and_tail(&x, const 0, 0.5)),
        ([0.0, 0.0, 1.0], 0.0),
    );
    assert_near(
        check!(head_and_tail(&x, const 9, 0.5)),
        ([0.0, 0.0, 1.0], 0.0),
    );
}

#[differentiable]
fn every_other(x: &[f64], k: f64) -> f64 {
    x.iter().step_by(2).map(|v| v * k).sum::<f64>()
        - (0..x.len()).step_by(3).map(|i| x[i]).sum::<f64>()
}

#[test]
fn step_by() {
    let x = vec![1.0, 2.0, 3.0, 4.0];
    assert_near(check!(every_other(&x, 5.0)), ([4.0, 0.0, 5.0, -1.0], 4.0));
}

#[differentiable]
fn masked(x: &[f64], mask: &[bool], k: f64) -> f64 {
    x.iter()
        .zip(mask)
        .filter(|(_, on)| **on)
        .map(|(v, _)| v * v * k)
        .sum()
}

#[differentiable]
fn odd_ones(x: &[f64]) -> f64 {
    (0..x.len()).filter(|i| i % 2 == 1).map(|i| x[i].ln()).sum()
}

#[test]
fn filters_on_inactive_conditions() {
    let (x, mask) = (vec![1.0, 2.0, 3.0], [true, false, true]);
    assert_near(
        check!(masked(&x, const &mask, 0.5)),
        ([1.0, 0.0, 3.0], 10.0),
    );
    // What is filtered out is not evaluated.
    assert_near(
        check!(odd_ones(&vec![-1.0, 2.0, -3.0, 4.0])),
        [0.0, 0.5, 0.0, 0.25],
    );
}

#[differentiable]
fn positive_part(x: &[f64]) -> f64 {
    x.iter().filter(|v| **v > 0.0).map(|v| v.sqrt()).sum()
}

#[test]
fn a_filter_on_an_active_condition() {
    assert_near(
        check!(positive_part(&vec![4.0, -1.0, 0.25])),
        [0.25, 0.0, 1.0],
    );
}

#[differentiable]
fn chained(x: &[f64], y: &[f64]) -> f64 {
    let both: f64 = x.iter().chain(y).map(|v| v * v).sum();
    both * x[0]
}

#[test]
fn chain() {
    let (x_bar, y_bar) = check!(chained(&vec![1.0, 2.0], &vec![3.0]));
    assert_near((x_bar, y_bar), ([2.0 + 14.0, 4.0], [6.0]));
}

#[differentiable]
fn copied_and_cloned(x: &[f64], y: &[f64]) -> f64 {
    let a: f64 = x.iter().copied().map(f64::exp).sum();
    let b: f64 = y
        .iter()
        .cloned()
        .zip(x.iter().copied())
        .map(|(y, x)| y / x)
        .sum();
    a * b
}

#[test]
fn copied() {
    check!(copied_and_cloned(&vec![0.5, 1.5], &vec![2.0, -3.0]));
}

#[differentiable]
fn in_blocks(x: &[f64], n: usize) -> f64 {
    x.chunks(n)
        .map(|block| {
            let total: f64 = block.iter().sum();
            total * total / block.len() as f64
        })
        .sum()
}

#[test]
fn chunks() {
    // (1 + 2)²/2 + (3 + 4)²/2 + 5²
    let x = vec![1.0, 2.0, 3.0, 4.0, 5.0];
    assert_near(check!(in_blocks(&x, const 2)), [3.0, 3.0, 7.0, 7.0, 10.0]);
    assert_near(check!(in_blocks(&x, const 9)), [6.0; 5]);
}

#[differentiable]
fn moving_average(x: &[f64], width: usize) -> f64 {
    x.windows(width)
        .map(|w| (w.iter().sum::<f64>() / width as f64).powi(2))
        .sum()
}

#[differentiable]
fn curvature(x: &[f64]) -> f64 {
    let mut total = 0.0;
    for w in x.windows(3) {
        total += (w[0] - 2.0 * w[1] + w[2]).powi(2);
    }
    total
}

#[test]
fn windows() {
    let x = vec![1.0, 2.0, 4.0, 3.0];
    // Means 1.5, 3, 3.5.
    assert_near(check!(moving_average(&x, const 2)), [1.5, 4.5, 6.5, 3.5]);
    // Longer than the slice.
    assert_near(check!(moving_average(&x, const 5)), [0.0; 4]);
    // 1 and −3.
    assert_near(check!(curvature(&x)), [2.0, -4.0 - 6.0, 2.0 + 12.0, -6.0]);
}

#[differentiable]
fn numbered(x: &[f64], k: f64) -> f64 {
    let a: f64 = (1..).zip(x).map(|(i, v)| v * f64::from(i)).sum();
    let b: f64 = x.iter().zip(1..).map(|(v, i): (&f64, i32)| v.powi(i)).sum();
    let c: f64 = x
        .iter()
        .rev()
        .enumerate()
        .map(|(i, v)| k * v * i as f64)
        .sum();
    a + b + c
}

#[test]
fn open_ranges() {
    let (x_bar, k_bar) = check!(numbered(&vec![2.0, 3.0, 5.0], 10.0));
    assert_near(x_bar, [1.0 + 1.0 + 20.0, 2.0 + 6.0 + 10.0, 3.0 + 75.0]);
    assert_near(k_bar, 4.0 + 3.0);
}

// ------------------------------------------------------------------------------- nested and rows

#[differentiable]
fn quadratic_form(m: &[[f64; 2]; 2], x: &[f64; 2]) -> f64 {
    m.iter()
        .zip(x)
        .map(|(row, a)| a * row.iter().zip(x).map(|(m, b)| m * b).sum::<f64>())
        .sum()
}

#[test]
fn a_chain_in_a_chain() {
    let (m, x) = ([[1.0, 2.0], [3.0, 5.0]], [2.0, -1.0]);
    let (m_bar, x_bar) = check!(quadratic_form(&m, &x));
    assert_near(m_bar, [[4.0, -2.0], [-2.0, 1.0]]);
    assert_near(x_bar, [2.0 * 2.0 - 5.0, 5.0 * 2.0 - 10.0]);
}

#[differentiable]
fn pair_energy(charges: &[Charge]) -> f64 {
    (0..charges.len())
        .map(|i| {
            (0..i)
                .map(|j| charges[i].q * charges[j].q / (charges[i].x - charges[j].x).abs())
                .sum::<f64>()
        })
        .sum()
}

#[test]
fn over_structs() {
    let charges = vec![
        Charge { x: 0.0, q: 1.0 },
        Charge { x: 1.0, q: 2.0 },
        Charge { x: 3.0, q: -1.0 },
    ];
    let bars = check!(pair_energy(&charges));
    assert_near(
        (bars[0].q, bars[1].q, bars[2].q),
        (2.0 - 1.0 / 3.0, 1.0 - 0.5, 1.0 / 3.0 + 1.0),
    );
}

#[differentiable]
fn patterns(charges: &[Charge], pairs: &[(f64, f64)]) -> f64 {
    let a: f64 = charges.iter().map(|Charge { x, q }| x * q).sum();
    let b: f64 = pairs.iter().map(|&(x, y)| x - y * y).sum();
    let c: f64 = charges.iter().map(|c| c.q).sum();
    a * b + c
}

#[test]
fn patterns_in_closures() {
    let charges = vec![Charge { x: 2.0, q: 3.0 }, Charge { x: 5.0, q: 1.0 }];
    let (c_bar, p_bar) = check!(patterns(&charges, &vec![(4.0, 1.0), (6.0, 2.0)]));
    // a = 11, b = 5.
    assert_near(
        (c_bar[0].x, c_bar[0].q, c_bar[1].x, c_bar[1].q),
        (15.0, 11.0, 5.0, 26.0),
    );
    assert_near(p_bar, [(11.0, -22.0), (11.0, -44.0)]);
}

// ---------------------------------------------------------------------------------------- collect

#[differentiable]
fn softmax_by_hand(x: &[f64]) -> Vec<f64> {
    let top = x.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let e: Vec<f64> = x.iter().map(|v| (v - top).exp()).collect();
    let total: f64 = e.iter().sum();
    e.iter().map(|e| e / total).collect()
}

#[test]
fn collected() {
    let x = vec![0.5, 1.5, -1.0];
    let p = softmax_by_hand(&x);
    let expected: Vec<f64> = (0..3)
        .map(|i| p[2] * (f64::from(u8::from(i == 2)) - p[i]))
        .collect();
    assert_near(check!(softmax_by_hand(&x) => vec![0.0, 0.0, 1.0]), expected);
}

#[differentiable]
fn collected_twice(x: &[f64], k: f64) -> f64 {
    let scaled: Vec<f64> = x.iter().map(|v| v * k).collect();
    let kept = scaled.iter().skip(1).map(|v| v * v).collect::<Vec<_>>();
    kept.iter().zip(&scaled).map(|(a, b)| a * b).sum::<f64>() + kept.len() as f64 * k
}

#[test]
fn a_collected_vector_used_twice() {
    let (x, k) = (vec![1.0, 2.0, 3.0], 0.5);
    // k³(x₁²x₀ + x₂²x₁) + 2k
    let (x_bar, k_bar) = check!(collected_twice(&x, k));
    assert_near(x_bar, [0.125 * 4.0, 0.125 * (4.0 + 9.0), 0.125 * 12.0]);
    assert_near(k_bar, 0.75 * 22.0 + 2.0);
}

#[differentiable]
fn mapped_array(x: [f64; 3], k: f64) -> [f64; 3] {
    x.map(|v| v.powi(2) * k)
}

#[test]
fn the_map_of_arrays() {
    let (x_bar, k_bar) = check!(mapped_array([1.0, 2.0, 3.0], 5.0) => [1.0, 10.0, 100.0]);
    assert_near((x_bar, k_bar), ([10.0, 200.0, 3000.0], 941.0));
}

// --------------------------------------------------------------------------------------- closures

#[differentiable]
fn local_closure(x: f64, k: f64) -> f64 {
    let f = |a: f64| a * k;
    f(x) + f(f(2.0))
}

#[test]
fn a_closure_called_later() {
    assert_near(check!(local_closure(3.0, 5.0)), (5.0, 3.0 + 20.0));
}

#[differentiable]
fn closure_of_two(x: f64, y: f64) -> f64 {
    let scale = x * y;
    let blend = |a: f64, b: f64| {
        let t = a / (a + b);
        t * scale + (1.0 - t) * x
    };
    let x = y + 1.0;
    blend(x, y) * blend(y, 2.0)
}

#[test]
fn a_closure_keeps_what_it_captured() {
    check!(closure_of_two(1.5, 0.5));
}

#[differentiable]
fn closure_in_loop(x: f64, n: usize) -> f64 {
    let decay = |t: f64| (-x * t).exp();
    let mut total = 0.0;
    for i in 0..n {
        let weight = |v: f64| v * decay(i as f64 * 0.1);
        total += weight(x) + decay(total);
    }
    total
}

#[test]
fn closures_in_loops() {
    assert_near(check!(closure_in_loop(0.5, const 0)), 0.0);
    check!(closure_in_loop(0.5, const 1));
    check!(closure_in_loop(0.5, const 6));
}

#[differentiable]
fn rk4(y: f64, rate: f64, steps: usize) -> f64 {
    let f = |y: f64| rate * y * (1.0 - y);
    let dt = 0.1;
    (0..steps).fold(y, |y, _| {
        let k1 = f(y);
        let k2 = f(y + 0.5 * dt * k1);
        let k3 = f(y + 0.5 * dt * k2);
        let k4 = f(y + dt * k3);
        y + dt / 6.0 * (k1 + 2.0 * k2 + 2.0 * k3 + k4)
    })
}

#[test]
fn an_integrator_of_a_closure() {
    check!(rk4(0.2, 1.5, const 1));
    check!(rk4(0.2, 1.5, const 10));
}

#[differentiable]
fn inactive_closure(x: f64, n: usize) -> f64 {
    let square = |k: usize| k * k;
    let pick = |k: usize| if k > 2 { 0.5 } else { 2.0 };
    x * square(n) as f64 * pick(n)
}

#[test]
fn a_closure_of_integers() {
    assert_near(check!(inactive_closure(1.5, const 3)), 4.5);
}

#[differentiable]
fn square(x: f64) -> f64 {
    x * x
}

#[differentiable]
fn functions_as_closures(x: &[f64; 3]) -> f64 {
    x.iter().copied().map(square).sum::<f64>() + x.iter().map(|v| square(*v) * v).sum::<f64>()
}

#[test]
fn paths_as_closures() {
    assert_near(
        check!(functions_as_closures(&[1.0, 2.0, 3.0])),
        [2.0 + 3.0, 4.0 + 12.0, 6.0 + 27.0],
    );
}

#[differentiable]
fn captured_by_move(x: f64, y: f64) -> f64 {
    let k = x.sin();
    let f = move |v: f64| v * k + y;
    f(x) * f(1.0)
}

#[test]
fn move_closures() {
    check!(captured_by_move(0.7, 1.5));
}

#[differentiable]
fn for_each_adds(x: &[f64], k: f64) -> f64 {
    let mut total = k;
    x.iter().for_each(|v| total += v * total);
    total
}

#[test]
fn for_each() {
    // k Π(1 + v)
    let (x_bar, k_bar) = check!(for_each_adds(&vec![1.0, 2.0], 5.0));
    assert_near((x_bar, k_bar), ([15.0, 10.0], 6.0));
}

/// A small network in the style of iterators.
#[differentiable]
fn network(w: &[[f64; 2]; 3], v: &[f64; 3], x: &[f64; 2]) -> f64 {
    let hidden = w
        .iter()
        .map(|row| row.iter().zip(x).map(|(w, x)| w * x).sum::<f64>().tanh());
    hidden.zip(v).map(|(h, v)| h * v).sum::<f64>()
}

#[test]
fn a_chain_bound_first() {
    let mut points = Points::seeded(2);
    for _ in 0..5 {
        let w = [(); 3].map(|()| points.array(-1.0, 1.0));
        check!(network(
            &w,
            &points.array(-1.0, 1.0),
            &points.array(-1.0, 1.0)
        ));
    }
}
