//! Parameters that are changed in place: `&mut [f64]`, `&mut [f64; N]`, `&mut f64`, `&mut S`. Each is
//! an input and an output; its buffer enters a pullback with the cotangent of the final contents and
//! leaves it with that of the initial ones.
#![allow(
    clippy::needless_range_loop,
    clippy::manual_swap,
    clippy::manual_memcpy,
    clippy::assign_op_pattern,
    clippy::ptr_arg,
    reason = "memory is written in every way that users write it"
)]

use autodiff_runtime::prelude::*;
use autodiff_tests::check;
use autodiff_tests::derivatives::assert_near;
use autodiff_tests::points::Points;

#[derive(Clone, Debug, PartialEq, Differentiable)]
struct Body {
    x: f64,
    v: f64,
    mass: f64,
    trips: usize,
}

fn body(x: f64, v: f64, mass: f64) -> Body {
    Body {
        x,
        v,
        mass,
        trips: 3,
    }
}

fn bar(x: f64, v: f64, mass: f64) -> BodyGradient {
    BodyGradient { x, v, mass }
}

// ----------------------------------------------------------------------------------------- arrays

#[differentiable]
fn doubled_first(a: &mut [f64; 2]) {
    a[0] = 2.0 * a[0];
}

#[test]
fn one_element() {
    assert_near(
        check!(doubled_first(&mut [3.0, 5.0] => [1.0, 10.0]) => ()),
        [2.0, 10.0],
    );
}

#[differentiable]
fn scaled(x: &mut [f64], k: f64) {
    for i in 0..x.len() {
        x[i] *= k;
    }
}

#[test]
fn a_slice_scaled() {
    let (x_bar, k_bar) = check!(scaled(&mut vec![2.0, 3.0] => vec![1.0, 10.0], 5.0) => ());
    assert_near((x_bar, k_bar), ([5.0, 50.0], 2.0 + 30.0));
    // No element.
    let none = Vec::<f64>::new();
    assert_near(check!(scaled(&mut none => vec![], 5.0) => ()), ((), 0.0));
}

#[test]
fn the_companion_by_name() {
    // The pullback keeps no borrow of the slice, sets the buffer, and can run again.
    let mut x = [2.0, 3.0];
    let ((), pullback) = scaled::pullback(&mut x, 5.0);
    assert_eq!(x, [10.0, 15.0]);
    x.fill(-1.0);
    let (mut x_bar, mut k_bar) = ([1.0, 10.0], 0.0);
    pullback((), &mut x_bar, &mut k_bar);
    assert_eq!((x_bar, k_bar), ([5.0, 50.0], 32.0));
    pullback((), &mut x_bar, &mut k_bar);
    assert_eq!((x_bar, k_bar), ([25.0, 250.0], 32.0 + 160.0));

    // The tangent is updated in place.
    let mut x = [2.0, 3.0];
    let mut x_dot = [1.0, 10.0];
    let ((), ()) = scaled::jvp(&mut x, 5.0, &mut x_dot, 100.0);
    assert_eq!((x, x_dot), ([10.0, 15.0], [205.0, 350.0]));
}

#[differentiable]
fn overwritten(x: &mut [f64; 3], y: f64) {
    x[0] = y;
    x[1] = 7.0;
    x[2] = x[0] * x[2];
}

#[test]
fn what_is_overwritten_has_no_adjoint() {
    let (x_bar, y_bar) = check!(overwritten(&mut [1.0, 2.0, 3.0] => [1.0, 10.0, 100.0], 5.0) => ());
    assert_near((x_bar, y_bar), ([0.0, 0.0, 500.0], 1.0 + 300.0));
}

#[differentiable]
fn pushed_along(x: &mut [f64], k: f64) -> f64 {
    let mut energy = 0.0;
    for v in x.iter() {
        energy += v * v;
    }
    for i in 0..x.len() {
        x[i] += k * energy;
    }
    energy * k
}

#[test]
fn a_result_beside() {
    let x = vec![1.0, 2.0];
    let (x_bar, k_bar) = check!(pushed_along(&mut x => vec![1.0, 10.0], 3.0));
    // Energy 5; its adjoint is k + 11k.
    assert_near((x_bar, k_bar), ([1.0 + 72.0, 10.0 + 144.0], 5.0 + 55.0));
}

