//! Why training stops with an error.

use std::fmt;
use std::path::PathBuf;

use crate::data::CountMismatch;
use crate::optim::HyperParameterError;

/// Why training could not start or go on. Each one prints as a sentence.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum TrainError {
    /// There are no rows to train on.
    NoData,
    /// The batch size is 0.
    BatchSize,
    /// The smallest improvement that counts is negative, infinite or NaN.
    MinDelta {
        /// The value given.
        value: f64,
    },
    /// A batch is to be divided into no shards.
    Shards,
    /// Inputs and targets are not as many.
    Lengths(CountMismatch),
    /// The schedule gave a factor for the learning rate that is not positive and finite.
    Schedule {
        /// The epoch, counting from 1.
        epoch: usize,
        /// The batch within the epoch, counting from 1.
        batch: usize,
        /// The factor.
        factor: f64,
    },
    /// A checkpoint could not be written, or read, or is not one of this training.
    #[cfg(feature = "safetensors")]
    Checkpoint(crate::weights::WeightsError),
    /// A file could not be written.
    Write {
        /// The file.
        path: PathBuf,
        /// What the system says.
        message: String,
    },
    /// A hyper-parameter of the optimiser, of the weight decay or of the clipping is out of its range.
    HyperParameter(HyperParameterError),
    /// A number turned infinite or NaN.
    NonFinite {
        /// The epoch, counting from 1.
        epoch: usize,
        /// The batch within the epoch, counting from 1.
        batch: usize,
        /// Which number.
        problem: NonFinite,
    },
}

/// Which number turned infinite or NaN. Parameters are given by the path of their leaf, with the
/// index where it holds more than one number.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum NonFinite {
    /// The loss of a batch.
    Loss {
        /// Its value.
        value: f64,
        /// The first row to blame; none when only the sum over the batch overflows.
        row: Option<usize>,
        /// The first parameter whose gradient, or else whose value, is not finite, if there is one.
        parameter: Option<String>,
    },
    /// The gradient, where the loss is still finite.
    Gradient {
        /// The first parameter it is not finite by.
        parameter: String,
    },
    /// A parameter, after a step along a finite gradient.
    Parameter {
        /// The first such parameter.
        parameter: String,
    },
}

impl fmt::Display for TrainError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoData => write!(f, "there are no rows to train on"),
            Self::BatchSize => write!(f, "the batch size must be at least 1"),
            Self::MinDelta { value } => write!(
                f,
                "the smallest improvement that counts (min_delta) must be at least 0 and finite, \
                 not {value}"
            ),
            #[cfg(feature = "safetensors")]
            Self::Checkpoint(error) => error.fmt(f),
            Self::Shards => write!(f, "a batch must be divided into at least 1 shard"),
            Self::Lengths(error) => error.fmt(f),
            Self::Schedule {
                epoch,
                batch,
                factor,
            } => write!(
                f,
                "in epoch {epoch}, batch {batch}, the schedule gave the factor {factor} for the \
                 learning rate; it must be positive and finite"
            ),
            Self::Write { path, message } => {
                write!(f, "cannot write {}: {message}", path.display())
            }
            Self::HyperParameter(error) => error.fmt(f),
            Self::NonFinite {
                epoch,
                batch,
                problem,
            } => write!(
                f,
                "in epoch {epoch}, batch {batch}, {problem}; \
                 the model keeps its last good values (a smaller learning rate may help)"
            ),
        }
    }
}

impl fmt::Display for NonFinite {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Loss {
                value,
                row,
                parameter,
            } => {
                write!(f, "the loss became {value}")?;
                if let Some(row) = row {
                    write!(f, " at row {row}")?;
                }
                match parameter {
                    Some(parameter) => {
                        write!(
                            f,
                            ", with the parameter `{parameter}` or its gradient not finite"
                        )
                    }
                    None => Ok(()),
                }
            }
            Self::Gradient { parameter } => {
                write!(
                    f,
                    "the gradient by the parameter `{parameter}` is not finite"
                )
            }
            Self::Parameter { parameter } => {
                write!(
                    f,
                    "the parameter `{parameter}` is not finite after the step"
                )
            }
        }
    }
}

impl std::error::Error for TrainError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::HyperParameter(error) => Some(error),
            Self::Lengths(error) => Some(error),
            #[cfg(feature = "safetensors")]
            Self::Checkpoint(error) => Some(error),
            _ => None,
        }
    }
}
