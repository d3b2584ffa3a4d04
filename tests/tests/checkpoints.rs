//! `#[differentiable(checkpoint = …)]`: long loops that keep a few whole states for their reverse.
//! Whatever is kept, values are the same to the last bit and gradients to rounding; how often steps
//! run again is what the runtime's documentation says.

#![allow(
    clippy::needless_range_loop,
    clippy::too_many_arguments,
    clippy::manual_is_multiple_of,
    clippy::assign_op_pattern,
    clippy::useless_vec,
    unused_parens,
    reason = "loops are written as numerical code has them"
)]

use std::cell::{Cell, RefCell};

use autodiff_runtime::checkpoint::Checkpoint;
use autodiff_runtime::prelude::*;
use autodiff_tests::derivatives::numbers;

/// One function, without the option and with all of its strategies.
macro_rules! variants {
    ($(fn $name:ident $([$($generics:tt)*])? ($($args:tt)*) $(-> $out:ty)? $body:block)+) => {$(
        mod $name {
            use super::*;
            #[allow(unused_imports, reason = "some call nothing")]
            use super::ordinary as callees;
            #[differentiable]
            pub fn plain $(<$($generics)*>)? ($($args)*) $(-> $out)? $body
            #[differentiable(checkpoint = store_all)]
            pub fn all $(<$($generics)*>)? ($($args)*) $(-> $out)? $body
            #[differentiable(checkpoint = periodic(4))]
            pub fn periodic $(<$($generics)*>)? ($($args)*) $(-> $out)? $body
            #[differentiable(checkpoint = revolve(1))]
            pub fn one $(<$($generics)*>)? ($($args)*) $(-> $out)? $body
            #[differentiable(checkpoint = revolve(SLOTS))]
            pub fn revolve $(<$($generics)*>)? ($($args)*) $(-> $out)? $body
        }
    )+};
}

const SLOTS: usize = 3;

#[track_caller]
fn same_bits(a: &(impl Leaves + ?Sized), b: &(impl Leaves + ?Sized)) {
    let bits = |numbers: Vec<f64>| numbers.into_iter().map(f64::to_bits).collect::<Vec<_>>();
    assert_eq!(bits(numbers(a)), bits(numbers(b)));
}

#[track_caller]
fn near(found: &(impl Leaves + ?Sized), expected: &(impl Leaves + ?Sized)) {
    let (found, expected) = (numbers(found), numbers(expected));
    assert_eq!(found.len(), expected.len());
    let size = expected.iter().fold(0.0_f64, |size, x| size.max(x.abs()));
    for (found_one, expected_one) in found.iter().zip(&expected) {
        assert!(
            (found_one - expected_one).abs() <= 1e-13 * expected_one.abs().max(1e-3 * size),
            "{found:?} {expected:?}"
        );
    }
}

/// Holds the variants against the plain function: value, gradient, two runs of one pullback, tangent.
macro_rules! same {
    ($name:ident ($($arg:expr),*); $($dot:expr),*) => {{
        let value = $name::plain($($arg),*);
        let (_, gradient) = $name::plain::value_and_grad($($arg),*);
        let (_, dot) = $name::plain::jvp($($arg,)* $($dot),*);
        same!(@ $name [all periodic one revolve] ($($arg),*) ($($dot),*) value gradient dot);
    }};
    (@ $name:ident [$($variant:ident)+] $args:tt $dots:tt $value:ident $gradient:ident $dot:ident) => {
        $(same!(@@ $name $variant $args $dots $value $gradient $dot);)+
    };
    (@@ $name:ident $variant:ident ($($arg:expr),*) ($($tangent:expr),*) $value:ident $gradient:ident $dot:ident) => {{
        let (value, gradient) = $name::$variant::value_and_grad($($arg),*);
        same_bits(&value, &$value);
        near(&gradient, &$gradient);
        let (value, dot) = $name::$variant::jvp($($arg,)* $($tangent),*);
        same_bits(&value, &$value);
        same_bits(&dot, &$dot);
        let (value, gradient) = $name::$variant::vjp($($arg,)* 1.0);
        same_bits(&value, &$value);
        near(&gradient, &$gradient);
    }};
}

