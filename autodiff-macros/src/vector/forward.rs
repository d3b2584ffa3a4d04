//! The forward program with several tangents side by side.

use super::{has_lanes_at, has_zero, is_known};
use crate::ids::IdSet;
use crate::ir::{Called, Function, Op, Shape, Stmt, ValueId};
use crate::signature::Signature;
use crate::tangent::Tangent;
use crate::ty::Ty;

/// Every value of the forward program that depends linearly on the tangents of the parameters; or
/// nothing, if the program cannot carry several at once.
pub fn tangents_side_by_side(pushed: &Tangent, signature: &Signature) -> Option<IdSet> {
    // An array has no tangents side by side.
    let mut values = pushed.function.values.iter();
    if values.any(|value| matches!(value.ty, Ty::Tensor(_))) {
        return None;
    }
    let mut tangents = pushed.tangents.clone();
    for stmt in &pushed.stmts {
        spread(stmt, &mut tangents);
    }
    let program = Program {
        function: &pushed.function,
        tangents,
        // Of `T: Real` rustc does not know what several tangents of it are.
        generic: !signature.reals.is_empty(),
    };
    let possible = pushed.stmts.iter().all(|stmt| program.has_form(stmt));
    possible.then_some(program.tangents)
}

/// Adds what a statement computes of tangents, in program order.
fn spread(stmt: &Stmt, tangents: &mut IdSet) {
    match &stmt.op {
        Op::Call(callee) if stmt.results.len() == 2 => {
            tangents.insert(stmt.results[1]);
            tangents.extend(&stmt.args[callee.modes.len()..]);
        }
        Op::Apply(_) | Op::Cast | Op::Project(_) | Op::Clone(_)
            if stmt.args.iter().any(|arg| tangents.contains(arg)) =>
        {
            tangents.extend(&stmt.results);
        }
        _ => {}
    }
    for region in &stmt.regions {
        for stmt in &region.stmts {
            spread(stmt, tangents);
        }
    }
}

struct Program<'a> {
    function: &'a Function,
    tangents: IdSet,
    generic: bool,
}

impl Program<'_> {
    fn has_form(&self, stmt: &Stmt) -> bool {
        let own = match &stmt.op {
            // Of a struct's tangents nothing is known but that they are.
            Op::ProjectField { .. } | Op::Accumulate(_) | Op::AccumulateField { .. } => false,
            Op::CastTangent | Op::CastLike => false,
            Op::Project(path) | Op::Store(path) | Op::Update(path, _) => {
                !self.is_tangent(stmt.args[0]) || has_lanes_at(self.function.ty(stmt.args[0]), path)
            }
            Op::Aggregate(Shape::Struct { .. }) => !self.is_tangent(stmt.results[0]),
            Op::Dummy => !self.is_tangent(stmt.results[0]) || self.is_known(stmt.results[0]),
            Op::Zero | Op::Scratch { .. } => {
                !self.generic || has_zero(self.function.ty(stmt.args[0]))
            }
            Op::Call(callee) if stmt.results.len() == 2 => {
                callee.called != Called::Method && (!self.generic || self.is_known(stmt.results[0]))
            }
            _ => true,
        };
        let mut inner = stmt.regions.iter().flat_map(|region| &region.stmts);
        own && inner.all(|stmt| self.has_form(stmt))
    }

    fn is_tangent(&self, id: ValueId) -> bool {
        self.tangents.contains(&id)
    }

    fn is_known(&self, id: ValueId) -> bool {
        is_known(self.function.ty(id))
    }
}
