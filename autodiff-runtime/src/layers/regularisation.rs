//! Dropout.

use ndarray::{Array, ArrayRef, Dimension};

use super::draw::Draw;
use crate::tensor::shape;
use crate::{Real, differentiable};

/// Whether a model is trained or used; layers such as [`dropout()`] do not do the same then.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Mode {
    /// As in use: nothing is random.
    #[default]
    Eval,
    /// As in training: what is random comes from the stream of this seed. Take another one for each
    /// step.
    Train {
        /// The seed.
        seed: u64,
    },
}

impl Mode {
    /// The mode for one of several parts of a model, so that no two of them draw the same numbers.
    pub fn part(self, number: u64) -> Self {
        match self {
            Self::Eval => Self::Eval,
            // The finaliser of SplitMix64 (Steele, Lea & Flood, 2014) of the number, added to the seed.
            Self::Train { seed } => {
                let mut z = number.wrapping_add(1).wrapping_mul(0x9E37_79B9_7F4A_7C15);
                z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
                z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
                let seed = seed.wrapping_add(z ^ (z >> 31));
                Self::Train { seed }
            }
        }
    }
}

/// Dropout: in training each number is set to 0 with the given probability, and the others are divided by
/// the probability to stay, so that the mean is the same; in use `x` itself (Srivastava et al.,
/// *Dropout: a simple way to prevent neural networks from overfitting*, 2014).
///
/// # Panics
///
/// If the probability is not in \[0, 1).
///
/// ```
/// use autodiff_runtime::layers::{Mode, dropout};
/// use ndarray::Array1;
///
/// let x = Array1::<f64>::ones(1000);
/// let y = dropout(&x, 0.25, Mode::Train { seed: 1 });
/// assert!(y.iter().all(|&y| y == 0.0 || y == 1.0 / 0.75));
/// assert!((y.sum() - 1000.0).abs() < 50.0);
/// assert_eq!(dropout(&x, 0.25, Mode::Eval), x);
/// ```
#[differentiable(vjp = dropout_vjp, jvp = dropout_jvp)]
pub fn dropout<T: Real, D: Dimension + 'static>(
    x: &ArrayRef<T, D>,
    #[constant] probability: f64,
    #[constant] mode: Mode,
) -> Array<T, D> {
    masked(x, probability, mode)
}

fn masked<T: Real, D: Dimension>(x: &ArrayRef<T, D>, probability: f64, mode: Mode) -> Array<T, D> {
    assert!(
        (0.0..1.0).contains(&probability),
        "dropout: a probability of {probability} is not in [0, 1)"
    );
    match mode {
        Mode::Train { seed } => Draw::seeded(seed).mask(x.raw_dim(), 1.0 - probability) * x,
        Mode::Eval => x.to_owned(),
    }
}

fn dropout_vjp<T: Real, D: Dimension + 'static>(
    x: &ArrayRef<T, D>,
    probability: f64,
    mode: Mode,
    y_bar: Array<T, D>,
    x_bar: &mut Array<T, D>,
) {
    shape::expect_cotangent("dropout", x.shape(), y_bar.shape());
    if let Some(x_bar) = shape::read("dropout", x, x_bar) {
        *x_bar += &masked(&y_bar, probability, mode);
    }
}

fn dropout_jvp<T: Real, D: Dimension + 'static>(
    x: &ArrayRef<T, D>,
    probability: f64,
    mode: Mode,
    x_dot: &Array<T, D>,
) -> (Array<T, D>, Array<T, D>) {
    let y_dot = match shape::moving("dropout", x, x_dot) {
        Some(x_dot) => masked(x_dot, probability, mode),
        None => Array::zeros(x.raw_dim()),
    };
    (masked(x, probability, mode), y_dot)
}
