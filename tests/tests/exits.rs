//! Ways out of loops and functions: `break`, `continue`, `return`, labels, `loop` with a value.
#![allow(
    clippy::needless_range_loop,
    clippy::never_loop,
    clippy::needless_return,
    clippy::assign_op_pattern,
    reason = "exits are written in every way that users write them"
)]

use autodiff_runtime::prelude::*;
use autodiff_tests::derivatives::assert_near;
use autodiff_tests::points::Points;
use autodiff_tests::{check, check_at_kink};

// ---------------------------------------------------------------------------------------- return

#[differentiable]
fn guarded(x: f64) -> f64 {
    if x < 0.0 {
        return 0.0;
    }
    x * x
}

#[test]
fn a_constant_returned_early() {
    assert_near(check!(guarded(3.0)), 6.0);
    assert_near(check!(guarded(-3.0)), 0.0);
}

#[differentiable]
fn softplus_by_parts(x: f64, cut: f64) -> f64 {
    if x > cut {
        return x;
    }
    let e = x.exp();
    if x < -cut {
        return e;
    }
    (1.0 + e).ln()
}

#[test]
fn active_values_returned_early() {
    assert_near(check!(softplus_by_parts(6.0, 5.0)), (1.0, 0.0));
    assert_near(
        check!(softplus_by_parts(-6.0, 5.0)),
        ((-6.0_f64).exp(), 0.0),
    );
    assert_near(check!(softplus_by_parts(1.0, 5.0)), (sigmoid(1.0), 0.0));
}

#[differentiable]
fn plain_return(x: f64, y: f64) -> f64 {
    let z = x * y;
    return z * z;
}

#[test]
fn a_return_at_the_end() {
    assert_near(check!(plain_return(2.0, 3.0)), (36.0, 24.0));
}

#[differentiable]
fn nested_returns(x: f64, y: f64, mode: usize) -> f64 {
    let mut scale = 2.0 * x;
    if mode > 0 {
        scale *= y;
        if mode > 1 {
            let square = scale * scale;
            if square > 10.0 {
                return square;
            }
            scale += 1.0;
        } else {
            return scale;
        }
    }
    scale * x
}

#[test]
fn some_branches_return() {
    assert_near(check!(nested_returns(2.0, 3.0, const 0)), (8.0, 0.0));
    assert_near(check!(nested_returns(2.0, 3.0, const 1)), (6.0, 4.0));
    assert_near(check!(nested_returns(2.0, 3.0, const 2)), (144.0, 96.0));
    // (2xy + 1)x
    assert_near(check!(nested_returns(0.5, 3.0, const 2)), (7.0, 0.5));
}

#[differentiable]
fn by_kind(x: f64, kind: u8) -> f64 {
    let y = match kind {
        0 => return x,
        1 => x * x,
        2 => {
            if x > 1.0 {
                return 3.0 * x;
            }
            x.sin()
        }
        _ => return 1.0,
    };
    y * y
}

#[test]
fn arms_that_return() {
    assert_near(check!(by_kind(2.0, const 0)), 1.0);
    assert_near(check!(by_kind(2.0, const 1)), 32.0);
    assert_near(check!(by_kind(2.0, const 2)), 3.0);
    assert_near(check!(by_kind(0.5, const 2)), 1.0_f64.sin());
    assert_near(check!(by_kind(2.0, const 3)), 0.0);
}

/// Where the walk first exceeds its limit.
#[differentiable]
fn first_above(x: &[f64], limit: f64) -> f64 {
    let mut height = 0.0;
    for i in 0..x.len() {
        height += x[i] * x[i];
        if height > limit {
            return height - limit;
        }
    }
    -height
}

#[test]
fn a_return_in_a_loop() {
    let x = vec![1.0, 2.0, 3.0];
    assert_near(check!(first_above(&x, 4.5)), ([2.0, 4.0, 0.0], -1.0));
    assert_near(check!(first_above(&x, 0.5)), ([2.0, 0.0, 0.0], -1.0));
    assert_near(check!(first_above(&x, 99.0)), ([-2.0, -4.0, -6.0], 0.0));
    assert_near(check!(first_above(&Vec::<f64>::new(), 99.0)), ((), 0.0));
}

#[differentiable]
fn found_in_matrix(m: &[[f64; 3]; 3], x: f64, limit: f64) -> f64 {
    for i in 0..3 {
        let mut row = x;
        for j in 0..3 {
            row *= m[i][j];
            if row > limit {
                return row * row;
            }
        }
    }
    x
}

