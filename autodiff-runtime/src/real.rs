//! The scalars that functions may be generic over: `f64` and `f32`, with one set of methods.
//!
//! Every elementary method has the name, the signature and the bits of the standard library's, so
//! that a function written for `T: Real` computes on `f64` exactly what it would compute had it
//! been written for `f64`. The activations are methods of the same trait. For all of them a NaN
//! argument gives a NaN result, so that a value gone wrong is never hidden by a flat piece.

use std::fmt::{Debug, Display};
use std::iter::{Product, Sum};
use std::ops::{
    Add, AddAssign, Div, DivAssign, Mul, MulAssign, Neg, Rem, RemAssign, Sub, SubAssign,
};

use crate::differentiable::{Differentiable, Gradient};

mod sealed {
    #[cfg(feature = "ndarray")]
    use crate::tensor::kernel::Scalar;

    #[cfg(feature = "ndarray")]
    pub trait Sealed: Scalar {}
    #[cfg(not(feature = "ndarray"))]
    pub trait Sealed {}
    impl Sealed for f32 {}
    impl Sealed for f64 {}
}

/// Writes the trait and its two implementations from one list of the standard methods, so that
/// neither precision can lack or bend one of them.
macro_rules! real {
    (
        $(#[$documentation:meta])*
        pub trait Real {
            $($provided:item)*
        }
        forwarded {
            $(fn $method:ident(self $(, $argument:ident: $type:ty)*) -> $result:ty;)*
        }
    ) => {
        $(#[$documentation])*
        pub trait Real:
            sealed::Sealed
            + Copy
            + Debug
            + Display
            + Default
            + PartialOrd
            + Send
            + Sync
            + 'static
            + Gradient
            + Differentiable<Gradient = Self>
            + Add<Output = Self>
            + Sub<Output = Self>
            + Mul<Output = Self>
            + Div<Output = Self>
            + Rem<Output = Self>
            + Neg<Output = Self>
            + AddAssign
            + SubAssign
            + MulAssign
            + DivAssign
            + RemAssign
            + Sum
            + for<'a> Sum<&'a Self>
            + Product
            + for<'a> Product<&'a Self>
        {
            /// The nearest number of this precision: how generic code writes a literal or a constant.
            fn from_f64(value: f64) -> Self;
            /// The same number in double precision, exactly.
            fn to_f64(self) -> f64;

            $(
                #[doc = concat!("As [`f64::", stringify!($method), "`], bit for bit.")]
                fn $method(self $(, $argument: $type)*) -> $result;
            )*

            $($provided)*
        }

        real!(@implement f32 { $(fn $method(self $(, $argument: $type)*) -> $result;)* });
        real!(@implement f64 { $(fn $method(self $(, $argument: $type)*) -> $result;)* });
    };

    (@implement $float:ident {
        $(fn $method:ident(self $(, $argument:ident: $type:ty)*) -> $result:ty;)*
    }) => {
        impl Real for $float {
            #[inline]
            fn from_f64(value: f64) -> Self {
                value as $float
            }

            #[inline]
            fn to_f64(self) -> f64 {
                f64::from(self)
            }

            $(
                // A path on the type names its inherent method, never this one again.
                #[inline]
                fn $method(self $(, $argument: $type)*) -> $result {
                    $float::$method(self $(, $argument)*)
                }
            )*
        }
    };
}

real! {
    /// A real scalar, `f64` or `f32`; the bound for functions generic over precision.
    ///
    /// The trait is sealed: the derivative rules are known to hold for these two types.
    ///
    /// ```
    /// use autodiff_runtime::Real;
    ///
    /// fn energy<T: Real>(x: T) -> T {
    ///     T::from_f64(0.5) * x.powi(2) + x.cos()
    /// }
    /// assert_eq!(energy(2.0_f64), 0.5 * 2.0_f64.powi(2) + 2.0_f64.cos());
    /// assert_eq!(energy(2.0_f32), 0.5 * 2.0_f32.powi(2) + 2.0_f32.cos());
    /// ```
    #[diagnostic::on_unimplemented(
        message = "arithmetic on `{Self}` is not differentiated [autodiff::D1503]",
        label = "not a scalar",
        note = "only `f64`, `f32` and `T: Real` have derivative rules\n\
                instead: compute with the fields; say of an array what it is: `let w: &Array2<f64> = &layer.weight;`; \
                or give the operation a hand-written rule: #[differentiable(vjp = path, jvp = path)]"
    )]
    pub trait Real {
        /// The logistic function σ(x) = 1 / (1 + e⁻ˣ), with full relative accuracy on both tails.
        ///
        /// ```
        /// use autodiff_runtime::Real;
        /// assert_eq!(0.0_f64.sigmoid(), 0.5);
        /// assert_eq!((-700.0_f64).sigmoid(), (-700.0_f64).exp());
        /// ```
        #[inline]
        fn sigmoid(self) -> Self {
            let one = Self::from_f64(1.0);
            // The exponential of a non-positive number: it cannot overflow, and for x < 0 it is
            // the leading factor of the result instead of the reciprocal of a huge one.
            let e = (-self.abs()).exp();
            let larger = one / (one + e);
            if self < Self::from_f64(0.0) { e * larger } else { larger }
        }

        /// The rectifier max(x, 0). Its derivative at 0 is 0.
        ///
        /// Unlike `x.max(0.0)` it passes NaN on.
        ///
        /// ```
        /// use autodiff_runtime::Real;
        /// assert_eq!(2.0_f64.relu(), 2.0);
        /// assert_eq!((-2.0_f64).relu(), 0.0);
        /// assert!(f64::NAN.relu().is_nan());
        /// ```
        #[inline]
        fn relu(self) -> Self {
            let zero = Self::from_f64(0.0);
            if self <= zero { zero } else { self }
        }

        /// ln(1 + eˣ), the smooth rectifier; neither overflows for large `x` nor loses digits for
        /// very negative `x`.
        ///
        /// ```
        /// use autodiff_runtime::Real;
        /// assert_eq!(0.0_f64.softplus(), 2.0_f64.ln());
        /// assert_eq!(1000.0_f64.softplus(), 1000.0);
        /// ```
        #[inline]
        fn softplus(self) -> Self {
            self.max(Self::from_f64(0.0)) + (-self.abs()).exp().ln_1p()
        }

        /// ln σ(x) = −ln(1 + e⁻ˣ), without σ(x) underflowing on the way.
        ///
        /// ```
        /// use autodiff_runtime::Real;
        /// assert_eq!(0.0_f64.log_sigmoid(), -2.0_f64.ln());
        /// assert_eq!((-1000.0_f64).log_sigmoid(), -1000.0);
        /// ```
        #[inline]
        fn log_sigmoid(self) -> Self {
            self.min(Self::from_f64(0.0)) - (-self.abs()).exp().ln_1p()
        }

        /// x for x > 0, `slope`·x otherwise. Its derivative at 0 is (1 + `slope`)/2.
        ///
        /// Maas, Hannun, Ng: *Rectifier nonlinearities improve neural network acoustic models*, 2013.
        ///
        /// ```
        /// use autodiff_runtime::Real;
        /// assert_eq!((-2.0_f64).leaky_relu(0.25), -0.5);
        /// ```
        #[inline]
        fn leaky_relu(self, slope: Self) -> Self {
            if self > Self::from_f64(0.0) { self } else { slope * self }
        }

        /// x for x > 0, `alpha`·(eˣ − 1) otherwise. Its derivative at 0 is (1 + `alpha`)/2.
        ///
        /// Clevert, Unterthiner, Hochreiter: *Fast and accurate deep network learning by
        /// exponential linear units*, 2016.
        ///
        /// ```
        /// use autodiff_runtime::Real;
        /// assert_eq!(3.0_f64.elu(1.0), 3.0);
        /// assert_eq!((-1000.0_f64).elu(0.5), -0.5);
        /// ```
        #[inline]
        fn elu(self, alpha: Self) -> Self {
            if self > Self::from_f64(0.0) { self } else { alpha * self.exp_m1() }
        }

        /// The Gaussian error linear unit in its tanh form,
        /// x/2 · (1 + tanh(√(2/π)·(x + 0.044715·x³))).
        ///
        /// This is the approximation of x·Φ(x) that Hendrycks and Gimpel give in *Gaussian error
        /// linear units*, 2016; it differs from the exact function by less than 5·10⁻⁴. It is
        /// computed as x·σ(2u) with u the argument of tanh, which is the same number without the
        /// cancellation of 1 + tanh for negative `x`.
        ///
        /// ```
        /// use autodiff_runtime::Real;
        /// assert_eq!(0.0_f64.gelu(), 0.0);
        /// assert!((1.0_f64.gelu() - 0.8411919906082768).abs() < 1e-15);
        /// ```
        #[inline]
        fn gelu(self) -> Self {
            gated(self, (Self::from_f64(2.0) * gelu_argument(self)).sigmoid())
        }

        /// The sigmoid linear unit x·σ(x), also called swish.
        ///
        /// Hendrycks, Gimpel: *Gaussian error linear units*, 2016, section 5.
        ///
        /// ```
        /// use autodiff_runtime::Real;
        /// assert_eq!(2.0_f64.silu(), 2.0 * 2.0_f64.sigmoid());
        /// ```
        #[inline]
        fn silu(self) -> Self {
            gated(self, self.sigmoid())
        }

        /// sin(x)/x, with 1 at x = 0 and 0 at x = ±∞.
        ///
        /// The quotient keeps its relative accuracy down to the smallest numbers, because sin(x)
        /// does; only the derivative needs a series near 0.
        ///
        /// ```
        /// use autodiff_runtime::Real;
        /// assert_eq!(0.0_f64.sinc(), 1.0);
        /// assert_eq!(2.0_f64.sinc(), 2.0_f64.sin() / 2.0);
        /// ```
        #[inline]
        fn sinc(self) -> Self {
            if self == Self::from_f64(0.0) {
                Self::from_f64(1.0)
            } else if self.is_infinite() {
                Self::from_f64(0.0)
            } else {
                self.sin() / self
            }
        }

        /// The bell curve e^(−x²).
        ///
        /// ```
        /// use autodiff_runtime::Real;
        /// assert_eq!(0.0_f64.gaussian(), 1.0);
        /// assert_eq!(2.0_f64.gaussian(), (-4.0_f64).exp());
        /// ```
        #[inline]
        fn gaussian(self) -> Self {
            (-(self * self)).exp()
        }

        /// The step: 1 for x > 0, else 0. Its derivative is 0 everywhere.
        ///
        /// ```
        /// use autodiff_runtime::Real;
        /// assert_eq!([-1.0_f64, 0.0, 1.0].map(Real::threshold), [0.0, 0.0, 1.0]);
        /// ```
        #[inline]
        fn threshold(self) -> Self {
            if self > Self::from_f64(0.0) {
                Self::from_f64(1.0)
            } else if self.is_nan() {
                self
            } else {
                Self::from_f64(0.0)
            }
        }

        /// −1, 0 or 1 by the sign of x; unlike [`f64::signum`] it is 0 at both zeros. Its
        /// derivative is 0 everywhere.
        ///
        /// ```
        /// use autodiff_runtime::Real;
        /// assert_eq!([-3.0_f64, 0.0, 5.0].map(Real::sign), [-1.0, 0.0, 1.0]);
        /// ```
        #[inline]
        fn sign(self) -> Self {
            if self == Self::from_f64(0.0) { Self::from_f64(0.0) } else { self.signum() }
        }

        /// The identity x: the activation of a layer that has none.
        ///
        /// ```
        /// use autodiff_runtime::Real;
        /// assert_eq!(1.5_f64.linear(), 1.5);
        /// ```
        #[inline]
        fn linear(self) -> Self {
            self
        }
    }

    forwarded {
        fn powi(self, n: i32) -> Self;
        fn powf(self, n: Self) -> Self;
        fn sqrt(self) -> Self;
        fn cbrt(self) -> Self;
        fn exp(self) -> Self;
        fn exp2(self) -> Self;
        fn exp_m1(self) -> Self;
        fn ln(self) -> Self;
        fn ln_1p(self) -> Self;
        fn log(self, base: Self) -> Self;
        fn log2(self) -> Self;
        fn log10(self) -> Self;
        fn sin(self) -> Self;
        fn cos(self) -> Self;
        fn tan(self) -> Self;
        fn asin(self) -> Self;
        fn acos(self) -> Self;
        fn atan(self) -> Self;
        fn atan2(self, other: Self) -> Self;
        fn sin_cos(self) -> (Self, Self);
        fn sinh(self) -> Self;
        fn cosh(self) -> Self;
        fn tanh(self) -> Self;
        fn asinh(self) -> Self;
        fn acosh(self) -> Self;
        fn atanh(self) -> Self;
        fn abs(self) -> Self;
        fn signum(self) -> Self;
        fn copysign(self, sign: Self) -> Self;
        fn floor(self) -> Self;
        fn ceil(self) -> Self;
        fn round(self) -> Self;
        fn round_ties_even(self) -> Self;
        fn trunc(self) -> Self;
        fn fract(self) -> Self;
        fn max(self, other: Self) -> Self;
        fn min(self, other: Self) -> Self;
        fn clamp(self, min: Self, max: Self) -> Self;
        fn hypot(self, other: Self) -> Self;
        fn mul_add(self, a: Self, b: Self) -> Self;
        fn recip(self) -> Self;
        fn to_radians(self) -> Self;
        fn to_degrees(self) -> Self;
        fn rem_euclid(self, rhs: Self) -> Self;
        fn div_euclid(self, rhs: Self) -> Self;
        fn is_nan(self) -> bool;
        fn is_finite(self) -> bool;
        fn is_normal(self) -> bool;
        fn is_infinite(self) -> bool;
        fn is_sign_positive(self) -> bool;
        fn is_sign_negative(self) -> bool;
    }
}

/// u(x) = √(2/π)·(x + 0.044715·x³), the argument of tanh in [`Real::gelu`].
#[inline]
pub(crate) fn gelu_argument<T: Real>(x: T) -> T {
    let root = T::from_f64(GELU_ROOT);
    root * x * (T::from_f64(1.0) + T::from_f64(GELU_CUBIC) * (x * x))
}

/// √(2/π).
pub(crate) const GELU_ROOT: f64 = 0.797_884_560_802_865_4;
/// The coefficient of the cubic term in [`gelu_argument`].
pub(crate) const GELU_CUBIC: f64 = 0.044_715;

/// x·gate, with the limit 0 where a closed gate meets x = −∞.
#[inline]
fn gated<T: Real>(x: T, gate: T) -> T {
    let zero = T::from_f64(0.0);
    if gate == zero { zero } else { x * gate }
}
