//! Activations of whole arrays, element by element.
//!
//! Formulas and conventions are those of [`activation`](crate::activation), where the functions have
//! the same names; the numbers are those of [`vector`](super::vector), which may differ in the last
//! places. The result lies in memory as the argument does, if that is without gaps.

use ndarray::{Array, ArrayRef, Dimension, Zip};

use super::{pool, shape};
use crate::real::{GELU_CUBIC, GELU_ROOT, gelu_argument};
use crate::simd::vectorised;
use crate::{Real, differentiable};

/// f of every element.
#[inline(always)]
fn map<T: Real, D: Dimension>(x: &ArrayRef<T, D>, f: impl Fn(T) -> T) -> Array<T, D> {
    if let Some(numbers) = x.as_slice() {
        let mut y = pool::array_of_any(x.raw_dim());
        let to = y.as_slice_mut().expect("in standard layout");
        vectorised(
            #[inline(always)]
            || to.iter_mut().zip(numbers).for_each(|(y, &x)| *y = f(x)),
        );
        return y;
    }
    let mut y = pool::copy(x);
    let numbers = y.as_slice_memory_order_mut().expect("a copy has no gaps");
    vectorised(
        #[inline(always)]
        || numbers.iter_mut().for_each(|x| *x = f(*x)),
    );
    y
}

/// `to += slope(x)·by` for every element, where a factor of zero stays zero whatever the slope is.
#[inline(always)]
fn add_product<T: Real, D: Dimension>(
    to: &mut Array<T, D>,
    by: &Array<T, D>,
    x: &ArrayRef<T, D>,
    slope: impl Fn(T) -> T,
) {
    if let (Some(by), Some(x)) = (by.as_slice(), x.as_slice())
        && let Some(to) = to.as_slice_mut()
    {
        return vectorised(
            #[inline(always)]
            || {
                for ((to, &by), &x) in to.iter_mut().zip(by).zip(x) {
                    add_term(to, by, slope(x));
                }
            },
        );
    }
    Zip::from(to)
        .and(by)
        .and(x)
        .for_each(|to, &by, &x| add_term(to, by, slope(x)));
}

#[inline(always)]
fn add_term<T: Real>(to: &mut T, by: T, slope: T) {
    let term = by * slope;
    *to += if by == T::zero() { by } else { term };
}

macro_rules! elementwise {
    ($(
        $(#[$doc:meta])*
        $name:ident $vjp:ident $jvp:ident $value:expr, $slope:expr;
    )*) => {$(
        $(#[$doc])*
        #[differentiable(vjp = $vjp, jvp = $jvp)]
        pub fn $name<T: Real, D: Dimension + 'static>(x: &ArrayRef<T, D>) -> Array<T, D> {
            map(x, $value)
        }

        fn $vjp<T: Real, D: Dimension + 'static>(
            x: &ArrayRef<T, D>,
            y_bar: Array<T, D>,
            x_bar: &mut Array<T, D>,
        ) {
            shape::expect_cotangent(stringify!($name), x.shape(), y_bar.shape());
            if let Some(x_bar) = shape::read(stringify!($name), x, x_bar) {
                add_product(x_bar, &y_bar, x, $slope);
            }
            pool::give_array(y_bar);
        }

        fn $jvp<T: Real, D: Dimension + 'static>(
            x: &ArrayRef<T, D>,
            x_dot: &Array<T, D>,
        ) -> (Array<T, D>, Array<T, D>) {
            let mut y_dot = Array::zeros(x.raw_dim());
            if let Some(x_dot) = shape::moving(stringify!($name), x, x_dot) {
                add_product(&mut y_dot, x_dot, x, $slope);
            }
            ($name(x), y_dot)
        }
    )*};
}

