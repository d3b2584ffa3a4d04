//! Neighbours in registers: where every iteration adds to `x_bar[i]` and `x_bar[i + 1]`, what goes to
//! the element that the next iteration adds to as well stays in a variable until then. Adding to
//! memory twice makes each iteration wait for the stores of the one before.

use proc_macro2::{Ident, Span};

use crate::fuse::{self, Places};
use crate::ir::{Adapter, Function, LoopKind, Observation, Op, Region, Step, Stmt, ValueId};
use crate::memory::Stability;
use crate::rules::Primitive;
use crate::ty::Ty;

/// Rewrites the loops of a derived program. `mark` stays before the same statement.
pub fn carry(
    function: &mut Function,
    stmts: &mut Vec<Stmt>,
    mark: &mut usize,
    stability: &Stability,
) {
    let mut at = 0;
    while at < stmts.len() {
        for region in &mut stmts[at].regions {
            carry(function, &mut region.stmts, &mut 0, stability);
        }
        let Carried { before, after } = rewrite(function, &mut stmts[at], stability);
        let (more, behind) = (before.len(), after.len());
        stmts.splice(at + 1..at + 1, after);
        stmts.splice(at..at, before);
        if at < *mark {
            *mark += more + behind;
        }
        at += 1 + more + behind;
    }
}

/// What the rewritten loop needs around it.
#[derive(Default)]
struct Carried {
    before: Vec<Stmt>,
    after: Vec<Stmt>,
}

/// A contribution to the element at an offset from the loop's index.
struct Term {
    offset: i64,
    index: ValueId,
    value: ValueId,
}

fn rewrite(function: &mut Function, stmt: &mut Stmt, stability: &Stability) -> Carried {
    let mut carried = Carried::default();
    let Op::Loop(own) = &stmt.op else {
        return carried;
    };
    let LoopKind::Range {
        inclusive: false,
        adapters,
    } = &own.kind
    else {
        return carried;
    };
    let ascending = match adapters[..] {
        [] => true,
        [Adapter::Rev] => false,
        _ => return carried,
    };
    if own.exits {
        return carried;
    }
    let (start, end, span) = (stmt.args[0], stmt.args[1], stmt.span);
    let body = stmt.regions.last_mut().expect("a loop has a body");
    let index = body.params[0];
    let mut buffers: Vec<ValueId> = Vec::new();
    for inner in &body.stmts {
        if matches!(inner.op, Op::Accumulate(_)) && !buffers.contains(&inner.args[0]) {
            buffers.push(inner.args[0]);
        }
    }
    for buffer in buffers {
        let Some(terms) = terms(function, body, buffer, index, stability) else {
            continue;
        };
        let mut build = Build { function, span };
        let more = build.rewrite(body, buffer, terms, ascending, [start, end]);
        carried.before.extend(more.before);
        carried.after.extend(more.after);
    }
    carried
}

/// The contributions to a buffer, if they are all the loop does with it and go to neighbours.
fn terms(
    function: &Function,
    body: &Region,
    buffer: ValueId,
    index: ValueId,
    stability: &Stability,
) -> Option<Vec<Term>> {
    let mut terms = Vec::new();
    let places = Places::default();
    for stmt in &body.stmts {
        if fuse::touches(stmt, &places).get(&buffer).is_none() {
            continue;
        }
        match &stmt.op {
            Op::Accumulate(path)
                if *path == [Step::Index] && function.ty(stmt.args[1]).is_scalar() =>
            {
                terms.push(Term {
                    offset: stability.offset(stmt.args[2], index)?,
                    index: stmt.args[2],
                    value: stmt.args[1],
                });
            }
            _ => return None,
        }
    }
    let (least, most) = (
        terms.iter().map(|term| term.offset).min()?,
        terms.iter().map(|term| term.offset).max()?,
    );
    let all = (least..=most).all(|offset| terms.iter().any(|term| term.offset == offset));
    (least < most && most - least <= 2 && all).then_some(terms)
}

struct Build<'f> {
    function: &'f mut Function,
    span: Span,
}

