//! One function for each thing that generated code has to say.

use autodiff_runtime::prelude::*;

/// The ten lines of the README.
#[differentiable]
pub fn loss(x: f64) -> f64 {
    let a = x.powi(2);
    let b = 5.0 * a;
    let c = a.ln();
    let g = b * c;
    -g
}

/// Arrays by reference and by value, a constant parameter, a const generic.
#[differentiable]
pub fn neuron<const N: usize>(
    w: &[f64; 2],
    x: [f64; 2],
    b: f64,
    #[constant] scale: &[f64; N],
) -> f64 {
    let n = w[0] * x[0] + w[1] * x[1] + b;
    (n * scale[0]).tanh()
}

/// A naive formula with a stable derivative.
#[differentiable]
pub fn naive_nll(z: f64, #[constant] y: f64) -> f64 {
    let p = 1.0 / (1.0 + (-z).exp());
    -(y * p.ln() + (1.0 - y) * (1.0 - p).ln())
}

/// A value that is used three times, and one that nobody uses.
#[differentiable]
pub fn shared(x: f64, y: f64) -> f64 {
    let product = x * y;
    let _unused = product.exp();
    product.sin() * product + product / x
}

/// Generic over the precision, with two results.
#[differentiable]
pub fn generic<T: Real>(a: T, b: T) -> [T; 2] {
    let s = (a * b).sqrt();
    [s + T::from_f64(2.0) * a, sigmoid(s) / b]
}

/// A point of the plane.
#[derive(Clone, Debug, PartialEq, Differentiable)]
pub struct Point {
    pub x: f64,
    pub y: f64,
}

/// Fields, and a norm.
#[differentiable]
pub fn distance(p: &Point, q: Point) -> f64 {
    let dx = p.x - q.x;
    let dy = p.y - q.y;
    (dx * dx + dy * dy).sqrt()
}

/// A struct as the result.
#[differentiable]
pub fn middle(p: &Point, q: &Point) -> Point {
    Point {
        x: 0.5 * (p.x + q.x),
        y: 0.5 * (p.y + q.y),
    }
}

/// Calls, with structs between them, one built on the spot.
#[differentiable]
pub fn composed(p: &Point, q: &Point, t: f64) -> f64 {
    let m = middle(p, q);
    let d = distance(&m, Point { x: t, y: t * t });
    let pair = generic(d, t);
    loss(pair[0]) + pair[1] * loss(d)
}

/// A slice at indices that are arguments, which may be equal.
#[differentiable]
pub fn indexed(w: &[f64], i: usize, j: usize) -> f64 {
    w[i] * w[j] + w[2 * i + 1]
}

/// Kinks, powers and remainders: what the support functions are for.
#[differentiable]
pub fn piecewise(x: f64, y: f64, n: i32) -> f64 {
    let bounded = x.clamp(-1.0, 1.0).max(y.abs());
    bounded.powi(n) + x.powi(3) + x % y + y.powf(x)
}

/// Tuples and patterns.
#[differentiable]
pub fn rotated((x, y): (f64, f64), angle: f64) -> (f64, f64) {
    let (s, c) = angle.sin_cos();
    (c * x - s * y, s * x + c * y)
}

/// A variable that changes, and one that is shadowed.
#[differentiable]
pub fn rebound(x: f64) -> f64 {
    let mut sum = x * x;
    sum += x.exp();
    let x = sum + 1.0;
    sum *= x;
    sum
}

/// User names that look like generated ones.
#[differentiable]
pub fn unlucky_names(x: f64, x_bar: f64, out_bar: f64) -> f64 {
    let t1 = x * x_bar;
    let t2 = (t1 + out_bar) * t1;
    t2 * x
}

/// A network of the library inside of a user's loss.
#[differentiable(wrt(model))]
pub fn classified(model: &Mlp, x: &[f64], class: usize) -> f64 {
    let z = mlp(model, x);
    let p = softmax(&z);
    -p[class].ln()
}
