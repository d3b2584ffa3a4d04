//! Inner products. A reverse loop that adds `a[j]·b[j]` to one adjoint again and again waits for each
//! addition before the next, and holds up what else is in the loop. The order of additions to an
//! adjoint is free: the sum is taken out of the loop and left to a function with many partial sums.

use proc_macro2::Span;

use super::{MOST, Surroundings, drop_unused};
use crate::fuse::Touch;
use crate::ids::{IdMap, IdSet};
use crate::ir::{Function, Loop, LoopKind, Op, Step, Stmt, ValueId};
use crate::memory::{Access, Stability};
use crate::rules::Primitive;
use crate::ty::{Scalar, Sequence, Ty};

/// Takes the inner products out of the loops of a derived program.
pub fn take_dots(
    function: &mut Function,
    stmts: &mut Vec<Stmt>,
    mark: &mut usize,
    stability: &Stability,
) {
    Surroundings::new(stmts, stability).take_dots(function, stmts, mark);
}

/// `scale · Σ a[j] b[j]`, to be added to a place.
struct Dot {
    /// The position of the addition in the loop's body.
    at: usize,
    factors: [ValueId; 2],
    scale: Vec<ValueId>,
    negative: bool,
}

/// A loop over all indices from `start` to `end`.
struct Range<'s> {
    stmt: &'s Stmt,
    body: &'s [Stmt],
    index: ValueId,
    definitions: IdMap<&'s Stmt>,
    inside: IdSet,
}

