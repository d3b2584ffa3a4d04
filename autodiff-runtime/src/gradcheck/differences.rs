//! Derivatives by differences, extrapolated to step 0.

/// The precision of the number that is varied.
#[derive(Clone, Copy)]
pub(super) enum Precision {
    Single,
    Double,
}

impl Precision {
    fn epsilon(self) -> f64 {
        match self {
            Self::Single => f64::from(f32::EPSILON),
            Self::Double => f64::EPSILON,
        }
    }

    /// The relative error allowed by default.
    pub(super) fn tolerance(self) -> f64 {
        match self {
            Self::Single => 1e-3,
            Self::Double => 1e-7,
        }
    }

    /// What differences of a function of size 1 cannot resolve.
    pub(super) fn floor(self) -> f64 {
        0.1 * self.epsilon().sqrt()
    }

    fn first_step(self) -> f64 {
        match self {
            Self::Single => 0.1,
            Self::Double => 0.01,
        }
    }

    /// How many steps are tried: the last is about the cube root of epsilon, where differences are
    /// as exact as they get without extrapolation, and below which rounding takes over.
    fn steps(self) -> usize {
        match self {
            Self::Single => 6,
            Self::Double => 12,
        }
    }

    fn round(self, x: f64) -> f64 {
        match self {
            Self::Single => f64::from(x as f32),
            Self::Double => x,
        }
    }

    /// `f′(at)` by Ridders' method: central differences with ever shorter steps form the first
    /// column of a tableau, each further column cancels the next even power of the step, and the
    /// entry that differs least from its neighbours is taken. `first_step` is relative to
    /// `max(1, |at|)`. NaN if `f` is not finite around `at` at any step tried.
    pub(super) fn derivative(
        self,
        at: f64,
        first_step: Option<f64>,
        mut f: impl FnMut(f64) -> f64,
    ) -> f64 {
        const SHRINK: f64 = 2.0;

        let mut step = first_step.unwrap_or(self.first_step()) * at.abs().max(1.0);
        let shortest = 16.0 * self.epsilon() * at.abs().max(f64::MIN_POSITIVE);
        let mut best = Candidate {
            value: f64::NAN,
            error: f64::INFINITY,
        };
        let mut previous: Vec<f64> = Vec::new();
        let mut rows = 0;
        // Beyond the usual number of steps only where these do not settle, a pole being near.
        while rows < self.steps() || (best.error > self.tolerance() && rows < 3 * self.steps()) {
            let (above, below) = (self.round(at + step), self.round(at - step));
            let usable = step.is_finite() && step >= shortest && above != below;
            if !usable {
                break;
            }
            let (f_above, f_below) = (f(above), f(below));
            let quotient = (f_above - f_below) / (above - below);
            if !quotient.is_finite() {
                // Outside the domain: shorten quickly and begin anew.
                step /= 4.0;
                previous.clear();
                continue;
            }
            step /= SHRINK;
            rows += 1;
            if best.value.is_nan() {
                best.value = quotient;
            }
            let resolution = self.floor() * f_above.abs().max(1.0);
            let mut row = vec![quotient];
            let mut factor = 1.0;
            for (column, &coarser) in previous.iter().enumerate() {
                factor *= SHRINK * SHRINK;
                let finer = row[column];
                let value = (factor * finer - coarser) / (factor - 1.0);
                let difference = (value - finer).abs().max((value - coarser).abs());
                let error = difference / (value.abs() + resolution);
                if error < best.error {
                    best = Candidate { value, error };
                }
                row.push(value);
            }
            previous = row;
        }
        best.value
    }
}

/// An entry of the tableau.
struct Candidate {
    value: f64,
    /// How much it differs from its neighbours, relative to its size.
    error: f64,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(f: impl Fn(f64) -> f64, at: f64, expected: f64) {
        let found = Precision::Double.derivative(at, None, f);
        let error = (found - expected).abs() / expected.abs().max(1.0);
        assert!(error < 1e-9, "{found} instead of {expected}");
    }

    #[test]
    fn smooth_functions_get_nine_digits() {
        check(f64::exp, 1.0, 1.0_f64.exp());
        check(f64::sin, 100.0, 100.0_f64.cos());
        check(|x| x.powi(5), -3.0, 405.0);
        check(|x| 1.0 / x, 1e3, -1e-6);
        check(|x| 1.0 / x, 1e-6, -1e12);
        check(|x| x * x * x - 3.0 * x, 1.0, 0.0);
        check(|_| 7.0, 2.0, 0.0);
    }

    #[test]
    fn steps_stay_inside_the_domain() {
        check(f64::ln, 1e-6, 1e6);
        check(f64::sqrt, 1e-8, 5e3);
        check(f64::asin, 0.9999, 1.0 / (1.0 - 0.9999_f64.powi(2)).sqrt());
    }

    #[test]
    fn kinks_give_the_midpoint() {
        check(f64::abs, 0.0, 0.0);
        check(|x| x.max(0.0), 0.0, 0.5);
        // Close to a kink only the short steps count.
        check(|x| x.max(0.0), 1e-4, 1.0);
        check(|x| x.max(0.0), -1e-4, 0.0);
    }

    #[test]
    fn nowhere_finite_is_nan() {
        for at in [-1.0, f64::NAN, f64::INFINITY] {
            assert!(
                Precision::Double
                    .derivative(at, None, |x| (-x.abs()).sqrt())
                    .is_nan()
            );
        }
        for step in [0.0, -1.0, f64::NAN, f64::INFINITY] {
            assert!(
                Precision::Double
                    .derivative(1.0, Some(step), f64::exp)
                    .is_nan()
            );
        }
    }

    #[test]
    fn single_precision_gets_four_digits() {
        let f = |x: f64| f64::from((x as f32).exp());
        let found = Precision::Single.derivative(1.0, None, f);
        assert!((found - 1.0_f64.exp()).abs() < 3e-4, "{found}");
    }
}
