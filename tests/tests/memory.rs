//! What is written: scalars, elements, fields, whole aggregates, by assignment, compound assignment,
//! swap and push; what is overwritten, read before and after, and two names for one place.
#![allow(
    clippy::needless_range_loop,
    clippy::manual_swap,
    clippy::assign_op_pattern,
    clippy::useless_vec,
    clippy::vec_init_then_push,
    reason = "memory is written in every way that users write it"
)]

use autodiff_runtime::prelude::*;
use autodiff_tests::derivatives::assert_near;
use autodiff_tests::points::Points;
use autodiff_tests::{check, check_at_kink};

#[derive(Clone, Debug, PartialEq, Differentiable)]
struct Point {
    x: f64,
    y: f64,
}

#[derive(Clone, Debug, PartialEq, Differentiable)]
struct Body {
    place: Point,
    speed: [f64; 2],
    mass: f64,
    steps: usize,
}

#[derive(Clone, Debug, PartialEq, Differentiable)]
struct Layer {
    w: [Point; 2],
    bias: Vec<f64>,
}

fn body() -> Body {
    Body {
        place: Point { x: 1.0, y: 2.0 },
        speed: [0.5, -0.25],
        mass: 3.0,
        steps: 4,
    }
}

// --------------------------------------------------------------------------------------- scalars

#[differentiable]
fn rebound(x: f64, y: f64) -> f64 {
    let mut z = x;
    z = z * y;
    z = z * z + x;
    z
}

#[test]
fn scalars_assigned() {
    assert_near(
        check!(rebound(2.0, 3.0)),
        (2.0 * 6.0 * 3.0 + 1.0, 2.0 * 6.0 * 2.0),
    );
}

#[differentiable]
fn compound(x: f64, y: f64) -> f64 {
    let mut z = x;
    z += y;
    z *= x;
    z -= 1.0;
    z /= y;
    z %= 3.0;
    z
}

#[test]
fn every_compound_assignment() {
    // ((x + y)x − 1)/y, less a constant.
    assert_near(
        check!(compound(2.5, 3.0)),
        (8.0 / 3.0, (2.5 * 3.0 - 12.75) / 9.0),
    );
}

#[differentiable]
fn handed_around(a: f64, b: f64) -> f64 {
    let mut x = a;
    let mut y = b;
    let old = x;
    x = y * y;
    y = old * x;
    x * y * old
}

#[test]
fn copies_keep_the_old_value() {
    // a²b⁴
    assert_near(check!(handed_around(2.0, 3.0)), (4.0 * 81.0, 16.0 * 27.0));
}

#[differentiable]
fn assigned_pair(a: f64, b: f64) -> f64 {
    let (mut low, mut high) = (a, b);
    (low, high) = (high, low + high);
    (low, high) = (high * low, high);
    low * high
}

#[test]
fn destructuring_assignment() {
    // b(a + b)²
    assert_near(check!(assigned_pair(2.0, 3.0)), (30.0, 25.0 + 30.0));
}

#[differentiable]
fn mutable_parameters(mut x: f64, mut w: [f64; 2]) -> f64 {
    x *= w[0];
    w[1] += x;
    w[0] = w[1] * x;
    w[0] + w[1]
}

#[test]
fn parameters_declared_mut() {
    // u = xw₀: (w₁ + u)u + w₁ + u.
    let u = 6.0;
    let slope = 2.0 * u + 5.0 + 1.0;
    assert_near(
        check!(mutable_parameters(2.0, [3.0, 5.0])),
        (slope * 3.0, [slope * 2.0, u + 1.0]),
    );
}

// --------------------------------------------------------------------------------------- elements

#[differentiable]
fn two_elements(x: f64) -> f64 {
    let mut pair = [x, 2.0 * x];
    pair[0] = x.sin();
    pair[1] += 1.0;
    pair[0] * pair[1]
}

#[test]
fn elements_of_an_array() {
    let x = 0.7_f64;
    assert_near(
        check!(two_elements(x)),
        x.cos() * (2.0 * x + 1.0) + 2.0 * x.sin(),
    );
}

#[differentiable]
fn element_ops(x: &[f64; 3], i: usize, j: usize) -> f64 {
    let mut a = *x;
    a[i] *= a[j];
    a[j] += a[i] * 2.0;
    a[i] = a[j] * a[j];
    a[j] -= 1.0;
    a[j] /= a[i];
    a[0] + 10.0 * a[1] + 100.0 * a[2]
}

#[test]
fn two_indices_may_be_one() {
    let x = [1.5, 2.0, 0.5];
    for i in 0..3 {
        for j in 0..3 {
            check!(element_ops(&x, const i, const j));
        }
    }
    // i = j: a = x², 3a, 9a², less one, over itself: 1 − 1/(9a² − 1)… of which the slope is known.
    let (u, v) = (9.0 * 1.5_f64.powi(4), 36.0 * 1.5_f64.powi(3));
    let expected = [
        v / (u - 1.0) - v * (u - 1.0) / (u - 1.0).powi(2),
        10.0,
        100.0,
    ];
    assert_near(check!(element_ops(&x, const 0, const 0)), expected);
}

