//! Evaluates functions as `syn` reads them, on dual numbers. Nothing here comes from the macro: neither its
//! reading of the language nor its rules.

mod dual;
mod expr;
mod method;
mod pattern;
mod value;

use std::collections::HashMap;

use syn::{File, Item, ItemFn};

pub use dual::Dual;
use value::{Exit, Place, Result, Value, error};

use crate::harness::LIBRARY;
use crate::types::{Mode, Param, Program, Type};

/// Evaluates one program.
pub struct Evaluator {
    functions: HashMap<String, ItemFn>,
    slots: Vec<Value>,
    scopes: Vec<HashMap<String, usize>>,
    fuel: usize,
}

impl Evaluator {
    /// With the library's functions and this one.
    pub fn new(program: &Program) -> std::result::Result<Self, String> {
        let mut functions = HashMap::new();
        for text in [LIBRARY, &program.text] {
            let file: File = syn::parse_str(text).map_err(|error| error.to_string())?;
            for item in file.items {
                if let Item::Fn(function) = item {
                    functions.insert(function.sig.ident.to_string(), function);
                }
            }
        }
        Ok(Self {
            functions,
            slots: Vec::new(),
            scopes: Vec::new(),
            fuel: 0,
        })
    }

    /// What comes out of the program, and its derivatives along a direction: those of the result, then
    /// those of the changed parameters.
    pub fn run(
        &mut self,
        program: &Program,
        integers: &[usize],
        point: &[f64],
        direction: &[f64],
    ) -> std::result::Result<Vec<Dual>, String> {
        self.slots.clear();
        self.scopes = vec![HashMap::new()];
        self.fuel = 2_000_000;
        let mut integers = integers.iter();
        let mut numbers = point
            .iter()
            .zip(direction)
            .map(|(&x, &dot)| Value::Float(Dual::argument(x, dot)));
        let mut arguments = Vec::new();
        let mut changed = Vec::new();
        for param in &program.params {
            let value = argument(param, &mut integers, &mut numbers).ok_or("too few numbers")?;
            let slot = self.slots.len();
            self.slots.push(value);
            let place = Place {
                slot,
                path: Vec::new(),
            };
            if param.mode == Mode::Mut {
                changed.push(slot);
                arguments.push(Value::Place(place));
            } else {
                arguments.push(self.slots[slot].clone());
            }
        }
        let result = match self.call("program", arguments) {
            Ok(result) => result,
            Err(Exit::Error(message)) => return Err(message),
            Err(other) => return Err(format!("left by {other:?}")),
        };
        let mut found = Vec::new();
        result.flatten(&mut found);
        for slot in changed {
            self.slots[slot].flatten(&mut found);
        }
        Ok(found)
    }

    /// Calls one of the functions.
    fn call(&mut self, name: &str, arguments: Vec<Value>) -> Result<Value> {
        let Some(function) = self.functions.get(name).cloned() else {
            return error(format!("no function `{name}`"));
        };
        let outside = std::mem::replace(&mut self.scopes, vec![HashMap::new()]);
        let call = || {
            for (input, argument) in function.sig.inputs.iter().zip(arguments) {
                let syn::FnArg::Typed(input) = input else {
                    return error("a receiver");
                };
                self.bind(&input.pat, argument)?;
            }
            self.block(&function.block)
        };
        let result = call();
        self.scopes = outside;
        match result {
            Err(Exit::Return(value)) => Ok(value),
            other => other,
        }
    }

    fn declare(&mut self, name: String, value: Value) {
        let slot = self.slots.len();
        self.slots.push(value);
        self.scopes
            .last_mut()
            .expect("a scope around everything")
            .insert(name, slot);
    }

    fn lookup(&self, name: &str) -> Option<usize> {
        let found = self.scopes.iter().rev().find_map(|scope| scope.get(name));
        found.copied()
    }

    /// Runs something in a scope of its own.
    fn scoped<T>(&mut self, run: impl FnOnce(&mut Self) -> Result<T>) -> Result<T> {
        self.scopes.push(HashMap::new());
        let result = run(self);
        self.scopes.pop();
        result
    }

    /// What is at a place, through references.
    fn load(&self, place: &Place) -> Result<Value> {
        let mut value = self.slots[place.slot].clone();
        for step in &place.path {
            value = self.seen(value)?.step(step)?;
        }
        self.seen(value)
    }

    /// The value itself, where this is a reference to it.
    fn seen(&self, value: Value) -> Result<Value> {
        match value {
            Value::Place(place) => self.load(&place),
            other => Ok(other),
        }
    }

    fn store(&mut self, place: &Place, value: Value) -> Result<()> {
        let mut place = place.clone();
        // A variable that is a reference stands for what it refers to.
        while let Value::Place(inner) = &self.slots[place.slot] {
            let rest = std::mem::take(&mut place.path);
            place = rest.into_iter().fold(inner.clone(), Place::then);
        }
        *self.slots[place.slot].part(&place.path)? = value;
        Ok(())
    }

    /// Stops programs that go on for too long.
    fn tick(&mut self) -> Result<()> {
        match self.fuel.checked_sub(1) {
            Some(fuel) => {
                self.fuel = fuel;
                Ok(())
            }
            None => error("too many steps"),
        }
    }
}

/// The value of a parameter from the next numbers.
fn argument<'a>(
    param: &Param,
    integers: &mut impl Iterator<Item = &'a usize>,
    numbers: &mut impl Iterator<Item = Value>,
) -> Option<Value> {
    let point = |numbers: &mut dyn Iterator<Item = Value>| {
        let fields = vec![
            ("x".to_owned(), numbers.next()?),
            ("y".to_owned(), numbers.next()?),
        ];
        Some(Value::Struct(fields))
    };
    let mut floats = |n: usize| -> Option<Vec<Value>> { (0..n).map(|_| numbers.next()).collect() };
    Some(match param.ty {
        Type::Index(_) => Value::Int(*integers.next()? as i128),
        Type::Float => floats(1)?.remove(0),
        Type::Pair => Value::Tuple(floats(2)?),
        Type::Array(n) | Type::Vector(n) => Value::List(floats(n)?),
        Type::Table(n) | Type::Rows(n) => Value::List(
            (0..n)
                .map(|_| Some(Value::List(floats(2)?)))
                .collect::<Option<_>>()?,
        ),
        Type::Point => point(numbers)?,
        Type::Points(n) => Value::List((0..n).map(|_| point(numbers)).collect::<Option<_>>()?),
        Type::Body => {
            let place = point(numbers)?;
            let spin = Value::List((0..3).map(|_| numbers.next()).collect::<Option<_>>()?);
            let span = Value::Tuple((0..2).map(|_| numbers.next()).collect::<Option<_>>()?);
            let fields = [("place", place), ("spin", spin), ("span", span)];
            Value::Struct(fields.map(|(name, value)| (name.to_owned(), value)).into())
        }
    })
}
