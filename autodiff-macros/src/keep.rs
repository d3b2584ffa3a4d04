//! What the reverse of a branch or a loop needs of its forward: every value is still there,
//! computed again, or kept.
//!
//! The reverse transform refers to values of a forward region as if they were in scope. Here each
//! pair of a forward and a reverse region is made to agree, innermost first. A value that is cheap
//! to compute from what is there is computed again, under its own id; others come out of a branch
//! as one more result, or go onto the tape of a loop. See Griewank & Walther, *Evaluating
//! Derivatives*, ch. 4 and 12, on what to record.

use syn::Expr;

use crate::cse::replace;
use crate::fuse::partner;
use crate::ids::{IdMap, IdSet};
use crate::ir::{
    ControlId, Function, Loop, LoopKind, Mode, Observation, Op, Region, Stmt, TapeKind, ValueId,
};
use crate::memory::Stability;
use crate::rules::Primitive;
use crate::ty::Ty;

/// What keeping one value costs, in the time of one multiplication: as a rule, and in an array of
/// few numbers.
const KEEPING: usize = 4;
const IN_ARRAY: usize = 2;
/// What few numbers are.
const FEW: usize = 64;
/// What is as dear as this is kept rather than computed again.
const DEAR: usize = 100;
/// Arrays beyond this many bytes do not go on the stack.
const STACK: usize = 1 << 16;

/// What was decided for one loop or branch, for the report.
pub struct Decision {
    pub control: ControlId,
    pub kept: Vec<ValueId>,
    pub recomputed: Vec<ValueId>,
    pub kept_in: Where,
}

/// Where values are kept.
pub enum Where {
    /// In the results of a branch.
    Variables,
    /// In an array on the stack, of so many bytes if that is known.
    Array(Option<usize>),
    /// In a vector of the loop's length.
    Vector,
    /// In a vector that is filled from its start.
    Growing,
}

/// Makes the reverse statements independent of the inside of the forward ones. All of them stand in
/// one list: a branch or loop comes first, and its reverse later. `mark` stays before the same one.
pub fn keep(
    function: &mut Function,
    stmts: &mut Vec<Stmt>,
    mark: &mut usize,
    stability: &Stability,
) -> Vec<Decision> {
    let mut references = IdMap::new();
    gather_references(stmts, &mut references);
    let mut keeper = Keeper {
        function,
        stability,
        references,
        decisions: Vec::new(),
        outermost: None,
        home: Vec::new(),
        tapes: Vec::new(),
        cursors: Vec::new(),
        hoisted: Vec::new(),
    };
    keeper.home(stmts, false, mark);
    keeper.decisions
}

struct Keeper<'a> {
    function: &'a mut Function,
    stability: &'a Stability,
    /// What each pullback is handed again: the arguments that its call takes by reference.
    references: IdMap<Vec<ValueId>>,
    decisions: Vec<Decision>,
    /// The branch or loop of the current nest that stands in the home scope.
    outermost: Option<ControlId>,
    /// The fused loops around the current scope.
    home: Vec<ControlId>,
    /// The tapes of the current nest, to be declared before it, and the cursors on them.
    tapes: Vec<Stmt>,
    cursors: Vec<Stmt>,
    /// The tapes of fused loops, to be declared before the outermost one.
    hoisted: Vec<Stmt>,
}

/// A loop around the current region, of which a tape needs the count and the index.
#[derive(Clone)]
struct Around {
    own: Loop,
    args: Vec<ValueId>,
    index: Option<ValueId>,
}