#[differentiable]
fn overwritten(x: f64, y: f64) -> f64 {
    let mut a = [x * y, x, y];
    let early = a[0] * a[1];
    a[0] = 3.0;
    a[1] = a[0] * y;
    a[1] = a[2] * a[1];
    a[2] = 1.0;
    early + a[0] * a[1] + a[2]
}

#[test]
fn constants_cut_the_adjoint() {
    // x²y + 9y²
    assert_near(check!(overwritten(2.0, 3.0)), (12.0, 4.0 + 54.0));
}

#[differentiable]
fn filled(x: f64, n: usize) -> f64 {
    let mut a = [0.0; 8];
    for i in 0..n {
        a[i] = x * i as f64;
    }
    for i in 1..n {
        a[i] += a[i - 1] * a[i];
    }
    let mut total = 1.0;
    for v in a {
        total += v;
    }
    total
}

#[test]
fn a_local_array_of_zeros() {
    assert_near(check!(filled(0.5, const 0)), 0.0);
    assert_near(check!(filled(0.5, const 2)), 1.0);
    check!(filled(0.5, const 8));
}

#[differentiable]
fn prefix_sums(x: &[f64]) -> f64 {
    let mut sums = vec![0.0; x.len()];
    let mut total = 0.0;
    for i in 0..x.len() {
        total += x[i];
        sums[i] = total;
    }
    let mut product = 1.0;
    for s in &sums {
        product *= s;
    }
    product
}

#[test]
fn a_vector_of_run_time_length() {
    // Sums 1, 3, 6.
    assert_near(
        check!(prefix_sums(&vec![1.0, 2.0, 3.0])),
        [18.0 + 6.0 + 3.0, 9.0, 3.0],
    );
    assert_near(check!(prefix_sums(&Vec::<f64>::new())), ());
}

/// The accumulator is read inside and after the loop.
#[differentiable]
fn running(x: &[f64]) -> f64 {
    let mut total = 1.0;
    let mut squares = 0.0;
    for v in x {
        total += v * total;
        squares += total * total;
        if squares > 1e3 {
            squares -= total;
        }
    }
    total * squares
}

#[test]
fn an_accumulator_read_everywhere() {
    check!(running(&vec![0.5]));
    check!(running(&vec![0.5, -0.25, 2.0]));
    check!(running(&vec![5.0, 4.0, 3.0]));
    assert_near(check!(running(&Vec::<f64>::new())), ());
}

#[differentiable]
fn in_one_place(x: &[f64], k: f64) -> f64 {
    let mut slot = [k];
    for v in x {
        slot[0] = slot[0] * v + 1.0;
        slot[0] += slot[0].sin();
    }
    slot[0]
}

#[test]
fn an_element_overwritten_in_every_trip() {
    check!(in_one_place(&vec![0.5, 0.25, -1.5], 2.0));
    assert_near(check!(in_one_place(&Vec::<f64>::new(), 2.0)), ((), 1.0));
}

#[differentiable]
fn histogram(x: &[f64], bins: &[usize]) -> f64 {
    let mut sums = [0.0; 4];
    for (v, bin) in x.iter().zip(bins) {
        sums[*bin] += v * v;
    }
    sums[0] * sums[1] + sums[2] * sums[2] - sums[3]
}

#[test]
fn scattered_writes() {
    let (x, bins) = (vec![1.0, 2.0, 3.0, 4.0], [0, 1, 0, 2]);
    // (1 + 9)·4 + 16².
    assert_near(check!(histogram(&x, const &bins)), [8.0, 40.0, 24.0, 256.0]);
}

#[differentiable]
fn matrix_product(a: &[[f64; 2]; 3], b: &[[f64; 3]; 2]) -> [[f64; 3]; 3] {
    let mut c = [[0.0; 3]; 3];
    for i in 0..3 {
        for j in 0..3 {
            for k in 0..2 {
                c[i][j] += a[i][k] * b[k][j];
            }
        }
    }
    c
}

#[test]
fn nested_elements() {
    let mut points = Points::seeded(3);
    let a = [(); 3].map(|()| points.array(-1.0, 1.0));
    let b = [(); 2].map(|()| points.array(-1.0, 1.0));
    let mut out_bar = [[0.0; 3]; 3];
    out_bar[1][2] = 1.0;
    let (a_bar, b_bar) = check!(matrix_product(&a, &b) => out_bar);
    assert_near(a_bar, [[0.0; 2], [b[0][2], b[1][2]], [0.0; 2]]);
    assert_near(b_bar, [[0.0, 0.0, a[1][0]], [0.0, 0.0, a[1][1]]]);
}

#[differentiable]
fn game_of_rows(x: f64, i: usize, j: usize) -> f64 {
    let mut m = [[x, 2.0], [x * x, 1.0]];
    m[i][j] *= m[j][i];
    m[j] = m[i];
    m[i][0] = m[j][1] * x;
    let row = m[i];
    m[1 - i][1 - j] += row[0];
    m[0][0] * m[0][1] + m[1][0] * m[1][1]
}

