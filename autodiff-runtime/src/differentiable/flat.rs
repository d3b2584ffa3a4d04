//! The numbers of all leaves of a value in buffers of their own.

use super::walk::non_finite_in;
use super::{Leaf, LeafMut, Leaves, Name, Precision};
use crate::real::Real;

/// The numbers of a value's leaves, put end to end in buffers that keep their memory: what an
/// optimiser remembers of a model, a sum of gradients, a copy to go back to.
///
/// A leaf is known by its place in the order of [`Leaves::visit`]; names are not kept. Everything but
/// [`Flat::of`] and [`Flat::zeros`] works in place, without allocating, on whole slices.
///
/// ```
/// use autodiff_runtime::differentiable::Flat;
///
/// let mut model = (1.0_f64, vec![2.0_f64, 3.0]);
/// let start = Flat::of(&model);
/// let mut sum = Flat::zeros(&model);
/// sum.add_scaled(0.5, &(4.0_f64, vec![6.0_f64, 8.0]));
/// sum.write_to(&mut model);
/// assert_eq!(model, (2.0, vec![3.0, 4.0]));
/// start.write_to(&mut model);
/// assert_eq!(model, (1.0, vec![2.0, 3.0]));
/// ```
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Flat {
    runs: Vec<Run>,
    single: Vec<f32>,
    double: Vec<f64>,
}

/// Where a leaf's numbers are in the buffer of its precision.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Run {
    precision: Precision,
    start: usize,
    end: usize,
}

impl Flat {
    /// A copy of the numbers of `value`.
    pub fn of<V: Leaves + ?Sized>(value: &V) -> Self {
        let mut flat = Self::default();
        value.visit(&mut Name::silent(), &mut |_, leaf| flat.push(leaf));
        flat
    }

    /// Zeros, as many as `value` has numbers.
    pub fn zeros<V: Leaves + ?Sized>(value: &V) -> Self {
        let mut flat = Self::of(value);
        flat.set_zero();
        flat
    }

    fn push(&mut self, leaf: Leaf<'_>) {
        let (start, end) = match leaf {
            Leaf::F32(numbers) => extend(&mut self.single, numbers),
            Leaf::F64(numbers) => extend(&mut self.double, numbers),
        };
        let precision = leaf.precision();
        self.runs.push(Run {
            precision,
            start,
            end,
        });
    }

    /// Zeros in the places of this one's numbers.
    pub fn zeros_like(&self) -> Self {
        let mut zeros = self.clone();
        zeros.set_zero();
        zeros
    }

    /// The number of leaves.
    pub fn leaf_count(&self) -> usize {
        self.runs.len()
    }

    /// The number of numbers.
    pub fn len(&self) -> usize {
        self.single.len() + self.double.len()
    }