#[test]
fn gradients_of_a_result_beside() {
    // The final contents have no cotangent here.
    let mut x = [1.0, 2.0];
    let (value, (x_bar, k_bar)) = pushed_along::value_and_grad(&mut x, 3.0);
    assert_eq!((value, x), (15.0, [16.0, 17.0]));
    let x_bar: Vec<f64> = x_bar;
    assert_eq!((x_bar, k_bar), (vec![6.0, 12.0], 5.0));
    let mut x = [1.0, 2.0];
    assert_eq!(pushed_along::grad(&mut x, 3.0), (vec![6.0, 12.0], 5.0));
    assert_eq!(x, [16.0, 17.0]);
    // Here they have.
    let mut x = [1.0, 2.0];
    let (mut x_bar, mut k_bar) = ([1.0, 10.0], 0.5);
    let value = pushed_along::grad_into(&mut x, 3.0, &mut x_bar, &mut k_bar);
    assert_eq!(
        (value, x, x_bar, k_bar),
        (15.0, [16.0, 17.0], [73.0, 154.0], 60.5)
    );
}

#[differentiable]
fn cumulative(x: &mut [f64]) {
    for i in 1..x.len() {
        x[i] += x[i - 1];
    }
}

#[test]
fn prefix_sums() {
    let x = vec![1.0, 2.0, 3.0];
    assert_near(
        check!(cumulative(&mut x => vec![1.0, 10.0, 100.0]) => ()),
        [111.0, 110.0, 100.0],
    );
}

#[differentiable]
fn cumulative_product(x: &mut [f64]) {
    let mut product = 1.0;
    for v in x.iter_mut() {
        product *= *v;
        *v = product;
    }
}

#[test]
fn iter_mut() {
    let x = vec![2.0, 3.0, 5.0];
    let x_bar = check!(cumulative_product(&mut x => vec![1.0, 10.0, 100.0]) => ());
    assert_near(x_bar, [1.0 + 30.0 + 1500.0, 20.0 + 1000.0, 600.0]);
}

#[differentiable]
fn normalised(x: &mut [f64]) {
    let mut total = 0.0;
    for v in x.iter() {
        total += v * v;
    }
    let norm = total.sqrt();
    for v in x.iter_mut() {
        *v /= norm;
    }
}

#[test]
fn normalisation() {
    assert_near(
        check!(normalised(&mut vec![3.0, 4.0] => vec![1.0, 0.0]) => ()),
        [0.128, -0.096],
    );
}

#[differentiable]
fn softmax_in_place(x: &mut [f64; 4]) {
    let mut largest = f64::NEG_INFINITY;
    for v in x.iter() {
        largest = largest.max(*v);
    }
    let mut total = 0.0;
    for i in 0..4 {
        x[i] = (x[i] - largest).exp();
        total += x[i];
    }
    for i in 0..4 {
        x[i] /= total;
    }
}

#[test]
fn softmax() {
    let x = [0.5, 1.5, -1.0, 0.25];
    let mut p = x;
    softmax_in_place(&mut p);
    let expected: Vec<f64> = (0..4)
        .map(|i| p[1] * (f64::from(u8::from(i == 1)) - p[i]))
        .collect();
    assert_near(
        check!(softmax_in_place(&mut x => [0.0, 1.0, 0.0, 0.0]) => ()),
        expected,
    );
}

// ---------------------------------------------------------------------- several, and of each kind

#[differentiable]
fn axpy(y: &mut [f64], a: f64, x: &[f64]) {
    for (y, x) in y.iter_mut().zip(x) {
        *y += a * x;
    }
}

#[test]
fn one_changed_by_another() {
    let (y_bar, a_bar, x_bar) =
        check!(axpy(&mut vec![1.0, 2.0] => vec![1.0, 10.0], 3.0, &vec![5.0, 7.0]) => ());
    assert_near((y_bar, a_bar, x_bar), ([1.0, 10.0], 75.0, [3.0, 30.0]));
}

