//! The words in a picture: how a node is named and what it says it does, the same for all formats.

use super::{Function, Graph, Node, NodeId, Op, Shape, Trace, Value};

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
            Op::Region { .. } => Self::Region,
            _ if graph.outputs.contains(&id) => Self::Output,
            Op::Parameter { .. } => Self::Parameter,
            Op::Constant(_) => Self::Constant,
            Op::Expression(_) => Self::Expression,
            Op::Call { .. } => Self::Call,
            _ => Self::Operation,
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
    /// Value and adjoint, if the graph was evaluated.
    pub(super) numbers: Option<(String, String)>,
}

impl Caption {
    pub(super) fn of(graph: &Graph, id: NodeId, trace: Option<&Trace>) -> Self {
        let node = graph.node(id);
        let name = match node.op {
            Op::Parameter { name, .. } => Some(name),
            _ => node.label,
        };
        let numbers = trace.map(|trace| {
            (
                format!("data {}", value(&trace.values[id.0])),
                format!("grad {}", value(&trace.adjoints[id.0])),
            )
        });
        Self {
            name: name.map(clean),
            operation: operation(graph, node).map(|text| clean(&text)),
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

/// What a node does, in the notation of a formula; `None` for a parameter of one number, whose
/// name is enough.
fn operation(graph: &Graph, node: &Node) -> Option<String> {
    let operands: Vec<String> = node.inputs.iter().map(|&id| operand(graph, id)).collect();
    let text = match node.op {
        Op::Parameter { shape, .. } => return layout(shape),
        Op::Constant(x) => constant(x),
        Op::Expression(text) => text.to_owned(),
        Op::Apply(function) => formula(function, &operands),
        Op::Cast(target) => format!("{} as {target}", operands.join(", ")),
        Op::Index | Op::Field(_) => part(node.op, &operands),
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
        Op::Region { kind, .. } => kind.to_owned(),
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
        Op::Index | Op::Field(_) => {
            let operands: Vec<String> = node.inputs.iter().map(|&id| operand(graph, id)).collect();
            part(node.op, &operands)
        }
        _ => "…".to_owned(),
    }
}

/// `base[index]` or `base.field`.
fn part(op: Op, operands: &[String]) -> String {
    match (op, operands) {
        (Op::Field(field), [base, ..]) => format!("{base}.{field}"),
        (_, [base, index, ..]) => format!("{base}[{index}]"),
        _ => "…".to_owned(),
    }
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