    /// Whether there is no number.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The numbers of the leaf at this place.
    ///
    /// # Panics
    ///
    /// If there is no such leaf.
    pub fn leaf(&self, index: usize) -> Leaf<'_> {
        let Run {
            precision,
            start,
            end,
        } = self.runs[index];
        match precision {
            Precision::F32 => Leaf::F32(&self.single[start..end]),
            Precision::F64 => Leaf::F64(&self.double[start..end]),
        }
    }

    /// As [`Flat::leaf`], open to change.
    ///
    /// # Panics
    ///
    /// If there is no such leaf.
    pub fn leaf_mut(&mut self, index: usize) -> LeafMut<'_> {
        let Run {
            precision,
            start,
            end,
        } = self.runs[index];
        match precision {
            Precision::F32 => LeafMut::F32(&mut self.single[start..end]),
            Precision::F64 => LeafMut::F64(&mut self.double[start..end]),
        }
    }

    /// The numbers of all leaves of single precision, in order.
    pub fn single(&self) -> &[f32] {
        &self.single
    }

    /// The numbers of all leaves of double precision, in order.
    pub fn double(&self) -> &[f64] {
        &self.double
    }

    /// As [`Flat::single`], open to change.
    pub fn single_mut(&mut self) -> &mut [f32] {
        &mut self.single
    }

    /// As [`Flat::double`], open to change.
    pub fn double_mut(&mut self) -> &mut [f64] {
        &mut self.double
    }

    /// Whether the leaves are as many, of the same precisions and lengths as those of the other.
    pub fn same_shape(&self, other: &Self) -> bool {
        self.runs == other.runs
    }

    /// Takes over the numbers of `value`.
    ///
    /// # Panics
    ///
    /// If `value` has other leaves (number, precision, length); the message names the first. So do all
    /// methods that take a value.
    #[track_caller]
    pub fn copy_from<V: Leaves + ?Sized>(&mut self, value: &V) {
        self.walk(value, |own, leaf| match (own, leaf) {
            (LeafMut::F32(own), Leaf::F32(numbers)) => own.copy_from_slice(numbers),
            (LeafMut::F64(own), Leaf::F64(numbers)) => own.copy_from_slice(numbers),
            _ => unreachable!("the walk compares the precisions"),
        });
    }

    /// Takes over `factor` times the numbers of `value`, and tells whether the result is finite.
    ///
    /// # Panics
    ///
    /// As [`Flat::copy_from`].
    #[track_caller]
    pub fn copy_scaled<V: Leaves + ?Sized>(&mut self, factor: f64, value: &V) -> bool {
        let mut finite = true;
        self.walk(value, |own, leaf| {
            finite &= match (own, leaf) {
                (LeafMut::F32(own), Leaf::F32(numbers)) => copy_scaled(own, factor, numbers),
                (LeafMut::F64(own), Leaf::F64(numbers)) => copy_scaled(own, factor, numbers),
                _ => unreachable!("the walk compares the precisions"),
            }
        });
        finite
    }

    /// Adds `factor` times the numbers of `value`, computed in the precision of the leaf, and tells whether
    /// the result is finite.
    ///
    /// # Panics
    ///
    /// As [`Flat::copy_from`].
    #[track_caller]
    pub fn add_scaled<V: Leaves + ?Sized>(&mut self, factor: f64, value: &V) -> bool {
        let mut finite = true;
        self.walk(value, |own, leaf| {
            finite &= match (own, leaf) {
                (LeafMut::F32(own), Leaf::F32(numbers)) => add_scaled(own, factor, numbers),
                (LeafMut::F64(own), Leaf::F64(numbers)) => add_scaled(own, factor, numbers),
                _ => unreachable!("the walk compares the precisions"),
            }
        });
        finite
    }

    /// Hands out every leaf of `value` with these numbers in its place.
    #[track_caller]
    fn walk<V: Leaves + ?Sized>(&mut self, value: &V, mut f: impl FnMut(LeafMut<'_>, Leaf<'_>)) {
        let mut index = 0;
        let mut fits = true;
        value.visit(&mut Name::silent(), &mut |_, leaf| {
            fits = fits && self.fits(index, leaf);
            if fits {
                f(self.leaf_mut(index), leaf);
                index += 1;
            }
        });
        if !fits || index != self.runs.len() {
            self.mismatch(value, index);
        }
    }

    /// Hands out every leaf of `value` with its place and these numbers in it.
    ///
    /// # Panics
    ///
    /// As [`Flat::copy_from`] and [`Leaves::visit_mut`].
    #[track_caller]
    pub fn zip_mut<V: Leaves + ?Sized>(
        &self,
        value: &mut V,
        mut f: impl FnMut(usize, LeafMut<'_>, Leaf<'_>),
    ) {
        let mut index = 0;
        let mut fits = true;
        value.visit_mut(&mut Name::silent(), &mut |_, leaf| {
            fits = fits && self.fits(index, leaf.as_leaf());
            if fits {
                f(index, leaf, self.leaf(index));
                index += 1;
            }
        });
        if !fits || index != self.runs.len() {
            self.mismatch(value, index);
        }
    }

    /// Puts the numbers into `value`.
    ///
    /// # Panics
    ///
    /// As [`Flat::copy_from`] and [`Leaves::visit_mut`].
    #[track_caller]
    pub fn write_to<V: Leaves + ?Sized>(&self, value: &mut V) {
        self.zip_mut(value, |_, leaf, own| match (leaf, own) {
            (LeafMut::F32(numbers), Leaf::F32(own)) => numbers.copy_from_slice(own),
            (LeafMut::F64(numbers), Leaf::F64(own)) => numbers.copy_from_slice(own),
            _ => unreachable!("the walk compares the precisions"),
        });
    }

    fn fits(&self, index: usize, leaf: Leaf<'_>) -> bool {
        index < self.runs.len() && self.leaf(index).matches(&leaf)
    }

    /// Says where `value` stops to fit, which is at the leaf with this index.
    #[track_caller]
    fn mismatch<V: Leaves + ?Sized>(&self, value: &V, index: usize) -> ! {
        let mut found = None;
        let mut count = 0;
        value.visit(&mut Name::default(), &mut |path, leaf| {
            if count == index {
                let path = if path.is_empty() { "self" } else { path };
                found = Some(format!("`{path}` ({})", leaf.shape()));
            }
            count += 1;
        });
        let expected = (index < self.runs.len()).then(|| self.leaf(index).shape());
        match (found, expected) {
            (Some(found), Some(expected)) => {
                panic!("the leaf {found} meets numbers of another shape: {expected}")
            }
            (Some(found), None) => panic!("there are no numbers for the leaf {found}"),
            (None, _) => panic!(
                "the value has {count} leaves, but there are numbers for {}",
                self.runs.len()
            ),
        }
    }

    /// Sets every number to zero.
    pub fn set_zero(&mut self) {
        self.single.fill(0.0);
        self.double.fill(0.0);
    }

    /// Multiplies every number by `factor`.
    pub fn scale(&mut self, factor: f64) {
        let single = factor as f32;
        self.single.iter_mut().for_each(|own| *own *= single);
        self.double.iter_mut().for_each(|own| *own *= factor);
    }

    /// Moves every number into `-limit..=limit`; a NaN stays.
    ///
    /// # Panics
    ///
    /// If `limit` is negative or NaN.
    pub fn clamp(&mut self, limit: f64) {
        let single = limit as f32;
        self.single
            .iter_mut()
            .for_each(|own| *own = own.clamp(-single, single));
        self.double
            .iter_mut()
            .for_each(|own| *own = own.clamp(-limit, limit));
    }

    /// The sum of the squares of all numbers, in double precision.
    pub fn sum_of_squares(&self) -> f64 {
        sum_of_squares(&self.single) + sum_of_squares(&self.double)
    }

    /// The Euclidean norm over all numbers; it over- or underflows only where the true one does.
    pub fn norm(&self) -> f64 {
        let sum = self.sum_of_squares();
        if sum.is_normal() {
            return sum.sqrt();
        }
        // Some square is out of range, or some number is not finite, or all are zero.
        let largest = self.largest();
        match largest > 0.0 && largest.is_finite() {
            true => {
                let squares = (0..self.runs.len()).flat_map(|index| self.leaf(index).to_vec());
                let sum: f64 = squares.map(|number| (number / largest).powi(2)).sum();
                largest * sum.sqrt()
            }
            false => largest,
        }
    }

    /// The largest magnitude; NaN if there is a NaN.
    fn largest(&self) -> f64 {
        let single = self.single.iter().map(|&number| f64::from(number));
        let all = single.chain(self.double.iter().copied());
        all.fold(0.0, |largest: f64, number| {
            if number.is_nan() || number.abs() > largest {
                number.abs()
            } else {
                largest
            }
        })
    }

    /// The name of the first number that is infinite or NaN, in a value of these leaves: the path, with
    /// an index where the leaf holds more than one number. See
    /// [`first_non_finite`](super::first_non_finite).
    pub fn first_non_finite<V: Leaves + ?Sized>(&self, value: &V) -> Option<String> {
        let mut index = 0;
        let mut place = None;
        value.visit(&mut Name::default(), &mut |path, _| {
            if place.is_none() && index < self.runs.len() {
                place = non_finite_in(path, self.leaf(index));
            }
            index += 1;
        });
        place
    }

    /// Whether no number is infinite or NaN.
    pub fn is_finite(&self) -> bool {
        Leaf::F32(&self.single).is_finite() & Leaf::F64(&self.double).is_finite()
    }
}

