//! Jacobians by forward mode: many columns in one sweep have the bits that each has alone, whatever
//! the function is made of; and where there is no such program, they come column by column.

#![allow(
    clippy::needless_range_loop,
    reason = "numeric code as users write it counts with indices"
)]

use autodiff_runtime::__private::{Width, unit_tangents};
use autodiff_runtime::prelude::*;
use autodiff_runtime::{Leaf, Leaves, Name};

/// The Jacobian of a function of one array, against `jvp` column by column. Says whether the
/// function has a vector program.
macro_rules! compare {
    ($f:ident, &$x:expr $(, $other:expr)*) => { compare!(@ $f, [&] $x $(, $other)*) };
    ($f:ident, $x:expr $(, $other:expr)*) => { compare!(@ $f, [] $x $(, $other)*) };
    (@ $f:ident, [$($by:tt)?] $x:expr $(, $other:expr)*) => {{
        // What the optimiser evaluates may have other last digits.
        let x = std::hint::black_box($x);
        let (value, jacobian) = $f::value_and_jacobian($($by)? x $(, $other)*);
        assert_eq!(value, $f($($by)? x $(, $other)*));
        assert_eq!(jacobian, $f::jacobian($($by)? x $(, $other)*));
        let rows = rows(&jacobian);
        for column in 0..x.len() {
            let unit = std::array::from_fn(|k| if k == column { 1.0 } else { 0.0 });
            let (_, tangent) = $f::jvp($($by)? x $(, $other)*, $($by)? unit);
            let alone = numbers(&tangent);
            assert_eq!(rows.len(), alone.len());
            for (row, alone) in rows.iter().zip(alone) {
                assert_eq!(row[column].to_bits(), alone.to_bits(), "column {column}");
            }
        }
        let tangents = unit_tangents(0);
        $f::call_vector_jvp($($by)? x $(, $other)*, Width::<3>, $($by)? tangents $(, inactive(&$other))*).is_some()
    }};
}

/// What stands for the tangents of an inactive argument.
fn inactive<T>(_: &T) {}

/// The numbers of a value in order.
fn numbers(value: &impl Leaves) -> Vec<f64> {
    let mut all = Vec::new();
    value.visit(&mut Name::new(""), &mut |_, leaf| match leaf {
        Leaf::F32(numbers) => all.extend(numbers.iter().map(|x| f64::from(*x))),
        Leaf::F64(numbers) => all.extend(numbers),
    });
    all
}

/// The rows of a Jacobian: its innermost arrays.
fn rows(jacobian: &impl Leaves) -> Vec<Vec<f64>> {
    let mut all = Vec::new();
    jacobian.visit(&mut Name::new(""), &mut |_, leaf| {
        all.push(match leaf {
            Leaf::F32(numbers) => numbers.iter().map(|x| f64::from(*x)).collect(),
            Leaf::F64(numbers) => numbers.to_vec(),
        });
    });
    all
}

#[differentiable]
fn spherical([r, theta, phi]: [f64; 3]) -> [f64; 3] {
    [
        r * theta.sin() * phi.cos(),
        r * theta.sin() * phi.sin(),
        r * theta.cos(),
    ]
}

#[test]
fn straight_lines() {
    assert!(compare!(spherical, [2.0, 0.7, -1.3]));
}

/// A loop that carries two numbers and a branch inside; what a branch leaves different.
#[differentiable]
fn looped(x: [f64; 4], n: usize) -> [f64; 4] {
    let (mut a, mut b) = (x[0], 1.0);
    let mut out = x;
    for i in 0..n {
        let next = a * x[i % 4] + b.sin();
        if next > 0.5 {
            b = a - x[1];
            a = next / (1.0 + a * a);
        } else {
            a = next + 0.25 * b * x[2];
        }
        out[i % 4] += a * b;
        out[(i + 1) % 4] = a.exp() * out[i % 4];
    }
    let mut steps = 0;
    while a.abs() > 0.01 && steps < 20 {
        a *= 0.5 * x[3].cos();
        steps += 1;
    }
    out[3] -= a;
    out
}

#[test]
fn loops_and_branches() {
    for n in [0, 1, 2, 7] {
        assert!(compare!(looped, [0.8, -0.3, 1.2, 0.4], n));
        assert!(compare!(looped, [-0.8, 0.9, -1.2, 2.4], n));
    }
}

