//! Exact values from `tests/data`, and how far a computed number is from one.

use autodiff_runtime::Real;

/// An exact number: rounded to the format it is held against, and what the rounding left, in units in
/// the last place.
#[derive(Clone, Copy, Debug)]
pub struct Exact<T> {
    /// The nearest number of the format.
    pub rounded: T,
    rest: f64,
}

impl<T: Format> Exact<T> {
    /// Reads `1.25 -0.375`, or a number alone, which is exact.
    ///
    /// # Panics
    ///
    /// If there is no number.
    pub fn parse(text: &str) -> Self {
        let mut words = text.split_whitespace().map(parse);
        Exact {
            rounded: T::from_f64(words.next().expect("a number")),
            rest: words.next().unwrap_or(0.0),
        }
    }

    /// How many units in the last place `found` is away. What underflows is held to the smallest
    /// normal number.
    pub fn error(self, found: T) -> f64 {
        let (rounded, found) = (self.rounded.to_f64(), found.to_f64());
        if rounded == found || (rounded.is_nan() && found.is_nan()) {
            self.rest.abs()
        } else if !rounded.is_finite() || !found.is_finite() {
            f64::INFINITY
        } else if rounded.abs() < T::LEAST {
            ((found - rounded) / T::LEAST).abs()
        } else {
            ((found - rounded) / T::unit(rounded) - self.rest).abs()
        }
    }

    /// How many units in the last place of 1 `found` is away.
    pub fn error_beside_one(self, found: T) -> f64 {
        let rounded = self.rounded.to_f64();
        self.error(found) * (T::unit(rounded.abs().max(T::LEAST)) / T::EPSILON)
    }
}

/// A floating-point format.
pub trait Format: Real {
    /// The smallest normal number.
    const LEAST: f64;
    /// The spacing of numbers in [1, 2).
    const EPSILON: f64;

    /// One unit in the last place of `x`.
    fn unit(x: f64) -> f64 {
        let binade = f64::from_bits(x.abs().to_bits() & (0x7ff << 52));
        binade * Self::EPSILON
    }
}

impl Format for f64 {
    const LEAST: f64 = f64::MIN_POSITIVE;
    const EPSILON: f64 = f64::EPSILON;
}

impl Format for f32 {
    const LEAST: f64 = f32::MIN_POSITIVE as f64;
    const EPSILON: f64 = f32::EPSILON as f64;
}

/// Reads a number of the data.
///
/// # Panics
///
/// If it is none.
pub fn parse(word: &str) -> f64 {
    word.parse()
        .unwrap_or_else(|_| panic!("{word} should be a number"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_are_counted_from_the_exact_number() {
        let third = Exact::<f64>::parse("0.3333333333333333 0.333");
        assert_eq!(third.error(1.0 / 3.0), 0.333);
        let next = (1.0_f64 / 3.0).next_up();
        assert!((third.error(next) - 0.667).abs() < 1e-12);
        assert_eq!(third.error_beside_one(next), third.error(next) / 4.0);
        assert_eq!(Exact::parse("inf").error(f64::INFINITY), 0.0);
        assert_eq!(Exact::parse("1").error(f64::NAN), f64::INFINITY);
        assert!(Exact::parse("1e-320").error(0.0) < 1e-11);
        assert_eq!(Exact::parse("1").error(1.0_f32.next_up()), 1.0);
        assert_eq!(Exact::parse("0.1").error(0.1_f32), 0.0);
    }
}
