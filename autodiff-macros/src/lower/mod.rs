//! Syntax to IR: statements, patterns and scopes. Expressions are in [`expr`], calls in [`call`],
//! code that is kept as written in [`inactive`].
//!
//! Mutable locals become SSA here: an assignment binds the name to a new value. References are
//! transparent: `&x` is the value of `x` together with the way it is passed on.

mod attributes;
mod call;
mod expr;
mod inactive;

pub use inactive::{format_captures, strip_constant_markers};

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use proc_macro2::{Ident, Span, TokenStream};
use quote::ToTokens;
use syn::spanned::Spanned;
use syn::{Block, Expr, Item, Member, Pat, Stmt as SynStmt, Type};

use crate::diagnostics::{Diagnostics, Refusal};
use crate::infer::Infer;
use crate::ir::{Function, Mode, Observation, Op, Param, Region, Step, Stmt, ValueId};
use crate::rules::Primitive;
use crate::signature::{Signature, is_constant};
use crate::ty::{self, Aliases, Ty};

/// The primal program and what was learnt on the way.
pub struct Primal {
    pub function: Function,
    /// Items declared in the body, needed wherever the body's code goes.
    pub items: TokenStream,
    /// Names that must turn out to be the runtime's functions, not the user's.
    pub builtins: BTreeMap<String, Ident>,
    /// Named types that must turn out to be scalars.
    pub aliases: Aliases,
    /// Paths that were called like functions and taken for tuple structs.
    pub constructors: BTreeMap<String, syn::Path>,
    /// Activations that were called as methods of the float types.
    pub methods: BTreeMap<String, Ident>,
}

/// An identifier as rustc tells them apart: by name and hygiene.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Key {
    name: String,
    context: String,
}

impl Key {
    /// The syntax context is only visible in the span's debug form (`#4 bytes(10..12)`). Where
    /// that form is unknown all contexts look alike, as they do outside of macros.
    pub fn new(ident: &Ident) -> Key {
        let debug = format!("{:?}", ident.span());
        let context = debug
            .split_whitespace()
            .find(|part| part.starts_with('#'))
            .unwrap_or_default();
        Key {
            name: ident.to_string(),
            context: context.to_owned(),
        }
    }
}

#[derive(Clone, Copy)]
struct Local {
    /// `None` between a deferred `let` and its assignment.
    value: Option<ValueId>,
    references: usize,
}

/// The value of an expression, and how many references it stands behind.
#[derive(Clone, Copy)]
struct Operand {
    id: ValueId,
    references: usize,
}

impl Operand {
    fn value(id: ValueId) -> Operand {
        Operand { id, references: 0 }
    }
}

/// A reported error; the caller goes on with the next statement.
struct Reported;

type Lowered = Result<Operand, Reported>;

struct Lowerer<'a> {
    signature: &'a Signature,
    diagnostics: &'a mut Diagnostics,
    infer: Infer,
    function: Function,
    scopes: Vec<BTreeMap<Key, Local>>,
    /// The statement that defines a value, by its position in the body.
    definitions: BTreeMap<ValueId, usize>,
    /// Values that depend on an active parameter through something differentiable.
    varied: BTreeSet<ValueId>,
    /// Values whose initialiser was refused: what uses them is not reported again.
    poisoned: BTreeSet<ValueId>,
    items: TokenStream,
    item_names: BTreeSet<String>,
    builtins: BTreeMap<String, Ident>,
    constructors: BTreeMap<String, syn::Path>,
    methods: BTreeMap<String, Ident>,
}

/// Lowers the body of a function whose signature has been read.
pub fn lower(signature: &Signature, body: &Block, diagnostics: &mut Diagnostics) -> Primal {
    let mut lowerer = Lowerer {
        signature,
        diagnostics,
        infer: Infer::default(),
        function: Function {
            values: Vec::new(),
            params: Vec::new(),
            body: Region::default(),
            output: ValueId(0),
        },
        scopes: vec![BTreeMap::new()],
        definitions: BTreeMap::new(),
        varied: BTreeSet::new(),
        poisoned: BTreeSet::new(),
        items: TokenStream::new(),
        item_names: BTreeSet::new(),
        builtins: BTreeMap::new(),
        constructors: BTreeMap::new(),
        methods: BTreeMap::new(),
    };
    attributes::refuse_misplaced(body, lowerer.diagnostics);
    lowerer.declare_parameters();
    if let Ok(output) = lowerer.function_body(body) {
        let output_ty = lowerer.function.ty(output.id).clone();
        lowerer.unify(&output_ty, &signature.output_ty, body.span());
        lowerer.function.output = output.id;
    }
    let Lowerer {
        infer,
        mut function,
        items,
        builtins,
        constructors,
        methods,
        ..
    } = lowerer;
    for value in &mut function.values {
        value.ty = infer.finish(&value.ty, &signature.principal);
    }
    settle_unseen_casts(&mut function);
    let aliases = scalar_aliases(&function);
    for value in &mut function.values {
        value.ty = value.ty.with_aliases(&aliases);
    }
    Primal {
        function,
        items,
        builtins,
        aliases,
        constructors,
        methods,
    }
}

