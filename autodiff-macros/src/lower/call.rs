//! Calls: to methods of the floats, to the runtime's activations, to other differentiable
//! functions, and to constructors.

use proc_macro2::{Ident, Span};
use quote::ToTokens;
use syn::spanned::Spanned;
use syn::{Expr, ExprCall, ExprMethodCall, Type};

use super::expr::{positions, without_turbofish};
use super::suggest::{instead_of_method, suggest};
use super::tensor::{is_length, is_shape};
use super::{Lowered, Lowerer, Operand, Reported, iterate};
use crate::diagnostics::Cause;
use crate::ir::{Called, Callee, Mode, Observation, Op, Shape, ValueId};
use crate::rules::Primitive;
use crate::ty::Ty;

/// Methods that look at a value and give an integer or a flag.
const OBSERVERS: [&str; 8] = [
    "len",
    "is_empty",
    "is_nan",
    "is_finite",
    "is_infinite",
    "is_normal",
    "is_sign_negative",
    "is_sign_positive",
];

/// Types of the standard library that hold values and have no gradient.
const COLLECTIONS: [&str; 8] = [
    "HashMap",
    "HashSet",
    "BTreeMap",
    "BTreeSet",
    "VecDeque",
    "BinaryHeap",
    "LinkedList",
    "String",
];