impl Keeper<'_> {
    /// The statements of one scope, in a fused loop perhaps.
    fn home(&mut self, stmts: &mut Vec<Stmt>, fused: bool, mark: &mut usize) {
        let mut at = 0;
        while at < stmts.len() {
            match partner(stmts, at) {
                Some(partner) => {
                    self.outermost = stmts[at].control_id();
                    let (before, after) = stmts.split_at_mut(partner);
                    self.pair(&mut before[at], &mut after[0], &[]);
                    let mut tapes = std::mem::take(&mut self.tapes);
                    let cursors = std::mem::take(&mut self.cursors);
                    stmts.splice(partner..partner, cursors);
                    if fused {
                        self.reuse(&mut tapes);
                    }
                    if at < *mark {
                        *mark += tapes.len();
                    }
                    at += tapes.len();
                    let start = at - tapes.len();
                    stmts.splice(start..start, tapes);
                }
                None if matches!(stmts[at].op, Op::Loop(_) | Op::Rewind(_)) => {
                    self.home.push(match &stmts[at].op {
                        Op::Rewind(own) => own.id,
                        Op::Loop(own) => own.id,
                        _ => unreachable!("it is one of the two"),
                    });
                    let body = stmts[at].regions.last_mut().expect("a loop has a body");
                    let mut inner = std::mem::take(&mut body.stmts);
                    self.home(&mut inner, true, &mut 0);
                    self.home.pop();
                    let body = stmts[at].regions.last_mut().expect("a loop has a body");
                    body.stmts = inner;
                    if !fused {
                        let hoisted = std::mem::take(&mut self.hoisted);
                        if at < *mark {
                            *mark += hoisted.len();
                        }
                        at += hoisted.len();
                        let start = at - hoisted.len();
                        stmts.splice(start..start, hoisted);
                    }
                }
                None => {}
            }
            at += 1;
        }
    }

    /// The loops in a reverse region that run again, each a scope of its own.
    fn rewinds(&mut self, stmts: &mut Vec<Stmt>) {
        let mut at = 0;
        while at < stmts.len() {
            if let Op::Rewind(_) = stmts[at].op {
                let mut own = vec![stmts.remove(at)];
                let outermost = self.outermost;
                let nest = (
                    std::mem::take(&mut self.tapes),
                    std::mem::take(&mut self.cursors),
                    std::mem::take(&mut self.hoisted),
                );
                self.home(&mut own, false, &mut 0);
                (self.tapes, self.cursors, self.hoisted) = nest;
                self.outermost = outermost;
                let count = own.len();
                stmts.splice(at..at, own);
                at += count - 1;
            }
            at += 1;
        }
    }

    /// Growing tapes of a loop's body are declared before the loop, and emptied in it.
    fn reuse(&mut self, tapes: &mut [Stmt]) {
        for stmt in tapes {
            if let Op::Tape(TapeKind::Growing) = stmt.op {
                let empty = Stmt::new(Vec::new(), Op::Empty, stmt.results.clone(), stmt.span);
                let mut declared = std::mem::replace(stmt, empty);
                declared.args.clear();
                self.hoisted.push(declared);
            }
        }
    }

    /// A branch or loop and its reverse.
    fn pair(&mut self, forward: &mut Stmt, backward: &mut Stmt, outside: &[Around]) {
        let Stmt {
            op,
            args,
            regions,
            results,
            span,
            ..
        } = forward;
        let (op, span) = (&*op, *span);
        let mut around = outside.to_vec();
        let own = match op {
            Op::Loop(own) => Some(own),
            _ => None,
        };
        if let Some(own) = own {
            let body = own.body(regions);
            around.push(Around {
                own: own.clone(),
                args: args[..own.kind.arity()].to_vec(),
                index: body.params[..own.first_carried()].first().copied(),
            });
        }
        let skipped = regions.len() - backward.regions.len();
        for k in 0..backward.regions.len() {
            let inner = &mut regions[skipped + k];
            let reverse = &mut backward.regions[k];
            for stmt in &mut reverse.stmts {
                let partner = stmt.control_id().and_then(|id| {
                    let mut own = inner.stmts.iter_mut();
                    own.find(|stmt| stmt.control_id() == Some(id))
                });
                if let Some(partner) = partner {
                    self.pair(partner, stmt, &around);
                }
            }
            self.rewinds(&mut reverse.stmts);
            let carried = match own {
                Some(own) => inner.params[own.first_carried()..].to_vec(),
                None => Vec::new(),
            };
            let keeping = match own {
                Some(_) if self.has_few_iterations(&around) => IN_ARRAY,
                _ => KEEPING,
            };
            let mut choice = self.choose(inner, &carried, reverse, keeping);
            let control = match op {
                Op::If(id) | Op::Switch(id) => *id,
                Op::Loop(own) => own.id,
                _ => unreachable!("only control flow has regions"),
            };
            let mut decision = Decision {
                control,
                kept: choice.kept.clone(),
                recomputed: choice
                    .recomputed
                    .iter()
                    .flat_map(|stmt| stmt.results.clone())
                    .collect(),
                kept_in: Where::Variables,
            };
            let mut prefix = Vec::new();
            match own {
                Some(_) if !choice.kept.is_empty() => {
                    let (restored, kept_in) = self.onto_tape(inner, &choice.kept, &around, span);
                    prefix.extend(restored);
                    decision.kept_in = kept_in;
                }
                None => {
                    for id in choice.kept {
                        let unwrapped = self.out_of_arm(id, results, regions, skipped + k, span);
                        prefix.extend(unwrapped);
                    }
                }
                Some(_) => {}
            }
            drop_unused(&mut regions[skipped + k], &choice.recomputed);
            prefix.append(&mut choice.recomputed);
            reverse.stmts.splice(0..0, prefix);
            self.rename_reloaded(&choice.reloaded, reverse);
            self.decisions.push(decision);
        }
    }

    /// Makes a value of one arm a result of the branch. What has no number for the other arms comes
    /// in an `Option`; then it is unwrapped in the reverse.
    fn out_of_arm(
        &mut self,
        id: ValueId,
        results: &mut Vec<ValueId>,
        regions: &mut [Region],
        own: usize,
        span: proc_macro2::Span,
    ) -> Option<Stmt> {
        let ty = self.function.ty(id).clone();
        let defined = regions[own]
            .stmts
            .iter()
            .find(|stmt| stmt.results.contains(&id));
        let plain = crate::codegen::types::zero(&ty).is_some() && !matches!(ty, Ty::Inactive)
            || defined.is_some_and(|stmt| matches!(stmt.op, Op::Observe(_) | Op::Apply(_)));
        let (result, others) = match plain {
            true => (id, Op::Dummy),
            false => {
                let name = self.function.value(id).name.clone();
                (
                    self.function.new_value(Ty::Inactive, name, span),
                    Op::Optional,
                )
            }
        };
        results.push(result);
        for (other, region) in regions.iter_mut().enumerate() {
            if other == own && plain {
                region.yields.push(id);
                continue;
            }
            let ty = self.function.ty(result).clone();
            let yielded = self.function.new_value(ty, None, span);
            let (op, args) = match other == own {
                true => (Op::Optional, vec![id]),
                false => (others.clone(), Vec::new()),
            };
            region.stmts.push(Stmt::new(vec![yielded], op, args, span));
            region.yields.push(yielded);
        }
        (!plain).then(|| Stmt::new(vec![id], Op::Unwrap, vec![result], span))
    }

    /// A value that is loaded where it was stored has another expression than where it is computed,
    /// and therefore another id.
    fn rename_reloaded(&mut self, reloaded: &[ValueId], reverse: &mut Region) {
        let mut renamed = IdMap::new();
        for &id in reloaded {
            let (ty, span) = (self.function.ty(id).clone(), self.function.value(id).span);
            renamed.insert(id, self.function.new_value(ty, None, span));
        }
        for stmt in &mut reverse.stmts {
            replace(stmt, &renamed);
            for result in &mut stmt.results {
                *result = renamed.get(result).copied().unwrap_or(*result);
            }
        }
    }

    /// Puts values of a loop's body on tapes; gives the statements that get them back.
    fn onto_tape(
        &mut self,
        body: &mut Region,
        kept: &[ValueId],
        around: &[Around],
        span: proc_macro2::Span,
    ) -> (Vec<Stmt>, Where) {
        if let Some(lengths) = self.constant_lengths(around, kept) {
            let known: Option<usize> = lengths.iter().map(|(_, length)| *length).product();
            let kept_in = Where::Array(known.map(|known| known * 8 * kept.len()));
            let lengths: Vec<Expr> = lengths.into_iter().map(|(length, _)| length).collect();
            // One array each: neighbours in memory are what neighbouring iterations need.
            let restored = kept.iter().map(|id| {
                let kind = TapeKind::Fixed(lengths.clone());
                self.one_tape(
                    body,
                    std::slice::from_ref(id),
                    kind,
                    Vec::new(),
                    around,
                    span,
                )
            });
            return (restored.collect(), kept_in);
        }
        let sized = match around {
            [only] => self.sized(only, kept),
            _ => None,
        };
        let (kind, args, kept_in) = match sized {
            Some(end) => (TapeKind::Sized, vec![end], Where::Vector),
            None => (TapeKind::Growing, self.capacity(around), Where::Growing),
        };
        let restored = self.one_tape(body, kept, kind, args, around, span);
        (vec![restored], kept_in)
    }

    /// The lengths of the array that holds values of every iteration, if they are constant and it is
    /// not too large.
    fn constant_lengths(
        &self,
        around: &[Around],
        kept: &[ValueId],
    ) -> Option<Vec<(Expr, Option<usize>)>> {
        let lengths: Option<Vec<(Expr, Option<usize>)>> = around
            .iter()
            .enumerate()
            .map(|(k, own)| self.constant_length(own, &around[..k]))
            .collect();
        lengths.filter(|lengths| {
            let known: Option<usize> = lengths.iter().map(|(_, length)| *length).product();
            known.is_none_or(|known| known * 8 * kept.len() <= STACK)
                && kept.iter().all(|&id| self.function.ty(id).is_scalar())
        })
    }

    /// Whether a nest of loops certainly has no more than a few iterations.
    fn has_few_iterations(&self, around: &[Around]) -> bool {
        let lengths = self.constant_lengths(around, &[]);
        let count = lengths.and_then(|lengths| lengths.iter().map(|(_, length)| *length).product());
        count.is_some_and(|count: usize| count <= FEW)
    }

    /// One tape for some values; gives the statement that gets them back.
    fn one_tape(
        &mut self,
        body: &mut Region,
        kept: &[ValueId],
        kind: TapeKind,
        args: Vec<ValueId>,
        around: &[Around],
        span: proc_macro2::Span,
    ) -> Stmt {
        let own = match (&kind, kept) {
            (TapeKind::Fixed(_), &[only]) => self.name_of(body, only),
            _ => None,
        };
        let name = match own {
            Some(own) => quote::format_ident!("{own}_tape", span = proc_macro2::Span::mixed_site()),
            None => proc_macro2::Ident::new("tape", proc_macro2::Span::mixed_site()),
        };
        let tape = self.function.new_value(Ty::Inactive, Some(name), span);
        let growing = matches!(kind, TapeKind::Growing);
        let indices: Vec<ValueId> = match growing {
            true => Vec::new(),
            false => around.iter().filter_map(|around| around.index).collect(),
        };
        self.tapes
            .push(Stmt::new(vec![tape], Op::Tape(kind), args, span));
        let mut args = vec![tape];
        args.extend(&indices);
        args.extend(kept);
        body.stmts
            .push(Stmt::new(Vec::new(), Op::Save(indices.len()), args, span));
        let source = if growing {
            let name = proc_macro2::Ident::new("taped", proc_macro2::Span::mixed_site());
            let cursor = self.function.new_value(Ty::Inactive, Some(name), span);
            self.cursors
                .push(Stmt::new(vec![cursor], Op::Cursor, vec![tape], span));
            cursor
        } else {
            tape
        };
        let mut args = vec![source];
        args.extend(indices);
        Stmt::new(kept.to_vec(), Op::Restore, args, span)
    }

    /// What a value is called: its own name, or that of what it is a part of.
    fn name_of(&self, body: &Region, id: ValueId) -> Option<&proc_macro2::Ident> {
        let own = self.function.value(id).name.as_ref();
        own.or_else(|| {
            let mut stmts = body.stmts.iter();
            let read = stmts.find(|stmt| stmt.results == [id] && matches!(stmt.op, Op::Project(_)));
            self.function.value(read?.args[0]).name.as_ref()
        })
    }

    /// An upper bound of a loop's index, if it is constant: as code, and as a number if it is one.
    fn constant_length(
        &self,
        around: &Around,
        outside: &[Around],
    ) -> Option<(Expr, Option<usize>)> {
        let LoopKind::Range { inclusive, .. } = &around.own.kind else {
            return None;
        };
        let outer = |id: ValueId| outside.iter().any(|other| other.index == Some(id));
        if !self.stability.is_natural(around.args[0], &outer) {
            return None;
        }
        // Up to the index of an outer loop: at most as long as that one.
        let outer = outside
            .iter()
            .position(|other| other.index == Some(around.args[1]));
        if let Some(outer) = outer.filter(|_| !inclusive) {
            return self.constant_length(&outside[outer], &outside[..outer]);
        }
        let end = self.stability.constant(around.args[1])?;
        let literal = |expr: &Expr| match expr {
            Expr::Lit(syn::ExprLit {
                lit: syn::Lit::Int(int),
                ..
            }) => int.base10_parse::<usize>().ok(),
            _ => None,
        };
        let number = literal(&end).map(|end| end + usize::from(*inclusive));
        let code = match number {
            Some(number) => syn::parse_quote!(#number),
            None if *inclusive => return None,
            None => end,
        };
        Some((code, number))
    }

    /// The end of a loop from zero that is known before it: then its index is that of the tape.
    fn sized(&self, around: &Around, kept: &[ValueId]) -> Option<ValueId> {
        let LoopKind::Range {
            inclusive: false,
            adapters,
        } = &around.own.kind
        else {
            return None;
        };
        let end = around.args[1];
        let fits = adapters.is_empty()
            && self.home.is_empty()
            && self.stability.is_zero(around.args[0])
            && self.stability.is_before(end, self.outermost?)
            && kept.iter().all(|&id| self.function.ty(id).is_scalar());
        fits.then_some(end)
    }

    /// The numbers of iterations, outermost first, if all are known where the nest begins.
    fn capacity(&mut self, around: &[Around]) -> Vec<ValueId> {
        let Some(outermost) = self.outermost else {
            return Vec::new();
        };
        let mut counts = Vec::new();
        for around in around {
            let LoopKind::Range { .. } = around.own.kind else {
                return Vec::new();
            };
            for &bound in &around.args[..2] {
                if self.stability.is_before(bound, outermost) {
                    counts.push(bound);
                    continue;
                }
                let Some(constant) = self.stability.constant(bound) else {
                    return Vec::new();
                };
                counts.push(self.constant_before(constant, bound));
            }
        }
        counts
    }

    /// A constant of the loop's inside, written once more before it.
    fn constant_before(&mut self, constant: Expr, bound: ValueId) -> ValueId {
        let span = self.function.value(bound).span;
        let op = match constant {
            Expr::Lit(literal) => Op::Literal {
                lit: literal.lit,
                negative: false,
            },
            Expr::Path(path) => Op::Path(path),
            other => unreachable!("constants are literals and paths: {other:?}"),
        };
        let id = self.function.new_value(Ty::Inactive, None, span);
        self.tapes.push(Stmt::new(vec![id], op, Vec::new(), span));
        id
    }

    /// Which values the reverse of a region needs, and how it comes by them.
    fn choose(
        &self,
        forward: &Region,
        carried: &[ValueId],
        reverse: &Region,
        keeping: usize,
    ) -> Choice {
        let reloads = self.reloads(forward);
        let mut definitions: IdMap<&Stmt> = IdMap::new();
        for stmt in forward.stmts.iter().chain(&reloads) {
            definitions.extend(stmt.results.iter().map(|&id| (id, stmt)));
        }
        let mut defined: IdSet = carried.iter().copied().collect();
        for stmt in &forward.stmts {
            defined.extend(&stmt.results);
        }
        let mut needed = IdSet::new();
        self.free(reverse, &mut needed);
        let mut chooser = Chooser {
            keeper: self,
            reloaded: reloads
                .iter()
                .flat_map(|stmt| stmt.results.clone())
                .collect(),
            definitions,
            defined: &defined,
            keeping,
            kept: IdSet::new(),
            again: IdSet::new(),
        };
        let order: Vec<ValueId> = carried
            .iter()
            .copied()
            .chain(
                forward
                    .stmts
                    .iter()
                    .flat_map(|stmt| stmt.results.iter().copied()),
            )
            .filter(|id| needed.contains(id))
            .collect();
        // First what must be kept in any case: others may be computed from it.
        for &id in &order {
            if chooser.cost(id) >= DEAR {
                chooser.kept.insert(id);
            }
        }
        for &id in &order {
            if !chooser.kept.contains(&id) {
                if chooser.cost(id) <= keeping + 1 {
                    chooser.again(id);
                } else {
                    chooser.kept.insert(id);
                }
            }
        }
        let Chooser {
            kept,
            again,
            definitions,
            reloaded,
            ..
        } = chooser;
        let in_order = carried.iter().copied().chain(
            forward
                .stmts
                .iter()
                .flat_map(|stmt| stmt.results.iter().copied()),
        );
        Choice {
            kept: in_order.filter(|id| kept.contains(id)).collect(),
            reloaded: reloaded.iter().filter(|id| again.contains(id)).collect(),
            recomputed: in_dependence_order(forward, &again, &definitions),
        }
    }
}

