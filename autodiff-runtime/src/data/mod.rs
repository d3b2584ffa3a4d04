//! Data sets: real ones, generated ones and one's own from CSV; splitting and standardising them.
//!
//! A [`Dataset`] pairs inputs with targets. [`iris()`] and [`digits()`] are classic real ones, beside the
//! network [`karate_club`] and the text [`names()`]; [`Planar`] makes two-dimensional toy problems from a
//! seed; [`read_csv`] and [`read_idx`] read files of one's own. [`Examples`] are tables from which a
//! training gathers batches.
//!
//! The embedded data and their licences: the digits (Alpaydin & Kaynak, UCI, as scikit-learn has them) and the
//! irises (Fisher, UCI) are CC BY 4.0, so a program that embeds them is to name the source; the club is
//! a table of facts (Zachary, 1977), and the names were put together for this crate. Each function's page has the citation.
//!
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
mod digits;
mod error;
mod examples;
#[cfg(feature = "gzip")]
mod gzip;
mod idx;
mod iris;
mod names;
mod network;
mod planar;
mod split;
mod standardise;

pub use self::csv::{Column, CsvFormat, parse_csv, parse_csv_values, read_csv, read_csv_values};
pub use dataset::{Dataset, Entry};
pub use digits::digits;
pub use error::{CsvProblem, DataError};
pub use examples::{CountMismatch, Examples, Part, Seeds};
pub(crate) use examples::{mixed, same_count};
pub use idx::{Idx, IdxProblem, IdxValues, parse_idx, read_idx, read_idx_pair};
pub use iris::iris;
pub use names::names;
pub use network::{Network, karate_club};
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
