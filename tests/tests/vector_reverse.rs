//! Jacobians by reverse mode: many rows in one sweep are those that each cotangent gives alone, whatever
//! the function is made of; and where there is no such program, they come row by row.

#![allow(
    clippy::needless_range_loop,
    reason = "numeric code as users write it counts with indices"
)]

use autodiff_runtime::__private::Width;
use autodiff_runtime::prelude::*;
use autodiff_runtime::{Leaf, Leaves, Name};

/// The Jacobian against `vjp` row by row. Says whether the function has a program for several rows.
macro_rules! compare {
    ($f:path, $rows:expr, $($x:expr),*) => {{
        use $f as f;
        let (value, jacobian) = f::value_and_jacobian($($x),*);
        assert_eq!(value, f($($x),*));
        for row in 0..$rows {
            let (_, alone) = f::vjp($($x,)* value.unit(row));
            assert_near(&jacobian.row(row), &numbers(&alone), row);
        }
        f::call_vector_vjp($($x,)* Width::<2>).is_some()
    }};
}

/// The same for functions of one array, against `jvp` column by column, too.
macro_rules! compare_columns {
    ($f:ident, $rows:expr, &$x:expr $(, $other:expr)*) => {{
        let x = $x;
        let jacobian = $f::jacobian(&x $(, $other)*);
        for column in 0..x.len() {
            let unit = std::array::from_fn(|k| if k == column { 1.0 } else { 0.0 });
            let (_, tangent) = $f::jvp(&x $(, $other)*, &unit);
            let found: Vec<f64> = (0..$rows).map(|row| jacobian.row(row)[column]).collect();
            assert_near(&found, &numbers(&tangent), column);
        }
        compare!($f, $rows, &x $(, $other)*)
    }};
}

#[track_caller]
fn assert_near(found: &[f64], expected: &[f64], place: usize) {
    assert_eq!(found.len(), expected.len());
    let largest = expected.iter().fold(1e-3, |most: f64, x| most.max(x.abs()));
    for (a, b) in found.iter().zip(expected) {
        let near = (a - b).abs() <= 1e-13 * largest;
        assert!(a == b || near, "{place}: {found:?} and not {expected:?}");
    }
}

/// The numbers of a value in order.
fn numbers(value: &impl Leaves) -> Vec<f64> {
    let mut all = Vec::new();
    value.visit(&mut Name::new(""), &mut |_, leaf| match leaf {
        Leaf::F32(numbers) => all.extend(numbers.iter().map(|x| f64::from(*x))),
        Leaf::F64(numbers) => all.extend(numbers),
    });
    all
}

/// The numbers in one row of a Jacobian, a matrix or a block for each parameter.
trait Row {
    fn row(&self, row: usize) -> Vec<f64>;
}

impl<G: Leaves, const M: usize> Row for [G; M] {
    fn row(&self, row: usize) -> Vec<f64> {
        numbers(&self[row])
    }
}

impl<G: Leaves> Row for Vec<G> {
    fn row(&self, row: usize) -> Vec<f64> {
        numbers(&self[row])
    }
}

impl<A: Row, B: Row> Row for (A, B) {
    fn row(&self, row: usize) -> Vec<f64> {
        [self.0.row(row), self.1.row(row)].concat()
    }
}

impl<A: Row, B: Row, C: Row> Row for (A, B, C) {
    fn row(&self, row: usize) -> Vec<f64> {
        [self.0.row(row), self.1.row(row), self.2.row(row)].concat()
    }
}

/// The cotangent of a value that picks one of its numbers.
trait Unit {
    fn unit(&self, row: usize) -> Self;
}

impl<T: Real, const M: usize> Unit for [T; M] {
    fn unit(&self, row: usize) -> Self {
        std::array::from_fn(|k| T::from_f64(f64::from(k == row)))
    }
}

impl Unit for Vec<f64> {
    fn unit(&self, row: usize) -> Self {
        (0..self.len()).map(|k| f64::from(k == row)).collect()
    }
}

impl Unit for (f64, f64) {
    fn unit(&self, row: usize) -> Self {
        (f64::from(row == 0), f64::from(row == 1))
    }
}

fn points<const N: usize>(seed: f64) -> [f64; N] {
    std::array::from_fn(|k| (k as f64 * 0.73 + seed).sin() + 0.1)
}

