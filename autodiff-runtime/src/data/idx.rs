//! Files in the format IDX, in which MNIST and its like are distributed.

use std::fmt;
use std::path::Path;

use super::{DataError, Dataset};

/// An array from an IDX file.
#[derive(Clone, Debug, PartialEq)]
pub struct Idx {
    /// Its shape.
    pub shape: Vec<usize>,
    /// Its numbers, the last index running fastest.
    pub values: IdxValues,
}

/// The numbers of an IDX file.
#[derive(Clone, Debug, PartialEq)]
pub enum IdxValues {
    /// Unsigned bytes (type 0x08), as in MNIST.
    U8(Vec<u8>),
    /// Signed bytes (0x09).
    I8(Vec<i8>),
    /// 16-bit integers (0x0B).
    I16(Vec<i16>),
    /// 32-bit integers (0x0C).
    I32(Vec<i32>),
    /// Single precision (0x0D).
    F32(Vec<f32>),
    /// Double precision (0x0E).
    F64(Vec<f64>),
}

/// What is wrong in an IDX file.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum IdxProblem {
    /// It does not begin with two zero bytes.
    NotIdx {
        /// What it begins with.
        found: [u8; 2],
    },
    /// There is no such type of numbers.
    UnknownType {
        /// The code of the type.
        code: u8,
    },
    /// The file ends too early.
    Short {
        /// How many bytes there have to be from this place on.
        expected: u64,
        /// How many there are.
        found: u64,
    },
    /// There are bytes after the last number.
    Long {
        /// How many.
        extra: u64,
    },
    /// The shape has more numbers than can be counted.
    Shape {
        /// The shape.
        shape: Vec<usize>,
    },
    /// The array has the wrong number of axes for its purpose.
    Axes {
        /// How many it should have, or more.
        expected: usize,
        /// How many it has.
        found: usize,
    },
    /// A label is no class: negative, or not an integer.
    NotAClass {
        /// The number.
        value: String,
    },
    /// The file is compressed, and the feature `gzip` is off.
    Compressed,
    /// The file is compressed, and damaged.
    Gzip {
        /// What is wrong.
        message: String,
    },
}

impl fmt::Display for IdxProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotIdx { found: [a, b] } => write!(
                f,
                "an IDX file begins with the bytes 00 00, this one with {a:02x} {b:02x}"
            ),
            Self::UnknownType { code } => write!(
                f,
                "the type 0x{code:02x} is none of 0x08 (u8), 0x09 (i8), 0x0b (i16), 0x0c (i32), \
                 0x0d (f32) and 0x0e (f64)"
            ),
            Self::Short { expected, found } => write!(
                f,
                "the file ends too early: {expected} bytes were expected from here on, and there \
                 are {found}"
            ),
            Self::Long { extra } => write!(f, "{extra} bytes follow after the last number"),
            Self::Shape { shape } => write!(f, "the shape {shape:?} is too large"),
            Self::Axes { expected, found } => {
                write!(
                    f,
                    "the array has {found} axes, and {expected} were expected"
                )
            }
            Self::NotAClass { value } => write!(f, "the label {value} is no class 0, 1, …"),
            Self::Compressed => write!(
                f,
                "the file is compressed by gzip; the feature `gzip` of the crate reads such files"
            ),
            Self::Gzip { message } => write!(f, "the file is compressed by gzip: {message}"),
        }
    }
}

/// Reads an IDX file, compressed by gzip or not (with the feature `gzip`).
///
/// The format is: two zero bytes, the type, the number of axes, the length of each axis in 4 bytes, the
/// numbers; all with the highest byte first.
///
/// # Errors
/// When the file cannot be read, or is not of the format; the error names the file and the offset.
pub fn read_idx(path: impl AsRef<Path>) -> Result<Idx, DataError> {
    let path = path.as_ref();
    let bytes = std::fs::read(path).map_err(|source| DataError::File {
        path: path.to_owned(),
        source,
    })?;
    parse_idx(path, &bytes)
}

/// As [`read_idx`], from bytes; `path` is the name used in errors.
///
/// ```
/// use autodiff_runtime::data::{IdxValues, parse_idx};
///
/// let bytes = [0, 0, 8, 2, 0, 0, 0, 1, 0, 0, 0, 3, 7, 8, 9];
/// let array = parse_idx("tiny.idx", &bytes)?;
/// assert_eq!(array.shape, [1, 3]);
/// assert_eq!(array.values, IdxValues::U8(vec![7, 8, 9]));
///
/// let error = parse_idx("tiny.idx", &bytes[..14]).unwrap_err();
/// assert_eq!(
///     error.to_string(),
///     "tiny.idx, offset 12: the file ends too early: 3 bytes were expected from here on, and there are 2"
/// );
/// # Ok::<(), autodiff_runtime::data::DataError>(())
/// ```
///
/// # Errors
/// As for [`read_idx`].
pub fn parse_idx(path: impl AsRef<Path>, bytes: &[u8]) -> Result<Idx, DataError> {
    let error = |(offset, problem): (usize, IdxProblem)| DataError::Idx {
        path: path.as_ref().to_owned(),
        offset: offset as u64,
        problem,
    };
    match bytes.starts_with(&[0x1f, 0x8b]) {
        #[cfg(feature = "gzip")]
        true => {
            let unpacked = super::gzip::unpack(bytes)
                .map_err(|(offset, message)| error((offset, IdxProblem::Gzip { message })))?;
            parse(&unpacked).map_err(error)
        }
        #[cfg(not(feature = "gzip"))]
        true => Err(error((0, IdxProblem::Compressed))),
        false => parse(bytes).map_err(error),
    }
}

