//! Why weights could not be read or written.

use std::fmt;
use std::path::{Path, PathBuf};

/// Why a file of weights could not be read or written. Each one prints as a sentence that begins with
/// the file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WeightsError {
    /// The file; none for bytes in memory.
    path: Option<PathBuf>,
    problem: Problem,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Problem {
    /// The system says so.
    Read(String),
    Write(String),
    /// The file is shorter or longer than it says.
    Length {
        expected: u64,
        found: u64,
    },
    /// The header is not one.
    Header(String),
    /// The checksum is another.
    Checksum {
        expected: u64,
        found: u64,
    },
    /// A tensor is missing.
    Missing(String),
    /// A tensor is another one.
    Tensor {
        expected: String,
        found: String,
    },
    /// A tensor is too many.
    Unexpected(String),
    /// Two tensors of a value have one name.
    NameTwice(String),
    /// A file for another purpose.
    Kind {
        expected: &'static str,
        found: &'static str,
    },
    /// A number is none that a training can have.
    Number {
        name: String,
        found: String,
    },
    /// A checkpoint of another training.
    Setting {
        name: &'static str,
        expected: String,
        found: String,
    },
}

impl From<Problem> for WeightsError {
    fn from(problem: Problem) -> Self {
        Self {
            path: None,
            problem,
        }
    }
}

impl WeightsError {
    pub(crate) fn in_file(self, path: &Path) -> Self {
        Self {
            path: Some(path.to_owned()),
            ..self
        }
    }
}

impl fmt::Display for WeightsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.path {
            Some(path) => write!(f, "{}: ", path.display())?,
            None => write!(f, "data: ")?,
        }
        match &self.problem {
            Problem::Read(message) => write!(f, "cannot be read: {message}"),
            Problem::Write(message) => write!(f, "cannot be written: {message}"),
            Problem::Length { expected, found } => write!(
                f,
                "the file is {}: {expected} bytes were expected, and there are {found}",
                if found < expected {
                    "cut off"
                } else {
                    "too long"
                }
            ),
            Problem::Header(message) => {
                write!(
                    f,
                    "this is no file of the format safetensors, or it is damaged: {message}"
                )
            }
            Problem::Checksum { expected, found } => write!(
                f,
                "the file is damaged: the checksum {expected:016x} was expected, and that of its \
                 tensors is {found:016x}"
            ),
            Problem::Missing(expected) => {
                write!(
                    f,
                    "the tensor {expected} was expected, and is not in the file"
                )
            }
            Problem::Tensor { expected, found } => {
                write!(
                    f,
                    "the tensor {expected} was expected, and {found} is in the file"
                )
            }
            Problem::Unexpected(found) => {
                write!(
                    f,
                    "the file has a tensor {found}, for which there is no place"
                )
            }
            Problem::NameTwice(name) => write!(f, "two tensors have the name {name}"),
            Problem::Kind { expected, found } => {
                write!(f, "{expected} was expected, and this is {found}")
            }
            Problem::Number { name, found } => {
                write!(
                    f,
                    "the tensor {name} holds {found}, which no training can have"
                )
            }
            Problem::Setting {
                name,
                expected,
                found,
            } => write!(
                f,
                "this is a checkpoint of another training: the {name} is {expected} here, and \
                 {found} in the file"
            ),
        }
    }
}

impl std::error::Error for WeightsError {}
