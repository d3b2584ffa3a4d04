//! How the numbers of a parameter are laid out.

use super::Value;

/// What is known at compile time about how many floats a parameter holds.
///
/// [`Graph::evaluate`](super::Graph::evaluate) takes the floats of all parameters in one flat list;
/// the shapes say how to divide it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// One float.
    Scalar,
    /// A (nested) array of floats; the lengths are given from the outside in, so that
    /// `[[f64; 3]; 2]` is `Array(&[2, 3])`.
    Array(&'static [usize]),
    /// A tuple, part by part.
    Tuple(&'static [Shape]),
    /// A flat list of floats whose length is known at run time only: `&[f64]`, `Vec<f64>`.
    /// At most one parameter of an evaluated graph may be of this shape: it takes what the others
    /// leave over.
    Slice,
    /// An integer or a `bool`: one number without a derivative.
    Integer,
    /// Anything else (structs, generics): can be drawn but not evaluated.
    Opaque,
}

impl Shape {
    /// How many numbers a value of the shape holds, if that is known.
    pub(super) fn count(self) -> Option<usize> {
        match self {
            Self::Scalar | Self::Integer => Some(1),
            Self::Array(lengths) => Some(lengths.iter().product()),
            Self::Tuple(parts) => parts.iter().map(|part| part.count()).sum(),
            Self::Slice | Self::Opaque => None,
        }
    }

    /// A value of the shape, full of zeros; `rest` is the length of a slice.
    pub(super) fn zeros(self, rest: usize) -> Value {
        let zero = Value::Scalar(0.0);
        match self {
            Self::Scalar | Self::Integer | Self::Opaque => zero,
            Self::Array(lengths) => lengths
                .iter()
                .rev()
                .fold(zero, |inner, &n| Value::List(vec![inner; n])),
            Self::Tuple(parts) => Value::List(parts.iter().map(|part| part.zeros(rest)).collect()),
            Self::Slice => Value::List(vec![zero; rest]),
        }
    }

    /// Whether an argument is what a parameter of the shape can take.
    pub(super) fn fits(self, argument: &Value) -> bool {
        let rest = match argument {
            Value::Scalar(_) => 0,
            Value::List(parts) => parts.len(),
        };
        self == Self::Opaque || self.zeros(rest) == argument.zero_like()
    }
}