#[test]
fn rows_assigned() {
    for i in 0..2 {
        for j in 0..2 {
            check!(game_of_rows(1.3, const i, const j));
        }
    }
}

// ----------------------------------------------------------------------------- tuples and structs

#[differentiable]
fn pairs(x: f64, y: f64) -> f64 {
    let mut p = (x, (y, [x, 1.0]));
    p.0 *= y;
    p.1.0 += p.0;
    p.1.1[1] = p.1.0 * p.1.1[0];
    p.1 = (p.1.0 * 2.0, p.1.1);
    p.0 + p.1.0 + p.1.1[1]
}

#[test]
fn fields_of_tuples() {
    // xy + 2(y + xy) + (y + xy)x
    let (x, y) = (2.0, 3.0);
    let expected = (
        y + 2.0 * y + y + 2.0 * x * y,
        x + 2.0 * (1.0 + x) + (1.0 + x) * x,
    );
    assert_near(check!(pairs(x, y)), expected);
}

#[differentiable]
fn moved(start: Point, step: f64) -> Point {
    let mut point = start;
    point.x += step;
    point.y *= point.x;
    point
}

#[test]
fn fields_of_a_struct() {
    let start = Point { x: 1.0, y: 2.0 };
    let out_bar = PointGradient { x: 1.0, y: 10.0 };
    let (start_bar, step_bar) = check!(moved(start, 0.5) => out_bar);
    assert_near((start_bar.x, start_bar.y, step_bar), (21.0, 15.0, 21.0));
}

#[differentiable]
fn drifted(b: &Body, dt: f64) -> Body {
    let mut b = b.clone();
    let n = b.steps;
    for _ in 0..n {
        b.speed[1] -= 9.81 * dt;
        b.speed[0] *= 1.0 - b.mass * dt;
        b.place.x += b.speed[0] * dt;
        b.place.y += b.speed[1] * dt;
    }
    b.steps = 0;
    b.place = Point {
        x: b.place.x * b.mass,
        y: b.place.y,
    };
    b
}

#[test]
fn nested_fields_in_a_loop() {
    let mut out_bar = body().zero_gradient();
    out_bar.place.y = 1.0;
    let (b_bar, dt_bar) = check!(drifted(&body(), 0.01) => out_bar);
    // y + 4 v dt − 9.81 (1 + 2 + 3 + 4) dt²
    assert_near((b_bar.place.y, b_bar.speed[1]), (1.0, 0.04));
    assert_near(dt_bar, -1.0 - 2.0 * 98.1 * 0.01);
}

#[differentiable]
fn nested_lists(layer: &Layer, k: usize, x: f64) -> f64 {
    let mut l = layer.clone();
    l.w[k].x *= x;
    l.w[1 - k].y = l.w[k].x + l.bias[k];
    l.bias[1] += l.w[1 - k].y;
    l.bias[k] = l.bias[k] * l.bias[1];
    l.w[0].x * l.bias[0] + l.w[1].y * l.bias[1]
}

#[test]
fn fields_of_elements_of_fields() {
    let layer = Layer {
        w: [Point { x: 1.0, y: 2.0 }, Point { x: 3.0, y: 5.0 }],
        bias: vec![0.5, 0.25],
    };
    for k in 0..2 {
        let (bar, x_bar) = check!(nested_lists(&layer, const k, 1.5));
        assert!(bar.w[1 - k].y == 0.0 && x_bar != 0.0);
    }
}

#[differentiable]
fn particles(x: f64, n: usize) -> f64 {
    let mut swarm = vec![Point { x: 0.0, y: 1.0 }; n];
    for i in 0..n {
        swarm[i].x = x * i as f64;
        swarm[i].y += swarm[i].x;
    }
    for step in 1..n {
        let before = swarm[step - 1].clone();
        swarm[step].x += before.y * x;
        swarm[step].y = before.x;
    }
    let last = &swarm[n - 1];
    last.x * last.y
}

#[test]
fn a_local_vector_of_structs() {
    assert_near(check!(particles(0.5, const 1)), 0.0);
    // x₁ = x + x, y₁ = 0; x₂ = 2x, y₂ = x₁.
    assert_near(check!(particles(0.5, const 2)), 0.0);
    assert_near(check!(particles(0.5, const 3)), 4.0 * 2.0 * 0.5);
    check!(particles(0.5, const 5));
}

// ------------------------------------------------------------------------------------------ swaps

#[differentiable]
fn swapped_by_hand(a: &[f64; 3], i: usize, j: usize) -> f64 {
    let mut a = *a;
    let old = a[i];
    a[i] = a[j];
    a[j] = old;
    a[0] + 10.0 * a[1] * a[2]
}

#[differentiable]
fn swapped(a: &[f64; 3], i: usize, j: usize) -> f64 {
    let mut a = *a;
    a.swap(i, j);
    a[0] + 10.0 * a[1] * a[2]
}