impl Keeper<'_> {
    /// Loads that get a computed value back from where it was stored for good.
    fn reloads(&self, forward: &Region) -> Vec<Stmt> {
        let mut reloads = Vec::new();
        for store in &forward.stmts {
            let Op::Store(path) = &store.op else { continue };
            let value = store.args[1];
            let computed = forward.stmts.iter().any(|stmt| {
                stmt.results == [value] && self.own_cost(stmt) > 1 && !stmt.op.is_buffer()
            });
            let local = forward
                .stmts
                .iter()
                .any(|stmt| stmt.results.contains(&store.args[0]));
            if computed
                && !local
                && self.function.ty(value).is_scalar()
                && self.stability.is_kept_by(store, value, &self.home)
            {
                let mut args = vec![store.args[0]];
                args.extend(&store.args[2..]);
                let op = Op::Project(path.clone());
                reloads.push(Stmt::new(vec![value], op, args, store.span));
            }
        }
        reloads
    }
}

/// Drops what a forward region computes for its reverse only, which computes it again.
fn drop_unused(forward: &mut Region, again: &[Stmt]) {
    let mut used: IdSet = forward.yields.iter().copied().collect();
    let mut at = forward.stmts.len();
    while at > 0 {
        at -= 1;
        let stmt = &forward.stmts[at];
        let &[result] = &stmt.results[..] else {
            stmt.for_each_use(&mut |id| {
                used.insert(id);
            });
            continue;
        };
        let is_again = again.iter().any(|own| own.results == [result]);
        if is_again && stmt.op.is_pure() && !used.contains(&result) {
            forward.stmts.remove(at);
        } else {
            stmt.for_each_use(&mut |id| {
                used.insert(id);
            });
        }
    }
}

