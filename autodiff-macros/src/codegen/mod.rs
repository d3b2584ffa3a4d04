//! IR to Rust: statements to `let`s, single-use temporaries folded into the expressions that use
//! them, the user's names kept.

mod expr;
pub mod names;
pub mod programs;
mod substitute;
pub mod text;
pub mod types;

use proc_macro2::{Ident, Span, TokenStream, TokenTree};
use quote::quote;

use crate::ids::{IdMap, IdSet};
use crate::ir::{Function, Mode, Op, Step, Stmt, ValueId};
use crate::rules::Primitive;
use crate::ty::{Scalar, Ty};
use names::Names;

/// For whom the code is printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Style {
    /// For rustc: absolute paths, every argument.
    Compiled,
    /// As `Compiled`, with the reverse pass in a closure that outlives the borrow of what it was
    /// called with: pullbacks of calls borrow nothing, and get their references again when they run.
    Split,
    /// For the reader (`GENERATED`): the same statements as a person would write them, with the
    /// prelude and the runtime's support functions in scope.
    Readable,
}

/// Largest expression that is folded into another, in operations: beyond, a `let` reads better.
const FOLD_LIMIT: usize = 6;

/// How a value is referred to.
#[derive(Clone, Debug)]
enum Reference {
    /// By a variable.
    Variable(Ident),
    /// A parameter behind a reference.
    Borrowed(Ident),
    /// A buffer that is a `&mut` parameter.
    BorrowedMut(Ident),
}

/// Prints the statements of one generated function.
pub struct Printer<'a> {
    function: &'a Function,
    style: Style,
    krate: &'a TokenStream,
    names: Names,
    references: IdMap<Reference>,
    definitions: IdMap<&'a Stmt>,
    folded: IdSet,
    /// How often a value is read.
    uses: IdMap<usize>,
    /// Buffers that are accumulated in after they are made.
    mutated: IdSet,
    /// Values to be cloned where they would be moved.
    shared: IdSet,
    /// Values below this id are the primal's: their names are the user's.
    primal_values: usize,
}

impl<'a> Printer<'a> {
    pub fn new(
        function: &'a Function,
        primal_values: usize,
        style: Style,
        krate: &'a TokenStream,
        names: Names,
    ) -> Self {
        Printer {
            function,
            style,
            krate,
            names,
            references: IdMap::new(),
            definitions: IdMap::new(),
            folded: IdSet::new(),
            uses: IdMap::new(),
            mutated: IdSet::new(),
            shared: IdSet::new(),
            primal_values,
        }
    }

    /// Makes a value a parameter of the generated function.
    pub fn parameter(&mut self, id: ValueId, mode: Mode, name: &Ident) {
        self.names.assign(id, name);
        let reference = match mode {
            Mode::Value => Reference::Variable(name.clone()),
            Mode::Reference => Reference::Borrowed(name.clone()),
        };
        self.references.insert(id, reference);
    }

    /// Makes a buffer a `&mut` parameter of the generated function.
    pub fn buffer_parameter(&mut self, id: ValueId, name: &Ident) {
        self.names.assign(id, name);
        self.references
            .insert(id, Reference::BorrowedMut(name.clone()));
    }

    fn name(&mut self, id: ValueId) -> Ident {
        let own = (id.0 as usize) < self.primal_values;
        self.names
            .give(id, self.function.value(id).name.as_ref(), own)
    }

