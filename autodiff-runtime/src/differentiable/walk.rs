//! What can be done with the named leaves of any value: count them, list them, search them, and
//! walk those of two values in step.

use super::{Leaf, LeafMut, Leaves, Name, Precision};
use crate::real::Real;

impl Leaf<'_> {
    /// The precision of the numbers.
    pub fn precision(&self) -> Precision {
        match self {
            Leaf::F32(_) => Precision::F32,
            Leaf::F64(_) => Precision::F64,
        }
    }

    /// How many numbers the leaf holds.
    pub fn len(&self) -> usize {
        match self {
            Leaf::F32(numbers) => numbers.len(),
            Leaf::F64(numbers) => numbers.len(),
        }
    }

    /// Whether the leaf holds no number, as an empty vector's does.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The number at `index`, in double precision.
    ///
    /// # Panics
    ///
    /// If `index` is not below [`Leaf::len`].
    pub fn get(&self, index: usize) -> f64 {
        match self {
            Leaf::F32(numbers) => f64::from(numbers[index]),
            Leaf::F64(numbers) => numbers[index],
        }
    }

    /// Whether no number is infinite or NaN.
    pub fn is_finite(&self) -> bool {
        match self {
            Leaf::F32(numbers) => all_finite(numbers),
            Leaf::F64(numbers) => all_finite(numbers),
        }
    }

    /// The numbers in double precision.
    pub fn to_vec(&self) -> Vec<f64> {
        (0..self.len()).map(|index| self.get(index)).collect()
    }
}

/// A number times 0 is 0, and NaN if it is not finite, and a sum with a NaN in it is NaN: sixteen such sums
/// are a few registers, and need no test for each number.
fn all_finite<T: Real>(numbers: &[T]) -> bool {
    let mut sums = [T::default(); 16];
    let (chunks, rest) = numbers.as_chunks::<16>();
    for numbers in chunks {
        for (sum, &number) in sums.iter_mut().zip(numbers) {
            *sum += number * T::default();
        }
    }
    for (sum, &number) in sums.iter_mut().zip(rest) {
        *sum += number * T::default();
    }
    sums.iter().all(|sum| sum.is_finite())
}

impl LeafMut<'_> {
    /// The same leaf for reading.
    pub fn as_leaf(&self) -> Leaf<'_> {
        match self {
            LeafMut::F32(numbers) => Leaf::F32(numbers),
            LeafMut::F64(numbers) => Leaf::F64(numbers),
        }
    }

    /// Sets the number at `index`, rounded to the leaf's precision.
    ///
    /// # Panics
    ///
    /// If `index` is not below the leaf's length.
    pub fn set(&mut self, index: usize, value: f64) {
        match self {
            LeafMut::F32(numbers) => numbers[index] = value as f32,
            LeafMut::F64(numbers) => numbers[index] = value,
        }
    }
}

/// The leaves of `value` with their paths, in declaration order.
pub fn leaves<V: Leaves + ?Sized>(value: &V) -> Vec<(String, Leaf<'_>)> {
    let mut found = Vec::new();
    value.visit(&mut Name::default(), &mut |path, leaf| {
        found.push((path.to_owned(), leaf))
    });
    found
}

/// As [`leaves`], with the numbers open to change.
///
/// # Panics
///
/// As [`Leaves::visit_mut`], if a leaf lies behind a shared reference.
///
/// ```
/// use autodiff_runtime::differentiable::{LeafMut, leaves_mut};
///
/// let mut value = (1.0_f64, vec![2.0_f64, 3.0]);
/// for (_, mut leaf) in leaves_mut(&mut value) {
///     leaf.set(0, 9.0);
/// }
/// assert_eq!(value, (9.0, vec![9.0, 3.0]));
/// ```
pub fn leaves_mut<V: Leaves + ?Sized>(value: &mut V) -> Vec<(String, LeafMut<'_>)> {
    let mut found = Vec::new();
    value.visit_mut(&mut Name::default(), &mut |path, leaf| {
        found.push((path.to_owned(), leaf))
    });
    found
}

