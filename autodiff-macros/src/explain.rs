//! `REPORT`: what became of each loop and branch in the joint program, in the user's words.

use std::fmt::Write;

use proc_macro2::Span;

use crate::fuse::{Joint, Why};
use crate::ids::{IdMap, IdSet};
use crate::ir::{ControlId, Function, Loop, LoopKind, Op, Region, Stmt, Strategy, ValueId};
use crate::keep::{Decision, Where};
use crate::rules::Form;
use crate::ty::{Scalar, Ty};

/// What is reported on.
pub struct Subject<'r> {
    pub name: &'r str,
    pub primal: &'r Function,
    /// The arena that also has the values that the reverse made.
    pub derived: &'r Function,
    pub joint: &'r Joint,
    pub decisions: &'r [Decision],
    pub strategy: Option<&'r Strategy>,
    /// The loops that it is for.
    pub checkpointed: &'r [ControlId],
}

pub fn report(subject: Subject<'_>) -> String {
    let Subject {
        name,
        primal,
        joint,
        ..
    } = subject;
    let mut report = Report {
        definitions: primal.definitions(),
        subject,
        carried: IdSet::new(),
        choices: IdSet::new(),
        calls: IdMap::new(),
        text: String::new(),
    };
    report.gather(&primal.body);
    report.pullbacks(&joint.stmts);
    report.region(&primal.body, 0);
    if report.text.is_empty() {
        return format!(
            "{name}: no loop or branch to reverse. Every value is still there in the reverse pass: nothing is kept.\n"
        );
    }
    format!(
        "{name}: what its gradient does with each loop, and with each branch that keeps something.\n{}",
        report.text
    )
}

struct Report<'r> {
    subject: Subject<'r>,
    definitions: IdMap<&'r Stmt>,
    /// The values that loops carry.
    carried: IdSet,
    /// The values that branches choose their arm by.
    choices: IdSet,
    /// The name of the function behind each pullback, and where it is called.
    calls: IdMap<(String, Span)>,
    text: String,
}

impl<'r> Report<'r> {
    fn gather(&mut self, region: &Region) {
        for stmt in &region.stmts {
            if let Op::Loop(own) = &stmt.op {
                let params = own.carried_params(own.body(&stmt.regions));
                self.carried.extend(params);
            }
            if let Op::If(_) | Op::Switch(_) = &stmt.op {
                self.choices.insert(stmt.args[0]);
            }
            stmt.regions.iter().for_each(|inner| self.gather(inner));
        }
    }

    fn pullbacks(&mut self, stmts: &[Stmt]) {
        for stmt in stmts {
            if let (Op::Call(callee), &[_, pullback]) = (&stmt.op, &stmt.results[..]) {
                let name = callee.path.segments.last();
                let name = name.map(|segment| segment.ident.to_string());
                self.calls
                    .insert(pullback, (name.unwrap_or_default(), stmt.span));
            }
            for region in &stmt.regions {
                self.pullbacks(&region.stmts);
            }
        }
    }

    fn region(&mut self, region: &Region, depth: usize) {
        for stmt in &region.stmts {
            let Some(id) = stmt.control_id() else {
                continue;
            };
            let shown = match &stmt.op {
                Op::Loop(own) => self.repeat(stmt, own, depth),
                _ => self.branch(stmt, id, depth),
            };
            for inner in &stmt.regions {
                self.region(inner, depth + usize::from(shown));
            }
        }
    }

    fn line(&mut self, depth: usize, text: &str) {
        let _ = writeln!(self.text, "{}{text}", "  ".repeat(depth));
    }