#[differentiable]
fn rotated(x: &mut [f64], y: &mut [f64], angle: f64) {
    let (s, c) = angle.sin_cos();
    for i in 0..x.len() {
        let old = x[i];
        x[i] = c * old - s * y[i];
        y[i] = s * old + c * y[i];
    }
}

#[test]
fn two_changed_together() {
    let (x, y, angle) = (vec![1.0, 2.0], vec![3.0, -1.0], 0.3_f64);
    let (s, c) = angle.sin_cos();
    let (x_bar, y_bar, angle_bar) =
        check!(rotated(&mut x => vec![1.0, 0.0], &mut y => vec![0.0, 10.0], angle) => ());
    assert_near((x_bar, y_bar), ([c, 10.0 * s], [-s, 10.0 * c]));
    assert_near(angle_bar, -(s + 3.0 * c) + 10.0 * (2.0 * c + s));
}

#[differentiable]
fn exchanged(x: &mut [f64], y: &mut [f64; 3], i: usize, j: usize) {
    let old = x[i];
    x[i] = y[j];
    y[j] = old;
    x.swap(i, j);
}

#[test]
fn swaps() {
    let (x, y) = (vec![1.0, 2.0, 3.0], [5.0, 6.0, 7.0]);
    for i in 0..3 {
        for j in 0..3 {
            check!(exchanged(&mut x => vec![1.0, 10.0, 100.0], &mut y => [2.0, 3.0, 4.0], const i, const j) => ());
        }
    }
}

#[differentiable]
fn scalar_pointer(x: &mut f64, k: f64) {
    *x += k;
    *x *= *x;
}

#[test]
fn a_scalar_in_place() {
    assert_near(
        check!(scalar_pointer(&mut 2.0 => 1.0, 3.0) => ()),
        (10.0, 10.0),
    );
}

#[differentiable]
fn ordered(a: &mut f64, b: &mut f64) -> f64 {
    if *a > *b {
        std::mem::swap(a, b);
    }
    *b - *a
}

#[test]
fn two_scalars_swapped() {
    assert_near(
        check!(ordered(&mut 2.0 => 10.0, &mut 3.0 => 100.0)),
        (9.0, 101.0),
    );
    assert_near(
        check!(ordered(&mut 3.0 => 10.0, &mut 2.0 => 100.0)),
        (101.0, 9.0),
    );
}

#[differentiable]
fn smoothed_rows(m: &mut [[f64; 3]], k: f64) {
    for row in 0..m.len() {
        for i in 1..3 {
            m[row][i] += k * m[row][i - 1];
            if row > 0 {
                m[row][i] *= m[row - 1][i];
            }
        }
    }
}

#[test]
fn a_slice_of_rows() {
    let m = vec![[1.0, 2.0, 3.0], [0.5, -1.0, 2.0]];
    let m_bar = vec![[0.0; 3], [0.0, 0.0, 1.0]];
    check!(smoothed_rows(&mut m => m_bar, 0.5) => ());
    check!(smoothed_rows(&mut vec![[1.0, 2.0, 3.0]] => vec![[1.0, 10.0, 100.0]], 0.5) => ());
}

#[differentiable]
fn shuffled(order: &[usize], x: &mut [f64], y: &mut Vec<f64>) {
    for i in 0..order.len() {
        y[i] = x[order[i]] * (i + 1) as f64;
        x[order[i]] = 0.0;
    }
}

#[test]
fn a_vector_in_place() {
    // Twice the same element is zero the second time.
    let order = [2, 0, 2];
    let (x_bar, y_bar) = check!(shuffled(
        const &order, &mut vec![1.0, 2.0, 3.0] => vec![5.0, 6.0, 7.0], &mut vec![9.0; 3] => vec![1.0, 10.0, 100.0]
    ) => ());
    assert_near((x_bar, y_bar), ([20.0, 6.0, 1.0], [0.0; 3]));
}

// ---------------------------------------------------------------------------------------- structs

#[differentiable]
fn step(b: &mut Body, force: f64, dt: f64) {
    b.v += force / b.mass * dt;
    b.x += b.v * dt;
    b.trips += 1;
}