/// The leaves of `value` as copies in double precision, each with its path.
///
/// ```
/// use autodiff_runtime::differentiable::named_leaves;
///
/// let value = (1.0_f64, [[2.0_f32, 3.0], [4.0, 5.0]]);
/// assert_eq!(named_leaves(&value), [
///     ("0".to_owned(), vec![1.0]),
///     ("1.0".to_owned(), vec![2.0, 3.0]),
///     ("1.1".to_owned(), vec![4.0, 5.0]),
/// ]);
/// ```
pub fn named_leaves<V: Leaves + ?Sized>(value: &V) -> Vec<(String, Vec<f64>)> {
    leaves(value)
        .into_iter()
        .map(|(path, leaf)| (path, leaf.to_vec()))
        .collect()
}

/// How many leaves `value` has: named runs of numbers, not numbers.
///
/// ```
/// use autodiff_runtime::differentiable::{leaf_count, parameter_count};
///
/// let value = (1.0_f64, vec![2.0_f64, 3.0]);
/// assert_eq!((leaf_count(&value), parameter_count(&value)), (2, 3));
/// ```
pub fn leaf_count<V: Leaves + ?Sized>(value: &V) -> usize {
    let mut count = 0;
    value.visit(&mut Name::default(), &mut |_, _| count += 1);
    count
}

/// How many numbers the leaves of `value` hold together.
pub fn parameter_count<V: Leaves + ?Sized>(value: &V) -> usize {
    let mut count = 0;
    value.visit(&mut Name::default(), &mut |_, leaf| count += leaf.len());
    count
}

/// The place of the first number that is infinite or NaN, or `None` if all are finite.
///
/// The place is the leaf's path, followed by the index where the leaf holds more than one number;
/// `self` stands for a value that is itself a leaf.
///
/// ```
/// use autodiff_runtime::differentiable::first_non_finite;
///
/// assert_eq!(first_non_finite(&(0.0_f64, [1.0_f64, f64::NAN])).as_deref(), Some("1[1]"));
/// assert_eq!(first_non_finite(&f32::INFINITY).as_deref(), Some("self"));
/// assert_eq!(first_non_finite(&[0.0_f64; 3]), None);
/// ```
pub fn first_non_finite<V: Leaves + ?Sized>(value: &V) -> Option<String> {
    let mut place = None;
    value.visit(&mut Name::default(), &mut |path, leaf| {
        if place.is_none() {
            place = non_finite_in(path, leaf);
        }
    });
    place
}

/// Whether no number of any leaf is infinite or NaN.
///
/// ```
/// use autodiff_runtime::differentiable::is_finite;
///
/// assert!(is_finite(&(0.0_f64, [1.0_f32, -2.0])));
/// assert!(!is_finite(&(0.0_f64, [1.0_f32, f32::NAN])));
/// ```
pub fn is_finite<V: Leaves + ?Sized>(value: &V) -> bool {
    let mut finite = true;
    value.visit(&mut Name::silent(), &mut |_, leaf| {
        finite &= leaf.is_finite()
    });
    finite
}

/// The place of the first number of a leaf that is not finite.
pub(super) fn non_finite_in(path: &str, leaf: Leaf<'_>) -> Option<String> {
    let index = match leaf {
        Leaf::F32(numbers) => numbers.iter().position(|number| !number.is_finite()),
        Leaf::F64(numbers) => numbers.iter().position(|number| !number.is_finite()),
    }?;
    let path = if path.is_empty() { "self" } else { path };
    Some(match leaf.len() {
        1 => path.to_owned(),
        _ => format!("{path}[{index}]"),
    })
}

