//! The tensors of a value: its leaves grouped, with names and shapes, as files keep them.

use std::fmt;

use super::{Leaf, Leaves, Name};

/// The precision of a float.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Precision {
    /// Single, 4 bytes.
    F32,
    /// Double, 8 bytes.
    F64,
}

impl fmt::Display for Precision {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::F32 => "f32",
            Self::F64 => "f64",
        })
    }
}

/// The lengths of the axes that arrays in arrays have, see [`Leaves::uniform_shape`]. There is room for eight, and no memory is
/// taken: shapes are compared in every step of a training.
#[derive(Clone, Debug, Default)]
pub struct Axes {
    lengths: [usize; 8],
    count: usize,
}

impl Axes {
    /// Puts an axis behind those that are there; `None` if there is no room.
    pub fn push(&mut self, length: usize) -> Option<()> {
        *self.lengths.get_mut(self.count)? = length;
        self.count += 1;
        Some(())
    }

    /// The lengths.
    pub fn as_slice(&self) -> &[usize] {
        &self.lengths[..self.count]
    }
}

/// The name, the precision and the shape of a tensor of a value, see [`tensors`]. Prints as
/// `layers.0.weight (64 × 10, f32)`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tensor {
    /// The path to it, `layers.0.weight`; empty for a value that is one tensor.
    pub name: String,
    /// The precision of its numbers.
    pub precision: Precision,
    /// Its shape; empty for a single number.
    pub shape: Vec<usize>,
}

impl Tensor {
    /// How many numbers it holds: the product of the shape.
    pub fn len(&self) -> usize {
        self.shape.iter().product()
    }

    /// Whether it holds no number.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

impl fmt::Display for Tensor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = match self.name.as_str() {
            "" => "self",
            name => name,
        };
        write!(f, "{name} (")?;
        match self.shape.as_slice() {
            [] => f.write_str("one number")?,
            [first, rest @ ..] => {
                write!(f, "{first}")?;
                for length in rest {
                    write!(f, " × {length}")?;
                }
            }
        }
        write!(f, ", {})", self.precision)
    }
}

/// The tensors of `value` in declaration order: arrays of any number of axes are one each, see
/// [`Leaves::visit_tensors`].
///
/// ```
/// use autodiff_runtime::differentiable::tensors;
/// use autodiff_runtime::prelude::*;
///
/// #[derive(Differentiable)]
/// struct Layer {
///     weight: [[f32; 4]; 2],
///     bias: Vec<f32>,
/// }
///
/// let layers = vec![Layer { weight: [[0.0; 4]; 2], bias: vec![0.0; 2] }];
/// let list: Vec<String> = tensors(&layers).iter().map(|tensor| tensor.to_string()).collect();
/// assert_eq!(list, ["0.weight (2 × 4, f32)", "0.bias (2, f32)"]);
/// # let _ = (&layers[0].weight, &layers[0].bias);
/// ```
///
/// # Panics
///
/// If an implementation of [`Leaves`] contradicts itself: its tensors have not the numbers of its leaves.
pub fn tensors<V: Leaves + ?Sized>(value: &V) -> Vec<Tensor> {
    let mut found = Vec::new();
    value.visit_tensors(&mut Name::default(), &mut |name, precision, shape| {
        found.push(Tensor {
            name: name.to_owned(),
            precision,
            shape: shape.to_vec(),
        });
    });
    check(value, &found);
    found
}

/// Every leaf has to lie in one tensor of its precision, and every tensor to be full.
fn check<V: Leaves + ?Sized>(value: &V, tensors: &[Tensor]) {
    let mut rest = tensors
        .iter()
        .map(|tensor| (tensor, tensor.len()))
        .filter(|(_, room)| *room > 0);
    let mut current = None;
    value.visit(&mut Name::default(), &mut |path, leaf: Leaf<'_>| {
        let left = leaf.len();
        if left > 0 {
            let (tensor, room) = match current.take() {
                Some(open) => open,
                None => rest.next().unwrap_or_else(|| {
                    panic!("`visit_tensors` has no tensor for the leaf `{path}`")
                }),
            };
            assert!(
                tensor.precision == leaf.precision() && left <= room,
                "`visit_tensors` tells of {tensor} where the leaf `{path}` is"
            );
            if room > left {
                current = Some((tensor, room - left));
            }
        }
    });
    let unfilled = current.or_else(|| rest.next());
    if let Some((tensor, _)) = unfilled {
        panic!("`visit_tensors` tells of {tensor}, which the leaves do not fill");
    }
}

