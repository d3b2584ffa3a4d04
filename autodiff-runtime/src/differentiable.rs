//! What a differentiable value is: the type of its gradient, and its named float leaves.
//!
//! The traits are here; which of the standard types have them is in the private module `shapes`.

use std::fmt::{Debug, Display, Write};

#[cfg(feature = "ndarray")]
mod arrays;
mod flat;
mod shapes;
mod tensors;
mod walk;

pub use flat::Flat;
pub use tensors::{Axes, Precision, Tensor, tensors};
pub use walk::{
    first_non_finite, is_finite, leaf_count, leaves, leaves_mut, named_leaves, parameter_count,
    zip_leaves,
};

/// A borrowed leaf: a contiguous run of floats (one number, an array, a vector).
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Leaf<'a> {
    /// Single precision.
    F32(&'a [f32]),
    /// Double precision.
    F64(&'a [f64]),
}

/// A mutably borrowed leaf, see [`Leaf`].
#[derive(Debug, PartialEq)]
pub enum LeafMut<'a> {
    /// Single precision.
    F32(&'a mut [f32]),
    /// Double precision.
    F64(&'a mut [f64]),
}

/// The dotted path to a leaf (`layers.0.weight`), grown and shrunk while a value is walked.
#[derive(Clone, Debug, Default)]
pub struct Name {
    text: String,
    /// Whether nobody reads the path, so that none is written.
    silent: bool,
}

impl Name {
    /// A path that starts at `root`; the empty root names the value itself.
    pub fn new(root: &str) -> Self {
        Name {
            text: root.to_owned(),
            silent: false,
        }
    }

    /// A path that stays empty, for walks that know the leaves by their order: writing paths takes
    /// longer than anything else that is done to small leaves.
    pub(crate) fn silent() -> Self {
        Name {
            text: String::new(),
            silent: true,
        }
    }

    /// The path as text.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Runs `visit` with `part` appended to the path.
    ///
    /// ```
    /// use autodiff_runtime::Name;
    ///
    /// let mut name = Name::new("layers");
    /// name.within(0, |name| assert_eq!(name.as_str(), "layers.0"));
    /// assert_eq!(name.as_str(), "layers");
    /// ```
    pub fn within<R>(&mut self, part: impl Display, visit: impl FnOnce(&mut Self) -> R) -> R {
        if self.silent {
            return visit(self);
        }
        let length = self.text.len();
        if length > 0 {
            self.text.push('.');
        }
        write!(self.text, "{part}").expect("writing to a String does not fail");
        let result = visit(self);
        self.text.truncate(length);
        result
    }
}

/// A value made of named float leaves. Models and their gradients have the same leaves and tensors, by name,
/// order and shape.
///
/// A leaf handed to the visitor lives as long as the borrow of the value, so a visitor may keep it;
/// [`leaves`] and [`leaves_mut`] collect them that way.
#[diagnostic::on_unimplemented(
    message = "`{Self}` has no gradient, hence no leaves [autodiff::D1502]",
    label = "this type is not differentiable",
    note = "derive or implement `Differentiable` for it, or mark the parameter or field `#[constant]`"
)]
pub trait Leaves {
    /// Calls `f` with the path and the numbers of each leaf, in declaration order.
    fn visit<'a>(&'a self, name: &mut Name, f: &mut dyn FnMut(&str, Leaf<'a>));

    /// As [`Leaves::visit`], with the numbers open to change.
    ///
    /// # Panics
    ///
    /// If a leaf lies behind a shared reference: it cannot be changed, and to skip it would leave
    /// a model silently half trained.
    fn visit_mut<'a>(&'a mut self, name: &mut Name, f: &mut dyn FnMut(&str, LeafMut<'a>));

    /// Visits a run of values: one leaf for floats, one path per element for everything else.
    fn visit_run<'a>(run: &'a [Self], name: &mut Name, f: &mut dyn FnMut(&str, Leaf<'a>))
    where
        Self: Sized,
    {
        for (index, value) in run.iter().enumerate() {
            name.within(index, |name| value.visit(name, f));
        }
    }

    /// As [`Leaves::visit_run`], with the numbers open to change.
    fn visit_run_mut<'a>(run: &'a mut [Self], name: &mut Name, f: &mut dyn FnMut(&str, LeafMut<'a>))
    where
        Self: Sized,
    {
        for (index, value) in run.iter_mut().enumerate() {
            name.within(index, |name| value.visit_mut(name, f));
        }
    }

    /// Calls `f` with the path, the precision and the shape of each tensor, in declaration order; a
    /// single number has the shape `[]`.
    ///
    /// A tensor is one or more leaves that follow each other: the leaves of a value in order, with
    /// the last index running fastest, are the numbers of its tensors in order. `[[f64; 2]; 3]` has
    /// three leaves and is one tensor of shape `[3, 2]`. Vectors of vectors, which may differ in
    /// length, are a tensor each. Unless an implementation says otherwise, every leaf is a tensor with
    /// one axis.
    fn visit_tensors(&self, name: &mut Name, f: &mut dyn FnMut(&str, Precision, &[usize])) {
        self.visit(name, &mut |path, leaf| {
            f(path, leaf.precision(), &[leaf.len()])
        });
    }

    /// What every value of the type is, if that is always one tensor of the same shape: its precision;
    /// the shape is put behind what `shape` holds. This is what makes arrays of such values one tensor.
    fn uniform_shape(shape: &mut Axes) -> Option<Precision>
    where
        Self: Sized,
    {
        let _ = shape;
        None
    }
}

/// What the gradient of something is: a vector space with named leaves.
///
/// ```
/// use autodiff_runtime::prelude::*;
///
/// let mut sum = vec![1.0, 2.0];
/// sum.add_scaled(0.5, &vec![4.0, 8.0]);
/// assert_eq!(sum, [3.0, 6.0]);
/// assert_eq!(sum.dot(&vec![1.0, 1.0]), 9.0);
/// ```
///
/// # Panics
///
/// The operations on two gradients panic where one holds vectors of another length than the other:
/// such gradients belong to different values.
pub trait Gradient: Clone + Debug + PartialEq + Leaves + 'static {
    /// Whether all values of the type have the same shape: no vector is in it.
    const FIXED_SHAPE: bool = false;

    /// Sets every number to zero, keeping the shape.
    fn set_zero(&mut self);
    /// `self += other`, leaf by leaf.
    fn add(&mut self, other: &Self);
    /// `self += factor * other`, leaf by leaf.
    fn add_scaled(&mut self, factor: f64, other: &Self);
    /// `self *= factor`.
    fn scale(&mut self, factor: f64);
    /// The inner product over all leaves, in double precision.
    fn inner(&self, other: &Self) -> f64;
}

/// `a.dot(&b)` for [`Gradient::inner`]: of all gradients but arrays of `ndarray`, whose own method has
/// that name.
pub trait Dot: Gradient {
    /// The inner product over all leaves, in double precision.
    #[inline]
    #[track_caller]
    fn dot(&self, other: &Self) -> f64 {
        self.inner(other)
    }
}

/// What a struct has in the place of tangents side by side: a function of structs takes them one
/// after the other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OneByOne;

/// A value with a gradient.
///
/// Derive it for a struct of differentiable fields; `#[constant]` leaves a field out of the
/// gradient. Of the standard types, floats have it, and arrays, slices, vectors, tuples, references
/// and boxes of differentiable values; integers, `bool`, `char`, strings and index ranges have it
/// with the empty gradient `()`.
///
/// ```
/// use autodiff_runtime::prelude::*;
///
/// #[derive(Differentiable)]
/// struct Spring {
///     stiffness: f64,
///     #[constant]
///     rest_length: f64,
///     coils: u32,
/// }
///
/// let spring = Spring { stiffness: 2.0, rest_length: 1.0, coils: 7 };
/// let mut gradient = spring.zero_gradient();
/// gradient.add(&SpringGradient { stiffness: 0.5 });
/// assert_eq!(gradient, SpringGradient { stiffness: 0.5 });
/// # let _ = (spring.stiffness, spring.rest_length, spring.coils);
///
/// let weights: (f64, Vec<[f64; 2]>, usize) = (1.0, vec![[2.0, 3.0]], 4);
/// assert_eq!(weights.zero_gradient(), (0.0, vec![[0.0, 0.0]], ()));
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` has no gradient [autodiff::D1501]",
    label = "this type is not differentiable",
    note = "derive or implement `Differentiable` for it, or mark the parameter or field `#[constant]`"
)]
pub trait Differentiable: Leaves {
    /// The gradient's type: the same shape with only the float leaves.
    type Gradient: Gradient;
    /// `WIDTH` tangents side by side, as Jacobians are computed: this value's shape with an array
    /// in the place of every float. [`OneByOne`] for a struct.
    type Tangents<const WIDTH: usize>: Clone;
    /// A zero gradient of this value's shape.
    fn zero_gradient(&self) -> Self::Gradient;
    /// The adjoint of an argument that nobody will read: what is added to it may be dropped.
    ///
    /// It stands for the buffer of an inactive argument in a call of a function that differentiates it.
    /// That of an `ndarray` array has no element, whatever the array's shape, and rules compute nothing
    /// for it. Everything else takes a zero gradient.
    #[inline]
    fn unread_gradient(&self) -> Self::Gradient {
        self.zero_gradient()
    }
    /// Zero tangents of this value's shape.
    fn zero_tangents<const WIDTH: usize>(&self) -> Self::Tangents<WIDTH>;
    /// Drops the value; memory that the next value of its kind can use is kept for it.
    ///
    /// That of an `ndarray` array goes to the pool that the functions of arrays take theirs from.
    #[inline]
    fn give_back(self)
    where
        Self: Sized,
    {
    }
}