/// A pullback that runs twice gives the gradient twice.
macro_rules! pulled {
    ($name:ident ($($arg:expr),*); $($bar:ident),+) => {{
        let gradient = $name::plain::grad($($arg),*);
        let value = $name::plain($($arg),*);
        pulled!(@ $name [all periodic one revolve] ($($arg),*) ($($bar)+) gradient value);
    }};
    (@ $name:ident [$($variant:ident)+] $args:tt $bars:tt $gradient:ident $value:ident) => {
        $(pulled!(@@ $name $variant $args $bars $gradient $value);)+
    };
    (@@ $name:ident $variant:ident ($($arg:expr),*) ($($bar:ident)+) $gradient:ident $value:ident) => {{
        let (value, pullback) = $name::$variant::pullback($($arg),*);
        same_bits(&value, &$value);
        for scale in [1.0, -2.0, 1.0] {
            #[allow(unused_parens)]
            let ($(mut $bar),+) = zero_of(&$gradient);
            pullback(scale, $(&mut $bar),+);
            #[allow(unused_parens)]
            let found = ($($bar),+);
            near(&scaled(&found, scale), &scaled(&$gradient, scale * scale));
        }
    }};
}

fn zero_of<G: Gradient>(gradient: &G) -> G {
    let mut zero = gradient.clone();
    zero.set_zero();
    zero
}

fn scaled(gradient: &(impl Leaves + ?Sized), by: f64) -> Vec<f64> {
    numbers(gradient).iter().map(|x| x * by).collect()
}

/// Functions that the loops call.
mod ordinary {
    use super::*;

    #[differentiable]
    pub fn pendulum(angle: f64, c: f64) -> f64 {
        -c * angle.sin()
    }

    #[differentiable]
    pub fn field<const N: usize>(x: &[f64; N], w: f64) -> [f64; N] {
        let mut out = [0.0; N];
        for i in 0..N {
            out[i] = w * x[(i + 1) % N] - x[i] * x[i];
        }
        out
    }

    #[differentiable]
    pub fn relax(u: &mut [f64], c: f64) {
        for i in 1..u.len() {
            let own = u[i];
            u[i] = own - c * own * u[i - 1];
        }
    }

    #[differentiable]
    pub fn norm(u: &[f64]) -> f64 {
        let mut sum = 0.0;
        for x in u {
            sum += x * x;
        }
        sum.sqrt()
    }

    pub fn draw(state: &mut u64) -> usize {
        *state = (*state * 5 + 3) % 64;
        (*state % 3) as usize
    }

    #[derive(Differentiable, Clone, Debug, PartialEq)]
    pub struct Body {
        pub place: [f64; 2],
        pub speed: [f64; 2],
        pub steps: usize,
    }

    #[differentiable]
    pub fn kepler(body: &Body, h: f64) -> Body {
        let [x, y] = body.place;
        let r = (x * x + y * y).sqrt();
        let pull = h / (r * r * r);
        let speed = [body.speed[0] - pull * x, body.speed[1] - pull * y];
        Body {
            place: [x + h * speed[0], y + h * speed[1]],
            speed,
            steps: body.steps + 1,
        }
    }
}

