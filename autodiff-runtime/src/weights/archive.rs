//! The named tensors of a file.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt::Write as _;

use safetensors::tensor::TensorView;
use safetensors::{Dtype, SafeTensorError, SafeTensors, View};

use super::WeightsError;
use super::error::Problem;
use crate::differentiable::{Flat, Precision, Tensor};

/// What a file is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Weights,
    Checkpoint,
}

impl Kind {
    /// The word in the file.
    fn word(self) -> &'static str {
        match self {
            Self::Weights => "weights",
            Self::Checkpoint => "checkpoint",
        }
    }
}

/// Where in the header's metadata the kind and the checksum are: `weights 1 0123456789abcdef`, the
/// number being the version of what tensors there are.
const KEY: &str = "autodiff";
const VERSION: &str = "1";

/// Gathers tensors for a file.
#[derive(Default)]
pub(crate) struct Writer {
    tensors: BTreeMap<String, Stored>,
    twice: Option<String>,
}

struct Stored {
    dtype: Dtype,
    shape: Vec<usize>,
    bytes: Vec<u8>,
}

impl View for &Stored {
    fn dtype(&self) -> Dtype {
        self.dtype
    }

    fn shape(&self) -> &[usize] {
        &self.shape
    }

    fn data(&self) -> Cow<'_, [u8]> {
        Cow::Borrowed(&self.bytes)
    }

    fn data_len(&self) -> usize {
        self.bytes.len()
    }
}

impl Writer {
    fn add(&mut self, name: String, dtype: Dtype, shape: &[usize], bytes: Vec<u8>) {
        let shape = shape.to_vec();
        let before = self.tensors.insert(
            name.clone(),
            Stored {
                dtype,
                shape,
                bytes,
            },
        );
        if before.is_some() && self.twice.is_none() {
            self.twice = Some(name);
        }
    }

    /// The tensors of a value, whose numbers are those of `flat`.
    pub(crate) fn add_values(&mut self, prefix: &str, tensors: &[Tensor], flat: &Flat) {
        let (mut single, mut double) = (flat.single(), flat.double());
        for tensor in tensors {
            let bytes: Vec<u8> = match tensor.precision {
                Precision::F32 => {
                    let (own, rest) = single.split_at(tensor.len());
                    single = rest;
                    to_bytes(own, |number| number.to_le_bytes())
                }
                Precision::F64 => {
                    let (own, rest) = double.split_at(tensor.len());
                    double = rest;
                    to_bytes(own, |number| number.to_le_bytes())
                }
            };
            self.add(
                full_name(prefix, tensor),
                dtype(tensor.precision),
                &tensor.shape,
                bytes,
            );
        }
    }

    /// One count.
    pub(crate) fn add_count(&mut self, name: &str, count: u64) {
        self.add(
            name.to_owned(),
            Dtype::U64,
            &[],
            count.to_le_bytes().to_vec(),
        );
    }

    /// One number.
    pub(crate) fn add_number(&mut self, name: &str, number: f64) {
        self.add(
            name.to_owned(),
            Dtype::F64,
            &[],
            number.to_le_bytes().to_vec(),
        );
    }

    /// A vector of numbers.
    pub(crate) fn add_numbers(&mut self, name: &str, numbers: &[f64]) {
        let bytes = to_bytes(numbers, |number| number.to_le_bytes());
        self.add(name.to_owned(), Dtype::F64, &[numbers.len()], bytes);
    }

    /// Bytes, text for example.
    pub(crate) fn add_bytes(&mut self, name: &str, bytes: &[u8]) {
        self.add(name.to_owned(), Dtype::U8, &[bytes.len()], bytes.to_vec());
    }

    /// The file.
    pub(crate) fn finish(self, kind: Kind) -> Result<Vec<u8>, WeightsError> {
        if let Some(name) = self.twice {
            return Err(Problem::NameTwice(name).into());
        }
        let mut sum = Checksum::new();
        for (name, stored) in &self.tensors {
            sum.tensor(name, stored.dtype, &stored.shape, &stored.bytes);
        }
        let note = format!("{} {VERSION} {:016x}", kind.word(), sum.0);
        let metadata = [(KEY.to_owned(), note)].into_iter().collect();
        safetensors::serialize(&self.tensors, Some(metadata))
            .map_err(|error| Problem::Write(error.to_string()).into())
    }
}

/// The tensors of a file that is read.
pub(crate) struct Archive<'b> {
    kind: Option<Kind>,
    /// Those that nobody has asked for yet.
    tensors: BTreeMap<String, TensorView<'b>>,
}

