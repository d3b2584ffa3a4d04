//! The ways of writing straight-line code, each held to every oracle.

use autodiff_runtime::prelude::*;
use autodiff_tests::companion;
use autodiff_tests::points::Points;

/// Points per form.
const POINTS: usize = 20;

/// `name(x, y) { body }` for positive `x` and `y`.
macro_rules! forms {
    ($($name:ident($x:ident, $y:ident) { $($body:tt)* })+) => {$(
        #[test]
        fn $name() {
            #[allow(clippy::all, reason = "unusual forms are what is tested")]
            #[differentiable]
            fn form($x: f64, $y: f64) -> f64 {
                $($body)*
            }
            let companion = companion!(f64, 2, form);
            let mut points = Points::seeded(29);
            for _ in 0..POINTS {
                companion.check(points.inside([(0.5, 2.0), (0.5, 2.0)]));
            }
        }
    )+};
}

forms! {
    precedence_of_minus(x, y) { -x.powi(2) + (-x).powi(3) - -y - (x - y - (x - y * x)) / -(x / y / x) }
    brackets_keep_their_order(x, y) { (x + (y + 0.1)) - 0.3 + x * (y * (x * y)) / (x / (y / x)) + 3.0 }
    literals(x, y) { 2. * x + 1e-3 * y + 1_000.5 * x + 0.25f64 * y + 2f64.powf(x) }
    chains_of_methods(x, y) { x.mul_add(y, 1.0).sqrt().exp().ln_1p().recip().max(0.001).min(y + 9.0) }
    paths_and_methods_mixed(x, y) { f64::exp(-f64::hypot(x, y)) + f64::powi(x, 2).sin() + f64::max(x, -y) }
    copies(x, y) { let a = x; let b = a; b * a * x + y }
    tuples_taken_apart(x, y) { let (a, (b, _)) = (y, (x * y, x)); let [c, d] = [a * b, b]; c * d + a }
    tuples_by_field(x, y) { let pair = (x, (y, x * y)); pair.0 * (pair.1).1 + pair.1.0 + (x, x * x).1 }
    arrays_by_repetition(x, y) { let a = [x * y; 3]; a[0] + a[1] * a[2] }
    arrays_by_index(x, y) { let m = [[x, 1.0], [x * y, 2.0 * x]]; m[1][0] * m[0][1] + m[1][1] * [x, y, 3.0][1] }
    blocks(x, y) { let z = { let a = x * x; let b = a * y; a + b }; z * { let x = y; x * x } }
    shadowing(x, y) { let x = x * y; let y = x * x; let x = x + y; x * y }
    deferred_bindings(x, y) { let a; let b: f64; a = x * x; b = a * y; a + b }
    variables_that_change(x, y) {
        let (mut a, mut b) = (x, y);
        let t = a;
        a = b * 2.0;
        b = t * 3.0;
        a -= b;
        a /= b;
        b *= a;
        b += 1.0;
        a * b
    }
    asserting(x, y) {
        assert!(x > 0.0 && y.is_finite(), "x is {x}");
        debug_assert_ne!(x, -1.0);
        x * y
    }
    unused_values(x, y) { let _ = x.ln(); let _also = y.exp(); let (_, z) = (x, y); z * x }
    references(x, y) { let r = &x; let s = &y; *r * s + r * *s }
    parameters_returned(x, y) { let _ = y; x }
    repeated_subexpressions(x, y) { (x * y).sin() * (x * y).sin() + (x * y).cos() * (x * y) }
    zero_times(x, y) { 0.0 * x + x * 0.0 + 1.0 * y + y * 1.0 + 0.0 - x + 0.0 / y }
}

/// Integer arguments choose among inactive values, and become numbers.
#[differentiable]
fn with_integers(x: f64, n: usize, i: i32, flag: bool) -> f64 {
    let k = if n > 1 { 2.0 } else { 3.0 };
    let m = match n {
        0 => 1.0,
        1 => 4.0,
        _ => 5.0,
    };
    let sum = f64::from(i) + n as f64 + f64::from(u8::from(flag));
    x * k + x * m + x * sum + x.powf(n as f64) + x.powi(-i)
}

#[test]
fn integers() {
    for (n, k, m) in [(0, 3.0, 1.0), (1, 3.0, 4.0), (2, 2.0, 5.0)] {
        for i in [-2, 0, 1, 3] {
            let power = n as f64 * 2.0_f64.powi(n as i32 - 1);
            let inverse = -f64::from(i) * 2.0_f64.powi(-i - 1);
            let slope = k + m + f64::from(i) + n as f64 + 1.0 + power + inverse;
            assert_eq!(with_integers::grad(2.0, n, i, true), slope);
            assert_eq!(with_integers::jvp(2.0, n, i, true, 1.0).1, slope);
        }
    }
}

/// An array of active values at a run-time index.
#[differentiable]
fn local_array(x: f64, k: usize) -> f64 {
    let a = [x, x * x, x.exp()];
    a[k] * a[0]
}

#[test]
fn local_arrays_at_run_time_indices() {
    let e = 2.0_f64.exp();
    for (k, slope) in [4.0, 12.0, e * 2.0 + e].into_iter().enumerate() {
        assert_eq!(local_array::grad(2.0, k), slope);
        assert_eq!(local_array::jvp(2.0, k, 1.0).1, slope);
    }
}

/// The parameter itself as the result.
#[differentiable]
fn identity(x: [f64; 2]) -> [f64; 2] {
    x
}

#[differentiable]
fn identity_of_reference(x: &[f64; 2]) -> [f64; 2] {
    *x
}

#[differentiable]
fn exchanged(x: f64, y: f64) -> (f64, f64) {
    (y, x)
}

#[test]
fn identities() {
    assert_eq!(identity::jacobian([5.0, 7.0]), [[1.0, 0.0], [0.0, 1.0]]);
    assert_eq!(
        identity_of_reference::vjp(&[5.0, 7.0], [1.0, 2.0]),
        ([5.0, 7.0], [1.0, 2.0])
    );
    assert_eq!(
        identity_of_reference::jvp(&[5.0, 7.0], &[1.0, 2.0]).1,
        [1.0, 2.0]
    );
    assert_eq!(exchanged::jacobian(5.0, 7.0), [[0.0, 1.0], [1.0, 0.0]]);
}

/// The library's functions by longer paths.
#[allow(unused_qualifications, reason = "longer paths are what is tested")]
#[differentiable]
fn by_path(x: f64) -> f64 {
    autodiff_runtime::activation::sigmoid(x) + std::primitive::f64::sin(x) + Real::tanh(x)
}

/// Vectors as parameters.
#[allow(clippy::ptr_arg, reason = "the type is what is tested")]
#[differentiable]
fn of_vector(v: &Vec<f64>, owned: Vec<f64>) -> f64 {
    v[0] * v[1] + owned[1] * product(v) + product(&owned)
}

#[differentiable]
fn product(w: &[f64]) -> f64 {
    w[0] * w[1]
}

#[test]
fn paths_and_vectors() {
    companion!(f64, 1, by_path).check([0.5]);
    let (v, owned) = of_vector::grad(&vec![2.0, 3.0], vec![5.0, 7.0]);
    assert_eq!((v, owned), (vec![24.0, 16.0], vec![7.0, 11.0]));
}