fn extend<T: Copy>(buffer: &mut Vec<T>, numbers: &[T]) -> (usize, usize) {
    let start = buffer.len();
    buffer.extend_from_slice(numbers);
    (start, buffer.len())
}

// Whether all is finite is asked along the way, while the numbers are at hand.

fn copy_scaled<T: Real>(own: &mut [T], factor: f64, numbers: &[T]) -> bool {
    let factor = T::from_f64(factor);
    each_finite(own, numbers, |_, number| factor * number)
}

fn add_scaled<T: Real>(own: &mut [T], factor: f64, numbers: &[T]) -> bool {
    let factor = T::from_f64(factor);
    each_finite(own, numbers, |own, number| own + factor * number)
}

/// Makes every number what `f` makes of it and the other one, and tells whether all results are finite.
///
/// Sums of products with zero tell that, as in [`Leaf::is_finite`].
fn each_finite<T: Real>(own: &mut [T], numbers: &[T], f: impl Fn(T, T) -> T) -> bool {
    let mut sums = [T::default(); 16];
    let (own_chunks, own_rest) = own.as_chunks_mut::<16>();
    let (chunks, rest) = numbers.as_chunks::<16>();
    for (own, numbers) in own_chunks.iter_mut().zip(chunks) {
        // All sixteen are computed before one is stored, so that the loop need not go through them one by one.
        let results: [T; 16] = std::array::from_fn(|lane| f(own[lane], numbers[lane]));
        *own = results;
        for (sum, result) in sums.iter_mut().zip(results) {
            *sum += result * T::default();
        }
    }
    for ((own, &number), sum) in own_rest.iter_mut().zip(rest).zip(&mut sums) {
        *own = f(*own, number);
        *sum += *own * T::default();
    }
    sums.iter().all(|sum| sum.is_finite())
}

