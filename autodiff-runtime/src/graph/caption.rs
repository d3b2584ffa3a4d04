//! The words in a picture: how a node is named and what it says it does, the same for all formats.

use super::scope::Scope;
use super::{Function, Graph, Node, NodeId, Op, Shape, Step, Value};

/// The longest text of an operation, in characters; longer ones are cut.
const LONGEST: usize = 36;
/// The most parts of a list that are written out.
const MOST_PARTS: usize = 4;

/// What a node is drawn as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Parameter,
    Constant,
    Operation,
    Call,
    /// Control flow: a frame around what it holds.
    Region,
    /// Inactive Rust code.
    Expression,
    /// What the function returns, whatever computes it.
    Output,
}

impl Kind {
    pub(super) const ALL: [Self; 7] = [
        Self::Parameter,
        Self::Constant,
        Self::Operation,
        Self::Call,
        Self::Region,
        Self::Expression,
        Self::Output,
    ];

    pub(super) fn of(graph: &Graph, id: NodeId) -> Self {
        match graph.node(id).op {
            op if op.is_control() => Self::Region,
            _ if graph.outputs.contains(&id) => Self::Output,
            Op::Parameter { .. } => Self::Parameter,
            Op::Constant(_) => Self::Constant,
            Op::Expression(_) => Self::Expression,
            Op::Call { .. } => Self::Call,
            _ => Self::Operation,
        }
    }

    /// What the outline of a node says: a loop or branch may be what the function returns.
    pub(super) fn outline(graph: &Graph, id: NodeId) -> Self {
        match graph.outputs.contains(&id) {
            true => Self::Output,
            false => Self::of(graph, id),
        }
    }

    /// The name for style classes.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Parameter => "parameter",
            Self::Constant => "constant",
            Self::Operation => "operation",
            // Not "call", which is a word of Mermaid's own.
            Self::Call => "function",
            Self::Region => "region",
            Self::Expression => "expression",
            Self::Output => "output",
        }
    }

    /// The colours of the surface and of the outline.
    pub(super) const fn colours(self) -> (&'static str, &'static str) {
        match self {
            Self::Parameter => ("#e3effb", "#5b8fc7"),
            Self::Constant => ("#f1f0ec", "#b9b5a8"),
            Self::Operation => ("#ffffff", "#8b97a6"),
            Self::Call => ("#f0eafa", "#8d74bd"),
            Self::Region => ("#fffaeb", "#d0ab4e"),
            Self::Expression => ("#f8f6f2", "#b9b5a8"),
            Self::Output => ("#e2f4e6", "#4f9c68"),
        }
    }
}

/// What stands in the box of a node.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Caption {
    /// The user's name for the result.
    pub(super) name: Option<String>,
    /// What is computed, if the name does not say it all.
    pub(super) operation: Option<String>,
    /// What stands between the two: a parameter is not computed by its dimensions.
    pub(super) between: &'static str,
    /// Value and adjoint, if the graph was evaluated. A loop or branch of several results leaves
    /// them to the nodes of these.
    pub(super) numbers: Option<(String, String)>,
}

impl Caption {
    pub(super) fn of(scope: &Scope<'_>, id: NodeId) -> Self {
        let graph = &scope.graph;
        let node = graph.node(id);
        let mut name = match node.op {
            Op::Parameter { name, .. } => Some(name.to_owned()),
            Op::Store(_) => place_stored_to(graph, node),
            Op::Append => None,
            _ => node.label.map(str::to_owned),
        };
        let mut operation = operation(graph, node);
        if scope.sign == Some(id) {
            let text = name.take().or(operation);
            operation = Some(format!("go on if {}", text.unwrap_or_default()));
        }
        let has_numbers = !node.op.is_control() || scope.result_count(id) == 1;
        let numbers = scope.trace.filter(|_| has_numbers).map(|trace| {
            (
                format!("data {}", value(&trace.values[id.0])),
                format!("grad {}", value(&trace.adjoints[id.0])),
            )
        });
        Self {
            name: name.as_deref().map(clean),
            operation: operation.as_deref().map(clean),
            between: match node.op {
                Op::Parameter { .. } => " ",
                _ => " = ",
            },
            numbers,
        }
    }