#[test]
fn a_struct() {
    let (b_bar, force_bar, dt_bar) =
        check!(step(&mut body(1.0, 2.0, 4.0) => bar(1.0, 10.0, 100.0), 3.0, 0.5) => ());
    // v̄ = 10 + dt; v' = 2.375.
    assert_near((b_bar.x, b_bar.v), (1.0, 10.5));
    assert_near(b_bar.mass, 100.0 - 10.5 * 3.0 * 0.5 / 16.0);
    assert_near((force_bar, dt_bar), (10.5 * 0.125, 2.375 + 10.5 * 0.75));
}

#[differentiable]
fn replaced(b: &mut Body, k: f64) {
    let old = b.clone();
    *b = Body {
        x: old.v * k,
        v: old.x,
        mass: 1.0,
        trips: 0,
    };
}

#[test]
fn a_struct_replaced() {
    let (b_bar, k_bar) =
        check!(replaced(&mut body(1.0, 2.0, 4.0) => bar(1.0, 10.0, 100.0), 3.0) => ());
    assert_near((b_bar.x, b_bar.v, b_bar.mass, k_bar), (10.0, 3.0, 0.0, 2.0));
}

#[differentiable]
fn run(b: &mut Body, stiffness: f64, steps: usize) -> f64 {
    let mut furthest = b.x;
    for _ in 0..steps {
        let force = -stiffness * b.x;
        step(b, force, 0.1);
        if b.x > furthest {
            furthest = b.x;
        }
    }
    furthest
}

#[test]
fn calls_that_change_it() {
    let b = body(1.0, 0.5, 2.0);
    check!(run(&mut b => bar(1.0, 10.0, 100.0), 4.0, const 0));
    check!(run(&mut b => bar(1.0, 10.0, 100.0), 4.0, const 1));
    check!(run(&mut b => bar(1.0, 10.0, 100.0), 4.0, const 25));
}

#[differentiable]
fn collide(bodies: &mut [Body]) -> f64 {
    let mut exchanged = 0.0;
    for i in 1..bodies.len() {
        let total = bodies[i].mass + bodies[i - 1].mass;
        let centre = (bodies[i].mass * bodies[i].v + bodies[i - 1].mass * bodies[i - 1].v) / total;
        exchanged += (bodies[i].v - centre).abs() * bodies[i].mass;
        bodies[i].v = 2.0 * centre - bodies[i].v;
        bodies[i - 1].v = 2.0 * centre - bodies[i - 1].v;
    }
    exchanged
}

#[test]
fn a_slice_of_structs() {
    let bodies = vec![
        body(0.0, 1.0, 1.0),
        body(1.0, -0.5, 3.0),
        body(2.0, 0.75, 2.0),
    ];
    let bars = vec![
        bar(0.0, 1.0, 0.0),
        bar(1.0, 10.0, 0.0),
        bar(0.0, 100.0, 1.0),
    ];
    check!(collide(&mut bodies => bars));
    check!(collide(&mut Vec::<Body>::new() => vec![]));
}

// ------------------------------------------------------------------------- locals passed to calls

#[differentiable]
fn scaled_twice(x: &[f64], k: f64) -> f64 {
    let mut y = x.to_vec();
    scaled(&mut y, k);
    let middle = y[0];
    scaled(&mut y, middle);
    let mut total = 0.0;
    for v in &y {
        total += v;
    }
    total
}

#[test]
fn a_local_vector_passed_on() {
    // x₀k · k Σx
    let (x, k) = (vec![2.0, 3.0], 5.0);
    let (x_bar, k_bar) = check!(scaled_twice(&x, k));
    assert_near(
        (x_bar, k_bar),
        ([25.0 * (5.0 + 2.0), 50.0], 2.0 * 2.0 * 5.0 * 5.0),
    );
}

#[differentiable]
fn squared_in_place(x: &mut f64) {
    *x = *x * *x;
}

#[differentiable]
fn turned_in_place(x: &mut f64, k: f64) {
    *x = (*x * k).sin() + *x;
}

/// What is read of a place before a call changes it is not what is there afterwards.
#[differentiable]
fn read_before_a_call(x: f64, w: &mut [f64]) -> f64 {
    let h = x * w[1];
    turned_in_place(&mut w[1], h);
    let mut z = x * x;
    let k = x * z;
    turned_in_place(&mut z, k);
    z * w[0]
}