variants! {
    fn logistic(r: f64, x0: f64, n: usize) -> f64 {
        let mut x = x0;
        for _ in 0..n {
            x = r * x * (1.0 - x);
        }
        x
    }

    // Two carried scalars and a call.
    fn euler(c: f64, h: f64, n: usize) -> f64 {
        let mut angle = 1.0;
        let mut speed = 0.0;
        for _ in 0..n {
            speed += h * callees::pendulum(angle, c);
            angle += h * speed;
        }
        angle * speed + angle
    }

    // Arrays that are carried as wholes, const generics, calls by reference.
    fn runge_kutta[const N: usize](x0: &[f64; N], w: f64, h: f64, n: usize) -> f64 {
        let mut x = *x0;
        for _ in 0..n {
            let k1 = callees::field(&x, w);
            let mut a = [0.0; N];
            for i in 0..N {
                a[i] = x[i] + 0.5 * h * k1[i];
            }
            let k2 = callees::field(&a, w);
            let mut b = [0.0; N];
            for i in 0..N {
                b[i] = x[i] + 0.5 * h * k2[i];
            }
            let k3 = callees::field(&b, w);
            let mut c = [0.0; N];
            for i in 0..N {
                c[i] = x[i] + h * k3[i];
            }
            let k4 = callees::field(&c, w);
            for i in 0..N {
                x[i] += h / 6.0 * (k1[i] + 2.0 * k2[i] + 2.0 * k3[i] + k4[i]);
            }
        }
        let mut sum = 0.0;
        for i in 0..N {
            sum += x[i] * x[i];
        }
        sum
    }

    // A vector in place; the index matters.
    fn heat(u0: &[f64], c: f64, steps: usize) -> f64 {
        let mut u = u0.to_vec();
        for k in 0..steps {
            let mut last = u[0];
            for i in 1..u.len() - 1 {
                let own = u[i];
                u[i] = own + c * (last - 2.0 * own + u[i + 1]) * own.cos() + (k as f64) * 0.01 * c;
                last = own;
            }
        }
        let mut sum = 0.0;
        for v in u.iter() {
            sum += v * v;
        }
        sum
    }

    // A parameter in place, by a call and by an assignment, and a scalar beside it.
    fn relaxed(u: &mut [f64], c: f64, steps: usize) -> f64 {
        let mut total = 0.5;
        for _ in 0..steps {
            callees::relax(u, c * total);
            u[0] *= total.cos();
            total = total * 0.9 + callees::norm(&*u);
        }
        total
    }

    fn planet(x: f64, v: f64, h: f64, n: usize) -> f64 {
        let mut body = callees::Body { place: [x, 0.0], speed: [0.1, v], steps: 0 };
        for _ in 0..n {
            body = callees::kepler(&body, h);
        }
        body.place[0] * body.place[1] + body.speed[0]
    }

    // Fields of a struct that are changed in place.
    fn bounced(start: callees::Body, h: f64, n: usize) -> f64 {
        let mut body = start;
        let mut bounces = 0;
        for _ in 0..n {
            body.speed[1] -= h * (1.0 + body.place[0] * body.place[0]);
            for i in 0..2 {
                body.place[i] += h * body.speed[i] * body.place[i].cos();
            }
            if body.place[1] < 0.0 {
                body.place[1] = -body.place[1];
                body.speed[1] *= -0.9;
                bounces += 1;
            }
        }
        body.place[0] * body.place[1] + body.speed[1] * (bounces as f64)
    }

    // Inner loops of unknown length, branches, and integers that are carried.
    fn collatz(x0: f64, seed: u64, n: usize) -> f64 {
        let mut x = x0;
        let mut k = seed;
        for step in 0..n {
            let mut inner = x;
            let mut m = 0;
            while m < (k % 5) {
                inner = (inner * inner + 0.1).sqrt() * 0.99;
                m += 1;
            }
            if k % 2 == 0 {
                k /= 2;
                x = inner.sin() + 0.1 * x;
            } else {
                k = 3 * k + 1;
                x += inner * inner * 0.01 * (step as f64);
            }
            if k == 1 { continue; }
            x = x.cos();
        }
        x
    }

    // Ranges of every form; each loop has its own tape.
    fn ranges(a: f64, n: usize) -> f64 {
        let mut x = a;
        for k in (2..n + 2).rev() {
            x = (x * (k as f64)).sin();
        }
        for k in (1..=n) {
            x = x * (x + k as f64).cos();
        }
        for k in (0..n).step_by(2).rev() {
            x = (x * x + k as f64).sqrt();
        }
        for k in (3..n as i64 - 2).rev() {
            x = (x + k as f64 * a).sin();
        }
        x
    }

    // What the loop reads changes after it, and before another one.
    fn later(w: &[f64], n: usize) -> f64 {
        let mut table = [1.0, 0.5, 0.25];
        table[1] = w[0];
        let mut x = w[1];
        for k in 0..n {
            x = (x * table[k % 3]).sin() + table[1] * x;
        }
        table[0] = x * x;
        table[2] *= x;
        for k in 0..n {
            x = (x + table[k % 3]).cos() * x;
        }
        table[1] = 0.0;
        x + table[0] + table[2]
    }

    // In a branch, and in the branch of a branch.
    fn branched(x0: f64, c: f64, n: usize) -> f64 {
        let mut x = x0;
        if x0 > 0.5 {
            let h = c * c.exp();
            for _ in 0..n {
                x = x * (1.0 - h * x);
            }
            x = x * h;
        } else {
            if c > 0.0 {
                let mut v = vec![x; 3];
                for k in 0..n {
                    v[k % 3] = (v[(k + 1) % 3] * c).sin() + v[k % 3];
                }
                x = v[0] * v[1] * v[2];
            }
            x = x.sin();
        }
        x * x
    }

    // One long loop per sample: the outer one is fused with its reverse.
    fn samples(xs: &[f64], r: f64, n: usize) -> f64 {
        let mut sum = 0.0;
        for k in 0..xs.len() {
            let mut x = xs[k];
            for i in 0..n {
                x = r * x * (1.0 - x) + 0.0001 * (i as f64);
            }
            sum += x * x;
        }
        sum
    }

    // The same in a branch; and here the outer loop has state of its own besides.
    fn some_samples(xs: &[f64], r: f64, n: usize) -> f64 {
        let mut sum = 0.0;
        let mut weight = 1.0;
        for k in 0..xs.len() {
            let mut x = xs[k];
            if k != 1 {
                for i in 0..n {
                    x = (r * x * (1.0 - x) + 0.001 * (i as f64)).sin();
                }
            }
            sum += weight * x * x;
            weight *= 0.9;
        }
        for _ in 0..n {
            sum = (sum * r).sin();
        }
        sum
    }

    // Behind an early return, and driven by data.
    fn filtered(xs: &[f64], a: f64, start: f64) -> f64 {
        if xs.is_empty() {
            return start * a;
        }
        let mut y = start;
        for x in xs {
            y = match y > 0.5 {
                true => a * y + (1.0 - a) * x.sin() * y,
                false => y.exp() * *x,
            };
        }
        if y < 0.0 {
            return y * a;
        }
        y * y
    }

    // The last steps of a loop with `break` are those of another kind; only the first is counted.
    fn then_until(x0: f64, n: usize) -> f64 {
        let mut x = x0;
        for _ in 0..n {
            x = x.sin() + 0.2;
        }
        for _ in 0..n {
            x = x.cos();
            if x > 0.8 {
                break;
            }
        }
        x
    }

    // The reverse needs what the calls keep, but nothing of the state.
    fn stateless(w: f64, n: usize) -> f64 {
        let mut y = vec![0.0; 4];
        let mut sum = w;
        for k in 0..n {
            sum = 0.5 * sum + callees::pendulum(w, k as f64);
            y[k % 4] = callees::pendulum(sum * 0.0 + w, 0.1 * k as f64);
        }
        sum * y[1] + y[0]
    }

    // Time is carried, and no derivative goes through it.
    fn timed(x0: f32, w: f32, n: usize) -> f32 {
        let mut t = 0.0;
        let mut x = x0;
        for _ in 0..n {
            x += 0.1 * (w * t + x).sin();
            t += 0.1;
        }
        x
    }

    // Integers in memory, and what `&mut` calls of inactive code leave behind.
    fn counted(x0: f64, n: usize) -> f64 {
        let mut visits = vec![1usize; 3];
        let mut state = 7u64;
        let mut x = x0;
        for _ in 0..n {
            #[constant]
            let drawn = callees::draw(&mut state);
            visits[drawn] += 1;
            x = (x * (visits[drawn] as f64)).sin() + x * 0.1;
        }
        x * (visits[0] as f64)
    }

    // A record that is only written, a sum that nothing depends on, a macro that looks.
    fn recorded(r: f64, x0: f64, n: usize) -> f64 {
        let mut path = Vec::new();
        let mut x = x0;
        let mut sum = 0.0;
        for k in 0..n {
            x = r * x * (1.0 - x);
            path.push(x);
            sum += x * (k as f64);
            debug_assert!(x < 2.0);
        }
        let mut squares = 0.0;
        for k in 0..path.len() {
            squares += path[k] * path[k];
        }
        squares + sum
    }

    fn generic[T: Real](x0: T, c: T, n: usize) -> T {
        let mut x = x0;
        let mut y = c;
        for _ in 0..n {
            let next = x * y.cos() + c;
            y = x.sin();
            x = next;
        }
        x * y
    }

    // Carried vectors, made anew by every step, and handed from one to another.
    fn vectors(x: f64, n: usize) -> f64 {
        let mut a = vec![x, 0.3];
        let mut b = vec![0.1, 2.0 * x];
        for _ in 0..n {
            let next = vec![a[0] * b[1], (b[0] + a[1]).sin()];
            a = b;
            b = next;
        }
        a[0] * a[1] + b[0] * b[1]
    }
}

