//! Expressions and statements.

use std::collections::HashMap;
use std::rc::Rc;

use syn::punctuated::Punctuated;
use syn::{BinOp, Block, Expr, Lit, Member, Pat, Stmt, Token, UnOp};

use crate::evaluate::value::{Closure, Exit, Place, Result, Step, Value, error};
use crate::evaluate::{Dual, Evaluator};

/// The label of a loop or block.
fn named(label: &Option<syn::Label>) -> Option<String> {
    label.as_ref().map(|label| label.name.ident.to_string())
}

impl Evaluator {
    /// The value of a block.
    pub(super) fn block(&mut self, block: &Block) -> Result<Value> {
        self.scoped(|evaluator| {
            let mut last = Value::Unit;
            for statement in &block.stmts {
                last = evaluator.statement(statement)?;
            }
            Ok(last)
        })
    }

    fn statement(&mut self, statement: &Stmt) -> Result<Value> {
        self.tick()?;
        match statement {
            Stmt::Local(local) => {
                match (&local.init, &local.pat) {
                    (Some(init), pattern) => {
                        let value = self.expr(&init.expr)?;
                        self.bind(pattern, value)?;
                    }
                    (None, Pat::Type(typed)) => self.bind(&typed.pat, Value::Unit)?,
                    (None, pattern) => self.bind(pattern, Value::Unit)?,
                }
                Ok(Value::Unit)
            }
            Stmt::Expr(expr, semicolon) => {
                let value = self.expr(expr)?;
                Ok(if semicolon.is_some() {
                    Value::Unit
                } else {
                    value
                })
            }
            _ => error("an unknown statement"),
        }
    }

