//! Weights in files: the tensors of a model by name, in the format `safetensors`.
//!
//! The format is 8 bytes with the length of a header (little-endian), the header (JSON: name, type,
//! shape and place of each tensor), and the numbers. Python reads it by `safetensors.numpy.load_file`.
//! Every field of a model is a tensor under its path, `layers.0.weight`; arrays of any number of axes
//! are one tensor with their shape, a single number has the shape `[]`. See
//! [`tensors`].
//!
//! ```
//! use autodiff_runtime::nn::{Init, Mlp};
//! use autodiff_runtime::prelude::*;
//! use autodiff_runtime::weights;
//!
//! let model = Mlp::new(&[4, 8, 3], Activation::Tanh, Activation::Linear, Init::Xavier, 7)?;
//! let path = std::env::temp_dir().join("example.safetensors");
//! weights::save(&model, &path)?;
//!
//! let mut other = Mlp::new(&[4, 8, 3], Activation::Tanh, Activation::Linear, Init::Zeros, 0)?;
//! weights::load(&mut other, &path)?;
//! assert_eq!(other, model);
//!
//! let mut wider = Mlp::new(&[4, 9, 3], Activation::Tanh, Activation::Linear, Init::Zeros, 0)?;
//! let error = weights::load(&mut wider, &path).unwrap_err();
//! assert!(error.to_string().ends_with(
//!     "the tensor layers.0.weight (36, f64) was expected, and layers.0.weight (32, f64) is in the file"
//! ));
//! # std::fs::remove_file(&path)?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! A file is written beside its place and moved there when it is complete, so that there is never half a
//! file under its name: whoever is interrupted leaves the file as it was. Files written here bear a
//! checksum, which is compared when they are read.
//!
//! The feature `safetensors`, which this module needs, brings the crate `serde_json`. It compares its values with `f64`,
//! and rustc then asks for the type in `x == y.into()` anywhere in the program: write `x == f64::from(y)`.

mod archive;
mod error;
mod file;

pub use error::WeightsError;

pub(crate) use archive::{Archive, Kind, Writer};
pub(crate) use error::Problem;
pub(crate) use file::{read, write_atomically};

use std::path::Path;

use crate::differentiable::{Flat, Leaves, tensors};

/// Writes the weights of `model` to a file, in place of what is there.
///
/// # Errors
/// When the file cannot be written; what was there then stays. When two tensors of the model have one
/// name.
///
/// # Panics
/// As [`tensors`].
pub fn save<M: Leaves + ?Sized>(model: &M, path: impl AsRef<Path>) -> Result<(), WeightsError> {
    let path = path.as_ref();
    let bytes = to_bytes(model).map_err(|problem| problem.in_file(path))?;
    write_atomically(path, &bytes)
}

/// Reads the weights of `model` from a file: one written by [`save`], a checkpoint of a training, or one
/// that was made elsewhere. On failure the model is unchanged.
///
/// # Errors
/// When the file cannot be read, is not of the format, is cut off or damaged, or has not exactly the
/// model's tensors (name, shape, precision). The error names the file, what was expected and what was
/// found.
///
/// # Panics
/// As [`tensors`] and [`Leaves::visit_mut`].
pub fn load<M: Leaves + ?Sized>(model: &mut M, path: impl AsRef<Path>) -> Result<(), WeightsError> {
    let path = path.as_ref();
    let bytes = read(path)?;
    from_bytes(model, &bytes).map_err(|problem| problem.in_file(path))
}

/// The weights of `model` as the bytes of a file: always the same for the same weights.
///
/// # Errors
/// When two tensors of the model have one name.
///
/// # Panics
/// As [`tensors`].
pub fn to_bytes<M: Leaves + ?Sized>(model: &M) -> Result<Vec<u8>, WeightsError> {
    let mut writer = Writer::default();
    writer.add_values("", &tensors(model), &Flat::of(model));
    writer.finish(Kind::Weights)
}

/// Reads the weights of `model` from the bytes of a file, as [`load`] does.
///
/// # Errors
/// As [`load`], with `data` in the place of the file's name.
///
/// # Panics
/// As [`load`].
pub fn from_bytes<M: Leaves + ?Sized>(model: &mut M, bytes: &[u8]) -> Result<(), WeightsError> {
    let mut archive = Archive::parse(bytes)?;
    let prefix = match archive.kind() {
        Some(Kind::Checkpoint) => "model.",
        Some(Kind::Weights) | None => "",
    };
    let mut flat = Flat::of(model);
    archive.read_values(prefix, &tensors(model), &mut flat)?;
    if archive.kind() != Some(Kind::Checkpoint) {
        archive.expect_nothing_more()?;
    }
    flat.write_to(model);
    Ok(())
}

#[cfg(test)]
mod tests;
