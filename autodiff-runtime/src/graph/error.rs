//! Why a graph could not be evaluated.

use super::Node;
use core::fmt;

/// Why a graph could not be evaluated; as text it is one sentence.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum EvaluateError {
    /// The number of inputs is not that of the parameters' numbers.
    InputCount {
        /// The function.
        graph: &'static str,
        /// How many numbers its parameters hold, those of a slice aside.
        expected: usize,
        /// Whether one of them is a slice, which takes any number more.
        slice: bool,
        /// How many were given.
        found: usize,
    },
    /// The number of cotangents is not that of the function's results.
    CotangentCount {
        /// The function.
        graph: &'static str,
        /// How many numbers it returns.
        expected: usize,
        /// How many cotangents were given.
        found: usize,
    },
    /// The evaluation came to something that can be drawn but not evaluated.
    Unsupported {
        /// The function.
        graph: &'static str,
        /// What cannot be evaluated, and why.
        what: String,
        /// The line in the user's source, 0 where it is unknown.
        line: u32,
        /// The column there.
        column: u32,
    },
    /// Functions that call each other without an end, or with one too far away.
    TooDeep {
        /// The function whose call was one too many.
        graph: &'static str,
    },
    /// A loop that goes on and on, or ends too late.
    Endless {
        /// The function.
        graph: &'static str,
        /// The source of the loop, up to the brace.
        header: &'static str,
        /// How many iterations the interpreter does in one evaluation.
        most: usize,
        /// The line in the user's source, 0 where it is unknown.
        line: u32,
        /// The column there.
        column: u32,
    },
}

impl EvaluateError {
    pub(super) fn unsupported(graph: &'static str, node: &Node, what: impl Into<String>) -> Self {
        Self::Unsupported {
            graph,
            what: what.into(),
            line: node.line,
            column: node.column,
        }
    }

    pub(super) const fn endless(
        graph: &'static str,
        node: &Node,
        header: &'static str,
        most: usize,
    ) -> Self {
        Self::Endless {
            graph,
            header,
            most,
            line: node.line,
            column: node.column,
        }
    }
}

impl fmt::Display for EvaluateError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::InputCount {
                graph,
                expected,
                slice,
                found,
            } => {
                let at_least = if *slice { "at least " } else { "" };
                write!(
                    f,
                    "the graph of `{graph}` takes {at_least}{} (every float and integer of its \
                     parameters, in order), but {found} were given",
                    counted(*expected, "input")
                )
            }
            Self::CotangentCount {
                graph,
                expected,
                found,
            } => write!(
                f,
                "`{graph}` returns {}, so its reverse pass needs as many cotangents, but {found} \
                 were given: `evaluate` gives one, `evaluate_with` any number",
                counted(*expected, "number")
            ),
            Self::Unsupported {
                graph,
                what,
                line,
                column,
            } => {
                write!(f, "the graph of `{graph}` cannot be evaluated: {what}")?;
                place(f, *line, *column)
            }
            Self::TooDeep { graph } => write!(
                f,
                "the calls in the graph of `{graph}` go deeper than the interpreter follows, \
                 probably without an end"
            ),
            Self::Endless {
                graph,
                header,
                most,
                line,
                column,
            } => {
                write!(
                    f,
                    "the loops in the graph of `{graph}` take more than {most} iterations, which is \
                     as many as the interpreter does, and `{header}` has not ended"
                )?;
                place(f, *line, *column)
            }
        }
    }
}

impl core::error::Error for EvaluateError {}

/// Where in the source, if that is known.
fn place(f: &mut fmt::Formatter<'_>, line: u32, column: u32) -> fmt::Result {
    match line {
        0 => Ok(()),
        _ => write!(f, " (line {line}, column {column})"),
    }
}

fn counted(n: usize, noun: &str) -> String {
    format!("{n} {noun}{}", if n == 1 { "" } else { "s" })
}