#[test]
fn a_return_in_two_loops() {
    let m = [[0.5, 0.5, 0.5], [2.0, 3.0, 5.0], [7.0, 7.0, 7.0]];
    let (m_bar, x_bar, limit_bar) = check!(found_in_matrix(&m, 1.0, 5.0));
    assert_near(m_bar, [[0.0; 3], [2.0 * 18.0, 2.0 * 12.0, 0.0], [0.0; 3]]);
    assert_near((x_bar, limit_bar), (72.0, 0.0));
    assert_near(
        check!(found_in_matrix(&m, 1.0, 1e9)),
        ([[0.0; 3]; 3], 1.0, 0.0),
    );
}

#[differentiable]
fn unit_or_axis(x: f64, y: f64) -> [f64; 2] {
    let square = x * x + y * y;
    if square < 1e-6 {
        return [1.0, x];
    }
    let norm = square.sqrt();
    [x / norm, y / norm]
}

#[test]
fn arrays_returned_early() {
    assert_near(
        check!(unit_or_axis(3.0, 4.0) => [1.0, 0.0]),
        (0.128, -0.096),
    );
    assert_near(check!(unit_or_axis(1e-5, 0.0) => [1.0, 10.0]), (10.0, 0.0));
}

#[differentiable]
fn prefix_until(x: &[f64], limit: f64) -> Vec<f64> {
    let mut sums = vec![0.0; x.len()];
    let mut total = 0.0;
    for i in 0..x.len() {
        total += x[i];
        if total > limit {
            return sums;
        }
        sums[i] = total * total;
    }
    sums
}

#[test]
fn vectors_returned_early() {
    let x = vec![1.0, 2.0, 4.0];
    // 1, (1 + 2)², then nothing.
    let (x_bar, _) = check!(prefix_until(&x, 5.0) => vec![1.0, 10.0, 100.0]);
    assert_near(x_bar, [2.0 + 60.0, 60.0, 0.0]);
    let (x_bar, _) = check!(prefix_until(&x, 50.0) => vec![1.0, 10.0, 100.0]);
    assert_near(x_bar, [62.0 + 1400.0, 60.0 + 1400.0, 1400.0]);
}

// ----------------------------------------------------------------------------------------- break

#[differentiable]
fn sum_until(x: &[f64], limit: f64) -> f64 {
    let mut total = 0.0;
    for v in x {
        if *v > limit {
            break;
        }
        total += v * v;
    }
    total
}

#[test]
fn a_break() {
    let x = vec![1.0, 2.0, 9.0, 3.0];
    assert_near(check!(sum_until(&x, 5.0)), ([2.0, 4.0, 0.0, 0.0], 0.0));
    assert_near(check!(sum_until(&x, 50.0)), ([2.0, 4.0, 18.0, 6.0], 0.0));
    // In the first trip.
    assert_near(check!(sum_until(&x, 0.5)), ([0.0; 4], 0.0));
}

#[differentiable]
fn halved(x: f64) -> f64 {
    let mut y = x;
    loop {
        if y < 1.0 {
            break;
        }
        y *= 0.5;
    }
    y * y
}

#[test]
fn a_loop_left_by_break() {
    assert_near(check!(halved(0.5)), 1.0);
    assert_near(check!(halved(6.0)), 2.0 * 6.0 / 64.0);
}

#[differentiable]
fn once(x: f64) -> f64 {
    let mut y = x;
    loop {
        y = y.exp() * x;
        break;
    }
    y
}

#[test]
fn a_loop_of_one_trip() {
    assert_near(check!(once(0.5)), 1.5 * 0.5_f64.exp());
}

/// The state is changed on both sides of the exit.
#[differentiable]
fn in_the_middle(x: f64, limit: f64) -> f64 {
    let mut low = x;
    let mut high = 1.0;
    loop {
        low = low * low + 0.5;
        if low > limit {
            break;
        }
        high *= low;
        if high > limit * limit {
            high += low;
            break;
        }
    }
    low * high
}

#[test]
fn two_breaks_in_the_middle() {
    // At once; after some trips; by the other exit.
    assert_near(check!(in_the_middle(3.0, 5.0)), (6.0, 0.0));
    check!(in_the_middle(0.9, 5.0));
    check!(in_the_middle(1.05, 1.9));
    check!(in_the_middle(0.1, 1.2));
}

/// Newton's iteration, until it stands still.
#[differentiable]
fn cube_root(a: f64) -> f64 {
    let mut y = 0.5 * (1.0 + a);
    let mut trips = 0;
    while trips < 60 {
        let next = y - (y * y * y - a) / (3.0 * y * y);
        let change = (next - y).abs();
        y = next;
        if change < 1e-13 {
            break;
        }
        trips += 1;
    }
    y
}