    /// Name and operation in one line, `b = 5 · a`.
    pub(super) fn headline(&self) -> String {
        match (&self.name, &self.operation) {
            (Some(name), Some(operation)) => {
                format!("{name}{}{operation}", self.between)
            }
            (Some(text), None) | (None, Some(text)) => text.clone(),
            (None, None) => String::new(),
        }
    }
}

/// In one line of printable characters, cut where it is too long.
fn clean(text: &str) -> String {
    let line = text
        .split(|c: char| c.is_whitespace() || c.is_control())
        .filter(|word| !word.is_empty())
        .collect::<Vec<_>>()
        .join(" ");
    if line.chars().count() <= LONGEST {
        return line;
    }
    let mut cut: String = line.chars().take(LONGEST - 1).collect();
    cut.push('…');
    cut
}

/// What a node does, in the notation of a formula; `None` where its name is enough, as for a
/// parameter of one number.
fn operation(graph: &Graph, node: &Node) -> Option<String> {
    let operands: Vec<String> = node.inputs.iter().map(|&id| operand(graph, id)).collect();
    let text = match node.op {
        Op::Parameter { shape, .. } => return layout(shape),
        Op::Constant(x) => constant(x),
        Op::Expression(text) => text.to_owned(),
        Op::Apply(function) => formula(function, &operands),
        Op::Cast(target) => format!("{} as {target}", operands.join(", ")),
        Op::Compare(comparison) => operands.join(&format!(" {} ", comparison.symbol())),
        Op::Not => format!("!{}", operands.join(", ")),
        Op::And => operands.join(" && "),
        Op::Or => operands.join(" || "),
        Op::Index | Op::Slice | Op::Field(_) | Op::Length => part(node.op, &operands),
        Op::Store(_) => operands.get(1).cloned().unwrap_or_default(),
        Op::Append => {
            let list = node
                .label
                .unwrap_or_else(|| operands.first().map_or("…", |list| list));
            let last = operands.get(1).map_or("…", |last| last);
            format!("{list}.push({last})")
        }
        Op::Repeat => format!("[{}]", operands.join("; ")),
        Op::Result(_) if node.label.is_some() => return None,
        Op::Result(k) => format!("{}.{k}", operands.join(", ")),
        Op::Tuple => format!("({})", list(&operands)),
        Op::Array => format!("[{}]", list(&operands)),
        Op::Struct { name, fields } => {
            let parts: Vec<String> = fields
                .iter()
                .zip(&operands)
                .map(|(field, operand)| match field {
                    field if field == operand => operand.clone(),
                    field => format!("{field}: {operand}"),
                })
                .collect();
            format!("{name} {{ {} }}", list(&parts))
        }
        Op::Call { name, .. } => format!("{name}({})", list(&operands)),
        Op::Branch { header, .. } | Op::Loop { header, .. } => header.to_owned(),
    };
    Some(text)
}

/// How a node is named in the formula of another: by its name, else by its text if that is short
/// and needs no parentheses, else by an ellipsis, for the arrow shows what is meant.
fn operand(graph: &Graph, id: NodeId) -> String {
    let node = graph.node(id);
    match node.op {
        Op::Parameter { name, .. } => name.to_owned(),
        _ if node.label.is_some() => node.label.unwrap_or_default().to_owned(),
        Op::Constant(x) => constant(x),
        Op::Index | Op::Slice | Op::Field(_) | Op::Length => {
            let operands: Vec<String> = node.inputs.iter().map(|&id| operand(graph, id)).collect();
            part(node.op, &operands)
        }
        _ => "…".to_owned(),
    }
}

/// `base[index]`, `base[start..end]`, `base.field` or `base.len()`.
fn part(op: Op, operands: &[String]) -> String {
    match (op, operands) {
        (Op::Field(field), [base, ..]) => format!("{base}.{field}"),
        (Op::Length, [base]) => format!("{base}.len()"),
        (Op::Slice, [base, start, end]) => format!("{base}[{start}..{end}]"),
        (_, [base, index, ..]) => format!("{base}[{index}]"),
        _ => "…".to_owned(),
    }
}

