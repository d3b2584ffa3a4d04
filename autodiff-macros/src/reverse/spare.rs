//! Further buffers of one value: no two parameters of a call can share a buffer, so that `f(x, x)`
//! takes two. Large ones are made once, at the start of the reverse pass, and added to the first one
//! when no call will add to them any more.

use super::control::Homes;
use super::{Place, Reverser};
use crate::ids::IdMap;
use crate::ignored::{is_large, origin};
use crate::ir::{Op, Step, Stmt, ValueId};
use crate::ty::Ty;

#[derive(Default)]
pub struct Spares {
    /// What makes them.
    stmts: Vec<Stmt>,
    further: IdMap<Vec<ValueId>>,
}

impl Spares {
    pub fn take_stmts(&mut self) -> Vec<Stmt> {
        std::mem::take(&mut self.stmts)
    }
}

impl Reverser<'_> {
    /// A place for an adjoint that nobody wants, if one for all calls will do: in none of the buffers
    /// that the call takes already.
    pub(super) fn ignored(&mut self, arg: ValueId, taken: &[ValueId]) -> Option<Place> {
        let Reverser {
            ignored,
            primal,
            definitions,
            build,
            homes,
            ..
        } = self;
        let is_there = |id| homes.of_value(id) == Homes::BODY;
        let part = ignored.get(arg, taken, primal, definitions, build, &is_there)?;
        Some(Place {
            buffer: part.whole,
            path: part.path,
            indices: part.indices,
        })
    }

    /// The `number`-th further buffer of a value of which `arg`, whose adjoint is at `place`, is the
    /// whole, or an element that is large itself. A sub-slice may be short: its adjoint gets a buffer of
    /// its own at every call.
    pub(super) fn spare(&mut self, arg: ValueId, place: &Place, number: usize) -> Option<ValueId> {
        let (root, path, _) = origin(arg, &self.definitions);
        let is_element = || {
            let elements = path.iter().all(|step| matches!(step, Step::Index));
            elements
                && matches!(self.primal.ty(arg), Ty::Sequence(..))
                && self.current != Homes::BODY
        };
        let fits = is_large(self.primal, arg)
            && (path.is_empty() || is_element())
            && self.homes.of_value(root) == Homes::BODY
            && self.buffers.get(&root) == Some(&place.buffer)
            && !(self.primal.is_memory(root) && self.changes_from_here(root));
        if !fits {
            return None;
        }
        let arg = root;
        let further = self.spares.further.or_default(arg);
        if further.len() < number {
            let ty = self.primal.ty(arg).clone();
            let span = self.primal.value(arg).span;
            let name = self.primal.value(arg).name.as_ref();
            let name = name.map(|name| quote::format_ident!("{name}_again_bar"));
            let buffer = self.build.new_value(ty, name, span);
            let stmt = Stmt::new(vec![buffer], Op::Zero, vec![arg], span);
            self.spares.stmts.push(stmt);
            further.push(buffer);
        }
        further.get(number - 1).copied()
    }

    /// Whether the memory changes in the statement of the function's body that is being reversed, or
    /// after it.
    fn changes_from_here(&self, memory: ValueId) -> bool {
        fn changes(stmt: &Stmt, memory: ValueId) -> bool {
            let mut inner = stmt.regions.iter().flat_map(|region| &region.stmts);
            stmt.op.changes(&stmt.args).contains(&memory) || inner.any(|stmt| changes(stmt, memory))
        }
        let rest = &self.primal.body.stmts[self.position..];
        rest.iter().any(|stmt| changes(stmt, memory))
    }

    /// Adds the further buffers to the first ones: of memories, whose adjoints later statements of
    /// the reverse pass may take, and of values that are defined here.
    pub(super) fn add_spares(&mut self, defined: &[ValueId]) {
        let entries = self.spares.further.entries();
        let due: Vec<ValueId> = entries
            .map(|(id, _)| id)
            .filter(|id| self.primal.is_memory(*id) || defined.contains(id))
            .collect();
        for id in due {
            let span = self.primal.value(id).span;
            for spare in self.spares.further.remove(&id).unwrap_or_default() {
                self.accumulate(Place::whole(self.buffers[&id]), spare, span);
            }
        }
    }
}
