//! Where the cotangent of a call is known when it is called, its pullback is brought to it: the two
//! are printed as one call of the callee's joint program. In a sum over examples that is so, once the
//! loop is fused: each example's gradient is computed with its value, and nothing is kept between.

use crate::ids::IdSet;
use crate::ir::{Op, Stmt};

/// Brings them together in a joint program, whose reverse pass begins at `mark`.
pub fn meet(stmts: &mut Vec<Stmt>, mark: usize) {
    // Before the mark, a pullback would be brought out of the reverse pass.
    let mut reverse = stmts.split_off(mark);
    meet_inside(stmts);
    meet_in(&mut reverse);
    stmts.append(&mut reverse);
}

fn meet_inside(stmts: &mut [Stmt]) {
    for region in stmts.iter_mut().flat_map(|stmt| &mut stmt.regions) {
        meet_in(&mut region.stmts);
    }
}

fn meet_in(stmts: &mut Vec<Stmt>) {
    meet_inside(stmts);
    let mut at = 0;
    while at < stmts.len() {
        if let Some(moves) = moves(stmts, at) {
            bring(stmts, at, &moves);
        }
        at += 1;
    }
}

/// If the statement at `call` is a call whose pullback can run at once: the positions of the pullback
/// and of what it needs, in order.
fn moves(stmts: &[Stmt], call: usize) -> Option<Vec<usize>> {
    let (Op::Call(callee), &[result, pullback]) = (&stmts[call].op, &stmts[call].results[..])
    else {
        return None;
    };
    if !callee.has_joint() {
        return None;
    }
    let behind = &stmts[call + 1..];
    let pull = behind
        .iter()
        .position(|stmt| matches!(stmt.op, Op::Pull(_)) && stmt.args[0] == pullback)?;
    let mut touched = Touched::default();
    let mut needed: IdSet = stmts[call + 1 + pull].args[1..].iter().copied().collect();
    let lent: IdSet = stmts[call + 1 + pull]
        .op
        .changes(&stmts[call + 1 + pull].args)
        .into_iter()
        .collect();
    let mut moved = vec![call + 1 + pull];
    for k in (0..pull).rev() {
        let stmt = &behind[k];
        match stmt.results.iter().any(|id| needed.contains(id)) {
            true => {
                if !is_movable(&stmt.op) {
                    return None;
                }
                needed.extend(stmt.args.iter().copied());
                moved.push(call + 1 + k);
            }
            false => touched.add(stmt),
        }
    }
    moved.reverse();
    // What stays behind must find the places as before, and what moves, too.
    let is_free = !needed.contains(&result)
        && !needed.contains(&pullback)
        && !touched.used.contains(&pullback)
        && !lent.iter().any(|id| touched.used.contains(&id))
        && !needed.iter().any(|id| touched.changed.contains(&id))
        && !stmts[call]
            .args
            .iter()
            .any(|arg| touched.changed.contains(arg));
    is_free.then_some(moved)
}

/// Whether the statement may as well stand elsewhere, if its arguments are the same there.
fn is_movable(op: &Op) -> bool {
    matches!(
        op,
        Op::Apply(_)
            | Op::Constant(_)
            | Op::Literal { .. }
            | Op::Cast
            | Op::Zero
            | Op::Scratch { .. }
            | Op::Buffer
    )
}

/// What statements read and change, in nested regions, too.
#[derive(Default)]
struct Touched {
    used: IdSet,
    changed: IdSet,
}

impl Touched {
    fn add(&mut self, stmt: &Stmt) {
        self.used.extend(stmt.args.iter().copied());
        self.changed.extend(stmt.op.changes(&stmt.args));
        for region in &stmt.regions {
            self.used.extend(region.yields.iter().copied());
            region.stmts.iter().for_each(|stmt| self.add(stmt));
        }
    }
}

/// Moves what is needed before the call, and the pullback, which is the last of them, behind it.
fn bring(stmts: &mut Vec<Stmt>, call: usize, moves: &[usize]) {
    let mut taken: Vec<Stmt> = Vec::new();
    for &from in moves.iter().rev() {
        taken.push(stmts.remove(from));
    }
    let pull = taken.remove(0);
    stmts.insert(call + 1, pull);
    for stmt in taken {
        stmts.insert(call, stmt);
    }
}