/// Reads the images and the labels of a data set like MNIST: the first axis of both counts the examples,
/// what the images have beyond it makes the features of an example.
///
/// # Errors
/// As for [`read_idx`]; when a label is no class, or images and labels are not as many.
pub fn read_idx_pair(
    images: impl AsRef<Path>,
    labels: impl AsRef<Path>,
) -> Result<Dataset, DataError> {
    let inputs = read_idx(&images)?;
    let [count, rest @ ..] = inputs.shape.as_slice() else {
        return Err(axes(images.as_ref(), 2, 0));
    };
    let width: usize = rest.iter().product();
    let numbers = inputs.numbers();
    let rows = (0..*count)
        .map(|row| numbers[row * width..][..width].to_vec())
        .collect();
    Dataset::new(rows, read_idx(&labels)?.classes(labels.as_ref())?)
}

fn axes(path: &Path, expected: usize, found: usize) -> DataError {
    DataError::Idx {
        path: path.to_owned(),
        offset: 3,
        problem: IdxProblem::Axes { expected, found },
    }
}

impl Idx {
    /// The numbers in double precision.
    pub fn numbers(&self) -> Vec<f64> {
        fn all<T: Copy + Into<f64>>(values: &[T]) -> Vec<f64> {
            values.iter().map(|&value| value.into()).collect()
        }
        match &self.values {
            IdxValues::U8(values) => all(values),
            IdxValues::I8(values) => all(values),
            IdxValues::I16(values) => all(values),
            IdxValues::I32(values) => all(values),
            IdxValues::F32(values) => all(values),
            IdxValues::F64(values) => values.clone(),
        }
    }

    /// The numbers as an array, in the precision asked for.
    #[cfg(feature = "ndarray")]
    pub fn to_array<T: crate::Real>(&self) -> ndarray::ArrayD<T> {
        let numbers = self.numbers().into_iter().map(T::from_f64).collect();
        ndarray::ArrayD::from_shape_vec(self.shape.clone(), numbers)
            .expect("as many numbers as the shape says were read")
    }

    /// The numbers as classes `0, 1, …`; `path` is the name used in errors.
    ///
    /// # Errors
    /// When the array has not one axis, or a number is negative or not an integer.
    pub fn classes(&self, path: impl AsRef<Path>) -> Result<Vec<usize>, DataError> {
        if self.shape.len() != 1 {
            return Err(axes(path.as_ref(), 1, self.shape.len()));
        }
        let class = |(index, number): (usize, f64)| match number >= 0.0
            && number.fract() == 0.0
            && number <= f64::from(u32::MAX)
        {
            true => Ok(number as usize),
            false => Err(DataError::Idx {
                path: path.as_ref().to_owned(),
                offset: (8 + index * self.values.size()) as u64,
                problem: IdxProblem::NotAClass {
                    value: number.to_string(),
                },
            }),
        };
        self.numbers().into_iter().enumerate().map(class).collect()
    }
}

impl IdxValues {
    /// The bytes of a number.
    fn size(&self) -> usize {
        match self {
            Self::U8(_) | Self::I8(_) => 1,
            Self::I16(_) => 2,
            Self::I32(_) | Self::F32(_) => 4,
            Self::F64(_) => 8,
        }
    }
}

fn parse(bytes: &[u8]) -> Result<Idx, (usize, IdxProblem)> {
    let rest_from = |offset: usize, expected: usize| {
        let found = bytes.len().saturating_sub(offset);
        match found >= expected {
            true => Ok(&bytes[offset..]),
            false => {
                let (expected, found) = (expected as u64, found as u64);
                Err((offset, IdxProblem::Short { expected, found }))
            }
        }
    };
    let &[zero, nought, code, axes] = rest_from(0, 4)?.first_chunk().expect("4 bytes are there");
    if (zero, nought) != (0, 0) {
        let found = [zero, nought];
        return Err((0, IdxProblem::NotIdx { found }));
    }
    let size = match code {
        0x08 | 0x09 => 1,
        0x0b => 2,
        0x0c | 0x0d => 4,
        0x0e => 8,
        _ => return Err((2, IdxProblem::UnknownType { code })),
    };
    let axes = usize::from(axes);
    let lengths = rest_from(4, 4 * axes)?.as_chunks::<4>().0;
    let shape: Vec<usize> = lengths[..axes]
        .iter()
        .map(|length| u32::from_be_bytes(*length) as usize)
        .collect();
    let total = shape
        .iter()
        .try_fold(size, |total: usize, &length| total.checked_mul(length));
    let Some(total) = total else {
        return Err((4, IdxProblem::Shape { shape }));
    };
    let start = 4 + 4 * axes;
    let data = rest_from(start, total)?;
    if data.len() > total {
        let extra = (data.len() - total) as u64;
        return Err((start + total, IdxProblem::Long { extra }));
    }
    let values = match code {
        0x08 => IdxValues::U8(data.to_vec()),
        0x09 => IdxValues::I8(numbers(data, i8::from_be_bytes)),
        0x0b => IdxValues::I16(numbers(data, i16::from_be_bytes)),
        0x0c => IdxValues::I32(numbers(data, i32::from_be_bytes)),
        0x0d => IdxValues::F32(numbers(data, f32::from_be_bytes)),
        _ => IdxValues::F64(numbers(data, f64::from_be_bytes)),
    };
    Ok(Idx { shape, values })
}

fn numbers<T, const N: usize>(data: &[u8], number: impl Fn([u8; N]) -> T) -> Vec<T> {
    data.as_chunks()
        .0
        .iter()
        .map(|bytes| number(*bytes))
        .collect()
}

#[cfg(test)]
mod tests;
