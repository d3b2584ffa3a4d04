//! The inner loops of a layer, over rows that are contiguous in memory.
//!
//! They are written so that the compiler turns them into vector instructions: no bounds checks, no
//! dependence from one step to the next. Every caller goes through them, so a value has the same
//! bits wherever it is computed.

use crate::Real;

/// Independent partial sums of a dot product. Addition of floats is not associative, so without
/// them the compiler has to add one product at a time.
const LANES: usize = 8;

/// `Σᵢ aᵢ·bᵢ`.
#[inline]
pub(super) fn dot<T: Real>(a: &[T], b: &[T]) -> T {
    let (a_blocks, a_rest) = a.as_chunks::<LANES>();
    let (b_blocks, b_rest) = b.as_chunks::<LANES>();
    let mut rest = T::default();
    for (&a, &b) in a_rest.iter().zip(b_rest) {
        rest += a * b;
    }
    if a_blocks.is_empty() {
        return rest;
    }
    let mut lanes = [T::default(); LANES];
    for (a, b) in a_blocks.iter().zip(b_blocks) {
        for ((lane, &a), &b) in lanes.iter_mut().zip(a).zip(b) {
            *lane += a * b;
        }
    }
    let [a, b, c, d, e, f, g, h] = lanes;
    ((a + e) + (c + g)) + ((b + f) + (d + h)) + rest
}

/// `y += factor · x`.
#[inline]
pub(super) fn axpy<T: Real>(factor: T, x: &[T], y: &mut [T]) {
    for (y, &x) in y.iter_mut().zip(x) {
        *y += factor * x;
    }
}