/// `s.count as f64` of a field whose type the macro cannot see: taken for an integer, of which the
/// generated code makes sure.
fn settle_unseen_casts(function: &mut Function) {
    for stmt in &mut function.body.stmts {
        if matches!(stmt.op, Op::Cast)
            && matches!(function.values[stmt.args[0].0 as usize].ty, Ty::Var(_))
            && let Ty::Scalar(target) = &function.values[stmt.results[0].0 as usize].ty
        {
            stmt.op = Op::Observe(Observation::Integer(Rc::new(target.to_type())));
        }
    }
}

/// The named types that occur as operands of arithmetic.
fn scalar_aliases(function: &Function) -> Aliases {
    let mut aliases = Aliases::new();
    function.body.for_each(&mut |stmt| {
        if matches!(stmt.op, Op::Apply(_)) {
            aliases.extend(
                stmt.args
                    .iter()
                    .filter_map(|&arg| function.ty(arg).named_text()),
            );
        }
    });
    aliases
}

impl Lowerer<'_> {
    fn declare_parameters(&mut self) {
        let signature = self.signature;
        for param in &signature.params {
            let value = self.function.new_value(
                param.ty.clone(),
                Some(param.name.clone()),
                param.name.span(),
            );
            self.function.params.push(Param {
                value,
                mode: param.mode,
                active: param.active,
                name: param.name.clone(),
            });
            if param.active {
                self.varied.insert(value);
            }
            let references = usize::from(param.mode == Mode::Reference);
            let _ = self.bind(
                &param.pat,
                Operand {
                    id: value,
                    references,
                },
            );
        }
    }

    /// The statements of the function and its result.
    fn function_body(&mut self, body: &Block) -> Lowered {
        let mut stmts = body.stmts.as_slice();
        let mut returned = None;
        if let [rest @ .., SynStmt::Expr(Expr::Return(last), _)] = stmts {
            stmts = rest;
            returned = Some(last.expr.as_deref());
        }
        match returned {
            Some(Some(value)) => {
                let outcome = self.statements(stmts);
                let value = self.expr(value);
                outcome.and(value)
            }
            Some(None) => {
                self.statements(stmts)?;
                Ok(self.unit(body.span()))
            }
            None => self.block(stmts, body.span()),
        }
    }

    fn statements(&mut self, stmts: &[SynStmt]) -> Result<(), Reported> {
        let mut outcome = Ok(());
        for stmt in stmts {
            if self.statement(stmt).is_err() {
                outcome = Err(Reported);
            }
        }
        outcome
    }

    /// Statements with an optional tail expression, in the current scope.
    fn block(&mut self, stmts: &[SynStmt], span: Span) -> Lowered {
        if let [rest @ .., SynStmt::Expr(tail, None)] = stmts {
            let outcome = self.statements(rest);
            let tail = self.expr(tail);
            return outcome.and(tail);
        }
        self.statements(stmts)?;
        Ok(self.unit(span))
    }

    fn scoped_block(&mut self, block: &Block) -> Lowered {
        self.scopes.push(BTreeMap::new());
        let result = self.block(&block.stmts, block.span());
        self.scopes.pop();
        result
    }

    fn unit(&mut self, span: Span) -> Operand {
        let id = self.push(
            Op::Aggregate(crate::ir::Shape::Tuple),
            Vec::new(),
            Ty::Inactive,
            span,
        );
        Operand::value(id)
    }

    fn statement(&mut self, stmt: &SynStmt) -> Result<(), Reported> {
        match stmt {
            SynStmt::Local(local) => self.local(local),
            SynStmt::Item(item) => self.item(item),
            SynStmt::Macro(mac) => self.look_only_macro(&mac.mac, stmt.to_token_stream()),
            SynStmt::Expr(Expr::Macro(mac), _) if self.is_look_only(&mac.mac) => {
                self.look_only_macro(&mac.mac, stmt.to_token_stream())
            }
            SynStmt::Expr(Expr::Assign(assign), _) => self.assign(&assign.left, &assign.right),
            SynStmt::Expr(Expr::Binary(binary), _) if compound_primitive(&binary.op).is_some() => {
                self.compound_assign(binary)
            }
            SynStmt::Expr(expr, _) => self.expr(expr).map(|_| ()),
        }
    }

    fn local(&mut self, local: &syn::Local) -> Result<(), Reported> {
        let constant = local.attrs.iter().any(is_constant);
        let Some(init) = &local.init else {
            return self.deferred(&local.pat);
        };
        if let Some((token, _)) = &init.diverge {
            return self.refuse(
                token,
                "`let … else`",
                "branches are not differentiated yet",
                "compute the value without a branch, or outside the differentiable function",
            );
        }
        let operand = if constant {
            let result = self.verbatim(&init.expr, true)?;
            self.varied.remove(&result.id);
            result
        } else {
            let result = self.expr(&init.expr);
            if result.is_err() {
                self.bind_unknown(&local.pat);
                return Err(Reported);
            }
            result?
        };
        self.bind(&local.pat, operand)
    }

    fn deferred(&mut self, pat: &Pat) -> Result<(), Reported> {
        match pat {
            Pat::Ident(pat) => {
                self.declare(&pat.ident, None, 0);
                Ok(())
            }
            Pat::Type(typed) => self.deferred(&typed.pat),
            _ => self.refuse(
                pat,
                "a pattern without a value",
                "each of its names would have to be assigned by itself",
                "declare the names one by one",
            ),
        }
    }

    /// After an error in an initialiser, its names still exist: later uses are no errors.
    fn bind_unknown(&mut self, pat: &Pat) {
        struct Names(Vec<Ident>);
        impl<'ast> syn::visit::Visit<'ast> for Names {
            fn visit_pat_ident(&mut self, pat: &'ast syn::PatIdent) {
                self.0.push(pat.ident.clone());
                syn::visit::visit_pat_ident(self, pat);
            }
        }
        let mut names = Names(Vec::new());
        syn::visit::Visit::visit_pat(&mut names, pat);
        for name in names.0 {
            let ty = self.infer.fresh();
            let value = self.function.new_value(ty, Some(name.clone()), name.span());
            self.poisoned.insert(value);
            self.declare(&name, Some(value), 0);
        }
    }

    fn item(&mut self, item: &Item) -> Result<(), Reported> {
        if self.scopes.len() > 1 {
            return self.refuse(
                item,
                "an item in a nested block",
                "the macro keeps the items of a function in one place, where this one would hide others",
                "move it to the top of the function, or out of it",
            );
        }
        let name = match item {
            Item::Const(item) => Some(&item.ident),
            Item::Fn(item) => Some(&item.sig.ident),
            Item::Use(_) => None,
            _ => {
                return self.refuse(
                    item,
                    "this item inside a differentiable function",
                    "the body is copied into each derivative, and the item would exist several times",
                    "move it out of the function",
                );
            }
        };
        if let Some(name) = name {
            self.item_names.insert(name.to_string());
        }
        item.to_tokens(&mut self.items);
        Ok(())
    }

    /// `name = value` on a whole local.
    fn assign(&mut self, left: &Expr, right: &Expr) -> Result<(), Reported> {
        if matches!(left, Expr::Infer(_)) {
            return self.expr(right).map(|_| ());
        }
        let Some(name) = self.assigned_local(left)? else {
            return Ok(());
        };
        let operand = self.expr(right)?;
        let slot = self.slot(&name).expect("the name was looked up before");
        *slot = Local {
            value: Some(operand.id),
            references: operand.references,
        };
        self.name_value(operand.id, &name);
        Ok(())
    }

    fn compound_assign(&mut self, binary: &syn::ExprBinary) -> Result<(), Reported> {
        let primitive = compound_primitive(&binary.op).expect("checked by the caller");
        let Some(name) = self.assigned_local(&binary.left)? else {
            return Ok(());
        };
        // For numbers, Rust evaluates the right side first.
        let right = self.expr(&binary.right)?;
        let left = self.expr(&binary.left)?;
        let id = self.apply(primitive, &[left.id, right.id], binary.span());
        *self.slot(&name).expect("the name was looked up before") = Local {
            value: Some(id),
            references: 0,
        };
        self.name_value(id, &name);
        Ok(())
    }

    fn assigned_local(&mut self, left: &Expr) -> Result<Option<Ident>, Reported> {
        if let Expr::Path(path) = left
            && let Some(name) = path.path.get_ident()
            && self.lookup(name).is_some()
        {
            return Ok(Some(name.clone()));
        }
        self.refuse(
            left,
            "assignment to a part of a value",
            "elements and fields that change are not differentiated yet",
            "build the whole value in one expression, or use one variable per number",
        )
    }

    // Scopes.

    fn declare(&mut self, ident: &Ident, value: Option<ValueId>, references: usize) {
        let scope = self.scopes.last_mut().expect("there is always a scope");
        scope.insert(Key::new(ident), Local { value, references });
    }

    fn lookup(&self, ident: &Ident) -> Option<Local> {
        let key = Key::new(ident);
        self.scopes
            .iter()
            .rev()
            .find_map(|scope| scope.get(&key))
            .copied()
    }

    fn slot(&mut self, ident: &Ident) -> Option<&mut Local> {
        let key = Key::new(ident);
        self.scopes
            .iter_mut()
            .rev()
            .find_map(|scope| scope.get_mut(&key))
    }

    /// The user's name for a value that has none yet.
    fn name_value(&mut self, id: ValueId, name: &Ident) {
        let value = self.function.value_mut(id);
        if value.name.is_none() {
            value.name = Some(name.clone());
        }
    }

    // Patterns.

    fn bind(&mut self, pat: &Pat, operand: Operand) -> Result<(), Reported> {
        match pat {
            Pat::Wild(_) => Ok(()),
            Pat::Paren(inner) => self.bind(&inner.pat, operand),
            Pat::Reference(inner) => {
                let references = operand.references.saturating_sub(1);
                self.bind(
                    &inner.pat,
                    Operand {
                        references,
                        ..operand
                    },
                )
            }
            Pat::Type(typed) => {
                self.ascribe(operand, &typed.ty);
                self.bind(&typed.pat, operand)
            }
            Pat::Ident(ident) => {
                if let Some((_, inner)) = &ident.subpat {
                    self.bind(inner, operand)?;
                }
                let references = operand.references + usize::from(ident.by_ref.is_some());
                self.name_value(operand.id, &ident.ident);
                self.declare(&ident.ident, Some(operand.id), references);
                Ok(())
            }
            Pat::Tuple(tuple) => {
                self.bind_elements(&tuple.elems, operand, pat, |k| Step::Field(Member::from(k)))
            }
            Pat::TupleStruct(tuple) => {
                self.bind_elements(&tuple.elems, operand, pat, |k| Step::Field(Member::from(k)))
            }
            Pat::Slice(slice) => self.bind_elements(&slice.elems, operand, pat, Step::At),
            Pat::Struct(pattern) => {
                for field in &pattern.fields {
                    let part = self.project(
                        operand,
                        Step::Field(field.member.clone()),
                        None,
                        field.span(),
                    );
                    self.bind(&field.pat, part)?;
                }
                Ok(())
            }
            _ => self.refuse(
                pat,
                "this pattern",
                "only patterns that always match and name parts of a value are understood",
                "bind the whole value and take it apart by fields and indices",
            ),
        }
    }

    fn bind_elements<'p>(
        &mut self,
        elements: impl IntoIterator<Item = &'p Pat>,
        operand: Operand,
        whole: &Pat,
        step: impl Fn(usize) -> Step,
    ) -> Result<(), Reported> {
        for (k, element) in elements.into_iter().enumerate() {
            if matches!(element, Pat::Rest(_)) {
                return self.refuse(
                    whole,
                    "`..` in this pattern",
                    "the positions behind it are not known to the macro",
                    "name every part, with `_` for those that are not used",
                );
            }
            let part = self.project(operand, step(k), None, element.span());
            self.bind(element, part)?;
        }
        Ok(())
    }

    /// Part of an aggregate; parts of an aggregate built here are its elements themselves.
    fn project(
        &mut self,
        base: Operand,
        step: Step,
        index: Option<ValueId>,
        span: Span,
    ) -> Operand {
        let references = base.references;
        let defining = self
            .definitions
            .get(&base.id)
            .map(|&k| self.function.body.stmts[k].clone());
        if let Some(Stmt {
            op: Op::Aggregate(shape),
            args,
            ..
        }) = &defining
            && let Some(position) = shape.position(&step)
            && let Some(&element) = args.get(position)
        {
            return Operand {
                id: element,
                references: 0,
            };
        }
        let base_ty = self.infer.resolve(self.function.ty(base.id));
        let ty = match (&base_ty, &step) {
            (Ty::Array(element, _) | Ty::Sequence(element, _), Step::At(_) | Step::Index) => {
                (**element).clone()
            }
            (Ty::Tuple(elements), Step::Field(Member::Unnamed(k))) => elements
                .get(k.index as usize)
                .cloned()
                .unwrap_or_else(|| self.infer.fresh()),
            _ => self.infer.fresh(),
        };
        let (root, mut path, mut args) = match defining {
            Some(Stmt {
                op: Op::Project(path),
                args,
                ..
            }) => (args[0], path, args[1..].to_vec()),
            _ => (base.id, Vec::new(), Vec::new()),
        };
        path.push(step);
        args.extend(index);
        args.insert(0, root);
        let id = self.push(Op::Project(path), args, ty, span);
        Operand {
            id,
            references: references.min(1),
        }
    }

    /// A type annotation on a value.
    fn ascribe(&mut self, operand: Operand, written: &Type) {
        let Lowerer {
            infer, signature, ..
        } = self;
        let ty = ty::read(written, &signature.reals, &mut || infer.fresh()).ty;
        let own = self.infer.resolve(self.function.ty(operand.id));
        self.unify(&own, &ty, written.span());
        if let (Ty::Var(_), Ty::Named(_)) = (&own, &ty) {
            self.function.value_mut(operand.id).ty = ty;
        }
    }

    // Values.

    /// Appends a statement; whether its result varies follows from the operation.
    fn push(&mut self, op: Op, args: Vec<ValueId>, ty: Ty, span: Span) -> ValueId {
        let varied = !self.infer.resolve(&ty).is_inactive()
            && crate::activity::carried(&op, &args).any(|arg| self.varied.contains(&arg));
        let id = self.function.new_value(ty, None, span);
        if varied {
            self.varied.insert(id);
        }
        self.definitions.insert(id, self.function.body.stmts.len());
        self.function
            .body
            .stmts
            .push(Stmt::new(vec![id], op, args, span));
        id
    }

    /// A scalar function on values, with the types it asks for.
    fn apply(&mut self, primitive: Primitive, args: &[ValueId], span: Span) -> ValueId {
        let first = self.function.ty(args[0]).clone();
        for (k, &arg) in args.iter().enumerate() {
            let ty = self.function.ty(arg).clone();
            if primitive.takes_integer(k) {
                self.unify(&ty, &Ty::Inactive, span);
            } else {
                self.unify(&ty, &first, span);
            }
        }
        self.infer.require_scalar(&first);
        let ty = self.infer.resolve(&first);
        self.push(Op::Apply(primitive), args.to_vec(), ty, span)
    }

    fn unify(&mut self, a: &Ty, b: &Ty, span: Span) {
        if let Err(mismatch) = self.infer.unify(a, b) {
            let name = |ty: &Ty| match ty {
                Ty::Scalar(ty::Scalar::F32) => "`f32`".to_owned(),
                Ty::Scalar(ty::Scalar::F64) => "`f64`".to_owned(),
                Ty::Scalar(ty::Scalar::Param(ident)) => format!("`{ident}`"),
                Ty::Scalar(ty::Scalar::Alias(ty)) => format!("`{}`", ty.to_token_stream()),
                Ty::Inactive => "an integer or another type without floats".to_owned(),
                Ty::Array(..) | Ty::Sequence(..) => "an array".to_owned(),
                Ty::Tuple(_) => "a tuple".to_owned(),
                Ty::Named(ty) => format!("`{}`", ty.to_token_stream()),
                Ty::Var(_) => "another type".to_owned(),
            };
            let what = format!("{} and {} meet here", name(&mismatch.0), name(&mismatch.1));
            self.diagnostics.refuse_at(
                span,
                Refusal {
                    what: &what,
                    why: "the operands of arithmetic must have one type for a derivative to be formed",
                    instead: "convert one side with `as`, or annotate the type of the `let`",
                },
            );
        }
    }

    fn refuse<T>(
        &mut self,
        tokens: impl ToTokens,
        what: &str,
        why: &str,
        instead: &str,
    ) -> Result<T, Reported> {
        self.diagnostics
            .refuse(tokens, Refusal { what, why, instead });
        Err(Reported)
    }
}

fn compound_primitive(op: &syn::BinOp) -> Option<Primitive> {
    Some(match op {
        syn::BinOp::AddAssign(_) => Primitive::Add,
        syn::BinOp::SubAssign(_) => Primitive::Sub,
        syn::BinOp::MulAssign(_) => Primitive::Mul,
        syn::BinOp::DivAssign(_) => Primitive::Div,
        syn::BinOp::RemAssign(_) => Primitive::Rem,
        _ => return None,
    })
}
