//! Pictures in the language of Graphviz.

use super::caption::{Caption, Kind};
use super::view::View;
use super::{Graph, NodeId, Op, Trace};
use std::fmt::{self, Write};

/// Draws a graph as a complete DOT document.
pub(super) fn dot(graph: &Graph, trace: Option<&Trace>) -> String {
    let mut out = String::new();
    document(&mut out, graph, trace).expect("writing to a string cannot fail");
    out
}

fn document(out: &mut String, graph: &Graph, trace: Option<&Trace>) -> fmt::Result {
    writeln!(out, "digraph \"{}\" {{", quoted(graph.name))?;
    writeln!(out, "  rankdir=LR;")?;
    writeln!(
        out,
        "  node [fontname=\"monospace\" fontsize=11 height=0.3];"
    )?;
    writeln!(out, "  edge [color=\"#7b8794\" arrowsize=0.7];")?;
    nodes(out, graph, trace, "n", "  ")?;
    writeln!(out, "}}")
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
        match graph.node(id).op {
            Op::Region { bodies, .. } => {
                let (fill, line) = Kind::Region.colours();
                let name = format!("{prefix}{}", id.0);
                writeln!(out, "{indent}subgraph \"cluster_{name}\" {{")?;
                writeln!(
                    out,
                    "{indent}  style=\"rounded,filled,dashed\" fillcolor=\"{fill}\" color=\"{line}\";"
                )?;
                // Arrows to a cluster end at this node inside of it.
                let inner = format!("{indent}  ");
                card(out, graph, id, trace, &name, &inner)?;
                for (place, body) in bodies.iter().enumerate() {
                    let name = format!("{name}_{place}");
                    writeln!(out, "{inner}subgraph \"cluster_{name}\" {{")?;
                    writeln!(
                        out,
                        "{inner}  label=\"{}\" style=\"rounded\";",
                        quoted(body.name)
                    )?;
                    nodes(out, body, None, &format!("{name}_"), &format!("{inner}  "))?;
                    writeln!(out, "{inner}}}")?;
                }
                writeln!(out, "{indent}}}")?;
            }
            _ => card(out, graph, id, trace, &format!("{prefix}{}", id.0), indent)?,
        }
    }
    for (from, to) in arrows {
        writeln!(
            out,
            "{indent}{prefix}{} -> {prefix}{};",
            ids[from].0, ids[to].0
        )?;
    }
    Ok(())
}

fn card(
    out: &mut String,
    graph: &Graph,
    id: NodeId,
    trace: Option<&Trace>,
    name: &str,
    indent: &str,
) -> fmt::Result {
    let kind = Kind::of(graph, id);
    let caption = Caption::of(graph, id, trace);
    let headline = caption.headline();
    let (fill, line) = kind.colours();
    write!(out, "{indent}{name} [")?;
    match &caption.numbers {
        Some((data, grad)) => write!(
            out,
            "shape=record label=\"{{ {} | {} | {} }}\"",
            in_record(&headline),
            in_record(data),
            in_record(grad)
        )?,
        None => write!(out, "shape=box label=\"{}\"", quoted(&headline))?,
    }
    let style = match kind {
        Kind::Parameter | Kind::Constant => "rounded,filled",
        Kind::Expression | Kind::Region => "dashed,filled",
        Kind::Operation | Kind::Call | Kind::Output => "filled",
    };
    write!(
        out,
        " style=\"{style}\" fillcolor=\"{fill}\" color=\"{line}\""
    )?;
    if kind == Kind::Call {
        write!(out, " peripheries=2")?;
    }
    writeln!(out, "];")
}

/// Text in a quoted string.
fn quoted(text: &str) -> String {
    escaped(text, "\\\"")
}

/// Text in a field of a record, in a quoted string.
fn in_record(text: &str) -> String {
    escaped(text, "\\\"{}|<>")
}

fn escaped(text: &str, special: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        if special.contains(c) {
            out.push('\\');
        }
        out.push(c);
    }
    out
}
