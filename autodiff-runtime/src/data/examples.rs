//! Tables of examples, from which mini-batches are gathered.

use std::fmt;
use std::ops::Range;

/// Examples of one kind, side by side: the inputs of a data set, say. A training gathers batches from
/// it, into buffers that it reuses, and hands them to a loss.
///
/// | the table | a batch, as the loss gets it |
/// | --- | --- |
/// | `Vec<T>`, `[T]` | `&[T]` |
/// | `Array<T, D>` of `ndarray`, examples along the first axis | `&Array<T, D>` |
/// | `Range<usize>` | `&[usize]`: the numbers of the examples themselves |
/// | [`Seeds`] | `u64`: a new seed in every step, for dropout and the like |
/// | `()` | `()`: no targets |
/// | a tuple of two or three of them | the tuple of their batches |
///
/// ```
/// use autodiff_runtime::data::{Examples, Part};
///
/// let table = vec![10.0, 11.0, 12.0, 13.0];
/// let mut batch = table.batch();
/// table.gather(&Part { rows: &[3, 1], step: 0, shard: 0 }, &mut batch);
/// assert_eq!(Vec::<f64>::arg(&batch), [13.0, 11.0]);
/// ```
pub trait Examples: Sync {
    /// A batch in memory of its own.
    type Batch: Send;
    /// What a loss is given.
    type Arg<'a>;

    /// How many examples there are; `None` for what goes with any number of them.
    ///
    /// # Errors
    /// When tables of different length stand side by side.
    fn count(&self) -> Result<Option<usize>, CountMismatch>;

    /// A batch without examples.
    fn batch(&self) -> Self::Batch;

    /// Fills `batch` with the examples of `part`. It allocates nothing where the batch has held as many
    /// before.
    ///
    /// # Panics
    /// When a row is beyond the examples.
    fn gather(&self, part: &Part<'_>, batch: &mut Self::Batch);

    /// The batch as a loss gets it.
    fn arg(batch: &Self::Batch) -> Self::Arg<'_>;
}

/// Two tables that belong together have not the same number of examples. Prints as a sentence.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CountMismatch {
    /// How many examples one has.
    pub first: usize,
    /// How many the other has.
    pub second: usize,
}

impl fmt::Display for CountMismatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { first, second } = self;
        write!(
            f,
            "the tables differ in length: {first} and {second} examples"
        )
    }
}

impl std::error::Error for CountMismatch {}

/// The number of examples of tables that stand side by side.
pub(crate) fn same_count(
    counts: impl IntoIterator<Item = Option<usize>>,
) -> Result<Option<usize>, CountMismatch> {
    let mut counts = counts.into_iter().flatten();
    let Some(first) = counts.next() else {
        return Ok(None);
    };
    match counts.find(|&second| second != first) {
        Some(second) => Err(CountMismatch { first, second }),
        None => Ok(Some(first)),
    }
}

/// The part of a training that a batch is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Part<'a> {
    /// The examples, by their places in the table.
    pub rows: &'a [usize],
    /// The step of the training, counting from 0.
    pub step: u64,
    /// Which of the shards of the step's batch it is.
    pub shard: usize,
}

impl<T: Clone + Send + Sync + 'static> Examples for [T] {
    type Batch = Vec<T>;
    type Arg<'a> = &'a [T];

    fn count(&self) -> Result<Option<usize>, CountMismatch> {
        Ok(Some(self.len()))
    }

    fn batch(&self) -> Vec<T> {
        Vec::new()
    }

    fn gather(&self, part: &Part<'_>, batch: &mut Vec<T>) {
        batch.clear();
        batch.extend(part.rows.iter().map(|&row| self[row].clone()));
    }

    fn arg(batch: &Vec<T>) -> &[T] {
        batch
    }
}

impl<T: Clone + Send + Sync + 'static> Examples for Vec<T> {
    type Batch = Vec<T>;
    type Arg<'a> = &'a [T];

    fn count(&self) -> Result<Option<usize>, CountMismatch> {
        Ok(Some(self.len()))
    }

    fn batch(&self) -> Vec<T> {
        Vec::new()
    }

    fn gather(&self, part: &Part<'_>, batch: &mut Vec<T>) {
        self.as_slice().gather(part, batch);
    }

    fn arg(batch: &Vec<T>) -> &[T] {
        batch
    }
}

