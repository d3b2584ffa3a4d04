//! Nothing of the standard prelude is in scope, and every name it has means something else.

#![no_implicit_prelude]
#![allow(dead_code, non_camel_case_types)]

pub struct Option;
pub struct Some;
pub struct None;
pub struct Result;
pub struct Vec;
pub struct Box;
pub struct String;
pub trait Fn {}
pub trait Clone {}
pub trait Copy {}
pub trait Default {}
pub trait Sized {}
pub trait Iterator {}
pub trait IntoIterator {}
pub trait DoubleEndedIterator {}
pub trait Ord {}
pub trait Differentiable {}
pub trait Gradient {}
pub mod core {}
pub mod std {}
pub mod alloc {}

macro_rules! vec {
    () => {};
}
macro_rules! assert {
    () => {};
}

#[derive(::autodiff_runtime::Differentiable)]
struct Point<T> {
    x: T,
    y: T,
    name: &'static str,
    label: ::std::string::String,
    rest: ::std::vec::Vec<f64>,
}

#[::autodiff_runtime::differentiable]
fn scalar(x: f64, y: &f64) -> f64 {
    let z = x.exp() * y.powi(3) + (x / *y).tanh();
    z.sqrt().max(0.5) * ::autodiff_runtime::prelude::sigmoid(x)
}

#[::autodiff_runtime::differentiable]
fn array<T: ::autodiff_runtime::Real, const N: usize>(v: [T; N], w: &[T]) -> [T; 2] {
    [v[0] * w[1] + v[N - 1], T::from_f64(2.0) * w[0]]
}

#[::autodiff_runtime::differentiable]
fn point(p: &Point<f64>, k: usize) -> f64 {
    p.x * p.rest[k] - p.y
}

#[::autodiff_runtime::differentiable]
fn composed(x: f64) -> f64 {
    let [a, b] = array([x, 2.0 * x], &[x, 3.0]);
    scalar(a, &b)
}

#[derive(::autodiff_runtime::Differentiable)]
struct Body {
    mass: f64,
    place: [f64; 2],
}

#[::autodiff_runtime::differentiable]
impl Body {
    fn energy(&self, k: f64) -> f64 {
        let mut sum = 0.0;
        for i in 0..2 {
            sum += self.place[i] * self.place[i] * k;
            if sum > 2.0 {
                break;
            }
        }
        sum * self.mass
    }
}

#[::autodiff_runtime::differentiable]
fn loops(x: f64, w: &[f64], n: usize) -> f64 {
    let mut s = x;
    for i in 0..n {
        s = s * x + w[i];
        if s > 3.0 {
            break;
        }
    }
    for &v in w {
        s += v * s.sin();
    }
    let mut rounds = 0;
    while s.abs() < 2.0 {
        s = s * 1.5 + x;
        rounds += 1;
        if rounds > 5 {
            return s;
        }
    }
    s
}

#[::autodiff_runtime::differentiable]
fn memory(x: f64, w: &[f64], n: usize) -> f64 {
    let mut a = ::std::vec![x; n];
    a.push(x);
    for i in 1..n {
        a[i] = a[i - 1] * w[i];
    }
    a[0] = x.sin();
    let b = ::std::vec![w[0], x, 2.0];
    if x > 0.0 {
        a = b;
    }
    a[0] * a[1] + a[2]
}

#[::autodiff_runtime::differentiable]
fn pulled(body: &Body, v: &[f64], k: f64) -> ::std::vec::Vec<f64> {
    let mut r = ::std::vec::Vec::new();
    for i in 0..2 {
        r.push(body.place[i] * k + v[i] * body.mass);
        if k > 5.0 {
            return r;
        }
    }
    r
}

#[::autodiff_runtime::differentiable]
fn recursive(x: f64, n: usize) -> f64 {
    if n == 0 {
        return x;
    }
    recursive(x * x.sin(), n - 1) + x
}

#[::autodiff_runtime::differentiable]
fn calls(body: &Body, x: f64) -> f64 {
    let mut h = ::std::vec![x, x * x];
    for _ in 0..3 {
        h = pulled(body, &h, x);
    }
    let mut sum = 0.0;
    for i in 0..2 {
        if h[i] > x {
            sum += h[i];
        } else {
            sum -= recursive(h[i], 2);
        }
    }
    sum
}