const LENGTHS: [usize; 9] = [0, 1, 2, 3, 4, 5, 7, 20, 100];

#[test]
fn scalars() {
    for n in LENGTHS {
        same!(logistic(3.7, 0.3, n); 0.5, -0.2);
        pulled!(logistic(3.7, 0.3, n); r, x);
        same!(euler(1.2, 0.05, n); 0.5, -0.2);
        pulled!(euler(1.2, 0.05, n); c, h);
        same!(generic(0.3, 0.4, n); 0.5, -0.2);
        pulled!(generic(0.3, 0.4, n); x, c);
        same!(generic(0.3_f64, 0.4, n); 0.5, -0.2);
    }
}

#[test]
fn arrays_and_vectors() {
    for n in LENGTHS {
        let x = [0.3, -0.2, 0.5];
        same!(runge_kutta(&x, 0.7, 0.02, n); &[0.1, 0.2, -0.4], 0.3, 0.6);
        pulled!(runge_kutta(&x, 0.7, 0.02, n); x, w, h);
        let u = [1.0, 2.0, -0.5, 0.3, 0.0];
        same!(heat(&u, 0.1, n); &[0.1, 0.2, -0.4, 0.6, 1.0], 0.3);
        pulled!(heat(&u, 0.1, n); u, c);
        same!(vectors(0.8, n); 1.0);
        pulled!(vectors(0.8, n); x);
    }
}

