//! What the reverse of a branch or a loop needs of its forward: every value is still there,
//! computed again, or kept.
//!
//! The reverse transform refers to values of a forward region as if they were in scope. Here each
//! pair of a forward and a reverse region is made to agree, innermost first. A value that is cheap
//! to compute from what is there is computed again, under its own id; others come out of a branch
//! as one more result, or go onto the tape of a loop. See Griewank & Walther, *Evaluating
//! Derivatives*, ch. 4 and 12, on what to record.

mod choice;
mod count;
mod tape;

use crate::cse::replace;
use crate::fuse::partner;
use crate::ids::IdMap;
use crate::ir::{ControlId, Function, Loop, Mode, Op, Region, Stmt, TapeKind, ValueId};
use crate::memory::Stability;
use crate::ty::Ty;

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
    /// In an array, on the stack if it is small: the lengths are named constants.
    Chosen,
    /// In a vector that is allocated once, since the number of entries is known before the nest.
    Vector,
    /// In a vector that grows.
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
    let (mut references, mut bounds) = (IdMap::new(), IdMap::new());
    gather_references(stmts, &mut references);
    count::gather_bounds(function, stability, stmts, &mut bounds);
    let mut keeper = Keeper {
        function,
        stability,
        references,
        bounds,
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
    /// What the bounds of inner loops are computed by.
    bounds: IdMap<Stmt>,
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
    /// Whether it stands in a branch of the nest.
    conditional: bool,
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
                    self.pair(&mut before[at], &mut after[0], &[], false);
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
                let mut args = stmt.results.clone();
                args.append(&mut stmt.args);
                let empty = Stmt::new(Vec::new(), Op::Empty, args, stmt.span);
                self.hoisted.push(std::mem::replace(stmt, empty));
            }
        }
    }

    /// A branch or loop and its reverse.
    fn pair(
        &mut self,
        forward: &mut Stmt,
        backward: &mut Stmt,
        outside: &[Around],
        conditional: bool,
    ) {
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
                conditional,
            });
        }
        let conditional = conditional || own.is_none();
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
                    self.pair(partner, stmt, &around, conditional);
                }
            }
            self.rewinds(&mut reverse.stmts);
            if own.is_none() {
                self.take_results(inner, results, reverse);
            }
            let carried = match own {
                Some(own) => inner.params[own.first_carried()..].to_vec(),
                None => Vec::new(),
            };
            let keeping = match own {
                Some(_) if self.has_few_iterations(&around) => choice::IN_ARRAY,
                _ => choice::KEEPING,
            };
            let mut choice = self.choose(inner, &carried, reverse, keeping, own.is_some());
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
            choice::drop_unused(&mut regions[skipped + k], &choice.recomputed);
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
