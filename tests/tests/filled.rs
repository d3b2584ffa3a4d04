//! `[x; N]` and `vec![x; n]` where `x` is an array, a vector or a struct.
#![allow(
    clippy::useless_vec,
    clippy::needless_range_loop,
    reason = "vectors are what is tested"
)]

use autodiff_runtime::prelude::*;
use autodiff_tests::check;
use autodiff_tests::derivatives::assert_near;

#[differentiable]
fn rows(x: f64, m: usize) -> f64 {
    let mut a = [[x, x * x]; 3];
    a[m][1] *= x;
    a[0][1] + a[1][1] * a[2][0]
}

#[differentiable]
fn vectors(x: f64, m: usize) -> f64 {
    let row = vec![x, x * x];
    let mut a = vec![row.clone(); 3];
    a[m][1] *= x;
    let mut b = vec![row; 2];
    b[1][0] += x;
    a[0][1] + a[1][1] * a[2][0] + b[0][0] * b[1][0]
}

#[test]
fn equal_rows() {
    // x³ + x²·x, and 2x² more of the vectors.
    assert_near(check!(rows(0.7, const 0)), 6.0 * 0.49);
    assert_near(check!(vectors(0.7, const 0)), 6.0 * 0.49 + 4.0 * 0.7);
    check!(rows(0.7, const 1));
    check!(vectors(0.7, const 1));
}

#[differentiable]
fn of_no_rows(x: &[f64], n: usize) -> f64 {
    let rows = vec![x.to_vec(); n];
    let mut sum = 0.0;
    for row in rows.iter() {
        for v in row.iter() {
            sum += v * v;
        }
    }
    sum
}

#[test]
fn as_many_as_asked_for() {
    assert_near(check!(of_no_rows(&vec![1.0, 2.0], const 0)), vec![0.0; 2]);
    assert_near(
        check!(of_no_rows(&vec![1.0, 2.0], const 3)),
        vec![6.0, 12.0],
    );
}

#[derive(Clone, Debug, PartialEq, Differentiable)]
struct Body {
    place: [f64; 2],
    trail: Vec<f64>,
    count: usize,
}

#[differentiable]
fn bodies(body: &Body, x: f64, m: usize) -> f64 {
    let mut bodies = vec![body.clone(); 3];
    let places = vec![body.place; m + 1];
    bodies[m].place[1] *= x;
    bodies[1].trail[0] += x;
    let mut sum = places[0][1] * bodies[2].trail[1];
    for body in bodies.iter() {
        sum += body.place[0] * body.place[1] + body.trail[0].sin();
    }
    sum
}

#[test]
fn equal_structs() {
    let body = Body {
        place: [0.3, -0.7],
        trail: vec![0.5, 1.5],
        count: 2,
    };
    for m in 0..3 {
        check!(bodies(&body, 0.8, const m));
    }
}

#[differentiable]
fn in_loops(x: f64) -> f64 {
    let mut s = x;
    for i in 0..3 {
        let mut a = vec![vec![s; i + 1]; 2];
        a[1][i] *= s;
        s = a[0][0] - a[1][i].cos();
        if s < -0.5 {
            let b = vec![a; 2];
            s += b[0][1][i];
        }
    }
    s
}

#[test]
fn filled_again_in_every_iteration() {
    check!(in_loops(0.9));
    check!(in_loops(-0.9));
}

#[differentiable]
fn generic<T: Real>(x: T, n: usize) -> T {
    let mut m = [[x; 2]; 2];
    for _ in 0..n {
        let t = m[0][1];
        m[0][0] += t;
        let t = m[0][0] * x;
        m[1][0] -= t;
        m[0][1] = m[1][0] * x;
    }
    m[0][0] + m[1][1] + m[1][0]
}

#[test]
fn generic_matrices() {
    check!(generic(0.7, const 3));
    check!(generic(0.7_f32, const 1));
}
