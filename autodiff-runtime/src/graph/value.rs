//! The values that the interpreter computes with.

/// What a node holds while a graph is evaluated: a number, or a list of values for arrays, tuples,
/// slices and structs.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// A number.
    Scalar(f64),
    /// The parts of a compound value, in order.
    List(Vec<Value>),
}

impl Value {
    /// The number, if it is one.
    #[must_use]
    pub const fn scalar(&self) -> Option<f64> {
        match self {
            Self::Scalar(x) => Some(*x),
            Self::List(_) => None,
        }
    }

    /// All numbers in it, in order.
    ///
    /// ```
    /// use autodiff_runtime::graph::Value;
    ///
    /// let rows = Value::List(vec![Value::List(vec![1.0.into(), 2.0.into()]), 3.0.into()]);
    /// assert_eq!(rows.floats(), [1.0, 2.0, 3.0]);
    /// ```
    #[must_use]
    pub fn floats(&self) -> Vec<f64> {
        match self {
            Self::Scalar(x) => vec![*x],
            Self::List(parts) => parts.iter().flat_map(Self::floats).collect(),
        }
    }

    /// Moves the value out and leaves an empty list.
    pub(super) fn take(&mut self) -> Self {
        core::mem::replace(self, Self::List(Vec::new()))
    }

    /// A value of the same layout that holds zeros.
    pub(super) fn zero_like(&self) -> Self {
        match self {
            Self::Scalar(_) => Self::Scalar(0.0),
            Self::List(parts) => Self::List(parts.iter().map(Self::zero_like).collect()),
        }
    }

    /// A value of the same layout that holds the next numbers of an iterator; `None` when it ends
    /// too early.
    pub(super) fn filled_like(&self, numbers: &mut impl Iterator<Item = f64>) -> Option<Self> {
        match self {
            Self::Scalar(_) => numbers.next().map(Self::Scalar),
            Self::List(parts) => parts
                .iter()
                .map(|part| part.filled_like(numbers))
                .collect::<Option<_>>()
                .map(Self::List),
        }
    }

    /// Adds a value of the same layout.
    ///
    /// # Panics
    ///
    /// If the layouts differ.
    pub(super) fn add(&mut self, other: &Self) {
        match (self, other) {
            (Self::Scalar(x), Self::Scalar(y)) => *x += y,
            (Self::List(xs), Self::List(ys)) if xs.len() == ys.len() => {
                for (x, y) in xs.iter_mut().zip(ys) {
                    x.add(y);
                }
            }
            _ => unreachable!("an adjoint has the layout of its value"),
        }
    }
}

impl From<f64> for Value {
    fn from(x: f64) -> Self {
        Self::Scalar(x)
    }
}
