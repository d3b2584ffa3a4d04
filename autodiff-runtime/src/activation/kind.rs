//! Activations as values: chosen at run time, printed, and read back.

use std::fmt;
use std::str::FromStr;

use super::{elementwise, partial, vector};
use crate::Real;

/// Which activation a layer applies to its outputs.
///
/// The formulas are those of the functions of the same name in [`activation`](crate::activation).
/// [`Display`](fmt::Display) and [`FromStr`] use that name, with the parameter in parentheses where
/// there is one.
///
/// ```
/// use autodiff_runtime::activation::Activation;
///
/// let activation: Activation = "leaky_relu(0.25)".parse()?;
/// assert_eq!(activation, Activation::LeakyRelu(0.25));
/// assert_eq!(activation.apply(&[4.0, -4.0]), [4.0, -1.0]);
/// assert_eq!(activation.to_string(), "leaky_relu(0.25)");
/// # Ok::<(), autodiff_runtime::activation::ParseActivationError>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq)]
#[non_exhaustive]
pub enum Activation {
    /// The identity.
    #[default]
    Linear,
    /// The unit step; lets no gradient through.
    Threshold,
    /// The sign; lets no gradient through.
    Sign,
    /// The logistic function.
    Sigmoid,
    /// The rectifier.
    Relu,
    /// The hyperbolic tangent.
    Tanh,
    /// The smooth rectifier.
    Softplus,
    /// The logarithm of the logistic function.
    LogSigmoid,
    /// The leaky rectifier with its slope for negative arguments.
    LeakyRelu(f64),
    /// The exponential linear unit with its `alpha`.
    Elu(f64),
    /// The Gaussian error linear unit.
    Gelu,
    /// The sigmoid linear unit.
    Silu,
    /// The sine.
    Sin,
    /// The cardinal sine.
    Sinc,
    /// The bell curve.
    Gaussian,
    /// The softmax over all outputs of the layer.
    Softmax,
    /// The log-softmax over all outputs of the layer.
    LogSoftmax,
}

/// The activations without a parameter: the one list that naming and parsing share.
const PLAIN: [(&str, Activation); 15] = [
    ("linear", Activation::Linear),
    ("threshold", Activation::Threshold),
    ("sign", Activation::Sign),
    ("sigmoid", Activation::Sigmoid),
    ("relu", Activation::Relu),
    ("tanh", Activation::Tanh),
    ("softplus", Activation::Softplus),
    ("log_sigmoid", Activation::LogSigmoid),
    ("gelu", Activation::Gelu),
    ("silu", Activation::Silu),
    ("sin", Activation::Sin),
    ("sinc", Activation::Sinc),
    ("gaussian", Activation::Gaussian),
    ("softmax", Activation::Softmax),
    ("log_softmax", Activation::LogSoftmax),
];

impl Activation {
    /// The activation of a whole layer's outputs.
    ///
    /// ```
    /// use autodiff_runtime::activation::Activation;
    ///
    /// assert_eq!(Activation::Relu.apply(&[-1.0, 2.0]), [0.0, 2.0]);
    /// assert_eq!(Activation::Softmax.apply(&[0.0, 0.0]), [0.5, 0.5]);
    /// ```
    pub fn apply<T: Real>(self, z: &[T]) -> Vec<T> {
        let mut y = z.to_vec();
        self.apply_in_place(&mut y);
        y
    }

    /// [`apply`](Self::apply) in the place of the argument.
    pub(crate) fn apply_in_place<T: Real>(self, z: &mut [T]) {
        fn each<T: Real>(z: &mut [T], f: impl Fn(T) -> T) {
            z.iter_mut().for_each(|z| *z = f(*z));
        }
        match self {
            Self::Linear => {}
            Self::Threshold => each(z, T::threshold),
            Self::Sign => each(z, T::sign),
            Self::Sigmoid => each(z, T::sigmoid),
            Self::Relu => each(z, T::relu),
            Self::Tanh => each(z, T::tanh),
            Self::Softplus => each(z, T::softplus),
            Self::LogSigmoid => each(z, T::log_sigmoid),
            Self::LeakyRelu(slope) => each(z, |z| z.leaky_relu(T::from_f64(slope))),
            Self::Elu(alpha) => each(z, |z| z.elu(T::from_f64(alpha))),
            Self::Gelu => each(z, T::gelu),
            Self::Silu => each(z, T::silu),
            Self::Sin => each(z, T::sin),
            Self::Sinc => each(z, T::sinc),
            Self::Gaussian => each(z, T::gaussian),
            Self::Softmax => vector::softmax_in_place(z),
            Self::LogSoftmax => vector::log_softmax_in_place(z, &mut vec![T::default(); z.len()]),
        }
    }

