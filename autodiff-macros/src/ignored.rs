//! Adjoints and tangents that nobody wants: of an argument that the called function differentiates
//! and its caller does not. Large ones are made once, where the derived program begins, and not at
//! every call: a call in a loop costs what it reads, not what it is lent.

use crate::build::Builder;
use crate::codegen::types;
use crate::ids::IdMap;
use crate::ir::{Function, Mode, Op, Step, Stmt, ValueId};
use crate::ty::Ty;

#[derive(Default)]
pub struct Ignored {
    /// What makes them.
    stmts: Vec<Stmt>,
    /// Each with the value, or the fields of one, that it has the shape of.
    known: Vec<(ValueId, Vec<Step>, ValueId)>,
    /// Whether somebody reads them.
    read: bool,
}

impl Ignored {
    /// Tangents: they are read, as zeros.
    pub fn read() -> Ignored {
        Ignored {
            read: true,
            ..Ignored::default()
        }
    }

    /// The parameters that are slices by reference, by position, and their buffers. A caller that runs
    /// the function often lends the same ones again.
    pub fn slices(&self, primal: &Function) -> Vec<(usize, ValueId)> {
        let params = primal.params.iter().enumerate();
        let known = params.filter_map(|(k, param)| {
            let mut known = self.known.iter();
            let (.., own) =
                known.find(|(root, path, _)| *root == param.value && path.is_empty())?;
            let is_slice = matches!(primal.ty(param.value), Ty::Sequence(..));
            (is_slice && param.mode == Mode::Reference).then_some((k, *own))
        });
        known.collect()
    }

    /// The statements that go to the start.
    pub fn take_stmts(&mut self) -> Vec<Stmt> {
        std::mem::take(&mut self.stmts)
    }

    /// One of the shape of `arg`, if it is large and is, or is a field of, a value that is there at
    /// the start and does not change.
    pub fn get(
        &mut self,
        arg: ValueId,
        primal: &Function,
        definitions: &IdMap<&Stmt>,
        build: &Builder,
        is_there: &dyn Fn(ValueId) -> bool,
    ) -> Option<ValueId> {
        let (root, path) = match definitions.get(&arg).map(|stmt| (&stmt.op, &stmt.args)) {
            Some((Op::Project(path), args))
                if path.iter().all(|step| matches!(step, Step::Field(_))) =>
            {
                (args[0], path.clone())
            }
            _ => (arg, Vec::new()),
        };
        if !is_large(primal, arg) || primal.is_memory(root) || !is_there(root) {
            return None;
        }
        let mut known = self.known.iter();
        if let Some((.., own)) = known.find(|(own, steps, _)| *own == root && *steps == path) {
            return Some(*own);
        }
        let span = primal.value(arg).span;
        let ty = primal.ty(arg).clone();
        let mut shape = root;
        if !path.is_empty() {
            shape = build.new_value(ty.clone(), None, span);
            let op = Op::Project(path.clone());
            self.stmts
                .push(Stmt::new(vec![shape], op, vec![root], span));
        }
        let own = build.new_value(ty, None, span);
        let op = Op::Scratch { read: self.read };
        self.stmts.push(Stmt::new(vec![own], op, vec![shape], span));
        self.known.push((root, path, own));
        Some(own)
    }
}

/// Whether a zero of the value's shape may take an allocation.
pub fn is_large(primal: &Function, id: ValueId) -> bool {
    types::zero(primal.ty(id)).is_none()
}
