//! Pictures in the language of Mermaid, which many Markdown viewers draw.

use super::caption::{Caption, Kind};
use super::view::View;
use super::{Graph, NodeId, Op, Trace};
use std::fmt::{self, Write};

/// Draws a graph as a complete Mermaid flowchart.
pub(super) fn mermaid(graph: &Graph, trace: Option<&Trace>) -> String {
    let mut out = String::new();
    document(&mut out, graph, trace).expect("writing to a string cannot fail");
    out
}

fn document(out: &mut String, graph: &Graph, trace: Option<&Trace>) -> fmt::Result {
    writeln!(out, "flowchart LR")?;
    nodes(out, graph, trace, "n", "  ")?;
    for kind in Kind::ALL {
        let (fill, line) = kind.colours();
        let dashes = match kind {
            Kind::Expression | Kind::Region => ",stroke-dasharray:4 3",
            _ => "",
        };
        writeln!(
            out,
            "  classDef {} fill:{fill},stroke:{line},color:#1f2933{dashes}",
            kind.name()
        )?;
    }
    Ok(())
}

/// The nodes and arrows of a graph, whose names get the prefix.
fn nodes(
    out: &mut String,
    graph: &Graph,
    trace: Option<&Trace>,
    prefix: &str,
    indent: &str,
) -> fmt::Result {
    let View { nodes: ids, arrows } = View::of(graph);
    for &id in &ids {
        let name = format!("{prefix}{}", id.0);
        let text = text(graph, id, trace);
        let kind = Kind::of(graph, id);
        match graph.node(id).op {
            Op::Region { bodies, .. } => {
                writeln!(out, "{indent}subgraph {name} [\"{text}\"]")?;
                for (place, body) in bodies.iter().enumerate() {
                    let name = format!("{name}_{place}");
                    writeln!(
                        out,
                        "{indent}  subgraph {name} [\"{}\"]",
                        escaped(body.name)
                    )?;
                    nodes(
                        out,
                        body,
                        None,
                        &format!("{name}_"),
                        &format!("{indent}    "),
                    )?;
                    writeln!(out, "{indent}  end")?;
                }
                writeln!(out, "{indent}end")?;
                writeln!(out, "{indent}class {name} {}", kind.name())?;
            }
            _ => {
                let (open, close) = match kind {
                    Kind::Parameter | Kind::Constant => ("([", "])"),
                    Kind::Call => ("[[", "]]"),
                    _ => ("[", "]"),
                };
                writeln!(
                    out,
                    "{indent}{name}{open}\"{text}\"{close}:::{}",
                    kind.name()
                )?;
            }
        }
    }
    for (from, to) in arrows {
        writeln!(
            out,
            "{indent}{prefix}{} --> {prefix}{}",
            ids[from].0, ids[to].0
        )?;
    }
    Ok(())
}

fn text(graph: &Graph, id: NodeId, trace: Option<&Trace>) -> String {
    let caption = Caption::of(graph, id, trace);
    let headline = escaped(&caption.headline());
    match caption.numbers {
        Some((data, grad)) => format!("{headline}<br/>{} | {}", escaped(&data), escaped(&grad)),
        None => headline,
    }
}

/// Text in a quoted string, where Mermaid writes characters of its own as `#number;`.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '"' | '#' | '%' | '&' | '<' | '>' | '\\' | '`' => {
                out.push_str(&format!("#{};", u32::from(c)));
            }
            _ => out.push(c),
        }
    }
    out
}