#[test]
fn structs() {
    for n in LENGTHS {
        same!(planet(1.0, 0.9, 0.01, n); 0.1, 0.3, -0.2);
        pulled!(planet(1.0, 0.9, 0.01, n); x, v, h);
        let start = ordinary::Body {
            place: [0.3, 0.2],
            speed: [0.1, -1.0],
            steps: 3,
        };
        let dot = ordinary::BodyGradient {
            place: [1.0, 2.0],
            speed: [0.5, 0.1],
        };
        same!(bounced(start.clone(), 0.05, n); dot.clone(), 0.3);
        pulled!(bounced(start.clone(), 0.05, n); start, h);
    }
}

#[test]
fn inner_control_flow() {
    for n in LENGTHS {
        same!(collatz(0.7, 27, n); 1.0);
        pulled!(collatz(0.7, 27, n); x);
        same!(ranges(0.7, n + 2); 1.0);
        pulled!(ranges(0.7, n + 2); a);
        same!(later(&[0.4, 0.8], n); &[1.0, -0.5]);
        pulled!(later(&[0.4, 0.8], n); w);
    }
}

#[test]
fn around() {
    for n in LENGTHS {
        for (x, c) in [(0.7, 0.1), (0.3, 0.2), (0.2, -0.5)] {
            same!(branched(x, c, n); 1.0, 0.3);
            pulled!(branched(x, c, n); x, c);
        }
        same!(samples(&[0.2, 0.3, 0.6], 3.1, n); &[1.0, -0.2, 0.3], 0.2);
        pulled!(samples(&[0.2, 0.3, 0.6], 3.1, n); xs, r);
        same!(some_samples(&[0.2, 0.3, 0.6], 3.1, n); &[1.0, -0.2, 0.3], 0.2);
        pulled!(some_samples(&[0.2, 0.3, 0.6], 3.1, n); xs, r);
        let data: Vec<f64> = (0..n).map(|k| (k as f64).cos()).collect();
        same!(filtered(&data, 0.7, 0.3); &data, 0.4, 1.0);
        pulled!(filtered(&data, 0.7, 0.3); xs, a, start);
        same!(then_until(0.7, n); 1.0);
        pulled!(then_until(0.7, n); x);
        same!(stateless(0.7, n); 1.0);
        pulled!(stateless(0.7, n); w);
        same!(timed(0.7, 0.4, n); 1.0, 0.5);
        same!(counted(0.7, n); 1.0);
        pulled!(counted(0.7, n); x);
        same!(recorded(3.1, 0.2, n); 1.0, 0.2);
        pulled!(recorded(3.1, 0.2, n); r, x);
    }
}

