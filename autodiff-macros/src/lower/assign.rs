//! Assignments: to whole locals, which get a new value, and to parts of memory.

use proc_macro2::Span;
use syn::spanned::Spanned;
use syn::{Expr, ExprMethodCall};

use super::statement::compound_primitive;
use super::suggest::instead_of_method;
use super::{Local, Lowerer, Operand, Place, Reported, mutation};
use crate::diagnostics::Cause;
use crate::ir::{Op, Step, Stmt, ValueId};
use crate::rules::Primitive;
use crate::ty::{Tensor, Ty};

/// What stands on the left of an assignment.
enum Target {
    Local(syn::Ident),
    Place(Place),
}

impl Lowerer<'_> {
    pub(super) fn assign(&mut self, left: &Expr, right: &Expr) -> Result<(), Reported> {
        if matches!(left, Expr::Infer(_) | Expr::Tuple(_) | Expr::Array(_)) {
            let value = self.expr(right)?;
            return self.take_apart(left, value);
        }
        // As in Rust: first the value, then the place.
        let value = match self.deferred_target(left) {
            true => self
                .statement_value(right)?
                .unwrap_or_else(|| self.unit(right.span())),
            false => self.expr(right)?,
        };
        let target = self.target(left)?;
        self.put(&target, value, left.span());
        Ok(())
    }

    /// `(a, [b, _]) = value`.
    fn take_apart(&mut self, left: &Expr, value: Operand) -> Result<(), Reported> {
        match left {
            Expr::Infer(_) => Ok(()),
            Expr::Paren(inner) => self.take_apart(&inner.expr, value),
            Expr::Tuple(tuple) => tuple.elems.iter().enumerate().try_for_each(|(k, part)| {
                let step = Step::Field(syn::Member::from(k));
                let value = self.project(value, step, None, part.span());
                self.take_apart(part, value)
            }),
            Expr::Array(array) => array.elems.iter().enumerate().try_for_each(|(k, part)| {
                let value = self.project(value, Step::At(k), None, part.span());
                self.take_apart(part, value)
            }),
            _ => {
                let target = self.target(left)?;
                self.put(&target, value, left.span());
                Ok(())
            }
        }
    }

    fn deferred_target(&self, left: &Expr) -> bool {
        matches!(left, Expr::Path(_))
    }

    pub(super) fn compound_assign(&mut self, binary: &syn::ExprBinary) -> Result<(), Reported> {
        let primitive = compound_primitive(&binary.op).expect("checked by the caller");
        // For numbers, Rust evaluates the right side first.
        let right = self.expr(&binary.right)?;
        // The second is where rustc reports operands that do not fit.
        let (span, operator) = (binary.span(), binary.op.span());
        let target = self.target(&binary.left)?;
        let current = match &target {
            Target::Local(_) => None,
            Target::Place(place) => Some(self.place_type(place)),
        };
        let of_tensor = matches!(current, Some(Ty::Tensor(_))) || self.tensor(right.id).is_some();
        let additive = matches!(primitive, Primitive::Add | Primitive::Sub) && !of_tensor;
        if let (Target::Place(place), true) = (&target, additive) {
            let current = self.place_type(place);
            let own = self.function.ty(right.id).clone();
            self.unify(&current, &own, operator);
            self.infer.require_scalar(&current);
            self.infer.require_scalar(&own);
            return self.change(
                Op::Update(place.path.clone(), primitive),
                place,
                right.id,
                span,
            );
        }
        let left = match &target {
            Target::Local(_) => self.expr(&binary.left)?,
            Target::Place(place) => self.load(place, span),
        };
        if let Some(result) = self.tensor_assigned(primitive, &[left, right], operator) {
            let result = result?;
            self.put(&target, result, span);
            return Ok(());
        }
        let id = self.arithmetic(primitive, &[left.id, right.id], operator);
        self.put(&target, Operand::value(id), span);
        Ok(())
    }

    /// Gives the target a new value.
    fn put(&mut self, target: &Target, value: Operand, span: Span) {
        match target {
            Target::Local(name) => {
                let value = self.snapshot(value, span);
                let before = self.lookup(name).and_then(|local| local.value);
                if let Some(tensor) = before.and_then(|before| self.tensor(before)) {
                    self.stays_tensor(value.id, tensor, span);
                }
                let slot = self.slot(name).expect("the name was looked up before");
                *slot = Local {
                    value: Some(value.id),
                    references: value.references,
                    alias: None,
                    ..slot.clone()
                };
                self.name_value(value.id, name);
            }
            Target::Place(place) => {
                let current = self.place_type(place);
                let own = self.function.ty(value.id).clone();
                self.unify(&current, &own, span);
                let _ = self.change(Op::Store(place.path.clone()), place, value.id, span);
            }
        }
    }

    /// What a local that holds an array is given is one, too, whatever the right side tells:
    /// `h = layer(&h)`.
    fn stays_tensor(&mut self, value: ValueId, tensor: Tensor, span: Span) {
        let ty = self.function.ty(value).clone();
        if let Ty::Var(_) = self.infer.resolve(&ty) {
            let same = Ty::Tensor(Tensor::new(*tensor.element, tensor.rank));
            self.unify(&same, &ty, span);
        }
    }

    /// Appends a statement that changes a memory.
    fn change(
        &mut self,
        op: Op,
        place: &Place,
        value: ValueId,
        span: Span,
    ) -> Result<(), Reported> {
        let mut args = vec![place.memory, value];
        args.extend(&place.indices);
        self.stmts.push(Stmt::new(Vec::new(), op, args, span));
        if self.varied.contains(&value) && !self.varied.contains(&place.memory) {
            let name = self.function.value(place.memory).name.clone();
            let name = name.map(|name| name.to_string()).unwrap_or_default();
            return self.diagnose_inactive_memory(&name, span);
        }
        Ok(())
    }

    fn diagnose_inactive_memory(&mut self, name: &str, span: Span) -> Result<(), Reported> {
        self.diagnostics.refuse_at(
            span,
            crate::diagnostics::Refusal {
                cause: Cause::D0904,
                what: &format!("an active value is stored in `{name}`, which is no active value"),
                why: "it is declared constant, or holds no floats: the adjoint could not follow",
                instead: "store it in a local of floats, and leave `#[constant]` away there",
            },
        );
        Err(Reported)
    }

    pub(super) fn place_type(&mut self, place: &Place) -> Ty {
        let mut ty = self.infer.resolve(self.function.ty(place.memory));
        for step in &place.path {
            ty = self.part_type(&ty, step);
        }
        ty
    }

    fn target(&mut self, left: &Expr) -> Result<Target, Reported> {
        if let Some(name) = plain(left)
            && let Some(local) = self.lookup(&name).cloned()
        {
            if local.value.is_some_and(|id| self.poisoned.contains(&id)) {
                return Err(Reported);
            }
            let is_memory = local.value.is_some_and(|id| self.function.is_memory(id));
            if !is_memory {
                return Ok(Target::Local(name));
            }
        }
        match self.place_of(left)? {
            Some(place) => Ok(Target::Place(place)),
            None => {
                let root = mutation::root(left);
                let known = root.as_ref().filter(|root| self.lookup(root).is_some());
                let what = match (&root, known) {
                    (_, Some(root)) => format!("an assignment to a place that `{root}` refers to"),
                    (Some(root), None) => {
                        format!("an assignment to `{root}`, which is no variable of this function")
                    }
                    (None, _) => "an assignment to this place".to_owned(),
                };
                self.refuse(
                    Cause::D0901,
                    left,
                    &what,
                    "the macro follows changes of `let mut` variables, of their elements and fields, and of what a `&mut` parameter or one `&mut` borrow of them refers to",
                    "assign to an element or field of the `let mut` variable itself",
                )
            }
        }
    }

    /// The part of a memory that an expression names, if it does.
    pub(super) fn place_of(&mut self, expr: &Expr) -> Result<Option<Place>, Reported> {
        match expr {
            Expr::Paren(inner) => self.place_of(&inner.expr),
            Expr::Group(inner) => self.place_of(&inner.expr),
            Expr::Unary(unary) if matches!(unary.op, syn::UnOp::Deref(_)) => {
                self.place_of(&unary.expr)
            }
            Expr::Reference(reference) => self.place_of(&reference.expr),
            Expr::Path(path) => {
                let local = path.path.get_ident().and_then(|ident| self.lookup(ident));
                let Some(local) = local else { return Ok(None) };
                if let Some(alias) = &local.alias {
                    return Ok(Some(alias.clone()));
                }
                Ok(local
                    .value
                    .filter(|&id| self.function.is_memory(id))
                    .map(Place::whole))
            }
            Expr::Field(field) => {
                let place = self.place_of(&field.base)?;
                Ok(place.map(|mut place| {
                    place.path.push(Step::Field(field.member.clone()));
                    place
                }))
            }
            Expr::Index(index) => {
                let Some(mut place) = self.place_of(&index.expr)? else {
                    return Ok(None);
                };
                let ty = self.place_type(&place);
                let (step, args) = match self.element_step_of(&ty, &index.index)? {
                    Some(step) => step,
                    None => self.step(&index.index)?,
                };
                place.path.push(step);
                place.indices.extend(args);
                Ok(Some(place))
            }
            Expr::MethodCall(call) if call.method == "as_mut_slice" && call.args.is_empty() => {
                self.place_of(&call.receiver)
            }
            _ => Ok(None),
        }
    }

    /// Calls that change a local of the function: `std::mem::swap`, `a.swap(i, j)`, `v.push(x)`.
    pub(super) fn changing_call(&mut self, expr: &Expr) -> Option<Result<(), Reported>> {
        match expr {
            Expr::Call(call) => {
                let [left, right] = mutation::swapped(call)?;
                Some(self.swap(left, right))
            }
            Expr::MethodCall(call)
                if mutation::is_in_place(&call.method) && !self.is_sibling_call(call) =>
            {
                let root = mutation::root(&call.receiver)?;
                let memory = self.lookup(&root)?.clone();
                let changed = memory
                    .alias
                    .as_ref()
                    .map(|place| place.memory)
                    .or(memory.value)?;
                (self.varied.contains(&changed) || self.mentions_varied(expr))
                    .then(|| self.change_by_method(call))
            }
            Expr::MethodCall(call) if call.method == "for_each" && call.args.len() == 1 => {
                (!self.may_stay(expr)).then(|| self.for_each(call))
            }
            _ => None,
        }
    }

    fn swap(&mut self, left: &Expr, right: &Expr) -> Result<(), Reported> {
        let values = [self.expr(left)?, self.expr(right)?];
        let targets = [self.target(left)?, self.target(right)?];
        let [first, second] = values.map(|value| self.snapshot(value, left.span()));
        self.put(&targets[0], second, left.span());
        self.put(&targets[1], first, right.span());
        Ok(())
    }

    /// `std::mem::replace(&mut place, value)`.
    pub(super) fn replace(&mut self, place: &Expr, value: &Expr) -> super::Lowered {
        let span = place.span();
        let inner = match place {
            Expr::Reference(reference) => &*reference.expr,
            other => other,
        };
        let old = self.expr(inner)?;
        let old = self.snapshot(
            Operand {
                references: 0,
                ..old
            },
            span,
        );
        let value = self.expr(value)?;
        let target = self.target(inner)?;
        self.put(&target, value, span);
        Ok(old)
    }

    fn change_by_method(&mut self, call: &ExprMethodCall) -> Result<(), Reported> {
        if let Some(collection) = self.collection(&call.receiver)
            && call.args.iter().any(|arg| self.mentions_varied(arg))
        {
            return self.refuse_collected(call, collection);
        }
        let span = call.span();
        let place = self.place_of(&call.receiver)?;
        let args: Vec<&Expr> = call.args.iter().collect();
        match (call.method.to_string().as_str(), place, &args[..]) {
            ("push", Some(place), [value]) if place.path.is_empty() => {
                let value = self.expr(value)?;
                let ty = self.place_type(&place);
                let element = self.part_type(&ty, &Step::Index);
                let own = self.function.ty(value.id).clone();
                self.unify(&element, &own, span);
                self.change(Op::Append, &place, value.id, span)
            }
            ("pop", Some(place), []) if place.path.is_empty() => {
                self.stmts
                    .push(Stmt::new(Vec::new(), Op::Shrink, vec![place.memory], span));
                Ok(())
            }
            ("swap", Some(place), [i, j]) => {
                let mut values = Vec::new();
                for index in [i, j] {
                    let mut part = place.clone();
                    let (step, args) = self.step(index)?;
                    part.path.push(step);
                    part.indices.extend(args);
                    let value = self.load(&part, span);
                    values.push((part, self.snapshot(value, span)));
                }
                let [(first, a), (second, b)] = &values[..] else {
                    unreachable!("two indices give two places");
                };
                self.put(&Target::Place(first.clone()), *b, span);
                self.put(&Target::Place(second.clone()), *a, span);
                Ok(())
            }
            ("fill", Some(place), [value]) => {
                let value = self.expr(value)?;
                self.for_each_element(&place, span, &mut |this, part| {
                    this.put(&Target::Place(part.clone()), value, span);
                    Ok(())
                })
            }
            ("copy_from_slice" | "clone_from_slice", Some(place), [source]) => {
                let source = self.expr(source)?;
                self.for_each_element(&place, span, &mut |this, part| {
                    let index = *part.indices.last().expect("an element has an index");
                    let value = this.project(source, Step::Index, Some(index), span);
                    this.put(&Target::Place(part.clone()), value, span);
                    Ok(())
                })
            }
            (_, Some(place), _)
                if super::method::may_be_users(call) && self.place_may_have_methods(&place) =>
            {
                self.call_on_place(call, place).map(|_| ())
            }
            (name, ..) => {
                let name = name.to_owned();
                self.refuse(
                    Cause::D0502,
                    &call.method,
                    &format!("the method `{name}` on an active value"),
                    "it changes the value in place, and the macro has no rule for how its adjoint changes",
                    instead_of_method(&name),
                )
            }
        }
    }

    /// The content of a place as it is now.
    pub(super) fn load(&mut self, place: &Place, span: Span) -> Operand {
        let ty = self.place_type(place);
        let mut args = vec![place.memory];
        args.extend(&place.indices);
        Operand::value(self.push(Op::Project(place.path.clone()), args, ty, span))
    }

    /// The value by itself, where the operand is a memory that may change later.
    pub(super) fn snapshot(&mut self, operand: Operand, span: Span) -> Operand {
        self.detach(operand, false, span)
    }

    /// The same; of a slice a copy that the variable of a branch or loop can own.
    pub(super) fn owned(&mut self, operand: Operand, span: Span) -> Operand {
        self.detach(operand, true, span)
    }

    fn detach(&mut self, operand: Operand, owned: bool, span: Span) -> Operand {
        let part_of_memory = matches!(self.definition(operand.id),
            Some(Stmt { op: Op::Project(_), args, .. }) if self.function.is_memory(args[0]));
        let ty = self.infer.resolve(self.function.ty(operand.id));
        if operand.references > 0 {
            return match ty {
                // An unsized part has no value of its own.
                Ty::Sequence(element, crate::ty::Sequence::Slice) if owned => {
                    let ty = Ty::Sequence(element, crate::ty::Sequence::Vec);
                    let to_vec = syn::Ident::new("to_vec", span);
                    let id = self.push(Op::Clone(Some(to_vec)), vec![operand.id], ty, span);
                    Operand { id, ..operand }
                }
                _ => operand,
            };
        }
        if self.fresh.remove(&operand.id) {
            return operand;
        }
        // A copy of its own, whose adjoint stays apart from what is stored in its place.
        let is_memory = self.function.is_memory(operand.id);
        if (is_memory || part_of_memory && !ty.is_scalar()) && !self.is_inactive(operand.id) {
            return Operand::value(self.push(Op::Clone(None), vec![operand.id], ty, span));
        }
        if is_memory {
            return Operand::value(self.push(Op::Project(Vec::new()), vec![operand.id], ty, span));
        }
        operand
    }
}

/// The variable that the expression is, perhaps in parentheses.
fn plain(expr: &Expr) -> Option<syn::Ident> {
    match expr {
        Expr::Paren(inner) => plain(&inner.expr),
        Expr::Path(path) => path.path.get_ident().cloned(),
        _ => None,
    }
}