/// The tensors of a run of values: one with an axis more, if all elements have the same shape, else
/// those of each element.
pub(super) fn visit_elements<E: Leaves>(
    elements: &[E],
    name: &mut Name,
    f: &mut dyn FnMut(&str, Precision, &[usize]),
) {
    let mut shape = Axes::default();
    let precision = shape
        .push(elements.len())
        .and_then(|()| E::uniform_shape(&mut shape));
    match precision {
        Some(precision) => f(name.as_str(), precision, shape.as_slice()),
        None => {
            for (index, element) in elements.iter().enumerate() {
                name.within(index, |name| element.visit_tensors(name, f));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::LeafMut;
    use super::*;

    fn listed(value: &impl Leaves) -> Vec<String> {
        tensors(value).iter().map(Tensor::to_string).collect()
    }

    #[test]
    fn nested_arrays_are_one_tensor_and_ragged_ones_several() {
        assert_eq!(listed(&[[[1.0_f32; 4]; 3]; 2]), ["self (2 × 3 × 4, f32)"]);
        assert_eq!(listed(&vec![[1.0_f64; 2]; 3]), ["self (3 × 2, f64)"]);
        assert_eq!(
            listed(&vec![vec![1.0_f64; 2], vec![1.0; 2]]),
            ["0 (2, f64)", "1 (2, f64)"]
        );
        assert_eq!(
            listed(&(1.0_f64, Box::new([2.0_f32]), &[3.0_f64, 4.0][..], "text")),
            ["0 (one number, f64)", "1 (1, f32)", "2 (2, f64)"]
        );
        assert_eq!(
            listed(&[(1.0_f64, 2.0_f64); 1]),
            ["0.0 (one number, f64)", "0.1 (one number, f64)"]
        );
        assert_eq!(
            listed(&(Vec::<[f32; 2]>::new(), 1.0_f64))[0],
            "0 (0 × 2, f32)"
        );
    }

    #[cfg(feature = "ndarray")]
    #[test]
    fn an_array_is_a_tensor_however_it_lies_in_memory() {
        let array = ndarray::Array2::<f32>::zeros((2, 3));
        assert_eq!(listed(&array), ["self (2 × 3, f32)"]);
        assert_eq!(listed(&array.t()), ["self (3 × 2, f32)"]);
        assert_eq!(listed(&array.into_dyn()), ["self (2 × 3, f32)"]);
    }

    /// Has the leaves of its first part and tells of what the second says.
    struct Wrong([f64; 4], &'static [usize]);

    impl Leaves for Wrong {
        fn visit<'a>(&'a self, name: &mut Name, f: &mut dyn FnMut(&str, Leaf<'a>)) {
            self.0.visit(name, f);
        }
        fn visit_mut<'a>(&'a mut self, name: &mut Name, f: &mut dyn FnMut(&str, LeafMut<'a>)) {
            self.0.visit_mut(name, f);
        }
        fn visit_tensors(&self, name: &mut Name, f: &mut dyn FnMut(&str, Precision, &[usize])) {
            for length in self.1 {
                f(name.as_str(), Precision::F64, &[*length]);
            }
        }
    }

    #[test]
    fn a_shape_that_the_leaves_do_not_have_is_noticed() {
        let message = |shape| {
            let result = std::panic::catch_unwind(|| tensors(&Wrong([0.0; 4], shape)));
            *result.unwrap_err().downcast::<String>().unwrap()
        };
        assert!(message(&[3]).contains("tells of self (3, f64) where the leaf `` is"));
        assert!(message(&[5]).contains("self (5, f64), which the leaves do not fill"));
        assert!(message(&[4, 1]).contains("self (1, f64), which the leaves do not fill"));
        assert!(message(&[]).contains("no tensor for the leaf"));
        assert_eq!(tensors(&Wrong([0.0; 4], &[0, 4])).len(), 2);
    }
}