#[test]
fn elements_swapped() {
    let a = [2.0, 3.0, 5.0];
    for i in 0..3 {
        for j in 0..3 {
            let expected = check!(swapped_by_hand(&a, const i, const j));
            assert_near(check!(swapped(&a, const i, const j)), expected);
        }
    }
    assert_near(check!(swapped(&a, const 0, const 2)), [30.0, 20.0, 1.0]);
}

#[differentiable]
fn swapped_scalars(a: f64, b: f64, n: usize) -> f64 {
    let mut x = a;
    let mut y = b;
    for _ in 0..n {
        std::mem::swap(&mut x, &mut y);
        x *= y;
    }
    x + 10.0 * y
}

#[test]
fn scalars_swapped() {
    assert_near(check!(swapped_scalars(2.0, 3.0, const 0)), (1.0, 10.0));
    assert_near(
        check!(swapped_scalars(2.0, 3.0, const 1)),
        (3.0 + 10.0, 2.0),
    );
    // x = a²b, y = ab.
    assert_near(
        check!(swapped_scalars(2.0, 3.0, const 2)),
        (12.0 + 30.0, 4.0 + 20.0),
    );
    check!(swapped_scalars(1.1, 0.9, const 6));
}

/// Two rows of a table take turns: the length of the longest common subsequence, made smooth.
#[differentiable]
fn rows_in_turn(x: &[f64], y: &[f64]) -> f64 {
    let mut before = vec![0.0; y.len() + 1];
    let mut now = vec![0.0; y.len() + 1];
    for a in x {
        for j in 0..y.len() {
            let off = a - y[j];
            let taken = before[j] + (-off * off).exp();
            let left = now[j];
            let up = before[j + 1];
            now[j + 1] = if taken > left && taken > up {
                taken
            } else if left > up {
                left
            } else {
                up
            };
        }
        std::mem::swap(&mut before, &mut now);
    }
    before[y.len()]
}

#[test]
fn vectors_swapped() {
    let (x, y) = (vec![0.1, 1.0, 2.2, 0.9], vec![0.2, 2.0, 1.1]);
    check!(rows_in_turn(&x, &y));
    let (x_bar, y_bar) = check!(rows_in_turn(&vec![1.0], &vec![1.25]));
    let slope = 0.5 * (-0.0625_f64).exp();
    assert_near((x_bar, y_bar), ([slope], [-slope]));
    check!(rows_in_turn(&x, &vec![0.45]));
}

#[differentiable]
fn swapped_rows(m: &[[f64; 2]; 3], i: usize, j: usize) -> f64 {
    let mut m = *m;
    if i < 9 {
        m.swap(i, j);
    }
    m[0][0] * m[1][1] + 10.0 * m[2][0] * m[0][1]
}

#[differentiable]
fn swapped_rows_of_vector(x: f64, i: usize) -> f64 {
    let mut rows = vec![[x, 1.0], [2.0, x * x]];
    rows.swap(0, i);
    rows[0][0] * rows[1][1] + 3.0 * rows[0][1]
}

#[test]
fn rows_swapped() {
    let m = [[2.0, 3.0], [5.0, 7.0], [11.0, 13.0]];
    for i in 0..3 {
        for j in 0..3 {
            check!(swapped_rows(&m, const i, const j));
        }
    }
    // m₁₀m₀₁ + 10 m₂₀m₁₁
    let expected = [[0.0, 5.0], [3.0, 110.0], [70.0, 0.0]];
    assert_near(check!(swapped_rows(&m, const 0, const 1)), expected);
    // x³ + 3, and 2 + 3x².
    assert_near(check!(swapped_rows_of_vector(0.5, const 0)), 0.75);
    assert_near(check!(swapped_rows_of_vector(0.5, const 1)), 3.0);
}

#[differentiable]
fn swapped_structs(points: &[Point; 2], i: usize) -> f64 {
    let mut points = points.clone();
    points.swap(0, i);
    points[0].x * points[1].y
}

#[test]
fn structs_swapped() {
    let points = [Point { x: 2.0, y: 3.0 }, Point { x: 5.0, y: 7.0 }];
    let bars = check!(swapped_structs(&points, const 0));
    assert_near(
        (bars[0].x, bars[0].y, bars[1].x, bars[1].y),
        (7.0, 0.0, 0.0, 2.0),
    );
    let bars = check!(swapped_structs(&points, const 1));
    assert_near(
        (bars[0].x, bars[0].y, bars[1].x, bars[1].y),
        (0.0, 5.0, 3.0, 0.0),
    );
}

#[differentiable]
fn swapped_places(x: f64, y: f64) -> f64 {
    let mut a = [x, y];
    let mut b = [y, x * y];
    std::mem::swap(&mut a, &mut b);
    std::mem::swap(&mut a[0], &mut b[1]);
    // a = (y, xy), b = (x, y)
    a[0] * b[0] + 10.0 * a[1] * b[1]
}