#[differentiable]
fn scale(v: &[f64; 3], by: f64) -> [f64; 3] {
    [v[0] * by, v[1] * by, v[2] * by]
}

#[differentiable]
fn norm(v: &[f64; 3]) -> f64 {
    (v[0] * v[0] + v[1] * v[1] + v[2] * v[2]).sqrt()
}

/// Calls of functions that have vector programs: by reference and by value, with one argument that
/// does not depend on the parameters.
#[differentiable]
fn called(v: [f64; 3], #[constant] k: f64) -> [f64; 3] {
    let half = scale(&v, 0.5);
    let unit = scale(&half, 1.0 / norm(&v));
    let constant = scale(&[1.0, 2.0, k], norm(&unit));
    let mut out = [0.0; 3];
    for i in 0..3 {
        out[i] = unit[i] * constant[2 - i] + scale(&unit, v[i])[i];
    }
    out
}

#[differentiable]
fn powers(x: [f64; 2], n: usize) -> [f64; 2] {
    if n == 0 {
        return [1.0, x[1]];
    }
    let [a, b] = powers(x, n - 1);
    [a * x[0], b + a * x[1]]
}

#[test]
fn calls_and_recursion() {
    assert!(compare!(called, [0.3, -1.1, 0.7], 3.0));
    // At the kink of the norm: derivatives by convention.
    assert!(compare!(called, [0.0, 0.0, 1e-100], 3.0));
    for n in [0, 1, 5] {
        assert!(compare!(powers, [1.3, -0.4], n));
    }
}

/// Vectors: filled, pushed to, popped from, swapped; iterators over them.
#[differentiable]
fn vectors(x: [f64; 3], n: usize) -> Vec<f64> {
    let mut now = vec![0.0; n];
    let mut then = Vec::new();
    for i in 0..n {
        now[i] = x[i % 3] * (i as f64 + x[0]);
        then.push(now[i] * x[1]);
    }
    then.push(1.0);
    let total: f64 = then.iter().zip(&x).map(|(a, b)| a * b).sum();
    then.pop();
    std::mem::swap(&mut now, &mut then);
    now.push(total);
    for y in now.iter_mut() {
        *y += then[0].max(*y) * x[2];
    }
    now
}

#[differentiable]
fn points(x: &[f64; 2], #[constant] at: &[f64]) -> Vec<[f64; 2]> {
    at.iter()
        .map(|t| [x[0] * t, x[1] + (x[0] * t).sin()])
        .collect()
}

#[differentiable]
fn blocks(x: [f64; 2]) -> [([f64; 2], f64); 2] {
    [
        ([x[0], x[1] * x[0]], x[1].exp()),
        ([2.0, x[1]], x[0] - x[1]),
    ]
}

#[test]
fn results_of_every_shape() {
    for n in [1, 2, 6] {
        assert!(compare!(vectors, [0.4, -0.9, 1.7], n));
    }
    assert!(compare!(points, &[0.4, -0.9], &[0.5, 1.5, 2.5]));
    assert!(compare!(points, &[0.4, -0.9], &[0.0; 0]));
    assert!(compare!(blocks, [0.4, -0.9]));
    let jacobian: Vec<[[f64; 2]; 2]> = points::jacobian(&[0.0, 0.0], &[2.0]);
    assert_eq!(jacobian, [[[2.0, 0.0], [2.0, 1.0]]]);
}

/// Zero tangents of vectors of vectors, and of numbers of a generic type.
#[differentiable]
fn shifted(x: [f64; 2], #[constant] rows: &[Vec<f64>]) -> Vec<f64> {
    let mut table = rows.to_vec();
    for i in 0..table.len() {
        table[i][0] *= x[0];
        let last = table[i].len() - 1;
        table[i][last] += x[1] * x[0];
    }
    table[0].clone()
}

#[differentiable]
fn generic_vector<T: Real>(x: [T; 2], #[constant] n: usize) -> Vec<T> {
    let mut found = Vec::new();
    let mut row = vec![T::from_f64(1.0); n];
    for i in 0..n {
        row[i] *= x[i % 2];
        found.push(row[i] + x[0]);
        let first = found[0];
        found[0] += first;
    }
    found
}

#[test]
fn vectors_that_start_as_constants() {
    assert!(compare!(shifted, [0.4, -0.9], &[vec![1.0, 2.0], vec![3.0]]));
    assert!(compare!(generic_vector, [0.4, -0.9], 3));
}

