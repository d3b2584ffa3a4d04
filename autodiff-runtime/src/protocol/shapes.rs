//! Whether what a caller hands over beside a value has the value's shape: a cotangent, a tangent, a buffer for a gradient.
//!
//! Derived programs read of these what belongs to the elements of the value. What is too long would be taken in silence,
//! and what is too short would fail somewhere inside. The functions that users call ask first; those that generated
//! code calls need not, since their buffers are made from the values.

use std::fmt::{self, Display, Formatter};
use std::hash::{DefaultHasher, Hasher};
use std::marker::PhantomData;

use crate::differentiable::{Axes, Differentiable, Gradient, Leaves, Name};

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

    /// Checks that what belongs to the value, which `value` says what it is, has them.
    ///
    /// # Panics
    /// If it has not.
    #[inline]
    #[track_caller]
    pub fn expect<O: Leaves + ?Sized>(&self, function: &str, value: &str, what: &str, other: &O) {
        if !V::Gradient::FIXED_SHAPE && !self.0.are_of(other) {
            let other = Written::of(other);
            panic!("`{function}`: {value} has {}, and {what} {other}", self.0);
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
        for_each_number(value, &mut |number| {
            if written.first.push(number).is_none() {
                written.rest.push(number);
            }
        });
        written
    }

    fn numbers(&self) -> impl Iterator<Item = usize> {
        self.first.as_slice().iter().chain(&self.rest).copied()
    }

    fn are_of<V: Leaves + ?Sized>(&self, value: &V) -> bool {
        let mut own = self.numbers();
        let mut agree = true;
        for_each_number(value, &mut |number| agree &= own.next() == Some(number));
        agree && own.next().is_none()
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
        match &shapes[..] {
            [] => f.write_str("no tensors"),
            [shape] => write!(f, "the shape {shape}"),
            _ => write!(f, "the shapes {}", shapes.join(" ")),
        }
    }
}

/// Checks that what belongs to the value called `name`, its tangent or the buffer for its gradient, has its shape.
///
/// # Panics
/// If it has not.
#[inline]
#[track_caller]
pub fn same_shapes<V, O>(function: &str, name: &str, value: &V, what: &str, other: &O)
where
    V: Differentiable + ?Sized,
    O: Leaves + ?Sized,
{
    if !V::Gradient::FIXED_SHAPE && digest(value) != digest(other) {
        let sentence = difference(&named(name, value), what, &named(name, other));
        panic!("`{function}`: {sentence}");
    }
}

/// The paths and shapes of tensors.
type Named = [(String, Vec<usize>)];

/// The first difference.
fn difference(ours: &Named, what: &str, theirs: &Named) -> String {
    let mut pairs = ours.iter().zip(theirs);
    match pairs.find(|(own, other)| own != other) {
        Some(((path, own), (other_path, other))) if path == other_path => {
            match (&own[..], &other[..]) {
                ([own], [other]) => format!("`{path}` has {own} elements, and {what} {other}"),
                _ => format!("`{path}` has the shape {own:?}, and {what} {other:?}"),
            }
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
    for_each_number(value, &mut |number| hasher.write_usize(number));
    hasher.finish()
}

/// Of each tensor the number of axes, then their lengths.
fn for_each_number<V: Leaves + ?Sized>(value: &V, f: &mut dyn FnMut(usize)) {
    value.visit_tensors(&mut Name::silent(), &mut |_, _, shape| {
        f(shape.len());
        shape.iter().copied().for_each(&mut *f);
    });
}
