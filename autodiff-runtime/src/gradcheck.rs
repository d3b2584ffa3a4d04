//! Checking a gradient against numerical differences and against forward mode.
//!
//! ```
//! use autodiff_runtime::gradcheck::gradcheck;
//! use autodiff_runtime::prelude::*;
//!
//! #[differentiable]
//! fn f(w: &[f64; 2]) -> f64 {
//!     w[0].powi(2) * w[1].sin()
//! }
//!
//! let report = gradcheck(f, f::value_and_grad, f::jvp, &[1.5, 0.7]);
//! report.assert();
//! ```
//!
//! Closures adapt whatever has another signature: a function of several parameters is checked as
//! one of their tuple, one with constants with these filled in, and one with several results
//! through a scalar made of them, a weighted sum for instance.
//!
//! ```
//! use autodiff_runtime::gradcheck::gradcheck;
//! use autodiff_runtime::prelude::*;
//!
//! #[differentiable(wrt(a, b))]
//! fn f(a: f64, b: f64, x: f64) -> f64 {
//!     a * (b * x).exp()
//! }
//!
//! let x = 0.3;
//! gradcheck(
//!     |&(a, b)| f(a, b, x),
//!     |&(a, b)| f::value_and_grad(a, b, x),
//!     |&(a, b), &(a_dot, b_dot)| f::jvp(a, b, x, a_dot, b_dot),
//!     &(2.0, -1.0),
//! )
//! .assert();
//! ```

mod differences;

use std::fmt;

use crate::differentiable::{
    Differentiable, Leaf, Leaves, Name, leaves, leaves_mut, parameter_count,
};
use differences::Precision;

/// Compares gradients with central differences and with forward mode at one point, with the
/// settings of [`GradCheck::new`].
///
/// `value` is the function itself, `value_and_grad` and `jvp` its companion's; see the
/// [module](self) for an example.
///
/// # Panics
/// As [`GradCheck::check`].
pub fn gradcheck<P, V>(
    value: impl Fn(&P) -> V,
    value_and_grad: impl Fn(&P) -> (V, P::Gradient),
    jvp: impl Fn(&P, &P::Gradient) -> (V, V),
    point: &P,
) -> Report
where
    P: Differentiable + Clone,
    V: Into<f64>,
{
    GradCheck::new().check(value, value_and_grad, jvp, point)
}

/// The settings of a gradient check.
///
/// Two numbers `a` and `b` that should be the same derivative agree when
/// `|a − b| ≤ tolerance·max(|a|, |b|) + floor·max(1, |f|)`, where `f` is the function's value. The
/// floor, a tenth of the square root of the machine epsilon (1.5e-9, for `f32` 3.5e-5), is what
/// differences cannot resolve.
///
/// The differences are central ones, extrapolated to step 0 (C. J. F. Ridders, *Accurate computation
/// of F′(x) and F′(x)F″(x)*, Advances in Engineering Software 4 (1982)), which commonly gives them
/// ten digits. Steps that leave the function's domain, where it is infinite or NaN, are shortened.
/// At a kink they give the midpoint of the slopes on both sides.
#[derive(Clone, Debug)]
pub struct GradCheck {
    tolerance: Option<f64>,
    step: Option<f64>,
}

impl Default for GradCheck {
    fn default() -> Self {
        Self::new()
    }
}

impl GradCheck {
    /// Tolerance 1e-7 (for `f32` parameters 1e-3), first step 0.01 (0.1).
    pub fn new() -> Self {
        Self {
            tolerance: None,
            step: None,
        }
    }

    /// Sets the relative tolerance for parameters of both precisions.
    pub fn tolerance(self, tolerance: f64) -> Self {
        Self {
            tolerance: Some(tolerance),
            ..self
        }
    }

    /// Sets the first, largest step of the differences, relative to `max(1, |x|)`. Take a smaller
    /// one near a kink or where the function varies quickly.
    pub fn step(self, step: f64) -> Self {
        Self {
            step: Some(step),
            ..self
        }
    }

    /// Compares gradient, differences and forward mode in every number of `point`.
    ///
    /// Each number costs two dozen calls of `value` and one of `jvp`, so this is for models of up to
    /// some thousand numbers.
    ///
    /// # Panics
    /// When the gradient has not the leaves of the point.
    pub fn check<P, V>(
        &self,
        value: impl Fn(&P) -> V,
        value_and_grad: impl Fn(&P) -> (V, P::Gradient),
        jvp: impl Fn(&P, &P::Gradient) -> (V, V),
        point: &P,
    ) -> Report
    where
        P: Differentiable + Clone,
        V: Into<f64>,
    {
        let plain: f64 = value(point).into();
        let (reverse, gradient) = value_and_grad(point);
        let gradient = numbers(&gradient);
        let places = places(point);
        assert_eq!(
            gradient.len(),
            places.len(),
            "the gradient must have one number for each of the point's"
        );
        let reverse: f64 = reverse.into();
        let mut values = vec![reverse];

        let mut moved = point.clone();
        let mut direction = point.zero_gradient();
        assert_eq!(
            parameter_count(&direction),
            places.len(),
            "the zero gradient has another shape"
        );
        let mut entries = Vec::with_capacity(places.len());
        for (place, gradient) in places.into_iter().zip(gradient) {
            let Place {
                name,
                leaf,
                index,
                at,
                precision,
            } = place;
            let differences = precision.derivative(at, self.step, |x| {
                set(&mut moved, leaf, index, x);
                value(&moved).into()
            });
            set(&mut moved, leaf, index, at);

            set(&mut direction, leaf, index, 1.0);
            let (forward, slope) = jvp(point, &direction);
            set(&mut direction, leaf, index, 0.0);
            values.push(forward.into());
            let jvp: f64 = slope.into();

            let tolerance = self.tolerance.unwrap_or(precision.tolerance());
            let allowed = |other: f64| {
                let floor = precision.floor() * plain.abs().max(1.0);
                tolerance * gradient.abs().max(other.abs()) + floor
            };
            let excess = [differences, jvp]
                .map(|other| (gradient - other).abs() / allowed(other))
                // Not `f64::max`, which would drop a NaN.
                .into_iter()
                .fold(
                    0.0,
                    |worst, excess| if excess <= worst { worst } else { excess },
                );
            entries.push(Entry {
                name,
                gradient,
                differences,
                jvp,
                excess,
            });
        }
        let tolerance = self.tolerance.unwrap_or(Precision::Double.tolerance());
        let wrong_value = values.into_iter().find(|value| {
            let near = (value - plain).abs() <= tolerance * plain.abs().max(value.abs());
            // The same infinity or NaN is right, though not near.
            !near && value.to_bits() != plain.to_bits()
        });
        entries.sort_by(|a, b| b.rank().total_cmp(&a.rank()));
        Report {
            entries,
            value: plain,
            wrong_value,
        }
    }
}

