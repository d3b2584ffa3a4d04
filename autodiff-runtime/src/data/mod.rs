//! Data sets: real ones, generated ones and one's own from CSV; splitting and standardising them.
//!
//! A [`Dataset`] pairs inputs with targets. [`iris()`] is the classic real one, [`Planar`] makes
//! two-dimensional toy problems from a seed, and [`read_csv`] reads a file of one's own.
//! Everything random is drawn from a seed by a generator that gives the same numbers on every
//! platform.
//!
//! ```
//! use autodiff_runtime::data::{self, Standardiser};
//!
//! let (train, test) = data::iris().split_stratified(0.2, 7)?;
//! assert_eq!((train.len(), test.len()), (120, 30));
//!
//! // The scale comes from the training part alone; the test part must not leak into it.
//! let scale = Standardiser::fit(&train)?;
//! let (train, test) = (scale.apply(&train)?, scale.apply(&test)?);
//! # let _ = (train, test);
//! # Ok::<(), data::DataError>(())
//! ```

mod csv;
mod dataset;
mod error;
mod examples;
mod iris;
mod planar;
mod split;
mod standardise;

pub use self::csv::{Column, CsvFormat, parse_csv, parse_csv_values, read_csv, read_csv_values};
pub use dataset::{Dataset, Entry};
pub use error::{CsvProblem, DataError};
pub use examples::{CountMismatch, Examples, Part, Seeds};
pub(crate) use examples::{mixed, same_count};
pub use iris::iris;
pub use planar::{Planar, UnknownPlanar};
pub use standardise::Standardiser;

use rand::SeedableRng;
use rand::rngs::Xoshiro256PlusPlus;
use rand::seq::SliceRandom;

/// The generator behind every seed here: small, fast, and the same on every platform.
pub(crate) fn generator(seed: u64) -> Xoshiro256PlusPlus {
    Xoshiro256PlusPlus::seed_from_u64(seed)
}

/// The numbers `0..length` in an order drawn from `seed`.
fn permutation(length: usize, seed: u64) -> Vec<usize> {
    let mut order: Vec<usize> = (0..length).collect();
    order.shuffle(&mut generator(seed));
    order
}