#[test]
fn a_place_that_is_read_before_a_call_changes_it() {
    let (x, w) = (0.7_f64, [2.0, 0.5]);
    let (w_bar, x_bar) = (vec![0.0, 10.0], {
        let by_z = ((x.powi(5)).cos() * 5.0 * x.powi(4) + 2.0 * x) * w[0];
        by_z + 10.0 * (x * w[1] * w[1]).cos() * w[1] * w[1]
    });
    let (found_x, found_w) = check!(read_before_a_call(x, &mut w.to_vec() => w_bar));
    assert_near(found_x, x_bar);
    let slope = (x * w[1] * w[1]).cos() * 2.0 * x * w[1] + 1.0;
    assert_near(found_w, vec![x.powi(5).sin() + x * x, 10.0 * slope]);
}

#[differentiable]
fn places_passed_on(x: f64, y: f64) -> f64 {
    let mut z = x;
    squared_in_place(&mut z);
    let mut w = [z, y];
    squared_in_place(&mut w[1]);
    let mut b = Body {
        x: w[1],
        v: w[0],
        mass: 1.0,
        trips: 0,
    };
    squared_in_place(&mut b.v);
    step(&mut b, x, 0.5);
    b.x * b.v
}

#[test]
fn locals_elements_and_fields_passed_on() {
    // v = x⁴ + x/2, X = y² + v/2.
    let (x, y) = (1.5_f64, 2.0);
    let v = x.powi(4) + 0.5 * x;
    let v_x = 4.0 * x.powi(3) + 0.5;
    assert_near(
        check!(places_passed_on(x, y)),
        ((y * y + v) * v_x, 2.0 * y * v),
    );
}

#[differentiable]
fn halves(x: &mut [f64], k: f64) {
    let middle = x.len() / 2;
    scaled(&mut x[..middle], k);
    let last = x[x.len() - 1];
    scaled(&mut x[middle..], last);
}

#[test]
fn sub_slices_passed_on() {
    let (x_bar, k_bar) =
        check!(halves(&mut vec![1.0, 2.0, 3.0, 4.0] => vec![1.0, 10.0, 100.0, 1000.0], 5.0) => ());
    // x₂x₃ and x₃².
    assert_near(
        (x_bar, k_bar),
        ([5.0, 50.0, 400.0, 300.0 + 8000.0], 1.0 + 20.0),
    );
}

// ------------------------------------------------------------------------------------- algorithms

#[differentiable]
fn selection_sort(x: &mut [f64]) {
    for i in 0..x.len() {
        let mut least = i;
        for j in i + 1..x.len() {
            if x[j] < x[least] {
                least = j;
            }
        }
        x.swap(i, least);
    }
}

#[test]
fn sorting() {
    let x = vec![3.0, 1.0, 4.0, 1.5, 9.0];
    let out = vec![1.0, 10.0, 100.0, 1000.0, 10_000.0];
    assert_near(
        check!(selection_sort(&mut x => out) => ()),
        [100.0, 1.0, 1000.0, 10.0, 10_000.0],
    );
}

/// L overwrites the lower half of the matrix.
#[differentiable]
fn triangular_solve(l: &[[f64; 3]; 3], x: &mut [f64; 3]) {
    for i in 0..3 {
        for j in 0..i {
            x[i] -= l[i][j] * x[j];
        }
        x[i] /= l[i][i];
    }
}

#[test]
fn forward_substitution() {
    let l = [[2.0, 0.0, 0.0], [1.0, 4.0, 0.0], [-1.0, 0.5, 0.5]];
    let (l_bar, x_bar) =
        check!(triangular_solve(&l, &mut [1.0, 2.0, 3.0] => [0.0, 0.0, 1.0]) => ());
    // x = (1/2, 3/8, 53/8); b̄ = L⁻ᵀ e₃ and L̄ = −b̄ xᵀ in the lower half.
    let b_bar = [1.125, -0.25, 2.0];
    let x = [0.5, 0.375, 6.625];
    let mut expected = [[0.0; 3]; 3];
    for i in 0..3 {
        for j in 0..=i {
            expected[i][j] = -b_bar[i] * x[j];
        }
    }
    assert_near((l_bar, x_bar), (expected, b_bar));
}