#[test]
fn arrays_swapped() {
    // xy + 10xy²
    assert_near(check!(swapped_places(2.0, 3.0)), (3.0 + 90.0, 2.0 + 120.0));
}

#[differentiable]
fn taken_out(x: f64, y: f64) -> f64 {
    let mut state = [x, y];
    let old = std::mem::replace(&mut state[0], x * y);
    let mut z = y;
    let before = std::mem::replace(&mut z, old * 2.0);
    state[0] * before + z * state[1]
}

#[test]
fn values_replaced() {
    // xy² + 2xy
    assert_near(check!(taken_out(2.0, 3.0)), (9.0 + 6.0, 12.0 + 4.0));
}

// ---------------------------------------------------------------------------------------- growing

#[differentiable]
fn pushed(x: f64) -> f64 {
    let mut terms = Vec::new();
    terms.push(x * x);
    terms.push(x.sin());
    terms[0] * terms[1]
}

#[test]
fn two_pushed() {
    let x = 0.7_f64;
    assert_near(check!(pushed(x)), 2.0 * x * x.sin() + x * x * x.cos());
}

#[differentiable]
fn powers(x: f64, n: usize) -> Vec<f64> {
    let mut powers = Vec::with_capacity(n);
    let mut power = 1.0;
    for _ in 0..n {
        powers.push(power);
        power *= x;
    }
    powers
}

#[test]
fn pushed_in_a_loop() {
    assert_near(
        check!(powers(3.0, const 4) => vec![1.0, 10.0, 100.0, 1000.0]),
        10.0 + 600.0 + 27_000.0,
    );
    assert_near(check!(powers(3.0, const 0) => vec![]), 0.0);
}

#[differentiable]
fn positives(x: &[f64], k: f64) -> f64 {
    let mut kept = vec![];
    for v in x {
        if *v > 0.0 {
            kept.push(v * k);
        }
    }
    let mut total = k;
    for i in 0..kept.len() {
        kept[i] *= kept[i];
        total += kept[i] * (i + 1) as f64;
    }
    total
}

#[test]
fn pushed_under_a_condition() {
    // k + k²(1·2² + 2·5²)
    let (x_bar, k_bar) = check!(positives(&vec![2.0, -3.0, 5.0], 0.5));
    assert_near((x_bar, k_bar), ([1.0, 0.0, 5.0], 1.0 + 54.0));
    assert_near(check!(positives(&vec![-2.0], 0.5)), ([0.0], 1.0));
}

#[differentiable]
fn stack_machine(x: f64, y: f64, program: &str) -> f64 {
    let mut stack = vec![x];
    for op in program.chars() {
        match op {
            'x' => stack.push(x),
            'y' => stack.push(y),
            _ => {
                let top = stack[stack.len() - 1];
                stack.pop();
                let last = stack.len() - 1;
                if op == '+' {
                    stack[last] += top;
                } else {
                    stack[last] *= top;
                }
            }
        }
    }
    stack[0]
}

#[test]
fn pushed_and_popped() {
    // x(y + x)
    assert_near(
        check!(stack_machine(2.0, 3.0, const "yx+*")),
        (3.0 + 4.0, 2.0),
    );
    assert_near(check!(stack_machine(2.0, 3.0, const "")), (1.0, 0.0));
    // ((x + y)x)·y
    assert_near(
        check!(stack_machine(2.0, 3.0, const "y+x*y*")),
        (3.0 * 7.0, 4.0 + 12.0),
    );
}

#[differentiable]
fn vectors_of_vectors(x: &[f64], n: usize) -> f64 {
    let mut table = vec![vec![0.0; x.len()]; n];
    for i in 0..n {
        for j in 0..x.len() {
            table[i][j] = if i == 0 { x[j] } else { table[i - 1][j] * x[j] };
        }
    }
    table[n - 1][0] * table[n - 1][x.len() - 1]
}

#[test]
fn tables_of_run_time_size() {
    // (x₀x₂)³
    assert_near(
        check!(vectors_of_vectors(&vec![2.0, 3.0, 5.0], const 3)),
        [1500.0, 0.0, 600.0],
    );
}

// -------------------------------------------------------------------------------------- snapshots

#[differentiable]
fn kept_row(m: &[[f64; 2]; 2], i: usize, j: usize) -> f64 {
    let mut m = *m;
    let row = m[i];
    m[i][0] = m[j][1] * row[1];
    m[j] = [row[0], m[i][0]];
    let last = m[j];
    m[j][0] = 3.0;
    row[0] * last[0] + m[i][1] * last[1] + m[j][0] * row[1]
}

#[test]
fn a_copy_keeps_its_numbers() {
    for i in 0..2 {
        for j in 0..2 {
            check!(kept_row(&[[1.5, 0.5], [2.0, -0.75]], const i, const j));
        }
    }
}