impl Lowerer<'_> {
    pub(super) fn method_call(&mut self, call: &ExprMethodCall) -> Lowered {
        let name = call.method.to_string();
        let whole = Expr::MethodCall(call.clone());
        if let Some(unwrapped) = self.unwrapped_tensor(call) {
            return unwrapped;
        }
        if self.mentions_varied(&whole)
            && let Some(done) = self.sibling_call(call)
        {
            return done;
        }
        let as_float = Primitive::method(&name).is_some_and(|own| {
            own.rule().arity == call.args.len() + 1 && !self.is_integer(&call.receiver)
        });
        if iterate::ends_stream(call) && !self.may_stay(&whole) {
            return self.end_of_stream(call);
        }
        if !as_float && !self.mentions_varied(&whole) {
            let copies = matches!(name.as_str(), "clone" | "to_vec" | "to_owned");
            let counts = call.args.is_empty() && is_length(&name);
            return match counts || copies && self.is_integer(&call.receiver) {
                true => self.inactive_value(&whole),
                false => self.inactive(&whole),
            };
        }
        if iterate::is_stream(&whole) || iterate::is_stream(&call.receiver) {
            return self.refuse_iterator(call);
        }
        if let Some(collection) = self.collection(&call.receiver)
            && call.args.iter().any(|arg| self.mentions_varied(arg))
        {
            return self.refuse_collected(call, collection);
        }
        if super::method::may_be_users(call)
            && let Some(place) = self.place_of(&call.receiver)?
            && self.place_may_have_methods(&place)
            && !self.is_array_by_method(call, &place)
            && !self.is_shape_of_unseen(call, &place)
        {
            return self.call_on_place(call, place);
        }
        let receiver = self.expr(&call.receiver)?;
        if let Some(done) = self.tensor_method(call, receiver) {
            return done;
        }
        if name == "map" && call.args.len() == 1 {
            return self.mapped_array(receiver, &call.args[0], call.method.span());
        }
        let unseen = matches!(
            self.infer.resolve(self.function.ty(receiver.id)),
            Ty::Var(_)
        );
        let observes = OBSERVERS.contains(&name.as_str()) || unseen && is_shape(&name);
        if call.args.is_empty() && observes {
            let op = Op::Observe(Observation::Method(call.method.clone()));
            return Ok(Operand::value(self.push(
                op,
                vec![receiver.id],
                Ty::Inactive,
                call.span(),
            )));
        }
        match name.as_str() {
            "split_at" if call.args.len() == 1 => {
                let at = self.expr(&call.args[0])?.id;
                let ends = [(false, true), (true, false)].map(|(from, to)| {
                    let step = crate::ir::Step::Slice {
                        from,
                        to,
                        inclusive: false,
                    };
                    let part = self.project_many(receiver, step, vec![at], call.span());
                    Operand {
                        references: 1,
                        ..part
                    }
                });
                return Ok(self.pair(ends[0], ends[1], call.span()));
            }
            "clone" | "to_owned" | "to_vec" if call.args.is_empty() => {
                let mut ty = self.infer.resolve(self.function.ty(receiver.id));
                if let (Ty::Sequence(element, _) | Ty::Array(element, _), "to_owned" | "to_vec") =
                    (&ty, name.as_str())
                    && !(name == "to_owned" && matches!(ty, Ty::Array(..)))
                {
                    ty = Ty::Sequence(element.clone(), crate::ty::Sequence::Vec);
                } else if name == "to_vec" {
                    // Of a field whose type only rustc knows.
                    let element = Box::new(self.infer.fresh());
                    ty = Ty::Sequence(element, crate::ty::Sequence::Vec);
                }
                if ty.is_copy() {
                    return Ok(Operand::value(receiver.id));
                }
                if let Ty::Named(ty) = &ty
                    && name == "clone"
                {
                    let text = ty.to_token_stream().to_string();
                    self.clones.entry(text).or_insert((**ty).clone());
                }
                let op = Op::Clone(Some(call.method.clone()));
                return Ok(Operand::value(self.push(
                    op,
                    vec![receiver.id],
                    ty,
                    call.span(),
                )));
            }
            "to_f64" if call.args.is_empty() => {
                self.expect_real_method(&call.method, receiver.id);
                let id = self.push(Op::Cast, vec![receiver.id], Ty::f64(), call.span());
                return Ok(Operand::value(id));
            }
            "sin_cos" if call.args.is_empty() => return Ok(self.sin_cos(receiver.id, call.span())),
            _ => {}
        }
        let ty = self.function.ty(receiver.id).clone();
        if super::method::may_be_users(call) && self.may_have_methods(&ty) {
            return self.call_on_value(call, receiver);
        }
        match Primitive::method(&name) {
            Some(primitive) => {
                if receiver.references > 0 {
                    self.borrowed
                        .entry(name.clone())
                        .or_insert(call.method.clone());
                }
                if matches!(primitive.rule().form, crate::rules::Form::Activation(_)) {
                    self.expect_real_method(&call.method, receiver.id);
                }
                let mut values = vec![Ok(receiver)];
                values.extend(call.args.iter().map(|arg| self.expr(arg)));
                self.primitive(primitive, values, &call.method)
            }
            None => {
                let instead = suggest(&name).unwrap_or_else(|| instead_of_method(&name).to_owned());
                self.refuse(
                    Cause::D0501,
                    &call.method,
                    &format!("the method `{name}` on an active value"),
                    "the macro has no derivative rule for it",
                    &instead,
                )
            }
        }
    }

    /// The collection that a local is, if it is known to be one without a gradient.
    pub(super) fn collection(&self, expr: &Expr) -> Option<&'static str> {
        let root = super::mutation::root(expr)?;
        let value = self.lookup(&root)?.value?;
        self.collections.get(&value).copied()
    }

    pub(super) fn refuse_collected<T>(
        &mut self,
        call: &ExprMethodCall,
        collection: &str,
    ) -> Result<T, Reported> {
        self.refuse(
            Cause::D0905,
            &call.method,
            &format!(
                "the method `{}` of a `{collection}` with an active value in it",
                call.method
            ),
            "the adjoint cannot follow the value into it",
            "keep active values in `let mut` variables, arrays and vectors of this function",
        )
    }

    fn primitive(
        &mut self,
        primitive: Primitive,
        values: Vec<Lowered>,
        name: &impl ToTokens,
    ) -> Lowered {
        let span = name.span();
        let mut args = Vec::new();
        for value in values {
            args.push(value?.id);
        }
        let (count, arity) = (args.len(), primitive.rule().arity);
        if count != arity {
            let text = name.to_token_stream().to_string().replace(' ', "");
            return self.refuse(
                Cause::D0403,
                name,
                &format!("`{text}` of {count} values"),
                &format!("the rule for its derivative is that of a function of {arity}"),
                "give it as many arguments as it has in Rust",
            );
        }
        Ok(Operand::value(self.apply(primitive, &args, span)))
    }

    pub(super) fn call(&mut self, call: &ExprCall) -> Lowered {
        let Expr::Path(function) = &*call.func else {
            return self.inactive(&Expr::Call(call.clone()));
        };
        if function.qself.is_some() {
            return self.inactive(&Expr::Call(call.clone()));
        }
        if let Some(ident) = function.path.get_ident()
            && let Some(closure) = self.lookup(ident).and_then(|local| local.closure)
        {
            return self.call_closure(closure, &call.args, call.span());
        }
        if let [.., owner, name] = &function.path.segments.iter().collect::<Vec<_>>()[..]
            && owner.ident == "Vec"
            && (name.ident == "with_capacity" || name.ident == "new")
        {
            return self.empty_vec(call);
        }
        let segments: Vec<String> = function
            .path
            .segments
            .iter()
            .map(|segment| segment.ident.to_string())
            .collect();
        let names: Vec<&str> = segments.iter().map(String::as_str).collect();
        match &names[..] {
            [owner, "from_f64"] if self.is_real(owner) && call.args.len() == 1 => {
                self.expect_path(&function.path);
                let ty = self.named_scalar(owner);
                if let Some(number) = literal_number(&call.args[0]) {
                    let id = self.push(Op::Constant(number), Vec::new(), ty, call.span());
                    return Ok(Operand::value(id));
                }
                let number = self.expr(&call.args[0])?.id;
                let own = self.function.ty(number).clone();
                self.unify(&own, &Ty::f64(), call.span());
                return Ok(Operand::value(self.push(
                    Op::Cast,
                    vec![number],
                    ty,
                    call.span(),
                )));
            }
            [owner, "sin_cos"] if self.is_real(owner) && call.args.len() == 1 => {
                self.expect_path(&function.path);
                let angle = self.expr(&call.args[0])?;
                return Ok(self.sin_cos(angle.id, call.span()));
            }
            [owner, method] | ["std" | "core", "primitive", owner, method]
                if self.is_real(owner) && Primitive::method(method).is_some() =>
            {
                let primitive = Primitive::method(method).expect("just looked up");
                self.expect_path(&function.path);
                let values: Vec<Lowered> = call.args.iter().map(|arg| self.expr(arg)).collect();
                return self.primitive(primitive, values, &call.func);
            }
            [name] if self.lookup(&function.path.segments[0].ident).is_none() => {
                if let Some(primitive) = Primitive::free_function(name)
                    && !self.item_names.contains(*name)
                    && (self.signature.method.is_some() || self.signature.name != *name)
                {
                    let ident = function.path.segments[0].ident.clone();
                    self.builtins.entry((*name).to_owned()).or_insert(ident);
                    let values: Vec<Lowered> = call.args.iter().map(|arg| self.expr(arg)).collect();
                    return self.primitive(primitive, values, &call.func);
                }
            }
            _ => {}
        }
        if let (["std" | "core", "mem", "replace"] | ["mem", "replace"], 2) =
            (&names[..], call.args.len())
            && !self.may_stay(&Expr::Call(call.clone()))
        {
            return self.replace(&call.args[0], &call.args[1]);
        }
        let whole = Expr::Call(call.clone());
        if !self.mentions_varied(&whole) || self.only_looks(&whole) {
            let value = match self.mentions_varied(&whole) {
                true => self.verbatim(&whole, true)?,
                false => self.inactive(&whole)?,
            };
            let owner = names.iter().rev().nth(1).copied().unwrap_or_default();
            if let Some(own) = COLLECTIONS.iter().find(|own| **own == owner) {
                self.collections.insert(value.id, own);
            }
            self.note_tensor(value.id, &names);
            return Ok(value);
        }
        if let Some(array) = self.tensor_function(call, &names) {
            return array;
        }
        if let Some(array) = self.tensor_of_shape(call, &names) {
            return array;
        }
        if let Some(ident) = function.path.get_ident()
            && let Some(local) = self.lookup(ident)
        {
            if local.value.is_some_and(|id| self.poisoned.contains(&id)) {
                return Err(Reported);
            }
            return self.refuse(
                Cause::D0404,
                ident,
                &format!("a call of the local `{ident}` with an active argument"),
                "only rustc knows which function the local stands for",
                "bind a closure to it here, `let f = |x| …;`, or call a function marked #[differentiable]",
            );
        }
        self.refuse_known(call, &names)?;
        let last = names.last().expect("a path has a segment");
        if last.starts_with(char::is_uppercase) {
            return self.constructor(call, function);
        }
        let ty = self.result_at(&function.path);
        let (args, modes, changes) = self.arguments(&call.args)?;
        let ty = match self.result_of_tensor_function(&names, &args) {
            Some(known) => known,
            None => ty?,
        };
        let is_type = |owner: &&str| owner.starts_with(char::is_uppercase);
        let callee = Callee {
            path: function.path.clone(),
            called: match names.iter().rev().nth(1).is_some_and(is_type) {
                true => Called::Associated,
                false => Called::Function,
            },
            modes,
            spans: call.args.iter().map(Spanned::span).collect(),
            changes,
            active: Vec::new(),
            detached: false,
            rule: false,
        };
        Ok(Operand::value(self.push(
            Op::Call(callee),
            args,
            ty,
            call.span(),
        )))
    }

    /// The arguments of a call: values, how they are passed, and the memories that may be changed.
    #[allow(clippy::type_complexity)]
    pub(super) fn arguments(
        &mut self,
        args: &syn::punctuated::Punctuated<Expr, syn::Token![,]>,
    ) -> Result<(Vec<ValueId>, Vec<Mode>, Vec<ValueId>), Reported> {
        let operands: Vec<Lowered> = args.iter().map(|arg| self.expr(arg)).collect();
        let (mut ids, mut modes, mut changes) = (Vec::new(), Vec::new(), Vec::new());
        for (operand, arg) in operands.into_iter().zip(args) {
            let operand = operand?;
            self.expect_no_view(operand, arg)?;
            let memory = match self.aliases.get(&operand.id) {
                Some(place) => Some(place.memory),
                None => Some(operand.id).filter(|&id| self.function.is_memory(id)),
            };
            let shared = matches!(arg, Expr::Reference(own) if own.mutability.is_none());
            let mode = match memory {
                Some(memory) if operand.references > 0 && !shared => {
                    changes.push(memory);
                    Mode::Mutable
                }
                _ if operand.references > 0 || is_text(arg) => Mode::Reference,
                _ => Mode::Value,
            };
            ids.push(operand.id);
            modes.push(mode);
        }
        Ok((ids, modes, changes))
    }

    /// `Vec::with_capacity(n)` and `Vec::new()`: what is pushed later may be active.
    fn empty_vec(&mut self, call: &ExprCall) -> Lowered {
        let operand = self.verbatim(&Expr::Call(call.clone()), false)?;
        let element = self.infer.fresh();
        let ty = Ty::Sequence(Box::new(element), crate::ty::Sequence::Vec);
        self.function.value_mut(operand.id).ty = ty;
        Ok(operand)
    }

    /// `x.sigmoid()` on a float must be `Real`'s; on a `T: Real` it is.
    fn expect_real_method(&mut self, method: &Ident, receiver: ValueId) {
        let ty = self.infer.resolve(self.function.ty(receiver));
        if !matches!(ty, Ty::Scalar(crate::ty::Scalar::Param(_))) {
            self.methods
                .entry(method.to_string())
                .or_insert(method.clone());
        }
    }

    /// In `f64::sqrt`, `f64` must be the primitive type.
    fn expect_path(&mut self, path: &syn::Path) {
        let owner = &path.segments[0].ident;
        if path.segments.len() == 2 && (owner == "f64" || owner == "f32") {
            self.paths
                .entry(path.to_token_stream().to_string())
                .or_insert(path.clone());
        }
    }

    fn sin_cos(&mut self, angle: ValueId, span: Span) -> Operand {
        let sin = self.apply(Primitive::Sin, &[angle], span);
        let cos = self.apply(Primitive::Cos, &[angle], span);
        let ty = Ty::Tuple([sin, cos].map(|id| self.function.ty(id).clone()).to_vec());
        Operand::value(self.push(Op::Aggregate(Shape::Tuple), vec![sin, cos], ty, span))
    }

    /// Functions that certainly have no companion get their error here, where it can help.
    fn refuse_known(&mut self, call: &ExprCall, names: &[&str]) -> Result<(), Reported> {
        if let [owner, method] = names
            && self.is_real(owner)
        {
            let suggestion = suggest(method)
                .unwrap_or_else(|| "use one of the float methods that the README lists".to_owned());
            return self.refuse(
                Cause::D0401,
                &call.func,
                &format!("the function `{owner}::{method}` on an active value"),
                "the macro has no derivative rule for it",
                &suggestion,
            );
        }
        match names {
            ["std" | "core" | "alloc", ..]
            | ["drop"]
            | ["Some" | "Ok" | "Err"]
            | ["Box", "new"]
            | ["Vec", ..] => {
                let name = call.func.to_token_stream().to_string().replace(' ', "");
                let instead = match names {
                    [_, "mem", ..] => "use `std::mem::swap` or `std::mem::replace`",
                    [_, "iter", ..] => "write a `for` loop over a range",
                    _ => {
                        "keep active values in numbers, arrays, tuples and structs with #[derive(Differentiable)]"
                    }
                };
                self.refuse(
                    Cause::D0402,
                    &call.func,
                    &format!("`{name}` with an active argument"),
                    "the adjoint cannot follow the value into it",
                    instead,
                )
            }
            _ => Ok(()),
        }
    }

    /// `Point(x, y)`: a call by form, an aggregate by meaning.
    fn constructor(&mut self, call: &ExprCall, function: &syn::ExprPath) -> Lowered {
        let operands: Vec<Lowered> = call.args.iter().map(|arg| self.expr(arg)).collect();
        let mut elements = Vec::new();
        for operand in operands {
            elements.push(operand?.id);
        }
        let path = function.path.clone();
        self.constructors
            .entry(path.to_token_stream().to_string())
            .or_insert_with(|| path.clone());
        let ty = self.with_owner(Ty::Named(Box::new(Type::Path(syn::TypePath {
            attrs: Vec::new(),
            qself: None,
            path: without_turbofish(&path),
        }))));
        let shape = Shape::Struct {
            path,
            members: positions(elements.len()),
            positional: true,
        };
        Ok(Operand::value(self.push(
            Op::Aggregate(shape),
            elements,
            ty,
            call.span(),
        )))
    }

    fn is_real(&self, owner: &str) -> bool {
        matches!(owner, "f64" | "f32" | "Real")
            || self.signature.reals.iter().any(|real| real == owner)
    }

    fn named_scalar(&mut self, owner: &str) -> Ty {
        let real = self.signature.reals.iter().find(|real| *real == owner);
        match (owner, real) {
            (_, Some(real)) => Ty::Scalar(crate::ty::Scalar::Param(real.clone())),
            ("f32", _) => Ty::Scalar(crate::ty::Scalar::F32),
            ("f64", _) => Ty::f64(),
            _ => self.infer.fresh_scalar(),
        }
    }

    /// Whether the expression is known to be an integer (so that `n.max(1)` is not `f64::max`).
    pub(super) fn is_integer(&self, expr: &Expr) -> bool {
        match expr {
            Expr::Paren(inner) => self.is_integer(&inner.expr),
            Expr::Group(inner) => self.is_integer(&inner.expr),
            Expr::Lit(literal) => {
                matches!(&literal.lit, syn::Lit::Int(int) if !int.suffix().starts_with('f'))
            }
            Expr::Path(path) => {
                path.path
                    .get_ident()
                    .is_some_and(|ident| match self.lookup(ident) {
                        Some(local) => local.value.is_some_and(|id| {
                            self.infer.resolve(self.function.ty(id)).is_inactive()
                        }),
                        None => self
                            .signature
                            .const_params()
                            .any(|param| param.ident == *ident),
                    })
            }
            Expr::Binary(binary) => self.is_integer(&binary.left) || self.is_integer(&binary.right),
            Expr::MethodCall(call) => call.method == "len" || self.is_integer(&call.receiver),
            Expr::Cast(cast) => crate::ty::read(&cast.ty, &[], &mut || Ty::Inactive)
                .ty
                .is_inactive(),
            _ => false,
        }
    }
}

fn literal_number(expr: &Expr) -> Option<f64> {
    match expr {
        Expr::Lit(literal) => match &literal.lit {
            syn::Lit::Float(float) => float.base10_parse().ok(),
            _ => None,
        },
        Expr::Unary(unary) if matches!(unary.op, syn::UnOp::Neg(_)) => {
            literal_number(&unary.expr).map(|x| -x)
        }
        _ => None,
    }
}

/// Whether the argument is a literal that is a reference: `"name"`.
pub(super) fn is_text(arg: &Expr) -> bool {
    use syn::Lit::{ByteStr, CStr, Str};
    matches!(arg, Expr::Lit(own) if matches!(own.lit, Str(_) | ByteStr(_) | CStr(_)))
}