/// LU factors in the place of the matrix.
#[differentiable]
fn lu(a: &mut [[f64; 3]; 3]) {
    for k in 0..3 {
        for i in k + 1..3 {
            a[i][k] /= a[k][k];
            for j in k + 1..3 {
                a[i][j] -= a[i][k] * a[k][j];
            }
        }
    }
}

#[differentiable]
fn determinant(a: &[[f64; 3]; 3]) -> f64 {
    let mut a = *a;
    lu(&mut a);
    a[0][0] * a[1][1] * a[2][2]
}

#[test]
fn a_determinant_by_lu() {
    let mut points = Points::seeded(7);
    for _ in 0..5 {
        let mut a: [[f64; 3]; 3] = [(); 3].map(|()| points.array(-0.5, 0.5));
        for k in 0..3 {
            a[k][k] += 2.0;
        }
        check!(lu(&mut a => [[1.0, 2.0, 3.0], [5.0, 7.0, 11.0], [13.0, 17.0, 19.0]]) => ());
        let cofactor = |i: usize, j: usize| {
            let (p, q, r, s) = ((i + 1) % 3, (i + 2) % 3, (j + 1) % 3, (j + 2) % 3);
            a[p][r] * a[q][s] - a[p][s] * a[q][r]
        };
        let expected: [[f64; 3]; 3] =
            std::array::from_fn(|i| std::array::from_fn(|j| cofactor(i, j)));
        assert_near(check!(determinant(&a)), expected);
    }
}

/// An explicit step of the heat equation, into a second buffer and back.
#[differentiable]
fn heat(u: &mut [f64], scratch: &mut [f64], alpha: f64, steps: usize) {
    let n = u.len();
    for _ in 0..steps {
        for i in 1..n - 1 {
            scratch[i] = u[i] + alpha * (u[i + 1] - 2.0 * u[i] + u[i - 1]);
        }
        for i in 1..n - 1 {
            u[i] = scratch[i];
        }
    }
}

#[test]
fn a_scratch_buffer() {
    let (u, scratch) = (vec![0.0, 1.0, 4.0, 2.0, 0.0], vec![9.0; 5]);
    let u_bar = vec![0.0, 0.0, 1.0, 0.0, 0.0];
    let (u_bar, scratch_bar, alpha_bar) = check!(heat(&mut u => u_bar, &mut scratch => vec![1.0, 0.0, 0.0, 0.0, 1.0], 0.1, const 1) => ());
    assert_near(
        (u_bar, scratch_bar),
        ([0.0, 0.1, 0.8, 0.1, 0.0], [1.0, 0.0, 0.0, 0.0, 1.0]),
    );
    assert_near(alpha_bar, 2.0 - 8.0 + 1.0);
    check!(heat(&mut u => vec![1.0; 5], &mut scratch => vec![0.5; 5], 0.1, const 4) => ());
}

#[differentiable]
fn stopped(x: &mut [f64], limit: f64) -> f64 {
    let mut total = 0.0;
    for i in 0..x.len() {
        if x[i] < 0.0 {
            continue;
        }
        total += x[i];
        x[i] = total * total;
        if total > limit {
            x[0] = total;
            return total * limit;
        }
    }
    x[0] *= 2.0;
    total
}

#[test]
fn early_exits() {
    let x = vec![1.0, -5.0, 2.0, 3.0];
    let x_bar = vec![1.0, 10.0, 100.0, 1000.0];
    // x₀ = t, x₂ = t² with t = x₀ + x₂ = 3; t̄ = 2.5 + 1 + 600.
    let (found, limit_bar) = check!(stopped(&mut x => x_bar.clone(), 2.5));
    assert_near((found, limit_bar), ([603.5, 10.0, 603.5, 1000.0], 3.0));
    check!(stopped(&mut x => x_bar, 99.0));
    check!(stopped(&mut Vec::from([2.0]) => vec![1.0], 99.0));
}

#[differentiable]
fn nothing_changes(x: &mut [f64; 2], k: f64) -> f64 {
    x[0] * x[1] * k
}

