//! How many entries the tape of a nest will have, computed before the nest begins. Then the tape is
//! allocated once.

use proc_macro2::{Ident, Span};
use syn::Expr;

use super::{Around, Keeper};
use crate::ids::IdMap;
use crate::ir::{
    ControlId, Function, Loop, LoopKind, Observation, Op, Region, Step, Stmt, ValueId,
};
use crate::memory::Stability;
use crate::rules::Primitive;
use crate::ty::Ty;

/// What the bounds of loops may be computed by: integer arithmetic, and lengths of what never
/// changes.
pub(super) fn gather_bounds(
    function: &Function,
    stability: &Stability,
    stmts: &[Stmt],
    bounds: &mut IdMap<Stmt>,
) {
    for stmt in stmts {
        let is_number = |id: &ValueId| function.ty(*id).is_inactive();
        let fits = match &stmt.op {
            Op::Literal { .. } | Op::Path(_) | Op::Apply(_) => stmt.results.iter().all(is_number),
            Op::Observe(Observation::Method(method)) => {
                let whole = stmt.args[0];
                let stays = !function.is_memory(whole) || stability.keeps_length(function, whole);
                method == "len" && stays
            }
            Op::Project(_) => !function.is_memory(stmt.args[0]),
            _ => false,
        };
        if let (true, &[result]) = (fits, &stmt.results[..]) {
            bounds.insert(result, stmt.clone());
        }
        for region in &stmt.regions {
            gather_bounds(function, stability, &region.stmts, bounds);
        }
    }
}

impl Keeper<'_> {
    /// The number of iterations of the innermost of these loops, all in all, if it can be known where
    /// the nest begins. The statements that compute it go with the tapes.
    pub(super) fn entries(&mut self, around: &[Around]) -> Option<ValueId> {
        let mut nest = Nest {
            outermost: self.outermost?,
            keeper: self,
            outer: IdMap::new(),
        };
        let (stmts, count) = nest.count(around)?;
        self.tapes.extend(stmts);
        Some(count)
    }
}

struct Nest<'n, 'k> {
    keeper: &'n mut Keeper<'k>,
    outermost: ControlId,
    /// The indices of outer loops, as the counting loops have them.
    outer: IdMap<ValueId>,
}

impl Nest<'_, '_> {
    fn count(&mut self, around: &[Around]) -> Option<(Vec<Stmt>, ValueId)> {
        let (first, rest) = around.split_first()?;
        // How far a loop gets that may break off is not known.
        let LoopKind::Range { .. } = first.own.kind else {
            return None;
        };
        if first.own.exits {
            return None;
        }
        let span = self.keeper.function.value(first.args[0]).span;
        let mut stmts = Vec::new();
        let bounds: Vec<ValueId> = first
            .args
            .iter()
            .map(|&arg| self.known(arg, first.conditional, &mut stmts))
            .collect::<Option<_>>()?;
        if rest.is_empty() {
            let op = Op::Count(first.own.kind.clone());
            let count = self.push(&mut stmts, op, bounds, span);
            return Some((stmts, count));
        }
        // The same number in every iteration, or one that depends on the index.
        if let Some((inner, each)) = self.count(rest) {
            let op = Op::Count(first.own.kind.clone());
            let count = self.push(&mut stmts, op, bounds, span);
            stmts.extend(inner);
            let product = Op::Apply(Primitive::Mul);
            let count = self.push(&mut stmts, product, vec![count, each], span);
            return Some((stmts, count));
        }
        let original = first.index?;
        let function = &mut *self.keeper.function;
        let name = function.value(original).name.clone();
        let index = function.new_value(Ty::Inactive, name, span);
        self.outer.insert(original, index);
        let inner = self.count(rest);
        self.outer.remove(&original);
        let (mut body, each) = inner?;
        let entries = Ident::new("entries", Span::mixed_site());
        let function = &mut *self.keeper.function;
        let mut named = || function.new_value(Ty::Inactive, Some(entries.clone()), span);
        let (so_far, total) = (named(), named());
        let sum = Op::Apply(Primitive::Add);
        let next = self.push(&mut body, sum, vec![so_far, each], span);
        let zero = Op::Literal {
            lit: syn::Lit::Int(syn::LitInt::new("0", span)),
            negative: false,
        };
        let zero = self.push(&mut stmts, zero, Vec::new(), span);
        let body = Region {
            params: vec![index, so_far],
            stmts: body,
            yields: vec![next],
        };
        let own = Loop {
            // No loop of the program has it: they are numbered from one, a value each at most.
            id: ControlId(u32::MAX - total.0),
            kind: first.own.kind.clone(),
            exits: false,
            counted: false,
        };
        let mut args = bounds;
        args.push(zero);
        stmts.push(Stmt::control(
            vec![total],
            Op::Loop(own),
            args,
            vec![body],
            span,
        ));
        Some((stmts, total))
    }

    /// A bound, as far as it is known before the nest or from the indices of outer loops. What may
    /// panic in a branch must not be computed where the branch is not taken.
    fn known(&mut self, id: ValueId, conditional: bool, stmts: &mut Vec<Stmt>) -> Option<ValueId> {
        if let Some(&index) = self.outer.get(&id) {
            return Some(index);
        }
        if self.keeper.stability.is_before(id, self.outermost) {
            return Some(id);
        }
        let span = self.keeper.function.value(id).span;
        if let Some(constant) = self.keeper.stability.constant(id) {
            let op = match constant {
                Expr::Lit(literal) => Op::Literal {
                    lit: literal.lit,
                    negative: false,
                },
                Expr::Path(path) => Op::Path(path),
                other => unreachable!("constants are literals and paths: {other:?}"),
            };
            return Some(self.push(stmts, op, Vec::new(), span));
        }
        let mut stmt = self.keeper.bounds.get(&id)?.clone();
        if conditional && self.may_panic(&stmt) {
            return None;
        }
        for arg in &mut stmt.args {
            *arg = self.known(*arg, conditional, stmts)?;
        }
        let ty = self.keeper.function.ty(id).clone();
        let copy = self.keeper.function.new_value(ty, None, span);
        stmt.results = vec![copy];
        stmts.push(stmt);
        Some(copy)
    }

    fn may_panic(&self, stmt: &Stmt) -> bool {
        match &stmt.op {
            Op::Apply(_) => true,
            Op::Project(path) => !path.iter().all(|step| matches!(step, Step::Field(_))),
            // Another type's `len` may do anything.
            Op::Observe(_) => {
                let ty = self.keeper.function.ty(stmt.args[0]);
                !matches!(ty, Ty::Array(..) | Ty::Sequence(..))
            }
            _ => false,
        }
    }

    fn push(&mut self, stmts: &mut Vec<Stmt>, op: Op, args: Vec<ValueId>, span: Span) -> ValueId {
        let id = self.keeper.function.new_value(Ty::Inactive, None, span);
        stmts.push(Stmt::new(vec![id], op, args, span));
        id
    }
}