#[differentiable]
fn straight(x: &[f64; 8]) -> [f64; 3] {
    let y = [x[0] * x[1], x[2] / x[3].exp(), x[4]];
    let norm = (y[0] * y[0] + y[1] * y[1] + y[2] * y[2]).sqrt();
    [y[0] / norm + x[5], norm * x[6].sin(), x[7] - y[1]]
}

#[differentiable]
fn of_several(frame: &[[f64; 2]; 2], at: [f64; 2], weight: f64) -> (f64, f64) {
    let x = frame[0][0] * at[0] + frame[0][1] * at[1];
    let y = frame[1][0] * at[0] + frame[1][1] * at[1];
    (weight * x.tanh(), y * y / weight)
}

#[differentiable]
fn of_scalars(a: f64, b: f64, c: f64, d: f64, e: f64) -> [f64; 2] {
    [a * b + c.sin(), (d - e) * a]
}

#[test]
fn straight_lines() {
    assert!(compare_columns!(straight, 3, &points(0.3)));
    assert!(compare!(
        of_several,
        2,
        &[[0.3, -0.4], [1.1, 0.2]],
        [0.7, -1.9],
        1.3
    ));
    assert!(compare!(of_scalars, 2, 0.1, 0.2, 0.3, 0.4, 0.5));
    let jacobian: [[f64; 5]; 2] = of_scalars::jacobian(2.0, 3.0, 0.0, 7.0, 4.0);
    assert_eq!(
        jacobian,
        [[3.0, 2.0, 1.0, 0.0, 0.0], [3.0, 0.0, 0.0, 2.0, -2.0]]
    );
}

/// Loops of known and unknown length, with a branch and a way out; what one hands on to the next.
#[differentiable]
fn looped(x: &[f64; 9], n: usize) -> [f64; 2] {
    let (mut a, mut b) = (x[0], 1.0);
    let mut out = [0.0, x[1]];
    for i in 0..n {
        let next = a * x[i % 9] + b.sin();
        if next > 0.5 {
            b = a - x[1];
            a = next / (1.0 + a * a);
        } else if next < -2.0 {
            break;
        } else {
            a = next + 0.25 * b * x[2];
        }
        out[i % 2] += a * b;
        out[(i + 1) % 2] = a.exp() * out[i % 2];
    }
    let mut steps = 0;
    while a.abs() > 0.01 && steps < 20 {
        a *= 0.5 * x[3].cos();
        steps += 1;
    }
    for i in 1..8 {
        out[0] += x[i] * x[i + 1] - x[i - 1];
    }
    out[1] -= a;
    out
}

#[test]
fn loops_and_branches() {
    for n in [0, 1, 2, 7, 30] {
        assert!(compare_columns!(looped, 2, &points(0.8), n));
        assert!(compare_columns!(looped, 2, &points(-1.8), n));
    }
}

/// Local vectors, overwritten and pushed to; slices that are parameters, active and not.
#[differentiable]
fn of_slices(w: &[f64], rows: &[[f64; 2]], #[constant] at: &[f64]) -> [f64; 2] {
    let mut hidden = vec![0.0; w.len()];
    for i in 0..w.len() {
        hidden[i] = w[i] * at[i];
    }
    let mut stack = Vec::new();
    for row in rows {
        stack.push(row[0] * row[1]);
        for i in 0..w.len() {
            hidden[i] = hidden[i] * row[0] + at[i] * row[1];
        }
    }
    stack.push(1.0);
    stack.pop();
    let first: f64 = hidden.iter().sum();
    let second: f64 = stack.iter().map(|x| x * x).sum();
    [first * second, first - second]
}

/// An inner product in the reverse pass, and the sum of equal numbers.
#[differentiable]
fn scaled(x: &[f64; 12], scale: f64) -> [f64; 12] {
    let mut out = [scale; 12];
    for i in 0..12 {
        out[i] += scale * x[i];
    }
    for i in 0..11 {
        out[i] *= out[i + 1];
    }
    out
}