#[test]
fn while_with_break() {
    for a in [0.5, 2.0, 27.0] {
        assert_near(check!(cube_root(a)), a.cbrt() / (3.0 * a));
    }
}

// --------------------------------------------------------------------------------- loop as a value

#[differentiable]
fn first_power_above(x: f64, limit: f64) -> f64 {
    let mut power = x;
    let found = loop {
        if power > limit {
            break power;
        }
        power *= x;
    };
    found + limit
}

#[test]
fn a_value_of_a_loop() {
    // 2⁴ > 10
    assert_near(check!(first_power_above(2.0, 10.0)), (32.0, 1.0));
    assert_near(check!(first_power_above(2.0, 1.0)), (1.0, 1.0));
}

#[differentiable]
fn kepler(mean: f64, eccentricity: f64) -> f64 {
    let mut e = mean;
    loop {
        let miss = e - eccentricity * e.sin() - mean;
        let step = miss / (1.0 - eccentricity * e.cos());
        e -= step;
        if step.abs() < 1e-12 {
            break e;
        }
    }
}

#[test]
fn the_value_of_the_function() {
    // Kepler's equation, by the implicit function theorem.
    let (mean, eccentricity) = (1.0, 0.3);
    let e = kepler(mean, eccentricity);
    let slope = 1.0 / (1.0 - eccentricity * e.cos());
    assert_near(check!(kepler(mean, eccentricity)), (slope, slope * e.sin()));
}

#[differentiable]
fn two_of_a_loop(a: f64, b: f64) -> f64 {
    let mut x = a;
    let mut y = b;
    let (low, high) = loop {
        let mean = 0.5 * (x + y);
        if mean > 4.0 {
            break (x, mean);
        }
        if y > 3.0 {
            break (mean, y * y);
        }
        x = mean;
        y = y + a;
    };
    low * high
}

#[test]
fn tuples_from_a_loop() {
    // At once by the first and by the second exit.
    assert_near(check!(two_of_a_loop(6.0, 4.0)), (5.0 + 3.0, 3.0));
    assert_near(
        check!(two_of_a_loop(1.0, 3.5)),
        (0.5 * 12.25, 0.5 * 12.25 + 2.25 * 7.0),
    );
    check!(two_of_a_loop(1.0, 0.5));
}

/// Halves the step until the function falls far enough, and gives the value there.
#[differentiable]
fn line_search(x: &[f64; 2], direction: &[f64; 2], first: f64) -> f64 {
    let start = x[0] * x[0] + 3.0 * x[1] * x[1];
    let slope = 2.0 * x[0] * direction[0] + 6.0 * x[1] * direction[1];
    let mut step = first;
    loop {
        let a = x[0] + step * direction[0];
        let b = x[1] + step * direction[1];
        let value = a * a + 3.0 * b * b;
        if value < start + 0.1 * step * slope {
            break value;
        }
        step *= 0.5;
    }
}

#[test]
fn backtracking() {
    let (x, direction) = ([2.0, 1.0], [-4.0, -6.0]);
    // Taken after two halvings: 0.25.
    let (x_bar, direction_bar, first_bar) = check!(line_search(&x, &direction, 1.0));
    let (a, b) = (2.0 - 1.0, 1.0 - 1.5);
    assert_near(x_bar, [2.0 * a, 6.0 * b]);
    assert_near(direction_bar, [0.25 * 2.0 * a, 0.25 * 6.0 * b]);
    assert_near(first_bar, 0.25 * (2.0 * a * -4.0 + 6.0 * b * -6.0));
}

/// The derivative is that of the halvings done: a mean of the ends.
#[differentiable]
fn bisection(low: f64, high: f64, #[constant] target: f64) -> f64 {
    let mut low = low;
    let mut high = high;
    while high - low > 0.1 {
        let middle = 0.5 * (low + high);
        if middle * middle < target {
            low = middle;
        } else {
            high = middle;
        }
    }
    0.5 * (low + high)
}

#[test]
fn halvings() {
    // [1, 2] → [1, 1.5] → [1.25, 1.5] → [1.375, 1.5] → [1.375, 1.4375].
    let share = 1.40625 - 1.0;
    assert_near(check!(bisection(1.0, 2.0, const 2.0)), (1.0 - share, share));
}

// -------------------------------------------------------------------------------------- continue

#[differentiable]
fn sum_of_logs(x: &[f64], scale: f64) -> f64 {
    let mut total = 0.0;
    for v in x {
        if *v <= 0.0 {
            continue;
        }
        total += scale * v.ln();
    }
    total
}