#[differentiable]
fn kept_vector(x: &[f64], n: usize) -> f64 {
    let mut now = vec![1.0; x.len()];
    let mut total = 0.0;
    for _ in 0..n {
        let before = now.clone();
        for i in 0..x.len() {
            now[i] = before[i] * x[i] + before[x.len() - 1 - i];
        }
        total += now[0] * before[x.len() - 1];
    }
    total
}

#[test]
fn a_clone_in_a_loop() {
    // (x₀ + 1)
    assert_near(check!(kept_vector(&vec![2.0, 3.0], const 1)), [1.0, 0.0]);
    check!(kept_vector(&vec![0.5, 1.5, -1.0], const 4));
}

#[differentiable]
fn square_sum(a: [f64; 2]) -> f64 {
    a[0] * a[0] + a[1] * a[1]
}

#[differentiable]
fn square_sum_by_reference(a: &[f64; 2]) -> f64 {
    a[0] * a[0] + a[1] * a[1]
}

#[differentiable]
fn changed_between_calls(x: f64, n: usize) -> f64 {
    let mut a = [x, 1.0];
    let mut total = 0.0;
    for _ in 0..n {
        let first = square_sum(a);
        a[0] = first * 0.5;
        let second = square_sum_by_reference(&a);
        a[1] += second * x;
        total += square_sum_by_reference(&a) * first;
        a = [a[1] * 0.1, a[0]];
    }
    total
}

#[test]
fn arguments_that_change_after_the_call() {
    check!(changed_between_calls(0.7, const 1));
    check!(changed_between_calls(0.7, const 3));
}

#[differentiable]
fn next_state(a: &[f64; 2], k: f64) -> [f64; 2] {
    [a[1] * k, a[0] - a[1].sin()]
}

#[differentiable]
fn handed_through(x: f64, k: f64, n: usize) -> f64 {
    let mut state = [x, 1.0];
    let mut oldest = state;
    for i in 0..n {
        state = next_state(&state, k);
        if i == 1 {
            oldest = state;
        }
    }
    state[0] * oldest[0] + state[1] * oldest[1]
}

#[test]
fn a_state_replaced_by_a_call() {
    for n in 0..5 {
        check!(handed_through(0.6, 1.2, const n));
    }
}

// ------------------------------------------------------------------------- what is inactive changes

#[differentiable]
fn by_permutation(x: &[f64], n: usize) -> f64 {
    let mut order: Vec<usize> = (0..x.len()).collect();
    let mut total = 1.0;
    for k in 0..n {
        let i = order[k % x.len()];
        total = total * x[i] + x[order[0]];
        order.swap(0, (k + 1) % x.len());
        order[1] = (order[1] + k) % x.len();
    }
    total
}

#[test]
fn an_index_table() {
    check!(by_permutation(&vec![1.5, 0.5, -1.0], const 1));
    check!(by_permutation(&vec![1.5, 0.5, -1.0], const 7));
}

#[differentiable]
fn strided(x: &[f64], k: f64) -> f64 {
    let mut a = [1.0; 6];
    let mut i = 0;
    let mut step = 1;
    let mut weight = 0.5;
    let mut flip = false;
    while i < 6 {
        a[i] = x[i] * weight * k;
        i += step;
        if flip {
            step += 1;
            a[i.min(5)] *= k;
        }
        weight *= -0.5;
        flip = !flip;
    }
    let mut total = 0.0;
    for (i, v) in a.iter().enumerate() {
        total += v * i as f64;
    }
    total
}

#[test]
fn indices_and_weights_that_move_on() {
    check!(strided(&vec![1.0, 2.0, 3.0, 4.0, 5.0, 6.0], 1.5));
}

#[differentiable]
fn linked(x: &[f64], next: &[usize], start: usize) -> f64 {
    let mut at = start;
    let mut seen = vec![false; x.len()];
    let mut product = 1.0;
    while !seen[at] {
        seen[at] = true;
        product *= x[at];
        at = next[at];
    }
    product
}

#[test]
fn a_linked_list() {
    let x = vec![2.0, 3.0, 5.0, 7.0];
    assert_near(
        check!(linked(&x, const &[2, 1, 3, 2], const 0)),
        [35.0, 0.0, 14.0, 10.0],
    );
}

// ------------------------------------------------------------------------------------- algorithms

#[differentiable]
fn bubble_sort(x: &[f64], weights: &[f64]) -> f64 {
    let mut a = x.to_vec();
    for i in 0..a.len() {
        for j in 1..a.len() - i {
            if a[j - 1] > a[j] {
                a.swap(j - 1, j);
            }
        }
    }
    let mut total = 0.0;
    for (v, w) in a.iter().zip(weights) {
        total += v * v * w;
    }
    total
}

#[differentiable]
fn insertion_sort(x: &[f64; 5], weights: &[f64; 5]) -> f64 {
    let mut a = *x;
    for i in 1..5 {
        let key = a[i];
        let mut j = i;
        while j > 0 && a[j - 1] > key {
            a[j] = a[j - 1];
            j -= 1;
        }
        a[j] = key;
    }
    let mut total = 0.0;
    for i in 0..5 {
        total += a[i] * a[i] * weights[i];
    }
    total
}

