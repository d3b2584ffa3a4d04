//! What expressions evaluate to.

use std::collections::HashMap;
use std::rc::Rc;

use crate::evaluate::dual::Dual;

/// A value. References to what is not changed are the value itself.
#[derive(Clone, Debug)]
pub enum Value {
    /// `()`
    Unit,
    /// A float.
    Float(Dual),
    /// An integer of any type.
    Int(i128),
    /// A `bool`.
    Flag(bool),
    /// A tuple.
    Tuple(Vec<Value>),
    /// An array, a vector, a slice, a range or an iterator.
    List(Vec<Value>),
    /// The fields of a struct, in the order of their declaration.
    Struct(Vec<(String, Value)>),
    /// `&mut` to a place.
    Place(Place),
    /// A closure.
    Closure(Rc<Closure>),
}

/// Where a variable lives, and the part of it.
#[derive(Clone, Debug)]
pub struct Place {
    /// The variable.
    pub slot: usize,
    /// From the whole to the part.
    pub path: Vec<Step>,
}

/// From a value to a part of it.
#[derive(Clone, Debug)]
pub enum Step {
    /// An element.
    At(usize),
    /// Elements from and up to; only the last of a path.
    Part(usize, usize),
    /// A field of a struct or a tuple.
    Field(String),
}

/// A closure with the names that it sees.
#[derive(Debug)]
pub struct Closure {
    /// Parameters and body.
    pub code: syn::ExprClosure,
    /// Variables by name.
    pub names: HashMap<String, usize>,
}

/// Why the usual order of evaluation is left.
#[derive(Debug)]
pub enum Exit {
    /// `break`, with label and value.
    Break(Option<String>, Value),
    /// `continue`
    Continue(Option<String>),
    /// `return`
    Return(Value),
    /// The program cannot be evaluated.
    Error(String),
}

/// What evaluation gives.
pub type Result<T> = std::result::Result<T, Exit>;

/// The program cannot be evaluated.
pub fn error<T>(message: impl Into<String>) -> Result<T> {
    Err(Exit::Error(message.into()))
}

impl Place {
    /// A part of this place.
    pub fn then(mut self, step: Step) -> Self {
        match (self.path.last().cloned(), step) {
            (Some(Step::Part(from, _)), Step::At(k)) => {
                self.path.pop();
                self.path.push(Step::At(from + k));
            }
            (Some(Step::Part(from, _)), Step::Part(low, high)) => {
                self.path.pop();
                self.path.push(Step::Part(from + low, from + high));
            }
            (_, step) => self.path.push(step),
        }
        self
    }
}

impl Value {
    /// A float that is a constant.
    pub fn number(x: f64) -> Self {
        Self::Float(Dual::constant(x))
    }

    /// The part that a step leads to; a copy, for several elements.
    pub fn step(&self, step: &Step) -> Result<Value> {
        let found = match (self, step) {
            (Self::List(items), Step::At(k)) => items.get(*k).cloned(),
            (Self::List(items), Step::Part(low, high)) => items
                .get(*low..*high)
                .map(|items| Self::List(items.to_vec())),
            (Self::Tuple(items), Step::Field(name)) => name
                .parse::<usize>()
                .ok()
                .and_then(|k| items.get(k).cloned()),
            (Self::Struct(fields), Step::Field(name)) => {
                let field = fields.iter().find(|(field, _)| field == name);
                field.map(|(_, value)| value.clone())
            }
            _ => None,
        };
        found.map_or_else(|| error(format!("no part {step:?}")), Ok)
    }

    /// The part that a path leads to, to be changed.
    pub fn part(&mut self, path: &[Step]) -> Result<&mut Value> {
        let Some((step, rest)) = path.split_first() else {
            return Ok(self);
        };
        let found = match (self, step) {
            (Self::List(items), Step::At(k)) => items.get_mut(*k),
            (Self::Tuple(items), Step::Field(name)) => {
                name.parse::<usize>().ok().and_then(|k| items.get_mut(k))
            }
            (Self::Struct(fields), Step::Field(name)) => fields
                .iter_mut()
                .find(|(field, _)| field == name)
                .map(|(_, value)| value),
            _ => None,
        };
        match found {
            Some(found) => found.part(rest),
            None => error(format!("no part {step:?} to change")),
        }
    }

    /// Appends all floats.
    pub fn flatten(&self, to: &mut Vec<Dual>) {
        match self {
            Self::Float(x) => to.push(*x),
            Self::Tuple(items) | Self::List(items) => items.iter().for_each(|x| x.flatten(to)),
            Self::Struct(fields) => fields.iter().for_each(|(_, x)| x.flatten(to)),
            _ => {}
        }
    }

    /// A float.
    pub fn float(self) -> Result<Dual> {
        match self {
            Self::Float(x) => Ok(x),
            other => error(format!("no float: {other:?}")),
        }
    }

    /// An integer.
    pub fn int(self) -> Result<i128> {
        match self {
            Self::Int(k) => Ok(k),
            other => error(format!("no integer: {other:?}")),
        }
    }

    /// An index.
    pub fn index(self) -> Result<usize> {
        usize::try_from(self.int()?).or_else(|_| error("a negative index"))
    }

    /// A flag.
    pub fn flag(self) -> Result<bool> {
        match self {
            Self::Flag(b) => Ok(b),
            other => error(format!("no flag: {other:?}")),
        }
    }

    /// The elements.
    pub fn list(self) -> Result<Vec<Value>> {
        match self {
            Self::List(items) => Ok(items),
            other => error(format!("no list: {other:?}")),
        }
    }
}