/// More columns than a sweep carries.
#[differentiable]
fn many(x: &[f64; 70]) -> [f64; 50] {
    let mut out = [0.0; 50];
    for i in 0..50 {
        for j in 0..70 {
            out[i] += x[j] * x[(i + j) % 70] * (j as f64).cos();
        }
    }
    out
}

/// As many columns as the caller says.
#[differentiable]
fn cumulated<const N: usize>(x: &[f64; N]) -> [f64; N] {
    let mut out = *x;
    for i in 1..N {
        out[i] = out[i - 1] * x[i] + x[0];
    }
    out
}

const DIMENSION: usize = 9;

#[differentiable]
fn of_constant_length(x: [f64; DIMENSION]) -> [f64; DIMENSION] {
    let mut out = x;
    for i in 0..DIMENSION {
        out[i] *= x[DIMENSION - 1 - i];
    }
    out
}

#[differentiable]
fn many_to_vector(x: &[f64; 70], n: usize) -> Vec<[f64; 2]> {
    let mut out = vec![[0.0; 2]; n];
    for i in 0..n {
        out[i] = [x[i] * x[69 - i], x[i].sin()];
    }
    out
}

#[test]
fn sweeps() {
    let x: [f64; 70] = std::array::from_fn(|k| (k as f64 * 0.37).sin());
    assert!(compare!(many, &x));
    assert!(compare!(many_to_vector, &x, 3));
    assert!(compare!(cumulated, &[0.4, 1.5]));
    assert!(compare!(cumulated, &[0.3; 8]));
    assert!(compare!(cumulated, &x.map(|x| x + 1.0)));
    assert!(compare!(
        of_constant_length,
        [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9]
    ));
    let (value, jacobian) = cumulated::value_and_jacobian(&[0.0; 0]);
    assert_eq!((value, jacobian), ([], []));
}

/// Called with as many lanes as its callers have, and short.
#[differentiable]
fn joint(angle: f64, length: f64) -> [f64; 2] {
    [length * angle.cos(), length * angle.sin() / (1.0 + length)]
}

/// Not short.
#[differentiable]
fn relaxed(points: &[[f64; 2]; 13], steps: usize) -> [[f64; 2]; 13] {
    let mut points = *points;
    for _ in 0..steps {
        for i in 1..12 {
            for k in 0..2 {
                points[i][k] += 0.2 * (points[i - 1][k] * points[i + 1][k]).abs().sqrt().min(3.0);
            }
        }
    }
    points
}

/// With calls of both, and arguments that it owns and changes.
#[differentiable(wrt(angles))]
fn chain(mut angles: [f64; 26], mut lengths: Vec<f64>, steps: usize) -> [[f64; 2]; 13] {
    lengths.push(0.5);
    angles[0] *= lengths[0];
    let mut points = [[1.0; 2]; 13];
    for i in 1..13 {
        let bone = joint(angles[i] + angles[0], angles[i + 13] * lengths[i]);
        for k in 0..2 {
            points[i][k] = points[i - 1][k] + bone[k];
        }
    }
    relaxed(&points, steps)
}

#[differentiable]
fn ends(angles: &[f64; 26], twice: bool) -> Vec<f64> {
    let mut ends = vec![];
    for steps in 0..3 {
        let points = chain(*angles, vec![0.4; 12], steps);
        ends.push(points[12][0] - points[4][1]);
        if twice {
            ends.push(points[7][0] / points[1][0]);
        }
    }
    ends
}

#[differentiable]
fn singly(x: [f32; 11]) -> [f32; 11] {
    let mut out = x;
    for i in 0..11 {
        for j in 0..i {
            out[i] -= (out[j] * x[i]).tanh() / 3.0;
        }
    }
    reversed(&out)
}

#[differentiable]
fn reversed(x: &[f32; 11]) -> [f32; 11] {
    let mut out = *x;
    for i in 0..11 {
        out[i] = x[10 - i] * x[0];
    }
    out
}

/// So many lanes that the sweep is compiled for wider registers than `jvp`, if the processor has them.
#[test]
fn many_lanes() {
    let angles = std::array::from_fn(|k| 0.3 + (k as f64 * 0.61).sin());
    for twice in [false, true] {
        assert!(compare!(ends, &angles, twice));
        assert!(compare!(ends, &[0.0; 26], twice));
    }
    assert!(compare!(
        singly,
        std::array::from_fn(|k| (k as f32 * 0.37).cos())
    ));
}