/// The definitions of the values in `again`, each behind those of its arguments. (A value that is
/// loaded where it was stored may need an index that was computed after it.)
fn in_dependence_order(forward: &Region, again: &IdSet, definitions: &IdMap<&Stmt>) -> Vec<Stmt> {
    fn emit(
        id: ValueId,
        again: &IdSet,
        definitions: &IdMap<&Stmt>,
        done: &mut IdSet,
        stmts: &mut Vec<Stmt>,
    ) {
        if !again.contains(&id) || done.contains(&id) {
            return;
        }
        let stmt = definitions[&id];
        done.extend(&stmt.results);
        for &arg in &stmt.args {
            emit(arg, again, definitions, done, stmts);
        }
        stmts.push(stmt.clone());
    }
    let (mut done, mut stmts) = (IdSet::new(), Vec::new());
    for &id in forward.stmts.iter().flat_map(|stmt| &stmt.results) {
        emit(id, again, definitions, &mut done, &mut stmts);
    }
    stmts
}

struct Choice {
    kept: Vec<ValueId>,
    /// Those of the recomputed values that are loaded from where they were stored.
    reloaded: Vec<ValueId>,
    recomputed: Vec<Stmt>,
}

struct Chooser<'c, 'a> {
    keeper: &'c Keeper<'a>,
    /// The values whose definition here is a load from where they were stored.
    reloaded: IdSet,
    definitions: IdMap<&'c Stmt>,
    /// The values of the region itself; all others are there.
    defined: &'c IdSet,
    /// What keeping a value costs.
    keeping: usize,
    kept: IdSet,
    again: IdSet,
}

