//! When memory holds what: whether a place that was read still has that content in the reverse
//! sweep, after all statements of the function have run.

use std::collections::BTreeMap;

use syn::Expr;

use crate::ids::IdMap;
use crate::ir::{ControlId, Function, Mode, Observation, Op, Region, Stmt, ValueId};
use crate::ty::{Sequence, Ty};

/// Where each value is defined, and each memory changed, in program order.
pub struct Stability {
    positions: IdMap<usize>,
    /// Where each branch and loop stands.
    controls: BTreeMap<ControlId, usize>,
    /// The loops around each definition, outermost first.
    around: IdMap<Vec<ControlId>>,
    changes: IdMap<Vec<Change>>,
    constants: IdMap<Expr>,
}

/// A statement that changes a memory.
struct Change {
    position: usize,
    around: Vec<ControlId>,
}

impl Stability {
    pub fn of(function: &Function) -> Stability {
        let mut stability = Stability {
            positions: IdMap::new(),
            controls: BTreeMap::new(),
            around: IdMap::new(),
            changes: IdMap::new(),
            constants: IdMap::new(),
        };
        for param in &function.params {
            stability.positions.insert(param.value, 0);
            stability.around.insert(param.value, Vec::new());
        }
        let mut position = 0;
        stability.region(function, &function.body, &mut position, &mut Vec::new());
        stability
    }

    fn region(
        &mut self,
        function: &Function,
        region: &Region,
        position: &mut usize,
        around: &mut Vec<ControlId>,
    ) {
        for &param in &region.params {
            self.positions.insert(param, *position);
            self.around.insert(param, around.clone());
        }
        for stmt in &region.stmts {
            *position += 1;
            for &result in &stmt.results {
                self.positions.insert(result, *position);
                self.around.insert(result, around.clone());
            }
            if let (&[result], Some(constant)) = (&stmt.results[..], constant(function, stmt)) {
                self.constants.insert(result, constant);
            }
            for memory in changed(stmt) {
                self.changes.or_default(memory).push(Change {
                    position: *position,
                    around: around.clone(),
                });
            }
            if let Some(id) = stmt.control_id() {
                self.controls.insert(id, *position);
            }
            if let Op::Loop(own) = &stmt.op {
                around.push(own.id);
            }
            for inner in &stmt.regions {
                self.region(function, inner, position, around);
            }
            if let Op::Loop(_) = &stmt.op {
                around.pop();
            }
        }
    }

    /// The constant that an integer value stands for, as code.
    pub fn constant(&self, id: ValueId) -> Option<Expr> {
        self.constants.get(&id).cloned()
    }

    /// Whether the value is computed before the branch or loop.
    pub fn is_before(&self, id: ValueId, control: ControlId) -> bool {
        match (self.positions.get(&id), self.controls.get(&control)) {
            (Some(own), Some(start)) => own < start,
            _ => false,
        }
    }

    /// Whether what the statement reads of memory is still there at the end.
    pub fn is_stable(&self, stmt: &Stmt) -> bool {
        let Some(&own) = stmt.result().and_then(|id| self.positions.get(&id)) else {
            return false;
        };
        let around = &self.around[&stmt.results[0]];
        stmt.args.iter().all(|&memory| {
            let Some(changes) = self.changes.get(&memory) else {
                return true;
            };
            let declared = self.around.get(&memory).map_or(0, Vec::len);
            // A change comes later if it is behind, or in the next iteration of a loop around both.
            changes.iter().all(|change| {
                let common = around
                    .iter()
                    .zip(&change.around)
                    .take_while(|(a, b)| a == b)
                    .count();
                change.position < own && common <= declared
            })
        })
    }
}

/// Copies memory that is lent to a call and changes before the call is reversed: its pullback is
/// handed the reference once more.
pub fn copy_lent(function: &mut Function) {
    let stability = Stability::of(function);
    let mut parts = IdMap::new();
    function.body.for_each(&mut |stmt| {
        if let (Op::Project(_), &[result]) = (&stmt.op, &stmt.results[..])
            && function.is_memory(stmt.args[0])
        {
            parts.insert(result, !stability.is_stable(stmt));
        }
    });
    let mut body = std::mem::take(&mut function.body);
    copy_in(&mut body, function, &stability, &parts);
    function.body = body;
}

fn copy_in(
    region: &mut Region,
    function: &mut Function,
    stability: &Stability,
    moving: &IdMap<bool>,
) {
    let mut done = Vec::with_capacity(region.stmts.len());
    for mut stmt in std::mem::take(&mut region.stmts) {
        for inner in &mut stmt.regions {
            copy_in(inner, function, stability, moving);
        }
        if let Op::Call(callee) = &stmt.op {
            let modes = callee.modes.clone();
            let changes = !stability.is_stable(&stmt);
            for (arg, mode) in stmt.args.iter_mut().zip(modes) {
                let moves = match moving.get(arg) {
                    Some(&moves) => moves,
                    None => changes && function.is_memory(*arg),
                };
                if mode == Mode::Reference && moves && !function.ty(*arg).is_scalar() {
                    let (op, ty) = match function.ty(*arg).clone() {
                        Ty::Sequence(element, Sequence::Slice) => {
                            let to_vec = proc_macro2::Ident::new("to_vec", stmt.span);
                            (
                                Op::Clone(Some(to_vec)),
                                Ty::Sequence(element, Sequence::Vec),
                            )
                        }
                        ty => (Op::Clone(None), ty),
                    };
                    let name = quote::format_ident!("lent", span = proc_macro2::Span::mixed_site());
                    let copy = function.new_value(ty, Some(name), stmt.span);
                    done.push(Stmt::new(vec![copy], op, vec![*arg], stmt.span));
                    *arg = copy;
                }
            }
        }
        done.push(stmt);
    }
    region.stmts = done;
}

/// The memories that a statement changes.
fn changed(stmt: &Stmt) -> Vec<ValueId> {
    match &stmt.op {
        Op::Store(_) | Op::Update(..) | Op::Append | Op::Shrink => vec![stmt.args[0]],
        Op::Verbatim(verbatim) => verbatim.changes.iter().map(|&k| stmt.args[k]).collect(),
        Op::Call(callee) => callee.changes.clone(),
        _ => Vec::new(),
    }
}

/// Literals, constants by path, and the lengths of arrays.
fn constant(function: &Function, stmt: &Stmt) -> Option<Expr> {
    match &stmt.op {
        Op::Literal {
            lit: lit @ syn::Lit::Int(_),
            negative: false,
        } => Some(syn::parse_quote!(#lit)),
        Op::Path(path) if function.ty(stmt.results[0]).is_inactive() => {
            let last = path.path.segments.last()?.ident.to_string();
            last.starts_with(char::is_uppercase)
                .then(|| syn::parse_quote!(#path))
        }
        Op::Observe(Observation::Method(method)) if method == "len" => {
            match function.ty(stmt.args[0]) {
                Ty::Array(_, length) => Some((**length).clone()),
                _ => None,
            }
        }
        _ => None,
    }
}