    /// Decides what is folded, in all statements that will be printed; `roots` are used once more.
    pub fn plan(&mut self, stmts: impl Iterator<Item = &'a Stmt> + Clone, roots: &[ValueId]) {
        let mut uses: IdMap<usize> = IdMap::new();
        let mut captured: IdSet = IdSet::new();
        for stmt in stmts.clone() {
            for &arg in &stmt.args {
                *uses.or_default(arg) += 1;
            }
            // Taking the shape of a value before it is moved does not keep it from being moved.
            if !matches!(stmt.op, Op::Zero) {
                for &arg in &stmt.args {
                    *self.uses.or_default(arg) += 1;
                }
            }
            match &stmt.op {
                Op::Verbatim(_) | Op::Effect(_) => captured.extend(&stmt.args),
                Op::Accumulate(_) | Op::AccumulateField { .. } => {
                    self.mutated.insert(stmt.args[0]);
                }
                // Over-approximate: indices are among the arguments, and never buffers.
                Op::Pull(_) => self.mutated.extend(&stmt.args[2..]),
                _ => {}
            }
        }
        for &root in roots {
            *uses.or_default(root) += 1;
        }
        let mut sizes: IdMap<usize> = IdMap::new();
        for stmt in stmts {
            for &result in &stmt.results {
                self.definitions.insert(result, stmt);
            }
            let Some(result) = stmt.result() else {
                continue;
            };
            let size = 1 + stmt
                .args
                .iter()
                .filter_map(|arg| sizes.get(arg))
                .sum::<usize>();
            let single = uses.get(&result).copied().unwrap_or(0) <= 1;
            let fold = match &stmt.op {
                Op::Literal { .. } | Op::Constant(_) | Op::Path(_) | Op::Scratch => {
                    !captured.contains(&result)
                }
                // A `let` of a part that is not `Copy` would take it out of the whole.
                Op::Project(_) if self.may_move(result) => !captured.contains(&result),
                _ if self.function.value(result).name.is_some() || captured.contains(&result) => {
                    false
                }
                Op::Project(_) => self.function.ty(result).is_scalar() || single,
                Op::Zero | Op::Buffer | Op::Verbatim(_) | Op::Call(_) => false,
                Op::Aggregate(_)
                | Op::Observe(_)
                | Op::Cast
                | Op::Clone(_)
                | Op::ProjectField { .. } => single,
                _ => single && size <= FOLD_LIMIT,
            };
            if fold {
                self.folded.insert(result);
                sizes.insert(
                    result,
                    if matches!(stmt.op, Op::Apply(_)) {
                        size
                    } else {
                        0
                    },
                );
            }
        }
    }

    /// Whether using the value by value may take it away.
    fn may_move(&self, id: ValueId) -> bool {
        let ty = self.function.ty(id);
        !ty.is_copy() && !matches!(ty, Ty::Inactive)
    }

    /// Lets an unnamed last value be the tail expression, however large it is.
    pub fn end_with(&mut self, last: &Stmt, output: ValueId) {
        let single = self.uses.get(&output).copied().unwrap_or(0) == 0;
        if last.results == [output] && single && self.function.value(output).name.is_none() {
            self.folded.insert(output);
        }
    }

    /// The statements, as code.
    pub fn statements(&mut self, stmts: impl IntoIterator<Item = &'a Stmt>) -> TokenStream {
        let mut code = TokenStream::new();
        for stmt in stmts {
            code.extend(self.statement(stmt));
        }
        code
    }