impl Chooser<'_, '_> {
    /// What it costs to have the value in the reverse.
    fn cost(&self, id: ValueId) -> usize {
        if !self.defined.contains(&id) || self.kept.contains(&id) || self.again.contains(&id) {
            return 0;
        }
        let Some(stmt) = self.definitions.get(&id) else {
            return DEAR;
        };
        let own = match self.reloaded.contains(&id) {
            true => 1,
            false => self.keeper.own_cost(stmt),
        };
        if own >= DEAR {
            return DEAR;
        }
        // Of an aggregate that nothing else needs, only what is observed is kept.
        let observes = matches!(stmt.op, Op::Observe(_));
        let parts = stmt.args.iter().map(|&arg| match self.cost(arg) {
            cost if cost < DEAR => cost,
            _ if observes && !self.keeper.function.ty(arg).is_scalar() => 2 * self.keeping,
            _ => self.keeping,
        });
        let total = own + parts.sum::<usize>();
        // Computing it again from many kept values is worse than to keep it.
        total.min(DEAR - 1)
    }

    /// Computes the value again, and what it needs, or keeps that.
    fn again(&mut self, id: ValueId) {
        if !self.defined.contains(&id) || self.kept.contains(&id) {
            return;
        }
        if self.cost(id) >= DEAR {
            self.kept.insert(id);
            return;
        }
        if !self.again.insert(id) {
            return;
        }
        let stmt = self.definitions[&id];
        for &arg in &stmt.args {
            self.again(arg);
        }
    }
}

