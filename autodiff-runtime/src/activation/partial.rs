//! Each activation's value together with its partial derivatives, for rules over whole slices.
//!
//! The derivatives are those that generated code uses: an adjoint rule applied to 1.

use crate::{Real, support};

fn one<T: Real>() -> T {
    T::from_f64(1.0)
}

macro_rules! from_adjoint_rules {
    ($($name:ident: $adjoint:ident,)*) => {
        $(
            #[inline]
            pub(super) fn $name<T: Real>(x: T) -> (T, T) {
                (x.$name(), support::$adjoint(one(), x))
            }
        )*
    };
}

from_adjoint_rules! {
    sigmoid: sigmoid_adjoint,
    relu: relu_adjoint,
    softplus: softplus_adjoint,
    log_sigmoid: log_sigmoid_adjoint,
    gelu: gelu_adjoint,
    silu: silu_adjoint,
    sinc: sinc_adjoint,
    gaussian: gaussian_adjoint,
}

#[inline]
pub(super) fn linear<T: Real>(x: T) -> (T, T) {
    (x.linear(), one())
}

#[inline]
pub(super) fn threshold<T: Real>(x: T) -> (T, T) {
    (x.threshold(), T::default())
}

#[inline]
pub(super) fn sign<T: Real>(x: T) -> (T, T) {
    (x.sign(), T::default())
}

#[inline]
pub(super) fn tanh<T: Real>(x: T) -> (T, T) {
    let y = x.tanh();
    (y, one::<T>() - y * y)
}

#[inline]
pub(super) fn sin<T: Real>(x: T) -> (T, T) {
    (x.sin(), x.cos())
}

/// The second partial is by the slope.
#[inline]
pub(super) fn leaky_relu<T: Real>(x: T, slope: T) -> (T, T, T) {
    let by_x = support::leaky_relu_adjoint(one(), x, slope);
    (
        x.leaky_relu(slope),
        by_x,
        support::leaky_relu_slope_adjoint(one(), x),
    )
}

/// The second partial is by `alpha`.
#[inline]
pub(super) fn elu<T: Real>(x: T, alpha: T) -> (T, T, T) {
    let by_x = support::elu_adjoint(one(), x, alpha);
    (x.elu(alpha), by_x, support::elu_alpha_adjoint(one(), x))
}
