//! Loops.

use proc_macro2::Span;
use quote::quote;

use super::Emitter;
use crate::ir::{Adapter, Loop, LoopKind, Stmt, ValueId};

/// The integers that a `for` goes over: `start`, `start + step`, … before `end`.
struct Integers {
    start: usize,
    end: usize,
    step: usize,
    /// Whether they come in the opposite order.
    reversed: bool,
}

impl Emitter<'_> {
    pub(super) fn repeat(&mut self, stmt: &Stmt, own: &Loop) {
        let krate = self.krate.clone();
        let ties = self.ties(&stmt.regions);
        let body = own.body(&stmt.regions);
        let header = self.loop_header(stmt, &own.kind, body);
        if stmt.results.is_empty() && ties.changed.is_empty() {
            return;
        }
        let first = own.first_carried();
        let carried = &body.params[first..];
        let lent = |first: usize| -> Vec<ValueId> {
            let counters = &body.params[..first];
            let all = counters.iter().chain(carried);
            all.chain(&ties.changed)
                .chain(&ties.captured)
                .copied()
                .collect()
        };
        let (mut inputs, kind) = match &own.kind {
            LoopKind::Range {
                inclusive,
                adapters,
            } => match self.integers(stmt, *inclusive, adapters) {
                Some(Integers {
                    start,
                    end,
                    step,
                    reversed,
                }) => (
                    vec![start, end, step],
                    quote!(#krate::LoopKind::Range { reversed: #reversed }),
                ),
                None => {
                    let op = self.expression(&header);
                    let bounds = self.node(None, op, &[], stmt.span);
                    let kind = quote!(#krate::LoopKind::Range { reversed: false });
                    (vec![bounds; 3], kind)
                }
            },
            LoopKind::While | LoopKind::Times => {
                let condition = &stmt.regions[0];
                match self.flag(condition.yields[0]) {
                    Some(true) => (Vec::new(), quote!(#krate::LoopKind::Endless)),
                    _ => {
                        let condition = self.subgraph(&lent(0), |this| this.region(condition, &[]));
                        let kind = quote!(#krate::LoopKind::While { condition: #condition });
                        (Vec::new(), kind)
                    }
                }
            }
        };
        inputs.extend(
            stmt.args[own.kind.arity()..]
                .iter()
                .map(|&id| self.used(id)),
        );
        inputs.extend(
            ties.changed
                .iter()
                .chain(&ties.captured)
                .map(|&id| self.used(id)),
        );
        let subgraph = self.subgraph(&lent(first), |this| {
            this.stmts(&body.stmts);
            let (next, sign) = body.yields.split_at(carried.len());
            let outputs = next.iter().chain(&ties.changed).chain(sign);
            outputs.map(|&id| this.used(id)).collect()
        });
        let exits = own.exits;
        let op = quote! {
            #krate::Op::Loop { header: #header, kind: #kind, body: #subgraph, exits: #exits }
        };
        self.control(stmt, &ties.changed, op, &inputs);
    }

    /// A range with its adapters; `None` if it is none of the kind the interpreter knows.
    fn integers(&mut self, stmt: &Stmt, inclusive: bool, adapters: &[Adapter]) -> Option<Integers> {
        let span = stmt.span;
        let mut counts = stmt.args[2..].iter().copied();
        let (mut reversed, mut down) = (false, false);
        let mut steps = Vec::new();
        for adapter in adapters {
            match adapter {
                Adapter::Rev => reversed = !reversed,
                // The first step back leads from the last integer down.
                Adapter::StepBy if reversed && !steps.is_empty() => return None,
                Adapter::StepBy => {
                    down |= reversed;
                    reversed = false;
                    steps.push(counts.next()?);
                }
                Adapter::Take | Adapter::Back => return None,
            }
        }
        let (start, end) = match down {
            true => {
                let last = if inclusive { 0.0 } else { -1.0 };
                let start = self.bound(stmt.args[1], last, span);
                (start, self.bound(stmt.args[0], -1.0, span))
            }
            false => {
                let start = self.used(stmt.args[0]);
                let behind = if inclusive { 1.0 } else { 0.0 };
                (start, self.bound(stmt.args[1], behind, span))
            }
        };
        let mut step = None;
        for count in steps {
            let count = self.used(count);
            step = Some(match step {
                Some(step) => self.apply("Mul", &[step, count], span),
                None if down => self.apply("Neg", &[count], span),
                None => count,
            });
        }
        Some(Integers {
            start,
            end,
            step: step.unwrap_or_else(|| self.constant(1.0, span)),
            reversed,
        })
    }

    /// An integer, moved by −1, 0 or 1.
    fn bound(&mut self, id: ValueId, offset: f64, span: Span) -> usize {
        let literal = self.definitions.get(&id).and_then(|stmt| stmt.op.number());
        match literal {
            _ if offset == 0.0 => self.used(id),
            Some(number) => self.constant(number + offset, span),
            None => {
                let bound = self.used(id);
                let one = self.constant(1.0, span);
                let name = if offset > 0.0 { "Add" } else { "Sub" };
                self.apply(name, &[bound, one], span)
            }
        }
    }
}
