//! Point 1 of the differentiable subset: `let`s, patterns, operators, arrays, tuples, blocks.

use autodiff_runtime::prelude::*;

const RATE: f64 = 0.25;
static TABLE: [f64; 4] = [1.0, -2.0, 0.5, 4.0];

struct Settings;

impl Settings {
    const SLOPE: f64 = 3.0;
}

#[differentiable]
fn shadowed(x: f64) -> f64 {
    let a = x * x;
    let a = a.sin() + x;
    let b: f64 = {
        let a = a * 2.0;
        let x = a + x;
        x * a
    };
    a * b - x
}

#[differentiable]
fn deferred(mut x: f64) -> f64 {
    let y;
    let z: f64;
    y = x * 3.0;
    x += y;
    x *= x;
    z = x - y;
    let mut w = z;
    w /= 2.0 + y * y;
    w -= 1.0;
    w = -w;
    w % 0.7 + z
}

#[differentiable]
fn constants(x: f64) -> f64 {
    const LOCAL: f64 = 1.5;
    fn offset(k: usize) -> f64 {
        k as f64 + 0.5
    }
    let angle = x * std::f64::consts::PI * RATE;
    let table = [1.0, 10.0, 100.0];
    angle.cos() * LOCAL + Settings::SLOPE * x * TABLE[2] + table[1] * x * offset(2) * f64::EPSILON
}

#[differentiable]
fn patterns(pair: (f64, [f64; 3]), #[constant] scale: f64) -> f64 {
    let (a, [b, _, c]) = pair;
    let (d, (e, _)) = (a * b, (c, 1.0));
    let [f, g] = [d + e, d - e];
    let (s, k) = (f * g).sin_cos();
    s * k * scale
}

#[differentiable]
fn casts(x: f64, n: i32, flag: bool) -> f64 {
    let single = x as f32;
    let back = (single * 2.0) as f64;
    let steps = x.floor() as usize;
    let chosen = if flag { 2.0 } else { 3.0 };
    let by_match = match n {
        0 => 0.5,
        1..=3 => 1.5,
        _ => 2.5,
    };
    back * x.powi(n) * (steps as f64) * chosen + by_match * x
}

#[differentiable]
fn functions(x: f64, y: f64) -> f64 {
    let a = f64::exp(x) + f64::atan2(y, x) + f64::hypot(x, y);
    let b = sigmoid(x) * relu(y) + y.softplus() * x.gelu();
    let c = leaky_relu(x - y, 0.1) + tanh(x);
    let d = x.mul_add(y, 1.0).abs().max(0.1).min(50.0).clamp(0.0, 40.0);
    a * b + c * d
}

#[differentiable]
fn looks(x: f64) -> f64 {
    let y = x * x;
    let y = y + 1.0;
    println!("{x} {y:?} {:>8.2} {{y}} {0}", y);
    println!("{y}",);
    assert!(y > 0.0 && !x.is_nan(), "{y} is not positive at {x}");
    debug_assert_eq!(y, y);
    let positive = x > 0.0;
    let sign = if positive { 1.0 } else { -1.0 };
    y * sign
}

#[differentiable]
fn inactive(x: f64, names: &[&str], n: usize) -> f64 {
    let count = names.iter().filter(|name| name.len() > n).count();
    let weights = vec![0.5; 3];
    let scale = |k: usize| k as f64 + weights[k];
    let k = (n + 1).min(2);
    x * scale(k) + count as f64 * x * x
}

#[differentiable]
fn blocks(x: f64) -> f64 {
    let y = {
        let t = x.exp();
        { t * t }
    };
    return (y - x) / { 2.0 + x };
}

fn numeric(f: impl Fn(f64) -> f64, x: f64) -> f64 {
    let h = 1e-6 * x.abs().max(1.0);
    (f(x + h) - f(x - h)) / (2.0 * h)
}

fn check(name: &str, value: f64, plain: f64, slope: f64, f: impl Fn(f64) -> f64, x: f64) {
    assert_eq!(value.to_bits(), plain.to_bits(), "value of {name}");
    let expected = numeric(f, x);
    let error = (slope - expected).abs();
    assert!(
        error <= 1e-6 * expected.abs().max(1.0),
        "{name}: {slope} for {expected}"
    );
}

fn main() {
    macro_rules! check_by_first {
        ($f:ident($x:expr $(, $rest:expr)*), $slope:expr) => {{
            let (value, gradient) = $f::value_and_grad($x $(, $rest)*);
            let slope = $slope(gradient);
            check(stringify!($f), value, $f($x $(, $rest)*), slope, |x| $f(x $(, $rest)*), $x);
        }};
    }
    check_by_first!(shadowed(0.7), |g| g);
    check_by_first!(deferred(0.7), |g| g);
    check_by_first!(constants(0.7), |g| g);
    // Too coarse for differences: single precision.
    assert_eq!(
        casts::value_and_grad(2.5, 2, true),
        (casts(2.5, 2, true), 151.5)
    );
    check_by_first!(functions(0.7, 0.4), |(by_x, _): (f64, f64)| by_x);
    check_by_first!(looks(-0.7), |g| g);
    check_by_first!(inactive(0.7, &["a", "abc"], 1), |g| g);
    check_by_first!(blocks(0.7), |g| g);

    let (value, (by_a, [by_b, by_unused, by_c])) =
        patterns::value_and_grad((0.5, [2.0, 9.0, 0.3]), 2.0);
    assert_eq!(value, patterns((0.5, [2.0, 9.0, 0.3]), 2.0));
    let at = |a, b, c| patterns((a, [b, 9.0, c]), 2.0);
    check("patterns", value, value, by_a, |a| at(a, 2.0, 0.3), 0.5);
    check("patterns", value, value, by_b, |b| at(0.5, b, 0.3), 2.0);
    check("patterns", value, value, by_c, |c| at(0.5, 2.0, c), 0.3);
    assert_eq!(by_unused, 0.0);
}
