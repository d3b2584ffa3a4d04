//! Common subexpressions: the same pure operation on the same values is computed once.

use std::collections::BTreeMap;

use quote::ToTokens;

use crate::codegen::member_text;
use crate::ids::IdMap;
use crate::ir::{Function, Op, Step, Stmt, ValueId};
use crate::rules::Primitive;

/// Merges within the body. Values the user named separately stay separate, for the reader's sake:
/// LLVM merges them anyway.
pub fn cse(function: &mut Function) {
    let mut seen: BTreeMap<Key, ValueId> = BTreeMap::new();
    let mut renamed: IdMap<ValueId> = IdMap::new();
    let mut stmts = std::mem::take(&mut function.body.stmts);
    stmts.retain_mut(|stmt| {
        replace(stmt, &renamed);
        let (Some(result), Some(key)) = (stmt.result(), Key::of(stmt, function)) else {
            return true;
        };
        match seen.get(&key) {
            Some(&first) if function.value(result).name.is_none() => {
                renamed.insert(result, first);
                false
            }
            Some(_) => true,
            // A number that has a name may have another type than one that has none.
            None if matches!(key, Key::Number(..)) && function.value(result).name.is_some() => true,
            None => {
                seen.insert(key, result);
                true
            }
        }
    });
    function.body.stmts = stmts;
    if let Some(&output) = renamed.get(&function.output) {
        function.output = output;
    }
}

/// Rewrites the arguments of a statement.
pub fn replace(stmt: &mut Stmt, renamed: &IdMap<ValueId>) {
    let via = stmt.via.iter_mut().flat_map(|via| &mut via.args);
    for arg in stmt.args.iter_mut().chain(via) {
        if let Some(&other) = renamed.get(arg) {
            *arg = other;
        }
    }
    for stmt in stmt.regions.iter_mut().flat_map(|region| &mut region.stmts) {
        replace(stmt, renamed);
    }
}

#[derive(PartialEq, Eq, PartialOrd, Ord)]
enum Key {
    Apply(Primitive, Vec<ValueId>),
    Number(String, String),
    Project(Vec<String>, Vec<ValueId>),
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
                });
                Some(Key::Project(steps.collect(), stmt.args.clone()))
            }
            _ => None,
        }
    }
}
