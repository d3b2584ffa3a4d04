//! Branches, loops and changes of memory, as statements.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens, quote, quote_spanned};

use super::expr::Precedence;
use super::{Printer, Reference, Style, respanned};
use crate::ids::IdSet;
use crate::ir::{Adapter, Loop, LoopKind, Op, Region, Step, Stmt, ValueId};
use crate::rules::{Form, Primitive};
use crate::ty::{Scalar, Ty};

impl<'a> Printer<'a> {
    /// The statements of a region.
    fn region_stmts(&mut self, region: &'a Region) -> TokenStream {
        self.statements(&region.stmts)
    }

    /// A region as the block of an arm: its statements, and what it yields.
    fn arm(&mut self, region: &'a Region) -> TokenStream {
        let stmts = self.region_stmts(region);
        let values: Vec<TokenStream> = region.yields.iter().map(|&id| self.owned(id)).collect();
        match &values[..] {
            [] => stmts,
            [value] => quote!(#stmts #value),
            _ => {
                let values = quote_spanned!(self.at=> (#(#values),*));
                quote!(#stmts #values)
            }
        }
    }

    /// `let (a, b) = `, or nothing for a branch without results.
    fn results_pattern(&mut self, results: &[ValueId]) -> TokenStream {
        let names: Vec<Ident> = results.iter().map(|&id| self.declare(id)).collect();
        match &names[..] {
            [] => TokenStream::new(),
            [name] => quote!(let #name =),
            _ => quote!(let (#(#names),*) =),
        }
    }

    pub(super) fn if_statement(&mut self, stmt: &'a Stmt) -> TokenStream {
        let code = self.if_chain(stmt);
        let pattern = self.results_pattern(&stmt.results);
        match stmt.results.is_empty() {
            true => code,
            false => quote!(#pattern #code;),
        }
    }

    fn if_chain(&mut self, stmt: &'a Stmt) -> TokenStream {
        let [then, otherwise] = &stmt.regions[..] else {
            unreachable!("the verifier checks the number of arms");
        };
        let condition = self.condition(stmt.args[0]);
        if let Some(code) = self.logical(stmt, then, otherwise) {
            return code;
        }
        // Arms of two types are the user's.
        let at = stmt.span;
        let has_results = !stmt.results.is_empty();
        let then_code = self.arm(then);
        if then_code.is_empty() && !has_results {
            let code = self.arm(otherwise);
            return quote_spanned!(at=> if !(#condition) { #code });
        }
        if let [inner] = &otherwise.stmts[..]
            && matches!(inner.op, Op::If(_))
            && inner.results == otherwise.yields
        {
            let chain = self.if_chain(inner);
            return quote_spanned!(at=> if #condition { #then_code } else #chain);
        }
        let other = self.arm(otherwise);
        if other.is_empty() && !has_results {
            return quote_spanned!(at=> if #condition { #then_code });
        }
        quote_spanned!(at=> if #condition { #then_code } else { #other })
    }

    /// `a && b`, `a || b`: a branch that is there for the order of evaluation only.
    fn logical(
        &mut self,
        stmt: &'a Stmt,
        then: &'a Region,
        otherwise: &'a Region,
    ) -> Option<TokenStream> {
        let [_] = &stmt.results[..] else { return None };
        let literal = |region: &'a Region| match &region.stmts[..] {
            [only] if only.results == region.yields => match &only.op {
                Op::Literal {
                    lit: syn::Lit::Bool(flag),
                    ..
                } => Some(flag.value),
                _ => None,
            },
            _ => None,
        };
        let (region, operator) = match (literal(then), literal(otherwise)) {
            (None, Some(false)) => (then, quote!(&&)),
            (Some(true), None) => (otherwise, quote!(||)),
            _ => return None,
        };
        let folded = |id: &ValueId| self.folded.contains(id);
        let only_values = |stmt: &Stmt| !stmt.results.is_empty() && stmt.results.iter().all(folded);
        if !region.stmts.iter().all(only_values) {
            return None;
        }
        let left = self.condition(stmt.args[0]);
        let right = self.condition(region.yields[0]);
        let simple = |code: &TokenStream| match code.to_string().contains("||") {
            true => quote!((#code)),
            false => code.clone(),
        };
        let (left, right) = (simple(&left), simple(&right));
        Some(quote!(#left #operator #right))
    }

    /// A flag as a condition.
    fn condition(&mut self, id: ValueId) -> TokenStream {
        self.expr(id)
    }

    pub(super) fn switch_statement(&mut self, stmt: &'a Stmt) -> TokenStream {
        let selector = self.expr(stmt.args[0]);
        let mut arms = Vec::new();
        for (k, region) in stmt.regions.iter().enumerate() {
            let code = self.arm(region);
            let number = syn::LitInt::new(&k.to_string(), Span::call_site());
            arms.push(match k + 1 == stmt.regions.len() {
                true => quote!(_ => { #code }),
                false => quote!(#number => { #code }),
            });
        }
        let pattern = self.results_pattern(&stmt.results);
        let end = (!stmt.results.is_empty()).then(|| quote!(;));
        quote!(#pattern match #selector { #(#arms)* } #end)
    }

    pub(super) fn loop_statement(&mut self, stmt: &'a Stmt, own: &'a Loop) -> TokenStream {
        let arity = own.kind.arity();
        let body = own.body(&stmt.regions);
        let params = own.carried_params(body);
        let mut declared = TokenStream::new();
        // The header stands before the loop's own variables.
        let (kind_args, inits) = stmt.args.split_at(arity);
        for (k, &param) in params.iter().enumerate() {
            let init = self.owned(inits[k]);
            let name = self.declare_again(param);
            let dummy = self
                .definitions
                .get(&inits[k])
                .is_some_and(|stmt| matches!(stmt.op, Op::Dummy));
            let ascription = match self.function.ty(param) {
                Ty::Scalar(scalar) if self.style != Style::Readable => {
                    let ty = scalar.to_type();
                    match self.width().filter(|_| self.is_wide(param)) {
                        Some(width) => quote!(: [#ty; #width]),
                        None => quote!(: #ty),
                    }
                }
                ty @ Ty::Sequence(..) if dummy => {
                    let ty = self.type_of_late(param, ty);
                    quote!(: #ty)
                }
                _ => TokenStream::new(),
            };
            declared.extend(quote!(let mut #name #ascription = #init;));
            self.references
                .insert(stmt.results[k], Reference::Variable(name));
        }
        if let Some(function) = self.unrolled(stmt, own) {
            let index = self.index(body);
            let code = self.region_stmts(body);
            let next = self.assign(params, &body.yields);
            return quote!(#declared #function(#[inline(always)] |#index| { #code #next }););
        }
        let rounds = own.counted.then(|| {
            let count = *stmt.results.last().expect("a counted loop has a count");
            let name = self.declare(count);
            declared.extend(quote!(let mut #name = 0usize;));
            quote!(#name += 1;)
        });
        let header = self.loop_header(own, kind_args, body);
        let mut code = TokenStream::new();
        let header = match (header, &stmt.regions[..]) {
            (Some(header), _) => header,
            (None, [condition, _]) => {
                let stmts = self.region_stmts(condition);
                let flag = condition.yields[0];
                if stmts.is_empty() {
                    let flag = self.condition(flag);
                    match flag.to_string().as_str() {
                        "true" => quote!(loop),
                        _ => quote!(while #flag),
                    }
                } else {
                    let flag = self.operand(flag, Precedence::Unary);
                    code.extend(quote!(#stmts if !#flag { break; }));
                    quote!(loop)
                }
            }
            _ => unreachable!("a `while` has a condition"),
        };
        code.extend(rounds);
        code.extend(self.region_stmts(body));
        let goes_on = own.exits.then(|| {
            let flag = *body.yields.last().expect("a loop with exits yields a flag");
            self.leave(flag)
        });
        let (before, leave) = goes_on.unwrap_or_default();
        let next = self.assign(params, &body.yields[..params.len()]);
        quote!(#declared #header { #code #before #next #leave })
    }

    /// The type of a variable that begins with nothing, as rustc may not see in time.
    fn type_of_late(&self, variable: ValueId, ty: &Ty) -> TokenStream {
        let none = TokenStream::new();
        let krate = match self.style {
            Style::Readable => &none,
            Style::Compiled | Style::Split => self.krate,
        };
        let is_tangent = variable.0 as usize >= self.primal_values;
        match self.width().filter(|_| self.is_wide(variable)) {
            Some(width) => super::types::tangents(ty, width, krate),
            None if is_tangent => super::types::gradient(ty, krate),
            None => super::types::value(ty, krate),
        }
    }

    /// What leaves a loop when the flag says so, and what is to be evaluated before.
    fn leave(&mut self, flag: ValueId) -> (TokenStream, TokenStream) {
        let is_variable = self.references.contains_key(&flag);
        let code = self.condition(flag);
        if code.to_string() == "false" {
            return (TokenStream::new(), quote!(break;));
        }
        if is_variable {
            return (TokenStream::new(), quote!(if !#code { break; }));
        }
        let name = Ident::new("goes_on", Span::mixed_site());
        (quote!(let #name = #code;), quote!(if !#name { break; }))
    }

    /// `for i in 0..n`; nothing for a `while`.
    fn loop_header(
        &mut self,
        own: &Loop,
        args: &[ValueId],
        body: &'a Region,
    ) -> Option<TokenStream> {
        match &own.kind {
            LoopKind::Range {
                inclusive,
                adapters,
            } => {
                // The bounds stand outside of the body.
                let range = self.range(*inclusive, adapters, args, false);
                let name = self.index(body);
                Some(quote!(for #name in #range))
            }
            LoopKind::Times => {
                let count = self.operand_of_range(args[0]);
                Some(quote!(for _ in 0..#count))
            }
            LoopKind::While => None,
        }
    }

    /// The pattern of a loop's index.
    fn index(&mut self, body: &Region) -> TokenStream {
        let index = body.params[0];
        match self.uses.contains_key(&index) {
            true => self.declare(index).to_token_stream(),
            false => quote!(_),
        }
    }

    /// A range with its adapters; in parentheses if it is to be a receiver.
    pub(super) fn range(
        &mut self,
        inclusive: bool,
        adapters: &[Adapter],
        args: &[ValueId],
        receiver: bool,
    ) -> TokenStream {
        let start = self.operand_of_range(args[0]);
        let end = self.operand_of_range(args[1]);
        let mut range = match inclusive {
            true => quote!(#start..=#end),
            false => quote!(#start..#end),
        };
        if adapters.last() == Some(&Adapter::Back) {
            let progression = self.support("progression");
            // An error about the range points at where it starts.
            range = match self.definitions.get(&args[0]) {
                Some(start) => {
                    let range = respanned(&range, start.span);
                    quote!(#progression(#range))
                }
                None => quote!(#progression(#range)),
            };
        } else if receiver || !adapters.is_empty() {
            range = quote!((#range));
        }
        let mut rest = args[2..].iter();
        for adapter in adapters {
            let mut argument = || {
                let id = *rest.next().expect("one argument per adapter");
                self.expr(id)
            };
            range = match adapter {
                Adapter::Rev | Adapter::Back => quote!(#range.rev()),
                Adapter::StepBy => {
                    let step = argument();
                    quote!(#range.step_by(#step))
                }
                Adapter::Take => {
                    let count = argument();
                    quote!(#range.take(#count))
                }
            };
        }
        range
    }

    /// How many indices a range has, without a step for each in a debug build: as many in either direction, and a
    /// range by itself can tell.
    pub(super) fn number_of_indices(
        &mut self,
        inclusive: bool,
        adapters: &[Adapter],
        args: &[ValueId],
    ) -> TokenStream {
        let adapters = adapters.iter().copied();
        let counted: Vec<Adapter> = adapters.filter(|own| own.has_argument()).collect();
        let range = self.range(inclusive, &counted, args, true);
        match counted.is_empty() {
            true => quote!(#range.count()),
            false => quote!(#range.size_hint().0),
        }
    }

    /// Gives variables new values, one after the other where none reads an earlier one.
    pub(super) fn assign(&mut self, variables: &[ValueId], values: &[ValueId]) -> TokenStream {
        let pairs: Vec<(ValueId, ValueId)> = variables
            .iter()
            .copied()
            .zip(values.iter().copied())
            .filter(|(variable, value)| variable != value)
            .collect();
        let independent = pairs.iter().enumerate().all(|(k, (_, value))| {
            let mut read = IdSet::new();
            self.reads(*value, &mut read);
            pairs[..k]
                .iter()
                .all(|(earlier, _)| !read.contains(earlier))
        });
        let mut code = TokenStream::new();
        if independent {
            for (variable, value) in pairs {
                code.extend(self.assign_one(variable, value));
            }
            return code;
        }
        let places: Vec<TokenStream> = pairs.iter().map(|(id, _)| self.expr(*id)).collect();
        let values: Vec<TokenStream> = pairs.iter().map(|(_, id)| self.owned(*id)).collect();
        quote!((#(#places),*) = (#(#values),*);)
    }

    fn assign_one(&mut self, variable: ValueId, value: ValueId) -> TokenStream {
        let place = self.expr(variable);
        if !self.has_lanes(variable)
            && let Some(Stmt {
                op: Op::Apply(primitive),
                args,
                ..
            }) = self.definitions.get(&value).copied()
            && self.folded.contains(&value)
            && !self.references.contains_key(&value)
            && let &[left, right] = &args[..]
            && left == variable
            && let Form::Operator(operator) = primitive.rule().form
        {
            let operator: TokenStream = format!("{operator}=").parse().expect("an operator");
            let right = self.expr(right);
            return quote!(#place #operator #right;);
        }
        let value = self.owned(value);
        quote!(#place = #value;)
    }

    /// The variables that an expression mentions, through what is folded into it.
    fn reads(&self, id: ValueId, found: &mut IdSet) {
        found.insert(id);
        if self.folded.contains(&id)
            && let Some(stmt) = self.definitions.get(&id)
        {
            for &arg in &stmt.args {
                self.reads(arg, found);
            }
        }
    }

    /// Whether a value's expression mentions `other`.
    pub(super) fn mentions(&self, id: ValueId, other: ValueId) -> bool {
        let mut read = IdSet::new();
        self.reads(id, &mut read);
        id != other && read.contains(&other)
    }

    /// Whether rustc refuses `a[i] += value`: of another type than a float that calls a method, for
    /// which `a` is borrowed before the value reads it.
    pub(super) fn must_not_update(&self, value: ValueId, root: ValueId) -> bool {
        let primitive = matches!(
            self.function.ty(value),
            Ty::Scalar(Scalar::F64 | Scalar::F32 | Scalar::Alias(_))
        );
        !primitive && self.mentions(value, root)
    }

    /// `place = value;` and `place += value;`.
    pub(super) fn change(&mut self, stmt: &'a Stmt, path: &'a [Step]) -> TokenStream {
        if self.has_lanes(stmt.args[1]) {
            return self.change_lanes(stmt, path);
        }
        let (memory, value, indices) = (stmt.args[0], stmt.args[1], &stmt.args[2..]);
        let operator = match &stmt.op {
            Op::Update(_, Primitive::Sub) => quote!(-=),
            Op::Update(..) => quote!(+=),
            _ => quote!(=),
        };
        let is_adjoint = memory.0 as usize >= self.primal_values;
        if is_adjoint
            && self.style != Style::Readable
            && let Some(split) = self.first_struct_field(memory, path)
        {
            let value = self.owned(value);
            let owner = self.receiver(memory);
            let part = Ident::new("change", Span::mixed_site());
            let term = Ident::new("term", Span::mixed_site());
            let leaf = |place: TokenStream, whole: bool| {
                let place = if whole { place } else { quote!(&mut #place) };
                quote!({ let #part = #place; *#part #operator #term; })
            };
            let code = self.through_fields("__at", owner, path, split, indices, &leaf);
            return quote!({ let #term = #value; #code; });
        }
        let place = self.place(memory, path, indices);
        match &stmt.op {
            Op::Update(_, primitive) if self.must_not_update(value, memory) => {
                let right = self.operand(value, Precedence::Product);
                match primitive {
                    Primitive::Sub => quote!(#place = #place - #right;),
                    _ => quote!(#place = #place + #right;),
                }
            }
            _ => {
                let value = self.owned(value);
                quote!(#place #operator #value;)
            }
        }
    }

    /// The adjoint at a place, which is cleared.
    pub(super) fn take(
        &mut self,
        stmt: &'a Stmt,
        path: &'a [Step],
        result: ValueId,
    ) -> TokenStream {
        let (buffer, indices) = (stmt.args[0], &stmt.args[1..]);
        let used = self.is_used(result);
        if self.style != Style::Readable
            && let Some(split) = self.first_struct_field(buffer, path)
        {
            let scalar = self.function.ty(result).is_scalar();
            let part = Ident::new("change", Span::mixed_site());
            let owner = self.receiver(buffer);
            let read = |place: TokenStream, whole: bool| match (scalar, whole) {
                (true, true) => quote!(*#place),
                (true, false) => place,
                (false, true) => quote!(::core::clone::Clone::clone(#place)),
                (false, false) => quote!(::core::clone::Clone::clone(&#place)),
            };
            let value = self.through_fields("__with", owner.clone(), path, split, indices, &read);
            let krate = self.krate;
            let clear = |place: TokenStream, whole: bool| {
                let place = if whole { place } else { quote!(&mut #place) };
                quote!({ let #part = #place; #krate::__private::clear(#part); })
            };
            let clear = self.through_fields("__at", owner, path, split, indices, &clear);
            let name = self.declare(result);
            return quote!(let #name = #value; #clear;);
        }
        let place = match (path.is_empty(), self.references.get(&buffer)) {
            (true, Some(Reference::BorrowedMut(name))) => quote!(#name),
            _ => {
                let place = self.place(buffer, path, indices);
                quote!(&mut #place)
            }
        };
        let function = self.support(if used { "take" } else { "clear" });
        if !used {
            return quote!(#function(#place););
        }
        let name = self.declare(result);
        quote!(let #name = #function(#place);)
    }

    /// Zeros of another shape at a place.
    pub(super) fn reshape(
        &mut self,
        stmt: &'a Stmt,
        path: &'a [Step],
        element: Option<&Ty>,
    ) -> TokenStream {
        let (buffer, shape, indices) = (stmt.args[0], stmt.args[1], &stmt.args[2..]);
        let zero = element.and_then(|ty| self.zero_of_type(ty));
        let shape = match zero {
            Some(_) => self.expr(shape),
            None => self.reference_to(shape),
        };
        // The result of a call may be an array where the macro takes it for a vector.
        let function = self.support(if zero.is_some() { "resize" } else { "reshape" });
        let zero = zero.map(|zero| quote!(, #zero));
        let of_place = |place: TokenStream, is_reference: bool| match is_reference {
            true => quote!(#function(#place, #shape #zero)),
            false => quote!(#function(&mut #place, #shape #zero)),
        };
        if self.style != Style::Readable
            && let Some(split) = self.first_struct_field(buffer, path)
        {
            let owner = self.receiver(buffer);
            let code = self.through_fields("__at", owner, path, split, indices, &of_place);
            return quote!(#code;);
        }
        let code = match (path.is_empty(), self.references.get(&buffer)) {
            (true, Some(Reference::BorrowedMut(name))) => of_place(name.to_token_stream(), true),
            _ => of_place(self.place(buffer, path, indices), false),
        };
        quote!(#code;)
    }

    /// `let x_then = x.to_owned();`: from here on the name of the content.
    pub(super) fn keep_content(&mut self, memory: ValueId) -> TokenStream {
        let content = self.receiver(memory);
        self.names.forget(memory);
        let name = self.declare(memory);
        quote!(let #name = ::std::borrow::ToOwned::to_owned(&*#content);)
    }

    /// A new variable for a value; one that a loop carried before gets another name, since the
    /// variable of the loop holds its last value.
    pub(super) fn declare_again(&mut self, id: ValueId) -> Ident {
        if self.carried.contains(&id) && self.references.contains_key(&id) {
            self.names.forget(id);
        }
        self.declare(id)
    }

    /// A bound of a range, which binds less tightly than arithmetic.
    pub(super) fn operand_of_range(&mut self, id: ValueId) -> TokenStream {
        self.operand(id, Precedence::Sum)
    }
}
