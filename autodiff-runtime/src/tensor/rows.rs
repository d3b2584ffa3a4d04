//! The rows of a batch, each filled up to whole chunks, so that no loop over one has a remainder: rows are often
//! as short as the number of classes.

use ndarray::ArrayRef2;

use super::pool;
use super::vector;
use crate::Real;
use crate::simd::vectorised;

/// What a vector instruction takes at most, in single precision.
const CHUNK: usize = 16;

/// `exp(z − max z)` of every row of a batch.
pub(super) struct Exponentials<T: Real> {
    /// Rows of `stride` numbers, zeros from the batch's width on.
    numbers: Vec<T>,
    stride: usize,
    /// The largest entry of each row.
    highest: Vec<T>,
}

impl<T: Real> Exponentials<T> {
    pub fn new(batch: &ArrayRef2<T>) -> Self {
        let (rows, width) = batch.dim();
        let stride = width.next_multiple_of(CHUNK);
        let mut own = Exponentials {
            numbers: pool::any(rows * stride),
            stride,
            highest: pool::any(rows),
        };
        let batch = batch.as_standard_layout();
        let batch = batch.as_slice().expect("in standard layout");
        if width > 0 {
            let rows = own.numbers.chunks_exact_mut(stride);
            for (row, z) in rows.zip(batch.chunks_exact(width)) {
                row[..width].copy_from_slice(z);
                row[width..].fill(T::from_f64(f64::NEG_INFINITY));
            }
        }
        own.each(
            #[inline(always)]
            |row, highest, _| {
                *highest = combined(row, |x| x, |a, b| if b > a { b } else { a });
                for x in row {
                    *x -= *highest;
                }
            },
        );
        vector::exp(&mut own.numbers);
        own
    }

    /// Runs over the rows, with the largest entry and the number of each.
    #[inline(always)]
    pub fn each(&mut self, mut run: impl FnMut(&mut [T], &mut T, usize)) {
        let rows = self.numbers.chunks_exact_mut(self.stride.max(1));
        vectorised(
            #[inline(always)]
            || {
                for (k, (row, highest)) in rows.zip(&mut self.highest).enumerate() {
                    run(row, highest, k);
                }
            },
        );
    }

    /// Gives the memory back.
    pub fn give(self) {
        pool::give(self.numbers);
        pool::give(self.highest);
    }
}

/// The sum of a row.
#[inline(always)]
pub(super) fn sum<T: Real>(row: &[T]) -> T {
    combined(row, |x| x, |a, b| a + b)
}

/// The sum of a row of exponentials without the largest one's 1, of which a small sum would leave nothing.
#[inline(always)]
pub(super) fn sum_without_largest<T: Real>(row: &[T]) -> T {
    let (zero, one) = (T::zero(), T::one());
    let largest = combined(row, |x| if x == one { x } else { zero }, |a, b| a + b);
    let others = combined(row, |x| if x == one { zero } else { x }, |a, b| a + b);
    others + (largest - one)
}

/// What `of` makes of the entries, combined: `CHUNK` of them at once, and then what has become of these. Zero for an
/// empty row.
#[inline(always)]
fn combined<T: Real>(row: &[T], of: impl Fn(T) -> T, combine: impl Fn(T, T) -> T) -> T {
    let Some((first, others)) = row.as_chunks::<CHUNK>().0.split_first() else {
        return T::zero();
    };
    let mut parts = *first;
    for own in &mut parts {
        *own = of(*own);
    }
    for chunk in others {
        for (own, &x) in parts.iter_mut().zip(chunk) {
            *own = combine(*own, of(x));
        }
    }
    let mut width = CHUNK;
    while width > 1 {
        width /= 2;
        for k in 0..width {
            parts[k] = combine(parts[k], parts[k + width]);
        }
    }
    parts[0]
}