impl Keeper<'_> {
    /// What one statement costs to run again, `DEAR` if it cannot be.
    fn own_cost(&self, stmt: &Stmt) -> usize {
        match &stmt.op {
            Op::Literal { .. } | Op::Constant(_) | Op::Path(_) => 0,
            // Integers are indices: computing one is nothing beside keeping it.
            Op::Apply(_) if self.function.ty(stmt.results[0]).is_inactive() => 0,
            Op::Apply(primitive) => price(*primitive),
            Op::Cast | Op::Dummy => 1,
            Op::Observe(Observation::Method(_) | Observation::Shape) if self.reads_moving(stmt) => {
                DEAR
            }
            Op::Observe(_) => 1,
            Op::Aggregate(_)
                if stmt.args.iter().all(|&arg| {
                    let ty = self.function.ty(arg);
                    ty.is_copy() || matches!(ty, Ty::Inactive)
                }) =>
            {
                0
            }
            Op::Project(_) if self.reads_moving(stmt) => DEAR,
            Op::Project(_) => 1,
            _ => DEAR,
        }
    }

    /// Whether the statement reads memory that has another content in the reverse.
    fn reads_moving(&self, stmt: &Stmt) -> bool {
        stmt.args.iter().any(|&arg| self.function.is_memory(arg))
            && !self.stability.is_stable(stmt, &self.home)
    }
}

