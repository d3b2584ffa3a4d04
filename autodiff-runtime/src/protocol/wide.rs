//! Sweeps of many lanes.

use crate::simd::vectorised_by_four;

/// Fewer lanes are not worth the question what the processor can.
const MANY: usize = 8;

/// What the closure of a sweep consumes, which makes it one that can be called only once. Any other is called through a
/// function that rustc adds, and the sweep would be compiled there, for the oldest processor.
pub struct Sweep;

/// Runs a sweep of `LANES` lanes in the wider registers of the processor, if there are many.
///
/// What the closure calls must be inlined into it, or come here itself.
#[inline(always)]
pub fn wide<R, const LANES: usize>(sweep: impl FnOnce() -> R) -> R {
    if const { LANES >= MANY } {
        vectorised_by_four(sweep)
    } else {
        sweep()
    }
}
