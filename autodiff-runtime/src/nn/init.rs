//! How a network's weights start.

use std::f64::consts::TAU;
use std::fmt;

use rand::RngExt;
use rand::rngs::Xoshiro256PlusPlus;

use super::NetworkError;

/// The distribution that a layer's weights are drawn from. Biases always start at 0.
///
/// Weights are drawn in double precision, layer by layer and row by row, from the xoshiro256++ stream
/// of the seed (Blackman & Vigna, *Scrambled linear pseudorandom number generators*, 2021). One seed
/// therefore gives one network on every platform, up to the last bit of the platform's `ln` and
/// `cos` for [`Init::He`].
#[derive(Clone, Copy, Debug, Default, PartialEq)]
#[non_exhaustive]
pub enum Init {
    /// All weights 0. The units of a hidden layer then stay equal to each other for ever: meant for
    /// models of one layer.
    Zeros,
    /// Uniform on [−limit, limit).
    Uniform(f64),
    /// Uniform with variance `2 / (inputs + outputs)`, which keeps the variance of both activations
    /// and gradients through layers that are linear near 0, as tanh is (Glorot & Bengio,
    /// *Understanding the difficulty of training deep feedforward neural networks*, 2010).
    #[default]
    Xavier,
    /// Normal with variance `2 / inputs`, which makes up for the half that a rectifier cuts off (He
    /// et al., *Delving deep into rectifiers*, 2015).
    He,
}

impl Init {
    /// Refuses a limit that is no limit.
    pub(super) fn check(self) -> Result<(), NetworkError> {
        match self {
            Self::Uniform(limit) if !(limit.is_finite() && limit > 0.0) => {
                Err(NetworkError::Limit(limit))
            }
            _ => Ok(()),
        }
    }

    /// One weight of a layer with that many inputs and outputs.
    pub(crate) fn sample(self, rng: &mut Xoshiro256PlusPlus, inputs: usize, outputs: usize) -> f64 {
        match self {
            Self::Zeros => 0.0,
            Self::Uniform(limit) => symmetric(rng, limit),
            Self::Xavier => symmetric(rng, (6.0 / (inputs + outputs) as f64).sqrt()),
            Self::He => normal(rng) * (2.0 / inputs as f64).sqrt(),
        }
    }
}

impl fmt::Display for Init {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Zeros => f.pad("zeros"),
            Self::Uniform(limit) => f.pad(&format!("uniform({limit})")),
            Self::Xavier => f.pad("xavier"),
            Self::He => f.pad("he"),
        }
    }
}

fn symmetric(rng: &mut Xoshiro256PlusPlus, limit: f64) -> f64 {
    limit * (2.0 * rng.random::<f64>() - 1.0)
}

/// A standard normal number (Box & Muller, 1958).
pub(crate) fn normal(rng: &mut Xoshiro256PlusPlus) -> f64 {
    // `random` may be 0 but not 1; the logarithm needs it the other way round.
    let radius = (-2.0 * (1.0 - rng.random::<f64>()).ln()).sqrt();
    radius * (TAU * rng.random::<f64>()).cos()
}