#[test]
fn a_mut_parameter_only_read() {
    let (x_bar, k_bar) = check!(nothing_changes(&mut [2.0, 3.0] => [10.0, 100.0], 5.0));
    assert_near((x_bar, k_bar), ([25.0, 110.0], 6.0));
}

#[differentiable]
fn unit_with_return(x: &mut [f64], on: bool) {
    if !on || x.is_empty() {
        return;
    }
    x[0] = x[0].sin();
}

#[test]
fn nothing_returned_early() {
    let x = vec![0.5, 2.0];
    assert_near(
        check!(unit_with_return(&mut x => vec![1.0, 10.0], const false) => ()),
        [1.0, 10.0],
    );
    assert_near(
        check!(unit_with_return(&mut x => vec![1.0, 10.0], const true) => ()),
        [0.5_f64.cos(), 10.0],
    );
}

#[differentiable]
fn kicked(x: &mut [f64], dt: f64) {
    x[0] += dt * x[1];
    x[1] -= dt * x[0] * x[0];
}

#[differentiable]
fn energy(x: &[f64]) -> f64 {
    x[0] * x[0] + x[1] * x[1]
}

/// Every step is the next one's input: no order but the reverse one will do.
#[differentiable]
fn simulated(x: &mut [f64], dt: f64, steps: usize) -> f64 {
    for _ in 0..steps {
        kicked(x, dt);
    }
    energy(&*x)
}

#[test]
fn calls_that_change_an_argument_in_a_loop() {
    for steps in [0, 1, 2, 7] {
        check!(simulated(&mut vec![1.0, 2.0] => vec![10.0, 100.0], 0.1, const steps));
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Differentiable)]
struct Pair(f64, f64);

#[differentiable]
fn swapped(p: &mut Pair) {
    (p.0, p.1) = (p.1, p.0);
    p.0 *= 2.0;
}

#[test]
fn fields_exchanged_by_a_tuple() {
    let bar = check!(swapped(&mut Pair(3.0, 4.0) => PairGradient(1.0, 10.0)) => ());
    assert_near((bar.0, bar.1), (10.0, 2.0));
}

#[differentiable]
fn kept_in_a_tuple(x: f64) -> f64 {
    let mut a = [x, 2.0];
    let pair = (a, x);
    a[0] = 5.0;
    pair.0[0] * a[0] * pair.1
}

#[test]
fn copies_in_a_tuple() {
    assert_near(check!(kept_in_a_tuple(1.5)), 15.0);
}

#[derive(Clone, Debug, PartialEq, Differentiable)]
struct Counter {
    weight: f64,
    steps: usize,
}

#[differentiable]
fn weighted_steps(c: &mut Counter, x: f64) -> f64 {
    x * c.steps as f64 * c.weight
}

#[test]
fn an_integer_beside_numbers() {
    let c = Counter {
        weight: 1.5,
        steps: 4,
    };
    let (c_bar, x_bar) = check!(weighted_steps(&mut c => CounterGradient { weight: 10.0 }, 0.5));
    assert_near((c_bar.weight, x_bar), (12.0, 6.0));
}

// ------------------------------------------------------- what was read of a variable before it is lent

#[differentiable]
fn moved_on(x: &mut f64, k: &f64) {
    *x = *x * 0.5 + k.sin();
}

#[differentiable]
fn read_then_lent(x: f64) -> f64 {
    let mut y = x;
    let k = x * y;
    moved_on(&mut y, &k);
    y
}

#[differentiable]
fn elements_read_then_lent(x: f64, w: &[f64]) -> f64 {
    let mut v = w.to_vec();
    let k = v[1];
    let pair = [v[0] * x, v[1]];
    moved_on(&mut v[1], &k);
    moved_on(&mut v[1], &pair[0]);
    v[1] * v[2] * v[0] * pair[1]
}

#[test]
fn reads_before_a_loan_are_of_then() {
    // x/2 + sin x².
    assert_near(check!(read_then_lent(0.6)), 0.5 + 1.2 * (0.36_f64).cos());
    check!(elements_read_then_lent(0.6, &vec![0.5, -1.2, 0.7]));
}
