//! Models of a user.

use autodiff_runtime::prelude::*;

/// A spring.
#[derive(Clone, Debug, Differentiable)]
pub struct Spring {
    /// Its stiffness.
    pub stiffness: f64,
    /// Its length at rest, and its number.
    pub rest: (f64, usize),
}

#[differentiable]
impl Spring {
    /// The energy at `x`.
    #[must_use]
    pub fn energy(&self, x: f64) -> f64 {
        let away = x - self.rest.0;
        0.5 * self.stiffness * away * away
    }

    /// Pulls it out.
    pub fn pull(&mut self, x: f64) {
        self.rest.0 += x;
    }
}

/// A loss.
#[differentiable]
#[must_use]
pub fn loss(w: f64, b: f64, x: &[f64], #[constant] y: &[f64]) -> f64 {
    let mut total = 0.0;
    for (x, y) in x.iter().zip(y) {
        let error = (w * x + b).tanh() - y;
        if error > 0.0 {
            total += error.powi(2);
        } else {
            total -= error;
        }
    }
    total
}

/// A recurrence.
#[differentiable]
#[must_use]
pub fn recurrence<T: Real>(x: T, n: usize) -> T {
    let mut y = x;
    for _ in 0..n {
        y = y.sin() * x;
    }
    y
}

/// Newton's method.
#[differentiable]
#[must_use]
pub fn root(a: f64) -> f64 {
    let mut x = 1.0;
    while (x * x - a).abs() > 1e-9 {
        x = 0.5 * (x + a / x);
    }
    x
}

/// Fills a buffer.
#[differentiable]
pub fn fill(buffer: &mut [f64], x: f64) {
    for slot in buffer.iter_mut() {
        *slot = x.exp();
    }
}

/// A matrix times a vector.
#[differentiable]
#[must_use]
pub fn matrix_vector<const N: usize>(a: &[[f64; N]; N], x: &[f64; N]) -> [f64; N] {
    let mut y = [0.0; N];
    for (y, row) in y.iter_mut().zip(a) {
        *y = row.iter().zip(x).map(|(a, x)| a * x).sum();
    }
    y
}

/// A call of others.
#[differentiable]
#[must_use]
pub fn together(spring: &Spring, x: &[f64; 2]) -> f64 {
    let scale = |t: f64| t * spring.stiffness;
    let [first, second] = matrix_vector(&[[1.0, 2.0], [3.0, 4.0]], x);
    spring.energy(scale(first)) + recurrence(second, 3)
}

/// Does not use what it computes.
#[differentiable]
#[must_use]
pub fn unused(x: f64, n: usize) -> f64 { // warns
    let y = x * x; // warns
    let mut z = x; // warns
    z + x
}

/// Returns in a way that clippy does not like.
#[differentiable]
#[must_use]
pub fn returned(x: f64) -> f64 {
    return x * x; // warns
}

#[differentiable]
#[must_use]
pub fn undocumented(x: f64) -> f64 { // warns
    x
}

/// Compares what should not be compared.
#[differentiable]
#[must_use]
pub fn compared(x: f64) -> f64 {
    if x == 1.0 { x } else { x * x } // warns
}

/// Parts that clippy looks at: casts, ranges, nested branches, long bodies.
#[differentiable(stable)]
#[must_use]
pub fn mixed(x: &[f64], mode: usize, (a, b): (f64, f64)) -> f64 {
    let n = x.len();
    let mean = x.iter().sum::<f64>() / n as f64; // warns
    let mut best = x[0];
    for i in 1..n { // warns
        if x[i] > best {
            best = x[i];
        }
    }
    let value = match mode {
        0 => (1.0 + a.exp()).ln(),
        1 => {
            let unread = b; // warns
            mean * best
        }
        _ => return mean.mul_add(a, b),
    };
    if mode > 3 && value > 0.0 {
        return value;
    }
    value
}

#[differentiable]
fn never_called_and_differentiable(x: f64) -> f64 {
    x
}

/// Calls it.
#[must_use]
pub fn slope(x: f64) -> f64 {
    never_called_and_differentiable(x)
}
