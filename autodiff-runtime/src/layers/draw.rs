//! Where weights start.

use ndarray::{Array, Array2, Dimension, ShapeBuilder};
use rand::rngs::Xoshiro256PlusPlus;
use rand::{RngExt, SeedableRng};

use crate::Real;
use crate::nn::Init;
use crate::nn::init::normal;

/// The xoshiro256++ stream of a seed, from which the weights of a model are drawn one after the other,
/// in double precision.
pub(super) struct Draw(Xoshiro256PlusPlus);

impl Draw {
    pub fn seeded(seed: u64) -> Self {
        Self(Xoshiro256PlusPlus::seed_from_u64(seed))
    }

    /// An array for a layer with that many inputs and outputs.
    pub fn init<T: Real, S: ShapeBuilder>(
        &mut self,
        init: Init,
        shape: S,
        inputs: usize,
        outputs: usize,
    ) -> Array<T, S::Dim> {
        let rng = &mut self.0;
        Array::from_shape_simple_fn(shape, || T::from_f64(init.sample(rng, inputs, outputs)))
    }

    /// Standard normal numbers.
    pub fn normal<T: Real, S: ShapeBuilder>(&mut self, shape: S) -> Array<T, S::Dim> {
        Array::from_shape_simple_fn(shape, || T::from_f64(normal(&mut self.0)))
    }

    /// Square blocks beneath each other, each a random orthogonal matrix: they keep the length of what is
    /// multiplied by them again and again (Saxe, McClelland & Ganguli, *Exact solutions to the nonlinear
    /// dynamics of learning in deep linear neural networks*, 2014).
    pub fn orthogonal<T: Real>(&mut self, blocks: usize, width: usize) -> Array2<T> {
        let mut rows = self.normal::<f64, _>((blocks * width, width));
        for block in 0..blocks {
            let first = block * width;
            for i in first..first + width {
                // Gram and Schmidt, twice, since once leaves what rounding left.
                for _ in 0..2 {
                    for j in first..i {
                        let other = rows.row(j).to_owned();
                        let along = rows.row(i).dot(&other);
                        rows.row_mut(i).scaled_add(-along, &other);
                    }
                }
                let length = rows.row(i).dot(&rows.row(i)).sqrt();
                rows.row_mut(i).mapv_inplace(|x| x / length);
            }
        }
        rows.mapv(T::from_f64)
    }

    /// Zeros and ones, scaled so that their mean stays 1: `keep` is the probability of a one.
    pub fn mask<T: Real, D: Dimension>(&mut self, shape: D, keep: f64) -> Array<T, D> {
        let kept = T::from_f64(1.0 / keep);
        Array::from_shape_simple_fn(shape, || match self.0.random::<f64>() < keep {
            true => kept,
            false => T::default(),
        })
    }
}
