//! Parts of arrays, tuples and structs: where they are, and how they are read, replaced and added
//! to.

use super::{EvaluateError, Graph, Node, NodeId, Op, Shape, Step, Value};
use core::slice;

/// The way to a part of a value.
pub(super) struct Path(Vec<Place>);

#[derive(Clone, Copy)]
enum Place {
    At(usize),
    /// From the one to before the other.
    Span(usize, usize),
}

impl Path {
    /// Where a node of parts takes or stores its part; `inputs` are the values of the node's.
    pub(super) fn of(graph: &Graph, node: &Node, inputs: &[&Value]) -> Result<Self, EvaluateError> {
        let unsupported = |what: &str| EvaluateError::unsupported(graph.name, node, what);
        let field;
        let (steps, first_position): (&[Step], usize) = match node.op {
            Op::Index => (&[Step::Index], 1),
            Op::Slice => (&[Step::Slice], 1),
            Op::Field(name) => {
                field = [Step::Field(name)];
                (&field, 1)
            }
            Op::Store(steps) => (steps, 2),
            _ => unreachable!("a node of parts"),
        };
        let (Some(base), Some(positions)) = (inputs.first(), inputs.get(first_position..)) else {
            return Err(unsupported("an operation on parts lacks an input"));
        };
        let mut positions = positions.iter();
        let mut next = || match positions.next() {
            Some(Value::Scalar(position)) => Ok(*position),
            _ => Err(unsupported("the index is not a number")),
        };
        let mut walk = Walk::new(base);
        let mut places = Vec::with_capacity(steps.len());
        for (k, step) in steps.iter().enumerate() {
            let Some(length) = walk.length() else {
                return Err(unsupported("a part is taken of a single number"));
            };
            let place = match *step {
                Step::Index => {
                    let index = next()?;
                    let place = position(index).filter(|&index| index < length);
                    let missing = || {
                        unsupported(&format!(
                            "the index {index} is not one of a list of length {length}"
                        ))
                    };
                    Place::At(place.ok_or_else(missing)?)
                }
                Step::Slice => {
                    let (start, end) = (next()?, next()?);
                    match (position(start), position(end)) {
                        (Some(start), Some(end)) if start <= end && end <= length => {
                            Place::Span(start, end)
                        }
                        _ => {
                            return Err(unsupported(&format!(
                                "the range {start}..{end} is not within a list of length {length}"
                            )));
                        }
                    }
                }
                Step::Field(field) => {
                    let place = match k {
                        0 => field_place(graph, node.inputs[0], field),
                        _ => field.parse().ok(),
                    };
                    let unknown =
                        || unsupported(&format!("the place of the field `{field}` is not known"));
                    Place::At(place.filter(|&place| place < length).ok_or_else(unknown)?)
                }
            };
            places.push(place);
            walk.go(place);
        }
        Ok(Self(places))
    }

    /// The part.
    pub(super) fn read(&self, value: &Value) -> Value {
        let mut walk = Walk::new(value);
        for &place in &self.0 {
            walk.go(place);
        }
        match walk {
            Walk::One(value) => value.clone(),
            Walk::Run(parts) => Value::List(parts.to_vec()),
        }
    }

    /// Puts another part in its place and gives the one that was there; `None` if a range is to be
    /// replaced by anything but as many elements.
    pub(super) fn exchange(&self, value: &mut Value, part: Value) -> Option<Value> {
        let slots = self.slots(value);
        if !self.is_range() {
            return Some(core::mem::replace(&mut slots[0], part));
        }
        match part {
            Value::List(mut parts) if parts.len() == slots.len() => {
                slots.swap_with_slice(&mut parts);
                Some(Value::List(parts))
            }
            _ => None,
        }
    }

    /// Adds to the part.
    pub(super) fn add(&self, value: &mut Value, part: &Value) {
        let parts = match part {
            Value::List(parts) if self.is_range() => parts,
            part => slice::from_ref(part),
        };
        for (slot, part) in self.slots(value).iter_mut().zip(parts) {
            slot.add(part);
        }
    }

    fn is_range(&self) -> bool {
        matches!(self.0.last(), Some(Place::Span(..)))
    }

    /// The elements of a range, or the one part.
    fn slots<'a>(&self, value: &'a mut Value) -> &'a mut [Value] {
        let mut slots = slice::from_mut(value);
        let mut are_parts = false;
        for &place in &self.0 {
            if !are_parts {
                slots = match &mut slots[0] {
                    Value::List(parts) => parts,
                    Value::Scalar(_) => unreachable!("the path was followed before"),
                };
            }
            (slots, are_parts) = match place {
                Place::At(k) => (slice::from_mut(&mut slots[k]), false),
                Place::Span(start, end) => (&mut slots[start..end], true),
            };
        }
        slots
    }
}

/// A place in a value on the way to a part of it.
#[derive(Clone, Copy)]
enum Walk<'a> {
    One(&'a Value),
    /// Some of the elements of a list.
    Run(&'a [Value]),
}

impl<'a> Walk<'a> {
    const fn new(value: &'a Value) -> Self {
        Self::One(value)
    }

    fn parts(self) -> Option<&'a [Value]> {
        match self {
            Self::One(Value::Scalar(_)) => None,
            Self::One(Value::List(parts)) => Some(parts),
            Self::Run(parts) => Some(parts),
        }
    }

    fn length(self) -> Option<usize> {
        self.parts().map(<[Value]>::len)
    }

    fn go(&mut self, place: Place) {
        let parts = self.parts().expect("a number has no parts");
        *self = match place {
            Place::At(k) => Self::One(&parts[k]),
            Place::Span(start, end) => Self::Run(&parts[start..end]),
        };
    }
}

/// A number as a position in a list.
fn position(number: f64) -> Option<usize> {
    (number >= 0.0 && number.fract() == 0.0).then_some(number as usize)
}

/// Which part of a node's value a field is.
fn field_place(graph: &Graph, id: NodeId, field: &str) -> Option<usize> {
    let node = graph.node(id);
    match node.op {
        Op::Struct { fields, .. } => fields.iter().position(|&known| known == field),
        // The layout of a struct is not known here, not even when its fields are numbered.
        Op::Parameter {
            shape: Shape::Opaque,
            ..
        } => None,
        Op::Store(_) => field_place(graph, *node.inputs.first()?, field),
        _ => field.parse().ok(),
    }
}
