//! IR to Rust: statements to `let`s, single-use temporaries folded into the expressions that use
//! them, the user's names kept.

mod call;
mod checkpoint;
mod control;
mod expr;
pub mod lanes;
pub mod names;
mod operand;
mod place;
mod plan;
pub mod programs;
mod sizes;
mod substitute;
mod tape;
pub mod text;
pub mod types;
mod unroll;

use proc_macro2::{Ident, Span, TokenStream, TokenTree};
use quote::{quote, quote_spanned};

use crate::ids::{IdMap, IdSet};
use crate::ir::{Function, Mode, Op, Stmt, ValueId};
use crate::ty::{Scalar, Ty};
use lanes::Lanes;
use names::Names;

/// For how many values at once the runtime implements its traits, and a reader has eyes.
const LARGEST_TUPLE: usize = 8;

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
    /// Values that a loop carries in a variable.
    carried: IdSet,
    /// Values that their one use may take away.
    taken: IdSet,
    /// Values that nobody reads any more once they are on a tape.
    leaving: IdSet,
    /// Values that are there behind a reference, as parts of a state.
    lent: IdSet,
    /// The values that an entry of each tape holds.
    taped: IdMap<Vec<ValueId>>,
    /// The tapes that are parts of one variable, and which parts.
    kept_together: IdMap<usize>,
    /// The integers that the reader sees to be `usize`.
    sizes: IdSet,
    /// The adjoints nobody reads that calls in the reader's version want.
    wanted: IdSet,
    /// Values below this id are the primal's: their names are the user's.
    primal_values: usize,
    /// Parameters that are arrays here, and views in the user's function.
    views: IdSet,
    /// Whether the code takes parts of arrays, by methods of a trait.
    takes_parts: bool,
    /// For a vector program.
    pub lanes: Option<Lanes>,
    /// Where the user wrote what is being printed.
    at: Span,
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
            carried: IdSet::new(),
            taken: IdSet::new(),
            leaving: IdSet::new(),
            lent: IdSet::new(),
            taped: IdMap::new(),
            kept_together: IdMap::new(),
            sizes: IdSet::new(),
            wanted: IdSet::new(),
            primal_values,
            views: IdSet::new(),
            takes_parts: false,
            lanes: None,
            at: Span::call_site(),
        }
    }

    /// Makes a value a parameter of the generated function.
    pub fn parameter(&mut self, id: ValueId, mode: Mode, name: &Ident) {
        self.names.assign(id, name);
        let reference = match mode {
            Mode::Value => Reference::Variable(name.clone()),
            Mode::Reference => Reference::Borrowed(name.clone()),
            Mode::Mutable => Reference::BorrowedMut(name.clone()),
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
            .give(id, self.function.value(id).name.as_ref(), own, self.at)
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
        let mut stmts = stmts.into_iter().peekable();
        while let Some(stmt) = stmts.next() {
            let joint = match stmts.peek() {
                Some(next) => self.joint_call(stmt, next),
                None => None,
            };
            code.extend(match joint {
                Some(joint) => {
                    stmts.next();
                    joint
                }
                None => self.statement(stmt),
            });
        }
        code
    }

    fn statement(&mut self, stmt: &'a Stmt) -> TokenStream {
        let confirmed = match self.confirms() {
            true => self.confirm_inferred(stmt),
            false => TokenStream::new(),
        };
        self.at = stmt.span;
        let code = self.statement_code(stmt);
        let scalar = self.confirm_scalar(stmt);
        quote!(#confirmed #code #scalar)
    }

    /// Whether rustc is to check in this program what the macro inferred: in one of them.
    fn confirms(&self) -> bool {
        self.style == Style::Split && self.lanes.is_none()
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
                let value = self.looked_at(stmt);
                quote!(let _ = || #krate::__private::a_scalar_value(#value);)
            }
            ty @ Ty::Scalar(_) if unseen => {
                let (ty, value) = (types::value(ty, self.krate), self.looked_at(stmt));
                quote!(let _ = || { let _: &#ty = #value; };)
            }
            Ty::Inactive if unseen => {
                let value = self.looked_at(stmt);
                quote!(let _ = || #krate::__private::no_derivative(#value);)
            }
            _ => TokenStream::new(),
        }
    }

    /// A reference to what `stmt` computes. An error about it points at the user's expression, and not at
    /// the declarations of the names in it.
    fn looked_at(&mut self, stmt: &'a Stmt) -> TokenStream {
        let value = self.operation(stmt);
        let value = quote!(&#value);
        respanned(&value, stmt.span)
    }

    /// The same of the results of calls and of code kept as written.
    fn confirm_scalar(&mut self, stmt: &'a Stmt) -> TokenStream {
        let of_unseen = matches!(stmt.op, Op::Call(_) | Op::Verbatim(_));
        match stmt.result() {
            Some(result)
                if of_unseen
                    && self.confirms()
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
            (Op::If(_), _) => self.if_statement(stmt),
            (Op::Switch(_), _) => self.switch_statement(stmt),
            (Op::Loop(own), _) => self.loop_statement(stmt, own),
            (Op::Store(path) | Op::Update(path, _), _) => self.change(stmt, path),
            (Op::Append, _) => {
                let memory = self.place(stmt.args[0], &[], &[]);
                let value = self.owned(stmt.args[1]);
                quote_spanned!(stmt.span=> #memory.push(#value);)
            }
            (Op::Shrink, _) => {
                let memory = self.place(stmt.args[0], &[], &[]);
                quote_spanned!(stmt.span=> #memory.pop();)
            }
            (Op::InBounds(offset), _) => {
                let from = self.operand_of_range(stmt.args[0]);
                let to = self.operand_of_range(stmt.args[1]);
                let slice = self.receiver(stmt.args[2]);
                let offset = proc_macro2::Literal::usize_unsuffixed(*offset);
                let function = self.support("in_bounds");
                quote!(#function(#from..#to, #offset, #slice.len());)
            }
            (Op::Grow, _) => {
                let element = match self.function.ty(stmt.args[0]) {
                    Ty::Sequence(element, _) => self.zero_of_type(element),
                    _ => None,
                };
                let zero = element.unwrap_or_else(|| quote!(::core::default::Default::default()));
                let buffer = self.place(stmt.args[0], &[], &[]);
                quote_spanned!(stmt.span=> #buffer.push(#zero);)
            }
            (Op::Take(path), &[result]) => self.take(stmt, path, result),
            (Op::Reshape { path, element }, _) => self.reshape(stmt, path, element.as_ref()),
            (Op::Assign, _) => {
                let (buffers, values) = stmt.args.split_at(stmt.args.len() / 2);
                self.assign(buffers, values)
            }
            (Op::States(own), &[tape]) => self.states(stmt, own, tape),
            (Op::Visit, _) => self.visit(stmt),
            (Op::Rewind(own), _) => self.rewind(stmt, own),
            (Op::Tape(kind), &[tape]) => self.tape(stmt, kind, tape),
            (Op::Empty, _) => {
                let tape = self.expr(stmt.args[0]);
                let room = stmt.args.get(1).map(|&count| {
                    let count = self.expr(count);
                    quote!(#tape.reserve(#count);)
                });
                quote!(#tape.clear(); #room)
            }
            (Op::Save(indices), _) => self.save(stmt, *indices),
            (Op::Restore, _) => self.restore(stmt),
            (Op::Cursor, &[cursor]) => {
                let tape = self.expr(stmt.args[0]);
                let name = self.declare(cursor);
                quote!(let mut #name = #tape.iter().rev();)
            }
            (Op::Unwrap, &[result]) => {
                let option = self.receiver(stmt.args[0]);
                let name = self.declare_again(result);
                self.references
                    .insert(result, Reference::Borrowed(name.clone()));
                quote!(let #name = #option.as_ref().unwrap();)
            }
            // The reader's version leaves out what nobody reads.
            (Op::Scratch { .. }, &[result])
                if self.style == Style::Readable && !self.wanted.contains(&result) =>
            {
                TokenStream::new()
            }
            (Op::Memory, &[result]) => {
                let value = self.owned(stmt.args[0]);
                let name = self.declare(result);
                quote!(let mut #name = #value;)
            }
            (Op::Accumulate(path), _) => self.accumulate(stmt, path),
            (Op::AccumulateEach, _) => {
                let place = match self.references.get(&stmt.args[0]) {
                    Some(Reference::BorrowedMut(name)) => quote!(#name),
                    _ => {
                        let place = self.place(stmt.args[0], &[], &[]);
                        quote!(&mut #place)
                    }
                };
                let elements = self.reference_to(stmt.args[1]);
                let function = self.support("accumulate_each");
                quote!(#function(#place, #elements);)
            }
            (Op::AccumulateField { path, field }, _) => {
                let place = match self.references.get(&stmt.args[0]) {
                    Some(Reference::BorrowedMut(name)) if path.is_empty() => quote!(#name),
                    _ => self.place(stmt.args[0], path, &stmt.args[2..]),
                };
                let apart = self.reference_to(stmt.args[1]);
                let reads_buffer = self.mentions(stmt.args[1], stmt.args[0]);
                let span = member_span(field);
                let method = quote::format_ident!("__add_{}", member_text(field), span = span);
                if self.style == Style::Readable {
                    return quote!(accumulate(&mut #place.#field, #apart););
                }
                if reads_buffer {
                    // What it reads of the same buffer is read before.
                    return quote!({
                        let term = ::core::clone::Clone::clone(#apart);
                        #place.#method(&term);
                    });
                }
                quote!(#place.#method(#apart);)
            }
            (Op::GiveBack, _) => self.give_back(&stmt.args),
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
                        let ty = types::value(self.function.ty(*result), self.krate);
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
            (Op::Project(path), &[result])
                if self.function.borrowed.contains(&result)
                    && !path.is_empty()
                    && !self.function.ty(result).is_scalar() =>
            {
                let value = self.operation(stmt);
                let name = self.declare(result);
                self.references
                    .insert(result, Reference::Borrowed(name.clone()));
                quote!(let #name = &#value;)
            }
            (op, [result]) => {
                let value = self.operation(stmt);
                let name = self.declare(*result);
                let mutability = self.mutated.contains(result).then(|| quote!(mut));
                let ascription = match (op, self.function.ty(*result)) {
                    (Op::Verbatim(_) | Op::Call(_), ty @ Ty::Scalar(_))
                        if self.style != Style::Readable =>
                    {
                        let ty = types::value(ty, self.krate);
                        quote!(: #ty)
                    }
                    _ => TokenStream::new(),
                };
                quote!(let #mutability #name #ascription = #value;)
            }
            _ => unreachable!("the verifier admits no other statement: {:?}", stmt.op),
        }
    }

    /// Arrays that are not read any more.
    fn give_back(&mut self, arrays: &[ValueId]) -> TokenStream {
        let mut code = TokenStream::new();
        // A call whose value nobody reads has no name for it.
        let named = arrays.iter().copied();
        let named: Vec<ValueId> = named
            .filter(|id| self.references.contains_key(id))
            .collect();
        for arrays in named.chunks(LARGEST_TUPLE) {
            let function = self.support("give_back");
            let arrays = self.tuple_of(arrays);
            code.extend(quote!(#function(#arrays);));
        }
        code
    }

    /// Arrays that a pullback keeps: the code that puts them into its hands, and the code inside of it that takes
    /// references to them.
    fn kept_arrays(&mut self, arrays: &[ValueId]) -> (TokenStream, TokenStream) {
        let (mut keep, mut inside) = (TokenStream::new(), TokenStream::new());
        for (number, arrays) in arrays.chunks(LARGEST_TUPLE).enumerate() {
            let function = self.support("Kept");
            let kept = Ident::new(&format!("kept_{number}"), Span::mixed_site());
            let names = self.tuple_of(arrays);
            let lent = arrays.iter().map(|own| match self.references.get(own) {
                Some(Reference::Variable(name)) => quote!(ref #name),
                _ => unreachable!("arrays are bound to names: {own:?}"),
            });
            let lent: Vec<TokenStream> = lent.collect();
            keep.extend(quote!(let #kept = #function::new(#names);));
            inside.extend(match &lent[..] {
                [single] => quote!(let #single = *#kept.get();),
                several => quote!(let (#(#several),*) = *#kept.get();),
            });
            for &own in arrays {
                if let Some(Reference::Variable(name)) = self.references.get(&own).cloned() {
                    self.references.insert(own, Reference::Borrowed(name));
                }
            }
        }
        (keep, inside)
    }

    fn tuple_of(&mut self, values: &[ValueId]) -> TokenStream {
        let values: Vec<TokenStream> = values.iter().map(|&own| self.expr(own)).collect();
        match &values[..] {
            [single] => quote!(#single),
            several => quote!((#(#several),*)),
        }
    }

    /// The value as the function's result. What `later` still uses is cloned, not moved away.
    pub fn result(&mut self, id: ValueId, later: &[Stmt]) -> TokenStream {
        let mut used = IdSet::new();
        for stmt in later {
            self.uses_again(stmt, &mut used);
        }
        used.retain(|&id| !self.function.ty(id).is_copy());
        self.shared = used;
        let value = self.expr(id);
        self.shared.clear();
        value
    }

    /// What a statement of the reverse uses, the references handed to pullbacks again among it.
    pub fn uses_again(&self, stmt: &Stmt, used: &mut IdSet) {
        used.extend(&stmt.args);
        if let Op::Pull(_) = stmt.op
            && let Some(call) = self.definitions.get(&stmt.args[0])
        {
            used.extend(&call.args);
        }
        let mut inside = IdSet::new();
        for region in &stmt.regions {
            for stmt in &region.stmts {
                self.uses_again(stmt, &mut inside);
            }
            inside.extend(&region.yields);
            if let Op::Rewind(_) = stmt.op {
                // They stand for values that are defined outside, too.
                inside.retain(|id| !region.params.contains(id));
            }
        }
        used.extend(inside.iter());
    }

    /// Adds what the expressions that are folded into the uses are made of.
    pub fn add_folded(&self, used: &mut IdSet) {
        let mut open: Vec<ValueId> = used.iter().collect();
        while let Some(id) = open.pop() {
            if let Some(stmt) = self.definitions.get(&id)
                && self.folded.contains(&id)
            {
                open.extend(stmt.args.iter().filter(|arg| !used.contains(arg)));
                used.extend(&stmt.args);
            }
        }
    }

    fn is_used(&self, id: ValueId) -> bool {
        let is_named = self.function.value(id).name.is_some();
        is_named || self.uses.contains_key(&id) || id == self.function.output
    }

    fn declare(&mut self, id: ValueId) -> Ident {
        let name = self.name(id);
        self.references
            .insert(id, Reference::Variable(name.clone()));
        name
    }

    /// A zero gradient of a value, by its type where the macro can see it.
    fn zero(&mut self, of: ValueId) -> TokenStream {
        if let Some(zero) = self.zero_tangents(of) {
            return zero;
        }
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

    /// A zero adjoint of a value of that type, where it needs no value to take its shape from.
    fn zero_of_type(&self, ty: &Ty) -> Option<TokenStream> {
        match self.width() {
            Some(width) => types::zero_tangents(ty, width),
            None => types::zero(ty),
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

fn member_span(member: &syn::Member) -> Span {
    match member {
        syn::Member::Named(ident) => ident.span(),
        syn::Member::Unnamed(index) => index.span,
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
