//! The gradient of a batch: row by row, or in shards side by side.

use crate::data::{Dataset, Entry, Examples, Part};
use crate::differentiable::{Differentiable, Flat, Gradient};

#[cfg(feature = "parallel")]
use rayon::iter::{IntoParallelRefMutIterator, ParallelIterator};

/// What the value of a loss for a batch is, and its gradient with it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Reduction {
    /// The mean over the examples of the batch.
    #[default]
    Mean,
    /// The sum over the examples of the batch.
    Sum,
}

/// A source of gradients.
pub(super) trait Gradients<M> {
    /// Puts the gradient of the mean loss of the examples of `batch` into `mean`.
    fn compute(&mut self, model: &M, batch: &Part<'_>, mean: &mut Flat) -> Loss;
}

/// The loss of a batch.
pub(super) struct Loss {
    /// The sum over the examples.
    pub(super) total: f64,
    /// Whether it and the gradient are finite.
    pub(super) finite: bool,
    /// The first example with an infinite or NaN loss, where examples have losses of their own.
    pub(super) bad_row: Option<usize>,
}

/// One example after the other, all added up in one gradient.
pub(super) struct Rows<'d, X, Y, G, F> {
    pub(super) data: &'d Dataset<X, Y>,
    pub(super) gradient: G,
    pub(super) grad_into: F,
}

impl<M, X, Y, L, F> Gradients<M> for Rows<'_, X, Y, M::Gradient, F>
where
    M: Differentiable,
    X: Entry,
    Y: Entry,
    L: Into<f64>,
    F: for<'a> FnMut(&'a M, X::Arg<'a>, Y::Arg<'a>, &mut M::Gradient) -> L,
{
    fn compute(&mut self, model: &M, batch: &Part<'_>, mean: &mut Flat) -> Loss {
        self.gradient.set_zero();
        let (mut total, mut bad_row) = (0.0, None);
        for &row in batch.rows {
            let (x, y) = self
                .data
                .get(row)
                .expect("rows are a permutation of the data's");
            let loss: f64 = (self.grad_into)(model, x, y, &mut self.gradient).into();
            if !loss.is_finite() && bad_row.is_none() {
                bad_row = Some(row);
            }
            total += loss;
        }
        let finite = mean.copy_scaled(1.0 / batch.rows.len() as f64, &self.gradient);
        Loss {
            total,
            finite: finite && total.is_finite(),
            bad_row,
        }
    }
}

/// Shards of a batch, each with memory of its own, computed side by side. How a batch is divided, and
/// the order in which the gradients are added up, depend on the number of shards alone.
pub(super) struct Shards<'d, X: Examples + ?Sized, Y: Examples + ?Sized, G, F> {
    inputs: &'d X,
    targets: &'d Y,
    grad_into: F,
    reduction: Reduction,
    shards: Vec<Shard<X::Batch, Y::Batch, G>>,
}

struct Shard<X, Y, G> {
    index: usize,
    inputs: X,
    targets: Y,
    gradient: G,
    /// The sum of the shards' gradients, in the first one while they are computed.
    sum: Flat,
    /// Whether that is finite.
    finite: bool,
    loss: f64,
    /// How many examples it had in the last batch.
    count: usize,
}

impl<'d, X, Y, G, F> Shards<'d, X, Y, G, F>
where
    X: Examples + ?Sized,
    Y: Examples + ?Sized,
{
    pub(super) fn new(
        (inputs, targets): (&'d X, &'d Y),
        number: usize,
        reduction: Reduction,
        zero_gradient: impl Fn() -> G,
        grad_into: F,
    ) -> Self {
        let shard = |index| Shard {
            index,
            inputs: inputs.batch(),
            targets: targets.batch(),
            gradient: zero_gradient(),
            sum: Flat::default(),
            finite: true,
            loss: 0.0,
            count: 0,
        };
        Self {
            inputs,
            targets,
            grad_into,
            reduction,
            shards: (0..number).map(shard).collect(),
        }
    }
}

impl<M, X, Y, L, F> Gradients<M> for Shards<'_, X, Y, M::Gradient, F>
where
    M: Differentiable<Gradient: Send> + Sync,
    X: Examples + ?Sized,
    Y: Examples + ?Sized,
    L: Into<f64>,
    F: for<'a> Fn(&'a M, X::Arg<'a>, Y::Arg<'a>, &mut M::Gradient) -> L + Sync,
{
    fn compute(&mut self, model: &M, batch: &Part<'_>, mean: &mut Flat) -> Loss {
        let Self {
            inputs,
            targets,
            grad_into,
            ..
        } = self;
        let number = self.shards.len();
        let rows = batch.rows.len();
        // The first shard has a row if there is one.
        let start = |shard: usize| (shard * rows).div_ceil(number);
        let reduction = self.reduction;
        let share = move |count: usize| match reduction {
            Reduction::Mean => count as f64 / rows as f64,
            Reduction::Sum => 1.0 / rows as f64,
        };
        let compute = |shard: &mut Shard<X::Batch, Y::Batch, M::Gradient>| {
            let own = start(shard.index)..start(shard.index + 1);
            shard.count = own.len();
            if shard.count == 0 {
                return;
            }
            let part = Part {
                rows: &batch.rows[own],
                shard: shard.index,
                ..*batch
            };
            inputs.gather(&part, &mut shard.inputs);
            targets.gather(&part, &mut shard.targets);
            shard.gradient.set_zero();
            let (x, y) = (X::arg(&shard.inputs), Y::arg(&shard.targets));
            shard.loss = grad_into(model, x, y, &mut shard.gradient).into();
            // While the gradient is in the cache of this core, and others still compute.
            if shard.index == 0 {
                shard.finite = shard.sum.copy_scaled(share(shard.count), &shard.gradient);
            }
        };
        std::mem::swap(mean, &mut self.shards[0].sum);
        side_by_side(&mut self.shards, compute);
        std::mem::swap(mean, &mut self.shards[0].sum);

        let mut total = 0.0;
        // Of the last sum alone: what was not finite before stays so.
        let mut finite = self.shards[0].finite;
        for shard in self.shards.iter().filter(|shard| shard.count > 0) {
            if shard.index > 0 {
                finite = mean.add_scaled(share(shard.count), &shard.gradient);
            }
            total += match reduction {
                Reduction::Mean => shard.loss * shard.count as f64,
                Reduction::Sum => shard.loss,
            };
        }
        Loss {
            total,
            finite: finite && total.is_finite(),
            bad_row: None,
        }
    }
}

/// Does something to every element, on several cores if there are several elements and the feature
/// `parallel` is on.
fn side_by_side<T: Send>(elements: &mut [T], work: impl Fn(&mut T) + Sync) {
    #[cfg(feature = "parallel")]
    if elements.len() > 1 {
        elements.par_iter_mut().for_each(&work);
        return;
    }
    elements.iter_mut().for_each(work);
}
