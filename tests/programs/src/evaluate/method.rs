//! Calls of functions and methods.

use syn::{Expr, ExprCall, ExprMethodCall};

use crate::evaluate::expr::is_float;
use crate::evaluate::value::{Exit, Place, Result, Step, Value, error};
use crate::evaluate::{Dual, Evaluator};

impl Evaluator {
    pub(super) fn function_call(&mut self, call: &ExprCall) -> Result<Value> {
        let Expr::Path(path) = &*call.func else {
            return error("a call of an expression");
        };
        let path: Vec<String> = path
            .path
            .segments
            .iter()
            .map(|segment| segment.ident.to_string())
            .collect();
        let names: Vec<&str> = path.iter().map(String::as_str).collect();
        let mut arguments = Vec::new();
        for argument in &call.args {
            arguments.push(self.expr(argument)?);
        }
        match names[..] {
            [name] => {
                if let Some(slot) = self.lookup(name) {
                    let closure = self.slots[slot].clone();
                    return self.apply(&closure, arguments);
                }
                if self.functions.contains_key(name) {
                    return self.call(name, arguments);
                }
                let [Value::Float(x)] = arguments[..] else {
                    return error(format!("an unknown function `{name}`"));
                };
                let value = x.unary(name).map(Value::Float);
                value.map_or_else(|| error(format!("an unknown function `{name}`")), Ok)
            }
            ["Vec", "new" | "with_capacity"] => Ok(Value::List(Vec::new())),
            ["f64", name] => {
                let first = arguments.remove(0);
                let first = self.seen(first)?.float()?;
                self.float_method(name, first, arguments)
            }
            ["std", "mem", "swap"] => {
                let [Value::Place(a), Value::Place(b)] = &arguments[..] else {
                    return error("`swap` without places");
                };
                let (x, y) = (self.load(a)?, self.load(b)?);
                self.store(a, y)?;
                self.store(b, x)?;
                Ok(Value::Unit)
            }
            _ => error("an unknown path"),
        }
    }

    /// Calls a closure.
    fn apply(&mut self, closure: &Value, arguments: Vec<Value>) -> Result<Value> {
        let Value::Closure(closure) = closure else {
            return error("a call of what is no closure");
        };
        let inside = vec![closure.names.clone(), Default::default()];
        let outside = std::mem::replace(&mut self.scopes, inside);
        let call = || {
            if closure.code.inputs.len() != arguments.len() {
                return error("another number of arguments");
            }
            for (pattern, argument) in closure.code.inputs.iter().zip(arguments) {
                self.bind(pattern, argument)?;
            }
            self.operand(&closure.code.body)
        };
        let result = call();
        self.scopes = outside;
        match result {
            Err(Exit::Return(value)) => Ok(value),
            other => other,
        }
    }

    /// References to all elements of a list.
    pub(super) fn places_in(&mut self, place: &Place) -> Result<Vec<Value>> {
        let length = self.load(place)?.list()?.len();
        let element = |k| Value::Place(place.clone().then(Step::At(k)));
        Ok((0..length).map(element).collect())
    }

    pub(super) fn method_call(&mut self, call: &ExprMethodCall) -> Result<Value> {
        let name = call.method.to_string();
        if let "iter_mut" | "push" | "pop" | "fill" | "swap" | "copy_from_slice" = name.as_str() {
            let Some(place) = self.place(&call.receiver)? else {
                return error("a change of no place");
            };
            return self.change(&name, &place, call);
        }
        let receiver = self.expr(&call.receiver)?;
        match self.seen(receiver)? {
            Value::Float(x) if name == "clone" => Ok(Value::Float(x)),
            Value::Float(x) => {
                let mut arguments = Vec::new();
                for argument in &call.args {
                    arguments.push(self.operand(argument)?);
                }
                self.float_method(&name, x, arguments)
            }
            Value::Int(k) => {
                let other = match call.args.first() {
                    Some(argument) => self.operand(argument)?.int()?,
                    None => 0,
                };
                Ok(Value::Int(match name.as_str() {
                    "min" => k.min(other),
                    "max" => k.max(other),
                    "clone" => k,
                    "saturating_sub" => (k - other).max(0),
                    _ => return error(format!("an unknown method `{name}` of an integer")),
                }))
            }
            Value::List(items) => self.list_method(&name, items, call),
            value if name == "clone" => Ok(value),
            _ => error(format!("an unknown method `{name}`")),
        }
    }

    fn change(&mut self, name: &str, place: &Place, call: &ExprMethodCall) -> Result<Value> {
        let mut items = self.load(place)?.list()?;
        match name {
            "iter_mut" => {
                let place = match &self.slots[place.slot] {
                    Value::Place(inner) => {
                        place.path.iter().cloned().fold(inner.clone(), Place::then)
                    }
                    _ => place.clone(),
                };
                return Ok(Value::List(self.places_in(&place)?));
            }
            "push" => items.push(self.operand(&call.args[0])?),
            "pop" => {
                items.pop();
            }
            "fill" => {
                let value = self.operand(&call.args[0])?;
                items.fill(value);
            }
            "swap" => {
                let (a, b) = (
                    self.operand(&call.args[0])?.index()?,
                    self.operand(&call.args[1])?.index()?,
                );
                if a.max(b) >= items.len() {
                    return error("`swap` out of bounds");
                }
                items.swap(a, b);
            }
            _ => {
                let from = self.operand(&call.args[0])?.list()?;
                if from.len() != items.len() {
                    return error("a copy of another length");
                }
                items = from;
            }
        }
        if matches!(place.path.last(), Some(Step::Part(..))) {
            for (k, item) in items.into_iter().enumerate() {
                self.store(&place.clone().then(Step::At(k)), item)?;
            }
        } else {
            self.store(place, Value::List(items))?;
        }
        Ok(Value::Unit)
    }