#[test]
fn in_place() {
    /// Everything that a call leaves: value, final contents, gradient, tangents.
    macro_rules! of {
        ($variant:ident, $n:expr) => {{
            let start = [0.5, 0.2, -0.3, 0.7];
            let mut u = start;
            let (value, gradient) = relaxed::$variant::value_and_grad(&mut u, 0.01, $n);
            let mut again = start;
            let (_, pullback) = relaxed::$variant::pullback(&mut again, 0.01, $n);
            let mut twice = Vec::new();
            for _ in 0..2 {
                // The cotangent of the final contents counts, too.
                let (mut u_bar, mut c_bar) = ([0.3, 0.1, 0.0, -1.0], 0.0);
                pullback(2.0, &mut u_bar, &mut c_bar);
                twice.extend(u_bar);
                twice.push(c_bar);
            }
            same_bits(&twice[..5], &twice[5..]);
            let (mut pushed, mut dot) = (start, [1.0, 0.5, 0.2, 0.1]);
            let out = relaxed::$variant::jvp(&mut pushed, 0.01, $n, &mut dot, 0.7);
            let values = [&[value, out.0][..], &u, &again, &pushed].concat();
            let tangents = [&[out.1][..], &dot].concat();
            (values, tangents, gradient, twice)
        }};
    }
    for n in LENGTHS {
        let plain = of!(plain, n);
        for variant in [of!(all, n), of!(periodic, n), of!(one, n), of!(revolve, n)] {
            same_bits(&variant.0, &plain.0);
            same_bits(&variant.1, &plain.1);
            near(&variant.2, &plain.2);
            near(&variant.3, &plain.3);
        }
    }
}

#[differentiable]
fn driven_plain(body: &mut ordinary::Body, h: f64, n: usize) {
    for k in 0..n {
        body.speed[0] += h * body.place[1].sin();
        *body = ordinary::kepler(&*body, h);
        body.place[k % 2] *= 1.01;
    }
}

#[differentiable(checkpoint = revolve(3))]
fn driven(body: &mut ordinary::Body, h: f64, n: usize) {
    for k in 0..n {
        body.speed[0] += h * body.place[1].sin();
        *body = ordinary::kepler(&*body, h);
        body.place[k % 2] *= 1.01;
    }
}

#[test]
fn a_struct_in_place() {
    macro_rules! of {
        ($f:ident, $n:expr) => {{
            let mut body = ordinary::Body {
                place: [1.0, 0.1],
                speed: [0.1, 0.9],
                steps: 0,
            };
            let mut bars = Vec::new();
            let (_, pullback) = $f::pullback(&mut body, 0.02, $n);
            for _ in 0..2 {
                let mut bar = ordinary::BodyGradient {
                    place: [1.0, -0.5],
                    speed: [0.3, 0.2],
                };
                let mut h_bar = 0.0;
                pullback((), &mut bar, &mut h_bar);
                bars.extend(numbers(&bar));
                bars.push(h_bar);
            }
            (body, bars)
        }};
    }
    for n in LENGTHS {
        let (plain, expected) = of!(driven_plain, n);
        let (body, bars) = of!(driven, n);
        assert_eq!(body, plain);
        near(&bars, &expected);
    }
}