/// In eight sums, which the processor forms side by side; always the same ones.
fn sum_of_squares<T: Real>(numbers: &[T]) -> f64 {
    let mut sums = [0.0_f64; 8];
    let (chunks, rest) = numbers.as_chunks::<8>();
    for chunk in chunks {
        for (sum, number) in sums.iter_mut().zip(chunk) {
            let number = number.to_f64();
            *sum += number * number;
        }
    }
    for (sum, number) in sums.iter_mut().zip(rest) {
        let number = number.to_f64();
        *sum += number * number;
    }
    sums.iter().sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    type Model = (f64, Vec<[f32; 2]>, [f64; 3]);

    fn model() -> Model {
        (1.0, vec![[2.0, 3.0], [4.0, -0.0]], [5.0, 6.0, 7.0])
    }

    #[test]
    fn every_number_comes_back() {
        let original = model();
        let flat = Flat::of(&original);
        assert_eq!((flat.leaf_count(), flat.len()), (4, 8));
        assert_eq!(flat.leaf(2), Leaf::F32(&[4.0, -0.0]));
        let mut other: Model = (f64::NAN, vec![[9.0; 2]; 2], [f64::INFINITY; 3]);
        flat.write_to(&mut other);
        assert_eq!(other, original);
        assert!(other.1[1][1].is_sign_negative());
    }

    #[test]
    fn arithmetic_is_that_of_the_leaves() {
        let mut flat = Flat::of(&model());
        flat.add_scaled(2.0, &model());
        assert_eq!(flat.leaf(3), Leaf::F64(&[15.0, 18.0, 21.0]));
        flat.copy_scaled(-0.5, &model());
        assert_eq!(flat.leaf(1), Leaf::F32(&[-1.0, -1.5]));
        flat.scale(4.0);
        assert_eq!(flat.leaf(0), Leaf::F64(&[-2.0]));
        flat.clamp(5.0);
        assert_eq!(flat.leaf(1), Leaf::F32(&[-4.0, -5.0]));
        flat.copy_from(&model());
        assert_eq!(
            flat.sum_of_squares(),
            1.0 + 4.0 + 9.0 + 16.0 + 25.0 + 36.0 + 49.0
        );
        assert_eq!(flat.zeros_like(), Flat::zeros(&model()));
    }

    #[test]
    fn sums_of_squares_leave_nothing_out() {
        for length in 0..40 {
            let numbers: Vec<f32> = (1..=length).map(|number| number as f32).collect();
            let exact: f64 = (1..=length).map(|number| f64::from(number * number)).sum();
            assert_eq!(Flat::of(&numbers).sum_of_squares(), exact);
        }
    }

    #[test]
    fn what_is_not_finite_is_found_everywhere() {
        for place in 0..8 {
            for bad in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
                let mut numbers = vec![f64::MAX; 8];
                let mut halves = vec![f32::MAX; 8];
                assert!(Flat::of(&(numbers.clone(), halves.clone())).is_finite());
                numbers[place] = bad;
                assert!(!Flat::of(&(numbers, halves.clone())).is_finite());
                halves[place] = bad as f32;
                assert!(!Flat::of(&halves).is_finite());
            }
        }
    }

    #[test]
    #[should_panic(expected = "the leaf `1.1` (2 × f32) meets numbers of another shape: 3 × f64")]
    fn another_order_is_refused() {
        let flat = Flat::of(&(0.0_f64, ([1.0_f32; 2], [1.0_f64; 3])));
        flat.write_to(&mut (0.0_f64, ([1.0_f32; 2], [1.0_f32; 2])));
    }

    #[test]
    #[should_panic(expected = "there are no numbers for the leaf `1` (1 × f64)")]
    fn a_longer_value_is_refused() {
        Flat::of(&(0.0_f64,)).copy_from(&(0.0_f64, 1.0_f64));
    }

    #[test]
    #[should_panic(expected = "the value has 1 leaves, but there are numbers for 2")]
    fn a_shorter_value_is_refused() {
        Flat::of(&(0.0_f64, 1.0_f64)).copy_from(&(0.0_f64,));
    }
}