    fn statement(&mut self, stmt: &'a Stmt) -> TokenStream {
        let confirmed = match self.style {
            Style::Split => self.confirm_inferred(stmt),
            Style::Compiled | Style::Readable => TokenStream::new(),
        };
        let code = self.statement_code(stmt);
        let scalar = self.confirm_scalar(stmt);
        quote!(#confirmed #code #scalar)
    }

    /// What the macro inferred of a struct's field or a constant from its use, for rustc to check:
    /// in a closure that never runs, in one of the programs.
    fn confirm_inferred(&mut self, stmt: &'a Stmt) -> TokenStream {
        let Some(result) = stmt
            .result()
            .filter(|result| (result.0 as usize) < self.primal_values)
        else {
            return TokenStream::new();
        };
        let unseen = match &stmt.op {
            Op::Project(path) => self.first_struct_field(stmt.args[0], path).is_some(),
            Op::Path(_) => true,
            _ => false,
        };
        let krate = self.krate;
        match self.function.ty(result) {
            Ty::Scalar(Scalar::Unseen) if unseen => {
                let value = self.operation(stmt);
                quote!(let _ = || #krate::__private::a_scalar_value(&#value);)
            }
            ty @ Ty::Scalar(_) if unseen => {
                let (ty, value) = (types::value(ty), self.operation(stmt));
                quote!(let _ = || { let _: &#ty = &#value; };)
            }
            Ty::Inactive if unseen => {
                let value = self.operation(stmt);
                quote!(let _ = || #krate::__private::no_derivative(&#value);)
            }
            _ => TokenStream::new(),
        }
    }

    /// The same of the results of calls and of code kept as written.
    fn confirm_scalar(&mut self, stmt: &'a Stmt) -> TokenStream {
        let of_unseen = matches!(stmt.op, Op::Call(_) | Op::Verbatim(_));
        match stmt.result() {
            Some(result)
                if of_unseen
                    && self.style == Style::Split
                    && matches!(self.function.ty(result), Ty::Scalar(Scalar::Unseen)) =>
            {
                let krate = self.krate;
                let value = self.reference_to(result);
                quote!(let _ = || #krate::__private::a_scalar_value(#value);)
            }
            _ => TokenStream::new(),
        }
    }

    fn statement_code(&mut self, stmt: &'a Stmt) -> TokenStream {
        match (&stmt.op, &stmt.results[..]) {
            (_, [result]) if self.folded.contains(result) => TokenStream::new(),
            (Op::Accumulate(path), _) => self.accumulate(stmt, path),
            (Op::AccumulateField { path, field }, _) => {
                let place = match self.references.get(&stmt.args[0]) {
                    Some(Reference::BorrowedMut(name)) if path.is_empty() => quote!(#name),
                    _ => self.place(stmt.args[0], path, &stmt.args[2..]),
                };
                let apart = self.reference_to(stmt.args[1]);
                let method = quote::format_ident!("__add_{}", member_text(field));
                if self.style == Style::Readable {
                    return quote!(accumulate(&mut #place.#field, #apart););
                }
                quote!(#place.#method(#apart);)
            }
            (Op::Pull(paths), _) => self.pull(stmt, paths),
            (Op::Effect(verbatim), _) => {
                let tokens = self.verbatim(verbatim, &stmt.args);
                quote!(#tokens)
            }
            (Op::Call(_), [result, second]) => {
                let value = self.operation(stmt);
                let first = self.declare(*result);
                let second = self.declare(*second);
                let ascription = match self.function.ty(*result) {
                    Ty::Scalar(_) | Ty::Named(_) if self.style != Style::Readable => {
                        let ty = types::value(self.function.ty(*result));
                        quote!(: (#ty, _))
                    }
                    _ => TokenStream::new(),
                };
                quote!(let (#first, #second) #ascription = #value;)
            }
            (Op::Verbatim(_), [result])
                if matches!(self.function.ty(*result), Ty::Var(_)) && !self.is_used(*result) =>
            {
                let value = self.operation(stmt);
                quote!(#value;)
            }
            (op, [result]) => {
                let value = self.operation(stmt);
                let name = self.declare(*result);
                let mutability = self.mutated.contains(result).then(|| quote!(mut));
                let ascription = match (op, self.function.ty(*result)) {
                    (Op::Verbatim(_) | Op::Call(_), ty @ Ty::Scalar(_))
                        if self.style != Style::Readable =>
                    {
                        let ty = types::value(ty);
                        quote!(: #ty)
                    }
                    _ => TokenStream::new(),
                };
                quote!(let #mutability #name #ascription = #value;)
            }
            _ => unreachable!("the verifier admits no other statement: {:?}", stmt.op),
        }
    }

    /// The value as the function's result. What `later` still uses is cloned, not moved away.
    pub fn result(&mut self, id: ValueId, later: &[Stmt]) -> TokenStream {
        let mut used: IdSet = later.iter().flat_map(|stmt| &stmt.args).copied().collect();
        for stmt in later {
            if let Op::Pull(_) = stmt.op
                && let Some(call) = self.definitions.get(&stmt.args[0])
            {
                used.extend(&call.args);
            }
        }
        used.retain(|&id| !self.function.ty(id).is_copy());
        self.shared = used;
        let value = self.expr(id);
        self.shared.clear();
        value
    }

    fn is_used(&self, id: ValueId) -> bool {
        self.function.value(id).name.is_some() || self.uses.contains_key(&id)
    }

    fn declare(&mut self, id: ValueId) -> Ident {
        let name = self.name(id);
        self.references
            .insert(id, Reference::Variable(name.clone()));
        name
    }

    fn accumulate(&mut self, stmt: &'a Stmt, path: &[Step]) -> TokenStream {
        let (buffer, indices) = (stmt.args[0], &stmt.args[2..]);
        if self.style != Style::Readable
            && let Some(split) = self.first_struct_field(buffer, path)
        {
            return self.accumulate_through(stmt, path, split);
        }
        let place = self.place(buffer, path, indices);
        self.accumulate_at(place, stmt, path.is_empty())
    }

    /// `s_bar.__at_w(|part| part[i] += term)`: a struct's gradient may lack a field, and then has
    /// an accessor that does nothing.
    fn accumulate_through(&mut self, stmt: &'a Stmt, path: &[Step], split: usize) -> TokenStream {
        let owner = match self.references.get(&stmt.args[0]) {
            Some(Reference::BorrowedMut(name)) => quote!(#name),
            _ => self.place(stmt.args[0], &[], &[]),
        };
        let part = Ident::new("change", Span::mixed_site());
        let change = self.accumulate_at(quote!(*#part), stmt, false);
        let leaf = |place: TokenStream, whole: bool| {
            let place = if whole { place } else { quote!(&mut #place) };
            quote!({ let #part = #place; #change })
        };
        let code = self.through_fields("__at", owner, path, split, &stmt.args[2..], &leaf);
        quote!(#code;)
    }

    /// A path through the accessors of its struct fields, the first at `split`; `leaf` makes code of
    /// the place in the innermost one, and is told whether that is the whole field.
    fn through_fields(
        &mut self,
        accessor: &str,
        owner: TokenStream,
        path: &[Step],
        split: usize,
        indices: &[ValueId],
        leaf: &dyn Fn(TokenStream, bool) -> TokenStream,
    ) -> TokenStream {
        let (before, rest) = path.split_at(split);
        let Some((Step::Field(field), rest)) = rest.split_first() else {
            unreachable!("the path is split at a field");
        };
        let count = before.iter().filter(|step| **step == Step::Index).count();
        let (outer, inner) = indices.split_at(count);
        let owner = self.path(owner, before, outer);
        let part = Ident::new("part", Span::mixed_site());
        let named = |step: &Step| matches!(step, Step::Field(syn::Member::Named(_)));
        let body = match rest.iter().position(named) {
            Some(next) => self.through_fields(accessor, quote!(#part), rest, next, inner, leaf),
            None => {
                let place = self.path(quote!(#part), rest, inner);
                leaf(place, rest.is_empty())
            }
        };
        let method = quote::format_ident!("{accessor}_{}", member_text(field));
        quote!(#owner.#method(|#part| #body))
    }

    /// The position of the first field in `path` that may be missing from a derived gradient.
    fn first_struct_field(&self, root: ValueId, path: &[Step]) -> Option<usize> {
        let mut ty = Some(self.function.ty(root));
        for (k, step) in path.iter().enumerate() {
            ty = match (step, ty) {
                (Step::Field(syn::Member::Unnamed(index)), Some(Ty::Tuple(elements))) => {
                    elements.get(index.index as usize)
                }
                (Step::Field(syn::Member::Named(_)), _) => return Some(k),
                (_, Some(Ty::Array(element, _) | Ty::Sequence(element, _))) => Some(&**element),
                _ => None,
            };
        }
        None
    }

    fn accumulate_at(&mut self, place: TokenStream, stmt: &'a Stmt, whole: bool) -> TokenStream {
        let (buffer, term) = (stmt.args[0], stmt.args[1]);
        if !self.function.ty(term).is_scalar() {
            let krate = self.krate;
            let term = self.reference_to(term);
            let place = match self.references.get(&buffer) {
                Some(Reference::BorrowedMut(name)) if whole => quote!(#name),
                _ => quote!(&mut #place),
            };
            return match self.style {
                Style::Compiled | Style::Split => {
                    quote!(#krate::__private::accumulate(#place, #term);)
                }
                Style::Readable => quote!(accumulate(#place, #term);),
            };
        }
        if let Some(Stmt {
            op: Op::Apply(Primitive::Neg),
            args,
            ..
        }) = self.definitions.get(&term).copied()
            && self.folded.contains(&term)
        {
            let term = self.expr(args[0]);
            return quote!(#place -= #term;);
        }
        let term = self.expr(term);
        quote!(#place += #term;)
    }

    fn pull(&mut self, stmt: &'a Stmt, paths: &[Vec<Step>]) -> TokenStream {
        let pullback = self.expr(stmt.args[0]);
        let cotangent = self.expr(stmt.args[1]);
        let mut rest = &stmt.args[2..];
        let mut buffers = Vec::new();
        for path in paths {
            let indices = path.iter().filter(|step| **step == Step::Index).count();
            let (own, others) = rest.split_at(1 + indices);
            rest = others;
            let scratch = self
                .definitions
                .get(&own[0])
                .is_some_and(|stmt| matches!(stmt.op, Op::Scratch));
            if scratch && self.style == Style::Readable {
                continue;
            }
            buffers.push(match (&path[..], self.references.get(&own[0])) {
                ([], Some(Reference::BorrowedMut(name))) => quote!(#name),
                _ if scratch => {
                    let value = self.expr(own[0]);
                    quote!(&mut #value)
                }
                _ => {
                    let place = self.place(own[0], path, &own[1..]);
                    quote!(&mut #place)
                }
            });
        }
        let again = if self.style == Style::Split {
            self.references_again(stmt.args[0])
        } else {
            Vec::new()
        };
        let call = quote!(#pullback(#cotangent, #(#again,)* #(#buffers),*););
        match self.style {
            // It may borrow what the function returns.
            Style::Compiled => quote!(#call ::core::mem::drop(#pullback);),
            Style::Split | Style::Readable => call,
        }
    }

    /// The arguments that the call behind a pullback takes by reference.
    fn references_again(&mut self, pullback: ValueId) -> Vec<TokenStream> {
        let Some(Stmt {
            op: Op::Call(callee),
            args,
            ..
        }) = self.definitions.get(&pullback).copied()
        else {
            return Vec::new();
        };
        let by_reference = args
            .iter()
            .zip(&callee.modes)
            .filter(|(_, mode)| **mode == Mode::Reference);
        by_reference
            .map(|(&arg, _)| self.reference_to(arg))
            .collect()
    }

    /// A part of a buffer, as a place expression.
    fn place(&mut self, buffer: ValueId, path: &[Step], indices: &[ValueId]) -> TokenStream {
        let root = match self.references.get(&buffer) {
            Some(Reference::BorrowedMut(name)) if path.is_empty() => return quote!(*#name),
            Some(
                Reference::Variable(name)
                | Reference::Borrowed(name)
                | Reference::BorrowedMut(name),
            ) => quote!(#name),
            None => self.expr(buffer),
        };
        self.path(root, path, indices)
    }

    fn path(&mut self, root: TokenStream, path: &[Step], mut indices: &[ValueId]) -> TokenStream {
        let mut code = root;
        for step in path {
            code = match step {
                Step::Field(member) => quote!(#code.#member),
                Step::At(index) => {
                    let index = syn::Index::from(*index);
                    quote!(#code[#index])
                }
                Step::Index => {
                    let (first, rest) = indices.split_first().expect("one index per step");
                    indices = rest;
                    let index = self.expr(*first);
                    quote!(#code[#index])
                }
            };
        }
        code
    }

    /// A zero gradient of a value, by its type where the macro can see it.
    fn zero(&mut self, of: ValueId) -> TokenStream {
        match types::zero(self.function.ty(of)) {
            Some(zero) => zero,
            None => {
                let krate = self.krate;
                let value = self.reference_to(of);
                match self.style {
                    Style::Compiled | Style::Split => {
                        quote!(#krate::Differentiable::zero_gradient(#value))
                    }
                    Style::Readable => quote!(zero_gradient(#value)),
                }
            }
        }
    }

    fn scalar_type(&self, id: ValueId) -> Option<&Scalar> {
        match self.function.ty(id) {
            Ty::Scalar(scalar) => Some(scalar),
            _ => None,
        }
    }
}

/// A field as it appears in a hidden method's name.
pub fn member_text(member: &syn::Member) -> String {
    match member {
        syn::Member::Named(ident) => names::unraw(ident),
        syn::Member::Unnamed(index) => index.index.to_string(),
    }
}

/// The tokens as if written at `span`, so that an error in them is reported there.
pub fn respanned(tokens: &TokenStream, span: Span) -> TokenStream {
    let respan = |mut token: TokenTree| {
        token.set_span(span.resolved_at(token.span()));
        token
    };
    tokens.clone().into_iter().map(respan).collect()
}