impl<'b> Archive<'b> {
    /// # Errors
    /// When the bytes are not of the format, too few or too many, or damaged.
    pub(crate) fn parse(bytes: &'b [u8]) -> Result<Self, WeightsError> {
        let parsed = SafeTensors::read_metadata(bytes)
            .and_then(|(_, metadata)| Ok((metadata, SafeTensors::deserialize(bytes)?)));
        let (metadata, tensors) = parsed.map_err(|error| header_problem(bytes, &error))?;
        let tensors: BTreeMap<_, _> = tensors.tensors().into_iter().collect();
        let note = metadata
            .metadata()
            .as_ref()
            .and_then(|notes| notes.get(KEY));
        let kind = match note {
            None => None,
            Some(note) => Some(checked(note, &tensors)?),
        };
        Ok(Self { kind, tensors })
    }

    /// What the file is for; `None` if it was made elsewhere.
    pub(crate) fn kind(&self) -> Option<Kind> {
        self.kind
    }

    /// # Errors
    /// When the file is for something else.
    pub(crate) fn expect_checkpoint(&self) -> Result<(), WeightsError> {
        let found = match self.kind {
            Some(Kind::Checkpoint) => return Ok(()),
            Some(Kind::Weights) => "a file of weights alone",
            None => "a file that was made elsewhere",
        };
        let expected = "a checkpoint of a training";
        Err(Problem::Kind { expected, found }.into())
    }

    /// Takes out a tensor.
    fn take(
        &mut self,
        name: &str,
        dtype: Dtype,
        shape: &[usize],
    ) -> Result<&'b [u8], WeightsError> {
        let expected = || described(name, dtype, shape);
        let Some(view) = self.tensors.remove(name) else {
            return Err(Problem::Missing(expected()).into());
        };
        if view.dtype() != dtype || view.shape() != shape {
            let found = described(name, view.dtype(), view.shape());
            let expected = expected();
            return Err(Problem::Tensor { expected, found }.into());
        }
        Ok(view.data())
    }

    /// The numbers of the tensors of a value.
    pub(crate) fn read_values(
        &mut self,
        prefix: &str,
        tensors: &[Tensor],
        flat: &mut Flat,
    ) -> Result<(), WeightsError> {
        let (mut singles, mut doubles) = (0, 0);
        for tensor in tensors {
            let name = full_name(prefix, tensor);
            let bytes = self.take(&name, dtype(tensor.precision), &tensor.shape)?;
            match tensor.precision {
                Precision::F32 => {
                    let own = &mut flat.single_mut()[singles..][..tensor.len()];
                    for (own, bytes) in own.iter_mut().zip(bytes.as_chunks().0) {
                        *own = f32::from_le_bytes(*bytes);
                    }
                    singles += tensor.len();
                }
                Precision::F64 => {
                    let own = &mut flat.double_mut()[doubles..][..tensor.len()];
                    for (own, bytes) in own.iter_mut().zip(bytes.as_chunks().0) {
                        *own = f64::from_le_bytes(*bytes);
                    }
                    doubles += tensor.len();
                }
            }
        }
        Ok(())
    }

    pub(crate) fn read_count(&mut self, name: &str) -> Result<u64, WeightsError> {
        let bytes = self.take(name, Dtype::U64, &[])?;
        Ok(u64::from_le_bytes(
            bytes.try_into().expect("8 bytes, as the shape says"),
        ))
    }

    /// A count that is an index or a length here.
    pub(crate) fn read_size(&mut self, name: &str) -> Result<usize, WeightsError> {
        let count = self.read_count(name)?;
        usize::try_from(count).map_err(|_| {
            Problem::Number {
                name: name.to_owned(),
                found: count.to_string(),
            }
            .into()
        })
    }

    pub(crate) fn read_number(&mut self, name: &str) -> Result<f64, WeightsError> {
        let bytes = self.take(name, Dtype::F64, &[])?;
        Ok(f64::from_le_bytes(
            bytes.try_into().expect("8 bytes, as the shape says"),
        ))
    }

    pub(crate) fn read_numbers(
        &mut self,
        name: &str,
        length: usize,
    ) -> Result<Vec<f64>, WeightsError> {
        let bytes = self.take(name, Dtype::F64, &[length])?;
        Ok(bytes
            .as_chunks()
            .0
            .iter()
            .map(|bytes| f64::from_le_bytes(*bytes))
            .collect())
    }

    /// Bytes of any number.
    pub(crate) fn read_bytes(&mut self, name: &str) -> Result<&'b [u8], WeightsError> {
        let length = self.tensors.get(name).map_or(0, |view| view.data().len());
        self.take(name, Dtype::U8, &[length])
    }

    /// # Errors
    /// When there are tensors that nobody has asked for; names the first.
    pub(crate) fn expect_nothing_more(&self) -> Result<(), WeightsError> {
        match self.tensors.first_key_value() {
            None => Ok(()),
            Some((name, view)) => {
                Err(Problem::Unexpected(described(name, view.dtype(), view.shape())).into())
            }
        }
    }
}