elementwise! {
    /// tanh x; slope 1 − tanh² x, as 4e/(1 + e)² with e = e^(−2|x|), which keeps its digits on the tails.
    ///
    /// ```
    /// use autodiff_runtime::tensor;
    /// use ndarray::arr2;
    ///
    /// assert_eq!(tensor::tanh(&arr2(&[[0.0, 40.0], [-0.0, -40.0]])), arr2(&[[0.0, 1.0], [-0.0, -1.0]]));
    /// ```
    tanh tanh_vjp tanh_jvp
    #[inline(always)] |x| x.lane_tanh(),
    #[inline(always)] |x: T| {
        let [e, larger] = exponential_and_larger(x + x);
        T::from_f64(4.0) * e * larger * larger
    };

    /// The logistic function σ(x) = 1 / (1 + e⁻ˣ); slope σ(x)·σ(−x).
    ///
    /// ```
    /// use autodiff_runtime::tensor;
    /// use ndarray::arr1;
    ///
    /// assert_eq!(tensor::sigmoid(&arr1(&[0.0, 800.0, -800.0])), arr1(&[0.5, 1.0, 0.0]));
    /// ```
    sigmoid sigmoid_vjp sigmoid_jvp
    #[inline(always)] |x| x.lane_sigmoid(),
    #[inline(always)] |x: T| {
        let [e, larger] = exponential_and_larger(x);
        e * larger * larger
    };

    /// eˣ; slope eˣ.
    ///
    /// ```
    /// use autodiff_runtime::tensor;
    /// use ndarray::arr1;
    ///
    /// assert_eq!(tensor::exp(&arr1(&[0.0, f64::NEG_INFINITY])), arr1(&[1.0, 0.0]));
    /// ```
    exp exp_vjp exp_jvp
    #[inline(always)] |x| x.lane_exp(),
    #[inline(always)] |x: T| x.lane_exp();

    /// max(x, 0); slope 1 for x > 0, else 0. NaN passes, forwards and backwards.
    ///
    /// ```
    /// use autodiff_runtime::tensor;
    /// use ndarray::arr1;
    ///
    /// assert_eq!(tensor::relu(&arr1(&[2.0, 0.0, -2.0])), arr1(&[2.0, 0.0, 0.0]));
    /// ```
    relu relu_vjp relu_jvp
    #[inline(always)] |x| x.relu(),
    #[inline(always)] |x: T| if x <= T::zero() { T::zero() } else { T::one() };

    /// ln(1 + eˣ); slope σ(x).
    ///
    /// ```
    /// use autodiff_runtime::tensor;
    /// use ndarray::arr1;
    ///
    /// assert_eq!(tensor::softplus(&arr1(&[800.0, -800.0])), arr1(&[800.0, 0.0]));
    /// ```
    softplus softplus_vjp softplus_jvp
    #[inline(always)] |x| x.lane_softplus(),
    #[inline(always)] |x: T| x.lane_sigmoid();

    /// ln σ(x) = −ln(1 + e⁻ˣ); slope σ(−x).
    ///
    /// ```
    /// use autodiff_runtime::tensor;
    /// use ndarray::arr1;
    ///
    /// assert_eq!(tensor::log_sigmoid(&arr1(&[800.0, -800.0])), arr1(&[0.0, -800.0]));
    /// ```
    log_sigmoid log_sigmoid_vjp log_sigmoid_jvp
    #[inline(always)] |x: T| -(-x).lane_softplus(),
    #[inline(always)] |x: T| (-x).lane_sigmoid();

    /// The sigmoid linear unit x·σ(x), also called swish; slope σ(x)·(1 + x·σ(−x)).
    ///
    /// Hendrycks, Gimpel: *Gaussian error linear units*, 2016, section 5.
    ///
    /// ```
    /// use autodiff_runtime::tensor;
    /// use ndarray::arr1;
    ///
    /// assert_eq!(tensor::silu(&arr1(&[0.0, 800.0, -800.0])), arr1(&[0.0, 800.0, 0.0]));
    /// ```
    silu silu_vjp silu_jvp
    #[inline(always)] |x| gated(x, x),
    #[inline(always)] |x| gated_slope(x, x);

    /// The Gaussian error linear unit in its tanh form, x/2·(1 + tanh u) = x·σ(2u) with
    /// u = √(2/π)·(x + 0.044715·x³); slope σ(2u)·(1 + 2u′x·σ(−2u)).
    ///
    /// Hendrycks, Gimpel: *Gaussian error linear units*, 2016.
    ///
    /// ```
    /// use autodiff_runtime::tensor;
    /// use ndarray::arr1;
    ///
    /// assert_eq!(tensor::gelu(&arr1(&[0.0, 800.0, -800.0])), arr1(&[0.0, 800.0, 0.0]));
    /// ```
    gelu gelu_vjp gelu_jvp
    #[inline(always)] |x| gated(x, T::from_f64(2.0) * gelu_argument(x)),
    #[inline(always)] |x: T| {
        let twice_slope = T::from_f64(2.0 * GELU_ROOT) * (T::one() + T::from_f64(3.0 * GELU_CUBIC) * (x * x));
        gated_slope(T::from_f64(2.0) * gelu_argument(x), x * twice_slope)
    };
}

/// e = e^(−|z|) and σ(|z|) = 1/(1 + e); their product is σ(−|z|).
#[inline(always)]
fn exponential_and_larger<T: Real>(z: T) -> [T; 2] {
    let e = (-z.abs()).lane_exp();
    [e, T::one() / (T::one() + e)]
}

/// x·σ(z), with the limit 0 where a closed gate meets x = −∞.
#[inline(always)]
fn gated<T: Real>(x: T, z: T) -> T {
    let gate = z.lane_sigmoid();
    let product = x * gate;
    if gate == T::zero() { gate } else { product }
}

/// σ(z) + weight·σ′(z) as σ(z)·(1 + weight·σ(−z)); what underflows outweighs even an infinite weight.
#[inline(always)]
fn gated_slope<T: Real>(z: T, weight: T) -> T {
    let [e, larger] = exponential_and_larger(z);
    let smaller = e * larger;
    let below = z < T::zero();
    let own = if below { smaller } else { larger };
    let other = if below { larger } else { smaller };
    let term = weight * other;
    let term = if other == T::zero() { other } else { term };
    let slope = own * (T::one() + term);
    if own == T::zero() { own } else { slope }
}

#[cfg(test)]
mod tests;
