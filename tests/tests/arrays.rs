use autodiff_runtime::prelude::*;
use ndarray::{Array1, Array2, ArrayView1, arr1, arr2};

#[differentiable]
fn quadratic(a: &Array2<f64>, x: &Array1<f64>) -> f64 {
    x.dot(&a.dot(x))
}

#[differentiable]
fn affine(w: &Array2<f64>, b: &Array1<f64>, x: ArrayView1<f64>) -> f64 {
    let h = w.dot(&x) + b;
    let s = 2.0 * &h - h.sum();
    (&s * &s).mean().unwrap() - s.sum()
}

#[test]
fn first() {
    let a = arr2(&[[1.0, 2.0], [3.0, 4.0]]);
    let x = arr1(&[5.0, 6.0]);
    println!("{}", quadratic::GENERATED);
    println!("{}", affine::GENERATED);
    let (value, (a_bar, x_bar)) = quadratic::value_and_grad(&a, &x);
    assert_eq!(value, quadratic(&a, &x));
    assert_eq!(x_bar, (&a + &a.t()).dot(&x));
    assert_eq!(a_bar, arr2(&[[25.0, 30.0], [30.0, 36.0]]));
    println!("{:?}", affine::value_and_grad(&a, &x, x.view()));
    println!("{:?}", affine::jvp(&a, &x, x.view(), &a, &x, x.clone()));
}

use ndarray::{Axis, s};

#[differentiable]
fn rows(x: &Array2<f64>, k: usize) -> f64 {
    let (n, m) = x.dim();
    let mut total = x.row(k).sum() * x[[0, 1]];
    for i in 0..n {
        total += x.row(i).dot(&x.row(k)) * x[(i, m - 1)];
    }
    let block = x.slice(s![.., 1..]);
    let deep = &block * &x.column(0).insert_axis(Axis(1));
    total + deep.sum_axis(Axis(0)).sum() + x.index_axis(Axis(1), k).product()
}

#[test]
fn second() {
    let a = arr2(&[[1.0, 2.0, 5.0], [3.0, 4.0, -1.0]]);
    println!("{}", rows::GENERATED);
    let (value, a_bar) = rows::value_and_grad(&a, 1);
    assert_eq!(value, rows(&a, 1));
    for i in 0..2 {
        for j in 0..3 {
            let h = 1e-6;
            let mut b = a.clone();
            b[[i, j]] += h;
            let up = rows(&b, 1);
            b[[i, j]] -= 2.0 * h;
            let slope = (up - rows(&b, 1)) / (2.0 * h);
            assert!(
                (slope - a_bar[[i, j]]).abs() < 1e-6,
                "{slope} {}",
                a_bar[[i, j]]
            );
        }
    }
    let (_, pullback) = rows::pullback(&a, 1);
    let mut own = Array2::zeros((2, 3));
    pullback(1.0, &mut own);
    assert_eq!(own, a_bar);
    let dot = rows::jvp(&a, 1, &a).1;
    assert!((dot - (&a * &a_bar).sum()).abs() < 1e-9);
}