/// What a function costs to compute again.
fn price(primitive: Primitive) -> usize {
    use Primitive::*;
    match primitive {
        Add | Sub | Mul | Neg | Abs | Max | Min => 1,
        Div | Sqrt | Recip => 4,
        _ => DEAR,
    }
}

impl Keeper<'_> {
    /// The values that the statements of a region use and do not define.
    fn free(&self, region: &Region, found: &mut IdSet) {
        let mut inside: IdSet = region.params.iter().copied().collect();
        for stmt in &region.stmts {
            let again = match stmt.op {
                Op::Pull(_) => self.references.get(&stmt.args[0]),
                _ => None,
            };
            let shape_only = matches!(stmt.op, Op::Zero | Op::Scratch)
                && crate::codegen::types::zero(self.function.ty(stmt.args[0])).is_some();
            let args = stmt.args.iter().filter(|_| !shape_only);
            for &arg in args.chain(again.into_iter().flatten()) {
                if !inside.contains(&arg) {
                    found.insert(arg);
                }
            }
            for inner in &stmt.regions {
                let mut nested = IdSet::new();
                self.free(inner, &mut nested);
                nested.retain(|id| !inside.contains(id));
                found.extend(nested.iter());
            }
            inside.extend(&stmt.results);
        }
        found.extend(region.yields.iter().filter(|id| !inside.contains(id)));
    }
}

/// The arguments by reference of every call that has a pullback.
fn gather_references(stmts: &[Stmt], references: &mut IdMap<Vec<ValueId>>) {
    for stmt in stmts {
        if let (Op::Call(callee), &[_, pullback]) = (&stmt.op, &stmt.results[..]) {
            let args = stmt.args.iter().zip(&callee.modes);
            let by_reference = args.filter(|(_, mode)| **mode == Mode::Reference);
            references.insert(pullback, by_reference.map(|(&arg, _)| arg).collect());
        }
        for region in &stmt.regions {
            gather_references(&region.stmts, references);
        }
    }
}
