//! Activity: which values depend on an active parameter *and* matter for the result. Only these
//! have adjoints and tangents.

use crate::ir::{Callee, Function, Op, ValueId};

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
        Op::Project(_) => Box::new(args.iter().take(1).copied()),
        Op::Cast | Op::Clone(_) | Op::Aggregate(_) | Op::Repeat(_) | Op::Call(_) => {
            Box::new(args.iter().copied())
        }
        _ => Box::new(std::iter::empty()),
    }
}

/// The active values of a function.
pub struct Activity {
    active: Vec<bool>,
}

impl Activity {
    /// The call with the activity of its arguments written down.
    pub fn annotate(&self, callee: &Callee, args: &[ValueId]) -> Op {
        let active = args.iter().map(|&arg| self.is_active(arg)).collect();
        Op::Call(Callee {
            active,
            ..callee.clone()
        })
    }

    pub fn is_active(&self, id: ValueId) -> bool {
        self.active.get(id.0 as usize).copied().unwrap_or(false)
    }

    pub fn of(function: &Function) -> Activity {
        let mut varied = vec![false; function.values.len()];
        for param in &function.params {
            varied[param.value.0 as usize] = param.active;
        }
        for stmt in &function.body.stmts {
            let depends = carried(&stmt.op, &stmt.args).any(|arg| varied[arg.0 as usize]);
            for &result in &stmt.results {
                varied[result.0 as usize] = depends && !function.ty(result).is_inactive();
            }
        }
        let mut useful = vec![false; function.values.len()];
        useful[function.output.0 as usize] = true;
        for stmt in function.body.stmts.iter().rev() {
            if !stmt.results.iter().any(|result| useful[result.0 as usize]) {
                continue;
            }
            let seen = match &stmt.via {
                Some(via) => carried(&Op::Apply(via.function), &via.args),
                None => carried(&stmt.op, &stmt.args),
            };
            for arg in seen {
                useful[arg.0 as usize] = true;
            }
        }
        Activity {
            active: varied
                .into_iter()
                .zip(useful)
                .map(|(varied, useful)| varied && useful)
                .collect(),
        }
    }
}