impl Examples for Range<usize> {
    type Batch = Vec<usize>;
    type Arg<'a> = &'a [usize];

    fn count(&self) -> Result<Option<usize>, CountMismatch> {
        Ok(Some(self.len()))
    }

    fn batch(&self) -> Vec<usize> {
        Vec::new()
    }

    fn gather(&self, part: &Part<'_>, batch: &mut Vec<usize>) {
        batch.clear();
        batch.extend(part.rows.iter().map(|&row| self.start + row));
    }

    fn arg(batch: &Vec<usize>) -> &[usize] {
        batch
    }
}

impl Examples for () {
    type Batch = ();
    type Arg<'a> = ();

    fn count(&self) -> Result<Option<usize>, CountMismatch> {
        Ok(None)
    }

    fn batch(&self) {}

    fn gather(&self, _: &Part<'_>, (): &mut ()) {}

    fn arg((): &()) {}
}

/// A random seed for every shard of every step, drawn from the one given: the same in every run, on
/// any number of threads, and after a training has been resumed.
///
/// ```
/// use autodiff_runtime::data::{Examples, Part, Seeds};
///
/// let draw = |step, shard| {
///     let mut seed = 0;
///     Seeds(7).gather(&Part { rows: &[], step, shard }, &mut seed);
///     seed
/// };
/// assert_eq!(draw(3, 1), draw(3, 1));
/// assert!(draw(3, 1) != draw(3, 0) && draw(3, 1) != draw(2, 1));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Seeds(pub u64);

impl Examples for Seeds {
    type Batch = u64;
    type Arg<'a> = u64;

    fn count(&self) -> Result<Option<usize>, CountMismatch> {
        Ok(None)
    }

    fn batch(&self) -> u64 {
        0
    }

    fn gather(&self, part: &Part<'_>, batch: &mut u64) {
        *batch = mixed(mixed(self.0, part.step), part.shard as u64);
    }

    fn arg(batch: &u64) -> u64 {
        *batch
    }
}

/// A seed that is drawn from another one: the output function of SplitMix64 at the `index`-th place of
/// the sequence of `seed`. Steele, Lea and Flood, *Fast splittable pseudorandom number generators*
/// (OOPSLA 2014).
pub(crate) fn mixed(seed: u64, index: u64) -> u64 {
    let step = index.wrapping_add(1).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    let mut bits = seed.wrapping_add(step);
    bits = (bits ^ (bits >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    bits = (bits ^ (bits >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    bits ^ (bits >> 31)
}

impl<E: Examples + ?Sized> Examples for &E {
    type Batch = E::Batch;
    type Arg<'a> = E::Arg<'a>;

    fn count(&self) -> Result<Option<usize>, CountMismatch> {
        (**self).count()
    }

    fn batch(&self) -> E::Batch {
        (**self).batch()
    }

    fn gather(&self, part: &Part<'_>, batch: &mut E::Batch) {
        (**self).gather(part, batch);
    }

    fn arg(batch: &E::Batch) -> E::Arg<'_> {
        E::arg(batch)
    }
}

macro_rules! tuple {
    ($($type:ident $index:tt),*) => {
        /// The tables go together row by row.
        impl<$($type: Examples),*> Examples for ($($type,)*) {
            type Batch = ($($type::Batch,)*);
            type Arg<'a> = ($($type::Arg<'a>,)*);

            fn count(&self) -> Result<Option<usize>, CountMismatch> {
                same_count([$(self.$index.count()?),*])
            }

            fn batch(&self) -> Self::Batch {
                ($(self.$index.batch(),)*)
            }

            fn gather(&self, part: &Part<'_>, batch: &mut Self::Batch) {
                $(self.$index.gather(part, &mut batch.$index);)*
            }

            fn arg(batch: &Self::Batch) -> Self::Arg<'_> {
                ($($type::arg(&batch.$index),)*)
            }
        }
    };
}

tuple!(A 0, B 1);
tuple!(A 0, B 1, C 2);

#[cfg(feature = "ndarray")]
mod arrays {
    use ndarray::{Array, ArrayBase, Axis, Data, RemoveAxis};

