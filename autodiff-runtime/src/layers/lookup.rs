//! Tables of vectors.

use ndarray::Array2;

use super::draw::Draw;
use crate::{Differentiable, Real, differentiable, tensor};

/// The parameters of [`embed()`].
#[derive(Clone, Debug, PartialEq, Differentiable)]
pub struct Embedding<T: Real = f32> {
    /// One vector for each index, shape \[indices, width\].
    pub weight: Array2<T>,
}

impl<T: Real> Embedding<T> {
    /// Standard normal numbers of the stream of `seed`.
    pub fn new(indices: usize, width: usize, seed: u64) -> Self {
        Self {
            weight: Draw::seeded(seed).normal((indices, width)),
        }
    }
}

/// The vectors of these indices, one in each row, `yₖ = W[iₖ]` (Bengio et al., *A neural probabilistic language model*,
/// 2003): \[samples\] → \[samples, width\]. It is [`tensor::embedding`](fn@crate::tensor::embedding).
///
/// # Panics
///
/// If an index has no vector.
///
/// ```
/// use autodiff_runtime::layers::{Embedding, embed};
///
/// let table = Embedding::<f32>::new(10, 4, 1);
/// assert_eq!(embed(&table, &[7, 7, 3]).row(1), table.weight.row(7));
/// ```
#[differentiable]
pub fn embed<T: Real>(table: &Embedding<T>, #[constant] indices: &[usize]) -> Array2<T> {
    tensor::embedding(&table.weight, indices)
}
