//! Makes a failing program small: statements go, expressions become their parts, while it fails in the same way.

use std::collections::{BTreeMap, BTreeSet};
use std::io;

use syn::visit_mut::{VisitMut, visit_block_mut, visit_expr_mut};
use syn::{Block, Expr, Stmt, parse_quote};

use crate::check::{Failure, Kind, check};
use crate::evaluate::Evaluator;
use crate::harness::Workshop;
use crate::types::Program;

/// Candidates that are compiled at once.
const AT_ONCE: usize = 60;

/// The smallest program that was found to fail as this one does, and how it fails.
pub fn shrink(
    workshop: &Workshop,
    program: &Program,
    failure: &Failure,
) -> io::Result<(Program, Failure)> {
    let mut best = (program.clone(), failure.clone());
    while let Some(better) = smaller(workshop, &best.0, failure)? {
        best = better;
    }
    Ok(best)
}

/// A smaller program with the same failure.
fn smaller(
    workshop: &Workshop,
    program: &Program,
    failure: &Failure,
) -> io::Result<Option<(Program, Failure)>> {
    let mut candidates: Vec<Program> = reductions(&program.text)
        .into_iter()
        .map(|text| Program {
            text,
            ..program.clone()
        })
        .filter(|candidate| failure.kind == Kind::Own || can_be_evaluated(candidate))
        .collect();
    candidates.sort_by_key(|candidate| candidate.text.len());
    for candidates in candidates.chunks(AT_ONCE) {
        // What the attribute takes, rustc takes without it, too.
        let wrong = match failure.kind {
            Kind::Refused => workshop.compile(candidates, false)?.errors,
            _ => BTreeMap::new(),
        };
        let valid: Vec<Program> = candidates
            .iter()
            .enumerate()
            .filter(|(index, _)| !wrong.contains_key(index))
            .map(|(_, candidate)| candidate.clone())
            .collect();
        let (_, failures) = check(workshop, &valid)?;
        // They are in the order of their length.
        if let Some(same) = failures.into_iter().find(|other| alike(other, failure)) {
            return Ok(Some((valid[same.program].clone(), same)));
        }
    }
    Ok(None)
}

fn alike(a: &Failure, b: &Failure) -> bool {
    // The number of an error, and what is before the first figure.
    let start = |failure: &Failure| failure.message.chars().take(7).collect::<String>();
    a.kind == b.kind && (a.kind != Kind::Refused || start(a) == start(b))
}

/// Rejects at once what rustc would, and what does not end.
fn can_be_evaluated(program: &Program) -> bool {
    let point = vec![0.3; program.inputs()];
    let integers = vec![0; program.bounds().len()];
    Evaluator::new(program)
        .and_then(|mut evaluator| evaluator.run(program, &integers, &point, &point))
        .is_ok()
}

/// All programs that are this one with one thing taken away.
fn reductions(text: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for target in 0.. {
        let mut file = syn::parse_file(text).expect("the text of a program");
        let mut reducer = Reducer {
            target,
            seen: 0,
            done: false,
        };
        reducer.visit_file_mut(&mut file);
        if !reducer.done {
            break;
        }
        let reduced = prettyplease::unparse(&file);
        if reduced.len() < text.len() {
            found.insert(reduced);
        }
    }
    found
}

/// Takes the one thing away that has this number.
struct Reducer {
    target: usize,
    seen: usize,
    done: bool,
}

impl Reducer {
    /// Whether it is the turn of this reduction.
    fn turn(&mut self) -> bool {
        let turn = self.seen == self.target && !self.done;
        self.seen += 1;
        self.done |= turn;
        turn
    }
}

impl VisitMut for Reducer {
    fn visit_block_mut(&mut self, block: &mut Block) {
        let n = block.stmts.len();
        let mut width = n / 2;
        while width > 1 {
            for start in (0..n).step_by(width) {
                if self.turn() {
                    block.stmts.drain(start..n.min(start + width));
                    return;
                }
            }
            width /= 2;
        }
        for k in 0..n {
            if self.turn() {
                block.stmts.remove(k);
                return;
            }
            for part in blocks_of(&block.stmts[k]) {
                if self.turn() {
                    block.stmts.splice(k..=k, part);
                    return;
                }
            }
        }
        visit_block_mut(self, block);
    }

    fn visit_expr_mut(&mut self, expr: &mut Expr) {
        for part in parts_of(expr) {
            if self.turn() {
                *expr = part;
                return;
            }
        }
        visit_expr_mut(self, expr);
    }
}

/// The statements in a statement that could stand in its place.
fn blocks_of(statement: &Stmt) -> Vec<Vec<Stmt>> {
    let Stmt::Expr(expr, _) = statement else {
        return Vec::new();
    };
    match expr {
        Expr::If(conditional) => {
            let mut found = vec![conditional.then_branch.stmts.clone()];
            if let Some((_, other)) = &conditional.else_branch {
                match &**other {
                    Expr::Block(block) => found.push(block.block.stmts.clone()),
                    other => found.push(vec![Stmt::Expr(other.clone(), None)]),
                }
            }
            found
        }
        Expr::Block(block) => vec![block.block.stmts.clone()],
        Expr::Loop(repeat) => vec![repeat.body.stmts.clone()],
        Expr::While(repeat) => vec![repeat.body.stmts.clone()],
        Expr::ForLoop(repeat) => vec![repeat.body.stmts.clone()],
        _ => Vec::new(),
    }
}

/// What could stand in place of an expression.
fn parts_of(expr: &Expr) -> Vec<Expr> {
    let mut parts: Vec<Expr> = match expr {
        Expr::Binary(binary) => vec![(*binary.left).clone(), (*binary.right).clone()],
        Expr::Unary(unary) => vec![(*unary.expr).clone()],
        Expr::Paren(inner) => vec![(*inner.expr).clone()],
        Expr::Cast(cast) => vec![(*cast.expr).clone()],
        Expr::MethodCall(call) => {
            let mut parts = vec![(*call.receiver).clone()];
            parts.extend(call.args.iter().cloned());
            parts
        }
        Expr::Call(call) => call.args.iter().cloned().collect(),
        Expr::If(conditional) => {
            let block = &conditional.then_branch;
            let mut parts = vec![parse_quote!(#block)];
            parts.extend(
                conditional
                    .else_branch
                    .iter()
                    .map(|(_, other)| (**other).clone()),
            );
            parts
        }
        Expr::Match(choice) => choice.arms.iter().map(|arm| (*arm.body).clone()).collect(),
        Expr::Block(block) => match &block.block.stmts[..] {
            [Stmt::Expr(inner, None)] => vec![inner.clone()],
            _ => Vec::new(),
        },
        Expr::Path(_) | Expr::Lit(_) | Expr::Assign(_) | Expr::Return(_) | Expr::Break(_) => {
            return Vec::new();
        }
        _ => Vec::new(),
    };
    if !matches!(expr, Expr::Closure(_) | Expr::Range(_)) {
        parts.extend([parse_quote!(x), parse_quote!(0.5_f64), parse_quote!(true)]);
    }
    parts
}
