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
    known: Vec<Known>,
    /// Whether somebody reads them.
    read: bool,
}

/// One of them.
struct Known {
    /// The value, and the fields of it, that it has the shape of.
    root: ValueId,
    fields: Vec<Step>,
    /// How many others of this shape there are before it: a call that takes two parts of one value
    /// wants two of them, as no two `&mut` can be the same.
    number: usize,
    own: ValueId,
}

/// A part of one of them.
pub struct Part {
    pub whole: ValueId,
    pub path: Vec<Step>,
    pub indices: Vec<ValueId>,
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
            let is_own = |known: &&Known| {
                known.root == param.value && known.fields.is_empty() && known.number == 0
            };
            let known = self.known.iter().find(is_own)?;
            let is_slice = matches!(primal.ty(param.value), Ty::Sequence(..));
            (is_slice && param.mode == Mode::Reference).then_some((k, known.own))
        });
        known.collect()
    }

    /// The statements that go to the start.
    pub fn take_stmts(&mut self) -> Vec<Stmt> {
        std::mem::take(&mut self.stmts)
    }

    /// What has the shape of `arg`, if that is large and is, or is a part of, a value that is there at
    /// the start and keeps its shape. None of `taken` is used again.
    pub fn get(
        &mut self,
        arg: ValueId,
        taken: &[ValueId],
        primal: &Function,
        definitions: &IdMap<&Stmt>,
        build: &Builder,
        is_there: &dyn Fn(ValueId) -> bool,
    ) -> Option<Part> {
        if !is_large(primal, arg) {
            return None;
        }
        let (root, path, indices) = origin(arg, definitions);
        if !is_there(root) || !keeps_shape(primal, root) {
            return None;
        }
        // The fields of a struct need not all have adjoints, and only this one is wanted.
        let is_field = |step: &Step| matches!(step, Step::Field(_));
        let fields = path.iter().take_while(|step| is_field(step)).count();
        let (fields, rest) = path.split_at(fields);
        let ty = match (fields, rest) {
            (_, []) => primal.ty(arg).clone(),
            ([], _) if has_seen_parts(primal.ty(root), rest) => primal.ty(root).clone(),
            // What has such a part is a run of the same; if the macro does not see of what, the runtime's
            // `part_of_unread` knows whether its adjoint has parts.
            (_, [Step::Slice { .. }]) if !self.read || has_seen_parts(primal.ty(arg), rest) => {
                primal.ty(arg).clone()
            }
            _ => return None,
        };
        let same = |known: &&Known| known.root == root && known.fields == fields;
        let known: Vec<ValueId> = self
            .known
            .iter()
            .filter(same)
            .map(|known| known.own)
            .collect();
        let free = known.iter().find(|own| !taken.contains(own));
        let whole = match free {
            Some(own) => *own,
            None => {
                let own = self.make(root, fields, ty, primal, build);
                self.known.push(Known {
                    root,
                    fields: fields.to_vec(),
                    number: known.len(),
                    own,
                });
                own
            }
        };
        Some(Part {
            whole,
            path: rest.to_vec(),
            indices,
        })
    }

    /// The statements that make one.
    fn make(
        &mut self,
        root: ValueId,
        fields: &[Step],
        ty: Ty,
        primal: &Function,
        build: &Builder,
    ) -> ValueId {
        let span = primal.value(root).span;
        let mut shape = root;
        if !fields.is_empty() {
            shape = build.new_value(ty.clone(), None, span);
            let op = Op::Project(fields.to_vec());
            self.stmts
                .push(Stmt::new(vec![shape], op, vec![root], span));
        }
        let name = primal
            .value(root)
            .name
            .as_ref()
            .filter(|_| fields.is_empty());
        let name = name.map(|name| quote::format_ident!("{name}_ignored"));
        let own = build.new_value(ty, name, span);
        let op = Op::Scratch { read: self.read };
        self.stmts.push(Stmt::new(vec![own], op, vec![shape], span));
        own
    }
}

/// The value that `id` is a part of, and where in it.
pub fn origin(id: ValueId, definitions: &IdMap<&Stmt>) -> (ValueId, Vec<Step>, Vec<ValueId>) {
    match definitions.get(&id) {
        Some(Stmt {
            op: Op::Project(path),
            args,
            ..
        }) => {
            let (root, mut steps, mut indices) = origin(args[0], definitions);
            steps.extend(path.iter().cloned());
            indices.extend(&args[1..]);
            (root, steps, indices)
        }
        _ => (id, Vec::new(), Vec::new()),
    }
}

/// Whether the macro sees that the value is made of numbers and has such a part: of what it does not
/// see the adjoint may be nothing.
fn has_seen_parts(ty: &Ty, path: &[Step]) -> bool {
    let is_element = |step: &Step| matches!(step, Step::At(_) | Step::Index | Step::Slice { .. });
    matches!(ty, Ty::Array(..) | Ty::Sequence(..))
        && ty.leaf().is_some()
        && path.iter().all(is_element)
}

/// Whether the value does not change, or only in its numbers.
fn keeps_shape(primal: &Function, root: ValueId) -> bool {
    fn keeps(primal: &Function, stmt: &Stmt, root: ValueId) -> bool {
        let own = match &stmt.op {
            Op::Store(path) | Op::Update(path, _) if !path.is_empty() => {
                let stored = primal.ty(stmt.args[1]);
                stored.is_scalar() || matches!(stored, Ty::Inactive)
            }
            op => !op.changes(&stmt.args).contains(&root),
        };
        let mut inner = stmt.regions.iter().flat_map(|region| &region.stmts);
        own && inner.all(|stmt| keeps(primal, stmt, root))
    }
    !primal.is_memory(root)
        || primal
            .body
            .stmts
            .iter()
            .all(|stmt| keeps(primal, stmt, root))
}

/// Whether a zero of the value's shape may take an allocation.
pub fn is_large(primal: &Function, id: ValueId) -> bool {
    types::zero(primal.ty(id)).is_none()
}
