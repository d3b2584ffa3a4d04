//! Common subexpressions: the same pure operation on the same values is computed once.

use std::collections::BTreeMap;

use quote::ToTokens;

use crate::codegen::member_text;
use crate::ids::{IdMap, IdSet};
use crate::ir::{Function, Mode, Op, Step, Stmt, ValueId};
use crate::rules::Primitive;
use crate::ty::Ty;

/// Merges within the body. Values the user named separately stay separate, for the reader's sake:
/// LLVM merges them anyway.
pub fn cse(function: &mut Function) {
    let mut merger = Merger::default();
    function.body.for_each(&mut |stmt| merger.note_lent(stmt));
    let mut stmts = std::mem::take(&mut function.body.stmts);
    merger.region(&mut stmts, function);
    function.body.stmts = stmts;
    if let Some(&output) = merger.renamed.get(&function.output) {
        function.output = output;
    }
}

#[derive(Default)]
struct Merger {
    seen: BTreeMap<Key, ValueId>,
    renamed: IdMap<ValueId>,
    /// How often each memory may have changed so far.
    changes: IdMap<usize>,
    /// What calls are lent to change. That is a place: what was read there before is another value.
    lent: IdSet,
}

impl Merger {
    fn region(&mut self, stmts: &mut Vec<Stmt>, function: &mut Function) {
        stmts.retain_mut(|stmt| {
            replace(stmt, &self.renamed);
            self.note_changes(stmt);
            for region in &mut stmt.regions {
                // What a region computes is not there behind it.
                let outside = self.seen.clone();
                self.region(&mut region.stmts, function);
                self.seen = outside;
                rename(&mut region.yields, &self.renamed);
            }
            if !stmt.regions.is_empty() {
                self.note_changes(stmt);
            }
            let (Some(result), Some(key)) = (stmt.result(), self.key(stmt, function)) else {
                return true;
            };
            match self.seen.get(&key) {
                Some(&first) if function.value(result).name.is_none() => {
                    self.renamed.insert(result, first);
                    // What is known of the type at either place.
                    if let Ty::Var(_) = function.ty(first) {
                        function.value_mut(first).ty = function.ty(result).clone();
                    }
                    false
                }
                Some(_) => true,
                // A number that has a name may have another type than one that has none.
                None if matches!(key, Key::Number(..)) && function.value(result).name.is_some() => {
                    true
                }
                None => {
                    self.seen.insert(key, result);
                    true
                }
            }
        });
    }
}

impl Merger {
    fn note_lent(&mut self, stmt: &Stmt) {
        if let Op::Call(callee) = &stmt.op {
            let modes = callee.modes.iter().zip(&stmt.args);
            let lent = modes.filter(|(mode, _)| **mode == Mode::Mutable);
            self.lent.extend(lent.map(|(_, arg)| arg));
        }
    }

    /// What is read of a memory before a statement that changes it is not what is read behind.
    fn note_changes(&mut self, stmt: &Stmt) {
        for memory in stmt.op.changes(&stmt.args) {
            *self.changes.or_default(memory) += 1;
        }
        for inner in stmt.regions.iter().flat_map(|region| &region.stmts) {
            self.note_changes(inner);
        }
    }

    fn key(&self, stmt: &Stmt, function: &Function) -> Option<Key> {
        if stmt.results.iter().any(|id| self.lent.contains(id)) {
            return None;
        }
        let memory = stmt.args.iter().find(|&&arg| function.is_memory(arg));
        let version = memory.map(|id| self.changes.get(id).copied().unwrap_or(0));
        match (Key::of(stmt, function)?, version) {
            (key, None) => Some(key),
            // A copy under a name has an adjoint of its own.
            (Key::Project(path, args, _), Some(version))
                if function.ty(stmt.results[0]).is_scalar() =>
            {
                Some(Key::Project(path, args, version))
            }
            _ => None,
        }
    }
}

fn rename(ids: &mut [ValueId], renamed: &IdMap<ValueId>) {
    for id in ids {
        while let Some(&other) = renamed.get(id) {
            *id = other;
        }
    }
}

/// Rewrites the arguments of a statement.
pub fn replace(stmt: &mut Stmt, renamed: &IdMap<ValueId>) {
    rename(&mut stmt.args, renamed);
    if let Some(via) = &mut stmt.via {
        rename(&mut via.args, renamed);
    }
    for region in &mut stmt.regions {
        rename(&mut region.yields, renamed);
        for stmt in &mut region.stmts {
            replace(stmt, renamed);
        }
    }
}

#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Key {
    Apply(Primitive, Vec<ValueId>),
    Number(String, String),
    /// Of a memory, after so many changes.
    Project(Vec<String>, Vec<ValueId>, usize),
}

impl Key {
    fn of(stmt: &Stmt, function: &Function) -> Option<Key> {
        // As text: tokens carry spans, which differ at every mention.
        let ty = || {
            let leaf = function.ty(stmt.results[0]).leaf();
            leaf.map(|scalar| scalar.to_type().to_token_stream().to_string())
                .unwrap_or_default()
        };
        match &stmt.op {
            Op::Apply(primitive) => Some(Key::Apply(*primitive, stmt.args.clone())),
            // Integers have many types, and the macro does not see which.
            Op::Literal { .. } if function.ty(stmt.results[0]).is_inactive() => None,
            Op::Literal { lit, negative } => Some(Key::Number(
                format!(
                    "{}{}",
                    if *negative { "-" } else { "" },
                    lit.to_token_stream()
                ),
                ty(),
            )),
            Op::Constant(number) => Some(Key::Number(format!("{number:?}"), ty())),
            Op::Project(path) => {
                let steps = path.iter().map(|step| match step {
                    Step::Field(member) => member_text(member),
                    Step::At(index) => format!("[{index}]"),
                    Step::Index => "[]".to_owned(),
                    Step::Slice {
                        from,
                        to,
                        inclusive,
                    } => format!("[{from}..{to}{inclusive}]"),
                    Step::Element(count) => format!("[[{count}]]"),
                    Step::View(view) => format!(".{}", view.method),
                });
                Some(Key::Project(steps.collect(), stmt.args.clone(), 0))
            }
            _ => None,
        }
    }
}