impl Surroundings<'_> {
    fn take_dots(&mut self, function: &mut Function, stmts: &mut Vec<Stmt>, mark: &mut usize) {
        let mut at = 0;
        while at < stmts.len() {
            self.inside(&mut stmts[at], |this, inner| {
                this.take_dots(function, inner, &mut 0);
            });
            let before = self.taken_out(function, &mut stmts[at]);
            let is_empty = matches!(stmts[at].op, Op::Loop(_))
                && !before.is_empty()
                && stmts[at].results.is_empty()
                && stmts[at].regions.iter().all(|body| body.stmts.is_empty());
            let more = before.len();
            stmts.splice(at..at, before);
            if at < *mark {
                *mark += more - usize::from(is_empty);
            }
            at += more;
            match is_empty {
                true => drop(stmts.remove(at)),
                false => at += 1,
            }
        }
    }

    /// Takes the products out of a loop; what is to be done before it.
    fn taken_out(&self, function: &mut Function, stmt: &mut Stmt) -> Vec<Stmt> {
        let Some((dots, span)) = self.dots(function, stmt) else {
            return Vec::new();
        };
        let mut before = Vec::new();
        for dot in &dots {
            self.write(function, stmt, dot, span, &mut before);
        }
        let body = stmt.regions.last_mut().expect("a loop has a body");
        let mut position = 0;
        body.stmts.retain(|_| {
            position += 1;
            !dots.iter().any(|dot| dot.at + 1 == position)
        });
        drop_unused(body);
        before
    }

    fn dots(&self, function: &Function, stmt: &Stmt) -> Option<(Vec<Dot>, Span)> {
        let Op::Loop(Loop {
            kind:
                LoopKind::Range {
                    inclusive: false,
                    adapters,
                },
            exits: false,
            ..
        }) = &stmt.op
        else {
            return None;
        };
        let body = stmt.regions.last().expect("a loop has a body");
        let adds = |stmt: &Stmt| matches!(stmt.op, Op::Accumulate(_));
        if !adapters.is_empty() || !body.stmts.iter().any(adds) || self.is_short(stmt) {
            return None;
        }
        let mut range = Range {
            stmt,
            body: &body.stmts,
            index: body.params[0],
            definitions: IdMap::new(),
            inside: body.params.iter().copied().collect(),
        };
        for inner in range.body {
            range.inside.extend(&inner.results);
            for &result in &inner.results {
                range.definitions.insert(result, inner);
            }
        }
        let accesses = self.accesses(stmt);
        let dots = range.body.iter().enumerate().filter_map(|(at, inner)| {
            let dot = adds(inner)
                .then(|| self.dot(function, &range, at))
                .flatten()?;
            let outside = |id: &ValueId| !range.inside.contains(id);
            let (target, indices) = (inner.args[0], &inner.args[2..]);
            let fixed = outside(&target) && indices.iter().all(outside);
            let meets = |id: ValueId, own: &Access, harmless: Touch| {
                let touched = accesses.found.get(&id).into_iter().flatten();
                let mut others = touched.filter(|(touch, _)| *touch != harmless);
                others.clone().count() > MOST
                    || others.any(|(_, other)| self.stability.meet(own, other, self.around.len()))
            };
            let Op::Accumulate(path) = &inner.op else {
                return None;
            };
            let only_added = !meets(target, &self.access(&range, path, indices), Touch::Adds);
            let whole = |id: ValueId| (id, self.access(&range, &[], &[]));
            let mut reads: Vec<(ValueId, Access)> = dot.scale.iter().copied().map(whole).collect();
            for factor in dot.factors {
                let read = range.definitions[&factor];
                let Op::Project(path) = &read.op else {
                    return None;
                };
                let own = self.access(&range, path, &read.args[1..]);
                reads.push((read.args[0], own));
            }
            let mut reads = reads.iter();
            let all_stay = reads.all(|(id, read)| !meets(*id, read, Touch::Reads));
            (only_added && fixed && all_stay).then_some(dot)
        });
        let dots: Vec<Dot> = dots.collect();
        (!dots.is_empty()).then_some((dots, stmt.span))
    }

    fn access(&self, range: &Range<'_>, path: &[Step], indices: &[ValueId]) -> Access {
        let mut around = self.around.clone();
        around.extend(super::repeated(range.stmt));
        Access::new(around, path.to_vec(), indices.to_vec())
    }

    /// The product that a statement adds, if it is one of two rows at the loop's index.
    fn dot(&self, function: &Function, range: &Range<'_>, at: usize) -> Option<Dot> {
        let mut dot = Dot {
            at,
            factors: [range.index; 2],
            scale: Vec::new(),
            negative: false,
        };
        let mut rows = Vec::new();
        let mut open = vec![range.body[at].args[1]];
        while let Some(id) = open.pop() {
            if !range.inside.contains(&id) {
                dot.scale.push(id);
                continue;
            }
            let stmt = *range.definitions.get(&id)?;
            match &stmt.op {
                Op::Apply(Primitive::Mul) => open.extend(&stmt.args),
                Op::Apply(Primitive::Neg) => {
                    dot.negative = !dot.negative;
                    open.extend(&stmt.args);
                }
                Op::Constant(_) | Op::Literal { .. } => return None,
                Op::Project(path) if self.is_row(function, range, stmt, path) => rows.push(id),
                _ => return None,
            }
        }
        dot.factors = rows.try_into().ok()?;
        dot.factors.sort_unstable();
        dot.scale.reverse();
        Some(dot)
    }

    /// Whether a statement reads the element at the loop's index of a row of numbers that reaches
    /// as far as the loop.
    fn is_row(&self, function: &Function, range: &Range<'_>, stmt: &Stmt, path: &[Step]) -> bool {
        let Some((Step::Index, row)) = path.split_last() else {
            return false;
        };
        let (last, outer) = stmt.args[1..].split_last().expect("an index has a value");
        let scalar = match function.ty(stmt.results[0]) {
            Ty::Scalar(scalar) => *scalar != Scalar::Unseen,
            _ => false,
        };
        let fields = row
            .iter()
            .any(|step| !matches!(step, Step::Index | Step::At(_)));
        let is_outside = |id: &ValueId| !range.inside.contains(id);
        scalar
            && !fields
            && is_outside(&stmt.args[0])
            && *last == range.index
            && outer.iter().all(is_outside)
            && self.reaches(function.ty(stmt.args[0]), row, range.stmt)
    }

    /// Whether the row can be sliced to the loop's range even if the loop does nothing.
    fn reaches(&self, whole: &Ty, row: &[Step], stmt: &Stmt) -> bool {
        let (start, end) = (stmt.args[0], stmt.args[1]);
        match row_type(whole, row) {
            Some(Ty::Array(_, length)) if self.stability.is_length(end, length) => {
                self.stability.is_at_most(start, end, &self.around)
            }
            Some(Ty::Array(..) | Ty::Sequence(..)) => self.stability.is_zero(start),
            _ => false,
        }
    }

    /// Writes the product down, and its addition.
    fn write(
        &self,
        function: &mut Function,
        stmt: &Stmt,
        dot: &Dot,
        span: Span,
        before: &mut Vec<Stmt>,
    ) {
        let body = &stmt.regions.last().expect("a loop has a body").stmts;
        let addition = &body[dot.at];
        let ty = function.ty(addition.args[1]).clone();
        let rows = dot.factors.map(|factor| {
            let read = body.iter().find(|stmt| stmt.results == [factor]);
            self.row(
                function,
                read.expect("it is read in the loop"),
                stmt,
                before,
            )
        });
        let mut push = |op: Op, args: Vec<ValueId>| {
            let id = function.new_value(ty.clone(), None, span);
            before.push(Stmt::new(vec![id], op, args, span));
            id
        };
        let mut value = push(Op::Dot, rows.to_vec());
        for &factor in &dot.scale {
            value = push(Op::Apply(Primitive::Mul), vec![factor, value]);
        }
        if dot.negative {
            value = push(Op::Apply(Primitive::Neg), vec![value]);
        }
        let mut args = addition.args.clone();
        args[1] = value;
        before.push(Stmt {
            args,
            ..addition.clone()
        });
    }

    /// The part of a row that the loop runs over.
    fn row(
        &self,
        function: &mut Function,
        read: &Stmt,
        stmt: &Stmt,
        before: &mut Vec<Stmt>,
    ) -> ValueId {
        let Op::Project(path) = &read.op else {
            unreachable!("a row is a part");
        };
        let mut path = path.clone();
        path.pop();
        let mut args = read.args.clone();
        args.pop();
        let whole = function.ty(args[0]);
        let ty = row_type(whole, &path).expect("it was looked at").clone();
        let (start, end) = (stmt.args[0], stmt.args[1]);
        let is_all = match &ty {
            Ty::Array(_, length) => {
                self.stability.is_zero(start) && self.stability.is_length(end, length)
            }
            _ => false,
        };
        let ty = match ty {
            ty if is_all => ty,
            Ty::Array(element, _) | Ty::Sequence(element, _) => {
                let from = !self.stability.is_zero(start);
                path.push(Step::Slice {
                    from,
                    to: true,
                    inclusive: false,
                });
                args.extend(from.then_some(start));
                args.push(end);
                Ty::Sequence(element, Sequence::Slice)
            }
            _ => unreachable!("a row has elements"),
        };
        if path.is_empty() {
            return args[0];
        }
        let id = function.new_value(ty, None, read.span);
        before.push(Stmt::new(vec![id], Op::Project(path), args, read.span));
        id
    }
}

/// The type of a part.
fn row_type<'t>(mut whole: &'t Ty, path: &[Step]) -> Option<&'t Ty> {
    for _ in path {
        whole = match whole {
            Ty::Array(element, _) | Ty::Sequence(element, _) => element,
            _ => return None,
        };
    }
    Some(whole)
}