    /// The value of an expression; a `&mut` stays one.
    pub(super) fn expr(&mut self, expr: &Expr) -> Result<Value> {
        self.tick()?;
        match expr {
            Expr::Lit(literal) => match &literal.lit {
                Lit::Float(x) => match x.base10_parse() {
                    Ok(x) => Ok(Value::number(x)),
                    Err(_) => error("a float that cannot be read"),
                },
                Lit::Int(k) if k.suffix() == "f64" => error("an integer as a float"),
                Lit::Int(k) => match k.base10_parse() {
                    Ok(k) => Ok(Value::Int(k)),
                    Err(_) => error("an integer that cannot be read"),
                },
                Lit::Bool(b) => Ok(Value::Flag(b.value)),
                _ => error("an unknown literal"),
            },
            Expr::Paren(inner) => self.expr(&inner.expr),
            Expr::Group(inner) => self.expr(&inner.expr),
            Expr::Path(_) | Expr::Index(_) | Expr::Field(_) => {
                if let Some(place) = self.place(expr)? {
                    // A variable that holds a reference hands it on.
                    if place.path.is_empty() {
                        return Ok(self.slots[place.slot].clone());
                    }
                    return self.load(&place);
                }
                match expr {
                    Expr::Field(field) => {
                        let value = self.operand(&field.base)?;
                        value.step(&member(&field.member))
                    }
                    Expr::Index(index) => {
                        let value = self.operand(&index.expr)?;
                        let length = value.clone().list()?.len();
                        let step = self.index(&index.index, length)?;
                        value.step(&step)
                    }
                    _ => error("an unknown name"),
                }
            }
            Expr::Reference(reference) if reference.mutability.is_some() => {
                match self.place(&reference.expr)? {
                    Some(place) => Ok(Value::Place(place)),
                    None => error("`&mut` to no place"),
                }
            }
            Expr::Reference(reference) => self.operand(&reference.expr),
            Expr::Unary(unary) => {
                let value = self.operand(&unary.expr)?;
                match (&unary.op, value) {
                    (UnOp::Deref(_), value) => Ok(value),
                    (UnOp::Neg(_), Value::Float(x)) => Ok(Value::Float(-x)),
                    (UnOp::Neg(_), Value::Int(k)) => Ok(Value::Int(-k)),
                    (UnOp::Not(_), Value::Flag(b)) => Ok(Value::Flag(!b)),
                    _ => error("an unknown operator"),
                }
            }
            Expr::Binary(binary) => self.binary(binary),
            Expr::Assign(assign) => {
                let value = self.operand(&assign.right)?;
                self.assign(&assign.left, value)?;
                Ok(Value::Unit)
            }
            Expr::Cast(cast) => match self.operand(&cast.expr)? {
                Value::Int(k) if is_float(&cast.ty) => Ok(Value::number(k as f64)),
                value => Ok(value),
            },
            Expr::Tuple(tuple) if tuple.elems.is_empty() => Ok(Value::Unit),
            Expr::Tuple(tuple) => Ok(Value::Tuple(self.operands(&tuple.elems)?)),
            Expr::Array(array) => Ok(Value::List(self.operands(&array.elems)?)),
            Expr::Repeat(repeat) => {
                let value = self.operand(&repeat.expr)?;
                let length = self.operand(&repeat.len)?.index()?;
                Ok(Value::List(vec![value; length]))
            }
            Expr::Macro(call) if call.mac.path.is_ident("vec") => self.vec(&call.mac),
            Expr::Struct(literal) => {
                let mut fields = Vec::new();
                for field in &literal.fields {
                    let Member::Named(name) = &field.member else {
                        return error("a field by number");
                    };
                    fields.push((name.to_string(), self.operand(&field.expr)?));
                }
                in_order(&literal.path, fields)
            }
            Expr::Range(range) => {
                let (Some(start), Some(end)) = (&range.start, &range.end) else {
                    return error("a range without end");
                };
                let low = self.operand(start)?.int()?;
                let mut high = self.operand(end)?.int()?;
                if matches!(range.limits, syn::RangeLimits::Closed(_)) {
                    high += 1;
                }
                if high - low > 10_000 {
                    return error("a very long range");
                }
                Ok(Value::List((low..high).map(Value::Int).collect()))
            }
            Expr::Closure(code) => {
                let mut names = HashMap::new();
                for scope in &self.scopes {
                    names.extend(scope.iter().map(|(name, slot)| (name.clone(), *slot)));
                }
                Ok(Value::Closure(Rc::new(Closure {
                    code: code.clone(),
                    names,
                })))
            }
            Expr::Call(call) => self.function_call(call),
            Expr::MethodCall(call) => self.method_call(call),
            Expr::Block(block) => {
                let label = named(&block.label);
                match self.block(&block.block) {
                    Err(Exit::Break(Some(target), value)) if Some(&target) == label.as_ref() => {
                        Ok(value)
                    }
                    other => other,
                }
            }
            Expr::If(conditional) => {
                if self.operand(&conditional.cond)?.flag()? {
                    return self.block(&conditional.then_branch);
                }
                match &conditional.else_branch {
                    Some((_, other)) => self.expr(other),
                    None => Ok(Value::Unit),
                }
            }
            Expr::Match(choice) => {
                let value = self.operand(&choice.expr)?;
                for arm in &choice.arms {
                    let result = self.scoped(|evaluator| {
                        if !evaluator.matches(&arm.pat, value.clone())? {
                            return Ok(None);
                        }
                        evaluator.expr(&arm.body).map(Some)
                    })?;
                    if let Some(result) = result {
                        return Ok(result);
                    }
                }
                error("no arm matches")
            }
            Expr::ForLoop(repeat) => {
                let items = match self.expr(&repeat.expr)? {
                    // `for x in &mut a`, or in a variable that is `&mut`.
                    Value::Place(place) => self.places_in(&place)?,
                    other => other.list()?,
                };
                let label = named(&repeat.label);
                for item in items {
                    let round = self.scoped(|evaluator| {
                        evaluator.bind(&repeat.pat, item)?;
                        evaluator.block(&repeat.body)
                    });
                    if let Some(value) = ended(round, &label)? {
                        return Ok(value);
                    }
                }
                Ok(Value::Unit)
            }
            Expr::While(repeat) => {
                let label = named(&repeat.label);
                while self.operand(&repeat.cond)?.flag()? {
                    let round = self.block(&repeat.body);
                    if let Some(value) = ended(round, &label)? {
                        return Ok(value);
                    }
                }
                Ok(Value::Unit)
            }
            Expr::Loop(repeat) => {
                let label = named(&repeat.label);
                loop {
                    let round = self.block(&repeat.body);
                    if let Some(value) = ended(round, &label)? {
                        return Ok(value);
                    }
                }
            }
            Expr::Break(exit) => {
                let value = match &exit.expr {
                    Some(expr) => self.operand(expr)?,
                    None => Value::Unit,
                };
                let label = exit.label.as_ref().map(|label| label.ident.to_string());
                Err(Exit::Break(label, value))
            }
            Expr::Continue(exit) => {
                let label = exit.label.as_ref().map(|label| label.ident.to_string());
                Err(Exit::Continue(label))
            }
            Expr::Return(exit) => {
                let value = match &exit.expr {
                    Some(expr) => self.operand(expr)?,
                    None => Value::Unit,
                };
                Err(Exit::Return(value))
            }
            _ => error("an unknown expression"),
        }
    }