    /// [`apply`](Self::apply) in place, writing to `kept` what [`pull`](Self::pull) and
    /// [`push`](Self::push) need: the partials, or the softmax.
    pub(crate) fn apply_keeping<T: Real>(self, z: &mut [T], kept: &mut [T]) {
        fn each<T: Real>(z: &mut [T], kept: &mut [T], value_and_partial: impl Fn(T) -> (T, T)) {
            for (z, kept) in z.iter_mut().zip(kept) {
                (*z, *kept) = value_and_partial(*z);
            }
        }
        match self {
            // Neither reads what is kept.
            Self::Linear => {}
            Self::Threshold => each(z, kept, partial::threshold),
            Self::Sign => each(z, kept, partial::sign),
            Self::Sigmoid => each(z, kept, partial::sigmoid),
            Self::Relu => each(z, kept, partial::relu),
            Self::Tanh => each(z, kept, partial::tanh),
            Self::Softplus => each(z, kept, partial::softplus),
            Self::LogSigmoid => each(z, kept, partial::log_sigmoid),
            Self::LeakyRelu(slope) => each(z, kept, |z| {
                let (y, by_z, _) = partial::leaky_relu(z, T::from_f64(slope));
                (y, by_z)
            }),
            Self::Elu(alpha) => each(z, kept, |z| {
                let (y, by_z, _) = partial::elu(z, T::from_f64(alpha));
                (y, by_z)
            }),
            Self::Gelu => each(z, kept, partial::gelu),
            Self::Silu => each(z, kept, partial::silu),
            Self::Sin => each(z, kept, partial::sin),
            Self::Sinc => each(z, kept, partial::sinc),
            Self::Gaussian => each(z, kept, partial::gaussian),
            Self::Softmax => {
                vector::softmax_in_place(z);
                kept.copy_from_slice(z);
            }
            Self::LogSoftmax => vector::log_softmax_in_place(z, kept),
        }
    }

    /// The reverse product in place: the adjoint of the outputs becomes that of the inputs.
    pub(crate) fn pull<T: Real>(self, kept: &[T], bar: &mut [T]) {
        match self {
            Self::Linear => {}
            Self::Softmax => vector::times_softmax_jacobian(kept, bar),
            Self::LogSoftmax => vector::pull_log_softmax(kept, bar),
            _ => elementwise::scale_by(kept, bar),
        }
    }

    /// The forward product in place: the tangent of the inputs becomes that of the outputs.
    pub(crate) fn push<T: Real>(self, kept: &[T], dot: &mut [T]) {
        match self {
            Self::Linear => {}
            Self::Softmax => vector::times_softmax_jacobian(kept, dot),
            Self::LogSoftmax => vector::push_log_softmax(kept, dot),
            _ => elementwise::scale_by(kept, dot),
        }
    }
}

impl fmt::Display for Activation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = match self {
            Self::LeakyRelu(slope) => format!("leaky_relu({slope})"),
            Self::Elu(alpha) => format!("elu({alpha})"),
            plain => {
                let entry = PLAIN.iter().find(|(_, activation)| activation == plain);
                entry
                    .expect("every activation without a parameter is listed")
                    .0
                    .to_owned()
            }
        };
        // `pad` honours a width, which tables ask for.
        f.pad(&text)
    }
}

impl FromStr for Activation {
    type Err = ParseActivationError;

    /// Reads the form that [`Display`](fmt::Display) writes; `leaky_relu` and `elu` alone take their
    /// usual parameters, 0.01 and 1.
    ///
    /// # Errors
    ///
    /// If the name is unknown, or the parameter is missing its parentheses or is not a finite number.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let error = || ParseActivationError {
            text: text.to_owned(),
        };
        if let Some(&(_, activation)) = PLAIN.iter().find(|(name, _)| *name == text) {
            return Ok(activation);
        }
        let (name, parameter) = match text.split_once('(') {
            None => (text, None),
            Some((name, rest)) => {
                let number = rest
                    .strip_suffix(')')
                    .and_then(|number| number.trim().parse::<f64>().ok());
                (
                    name,
                    Some(
                        number
                            .filter(|number| number.is_finite())
                            .ok_or_else(error)?,
                    ),
                )
            }
        };
        match name {
            "leaky_relu" => Ok(Self::LeakyRelu(parameter.unwrap_or(0.01))),
            "elu" => Ok(Self::Elu(parameter.unwrap_or(1.0))),
            _ => Err(error()),
        }
    }
}

/// The text names no [`Activation`]; the message lists the names there are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ParseActivationError {
    text: String,
}

impl fmt::Display for ParseActivationError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}` is not an activation; there are ", self.text)?;
        for (name, _) in PLAIN {
            write!(f, "{name}, ")?;
        }
        f.write_str("leaky_relu(slope) and elu(alpha)")
    }
}

impl std::error::Error for ParseActivationError {}
