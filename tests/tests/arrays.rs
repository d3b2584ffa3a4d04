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
