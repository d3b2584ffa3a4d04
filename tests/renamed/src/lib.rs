//! A user's crate that knows the runtime by another name.
//!
//! Generated code may only use the path given by `crate = …`.

use calculus::prelude::*;

/// A struct with options after the derive.
#[derive(Clone, Debug, PartialEq, Differentiable)]
#[differentiable(crate = calculus)]
pub struct Spring {
    /// The stiffness.
    pub stiffness: f64,
    /// The displacement at rest, in each direction.
    pub rest: [f64; 2],
    /// Inactive.
    pub name: String,
}

/// The energy of a displaced spring.
#[differentiable(crate = calculus)]
pub fn energy(spring: &Spring, at: [f64; 2]) -> f64 {
    let [x, y] = displaced(spring, at);
    0.5 * spring.stiffness * x.hypot(y).powi(2) + sigmoid(x)
}

#[differentiable(crate = calculus)]
impl Spring {
    /// The energy of a stretched spring.
    #[must_use]
    pub fn stretched(&self, by: f64) -> f64 {
        0.5 * self.stiffness * by.powi(2) + self.stiffened(2.0).force(by)
    }

    /// Another spring.
    #[must_use]
    pub fn stiffened(&self, factor: f64) -> Self {
        Self {
            stiffness: self.stiffness * factor,
            rest: self.rest,
            name: self.name.clone(),
        }
    }

    /// The force of a stretched spring.
    #[must_use]
    pub fn force(&self, by: f64) -> f64 {
        self.stiffness * by
    }

    /// How its name begins.
    #[must_use]
    pub fn initial(&self) -> Option<char> {
        self.name.chars().next()
    }
}

/// The displacement from rest.
#[differentiable(crate = ::calculus)]
pub fn displaced(spring: &Spring, at: [f64; 2]) -> [f64; 2] {
    [at[0] - spring.rest[0], at[1] - spring.rest[1]]
}

/// Generic, and through another module's name for the runtime.
#[differentiable(crate = self::inner::through_a_module)]
pub fn generic<T: Real>(x: T, w: &[T]) -> T {
    x.tanh() * w[0] + softplus(x)
}

/// A hand-written rule.
#[differentiable(crate = calculus, pullback = cube_pullback, jvp = cube_jvp)]
pub fn cube(x: f64) -> f64 {
    x * x * x
}

fn cube_pullback(x: f64) -> (f64, impl Fn(f64, &mut f64)) {
    (cube(x), move |out_bar, x_bar: &mut f64| {
        *x_bar += 3.0 * x * x * out_bar
    })
}

fn cube_jvp(x: f64, x_dot: f64) -> (f64, f64) {
    (cube(x), 3.0 * x * x * x_dot)
}

mod inner {
    pub use calculus as through_a_module;
}
