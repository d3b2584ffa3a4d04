//! Whether what a caller hands over beside a value has the value's shape: a cotangent, a tangent, a buffer for a gradient.
//!
//! Derived programs read of these what belongs to the elements of the value. What is too long would be taken in silence,
//! and what is too short would fail somewhere inside. The functions that users call ask first; those that generated
//! code calls need not, since their buffers are made from the values.

use std::fmt::{self, Display, Formatter};
use std::hash::{DefaultHasher, Hasher};
use std::marker::PhantomData;

use crate::differentiable::{Axes, Differentiable, Gradient, Leaves, Name};

const TANGENT: &str = "its tangent";
const BUFFER: &str = "the buffer for its gradient";

/// The shapes of a value that may be gone when they are compared.
pub struct Shapes<V: ?Sized>(Written, PhantomData<V>);

impl<V: Differentiable + ?Sized> Shapes<V> {
    /// Those of a value; nothing is written down where the type says it all.
    #[inline]
    pub fn of(value: &V) -> Shapes<V> {
        let written = match V::Gradient::FIXED_SHAPE {
            true => Written::default(),
            false => Written::of(value),
        };
        Shapes(written, PhantomData)
    }

    /// Checks that the cotangent of a function's result has them.
    ///
    /// # Panics
    /// If it has not.
    #[inline]
    #[track_caller]
    pub fn expect_cotangent<O: Leaves + ?Sized>(&self, function: &str, cotangent: &O) {
        if !V::Gradient::FIXED_SHAPE && !self.0.are_of(cotangent, false) {
            let found = Written::of(cotangent);
            panic!(
                "`{function}`: the result has {} {}, and its cotangent {found}",
                self.0.noun(),
                self.0
            );
        }
    }

    /// Checks that the buffer for a parameter's gradient has them, if it is read.
    ///
    /// # Panics
    /// If it has not.
    #[inline]
    #[track_caller]
    pub fn expect_buffer<O: Leaves + ?Sized>(&self, function: &str, name: &str, buffer: &O) {
        if !V::Gradient::FIXED_SHAPE && !self.0.are_of(buffer, true) {
            let found = Written::of(buffer);
            panic!(
                "`{function}`: `{name}` has {} {}, and {BUFFER} {found}",
                self.0.noun(),
                self.0
            );
        }
    }
}

/// Of each tensor the number of its axes, then their lengths; those of one or two tensors take no memory.
#[derive(Default)]
struct Written {
    first: Axes,
    rest: Vec<usize>,
}

impl Written {
    fn of<V: Leaves + ?Sized>(value: &V) -> Written {
        let mut written = Written::default();
        for_each_shape(value, &mut |shape| {
            written.push(shape.len());
            shape.iter().for_each(|&length| written.push(length));
        });
        written
    }

    fn push(&mut self, number: usize) {
        if self.first.push(number).is_none() {
            self.rest.push(number);
        }
    }

    fn numbers(&self) -> impl Iterator<Item = usize> {
        self.first.as_slice().iter().chain(&self.rest).copied()
    }

    /// Whether they are those of a value, perhaps of a buffer parts of which are not read.
    fn are_of<V: Leaves + ?Sized>(&self, value: &V, may_be_unread: bool) -> bool {
        let mut own = self.numbers();
        let mut agree = true;
        for_each_shape(value, &mut |shape| {
            agree &= own.next() == Some(shape.len());
            let unequal = shape.iter().filter(|&&length| own.next() != Some(length));
            agree &= unequal.count() == 0 || may_be_unread && is_unread(shape);
        });
        agree && own.next().is_none()
    }

    fn noun(&self) -> &'static str {
        match self.numbers().next() {
            Some(axes) if self.numbers().count() > 1 + axes => "shapes",
            _ => "shape",
        }
    }
}

impl Display for Written {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let mut numbers = self.numbers();
        let mut shapes = Vec::new();
        while let Some(axes) = numbers.next() {
            let shape: Vec<usize> = numbers.by_ref().take(axes).collect();
            shapes.push(format!("{shape:?}"));
        }
        f.write_str(&shapes.join(" "))
    }
}

/// Checks that the tangent of the parameter called `name` has its shape.
///
/// # Panics
/// If it has not.
#[inline]
#[track_caller]
pub fn tangent_fits<V, O>(function: &str, name: &str, value: &V, tangent: &O)
where
    V: Differentiable + ?Sized,
    O: Leaves + ?Sized,
{
    if !V::Gradient::FIXED_SHAPE && digest(value) != digest(tangent) {
        let sentence = difference(&named(name, value), TANGENT, &named(name, tangent));
        panic!("`{function}`: {sentence}");
    }
}

/// Checks that the buffer for the gradient of the parameter called `name` has its shape, if it is read.
///
/// # Panics
/// If it has not.
#[inline]
#[track_caller]
pub fn buffer_fits<V, O>(function: &str, name: &str, value: &V, buffer: &O)
where
    V: Differentiable + ?Sized,
    O: Leaves + ?Sized,
{
    if !V::Gradient::FIXED_SHAPE
        && digest(value) != digest(buffer)
        && !Written::of(value).are_of(buffer, true)
    {
        let sentence = difference(&named(name, value), BUFFER, &named(name, buffer));
        panic!("`{function}`: {sentence}");
    }
}

/// Whether an array is the adjoint that stands for one that nobody reads ([`Differentiable::unread_gradient`]).
fn is_unread(shape: &[usize]) -> bool {
    shape.contains(&0)
}

/// The paths and shapes of tensors.
type Named = [(String, Vec<usize>)];

/// The first difference.
fn difference(ours: &Named, what: &str, theirs: &Named) -> String {
    let mut pairs = ours.iter().zip(theirs);
    match pairs.find(|(own, other)| own != other) {
        Some(((path, own), (other_path, other))) if path == other_path => {
            format!("`{path}` has shape {own:?}, and {what} {other:?}")
        }
        Some(((path, _), (other, _))) => format!("`{path}` stands where {what} has `{other}`"),
        None => match (ours.get(theirs.len()), theirs.get(ours.len())) {
            (Some((path, _)), _) => format!("`{path}` is missing in {what}"),
            (None, other) => format!(
                "{what} has `{}`, which is not there",
                other.map_or("", |(path, _)| path)
            ),
        },
    }
}

fn named<V: Leaves + ?Sized>(root: &str, value: &V) -> Vec<(String, Vec<usize>)> {
    let mut tensors = Vec::new();
    value.visit_tensors(&mut Name::new(root), &mut |path, _, shape| {
        tensors.push((path.to_owned(), shape.to_vec()));
    });
    tensors
}

/// Shapes in 64 bits: two of them are compared without taking memory.
fn digest<V: Leaves + ?Sized>(value: &V) -> u64 {
    let mut hasher = DefaultHasher::new();
    for_each_shape(value, &mut |shape| {
        hasher.write_usize(shape.len());
        shape.iter().for_each(|&length| hasher.write_usize(length));
    });
    hasher.finish()
}

/// The shape of each tensor.
fn for_each_shape<V: Leaves + ?Sized>(value: &V, f: &mut dyn FnMut(&[usize])) {
    value.visit_tensors(&mut Name::silent(), &mut |_, _, shape| f(shape));
}
