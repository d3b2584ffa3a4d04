//! Loops that keep states, as calls of the runtime's tapes.

use proc_macro2::{Ident, TokenStream};
use quote::quote;

use super::{Printer, Reference, Style};
use crate::checkpoint::changed_outside;
use crate::ids::IdSet;
use crate::ir::{LoopKind, Op, Region, Rewind, States, Stmt, Strategy, ValueId};

impl<'a> Printer<'a> {
    /// `let mut tape = OnceTape::new(Checkpoint::Revolve(20), (0..n).count());`
    pub(super) fn states(&mut self, stmt: &'a Stmt, own: &'a States, tape: ValueId) -> TokenStream {
        let LoopKind::Range {
            inclusive,
            adapters,
        } = &own.kind
        else {
            unreachable!("only ranges are checkpointed")
        };
        let count = self.number_of_indices(*inclusive, adapters, &stmt.args);
        let name = self.declare(tape);
        let kind = match own.once {
            true => self.private("OnceTape"),
            false => self.private("Tape"),
        };
        let checkpoint = self.private("Checkpoint");
        let strategy = match &own.strategy {
            Strategy::StoreAll => quote!(StoreAll),
            Strategy::Periodic(steps) => quote!(Periodic(#steps)),
            Strategy::Revolve(slots) => quote!(Revolve(#slots)),
        };
        quote!(let mut #name = #kind::new(#checkpoint::#strategy, #count);)
    }

    fn private(&self, name: &str) -> TokenStream {
        let name = quote::format_ident!("{name}");
        let krate = self.krate;
        match self.style {
            Style::Readable => quote!(#name),
            _ => quote!(#krate::__private::#name),
        }
    }

    /// `tape.visit_next(|| (x, v.clone()));`
    pub(super) fn visit(&mut self, stmt: &'a Stmt) -> TokenStream {
        let tape = self.expr(stmt.args[0]);
        let values = stmt.args[1..].iter();
        let values: Vec<TokenStream> = values.map(|&id| self.kept(id)).collect();
        let state = match &values[..] {
            [value] => value.clone(),
            _ => quote!((#(#values),*)),
        };
        quote!(#tape.visit_next(|| #state);)
    }

    /// `tape.reverse(|step, x| …, |step, x| …);`
    pub(super) fn rewind(&mut self, stmt: &'a Stmt, own: &'a Rewind) -> TokenStream {
        let tape = self.receiver(stmt.args[0]);
        let [step, reverse] = &stmt.regions[..] else {
            unreachable!("the verifier checks the number of regions");
        };
        let step = self.on_state(stmt, own, step, true);
        let reverse = self.on_state(stmt, own, reverse, false);
        quote!(#tape.reverse(#step, #reverse);)
    }

    /// A closure of a step's number and a state; one that is a step changes the state.
    fn on_state(
        &mut self,
        stmt: &'a Stmt,
        own: &'a Rewind,
        region: &'a Region,
        is_step: bool,
    ) -> TokenStream {
        let outside = self.references.clone();
        let (kind_args, copies) = stmt.args[1..].split_at(own.kind.arity());
        let range = self.range_of(&own.kind, kind_args);

        // The same names again, for other variables.
        let mut defined = IdSet::new();
        gather_defined(region, &mut defined);
        for id in defined.iter() {
            self.references.remove(&id);
        }
        let index = region.params[0];
        let (state, then) = region.params[1..].split_at(own.state);
        for (&memory, copy) in then.iter().zip(copies) {
            if let Some(reference) = outside.get(copy) {
                self.references.insert(memory, reference.clone());
            }
        }
        let mut used = IdSet::new();
        for stmt in &region.stmts {
            stmt.for_each_use(&mut |id| {
                used.insert(id);
            });
        }
        used.extend(&region.yields);
        if is_step {
            used.extend(&state[..own.carried]);
        }
        let changed = changed_outside(&region.stmts);
        let by_value = !is_step && state.iter().all(|&id| self.function.ty(id).is_copy());

        let mut patterns = Vec::new();
        let mut header = TokenStream::new();
        for &id in state {
            if !used.contains(&id) && !changed.contains(&id) {
                patterns.push(quote!(_));
                continue;
            }
            let name = self.name(id);
            let is_changed = changed.contains(&id);
            let reference = match (is_step, by_value, is_changed) {
                (true, ..) => {
                    patterns.push(quote!(#name));
                    Reference::BorrowedMut(name)
                }
                (false, true, _) => {
                    let mutability = is_changed.then(|| quote!(mut));
                    patterns.push(quote!(#mutability #name));
                    Reference::Variable(name)
                }
                (false, false, true) => {
                    patterns.push(quote!(#name));
                    let copy = match self.style {
                        Style::Readable => quote!(#name.clone()),
                        _ => quote!(::core::clone::Clone::clone(#name)),
                    };
                    header.extend(quote!(let mut #name = #copy;));
                    Reference::Variable(name)
                }
                (false, false, false) => {
                    patterns.push(quote!(#name));
                    Reference::Borrowed(name)
                }
            };
            self.references.insert(id, reference);
        }
        let pattern = match (&patterns[..], by_value) {
            // `&mut x` would be another pattern.
            ([pattern], true) if state.iter().any(|id| changed.contains(id)) => quote!(&(#pattern)),
            ([pattern], true) => quote!(&#pattern),
            ([pattern], false) => pattern.clone(),
            ([_, ..], true) => quote!(&(#(#patterns),*)),
            _ => quote!((#(#patterns),*)),
        };
        let number: TokenStream = match used.contains(&index) {
            true => {
                let number: Ident = self.declare(own.step);
                let name = self.declare(index);
                header.extend(quote!(let #name = #range.nth(#number).unwrap();));
                quote!(#number)
            }
            false => quote!(_),
        };
        let lent = std::mem::replace(&mut self.lent, state.iter().copied().collect());
        let mut code = self.statements(&region.stmts);
        if is_step {
            code.extend(self.assign(&state[..own.carried], &region.yields));
        }
        self.lent = lent;
        self.references = outside;
        quote!(|#number, #pattern| { #header #code })
    }

    fn range_of(&mut self, kind: &LoopKind, args: &[ValueId]) -> TokenStream {
        match kind {
            LoopKind::Range {
                inclusive,
                adapters,
            } => self.range(*inclusive, adapters, args, true),
            LoopKind::While | LoopKind::Times => unreachable!("only ranges are checkpointed"),
        }
    }
}

/// The values that a region defines, and what is in it.
fn gather_defined(region: &Region, defined: &mut IdSet) {
    for stmt in &region.stmts {
        defined.extend(&stmt.results);
        if let Op::Rewind(_) = stmt.op {
            continue;
        }
        for inner in &stmt.regions {
            defined.extend(&inner.params);
            gather_defined(inner, defined);
        }
    }
}
