//! Activity: which values depend on an active parameter *and* matter for the result. Only these
//! have adjoints and tangents.

use crate::ir::{Called, Callee, Function, Loop, Mode, Op, Region, Stmt, ValueId};

/// The arguments through which a derivative reaches the result.
pub fn carried<'a>(op: &Op, args: &'a [ValueId]) -> Box<dyn Iterator<Item = ValueId> + 'a> {
    match op {
        Op::Apply(primitive) => {
            let primitive = *primitive;
            let carries = move |k: usize| primitive.depends_on(k) && !primitive.takes_integer(k);
            Box::new(
                args.iter()
                    .enumerate()
                    .filter(move |(k, _)| carries(*k))
                    .map(|(_, &arg)| arg),
            )
        }
        Op::Project(_) | Op::Fill => Box::new(args.iter().take(1).copied()),
        Op::Cast | Op::Clone(_) | Op::Aggregate(_) | Op::Repeat(_) | Op::Call(_) | Op::Memory => {
            Box::new(args.iter().copied())
        }
        _ => Box::new(std::iter::empty()),
    }
}

/// The active values of a function.
pub struct Activity {
    active: Vec<bool>,
}

/// A set that grows until nothing changes.
struct Growing {
    marked: Vec<bool>,
    changed: bool,
}

impl Growing {
    fn new(function: &Function) -> Self {
        Growing {
            marked: vec![false; function.values.len()],
            changed: false,
        }
    }

    fn has(&self, id: ValueId) -> bool {
        self.marked[id.0 as usize]
    }

    fn mark(&mut self, id: ValueId, mark: bool) {
        let own = &mut self.marked[id.0 as usize];
        self.changed |= mark && !*own;
        *own |= mark;
    }
}

impl Activity {
    /// The call with the activity of its arguments written down.
    pub fn annotate(&self, callee: &Callee, args: &[ValueId]) -> Callee {
        let mut memories = callee.changes.iter();
        let active = args
            .iter()
            .zip(&callee.modes)
            .map(|(&arg, mode)| match mode {
                Mode::Mutable => {
                    let memory = memories.next().expect("one memory per mutable argument");
                    self.is_active(*memory)
                }
                _ => self.is_active(arg),
            })
            .collect();
        Callee {
            active,
            ..callee.clone()
        }
    }

    pub fn is_active(&self, id: ValueId) -> bool {
        self.active.get(id.0 as usize).copied().unwrap_or(false)
    }

    /// Whether anything in the statement is active.
    pub fn reaches(&self, stmt: &Stmt) -> bool {
        let changes = stmt.op.changes(&stmt.args);
        let touched = stmt.results.iter().chain(&changes);
        touched.copied().any(|id| self.is_active(id))
            || stmt.regions.iter().any(|region| {
                region.params.iter().any(|&id| self.is_active(id))
                    || region.stmts.iter().any(|stmt| self.reaches(stmt))
            })
    }

    pub fn of(function: &Function) -> Activity {
        let mut varied = Growing::new(function);
        for param in &function.params {
            varied.mark(param.value, param.active);
        }
        loop {
            varied.changed = false;
            vary(&function.body.stmts, function, &mut varied);
            if !varied.changed {
                break;
            }
        }
        let mut useful = Growing::new(function);
        useful.mark(function.output, true);
        for param in &function.params {
            useful.mark(param.value, function.is_memory(param.value));
        }
        loop {
            useful.changed = false;
            need(&function.body.stmts, &mut useful);
            if !useful.changed {
                break;
            }
        }
        Activity {
            active: varied
                .marked
                .into_iter()
                .zip(useful.marked)
                .map(|(varied, useful)| varied && useful)
                .collect(),
        }
    }
}

/// The values that depend on an active parameter.
fn vary(stmts: &[Stmt], function: &Function, varied: &mut Growing) {
    for stmt in stmts {
        if let Op::Loop(own) = &stmt.op {
            let body = own.body(&stmt.regions);
            for (k, &param) in own.carried_params(body).iter().enumerate() {
                let from = [stmt.args[own.kind.arity() + k], body.yields[k]];
                let depends = from.iter().any(|&id| varied.has(id));
                varied.mark(param, depends && !function.ty(param).is_inactive());
            }
        }
        for region in &stmt.regions {
            vary(&region.stmts, function, varied);
        }
        let merged = |k: usize, varied: &Growing| match &stmt.op {
            Op::Loop(own) => own
                .carried_params(own.body(&stmt.regions))
                .get(k)
                .is_some_and(|&param| varied.has(param)),
            _ => stmt
                .regions
                .iter()
                .any(|region| varied.has(region.yields[k])),
        };
        let depends = carried(&stmt.op, &stmt.args).any(|arg| varied.has(arg));
        for (k, &result) in stmt.results.iter().enumerate() {
            let depends = depends || !stmt.regions.is_empty() && merged(k, varied);
            varied.mark(result, depends && !function.ty(result).is_inactive());
        }
        match &stmt.op {
            Op::Store(_) | Op::Update(..) | Op::Append => {
                varied.mark(stmt.args[0], varied.has(stmt.args[1]));
            }
            Op::Call(callee) => {
                let depends = stmt.args.iter().any(|&arg| varied.has(arg));
                for &memory in &callee.changes {
                    varied.mark(memory, depends);
                }
            }
            _ => {}
        }
    }
}

/// The values that the result depends on.
fn need(stmts: &[Stmt], useful: &mut Growing) {
    for stmt in stmts.iter().rev() {
        match &stmt.op {
            Op::Loop(own) => need_loop(own, stmt, useful),
            Op::If(_) | Op::Switch(_) => {
                for region in &stmt.regions {
                    need_yields(region, &stmt.results, useful);
                    need(&region.stmts, useful);
                }
            }
            Op::Store(_) | Op::Update(..) | Op::Append => {
                useful.mark(stmt.args[1], useful.has(stmt.args[0]));
            }
            _ => {
                let changes = match &stmt.op {
                    // It may put the value where only rustc sees it, and must have a derivative
                    // even if its result is not used.
                    Op::Call(callee) if callee.called == Called::Method => {
                        for &result in &stmt.results {
                            useful.mark(result, true);
                        }
                        true
                    }
                    Op::Call(callee) => callee.changes.iter().any(|&id| useful.has(id)),
                    _ => false,
                };
                if !changes && !stmt.results.iter().any(|&result| useful.has(result)) {
                    continue;
                }
                let seen = match &stmt.via {
                    Some(via) => carried(&Op::Apply(via.function), &via.args),
                    None => carried(&stmt.op, &stmt.args),
                };
                for arg in seen {
                    useful.mark(arg, true);
                }
            }
        }
    }
}

fn need_yields(region: &Region, results: &[ValueId], useful: &mut Growing) {
    for (&value, &result) in region.yields.iter().zip(results) {
        useful.mark(value, useful.has(result));
    }
}

fn need_loop(own: &Loop, stmt: &Stmt, useful: &mut Growing) {
    let body = own.body(&stmt.regions);
    let params = own.carried_params(body);
    for (k, &param) in params.iter().enumerate() {
        let wanted = useful.has(stmt.results[k]) || useful.has(param);
        useful.mark(body.yields[k], wanted);
        useful.mark(param, useful.has(stmt.results[k]));
    }
    need(&body.stmts, useful);
    for (k, &param) in params.iter().enumerate() {
        useful.mark(stmt.args[own.kind.arity() + k], useful.has(param));
    }
}