#[test]
fn what_is_skipped_has_no_part() {
    let x = vec![2.0, -1.0, 0.5, -3.0];
    assert_near(check!(sum_of_logs(&x, 3.0)), ([1.5, 0.0, 6.0, 0.0], 0.0));
    assert_near(
        check!(sum_of_logs(&vec![-1.0, -2.0], 3.0)),
        ([0.0, 0.0], 0.0),
    );
}

#[differentiable]
fn partly_skipped(x: &[f64], k: f64) -> f64 {
    let mut state = k;
    let mut last = 1.0;
    for i in 0..x.len() {
        state = state * x[i];
        if i % 2 == 1 {
            continue;
        }
        last = state * state;
        if last > 5.0 {
            state = last.sqrt() * k;
            continue;
        }
        state += last;
    }
    state + 3.0 * last
}

#[test]
fn continue_between_changes() {
    assert_near(
        check!(partly_skipped(&vec![2.0], 0.5)),
        ([1.5 + 6.0 * 0.5], 3.0 * 2.0 + 6.0 * 2.0),
    );
    check!(partly_skipped(&vec![1.5, 0.7, 2.0, 1.2, 0.3], 1.1));
    check!(partly_skipped(&vec![0.5, 0.7], 1.1));
}

#[differentiable]
fn odd_factors(x: f64, n: usize) -> f64 {
    let mut k = 0;
    let mut product = 1.0;
    while k < n {
        k += 1;
        if k % 2 == 0 {
            continue;
        }
        product *= x + k as f64;
        if product > 100.0 {
            break;
        }
    }
    product
}

#[test]
fn while_with_both() {
    // (x + 1)(x + 3)(x + 5)
    assert_near(check!(odd_factors(1.0, const 6)), 8.0 + 12.0 + 24.0);
    assert_near(check!(odd_factors(3.0, const 60)), 24.0 + 32.0 + 48.0);
}

// ---------------------------------------------------------------------------------------- labels

#[differentiable]
fn labelled_break(m: &[[f64; 3]; 3], limit: f64) -> f64 {
    let mut total = 0.0;
    'rows: for i in 0..3 {
        let mut row = 1.0;
        for j in 0..3 {
            row *= m[i][j];
            if row > limit {
                total += 10.0 * row;
                break 'rows;
            }
        }
        total += row;
    }
    total * total
}

#[test]
fn out_of_two_loops() {
    let m = [[1.0, 2.0, 3.0], [2.0, 5.0, 7.0], [9.0, 9.0, 9.0]];
    // (6 + 10·2·5)²
    let (m_bar, _) = check!(labelled_break(&m, 8.0));
    assert_near(
        m_bar,
        [
            [212.0 * 6.0, 212.0 * 3.0, 212.0 * 2.0],
            [212.0 * 50.0, 212.0 * 20.0, 0.0],
            [0.0; 3],
        ],
    );
    check!(labelled_break(&m, 1e6));
    check!(labelled_break(&m, 0.5));
}

/// The rows without a negative number, multiplied.
#[differentiable]
fn labelled_continue(m: &[[f64; 2]]) -> f64 {
    let mut product = 1.0;
    'rows: for row in m {
        let mut sum = 0.0;
        for v in row {
            if *v < 0.0 {
                continue 'rows;
            }
            sum += v * v;
        }
        product *= sum;
    }
    product
}

#[test]
fn to_the_next_of_the_outer_loop() {
    let m = vec![[1.0, 2.0], [3.0, -1.0], [-1.0, 7.0], [2.0, 1.0]];
    assert_near(
        check!(labelled_continue(&m)),
        [[10.0, 20.0], [0.0; 2], [0.0; 2], [20.0, 10.0]],
    );
}

#[differentiable]
fn every_exit(x: f64, n: usize) -> f64 {
    let mut y = x;
    let mut rounds = 0;
    'outer: loop {
        let mut k = 0;
        while k < n {
            k += 1;
            y = y * 1.5 - 0.1 * x;
            if y > 50.0 {
                return y * x;
            }
            if y > 20.0 {
                break 'outer;
            }
            if k == 3 {
                continue 'outer;
            }
            if rounds > 4 {
                break;
            }
        }
        rounds += 1;
        if rounds > 6 {
            break;
        }
        y += 0.01;
    }
    y.ln()
}

#[test]
fn all_exits_at_once() {
    check!(every_exit(1.0, const 2));
    check!(every_exit(1.0, const 3));
    check!(every_exit(40.0, const 5));
    check!(every_exit(0.01, const 1));
    check!(every_exit(0.5, const 0));
}