#[test]
fn sorting() {
    let x = [3.0, 1.0, 5.0, 2.0, 4.0];
    let w = [1.0, 10.0, 100.0, 1000.0, 10_000.0];
    let places = [2, 0, 4, 1, 3];
    let expected: Vec<f64> = (0..5).map(|k| 2.0 * x[k] * w[places[k]]).collect();
    let squares = [1.0, 4.0, 9.0, 16.0, 25.0];
    assert_near(check!(insertion_sort(&x, &w)), (expected.clone(), squares));
    assert_near(
        check!(bubble_sort(&x.to_vec(), &w.to_vec())),
        (expected, squares),
    );
}

/// The two-term moving average, repeated in place.
#[differentiable]
fn smoothed(x: &[f64], rounds: usize) -> Vec<f64> {
    let mut a = x.to_vec();
    for _ in 0..rounds {
        for i in 1..a.len() {
            a[i - 1] = 0.5 * (a[i - 1] + a[i]);
        }
    }
    a
}

#[test]
fn in_place_stencils() {
    let x = vec![1.0, 2.0, 4.0, 8.0];
    assert_near(
        check!(smoothed(&x, const 2) => vec![1.0, 0.0, 0.0, 0.0]),
        [0.25, 0.5, 0.25, 0.0],
    );
    check!(smoothed(&x, const 0) => vec![1.0; 4]);
}

#[differentiable]
fn cholesky_log_det(a: &[[f64; 3]; 3]) -> f64 {
    let mut l = [[0.0; 3]; 3];
    for i in 0..3 {
        for j in 0..=i {
            let mut sum = a[i][j];
            for k in 0..j {
                sum -= l[i][k] * l[j][k];
            }
            if i == j {
                l[i][j] = sum.sqrt();
            } else {
                l[i][j] = sum / l[j][j];
            }
        }
    }
    let mut total = 0.0;
    for i in 0..3 {
        total += 2.0 * l[i][i].ln();
    }
    total
}

#[test]
fn cholesky() {
    let a = [[4.0, 1.0, 0.5], [1.0, 3.0, -0.25], [0.5, -0.25, 2.0]];
    let bar = check!(cholesky_log_det(&a));
    // The inverse, whose off-diagonal entries count twice as only the lower ones are read.
    let det = 4.0 * (6.0 - 0.0625) - (2.0 + 0.125) + 0.5 * (-0.25 - 1.5);
    let diagonal = [6.0 - 0.0625, 8.0 - 0.25, 12.0 - 1.0];
    let lower = [-(2.0 + 0.125), -0.25 - 1.5, -(-1.0 - 0.5)];
    let expected = [
        [diagonal[0] / det, 0.0, 0.0],
        [2.0 * lower[0] / det, diagonal[1] / det, 0.0],
        [
            2.0 * lower[1] / det,
            2.0 * lower[2] / det,
            diagonal[2] / det,
        ],
    ];
    assert_near(bar, expected);
}

/// Gaussian elimination with partial pivoting, then back substitution.
#[differentiable]
fn solve(a: &[[f64; 3]; 3], b: &[f64; 3]) -> [f64; 3] {
    let mut a = *a;
    let mut x = *b;
    for k in 0..3 {
        let mut pivot = k;
        for i in k + 1..3 {
            if a[i][k].abs() > a[pivot][k].abs() {
                pivot = i;
            }
        }
        if pivot != k {
            a.swap(k, pivot);
            x.swap(k, pivot);
        }
        for i in k + 1..3 {
            let factor = a[i][k] / a[k][k];
            for j in k..3 {
                a[i][j] -= factor * a[k][j];
            }
            x[i] -= factor * x[k];
        }
    }
    for i in (0..3).rev() {
        for j in i + 1..3 {
            x[i] -= a[i][j] * x[j];
        }
        x[i] /= a[i][i];
    }
    x
}

#[test]
fn elimination_with_pivots() {
    let a = [[0.5, 2.0, 1.0], [4.0, 1.0, -1.0], [1.0, 3.0, 5.0]];
    let b = [1.0, 2.0, 3.0];
    let x = solve(&a, &b);
    for k in 0..3 {
        let mut out_bar = [0.0; 3];
        out_bar[k] = 1.0;
        // b̄ = A⁻ᵀ x̄, Ā = −b̄ xᵀ.
        let transposed = std::array::from_fn(|i| std::array::from_fn(|j| a[j][i]));
        let b_bar = solve(&transposed, &out_bar);
        let a_bar = b_bar.map(|b| x.map(|x| -b * x));
        assert_near(check!(solve(&a, &b) => out_bar), (a_bar, b_bar));
    }
}

/// The best path through a trellis.
#[differentiable]
fn viterbi(start: &[f64; 2], step: &[[f64; 2]; 2], seen: &[[f64; 2]]) -> f64 {
    let mut score = *start;
    for emission in seen {
        let mut next = [0.0; 2];
        for to in 0..2 {
            let mut best = score[0] + step[0][to];
            if score[1] + step[1][to] > best {
                best = score[1] + step[1][to];
            }
            next[to] = best + emission[to];
        }
        score = next;
    }
    score[0].max(score[1])
}

