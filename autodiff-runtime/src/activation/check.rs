//! How the tests of this crate hold a hand-written rule against its function.

use rand::rngs::Xoshiro256PlusPlus;
use rand::{RngExt, SeedableRng};

/// A function with its hand-written rules, all arguments and all results laid out flat.
pub(crate) struct Rule<F, P, J> {
    value: F,
    pull: P,
    jvp: J,
}

impl<F, P, J> Rule<F, P, J>
where
    F: Fn(&[f64]) -> Vec<f64>,
    P: Fn(&[f64], &[f64], &mut [f64]),
    J: Fn(&[f64], &[f64]) -> (Vec<f64>, Vec<f64>),
{
    /// From `value(point)`, `pull(point, cotangent, bars)`, which adds to `bars`, and
    /// `jvp(point, tangent)`.
    pub fn new(value: F, pull: P, jvp: J) -> Self {
        Self { value, pull, jvp }
    }

    /// Both modes against central differences and against each other, along random directions.
    pub fn check(&self, points: &[&[f64]]) {
        for point in points {
            self.check_duality(point);
            self.check_differences(point);
        }
    }

    /// `⟨u, J v⟩ = ⟨Jᵀ u, v⟩`, the value bit for bit, and buffers that are added to. Holds at kinks
    /// and on the tails too.
    pub fn check_duality(&self, point: &[f64]) {
        let mut rng = Xoshiro256PlusPlus::seed_from_u64(1);
        let y = (self.value)(point);
        for _ in 0..4 {
            let (u, v) = (
                direction(&mut rng, y.len()),
                direction(&mut rng, point.len()),
            );
            let (y_again, y_dot) = (self.jvp)(point, &v);
            assert!(
                y.iter()
                    .map(|y| y.to_bits())
                    .eq(y_again.iter().map(|y| y.to_bits())),
                "value of the jvp"
            );
            let x_bar = self.pulled(point, &u);
            let (forward, backward) = (dot(&u, &y_dot), dot(&x_bar, &v));
            let size = magnitude(&u, &y_dot) + magnitude(&x_bar, &v);
            assert!(
                (forward - backward).abs() <= 1e-13 * size,
                "at {point:?}: forward {forward:e}, reverse {backward:e}"
            );

            let mut started = vec![0.75; point.len()];
            (self.pull)(point, &u, &mut started);
            for (started, fresh) in started.iter().zip(&x_bar) {
                assert!(
                    (started - fresh - 0.75).abs() <= 1e-14 * (1.0 + fresh.abs()),
                    "buffers are added to"
                );
            }
        }
    }

    /// The tangent against a fourth-order central difference.
    fn check_differences(&self, point: &[f64]) {
        let mut rng = Xoshiro256PlusPlus::seed_from_u64(2);
        let v = direction(&mut rng, point.len());
        let at = |h: f64| {
            let moved: Vec<f64> = point.iter().zip(&v).map(|(x, v)| x + h * v).collect();
            (self.value)(&moved)
        };
        let h = 1e-3;
        let (a, b, c, d) = (at(-2.0 * h), at(-h), at(h), at(2.0 * h));
        for (i, y_dot) in (self.jvp)(point, &v).1.iter().enumerate() {
            let estimate = (a[i] - d[i] + 8.0 * (c[i] - b[i])) / (12.0 * h);
            assert!(
                (estimate - y_dot).abs() <= 2e-10 * (1.0 + y_dot.abs()),
                "at {point:?}, output {i}: rule {y_dot:e}, differences {estimate:e}"
            );
        }
    }

    fn pulled(&self, point: &[f64], u: &[f64]) -> Vec<f64> {
        let mut bars = vec![0.0; point.len()];
        (self.pull)(point, u, &mut bars);
        bars
    }
}

/// Asserts `actual ≈ expected` to a few units in the last place, zero and infinities exactly.
#[track_caller]
pub(crate) fn assert_close(actual: f64, expected: f64) {
    let close =
        actual == expected || (actual - expected).abs() <= 8.0 * f64::EPSILON * expected.abs();
    assert!(close, "got {actual:e}, expected {expected:e}");
}

/// A vector of numbers in (-1, 1).
pub(crate) fn direction(rng: &mut Xoshiro256PlusPlus, length: usize) -> Vec<f64> {
    (0..length).map(|_| rng.random_range(-1.0..1.0)).collect()
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

fn magnitude(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| (a * b).abs()).sum()
}
