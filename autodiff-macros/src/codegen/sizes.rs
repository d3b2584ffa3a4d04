//! Which integers are of type `usize`, as far as the text shows it. The macro sees no types; where it
//! keeps something by a loop's index, the reader's text casts an index that may be of another type.

use crate::ids::IdSet;
use crate::ir::{Function, LoopKind, Observation, Op, Step, Stmt, ValueId};

/// The values that are `usize` for sure, or become it where they are used to index; `known` are
/// those among the parameters.
pub fn sizes<'s>(
    function: &Function,
    stmts: impl Iterator<Item = &'s Stmt> + Clone,
    known: IdSet,
) -> IdSet {
    let mut sizes = Sizes {
        function,
        known,
        bare: IdSet::new(),
        typed: IdSet::new(),
        grown: true,
    };
    for stmt in stmts.clone() {
        sizes.note_uses(stmt);
    }
    while std::mem::take(&mut sizes.grown) {
        for stmt in stmts.clone() {
            sizes.spread(stmt);
        }
    }
    sizes.known
}

struct Sizes<'s> {
    function: &'s Function,
    known: IdSet,
    /// Literals without a type of their own.
    bare: IdSet,
    /// What is used where its type is decided by something else.
    typed: IdSet,
    grown: bool,
}

impl Sizes<'_> {
    fn note_uses(&mut self, stmt: &Stmt) {
        match &stmt.op {
            Op::Project(path) | Op::Store(path) | Op::Update(path, _) => {
                let mut indices = &stmt.args[stmt.args.len() - crate::ir::indices(path)..];
                for step in path {
                    let (own, rest) = indices.split_at(step.arity());
                    indices = rest;
                    if matches!(step, Step::Index | Step::Slice { .. }) {
                        self.known.extend(own);
                    }
                }
            }
            Op::Apply(_) | Op::Verbatim(_) | Op::Effect(_) | Op::Call(_) => {
                self.typed.extend(&stmt.args);
            }
            Op::Literal {
                lit: syn::Lit::Int(own),
                ..
            } if own.suffix().is_empty() => self.bare.extend(&stmt.results),
            _ => {}
        }
        for region in &stmt.regions {
            for inner in &region.stmts {
                self.note_uses(inner);
            }
        }
    }

    fn know(&mut self, id: ValueId) {
        self.grown |= self.known.insert(id);
    }

    fn spread(&mut self, stmt: &Stmt) {
        match &stmt.op {
            Op::Observe(Observation::Method(method)) if method == "len" || method == "count" => {
                self.know(stmt.results[0]);
            }
            Op::Count(_) => self.know(stmt.results[0]),
            Op::Path(path) => {
                let lengths = &self.function.generics.lengths;
                if lengths.iter().any(|length| path.path.is_ident(length)) {
                    self.know(stmt.results[0]);
                }
            }
            // Both sides of an operator are of one type.
            Op::Apply(_) if self.function.ty(stmt.results[0]).is_inactive() => {
                let mut all = stmt.args.iter().chain(&stmt.results);
                if all.any(|id| self.known.contains(id)) {
                    for &id in stmt.args.iter().chain(&stmt.results) {
                        self.know(id);
                    }
                }
            }
            Op::Loop(own) if matches!(own.kind, LoopKind::Range { .. }) => {
                let index = own.body(&stmt.regions).params[0];
                let bounds = &stmt.args[..2];
                let known = |id: &ValueId| self.known.contains(id);
                let bare = bounds.iter().all(|id| self.bare.contains(id));
                if bounds.iter().any(known) || known(&index) || bare && !self.typed.contains(&index)
                {
                    self.know(index);
                    for &bound in bounds {
                        self.know(bound);
                    }
                }
            }
            _ => {}
        }
        for region in &stmt.regions {
            for inner in &region.stmts {
                self.spread(inner);
            }
        }
    }
}