/// The left side of the assignment that a `Store` node is.
fn place_stored_to(graph: &Graph, node: &Node) -> Option<String> {
    let Op::Store(steps) = node.op else {
        return None;
    };
    let aggregate = operand(graph, *node.inputs.first()?);
    let mut text = node.label.map_or(aggregate, str::to_owned);
    let mut positions = node.inputs.iter().skip(2).map(|&id| operand(graph, id));
    let mut next = || positions.next().unwrap_or_default();
    for step in steps {
        text += &match step {
            Step::Index => format!("[{}]", next()),
            Step::Field(field) => format!(".{field}"),
            Step::Slice => format!("[{}..{}]", next(), next()),
        };
    }
    Some(text)
}

fn list(parts: &[String]) -> String {
    match parts {
        [first, second, .., last] if parts.len() > MOST_PARTS => {
            format!("{first}, {second}, …, {last}")
        }
        _ => parts.join(", "),
    }
}

fn formula(function: Function, operands: &[String]) -> String {
    let infix = |operator: &str| operands.join(operator);
    match (function, operands) {
        (Function::Neg, [x]) => format!("−{x}"),
        (Function::Add, _) => infix(" + "),
        (Function::Sub, _) => infix(" − "),
        (Function::Mul, _) => infix(" · "),
        (Function::Div, _) => infix(" / "),
        (Function::Rem, _) => infix(" % "),
        (Function::Powi | Function::Powf, [x, p]) => match superscript(p) {
            Some(raised) => format!("{x}{raised}"),
            None => format!("{x}^{p}"),
        },
        _ => format!("{}({})", function.name(), operands.join(", ")),
    }
}

/// An integer in raised digits.
fn superscript(text: &str) -> Option<String> {
    const DIGITS: [char; 10] = ['⁰', '¹', '²', '³', '⁴', '⁵', '⁶', '⁷', '⁸', '⁹'];
    text.chars()
        .map(|c| match c {
            '-' => Some('⁻'),
            _ => c.to_digit(10).map(|digit| DIGITS[digit as usize]),
        })
        .collect()
}

/// A constant as short as it can be written without losing a digit.
fn constant(x: f64) -> String {
    let magnitude = x.abs();
    if magnitude != 0.0 && x.is_finite() && !(1e-4..1e9).contains(&magnitude) {
        format!("{x:e}")
    } else {
        format!("{x}")
    }
}

/// The dimensions of a parameter.
fn layout(shape: Shape) -> Option<String> {
    match shape {
        Shape::Scalar | Shape::Opaque => None,
        Shape::Array(lengths) => {
            let lengths: Vec<String> = lengths.iter().map(usize::to_string).collect();
            Some(format!("[{}]", lengths.join("×")))
        }
        Shape::Tuple(parts) => {
            let parts: Vec<String> = parts
                .iter()
                .map(|&part| layout(part).unwrap_or_else(|| "·".to_owned()))
                .collect();
            Some(format!("({})", parts.join(", ")))
        }
        Shape::Slice => Some("[…]".to_owned()),
        Shape::Integer => Some("integer".to_owned()),
    }
}

/// A number or a list of numbers for the eye.
fn value(value: &Value) -> String {
    match value {
        Value::Scalar(x) => number(*x),
        Value::List(parts) => {
            let parts: Vec<String> = parts.iter().map(self::value).collect();
            format!("[{}]", list(&parts))
        }
    }
}

/// Four decimals; in scientific notation where those would show nothing but zeros or too many
/// digits.
fn number(x: f64) -> String {
    let magnitude = x.abs();
    if magnitude == 0.0 {
        "0.0000".to_owned()
    } else if x.is_finite() && !(5e-5..1e7).contains(&magnitude) {
        format!("{x:.4e}")
    } else {
        format!("{x:.4}")
    }
}