#[test]
fn the_best_path() {
    let (start, step) = ([-0.5, -1.0], [[-0.3, -1.2], [-1.5, -0.2]]);
    let seen = vec![[-0.1, -3.0], [-2.0, -0.4], [-2.5, -0.3]];
    // 0, 0, 1, 1.
    let (start_bar, step_bar, seen_bar) = check!(viterbi(&start, &step, &seen));
    assert_near(start_bar, [1.0, 0.0]);
    assert_near(step_bar, [[1.0, 1.0], [0.0, 1.0]]);
    assert_near(seen_bar, [[1.0, 0.0], [0.0, 1.0], [0.0, 1.0]]);
}

#[differentiable]
fn convolution(x: &[f64], kernel: &[f64]) -> Vec<f64> {
    let mut y = vec![0.0; x.len() + kernel.len() - 1];
    for i in 0..x.len() {
        for k in 0..kernel.len() {
            y[i + k] += x[i] * kernel[k];
        }
    }
    y
}

#[test]
fn a_convolution() {
    let (x, kernel) = (vec![1.0, 2.0, 3.0], vec![5.0, 7.0]);
    let (x_bar, kernel_bar) = check!(convolution(&x, &kernel) => vec![1.0, 10.0, 100.0, 1000.0]);
    assert_near(x_bar, [75.0, 750.0, 7500.0]);
    assert_near(kernel_bar, [321.0, 3210.0]);
}

/// A value that only became zero by assignment takes its adjoint with it.
#[differentiable]
fn reset(x: f64, n: usize) -> f64 {
    let mut a = [x, x * x];
    for k in 0..n {
        if k % 2 == 0 {
            a[0] += a[1];
            a[1] = 0.0;
        } else {
            a[1] = a[0] * x;
            a[0] = 1.0;
        }
    }
    a[0] * 10.0 + a[1]
}

#[test]
fn resets_in_a_loop() {
    let x = 1.5_f64;
    assert_near(check!(reset(x, const 0)), 10.0 + 2.0 * x);
    assert_near(check!(reset(x, const 1)), 10.0 + 20.0 * x);
    assert_near(check!(reset(x, const 2)), 2.0 * x + 3.0 * x * x);
    check!(reset(x, const 5));
}

#[differentiable]
fn running_maximum(x: &[f64]) -> f64 {
    let mut best = vec![0.0; x.len()];
    best[0] = x[0];
    for i in 1..x.len() {
        best[i] = best[i - 1].max(x[i]);
    }
    let mut total = 0.0;
    for b in best {
        total += b * b;
    }
    total
}

#[test]
fn a_running_maximum() {
    assert_near(
        check!(running_maximum(&vec![1.0, 3.0, 2.0, 5.0])),
        [2.0, 12.0, 0.0, 10.0],
    );
    // The midpoint, at a tie.
    assert_near(check_at_kink!(running_maximum(&vec![1.0, 1.0])), [3.0, 1.0]);
}

// ---------------------------------------------------- declared without a value, then changed in part

#[derive(Clone, Debug, PartialEq, Differentiable)]
struct Late {
    a: f64,
    b: f64,
}

#[differentiable]
fn late_struct(x: f64, y: f64) -> f64 {
    let mut late;
    if x > 0.1 {
        late = Late { a: x, b: y };
    } else {
        late = Late { a: y, b: x * x };
    }
    late.a *= y;
    late.a * late.b
}

#[differentiable]
fn late_array(x: f64, y: f64) -> f64 {
    let mut a: [f64; 3];
    a = [x, y, x * y];
    for i in 1..3 {
        a[i] += a[i - 1] * x;
    }
    a[2] * a[0]
}

#[differentiable]
fn late_tuple(x: f64, y: f64) -> f64 {
    let mut pair;
    match x > 0.0 {
        true => pair = (x, y),
        false => pair = (y, x * y),
    }
    if y > 0.5 {
        pair.0 += x;
        return pair.0 * pair.1;
    }
    pair.1 *= pair.0;
    pair.0 + pair.1
}

#[differentiable]
fn late_vector(x: f64, y: f64, m: usize) -> f64 {
    let mut s = x;
    for i in 0..3 {
        let mut v;
        if i == m {
            v = vec![s, x];
        } else {
            v = vec![x; 3];
        }
        v.push(s * y);
        v[1] *= s;
        if v[0] > 0.65 {
            continue;
        }
        s += v[1] * v[v.len() - 1];
    }
    s
}

#[test]
fn deferred_lets() {
    for x in [0.6, -0.6] {
        check!(late_struct(x, 0.8));
        check!(late_array(x, 0.8));
        check!(late_tuple(x, 0.8));
        check!(late_tuple(x, 0.3));
        check!(late_vector(x, 0.3, const 1));
    }
}