#[test]
fn against_differences() {
    use autodiff_tests::check;
    for n in [0, 1, 6] {
        check!(logistic_revolved(3.1, 0.3, const n));
        check!(heat_periodic(&vec![1.0, 2.0, -0.5, 0.3, 0.0], 0.1, const n));
        check!(vectors_revolved(0.8, const n));
    }
}

use heat::periodic as heat_periodic;
use logistic::revolve as logistic_revolved;
use vectors::revolve as vectors_revolved;

// ------------------------------------------------------------------------------ what runs, and when

thread_local! {
    /// How often the step ran.
    static STEPS: Cell<usize> = const { Cell::new(0) };
    /// From which states it was reversed.
    static REVERSED: RefCell<Vec<usize>> = const { RefCell::new(Vec::new()) };
}

/// The number of steps so far, plus one.
#[differentiable(pullback = step_pullback, jvp = step_jvp)]
fn step(x: f64, k: usize) -> f64 {
    assert_eq!(x, k as f64, "a step runs on the wrong state");
    STEPS.set(STEPS.get() + 1);
    x + 1.0
}

fn step_pullback(x: f64, k: usize) -> (f64, impl Fn(f64, &mut f64)) {
    assert_eq!(x, k as f64, "reversed from the wrong state");
    (x + 1.0, move |d, x_bar| {
        REVERSED.with_borrow_mut(|reversed| reversed.push(k));
        *x_bar += d;
    })
}

fn step_jvp(x: f64, _: usize, x_dot: f64) -> (f64, f64) {
    (x + 1.0, x_dot)
}

#[differentiable(checkpoint = revolve(SLOTS))]
fn revolved<const SLOTS: usize>(x0: f64, n: usize) -> f64 {
    let mut x = x0;
    for k in 0..n {
        x = step(x, k);
    }
    x
}

#[differentiable(checkpoint = periodic(PERIOD))]
fn periodic<const PERIOD: usize>(x0: f64, n: usize) -> f64 {
    let mut x = x0;
    for k in 0..n {
        x = step(x, k);
    }
    x
}

#[differentiable(checkpoint = store_all)]
fn stored(x0: f64, n: usize) -> f64 {
    let mut x = x0;
    for k in 0..n {
        x = step(x, k);
    }
    x
}

/// How many steps run besides those of a plain loop, in `grad` and in each of two pullbacks.
macro_rules! run_again {
    ($f:ident::<$number:literal>, $n:expr) => {{
        let n: usize = $n;
        let seen = |plain: usize| {
            let reversed = REVERSED.take();
            assert!(reversed.iter().copied().eq((0..n).rev()), "{reversed:?}");
            STEPS.take() - plain
        };
        assert_eq!($f::grad::<$number>(0.0, n), 1.0);
        let once = seen(n);
        let (value, pullback) = $f::pullback::<$number>(0.0, n);
        assert_eq!(value, n as f64);
        assert_eq!(STEPS.take(), n);
        let twice = [2.0, 3.0].map(|d| {
            let mut x_bar = 1.0;
            pullback(d, &mut x_bar);
            assert_eq!(x_bar, 1.0 + d);
            seen(0)
        });
        assert_eq!(twice[0], twice[1]);
        [once, twice[0]]
    }};
}

/// The runtime's own count, for the same schedule.
fn by_hand(strategy: Checkpoint, n: usize) -> [usize; 2] {
    use autodiff_runtime::checkpoint::{OnceTape, Tape};
    let again = Cell::new(0);
    let count = |_: usize, _: &mut ()| again.set(again.get() + 1);
    let (mut once, mut tape) = (OnceTape::new(strategy, n), Tape::new(strategy, n));
    for k in 0..n {
        once.visit(k, &());
        tape.visit(k, &());
    }
    once.reverse(count, |_, _| {});
    let once = again.take();
    tape.reverse(count, |_, _| {});
    [once, again.take()]
}