fn to_bytes<T: Copy, const N: usize>(numbers: &[T], bytes: impl Fn(T) -> [u8; N]) -> Vec<u8> {
    let mut all = vec![0; N * numbers.len()];
    for (place, &number) in all.as_chunks_mut().0.iter_mut().zip(numbers) {
        *place = bytes(number);
    }
    all
}

fn dtype(precision: Precision) -> Dtype {
    match precision {
        Precision::F32 => Dtype::F32,
        Precision::F64 => Dtype::F64,
    }
}

/// A value that is one tensor has no path; in a file it is `self`.
fn full_name(prefix: &str, tensor: &Tensor) -> String {
    match tensor.name.as_str() {
        "" => format!("{prefix}self"),
        name => format!("{prefix}{name}"),
    }
}

/// As [`Tensor`] prints itself, for types that models do not have.
fn described(name: &str, dtype: Dtype, shape: &[usize]) -> String {
    let mut text = format!("{name} (");
    match shape {
        [] => text.push_str("one number"),
        [first, rest @ ..] => {
            write!(text, "{first}").expect("text can be written to");
            for length in rest {
                write!(text, " × {length}").expect("text can be written to");
            }
        }
    }
    write!(text, ", {})", dtype.to_string().to_lowercase()).expect("text can be written to");
    text
}

/// Says what is wrong with bytes that cannot be parsed: too few or too many, where their number is known.
fn header_problem(bytes: &[u8], error: &SafeTensorError) -> Problem {
    let found = bytes.len() as u64;
    let Some(length) = bytes.first_chunk() else {
        return Problem::Length { expected: 8, found };
    };
    let header = u64::from_le_bytes(*length);
    let whole_header = header.saturating_add(8);
    match error {
        SafeTensorError::InvalidHeaderLength => Problem::Length {
            expected: whole_header,
            found,
        },
        SafeTensorError::MetadataIncompleteBuffer => Problem::Length {
            expected: whole_header + tensor_bytes(&bytes[8..whole_header as usize]),
            found,
        },
        other => Problem::Header(other.to_string()),
    }
}

/// The number of bytes of all tensors by a header that is known to be well formed: the largest end of a
/// `"data_offsets":[start,end]`.
fn tensor_bytes(header: &[u8]) -> u64 {
    let text = String::from_utf8_lossy(header);
    let ends = text.split("\"data_offsets\"").skip(1).filter_map(|rest| {
        let (_, end) = rest.split_once(',')?;
        end.split_once(']')?.0.trim().parse().ok()
    });
    ends.max().unwrap_or(0)
}

/// The kind of a file, if its checksum is right.
fn checked(note: &str, tensors: &BTreeMap<String, TensorView<'_>>) -> Result<Kind, WeightsError> {
    let unknown = || Problem::Header(format!("`{note}` is no note that this version writes"));
    let words: Vec<&str> = note.split(' ').collect();
    let [kind, VERSION, sum] = words[..] else {
        return Err(unknown().into());
    };
    let kind = [Kind::Weights, Kind::Checkpoint]
        .into_iter()
        .find(|known| known.word() == kind);
    let (Some(kind), Ok(expected)) = (kind, u64::from_str_radix(sum, 16)) else {
        return Err(unknown().into());
    };
    if sum != format!("{expected:016x}") {
        return Err(unknown().into());
    }
    let mut found = Checksum::new();
    for (name, view) in tensors {
        found.tensor(name, view.dtype(), view.shape(), view.data());
    }
    match found.0 == expected {
        true => Ok(kind),
        false => Err(Problem::Checksum {
            expected,
            found: found.0,
        }
        .into()),
    }
}

/// A checksum by the scheme of FNV-1a (Fowler, Noll and Vo), on words of 8 bytes. Every step is
/// one to one in the word and in the sum before, so that a single changed word is never missed.
struct Checksum(u64);

impl Checksum {
    fn new() -> Self {
        Self(0xcbf2_9ce4_8422_2325)
    }

    fn tensor(&mut self, name: &str, dtype: Dtype, shape: &[usize], bytes: &[u8]) {
        self.bytes(described(name, dtype, shape).as_bytes());
        self.bytes(bytes);
    }

    fn bytes(&mut self, bytes: &[u8]) {
        self.word(bytes.len() as u64);
        let (words, rest) = bytes.as_chunks();
        for word in words {
            self.word(u64::from_le_bytes(*word));
        }
        let mut last = [0; 8];
        last[..rest.len()].copy_from_slice(rest);
        self.word(u64::from_le_bytes(last));
    }

    fn word(&mut self, word: u64) {
        self.0 = (self.0 ^ word).wrapping_mul(0x0000_0100_0000_01b3);
    }
}