    /// The value of an expression, through references.
    pub(super) fn operand(&mut self, expr: &Expr) -> Result<Value> {
        let value = self.expr(expr)?;
        self.seen(value)
    }

    pub(super) fn operands(&mut self, exprs: &Punctuated<Expr, Token![,]>) -> Result<Vec<Value>> {
        exprs.iter().map(|expr| self.operand(expr)).collect()
    }

    /// The place that an expression names; `None` if it is a value only.
    pub(super) fn place(&mut self, expr: &Expr) -> Result<Option<Place>> {
        let base = match expr {
            Expr::Paren(inner) => return self.place(&inner.expr),
            Expr::Path(path) => {
                let Some(name) = path.path.get_ident() else {
                    return Ok(None);
                };
                let slot = self.lookup(&name.to_string());
                return Ok(slot.map(|slot| Place {
                    slot,
                    path: Vec::new(),
                }));
            }
            Expr::Unary(unary) if matches!(unary.op, UnOp::Deref(_)) => &unary.expr,
            Expr::Field(field) => &field.base,
            Expr::Index(index) => &index.expr,
            _ => return Ok(None),
        };
        let Some(base) = self.place(base)? else {
            return Ok(None);
        };
        // Through a variable that is a reference to where it leads.
        let base = match &self.slots[base.slot] {
            Value::Place(inner) => base.path.into_iter().fold(inner.clone(), Place::then),
            _ => base,
        };
        Ok(Some(match expr {
            Expr::Field(field) => base.then(member(&field.member)),
            Expr::Index(index) => {
                let length = self.load(&base)?.list()?.len();
                let step = self.index(&index.index, length)?;
                base.then(step)
            }
            _ => base,
        }))
    }

    /// `[index]` of something with this length.
    fn index(&mut self, index: &Expr, length: usize) -> Result<Step> {
        let Expr::Range(range) = index else {
            let k = self.operand(index)?.index()?;
            return if k < length {
                Ok(Step::At(k))
            } else {
                error("an index out of bounds")
            };
        };
        let low = match &range.start {
            Some(start) => self.operand(start)?.index()?,
            None => 0,
        };
        let mut high = match &range.end {
            Some(end) => self.operand(end)?.index()?,
            None => length,
        };
        if matches!(range.limits, syn::RangeLimits::Closed(_)) {
            high += 1;
        }
        if low <= high && high <= length {
            Ok(Step::Part(low, high))
        } else {
            error("a range out of bounds")
        }
    }

    fn assign(&mut self, left: &Expr, value: Value) -> Result<()> {
        match left {
            Expr::Infer(_) => Ok(()),
            Expr::Tuple(tuple) => {
                let Value::Tuple(values) = value else {
                    return error("no tuple");
                };
                for (left, value) in tuple.elems.iter().zip(values) {
                    self.assign(left, value)?;
                }
                Ok(())
            }
            _ => match self.place(left)? {
                Some(place) => self.store(&place, value),
                None => error("an assignment to no place"),
            },
        }
    }

    fn binary(&mut self, binary: &syn::ExprBinary) -> Result<Value> {
        use BinOp::{AddAssign, And, DivAssign, MulAssign, Or, RemAssign, SubAssign};
        let op = binary.op;
        if matches!(
            op,
            AddAssign(_) | SubAssign(_) | MulAssign(_) | DivAssign(_) | RemAssign(_)
        ) {
            let right = self.operand(&binary.right)?;
            let Some(place) = self.place(&binary.left)? else {
                return error("an assignment to no place");
            };
            let left = self.load(&place)?;
            let value = operate(op, left, right)?;
            self.store(&place, value)?;
            return Ok(Value::Unit);
        }
        let left = self.operand(&binary.left)?;
        match (op, &left) {
            (And(_), Value::Flag(false)) | (Or(_), Value::Flag(true)) => return Ok(left),
            (And(_) | Or(_), _) => return self.operand(&binary.right),
            _ => {}
        }
        let right = self.operand(&binary.right)?;
        operate(op, left, right)
    }