/// The least number of steps by which `l` can be reversed with `s` states, as documented.
fn least(l: usize, s: usize) -> usize {
    let beta = |s: usize, r: usize| (1..=r).fold(1, |product, k| product * (s + k) / k);
    let r = (0..).find(|&r| l <= beta(s, r)).unwrap();
    r * l - if r == 0 { 0 } else { beta(s + 1, r - 1) }
}

/// Each step is reversed exactly once, last first, from the right state; as few run again as the
/// documentation says.
#[test]
fn every_length_and_number_of_slots() {
    macro_rules! all {
        ($($number:literal)+) => {$(
            for n in 0..=60_usize {
                let [once, tape] = run_again!(revolved::<$number>, n);
                assert_eq!(once, least(n + 1, $number) - n, "{n} {}", $number);
                assert_eq!([once, tape], by_hand(Checkpoint::Revolve($number), n));
                let again = n - n.div_ceil($number);
                assert_eq!(run_again!(periodic::<$number>, n), [again; 2]);
            }
        )+};
    }
    all! { 1 2 3 4 5 6 7 8 9 }
    // All that the reverse needs is kept, here the pullbacks: the plain step never runs.
    for n in 0..=60 {
        assert_eq!(stored::grad(0.0, n), 1.0);
        let (_, pullback) = stored::pullback(0.0, n);
        pullback(1.0, &mut 0.0);
        let reversed = REVERSED.take();
        assert!(reversed.into_iter().eq((0..n).rev().chain((0..n).rev())));
        assert_eq!(STEPS.get(), 0);
    }
}

#[test]
fn long_loops() {
    assert_eq!(run_again!(revolved::<10>, 1000), [2640, 3340]);
    assert_eq!(
        run_again!(revolved::<20>, 10_000)[0],
        least(10_001, 20) - 10_000
    );
    assert_eq!(run_again!(periodic::<100>, 10_000), [9900; 2]);
}

// ------------------------------------------------------------------------------------ what is held

const WIDTH: usize = 1000;

macro_rules! diffused {
    ($($name:ident $strategy:expr;)+) => {$(
        #[differentiable(checkpoint = $strategy)]
        fn $name(u0: &[f64; WIDTH], c: f64, steps: usize) -> f64 {
            let mut u = u0.to_vec();
            for _ in 0..steps {
                for i in 1..WIDTH {
                    u[i] += c * (u[i - 1] - u[i]).sin();
                }
            }
            u[WIDTH - 1]
        }
    )+};
}

diffused! {
    with_4 revolve(4);
    with_9 revolve(9);
    every_8 periodic(8);
    every_16 periodic(16);
}

#[test]
fn states_held() {
    // In units of a state, over what does not depend on the strategy.
    macro_rules! most {
        ($name:ident, $n:expr) => {{
            let start = Box::new([0.5; WIDTH]);
            let info = allocation_counter::measure(|| {
                let mut bars = (Box::new([0.0; WIDTH]), 0.0);
                with_bars(
                    |u_bar, c_bar| $name::grad_into(&start, 0.01, $n, u_bar, c_bar),
                    &mut bars,
                );
            });
            info.bytes_max as f64 / (8.0 * WIDTH as f64)
        }};
    }
    fn with_bars(
        run: impl FnOnce(&mut [f64; WIDTH], &mut f64) -> f64,
        (u_bar, c_bar): &mut (Box<[f64; WIDTH]>, f64),
    ) {
        run(u_bar, c_bar);
    }
    let base = most!(with_4, 64) - 4.0;
    for (found, states) in [
        (most!(with_4, 200), 4),
        (most!(with_9, 64), 9),
        (most!(with_9, 200), 9),
        (most!(every_8, 64), 8 + 8 - 2),
        (most!(every_16, 64), 4 + 16 - 2),
        (most!(every_16, 208), 13 + 16 - 2),
    ] {
        let found = found - base;
        assert!((found - f64::from(states)).abs() < 0.2, "{found} {states}");
    }
}
