//! Hyper-parameters outside their ranges.

use std::fmt;

/// A hyper-parameter outside its range. Prints as a sentence.
#[derive(Clone, Debug, PartialEq)]
pub struct HyperParameterError {
    optimiser: &'static str,
    parameter: &'static str,
    range: &'static str,
    value: f64,
}

impl fmt::Display for HyperParameterError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            optimiser,
            parameter,
            range,
            value,
        } = self;
        write!(
            f,
            "{optimiser}: the {parameter} must be {range}, not {value}"
        )
    }
}

impl std::error::Error for HyperParameterError {}

/// Checks the hyper-parameters of the optimiser, or other part of a training, of this name, one after
/// the other.
#[derive(Clone, Copy)]
pub(crate) struct Check(pub(crate) &'static str);

impl Check {
    pub(crate) fn that(
        self,
        holds: bool,
        parameter: &'static str,
        range: &'static str,
        value: f64,
    ) -> Result<Self, HyperParameterError> {
        match holds {
            true => Ok(self),
            false => Err(HyperParameterError {
                optimiser: self.0,
                parameter,
                range,
                value,
            }),
        }
    }

    pub(crate) fn positive(
        self,
        parameter: &'static str,
        value: f64,
    ) -> Result<Self, HyperParameterError> {
        let holds = value > 0.0 && value.is_finite();
        self.that(holds, parameter, "positive and finite", value)
    }

    pub(crate) fn not_negative(
        self,
        parameter: &'static str,
        value: f64,
    ) -> Result<Self, HyperParameterError> {
        let holds = value >= 0.0 && value.is_finite();
        self.that(holds, parameter, "at least 0 and finite", value)
    }

    /// A factor by which the past fades.
    pub(crate) fn decay(
        self,
        parameter: &'static str,
        value: f64,
    ) -> Result<Self, HyperParameterError> {
        self.that(
            (0.0..1.0).contains(&value),
            parameter,
            "at least 0 and below 1",
            value,
        )
    }
}