#[differentiable]
fn labelled_value(x: f64, limit: f64) -> f64 {
    let mut scale = x;
    let found = 'search: loop {
        let mut product = 1.0;
        for k in 1..4 {
            product *= scale + f64::from(k);
            if product > limit {
                break 'search product * scale;
            }
        }
        scale *= 2.0;
    };
    found + x
}

#[test]
fn a_value_out_of_two_loops() {
    // s = 2x: (s + 1)(s + 2)s
    let s = 2.0;
    assert_near(check!(labelled_value(1.0, 10.0 + 1.0)).0, {
        // (x + 1)(x + 2)(x + 3)x at x = 1
        let x = 1.0;
        24.0 * x + (12.0 + 8.0 + 6.0) * x + 1.0
    });
    assert_near(check!(labelled_value(1.0, 30.0)).0, {
        let slope = (s + 2.0) * (s + 3.0) + (s + 1.0) * (s + 3.0) + (s + 1.0) * (s + 2.0);
        2.0 * ((s + 1.0) * (s + 2.0) * (s + 3.0) + s * slope) + 1.0
    });
}

// --------------------------------------------------------------------------------- in combination

/// How fast the Mandelbrot iteration escapes, smoothed.
#[differentiable]
fn escape(re: f64, im: f64) -> f64 {
    let mut x = 0.0;
    let mut y = 0.0;
    for n in 0..40 {
        let square = x * x + y * y;
        if square > 64.0 {
            return n as f64 - (0.5 * square.ln()).log2();
        }
        let next = x * x - y * y + re;
        y = 2.0 * x * y + im;
        x = next;
    }
    0.0
}

#[test]
fn an_escape_time() {
    check!(escape(0.6, 0.5));
    check!(escape(-1.2, 0.7));
    assert_near(check!(escape(0.1, 0.1)), (0.0, 0.0));
}

/// A machine with a stack of one: characters choose the operation and the exit.
#[differentiable]
fn machine(x: f64, program: &str) -> f64 {
    let mut y = x;
    for op in program.chars() {
        match op {
            '+' => y += 2.0 * x,
            '*' => y *= y,
            '.' => break,
            '!' => return -y,
            ' ' => continue,
            _ => {
                if y > 10.0 {
                    break;
                }
            }
        }
        y *= 0.5;
    }
    y * x
}

#[test]
fn exits_in_arms() {
    // y = 3x/2, then (3x/2)²/2 …
    assert_near(check!(machine(2.0, const "+")), 3.0 * 2.0);
    assert_near(check!(machine(2.0, const "+ .*")), 3.0 * 2.0);
    assert_near(check!(machine(2.0, const "+*!")), -9.0 / 4.0 * 2.0);
    check!(machine(2.0, const "+ + * x+"));
    assert_near(check!(machine(12.0, const "x")), 24.0);
}

/// The derivative of a geometric series, as far as it was summed.
#[differentiable]
fn series(x: f64, #[constant] tolerance: f64) -> f64 {
    let mut total = 0.0;
    let mut term = 1.0;
    let mut terms = 0;
    loop {
        total += term;
        term *= x;
        terms += 1;
        if term.abs() < tolerance || terms == 1000 {
            break;
        }
    }
    total
}

#[test]
fn a_series_until_it_stands() {
    let mut points = Points::seeded(5);
    for _ in 0..10 {
        let x = points.uniform(-0.8, 0.8);
        let expected = (1.0_f64 - x).powi(-2);
        let found = check_at_kink!(series(x, const 1e-16));
        assert!((found - expected).abs() < 1e-11 * expected);
    }
}

#[differentiable]
fn never_falls_through(x: f64, limit: f64) -> f64 {
    let mut y = x;
    loop {
        y = y * y;
        if y > limit {
            return y;
        }
        if y < 1e-3 {
            return x * y;
        }
    }
}

#[test]
fn a_loop_left_only_by_return() {
    assert_near(check!(never_falls_through(2.0, 10.0)), (4.0 * 8.0, 0.0));
    // x³ at once, x⁵ after two.
    assert_near(check!(never_falls_through(0.01, 10.0)), (3e-4, 0.0));
    assert_near(check!(never_falls_through(0.1, 10.0)), (5e-4, 0.0));
}

/// A block with a label, left early.
#[differentiable]
fn block_with_label(x: f64, limit: f64) -> f64 {
    let y = 'pick: {
        let square = x * x;
        if square > limit {
            break 'pick limit * x;
        }
        square.sin()
    };
    y * x
}

#[test]
fn out_of_a_block() {
    assert_near(check!(block_with_label(2.0, 3.0)), (12.0, 4.0));
    check!(block_with_label(0.5, 3.0));
}
