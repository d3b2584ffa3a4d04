//! The split program with several adjoints side by side.

use super::{has_lanes_at, has_zero, is_known};
use crate::ids::IdSet;
use crate::ir::{Called, Function, Observation, Op, Shape, Step, Stmt, ValueId};
use crate::reverse::Reverse;
use crate::signature::Signature;
use crate::ty::Ty;

/// Every value of the split program that depends linearly on the cotangent; or nothing, if the
/// program cannot carry several at once.
pub fn adjoints_side_by_side(
    pulled: &Reverse,
    primal: &Function,
    signature: &Signature,
) -> Option<IdSet> {
    // An array has no adjoints side by side, and the pullback of a function that calls itself is behind a box.
    let mut values = pulled.function.values.iter();
    if signature.recursive || values.any(|value| matches!(value.ty, Ty::Tensor(_))) {
        return None;
    }
    let mut adjoints = IdSet::new();
    adjoints.extend(&pulled.bars);
    adjoints.insert(pulled.out_bar);
    adjoints.extend(pulled.ignored.iter().map(|(_, buffer)| *buffer));
    let stmts = || pulled.forward.iter().chain(&pulled.backward);
    // What a loop carries depends on what comes later in its body.
    let mut more = true;
    while more {
        more = false;
        for stmt in stmts() {
            more |= spread(stmt, &mut adjoints);
        }
    }
    let program = Program {
        function: &pulled.function,
        adjoints,
        generic: !signature.reals.is_empty(),
    };
    let is_derived = |id: ValueId| id.0 as usize >= primal.values.len();
    let possible =
        program.adjoints.iter().all(is_derived) && stmts().all(|stmt| program.has_form(stmt));
    possible.then_some(program.adjoints)
}

/// Adds what a statement makes of adjoints, and what it makes one thing with them. Says whether that is
/// more than was known.
fn spread(stmt: &Stmt, adjoints: &mut IdSet) -> bool {
    let mut more = false;
    let mut add = |ids: &[ValueId], adjoints: &mut IdSet| {
        for &id in ids {
            more |= adjoints.insert(id);
        }
    };
    let args = &stmt.args;
    match &stmt.op {
        Op::Zero | Op::Template | Op::Scratch { .. } | Op::Buffer => add(&stmt.results, adjoints),
        Op::Aggregate(_) if args.iter().any(|arg| adjoints.contains(arg)) => {
            add(&stmt.results, adjoints);
            add(args, adjoints);
        }
        Op::Apply(_) | Op::Dot if args.iter().any(|arg| adjoints.contains(arg)) => {
            add(&stmt.results, adjoints);
        }
        Op::Cast
        | Op::Clone(_)
        | Op::Project(_)
        | Op::ProjectField { .. }
        | Op::Take(_)
        | Op::PopAdjoint
        | Op::Total
        | Op::Optional
        | Op::Unwrap
            if args.first().is_some_and(|arg| adjoints.contains(arg)) =>
        {
            add(&stmt.results, adjoints);
        }
        Op::Pull(_) => add(&args[1..2], adjoints),
        Op::Assign => {
            let (places, values) = args.split_at(args.len() / 2);
            for (&place, &value) in places.iter().zip(values) {
                if adjoints.contains(&place) || adjoints.contains(&value) {
                    add(&[place, value], adjoints);
                }
            }
        }
        Op::If(_) | Op::Switch(_) => {
            for (k, &result) in stmt.results.iter().enumerate() {
                let yields = stmt.regions.iter().map(|region| region.yields[k]);
                let same: Vec<ValueId> = yields.chain([result]).collect();
                if same.iter().any(|id| adjoints.contains(id)) {
                    add(&same, adjoints);
                }
            }
        }
        Op::Loop(own) => {
            let body = own.body(&stmt.regions);
            for (k, &param) in own.carried_params(body).iter().enumerate() {
                let init = args[own.kind.arity() + k];
                let same = [init, param, body.yields[k], stmt.results[k]];
                if same.iter().any(|id| adjoints.contains(id)) {
                    add(&same, adjoints);
                }
            }
        }
        _ => {}
    }
    for inner in stmt.regions.iter().flat_map(|region| &region.stmts) {
        more |= spread(inner, adjoints);
    }
    more
}