/// One number of the point, with the derivative by it computed in three ways.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    /// Its place: the path of its leaf, with the index where the leaf holds more than one number.
    pub name: String,
    /// The derivative as the gradient has it.
    pub gradient: f64,
    /// The derivative by differences.
    pub differences: f64,
    /// The derivative by forward mode.
    pub jvp: f64,
    /// The larger of the gradient's two deviations, in units of what is allowed: at most 1 where
    /// all agree, NaN where something is not a number.
    pub excess: f64,
}

impl Entry {
    /// Whether all three agree.
    pub fn agrees(&self) -> bool {
        self.excess <= 1.0
    }

    /// The order of badness: NaN is worst.
    fn rank(&self) -> f64 {
        if self.excess.is_nan() {
            f64::INFINITY
        } else {
            self.excess
        }
    }
}

/// What a gradient check found. Prints as a table of the worst entries.
#[derive(Clone, Debug, PartialEq)]
pub struct Report {
    entries: Vec<Entry>,
    value: f64,
    wrong_value: Option<f64>,
}

impl Report {
    /// Whether everything agrees.
    pub fn ok(&self) -> bool {
        self.wrong_value.is_none() && self.entries.iter().all(Entry::agrees)
    }

    /// All entries, the worst first.
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// The entry that deviates most; `None` where the point has no numbers.
    pub fn worst(&self) -> Option<&Entry> {
        self.entries.first()
    }

    /// Does nothing if everything agrees.
    ///
    /// # Panics
    /// With the table, if anything does not.
    #[track_caller]
    pub fn assert(&self) {
        assert!(self.ok(), "the gradient is wrong\n{self}");
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const SHOWN: usize = 10;
        let good = self.entries.iter().filter(|entry| entry.agrees()).count();
        writeln!(f, "{good} of {} derivatives agree", self.entries.len())?;
        if let Some(wrong) = self.wrong_value {
            writeln!(
                f,
                "the function's value is {:e}, the companion's {wrong:e}",
                self.value
            )?;
        }
        let shown = &self.entries[..self.entries.len().min(SHOWN)];
        let names = shown.iter().map(|entry| entry.name.chars().count());
        let width = names.chain(["worst first".len()]).max().unwrap_or(0);
        writeln!(
            f,
            "{:<width$}  {:>17}  {:>17}  {:>17}  deviation / allowed",
            "worst first", "gradient", "differences", "jvp"
        )?;
        for entry in shown {
            let Entry {
                name,
                gradient,
                differences,
                jvp,
                excess,
            } = entry;
            writeln!(
                f,
                "{name:<width$}  {gradient:>17.9e}  {differences:>17.9e}  {jvp:>17.9e}  \
                 {excess:>9.1e}{}",
                if entry.agrees() { "" } else { "  <- wrong" }
            )?;
        }
        match self.entries.len() - shown.len() {
            0 => Ok(()),
            more => writeln!(f, "and {more} more"),
        }
    }
}

/// Where one number of a point stands, and what it is.
struct Place {
    name: String,
    leaf: usize,
    index: usize,
    at: f64,
    precision: Precision,
}

fn places(point: &impl Leaves) -> Vec<Place> {
    let mut places = Vec::new();
    for (leaf, (path, run)) in leaves(point).into_iter().enumerate() {
        let path = if path.is_empty() {
            "self".to_owned()
        } else {
            path
        };
        let precision = match run {
            Leaf::F32(_) => Precision::Single,
            Leaf::F64(_) => Precision::Double,
        };
        for index in 0..run.len() {
            let name = match run.len() {
                1 => path.clone(),
                _ => format!("{path}[{index}]"),
            };
            places.push(Place {
                name,
                leaf,
                index,
                at: run.get(index),
                precision,
            });
        }
    }
    places
}

/// All numbers in order.
fn numbers(value: &impl Leaves) -> Vec<f64> {
    let mut numbers = Vec::new();
    value.visit(&mut Name::default(), &mut |_, leaf| {
        numbers.extend(leaf.to_vec())
    });
    numbers
}

/// Sets one number.
fn set(value: &mut impl Leaves, leaf: usize, index: usize, number: f64) {
    leaves_mut(value)[leaf].1.set(index, number);
}

#[cfg(test)]
mod tests;