#[differentiable]
fn generic_part<T: Real>(a: T, b: T) -> T {
    if a > b { a * b.sin() } else { b / a }
}

#[test]
fn of_either_precision() {
    fn with_k<T: Real>(x: [T; 3]) -> [[T; 3]; 3] {
        generic_of_array::jacobian(x)
    }
    assert!(compare!(generic_of_array, [0.4, 1.2, -0.7]));
    assert!(compare!(generic_of_array, [0.4_f32, 1.2, -0.7]));
    assert_eq!(
        with_k([0.4, 1.2, -0.7]),
        generic_of_array::jacobian([0.4, 1.2, -0.7])
    );
    let jacobian: [[f64; 2]; 2] = of_scalars::jacobian(2.0, 3.0);
    assert_eq!(jacobian, [[3.0, 2.0], [1.0, -1.0]]);
}

#[differentiable]
fn generic_of_array<T: Real>(x: [T; 3]) -> [T; 3] {
    let mut out = x;
    for i in 0..3 {
        out[i] = generic_part(x[i], x[(i + 1) % 3]) * T::from_f64(0.5) + out[i];
    }
    out
}

#[differentiable]
fn of_scalars(x: f64, y: f64) -> (f64, f64) {
    (x * y, x - y)
}

/// One column is one tangent.
#[differentiable]
fn circle(angle: f64) -> (f64, f64) {
    (angle.cos(), angle.sin())
}

#[test]
fn one_number() {
    let (sin, cos) = 0.4_f64.sin_cos();
    assert_eq!(circle::value_and_jacobian(0.4), ((cos, sin), [-sin, cos]));
}

/// No vector program: by columns.
mod without {
    use super::*;

    #[derive(Clone, Debug, PartialEq, Differentiable)]
    struct Pair {
        a: f64,
        b: f64,
    }

    #[differentiable]
    fn of_struct(x: [f64; 2]) -> [f64; 2] {
        let pair = Pair {
            a: x[0] * x[1],
            b: x[1],
        };
        [sum(&pair), pair.a]
    }

    #[differentiable]
    fn sum(pair: &Pair) -> f64 {
        pair.a + pair.b * pair.b
    }

    fn cube_pullback(x: f64) -> (f64, impl Fn(f64, &mut f64)) {
        (x * x * x, move |out_bar, x_bar: &mut f64| {
            *x_bar += out_bar * 3.0 * x * x;
        })
    }

    fn cube_jvp(x: f64, x_dot: f64) -> (f64, f64) {
        (x * x * x, 3.0 * x * x * x_dot)
    }

    #[differentiable(pullback = cube_pullback, jvp = cube_jvp)]
    fn cube(x: f64) -> f64 {
        x * x * x
    }

    #[differentiable]
    fn of_hand_written(x: [f64; 2], n: usize) -> Vec<[f64; 2]> {
        let mut out = vec![[0.0; 2]; n];
        for i in 0..n {
            out[i] = [cube(x[0]) * x[1], cube(x[1] * i as f64)];
        }
        out
    }

    /// Handed on, though it has none itself.
    #[differentiable]
    fn of_caller(x: [f64; 2]) -> [f64; 2] {
        let y = of_struct(x);
        [y[1], y[0] * x[0]]
    }

    #[test]
    fn by_columns() {
        assert!(!compare!(of_struct, [0.4, -0.9]));
        assert!(!compare!(of_caller, [0.4, -0.9]));
        assert!(!compare!(of_hand_written, [0.4, -0.9], 3));
    }
}

/// Names that generated code would like to have.
mod names {
    use super::*;

    pub struct Grid<const WIDTH: usize>;

    #[differentiable]
    impl<const WIDTH: usize> Grid<WIDTH> {
        fn turned(#[constant] &self, x: [f64; 2]) -> [f64; 2] {
            [x[1] * x[0], -x[0]]
        }
    }

    #[differentiable]
    fn own<const WIDTH: usize>(lane: [f64; 2]) -> [f64; 2] {
        let t1 = lane[0] * WIDTH as f64;
        let change = t1 * lane[1];
        [change, lane[1]]
    }

    #[test]
    fn of_the_users() {
        assert_eq!(
            Grid::<4>::turned_jacobian(&Grid, [2.0, 3.0]),
            [[3.0, 2.0], [-1.0, 0.0]]
        );
        assert_eq!(own::jacobian::<3>([2.0, 3.0]), [[9.0, 6.0], [0.0, 1.0]]);
    }
}