#[test]
fn arrays_and_vectors() {
    let rows = [[0.3, 1.2], [-0.4, 0.5], [0.9, 0.9]];
    assert!(compare!(
        of_slices,
        2,
        &points::<5>(0.2),
        &rows,
        &points::<5>(0.9)
    ));
    assert!(compare!(
        of_slices,
        2,
        &points::<5>(0.2),
        &rows[..0],
        &points::<5>(0.9)
    ));
    assert!(compare!(of_slices, 2, &[], &rows, &[]));
    assert!(compare!(scaled, 12, &points(0.4), 1.7));
}

#[differentiable]
fn part(v: &[f64], from: usize) -> f64 {
    v[from] * v[from + 1].sin()
}

#[differentiable]
fn mixed(a: &[f64], b: &[f64], k: f64) -> f64 {
    let mut sum = 0.0;
    for i in 0..a.len() {
        sum += a[i] * b[i] * k;
    }
    sum
}

#[differentiable]
fn grown(v: &mut [f64; 3], by: f64) -> f64 {
    for i in 0..3 {
        v[i] = v[i] * by + v[(i + 1) % 3];
    }
    v[0] * by
}

/// Calls in loops and branches; of one value twice, of parts, of what is inactive here and not there,
/// of what is changed.
#[differentiable]
fn calling(x: &[f64; 7], #[constant] data: &[f64]) -> [f64; 3] {
    let mut out = [0.0; 3];
    for i in 0..6 {
        if x[i] > 0.0 {
            out[i % 3] += part(x, i) * part(&x[1..], i.min(4));
        } else {
            out[i % 3] -= mixed(x, data, x[i]);
        }
    }
    let mut v = [x[0], x[3], x[6]];
    out[0] += grown(&mut v, x[1]);
    out[1] *= grown(&mut v, out[0]) + v[1];
    out[2] += mixed(x, x, v[2]) + mixed(data, x, 2.0) + mixed(data, data, x[4]);
    out
}

#[differentiable]
fn handed_on(x: &[f64; 7], #[constant] data: &[f64]) -> [f64; 3] {
    let y = calling(x, data);
    let z = calling(&[y[0], y[1], y[2], x[3], x[4], x[5], x[6]], data);
    [z[0] * y[1], z[1], z[2] + x[0]]
}

#[test]
fn calls() {
    for seed in [0.3, 1.9, -0.7] {
        assert!(compare_columns!(
            calling,
            3,
            &points(seed),
            &points::<7>(1.1)
        ));
        assert!(compare_columns!(
            handed_on,
            3,
            &points(seed),
            &points::<7>(1.1)
        ));
    }
}

#[differentiable]
fn many(x: &[f64; 70]) -> [f64; 11] {
    let mut out = [0.0; 11];
    for i in 0..11 {
        for j in 0..70 {
            out[i] += x[j] * x[(i + j) % 70] * (j as f64).cos();
        }
    }
    out
}

#[differentiable]
fn folded<const N: usize, const M: usize>(x: &[f64; N]) -> [f64; M] {
    let mut out = [1.0; M];
    for i in 0..N {
        out[i % M] *= x[i] + x[(i + 1) % N] * x[0];
    }
    out
}

#[differentiable]
fn to_vector(x: &[f64], weight: f64, n: usize) -> Vec<f64> {
    let mut out = vec![weight; n];
    for i in 0..x.len() {
        out[i % n] *= x[i].cos();
    }
    out
}

#[test]
fn more_rows_than_a_sweep() {
    assert!(compare_columns!(many, 11, &points(0.2)));
    let x = points::<23>(0.1);
    let jacobian: [[f64; 23]; 5] = folded::jacobian(&x);
    for row in 0..5 {
        let mut unit = [0.0; 5];
        unit[row] = 1.0;
        assert_near(&jacobian[row], &folded::vjp(&x, unit).1, row);
    }
    let none: [[f64; 0]; 3] = folded::jacobian(&[0.0; 0]);
    assert_eq!(none, [[0.0_f64; 0]; 3]);
    for n in [1, 3, 4, 9] {
        assert!(compare!(to_vector, n, &points::<12>(0.3), 1.1, n));
    }
}

#[differentiable]
fn generic_part<T: Real>(a: T, b: &[T; 4]) -> T {
    let mut sum = a;
    for i in 0..4 {
        if a > b[i] {
            sum += a * b[i].sin();
        }
    }
    sum
}