    fn vec(&mut self, call: &syn::Macro) -> Result<Value> {
        if let Ok(items) = call.parse_body_with(Punctuated::<Expr, Token![,]>::parse_terminated) {
            return Ok(Value::List(self.operands(&items)?));
        }
        let repeat = |input: syn::parse::ParseStream| {
            let value: Expr = input.parse()?;
            input.parse::<Token![;]>()?;
            Ok((value, input.parse::<Expr>()?))
        };
        match call.parse_body_with(repeat) {
            Ok((value, length)) => {
                let value = self.operand(&value)?;
                let length = self.operand(&length)?.index()?;
                Ok(Value::List(vec![value; length]))
            }
            Err(_) => error("an unknown `vec!`"),
        }
    }
}

/// A struct with its fields in the order of their declaration.
fn in_order(path: &syn::Path, mut fields: Vec<(String, Value)>) -> Result<Value> {
    let order: &[&str] = match path {
        path if path.is_ident("Point") => &["x", "y"],
        path if path.is_ident("Body") => &["place", "spin", "span"],
        _ => return error("an unknown struct"),
    };
    fields.sort_by_key(|(field, _)| order.iter().position(|name| name == field));
    if fields.len() == order.len() {
        Ok(Value::Struct(fields))
    } else {
        error("missing fields")
    }
}

/// Whether one round of a loop ended the loop, and with which value.
fn ended(round: Result<Value>, label: &Option<String>) -> Result<Option<Value>> {
    let own = |target: &Option<String>| target.is_none() || target == label;
    match round {
        Ok(_) => Ok(None),
        Err(Exit::Break(target, value)) if own(&target) => Ok(Some(value)),
        Err(Exit::Continue(target)) if own(&target) => Ok(None),
        Err(other) => Err(other),
    }
}

fn member(member: &Member) -> Step {
    match member {
        Member::Named(name) => Step::Field(name.to_string()),
        Member::Unnamed(index) => Step::Field(index.index.to_string()),
    }
}

pub(super) fn is_float(ty: &syn::Type) -> bool {
    matches!(ty, syn::Type::Path(path) if path.path.is_ident("f64"))
}

/// An operator on two values; the one that assigns does the same arithmetic.
fn operate(op: BinOp, left: Value, right: Value) -> Result<Value> {
    use BinOp::{
        Add, AddAssign, Div, DivAssign, Eq, Ge, Gt, Le, Lt, Mul, MulAssign, Ne, Rem, RemAssign,
        Sub, SubAssign,
    };
    let floats = |x: Dual, y: Dual| -> Option<Value> {
        Some(match op {
            Add(_) | AddAssign(_) => Value::Float(x + y),
            Sub(_) | SubAssign(_) => Value::Float(x - y),
            Mul(_) | MulAssign(_) => Value::Float(x * y),
            Div(_) | DivAssign(_) => Value::Float(x / y),
            Rem(_) | RemAssign(_) => Value::Float(x % y),
            Lt(_) => Value::Flag(x.value < y.value),
            Le(_) => Value::Flag(x.value <= y.value),
            Gt(_) => Value::Flag(x.value > y.value),
            Ge(_) => Value::Flag(x.value >= y.value),
            Eq(_) => Value::Flag(x.value == y.value),
            Ne(_) => Value::Flag(x.value != y.value),
            _ => return None,
        })
    };
    let ints = |x: i128, y: i128| -> Option<Value> {
        Some(match op {
            Add(_) | AddAssign(_) => Value::Int(x + y),
            Sub(_) | SubAssign(_) => Value::Int(x - y),
            Mul(_) | MulAssign(_) => Value::Int(x.checked_mul(y)?),
            Div(_) | DivAssign(_) => Value::Int(x.checked_div(y)?),
            Rem(_) | RemAssign(_) => Value::Int(x.checked_rem(y)?),
            Lt(_) => Value::Flag(x < y),
            Le(_) => Value::Flag(x <= y),
            Gt(_) => Value::Flag(x > y),
            Ge(_) => Value::Flag(x >= y),
            Eq(_) => Value::Flag(x == y),
            Ne(_) => Value::Flag(x != y),
            _ => return None,
        })
    };
    let result = match (left, right) {
        (Value::Float(x), Value::Float(y)) => floats(x, y),
        (Value::Int(x), Value::Int(y)) => ints(x, y),
        (Value::Flag(x), Value::Flag(y)) if matches!(op, Eq(_)) => Some(Value::Flag(x == y)),
        (Value::Flag(x), Value::Flag(y)) if matches!(op, Ne(_)) => Some(Value::Flag(x != y)),
        _ => None,
    };
    result.map_or_else(|| error("an unknown operator"), Ok)
}
