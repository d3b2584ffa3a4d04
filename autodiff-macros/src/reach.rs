//! Loops over indices check the lengths of slices before they begin, where the last iteration would
//! find the same: `x[i + 1]` for `i` up to `n` needs `n < x.len()`. Then the compiler that comes after
//! checks no element, and vectorises what would have had to stop at any of them.

use crate::dependence::{Forms, Linear};
use crate::ids::IdMap;
use crate::ir::{Adapter, Function, Loop, LoopKind, Op, Step, Stmt, ValueId};
use crate::rules::Primitive;
use crate::ty::Ty;

/// Inserts the checks into a joint program, whose reverse pass begins at `mark`. `bars` are buffers as
/// long as the parameters beside them.
pub fn check_reach(
    function: &Function,
    stmts: &mut Vec<Stmt>,
    mark: &mut usize,
    bars: &[(ValueId, ValueId)],
) {
    let mut checker = Checker {
        function,
        bars: bars.iter().copied().collect(),
        forms: Forms::default(),
        smaller: Vec::new(),
    };
    let mut known = Vec::new();
    let mut reverse = stmts.split_off(*mark);
    checker.scope(stmts, &mut known);
    checker.scope(&mut reverse, &mut known);
    *mark = stmts.len();
    stmts.append(&mut reverse);
}

struct Checker<'f> {
    function: &'f Function,
    bars: IdMap<ValueId>,
    forms: Forms,
    /// Minima, with what they are minima of.
    smaller: Vec<(ValueId, ValueId)>,
}

/// That the indices from a loop's first to its last, and so far beyond, are of a slice.
#[derive(Clone, PartialEq)]
struct Reach {
    bounds: [ValueId; 2],
    slice: ValueId,
    offset: i64,
}

impl Checker<'_> {
    /// `known` holds what was checked before the scope, and then in it.
    fn scope(&mut self, stmts: &mut Vec<Stmt>, known: &mut Vec<Reach>) {
        let mut at = 0;
        while at < stmts.len() {
            self.note(&stmts[at]);
            for reach in self.reaches(&stmts[at]) {
                let is_known = known.iter().any(|other| {
                    let same = (other.bounds, other.slice) == (reach.bounds, reach.slice);
                    same && other.offset >= reach.offset
                });
                if !is_known {
                    let [from, to] = reach.bounds;
                    let op = Op::InBounds(reach.offset as usize);
                    let args = vec![from, to, reach.slice];
                    stmts.insert(at, Stmt::new(Vec::new(), op, args, stmts[at].span));
                    at += 1;
                    known.push(reach);
                }
            }
            for region in 0..stmts[at].regions.len() {
                let outside = known.len();
                self.scope(&mut stmts[at].regions[region].stmts, known);
                known.truncate(outside);
            }
            at += 1;
        }
    }

    fn note(&mut self, stmt: &Stmt) {
        self.forms.note(stmt);
        if let (Op::Apply(Primitive::Min), &[result]) = (&stmt.op, &stmt.results[..]) {
            self.smaller
                .extend(stmt.args.iter().map(|&arg| (result, arg)));
        }
    }

    /// What has to be checked before the loop, if it is one of those that run often and do little.
    fn reaches(&self, stmt: &Stmt) -> Vec<Reach> {
        let Op::Loop(
            own @ Loop {
                kind:
                    LoopKind::Range {
                        inclusive: false,
                        adapters,
                    },
                exits: false,
                counted: false,
                ..
            },
        ) = &stmt.op
        else {
            return Vec::new();
        };
        let body = own.body(&stmt.regions);
        let is_light = |stmt: &Stmt| !matches!(stmt.op, Op::Loop(_) | Op::Call(_) | Op::Pull(_));
        if !adapters.iter().all(|adapter| *adapter == Adapter::Rev)
            || !body.stmts.iter().all(is_light)
        {
            return Vec::new();
        }
        let bounds = [stmt.args[0], stmt.args[1]];
        let index = self.forms.of(body.params[0]);
        let mut forms = self.forms.clone();
        let mut found: Vec<Reach> = Vec::new();
        for stmt in &body.stmts {
            forms.note(stmt);
            let Some((root, at)) = element(stmt) else {
                continue;
            };
            let slice = self.bars.get(&root).copied().unwrap_or(root);
            let Some(offset) = forms.of(at).offset_from(&index).filter(|c| *c >= 0) else {
                continue;
            };
            if !self.is_slice(slice) || offset == 0 && self.is_length(bounds[1], slice) {
                continue;
            }
            match found.iter_mut().find(|reach| reach.slice == slice) {
                Some(reach) => reach.offset = reach.offset.max(offset),
                None => found.push(Reach {
                    bounds,
                    slice,
                    offset,
                }),
            }
        }
        found
    }

    /// Whether it is a parameter, of a length that does not change.
    fn is_slice(&self, id: ValueId) -> bool {
        let is_sequence = matches!(self.function.ty(id), Ty::Sequence(..));
        is_sequence && self.function.param(id).is_some()
    }

    /// Whether the bound is the slice's own length, or certainly no more.
    fn is_length(&self, bound: ValueId, slice: ValueId) -> bool {
        let own: Option<Linear> = self.forms.length(slice);
        let mut bounds = vec![bound];
        while let Some(bound) = bounds.pop() {
            if own.as_ref() == Some(&self.forms.of(bound)) {
                return true;
            }
            let smaller = self.smaller.iter().filter(|(id, _)| *id == bound);
            bounds.extend(smaller.map(|(_, of)| *of));
        }
        false
    }
}

/// What the statement reads or changes an element of, and which.
fn element(stmt: &Stmt) -> Option<(ValueId, ValueId)> {
    let (path, first) = match &stmt.op {
        Op::Project(path) => (path, 1),
        Op::Store(path) | Op::Update(path, _) | Op::Accumulate(path) => (path, 2),
        _ => return None,
    };
    matches!(path[..], [Step::Index, ..]).then(|| (stmt.args[0], stmt.args[first]))
}