/// Walks the leaves of a value and of its gradient in step: what an optimiser does.
///
/// # Panics
///
/// If the two do not have the same leaves (path, precision and length), naming the first that
/// differs; and as [`Leaves::visit_mut`].
///
/// ```
/// use autodiff_runtime::differentiable::{Leaf, LeafMut, zip_leaves};
///
/// let mut weights = (1.0_f64, vec![2.0_f64, 3.0]);
/// let slopes = (10.0, vec![10.0, 20.0]);
/// zip_leaves(&mut weights, &slopes, |_, weight, slope| {
///     let (LeafMut::F64(weight), Leaf::F64(slope)) = (weight, slope) else { unreachable!() };
///     for (weight, slope) in weight.iter_mut().zip(slope) {
///         *weight -= 0.1 * slope;
///     }
/// });
/// assert_eq!(weights, (0.0, vec![1.0, 1.0]));
/// ```
#[track_caller]
pub fn zip_leaves<V, G>(value: &mut V, gradient: &G, mut f: impl FnMut(&str, LeafMut<'_>, Leaf<'_>))
where
    V: Leaves + ?Sized,
    G: Leaves + ?Sized,
{
    let partners = leaves(gradient);
    let mut partners = partners.iter();
    value.visit_mut(&mut Name::default(), &mut |path, leaf| {
        let Some((partner_path, partner)) = partners.next() else {
            panic!("the gradient has no leaf for `{path}`");
        };
        assert!(
            path == partner_path && leaf.as_leaf().matches(partner),
            "the leaf `{path}` ({}) meets `{partner_path}` ({}) of the gradient: \
             they belong to values of different shape",
            leaf.as_leaf().shape(),
            partner.shape(),
        );
        f(path, leaf, *partner);
    });
    if let Some((path, _)) = partners.next() {
        panic!("the gradient's leaf `{path}` is none of the value's");
    }
}

impl Leaf<'_> {
    pub(super) fn matches(&self, other: &Leaf<'_>) -> bool {
        self.precision() == other.precision() && self.len() == other.len()
    }

    pub(super) fn shape(&self) -> String {
        format!("{} × {}", self.len(), self.precision())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_follow_the_nesting_and_floats_form_runs() {
        let value = (
            [(1.0_f64, 2_u8), (3.0, 4)],
            Box::new(vec![5.0_f32, 6.0]),
            "text",
        );
        assert_eq!(
            named_leaves(&value),
            [
                ("0.0.0".to_owned(), vec![1.0]),
                ("0.1.0".to_owned(), vec![3.0]),
                ("1".to_owned(), vec![5.0, 6.0]),
            ]
        );
        assert_eq!((leaf_count(&value), parameter_count(&value)), (3, 4));
    }

    #[test]
    #[should_panic(expected = "the leaf `1` (2 × f64) meets `1` (3 × f64) of the gradient")]
    fn leaves_of_different_length_do_not_walk_in_step() {
        zip_leaves(&mut (0.0, vec![0.0; 2]), &(0.0, vec![0.0; 3]), |_, _, _| {});
    }

    #[test]
    #[should_panic(expected = "the leaf `self-made` (1 × f32)")]
    fn leaves_of_different_precision_do_not_walk_in_step() {
        struct Named(f32);
        impl Leaves for Named {
            fn visit<'a>(&'a self, name: &mut Name, f: &mut dyn FnMut(&str, Leaf<'a>)) {
                name.within("self-made", |name| self.0.visit(name, f));
            }
            fn visit_mut<'a>(&'a mut self, name: &mut Name, f: &mut dyn FnMut(&str, LeafMut<'a>)) {
                name.within("self-made", |name| self.0.visit_mut(name, f));
            }
        }
        zip_leaves(&mut Named(1.0), &(1.0_f64,), |_, _, _| {});
    }

    #[test]
    #[should_panic(expected = "the gradient has no leaf for `1`")]
    fn a_missing_leaf_is_named() {
        zip_leaves(&mut (0.0, 0.0), &(0.0,), |_, _, _| {});
    }

    #[test]
    #[should_panic(expected = "the gradient's leaf `1` is none of the value's")]
    fn a_leaf_too_many_is_named() {
        zip_leaves(&mut (0.0,), &(0.0, 0.0), |_, _, _| {});
    }

    #[test]
    #[should_panic(expected = "the numbers at `1` cannot be changed")]
    fn a_shared_reference_is_not_skipped() {
        let shared = [1.0_f64];
        leaves_mut(&mut (2.0_f64, &shared));
    }

    #[test]
    fn a_shared_reference_without_numbers_is_no_obstacle() {
        assert_eq!(leaves_mut(&mut (2.0_f64, "text")).len(), 1);
    }
}