struct Program<'a> {
    function: &'a Function,
    adjoints: IdSet,
    generic: bool,
}

impl Program<'_> {
    fn has_form(&self, stmt: &Stmt) -> bool {
        let args = &stmt.args;
        let own = match &stmt.op {
            // Of a struct's adjoint nothing is known but that it is there.
            Op::ProjectField { .. } | Op::AccumulateField { .. } => false,
            Op::Aggregate(Shape::Struct { .. }) => self.none_is_wide(args),
            Op::CastLike | Op::CastTangent => false,
            // The shape is that of one gradient.
            Op::Observe(Observation::Shape) => false,
            Op::Observe(_) => args
                .iter()
                .all(|&arg| !(self.is_wide(arg) && self.function.ty(arg).is_scalar())),
            // Checkpoints take adjoints from state to state.
            Op::States(_) | Op::Visit | Op::Rewind(_) => false,
            Op::Zero | Op::Template | Op::Scratch { .. } => {
                self.none_is_wide(args) && (!self.generic || has_zero(self.function.ty(args[0])))
            }
            Op::Dummy => {
                let result = stmt.results[0];
                !self.is_wide(result) || is_known(self.function.ty(result))
            }
            Op::Call(callee) if stmt.results.len() == 2 => {
                callee.called != Called::Method
                    && self.none_is_wide(args)
                    && (!self.generic || is_known(self.function.ty(stmt.results[0])))
            }
            Op::Pull(paths) => self.lends_lanes(paths, &args[2..]),
            Op::Take(path) => self.reaches_lanes(path, args, 1) && self.has_zeros(stmt.results[0]),
            Op::PopAdjoint => self.has_zeros(stmt.results[0]),
            Op::Project(path) => self.reaches_lanes(path, args, 1),
            Op::Accumulate(path) => {
                self.reaches_lanes(path, args, 2)
                    && self.is_wide(args[0])
                    && self.has_zeros(args[1])
            }
            Op::AccumulateEach => self.has_zeros(args[0]),
            Op::Reshape { path, element } => {
                self.reaches_lanes(path, args, 1)
                    && element
                        .as_ref()
                        .is_some_and(|ty| has_zero(ty) && is_known(ty))
            }
            Op::Grow => match self.function.ty(args[0]) {
                Ty::Sequence(element, _) => has_zero(element) && is_known(element),
                _ => false,
            },
            Op::Dot => !args.iter().all(|&row| self.is_wide(row)),
            Op::Buffer
            | Op::Apply(_)
            | Op::Cast
            | Op::Clone(_)
            | Op::Aggregate(_)
            | Op::Total
            | Op::Optional
            | Op::Unwrap
            | Op::Assign => true,
            Op::Loop(own) => self.none_is_wide(&args[..own.kind.arity()]),
            _ => self.none_is_wide(args),
        };
        let mut inner = stmt.regions.iter().flat_map(|region| &region.stmts);
        own && inner.all(|stmt| self.has_form(stmt))
    }

    fn is_wide(&self, id: ValueId) -> bool {
        self.adjoints.contains(&id)
    }

    fn none_is_wide(&self, ids: &[ValueId]) -> bool {
        !ids.iter().any(|&id| self.is_wide(id))
    }

    /// Whether it is a path into an adjoint that has lanes at its end, or one that has nothing to do
    /// with adjoints. The path's indices follow `first` arguments.
    fn reaches_lanes(&self, path: &[Step], args: &[ValueId], first: usize) -> bool {
        let whole = args[0];
        let reaches = !self.is_wide(whole) || has_lanes_at(self.function.ty(whole), path);
        reaches && self.none_is_wide(&args[first..])
    }

    /// The buffers that a pullback is lent, each followed by its indices.
    fn lends_lanes(&self, paths: &[Vec<Step>], mut args: &[ValueId]) -> bool {
        paths.iter().all(|path| {
            let (own, rest) = args.split_at(1 + crate::ir::indices(path));
            args = rest;
            self.is_wide(own[0]) && self.reaches_lanes(path, own, 1)
        })
    }

    /// Whether what is said of gradients holds of adjoints side by side: they are arrays of numbers, and
    /// these are gradients.
    fn has_zeros(&self, id: ValueId) -> bool {
        is_known(self.function.ty(id))
    }
}