impl Build<'_> {
    fn push(&mut self, stmts: &mut Vec<Stmt>, op: Op, args: Vec<ValueId>, ty: Ty) -> ValueId {
        let result = self.function.new_value(ty, None, self.span);
        stmts.push(Stmt::new(vec![result], op, args, self.span));
        result
    }

    fn rewrite(
        &mut self,
        body: &mut Region,
        buffer: ValueId,
        terms: Vec<Term>,
        ascending: bool,
        [start, end]: [ValueId; 2],
    ) -> Carried {
        let ty = self.function.ty(terms[0].value).clone();
        body.stmts
            .retain(|stmt| !matches!(stmt.op, Op::Accumulate(_)) || stmt.args[0] != buffer);
        let mut offsets: Vec<i64> = terms.iter().map(|term| term.offset).collect();
        offsets.sort_unstable();
        offsets.dedup();
        if !ascending {
            offsets.reverse();
        }
        let mut carried = Carried::default();
        let name = Ident::new("carried", Span::mixed_site());
        let registers: Vec<ValueId> = offsets[1..]
            .iter()
            .map(|_| {
                let zero = self.push(
                    &mut carried.before,
                    Op::Constant(0.0),
                    Vec::new(),
                    ty.clone(),
                );
                let register = self.push(&mut carried.before, Op::Buffer, vec![zero], ty.clone());
                self.function.value_mut(register).name = Some(name.clone());
                register
            })
            .collect();
        // The element that no later iteration adds to is done; the others move up.
        let mut next = Vec::new();
        for (k, offset) in offsets.iter().enumerate() {
            let own = terms.iter().filter(|term| term.offset == *offset);
            let all: Vec<ValueId> = registers
                .get(k)
                .copied()
                .into_iter()
                .chain(own.map(|term| term.value))
                .collect();
            let sum = all
                .into_iter()
                .reduce(|a, b| self.sum(&mut body.stmts, [a, b], ty.clone()));
            next.push(sum.expect("every offset has a term"));
        }
        let first = terms.iter().find(|term| term.offset == offsets[0]);
        let place = first.expect("every offset has a term").index;
        body.stmts.push(Stmt::new(
            Vec::new(),
            Op::Accumulate(vec![Step::Index]),
            vec![buffer, next[0], place],
            self.span,
        ));
        let mut assigned = registers.clone();
        assigned.extend(&next[1..]);
        body.stmts
            .push(Stmt::new(Vec::new(), Op::Assign, assigned, self.span));
        carried.after = self.leftover(buffer, &registers, &offsets, ascending, [start, end]);
        carried
    }

    /// `a + b`, or `a − c` where `b` is −c.
    fn sum(&mut self, stmts: &mut Vec<Stmt>, [a, b]: [ValueId; 2], ty: Ty) -> ValueId {
        let negative = stmts
            .iter()
            .position(|stmt| stmt.results == [b] && matches!(stmt.op, Op::Apply(Primitive::Neg)));
        let Some(at) = negative else {
            return self.push(stmts, Op::Apply(Primitive::Add), vec![a, b], ty);
        };
        let c = stmts[at].args[0];
        let mut used = false;
        for stmt in &*stmts {
            stmt.for_each_use(&mut |id| used |= id == b);
        }
        if !used {
            stmts.remove(at);
        }
        self.push(stmts, Op::Apply(Primitive::Sub), vec![a, c], ty)
    }

    /// What is left in the registers goes to the elements behind the last iteration's.
    fn leftover(
        &mut self,
        buffer: ValueId,
        registers: &[ValueId],
        offsets: &[i64],
        ascending: bool,
        [start, end]: [ValueId; 2],
    ) -> Vec<Stmt> {
        let mut after = Vec::new();
        let less = Op::Observe(Observation::Compare(
            syn::BinOp::Lt(Default::default()),
            Default::default(),
        ));
        let any = self.push(&mut after, less, vec![start, end], Ty::Inactive);
        let mut then = Region::default();
        for (register, offset) in registers.iter().zip(&offsets[1..]) {
            // The last index is end − 1 going up and start going down.
            let (base, offset) = match ascending {
                true => (end, offset - 1),
                false => (start, *offset),
            };
            let place = self.shifted(&mut then.stmts, base, offset);
            then.stmts.push(Stmt::new(
                Vec::new(),
                Op::Accumulate(vec![Step::Index]),
                vec![buffer, *register, place],
                self.span,
            ));
        }
        let id = crate::ir::ControlId(u32::MAX - any.0);
        let regions = vec![then, Region::default()];
        after.push(Stmt::control(
            Vec::new(),
            Op::If(id),
            vec![any],
            regions,
            self.span,
        ));
        after
    }

    /// `base + offset`.
    fn shifted(&mut self, stmts: &mut Vec<Stmt>, base: ValueId, offset: i64) -> ValueId {
        if offset == 0 {
            return base;
        }
        let text = offset.unsigned_abs().to_string();
        let lit = syn::Lit::Int(syn::LitInt::new(&text, self.span));
        let op = Op::Literal {
            lit,
            negative: false,
        };
        let number = self.push(stmts, op, Vec::new(), Ty::Inactive);
        let primitive = if offset > 0 {
            Primitive::Add
        } else {
            Primitive::Sub
        };
        self.push(
            stmts,
            Op::Apply(primitive),
            vec![base, number],
            Ty::Inactive,
        )
    }
}