    fn float_method(&mut self, name: &str, x: Dual, arguments: Vec<Value>) -> Result<Value> {
        if let ("powi", [Value::Int(n)]) = (name, &arguments[..]) {
            return Ok(Value::Float(x.powi(*n as i32)));
        }
        if name == "sin_cos" {
            let parts = [x.unary("sin"), x.unary("cos")].into_iter().flatten();
            return Ok(Value::Tuple(parts.map(Value::Float).collect()));
        }
        let mut floats = Vec::new();
        for argument in arguments {
            floats.push(self.seen(argument)?.float()?);
        }
        let value = match floats[..] {
            [] => x.unary(name),
            [y] => x.binary(name, y),
            [y, z] if name == "mul_add" => Some(x.mul_add(y, z)),
            [low, high] if name == "clamp" => Some(x.clamp(low, high)),
            _ => None,
        };
        let value = value.map(Value::Float);
        value.map_or_else(
            || error(format!("an unknown method `{name}` of a float")),
            Ok,
        )
    }

    fn list_method(
        &mut self,
        name: &str,
        items: Vec<Value>,
        call: &ExprMethodCall,
    ) -> Result<Value> {
        let mut arguments = Vec::new();
        for argument in &call.args {
            arguments.push(self.operand(argument)?);
        }
        let count = |k: usize| match arguments.get(k) {
            Some(Value::Int(n)) => Ok(*n as usize),
            _ => error("no number of elements"),
        };
        let items: Vec<Value> = match name {
            "iter" | "into_iter" | "copied" | "cloned" | "clone" | "to_vec" | "collect"
            | "as_slice" => items,
            "len" => return Ok(Value::Int(items.len() as i128)),
            "is_empty" => return Ok(Value::Flag(items.is_empty())),
            "rev" => items.into_iter().rev().collect(),
            "skip" => items.into_iter().skip(count(0)?).collect(),
            "take" => items.into_iter().take(count(0)?).collect(),
            "step_by" => items.into_iter().step_by(count(0)?).collect(),
            "windows" => {
                let windows = items.windows(count(0)?);
                windows.map(|part| Value::List(part.to_vec())).collect()
            }
            "chunks" => {
                let chunks = items.chunks(count(0)?);
                chunks.map(|part| Value::List(part.to_vec())).collect()
            }
            "chunks_exact" => {
                let chunks = items.chunks_exact(count(0)?);
                chunks.map(|part| Value::List(part.to_vec())).collect()
            }
            "enumerate" => items
                .into_iter()
                .enumerate()
                .map(|(k, item)| Value::Tuple(vec![Value::Int(k as i128), item]))
                .collect(),
            "zip" => {
                let others = arguments.remove(0).list()?;
                items
                    .into_iter()
                    .zip(others)
                    .map(|(a, b)| Value::Tuple(vec![a, b]))
                    .collect()
            }
            "chain" => {
                let others = arguments.remove(0).list()?;
                items.into_iter().chain(others).collect()
            }
            "map" => {
                let mut mapped = Vec::new();
                for item in items {
                    mapped.push(self.apply(&arguments[0], vec![item])?);
                }
                mapped
            }
            "filter" => {
                let mut kept = Vec::new();
                for item in items {
                    if self.apply(&arguments[0], vec![item.clone()])?.flag()? {
                        kept.push(item);
                    }
                }
                kept
            }
            "for_each" => {
                for item in items {
                    self.apply(&arguments[0], vec![item])?;
                }
                return Ok(Value::Unit);
            }
            "fold" => {
                let mut state = arguments[0].clone();
                for item in items {
                    state = self.apply(&arguments[1], vec![state, item])?;
                }
                return Ok(state);
            }
            "sum" | "product" => {
                let generic = call
                    .turbofish
                    .as_ref()
                    .and_then(|generics| generics.args.first());
                if !matches!(generic, Some(syn::GenericArgument::Type(ty)) if is_float(ty)) {
                    return error("a sum of an unknown type");
                }
                // Where the standard library begins.
                let start = if name == "sum" { -0.0 } else { 1.0 };
                let mut state = Dual::constant(start);
                for item in items {
                    let item = self.seen(item)?.float()?;
                    state = if name == "sum" {
                        state + item
                    } else {
                        state * item
                    };
                }
                return Ok(Value::Float(state));
            }
            _ => return error(format!("an unknown method `{name}` of a list")),
        };
        Ok(Value::List(items))
    }
}
