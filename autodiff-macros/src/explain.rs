//! `REPORT`: what became of each loop and branch in the joint program, in words.

use std::fmt::Write;

use proc_macro2::Span;

use crate::fuse::{Joint, Why};
use crate::ir::{ControlId, Function, LoopKind, Op, Region, Stmt, ValueId};
use crate::keep::{Decision, Where};
use crate::ty::{Scalar, Ty};

/// The report on a function, whose statements are `primal`'s; `derived` also has the values that the
/// reverse made.
pub fn report(
    name: &str,
    primal: &Function,
    derived: &Function,
    joint: &Joint,
    decisions: &[Decision],
) -> String {
    let mut report = Report {
        primal,
        derived,
        joint,
        decisions,
        text: String::new(),
    };
    report.region(&primal.body, 0);
    if report.text.is_empty() {
        return format!(
            "{name}: straight-line code. Every value is still there in the reverse pass: nothing is kept.\n"
        );
    }
    format!(
        "{name}: what its gradient does with each loop and branch.\n{}",
        report.text
    )
}

struct Report<'r> {
    primal: &'r Function,
    derived: &'r Function,
    joint: &'r Joint,
    decisions: &'r [Decision],
    text: String,
}

impl Report<'_> {
    fn region(&mut self, region: &Region, depth: usize) {
        for stmt in &region.stmts {
            let Some(id) = stmt.control_id() else {
                continue;
            };
            let known = self.decisions.iter().any(|decision| decision.control == id);
            if known || self.joint.fused.contains(&id) {
                self.entry(stmt, id, depth);
            }
            let deeper = depth + usize::from(known || self.joint.fused.contains(&id));
            for inner in &stmt.regions {
                self.region(inner, deeper);
            }
        }
    }

    fn entry(&mut self, stmt: &Stmt, id: ControlId, depth: usize) {
        let margin = "  ".repeat(depth);
        let what = match &stmt.op {
            Op::Loop(own) => match own.kind {
                LoopKind::While => "`while` or `loop`".to_owned(),
                _ => {
                    let index = own.body(&stmt.regions).params[0];
                    format!("`for` over {}", self.name(index, stmt.span))
                }
            },
            _ => "branch".to_owned(),
        };
        let _ = writeln!(self.text, "{margin}- {what}{}:", line(stmt.span));
        let why = self.joint.apart.iter().find(|(control, _)| *control == id);
        if self.joint.fused.contains(&id) {
            let _ = writeln!(
                self.text,
                "{margin}  fused with its reverse: the adjoint that enters it is known before it begins, and no\n\
                 {margin}  iteration's adjoint depends on another's. Nothing is kept and nothing computed twice."
            );
        } else if let Some((_, why)) = why {
            let reason = match why {
                Why::Recurrence => "an iteration's adjoint depends on that of the next one",
                Why::Later => "the adjoint that enters it is known only after it has ended",
            };
            let _ = writeln!(self.text, "{margin}  not fused with its reverse: {reason}.");
        }
        for decision in self
            .decisions
            .iter()
            .filter(|decision| decision.control == id)
        {
            self.decision(decision, stmt.span, &margin);
        }
    }

    fn decision(&mut self, decision: &Decision, span: Span, margin: &str) {
        if decision.kept.is_empty() {
            let _ = writeln!(
                self.text,
                "{margin}  keeps nothing: what its reverse needs is still there, or cheap to compute again."
            );
        } else {
            let names: Vec<String> = decision
                .kept
                .iter()
                .map(|&id| format!("{} ({})", self.name(id, span), self.size(id)))
                .collect();
            let place = match &decision.kept_in {
                Where::Variables => "in variables, because only one arm has them".to_owned(),
                Where::Array(Some(bytes)) => {
                    format!("in an array on the stack, {bytes} bytes in all")
                }
                Where::Array(None) => "in an array on the stack, as long as the loop".to_owned(),
                Where::Chosen => {
                    "in an array as long as the loop, on the stack if it is small".to_owned()
                }
                Where::Vector => {
                    "in a vector, allocated once: the number of iterations is known before".to_owned()
                }
                Where::Growing => {
                    "in a vector that grows: the number of iterations is not known before".to_owned()
                }
            };
            let _ = writeln!(
                self.text,
                "{margin}  keeps {}: {place}.\n\
                 {margin}  (What is kept changes before the reverse, or is dear to compute again.)",
                names.join(", ")
            );
            let is_loop = !matches!(decision.kept_in, Where::Variables);
            if let Some(bytes) = self.bytes(&decision.kept).filter(|_| is_loop) {
                let _ = writeln!(self.text, "{margin}  that is {bytes} bytes per iteration.");
            }
        }
        let again: Vec<String> = decision
            .recomputed
            .iter()
            .filter(|&&id| self.primal_name(id).is_some())
            .map(|&id| self.name(id, span))
            .collect();
        if !again.is_empty() {
            let _ = writeln!(
                self.text,
                "{margin}  computes again: {}, which costs less than to keep.",
                again.join(", ")
            );
        }
    }

    fn primal_name(&self, id: ValueId) -> Option<String> {
        let value = self.primal.values.get(id.0 as usize)?;
        value.name.as_ref().map(ToString::to_string)
    }

    fn name(&self, id: ValueId, around: Span) -> String {
        match &self.derived.value(id).name {
            Some(name) => format!("`{name}`"),
            None => {
                let own = self.derived.value(id).span;
                let place = match line(own) {
                    text if text.is_empty() => line(around),
                    text => text,
                };
                format!("an intermediate result{place}")
            }
        }
    }

    /// The bytes of all, if the macro can see them.
    fn bytes(&self, ids: &[ValueId]) -> Option<usize> {
        ids.iter().map(|&id| bytes(self.derived.ty(id))).sum()
    }

    fn size(&self, id: ValueId) -> String {
        match bytes(self.derived.ty(id)) {
            Some(bytes) => format!("{bytes} bytes"),
            None => "its own size".to_owned(),
        }
    }
}

fn bytes(ty: &Ty) -> Option<usize> {
    match ty {
        Ty::Scalar(Scalar::F32) => Some(4),
        Ty::Scalar(Scalar::F64 | Scalar::Unseen) => Some(8),
        Ty::Array(element, _) => {
            let lengths = ty.literal_lengths()?;
            let leaf = element.leaf()?;
            let one = bytes(&Ty::Scalar(leaf.clone()))?;
            Some(one * lengths.iter().product::<usize>())
        }
        Ty::Tuple(elements) => elements.iter().map(bytes).sum(),
        _ => None,
    }
}

/// ` in line 7`, where the line is known.
fn line(span: Span) -> String {
    if !proc_macro::is_available() {
        return String::new();
    }
    match span.unwrap().line() {
        0 => String::new(),
        line => format!(" in line {line}"),
    }
}
