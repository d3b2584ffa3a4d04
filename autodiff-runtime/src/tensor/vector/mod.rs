//! Elementary functions of whole slices, in place, several numbers per instruction.
//!
//! The standard library's functions take one number at a time. These are branch-free, so that the
//! compiler makes vector loops of them: one for each of the processor families that `pulp` tells apart
//! (with 128, 256 and 512 bits on x86-64), chosen when the program runs. No compiler flag is needed,
//! and as there is no fused multiplication in them, every processor gives the same bits.
//!
//! Largest errors in units in the last place: bounds that hold for every seventh of all `f32`, where the
//! largest ones were found, and for points of all sizes in `f64`.
//!
//! | | bound | found in `f32` | in `f64` |
//! | --- | ---: | ---: | ---: |
//! | [`exp()`] | 1.1 | 1.01 | 0.85 |
//! | [`tanh()`] | 1.6 | 1.44 | 1.28 |
//! | [`sigmoid()`] | 2.5 | 2.33 | 1.34 |
//! | [`softplus()`] | 3.0 | 2.80 | 1.84 |
//!
//! Results that are no normal numbers are rounded to those that there are, and too large ones to ∞.
//! NaN gives NaN, and the sign of a zero is kept by `tanh`.

mod elementary;

use crate::Real;
use crate::simd::vectorised;

pub use elementary::Elementary;

macro_rules! in_place {
    ($($(#[$doc:meta])* $name:ident: $lane:ident;)*) => {$(
        $(#[$doc])*
        pub fn $name<T: Real>(x: &mut [T]) {
            vectorised(
                #[inline(always)]
                || {
                    for x in x {
                        *x = x.$lane();
                    }
                },
            );
        }
    )*};
}

in_place! {
    /// eˣ of each number.
    ///
    /// ```
    /// # use autodiff_runtime::tensor::vector;
    /// let mut x = [0.0, f64::NEG_INFINITY, 710.0];
    /// vector::exp(&mut x);
    /// assert_eq!(x, [1.0, 0.0, f64::INFINITY]);
    /// ```
    exp: lane_exp;

    /// tanh x of each number.
    ///
    /// ```
    /// # use autodiff_runtime::tensor::vector;
    /// let mut x = [0.0_f32, 1e-20, -30.0];
    /// vector::tanh(&mut x);
    /// assert_eq!(x, [0.0, 1e-20, -1.0]);
    /// ```
    tanh: lane_tanh;

    /// The logistic function 1 / (1 + e⁻ˣ) of each number, with full relative accuracy on both tails.
    ///
    /// ```
    /// # use autodiff_runtime::tensor::vector;
    /// let mut x = [0.0_f32, 200.0, -200.0];
    /// vector::sigmoid(&mut x);
    /// assert_eq!(x, [0.5, 1.0, 0.0]);
    /// ```
    sigmoid: lane_sigmoid;

    /// ln(1 + eˣ) of each number, without overflow and with full relative accuracy for negative ones.
    ///
    /// ```
    /// # use autodiff_runtime::tensor::vector;
    /// let mut x = [1000.0, -1000.0];
    /// vector::softplus(&mut x);
    /// assert_eq!(x, [1000.0, 0.0]);
    /// ```
    softplus: lane_softplus;
}

#[cfg(test)]
mod tests;