#[differentiable]
fn generic<T: Real>(x: &[T; 4], y: T, #[constant] k: T) -> [T; 2] {
    let mut parts = [T::from_f64(0.0); 4];
    for i in 0..4 {
        parts[i] = generic_part(x[i] * y, x) * k;
    }
    [parts[0] * parts[1], generic_part(y, &parts)]
}

#[test]
fn of_either_precision() {
    assert!(compare!(generic, 2, &points(0.5), 0.8, 1.5));
    let x = points::<4>(0.5).map(|x| x as f32);
    assert!(compare!(generic, 2, &x, 0.8_f32, 1.5_f32));
}

/// No program for several rows: one after the other.
mod without {
    use super::*;

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

    fn square_vjp(x: f64, out_bar: f64, x_bar: &mut f64) {
        *x_bar += 2.0 * x * out_bar;
    }

    fn square_jvp(x: f64, x_dot: f64) -> (f64, f64) {
        (x * x, 2.0 * x * x_dot)
    }

    #[differentiable(vjp = square_vjp, jvp = square_jvp)]
    fn square(x: f64) -> f64 {
        x * x
    }

    /// Only some ways through it end at a rule by hand, after a local was changed.
    #[differentiable]
    fn of_rules(x: &[f64; 5], by_hand: bool) -> [f64; 2] {
        let mut v = [x[0], x[1], x[2]];
        let first = grown(&mut v, x[3]);
        if by_hand {
            v[1] += cube(first) * square(x[4]);
        }
        [v[0] * v[1], v[2] * x[4]]
    }

    #[differentiable]
    fn powers(x: &[f64; 5], n: usize) -> [f64; 2] {
        if n == 0 {
            return [x[3], x[1]];
        }
        let [a, b] = powers(x, n - 1);
        [a * x[0], b + a * x[2] * x[4]]
    }

    #[derive(Clone, Debug, PartialEq, Differentiable)]
    struct Pair {
        a: f64,
        b: f64,
    }

    #[differentiable]
    fn sum(pair: &Pair) -> f64 {
        pair.a + pair.b * pair.b
    }

    #[differentiable]
    fn of_struct(x: &[f64; 5]) -> [f64; 2] {
        let pair = Pair {
            a: x[0] * x[1],
            b: x[2],
        };
        [sum(&pair) * x[3], pair.a + x[4]]
    }

    /// Handed on, though it has none itself.
    #[differentiable]
    fn of_caller(x: &[f64; 5]) -> [f64; 2] {
        let y = of_struct(x);
        [y[1], y[0] * x[0]]
    }

    #[test]
    fn row_by_row() {
        assert!(!compare_columns!(of_rules, 2, &points(0.4), true));
        assert!(compare_columns!(of_rules, 2, &points(0.4), false));
        assert!(!compare_columns!(powers, 2, &points(0.4), 3));
        assert!(!compare_columns!(of_struct, 2, &points(0.4)));
        assert!(!compare_columns!(of_caller, 2, &points(0.4)));
    }
}

/// Names that generated code would like to have, and methods.
mod names {
    use super::*;

    pub struct Grid<const WIDTH: usize>(f64);

    #[differentiable]
    impl<const WIDTH: usize> Grid<WIDTH> {
        fn turned(#[constant] &self, x: &[f64; 5]) -> [f64; 2] {
            let scale = self.0;
            [x[1] * x[0] * scale, -x[0] * Self::bent(x[3], x[2]) * x[4]]
        }

        fn bent(x: f64, y: f64) -> f64 {
            x * y
        }
    }

    #[differentiable]
    fn own<const WIDTH: usize>(lane: &[f64; 5]) -> [f64; 2] {
        let row = lane[0] * WIDTH as f64;
        let change = row * lane[1];
        [change, lane[1] * lane[2] + lane[3] - lane[4]]
    }

    #[test]
    fn of_the_users() {
        let x = [2.0, 3.0, 5.0, 7.0, 11.0];
        assert_eq!(
            Grid::<4>::turned_jacobian(&Grid(10.0), &x),
            [
                [30.0, 20.0, 0.0, 0.0, 0.0],
                [-385.0, 0.0, -154.0, -110.0, -70.0]
            ]
        );
        assert_eq!(
            own::jacobian::<3>(&x),
            [[9.0, 6.0, 0.0, 0.0, 0.0], [0.0, 5.0, 3.0, 1.0, -1.0]]
        );
    }
}