#[::autodiff_runtime::differentiable]
fn in_place(x: &mut [f64], k: f64) {
    for i in 1..x.len() {
        x[i] -= k * x[i - 1];
    }
}

#[::autodiff_runtime::differentiable(checkpoint = revolve(2))]
fn checkpointed(x: f64, n: usize) -> f64 {
    let mut s = x;
    for i in 1..=n {
        s = s * x.sin() + (i as f64 * s).cos();
    }
    s
}

mod chains {
    // What the user's own code needs.
    use ::core::iter::Iterator as _;

    #[::autodiff_runtime::differentiable]
    pub fn chains(x: f64, w: &[f64], n: i64) -> f64 {
        let sum: f64 = w.iter().zip(w.iter().skip(1)).map(|(a, b)| a * b * x).sum();
        let turns = w.windows(2).map(|p| p[0] * p[1]).fold(x, |s, v| s * v);
        let scaled: ::std::vec::Vec<f64> = w
            .iter()
            .enumerate()
            .map(|(i, u)| u * i as f64 * x)
            .collect();
        let mut p = sum + turns;
        for i in (1..=n).step_by(2) {
            p = p * x + i as f64;
            if p > 3.0 {
                break;
            }
        }
        p + scaled[1] * scaled[2]
    }
}

/// Whether the first number's slope is that of the function.
fn is_slope(slope: f64, f: &dyn ::core::ops::Fn(f64) -> f64, x: f64) -> bool {
    let step = 1e-6;
    let numeric = (f(x + step) - f(x - step)) / (2.0 * step);
    (slope - numeric).abs() < 1e-6 * (1.0 + numeric.abs())
}

fn control_flow() {
    let w = [0.5, -1.0, 0.7];
    let x = 0.4;
    ::std::assert!(is_slope(loops::grad(x, &w, 3).0, &|x| loops(x, &w, 3), x));
    ::std::assert!(is_slope(memory::grad(x, &w, 3).0, &|x| memory(x, &w, 3), x));
    let body = Body {
        mass: 0.3,
        place: [0.4, 0.7],
    };
    ::std::assert!(is_slope(calls::grad(&body, x).1, &|x| calls(&body, x), x));
    ::std::assert!(is_slope(body.energy_grad(x).1, &|x| body.energy(x), x));
    ::std::assert!(is_slope(
        checkpointed::grad(x, 5),
        &|x| checkpointed(x, 5),
        x
    ));
    ::std::assert!(is_slope(
        chains::chains::grad(x, &w, 5).0,
        &|x| chains::chains(x, &w, 5),
        x
    ));
    let mut place = [0.3, 0.4];
    let (_, tangent) = calls::jvp(
        &body,
        x,
        &BodyGradient {
            mass: 0.0,
            place: [0.0; 2],
        },
        1.0,
    );
    ::std::assert!(is_slope(tangent, &|x| calls(&body, x), x));
    in_place::jvp(&mut place, 2.0, &mut [1.0, 0.0], 0.0);
    ::std::assert_eq!(place, [0.3, 0.4 - 0.6]);
}

#[::core::prelude::v1::test]
fn unused() {}

fn main() {
    control_flow();
    let (value, _) = scalar::value_and_grad(1.0, &2.0);
    ::std::assert_eq!(value, scalar(1.0, &2.0));
    let p = Point {
        x: 2.0,
        y: 3.0,
        name: "",
        label: ::std::string::String::new(),
        rest: ::std::vec![5.0, 7.0],
    };
    let (value, gradient) = point::value_and_grad(&p, 1);
    ::std::assert_eq!((value, gradient.x, gradient.y), (11.0, 7.0, -1.0));
    ::std::assert_eq!(gradient.rest, [0.0, 2.0]);
    ::std::assert_eq!(
        array::jacobian([1.0, 2.0], &[3.0, 4.0]).0,
        [[4.0, 1.0], [0.0, 0.0]]
    );
    let (value, slope) = composed::value_and_grad(0.5);
    let step = 1e-6;
    let numeric = (composed(0.5 + step) - composed(0.5 - step)) / (2.0 * step);
    ::std::assert!((slope - numeric).abs() < 1e-6 && value == composed(0.5));
    let trace = scalar::trace(1.0, &2.0);
    ::std::assert!(trace.output() == scalar(1.0, &2.0));
}
