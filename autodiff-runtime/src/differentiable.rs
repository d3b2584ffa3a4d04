//! What a differentiable value is: the type of its gradient, and its named float leaves.

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
}

impl Name {
    /// A path that starts at `root`; the empty root names the value itself.
    pub fn new(root: &str) -> Self {
        Name { text: root.to_owned() }
    }

    /// The path as text.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Runs `visit` with `part` appended to the path.
    pub fn within<R>(&mut self, part: impl std::fmt::Display, visit: impl FnOnce(&mut Self) -> R) -> R {
        let length = self.text.len();
        if length > 0 {
            self.text.push('.');
        }
        use std::fmt::Write;
        write!(self.text, "{part}").expect("writing to a String does not fail");
        let result = visit(self);
        self.text.truncate(length);
        result
    }
}

/// A value made of named float leaves. Models and their gradients have the same leaves, by name,
/// order and length.
pub trait Leaves {
    /// Calls `f` with the path and the numbers of each leaf, in declaration order.
    fn visit(&self, name: &mut Name, f: &mut dyn FnMut(&str, Leaf<'_>));
    /// As [`Leaves::visit`], with the numbers open to change.
    fn visit_mut(&mut self, name: &mut Name, f: &mut dyn FnMut(&str, LeafMut<'_>));

    /// Visits a run of values: one leaf for floats, one path per element for everything else.
    fn visit_run(run: &[Self], name: &mut Name, f: &mut dyn FnMut(&str, Leaf<'_>))
    where
        Self: Sized,
    {
        for (index, value) in run.iter().enumerate() {
            name.within(index, |name| value.visit(name, f));
        }
    }

    /// As [`Leaves::visit_run`], with the numbers open to change.
    fn visit_run_mut(run: &mut [Self], name: &mut Name, f: &mut dyn FnMut(&str, LeafMut<'_>))
    where
        Self: Sized,
    {
        for (index, value) in run.iter_mut().enumerate() {
            name.within(index, |name| value.visit_mut(name, f));
        }
    }
}

/// What the gradient of something is: a vector space with named leaves.
pub trait Gradient: Clone + Leaves + 'static {
    /// Sets every number to zero, keeping the shape.
    fn set_zero(&mut self);
    /// `self += other`, leaf by leaf.
    fn add(&mut self, other: &Self);
    /// `self += factor * other`, leaf by leaf.
    fn add_scaled(&mut self, factor: f64, other: &Self);
    /// `self *= factor`.
    fn scale(&mut self, factor: f64);
    /// The inner product over all leaves, in double precision.
    fn dot(&self, other: &Self) -> f64;
}

/// A value with a gradient.
pub trait Differentiable: Leaves {
    /// The gradient's type: the same shape with only the float leaves.
    type Gradient: Gradient;
    /// A zero gradient of this value's shape.
    fn zero_gradient(&self) -> Self::Gradient;
}