    use super::{CountMismatch, Examples, Part};

    impl<S, D> Examples for ArrayBase<S, D>
    where
        S: Data + Sync,
        S::Elem: Clone + Send + Sync + 'static,
        D: RemoveAxis + 'static,
    {
        type Batch = Array<S::Elem, D>;
        type Arg<'a> = &'a Array<S::Elem, D>;

        fn count(&self) -> Result<Option<usize>, CountMismatch> {
            Ok(Some(self.len_of(Axis(0))))
        }

        fn batch(&self) -> Self::Batch {
            let mut shape = self.raw_dim();
            shape[0] = 0;
            Array::from_shape_vec(shape, Vec::new()).expect("an array without rows has no element")
        }

        fn gather(&self, part: &Part<'_>, batch: &mut Self::Batch) {
            let (mut numbers, _) = std::mem::replace(batch, self.batch()).into_raw_vec_and_offset();
            numbers.clear();
            match self.as_slice() {
                Some(all) => {
                    let width: usize = self.shape()[1..].iter().product();
                    for &row in part.rows {
                        numbers.extend_from_slice(&all[row * width..][..width]);
                    }
                }
                None => {
                    for &row in part.rows {
                        numbers.extend(self.index_axis(Axis(0), row).iter().cloned());
                    }
                }
            }
            let mut shape = self.raw_dim();
            shape[0] = part.rows.len();
            *batch = Array::from_shape_vec(shape, numbers).expect("rows of the table's width");
        }

        fn arg(batch: &Self::Batch) -> &Self::Batch {
            batch
        }
    }

    #[cfg(test)]
    mod tests {
        use ndarray::{Array1, Array3, arr2};

        use super::*;

        fn gathered<E: Examples>(table: &E, rows: &[usize]) -> E::Batch {
            let mut batch = table.batch();
            let first = Part {
                rows: &[0, 1],
                step: 0,
                shard: 0,
            };
            table.gather(&first, &mut batch);
            table.gather(&Part { rows, ..first }, &mut batch);
            batch
        }

        #[test]
        fn rows_are_gathered_whatever_the_layout() {
            let table = arr2(&[[1, 2], [3, 4], [5, 6]]);
            assert_eq!(gathered(&table, &[2, 0]), arr2(&[[5, 6], [1, 2]]));
            assert_eq!(gathered(&table.view(), &[1]), arr2(&[[3, 4]]));
            assert_eq!(
                gathered(&table.t(), &[1, 1, 0]),
                arr2(&[[2, 4, 6], [2, 4, 6], [1, 3, 5]])
            );
            assert_eq!(gathered(&table, &[]).shape(), [0, 2]);
            let labels = Array1::from_vec(vec![7_usize, 8, 9]);
            assert_eq!(gathered(&labels, &[2, 2]).to_vec(), [9, 9]);
            let images = Array3::from_shape_fn((4, 2, 2), |(n, i, j)| 100 * n + 10 * i + j);
            let two = gathered(&images, &[3, 1]);
            assert_eq!(
                (two.shape(), two[[0, 1, 1]], two[[1, 0, 1]]),
                (&[2, 2, 2][..], 311, 101)
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tuples_go_together() {
        let table = (vec!['a', 'b', 'c'], 10..13, ());
        assert_eq!(table.count(), Ok(Some(3)));
        let mut batch = table.batch();
        table.gather(
            &Part {
                rows: &[2, 0],
                step: 0,
                shard: 0,
            },
            &mut batch,
        );
        assert_eq!(batch, (vec!['c', 'a'], vec![12, 10], ()));
        assert_eq!(((), Seeds(1)).count(), Ok(None));
        let error = (vec![1.0; 3], 0..4).count().unwrap_err();
        assert_eq!(
            error.to_string(),
            "the tables differ in length: 3 and 4 examples"
        );
    }

    #[test]
    fn mixing_is_splitmix() {
        // The sequence of seed 1234567, as published with the generator.
        let sequence: Vec<u64> = (0..3).map(|index| mixed(1_234_567, index)).collect();
        assert_eq!(
            sequence,
            [
                6457827717110365317,
                3203168211198807973,
                9817491932198370423
            ]
        );
    }
}