    fn decisions(&self, id: ControlId) -> Vec<&'r Decision> {
        let decisions = self.subject.decisions.iter();
        decisions
            .filter(|decision| decision.control == id)
            .collect()
    }

    fn repeat(&mut self, stmt: &Stmt, own: &Loop, depth: usize) -> bool {
        let id = own.id;
        let decisions = self.decisions(id);
        let fused = self.subject.joint.fused.contains(&id);
        let checkpointed = self.subject.checkpointed.contains(&id);
        if decisions.is_empty() && !fused && !checkpointed {
            return false;
        }
        let what = match own.kind {
            LoopKind::While => "`while` or `loop`".to_owned(),
            _ => {
                let index = own.body(&stmt.regions).params[0];
                match self.written(index) {
                    Some(name) => format!("`for` over `{name}`"),
                    None => "loop".to_owned(),
                }
            }
        };
        self.line(depth, &format!("- {what}{}:", line(stmt.span)));
        let depth = depth + 1;
        let mut apart = self.subject.joint.apart.iter();
        let why = apart.find(|(control, _)| *control == id);
        match why.map(|(_, why)| why) {
            _ if fused => {
                self.line(depth, "fused with its reverse: the adjoint that enters it is known before it begins, and no");
                self.line(depth, "iteration's adjoint depends on another's. Nothing is kept from one pass to the other.");
            }
            Some(Why::Recurrence) => self.line(
                depth,
                "not fused with its reverse: an iteration's adjoint depends on that of the next one.",
            ),
            Some(Why::Later) => self.line(
                depth,
                "not fused with its reverse: the adjoint that enters it is known only after it has ended.",
            ),
            None => {}
        }
        if checkpointed {
            self.states(stmt, own, depth);
        }
        for decision in decisions {
            self.decision(decision, stmt, depth);
        }
        true
    }

    /// What a loop with checkpoints does.
    fn states(&mut self, stmt: &Stmt, own: &Loop, depth: usize) {
        let params = own.carried_params(own.body(&stmt.regions));
        let names: Vec<String> = params
            .iter()
            .filter_map(|&id| Some(format!("`{}`", self.written(id)?)))
            .collect();
        let state = match names.is_empty() {
            true => "whole states".to_owned(),
            false => format!("whole states ({})", names.join(", ")),
        };
        let code = |expr: &syn::Expr| quote::ToTokens::to_token_stream(expr).to_string();
        let text = match self.subject.strategy {
            Some(Strategy::Periodic(steps)) => {
                format!("keeps {state}, one for every {} iterations", code(steps))
            }
            Some(Strategy::Revolve(slots)) => {
                format!("keeps {state}, at most {} at a time", code(slots))
            }
            Some(Strategy::StoreAll) | None => return,
        };
        self.line(
            depth,
            &format!("{text}, and runs the iterations between them again."),
        );
    }

    /// A branch is worth a word where an arm keeps something.
    fn branch(&mut self, stmt: &Stmt, id: ControlId, depth: usize) -> bool {
        let decisions = self.decisions(id);
        let keeping: Vec<(usize, &Decision)> = decisions
            .into_iter()
            .enumerate()
            .filter(|(_, decision)| !decision.kept.is_empty())
            .collect();
        if keeping.is_empty() {
            return false;
        }
        let what = match stmt.op {
            Op::If(_) => "`if`",
            _ => "`match`",
        };
        self.line(depth, &format!("- {what}{}:", line(stmt.span)));
        for (arm, decision) in keeping {
            let arm = match (&stmt.op, arm) {
                (Op::If(_), 0) => "where the condition holds".to_owned(),
                (Op::If(_), _) => "where the condition does not hold".to_owned(),
                (_, arm) => format!("in arm {}", arm + 1),
            };
            self.line(
                depth + 1,
                &format!("{arm}, keeps in variables until the reverse:"),
            );
            self.values(&decision.kept, stmt.span, depth + 2);
            self.again(decision, stmt.span, depth + 1);
        }
        true
    }

    fn decision(&mut self, decision: &Decision, stmt: &Stmt, depth: usize) {
        if decision.kept.is_empty() {
            self.line(
                depth,
                "keeps nothing: what its reverse needs is still there, or cheap to compute again.",
            );
            return self.again(decision, stmt.span, depth);
        }
        let size = match self.bytes(&decision.kept) {
            Some(bytes) => format!("{bytes} bytes per iteration"),
            None => "for each iteration".to_owned(),
        };
        let place = match &decision.kept_in {
            Where::Variables => "in variables".to_owned(),
            Where::Array(Some(bytes)) => format!("in an array on the stack, {bytes} bytes in all"),
            Where::Array(None) => "in an array on the stack, as long as the loop".to_owned(),
            Where::Chosen => {
                "in an array as long as the loop, on the stack if it is small".to_owned()
            }
            Where::Vector => {
                "in a vector, allocated once: the number of iterations is known before".to_owned()
            }
            Where::Growing => {
                "in a vector that doubles when it is full (so up to twice that): the number of iterations is not known before"
                    .to_owned()
            }
        };
        self.line(depth, &format!("keeps {size}, {place}:"));
        self.values(&decision.kept, stmt.span, depth + 1);
        self.again(decision, stmt.span, depth);
    }

    /// What is kept, each with the reason.
    fn values(&mut self, kept: &[ValueId], around: Span, depth: usize) {
        for &id in kept {
            let size = match self.size(id) {
                Some(bytes) => format!("{bytes} bytes"),
                None if self.calls.contains_key(&id) => "what its reverse needs".to_owned(),
                None if self.choices.contains(&id) => "an integer or flag".to_owned(),
                None => "its own size".to_owned(),
            };
            let text = format!("{}, {size}: {}", self.name(id, around), self.reason(id));
            self.line(depth, &text);
        }
    }

    fn again(&mut self, decision: &Decision, around: Span, depth: usize) {
        let mut again: Vec<String> = decision
            .recomputed
            .iter()
            .filter(|&&id| self.written(id).is_some())
            .map(|&id| self.name(id, around))
            .collect();
        again.dedup();
        if !again.is_empty() {
            let text = format!(
                "computes again: {}, which costs less than to keep.",
                again.join(", ")
            );
            self.line(depth, &text);
        }
    }

    /// Why a value is kept.
    fn reason(&self, id: ValueId) -> &'static str {
        if self.carried.contains(&id) {
            return "every iteration gives it a new value";
        }
        if self.calls.contains_key(&id) {
            return "the call is not run again";
        }
        if self.choices.contains(&id) {
            return "it is decided once";
        }
        let function = self.subject.primal;
        match self.definitions.get(&id).map(|stmt| (&stmt.op, stmt)) {
            Some((Op::Project(_), stmt)) if function.is_memory(stmt.args[0]) => {
                "the place has another content later"
            }
            Some((Op::Apply(primitive), _))
                if matches!(primitive.rule().form, Form::Operator(_)) =>
            {
                "cheaper to keep than to compute again"
            }
            Some((Op::Memory, _)) => "it is made anew every time",
            Some((Op::If(_) | Op::Switch(_) | Op::Loop(_), _)) => {
                "it would take the whole computation to have it again"
            }
            _ => "dear to compute again",
        }
    }

    /// The name of a value as the user wrote it.
    fn written(&self, id: ValueId) -> Option<String> {
        let value = self.subject.primal.values.get(id.0 as usize)?;
        let name = value.name.as_ref()?;
        let text = name.to_string();
        if !proc_macro::is_available() {
            return Some(text);
        }
        // Names of the macro's own making stand where the user wrote something else.
        let source = name.span().unwrap().source_text();
        (source.as_deref() == Some(&text)).then_some(text)
    }

    fn name(&self, id: ValueId, around: Span) -> String {
        if let Some((callee, span)) = self.calls.get(&id) {
            return format!("the reverse of the call of `{callee}`{}", line(*span));
        }
        if let Some(name) = self.written(id) {
            let assigned = self.subject.primal.value(id).span;
            return match self.carried.contains(&id) {
                true => format!("`{name}` as the iteration finds it"),
                false => format!("`{name}`{}", line(assigned)),
            };
        }
        let own = self.subject.derived.value(id).span;
        let place = match line(own) {
            text if text.is_empty() => line(around),
            text => text,
        };
        match self.definitions.get(&id).map(|stmt| (&stmt.op, stmt)) {
            Some((Op::Apply(primitive), _)) => match primitive.rule().form {
                Form::Operator(name)
                | Form::Method(name)
                | Form::Activation(name)
                | Form::Loss(name) => format!("the result of `{name}`{place}"),
                Form::Support(_) | Form::Gathered(..) => format!("an intermediate result{place}"),
            },
            Some((Op::Call(callee), _)) => match callee.path.segments.last() {
                Some(last) => format!("the result of `{}`{place}", last.ident),
                None => format!("the result of a call{place}"),
            },
            Some((Op::Project(_), stmt)) => match self.written(stmt.args[0]) {
                Some(whole) => format!("what is read of `{whole}`{place}"),
                None => format!("what is read{place}"),
            },
            Some((Op::If(_) | Op::Switch(_), _)) => format!("the result of the branch{place}"),
            Some((Op::Loop(_), _)) => format!("the result of the loop{place}"),
            _ if self.choices.contains(&id) => format!("which arm is taken{place}"),
            _ => format!("an intermediate result{place}"),
        }
    }

    /// The bytes that an entry of all takes, if the macro can see it. Entries are aligned to their
    /// largest part.
    fn bytes(&self, ids: &[ValueId]) -> Option<usize> {
        let sizes: Vec<usize> = ids.iter().map(|&id| self.size(id)).collect::<Option<_>>()?;
        let total: usize = sizes.iter().sum();
        let aligned = match ids.iter().all(|&id| is_single(self.subject.derived.ty(id))) {
            true => 4,
            false => 8,
        };
        Some(total.next_multiple_of(aligned))
    }

    fn size(&self, id: ValueId) -> Option<usize> {
        bytes(self.subject.derived.ty(id))
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

/// Whether all its numbers are of single precision.
fn is_single(ty: &Ty) -> bool {
    match ty {
        Ty::Scalar(scalar) => matches!(scalar, Scalar::F32),
        Ty::Array(element, _) => is_single(element),
        Ty::Tuple(elements) => elements.iter().all(is_single),
        _ => false,
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
