//! Arrays whose last reader is gone give their memory back, and the next ones are made in it: at the end of
//! the joint program, where what it made is dropped anyway, and in the split one where the pullback is.

use std::collections::BTreeMap;

use crate::ids::IdSet;
use crate::ir::{Function, Mode, Op, Stmt, ValueId};
use crate::ty::Ty;

/// Ends a joint program with a statement that gives back the arrays that it has made and only lent.
pub fn give_back(function: &Function, stmts: &mut Vec<Stmt>) {
    let arrays = own_arrays(function, stmts.iter(), true);
    if let Some(&last) = arrays.last() {
        let span = function.value(last).span;
        stmts.push(Stmt::new(Vec::new(), Op::GiveBack, arrays, span));
    }
}

/// The arrays that a program makes outside of branches and loops, and that are its own to the end.
///
/// What is moved somewhere is somebody else's, and what only the returned value reads may be read
/// behind everything else. Pullbacks may borrow what they were called with.
pub fn own_arrays<'s>(
    function: &Function,
    stmts: impl DoubleEndedIterator<Item = &'s Stmt> + Clone,
    pullbacks_borrow: bool,
) -> Vec<ValueId> {
    let of_arrays = function
        .values
        .iter()
        .any(|own| matches!(own.ty, Ty::Tensor(_)));
    if !of_arrays {
        return Vec::new();
    }
    let made = stmts.clone().filter_map(|stmt| {
        let &first = stmt.results.first()?;
        let known = matches!(function.ty(first), Ty::Tensor(_));
        // Beside arrays, what is lent and of a type that only rustc knows is one, most likely.
        let likely = matches!(function.ty(first), Ty::Var(_));
        let owned = match stmt.op {
            Op::Call(_) => stmt.results.len() == 2 && (known || likely),
            // There are arrays of integers, too.
            Op::Memory => {
                matches!(function.ty(first), Ty::Tensor(own) if own.element.is_scalar())
            }
            Op::Zero => known,
            _ => false,
        };
        owned.then_some(first)
    });
    let mut made: Vec<ValueId> = made.collect();
    if !made.is_empty() {
        let kept = kept(function, stmts, pullbacks_borrow);
        made.retain(|id| !kept.contains(id));
    }
    made
}

/// The values that are not, or not certainly, there and free at the end.
fn kept<'s>(
    function: &Function,
    stmts: impl DoubleEndedIterator<Item = &'s Stmt> + Clone,
    pullbacks_borrow: bool,
) -> IdSet {
    let mut kept = IdSet::new();
    let mut borrowed: BTreeMap<ValueId, &[ValueId]> = BTreeMap::new();
    for stmt in stmts.clone() {
        moved(stmt, &mut kept);
        match (&stmt.op, &stmt.results[..]) {
            (Op::Call(callee), &[_, pullback]) if pullbacks_borrow && !callee.detached => {
                borrowed.insert(pullback, &stmt.args);
            }
            (Op::Pull(_), _) => {
                borrowed.remove(&stmt.args[0]);
            }
            _ => {}
        }
    }
    // A pullback that nobody runs borrows to the end.
    kept.extend(borrowed.into_values().flatten());
    // The result, and all that it is computed from without a call.
    let mut result = IdSet::new();
    result.insert(function.output);
    for stmt in stmts.rev() {
        if stmt.op.is_pure() && stmt.results.iter().any(|own| result.contains(own)) {
            result.extend(&stmt.args);
        }
    }
    kept.extend(result.iter());
    kept
}

/// What a statement and those in it may take away, or hand on.
fn moved(stmt: &Stmt, kept: &mut IdSet) {
    match &stmt.op {
        Op::Call(callee) => {
            let modes = callee.modes.iter().cycle();
            let moved = stmt
                .args
                .iter()
                .zip(modes)
                .filter(|(_, mode)| **mode != Mode::Reference);
            kept.extend(moved.map(|(id, _)| id));
        }
        Op::Pull(_) => {
            kept.insert(stmt.args[1]);
        }
        Op::Zero
        | Op::Template
        | Op::Scratch { .. }
        | Op::Observe(_)
        | Op::Effect(_)
        | Op::Clone(_)
        | Op::Accumulate(_)
        | Op::AccumulateField { .. } => {}
        Op::Verbatim(verbatim) if verbatim.pure => {}
        Op::Project(path) if !path.is_empty() => {}
        Op::Store(_) | Op::Update(..) => kept.extend(&stmt.args[1..]),
        _ => kept.extend(&stmt.args),
    }
    for region in &stmt.regions {
        region.stmts.iter().for_each(|stmt| moved(stmt, kept));
        kept.extend(&region.yields);
    }
}
