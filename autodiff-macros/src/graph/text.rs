//! Source-like text of values: what stands over branches and loops, and what captured values are
//! called.

use quote::ToTokens;
use syn::Member;

use super::{Emitter, readable};
use crate::codegen::member_text;
use crate::codegen::names::unraw;
use crate::ir::{Adapter, LoopKind, Observation, Op, Region, Shape, Step, Stmt, ValueId};
use crate::rules::{Form, Primitive};

/// How deep unnamed operands are written out.
const DEPTH: usize = 6;

/// How tightly a text holds together, from the loosest on.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Bond {
    Range,
    Or,
    And,
    Compare,
    Sum,
    Product,
    Cast,
    Unary,
    Whole,
}

impl Emitter<'_> {
    /// A value by its name, or as the expression that it is.
    pub(super) fn text(&self, id: ValueId) -> String {
        self.operand(id, Bond::Range, DEPTH)
    }

    /// The header of a loop.
    pub(super) fn loop_header(&self, stmt: &Stmt, kind: &LoopKind, body: &Region) -> String {
        let LoopKind::Range {
            inclusive,
            adapters,
        } = kind
        else {
            let condition = stmt.regions[0].yields[0];
            return match self.flag(condition) {
                Some(true) => "loop".to_owned(),
                _ => format!("while {}", self.text(condition)),
            };
        };
        let bound = |k: usize| self.operand(stmt.args[k], Bond::Or, DEPTH);
        let dots = if *inclusive { "..=" } else { ".." };
        let mut range = format!("{}{dots}{}", bound(0), bound(1));
        if !adapters.is_empty() {
            range = format!("({range})");
        }
        let mut counts = stmt.args[2..].iter();
        for adapter in adapters {
            let name = match adapter {
                Adapter::Rev | Adapter::Back => {
                    range += ".rev()";
                    continue;
                }
                Adapter::StepBy => "step_by",
                Adapter::Take => "take",
            };
            let count = counts.next().map(|&id| self.text(id)).unwrap_or_default();
            range += &format!(".{name}({count})");
        }
        let index = match self.facts.used.contains(&body.params[0]) {
            true => self.text(body.params[0]),
            false => "_".to_owned(),
        };
        format!("for {index} in {range}")
    }

    fn operand(&self, id: ValueId, least: Bond, depth: usize) -> String {
        if let Some(name) = &self.function.value(id).name {
            return unraw(name);
        }
        let Some((text, bond)) = self.written_out(id, depth) else {
            return "…".to_owned();
        };
        match bond < least {
            true => format!("({text})"),
            false => text,
        }
    }

    fn written_out(&self, id: ValueId, depth: usize) -> Option<(String, Bond)> {
        let depth = depth.checked_sub(1)?;
        let stmt = *self.definitions.get(&id)?;
        let part = |k: usize, least: Bond| self.operand(stmt.args[k], least, depth);
        let whole = |text: String| Some((text, Bond::Whole));
        match &stmt.op {
            Op::Literal { lit, negative } => {
                let text = lit.to_token_stream().to_string();
                match negative {
                    true => Some((format!("-{text}"), Bond::Unary)),
                    false => whole(text),
                }
            }
            Op::Constant(number) => whole(format!("{number:?}")),
            Op::Path(path) => whole(readable(&path.to_token_stream())),
            Op::Verbatim(verbatim) => {
                let tokens = self.renamed(verbatim, &stmt.args);
                let text = readable(&tokens);
                let loose = text.contains(' ');
                Some((text, if loose { Bond::Range } else { Bond::Whole }))
            }
            Op::Apply(primitive) => self.application(*primitive, &stmt.args, depth),
            Op::Cast => Some((format!("{} as f64", part(0, Bond::Cast)), Bond::Cast)),
            Op::Observe(Observation::Integer(ty)) => {
                let ty = readable(&ty.to_token_stream());
                Some((format!("{} as {ty}", part(0, Bond::Cast)), Bond::Cast))
            }
            Op::Observe(Observation::Compare(op, _)) => {
                let (a, b) = (part(0, Bond::Sum), part(1, Bond::Sum));
                Some((format!("{a} {} {b}", op.to_token_stream()), Bond::Compare))
            }
            Op::Observe(Observation::Not) => {
                Some((format!("!{}", part(0, Bond::Unary)), Bond::Unary))
            }
            Op::Observe(Observation::Method(method)) => {
                whole(format!("{}.{method}()", part(0, Bond::Whole)))
            }
            Op::Clone(_) | Op::Memory => Some((part(0, Bond::Whole), Bond::Whole)),
            Op::Project(path) => whole(self.place(&stmt.args, 1, path, depth)),
            Op::Aggregate(Shape::Tuple) => {
                let parts: Vec<String> =
                    (0..stmt.args.len()).map(|k| part(k, Bond::Range)).collect();
                whole(format!("({})", parts.join(", ")))
            }
            Op::Call(callee) => {
                let name = callee.path.to_token_stream().to_string().replace(' ', "");
                let parts: Vec<String> =
                    (0..stmt.args.len()).map(|k| part(k, Bond::Range)).collect();
                whole(format!("{name}({})", parts.join(", ")))
            }
            Op::If(_) => {
                let (and, right) = self.logical_arm(stmt)?;
                let (sign, bond) = match and {
                    true => ("&&", Bond::And),
                    false => ("||", Bond::Or),
                };
                let right = self.operand(right, bond, depth);
                Some((format!("{} {sign} {right}", part(0, bond)), bond))
            }
            _ => None,
        }
    }

    fn application(
        &self,
        primitive: Primitive,
        args: &[ValueId],
        depth: usize,
    ) -> Option<(String, Bond)> {
        let part = |k: usize, least: Bond| self.operand(args[k], least, depth);
        let rest = || {
            let rest: Vec<String> = (1..args.len()).map(|k| part(k, Bond::Range)).collect();
            rest.join(", ")
        };
        let name = primitive.rule().form.name();
        Some(match primitive.rule().form {
            Form::Operator(_) if args.len() == 1 => {
                (format!("-{}", part(0, Bond::Unary)), Bond::Unary)
            }
            Form::Operator(_) => {
                let (own, tighter) = match primitive {
                    Primitive::Add | Primitive::Sub => (Bond::Sum, Bond::Product),
                    _ => (Bond::Product, Bond::Cast),
                };
                (format!("{} {name} {}", part(0, own), part(1, tighter)), own)
            }
            Form::Method(_) => (
                format!("{}.{name}({})", part(0, Bond::Whole), rest()),
                Bond::Whole,
            ),
            Form::Activation(_) | Form::Loss(_) | Form::Support(_) | Form::Gathered(..) => {
                let all: Vec<String> = (0..args.len()).map(|k| part(k, Bond::Range)).collect();
                (format!("{name}({})", all.join(", ")), Bond::Whole)
            }
        })
    }

    /// A part of a value: `a[i].x`.
    fn place(&self, args: &[ValueId], first: usize, path: &[Step], depth: usize) -> String {
        let mut text = self.operand(args[0], Bond::Whole, depth);
        let mut indices = args[first..].iter();
        let mut next = || match indices.next() {
            Some(&index) => self.operand(index, Bond::Or, depth),
            None => String::new(),
        };
        for step in path {
            text += &match step {
                Step::Field(Member::Unnamed(k)) => format!(".{}", k.index),
                Step::Field(member) => format!(".{}", member_text(member)),
                Step::At(k) => format!("[{k}]"),
                Step::Index => format!("[{}]", next()),
                Step::Slice {
                    from,
                    to,
                    inclusive,
                } => {
                    let start = if *from { next() } else { String::new() };
                    let end = if *to { next() } else { String::new() };
                    let dots = if *inclusive { "..=" } else { ".." };
                    format!("[{start}{dots}{end}]")
                }
                Step::Element(1) => format!("[{}]", next()),
                Step::Element(count) => {
                    let indices: Vec<String> = (0..*count).map(|_| next()).collect();
                    format!("[[{}]]", indices.join(", "))
                }
                Step::View(view) => {
                    let args: Vec<String> = (0..view.arity).map(|_| next()).collect();
                    format!(".{}({})", view.method, args.join(", "))
                }
            };
        }
        text
    }
}
