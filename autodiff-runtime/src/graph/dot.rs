//! Pictures in the language of Graphviz.

use super::caption::{Caption, Kind};
use super::links::{Link, links, name, prefix_inside};
use super::scope::Scope;
use super::view::View;
use super::{Graph, NodeId, Trace};
use std::fmt::{self, Write};

/// Draws a graph as a complete DOT document.
pub(super) fn dot(graph: &Graph, trace: Option<&Trace>) -> String {
    let mut out = String::new();
    let scope = Scope::function(graph, trace);
    document(&mut out, &scope).expect("writing to a string cannot fail");
    out
}

fn document(out: &mut String, scope: &Scope<'_>) -> fmt::Result {
    writeln!(out, "digraph \"{}\" {{", quoted(scope.graph.name))?;
    writeln!(out, "  rankdir=LR;")?;
    writeln!(
        out,
        "  node [fontname=\"monospace\" fontsize=11 height=0.3];"
    )?;
    writeln!(out, "  edge [color=\"#7b8794\" arrowsize=0.7];")?;
    piece(out, scope, "n", "  ")?;
    writeln!(out, "}}")
}

/// The nodes and arrows of a piece of the program, whose names get the prefix.
fn piece(out: &mut String, scope: &Scope<'_>, prefix: &str, indent: &str) -> fmt::Result {
    let view = View::of(scope);
    let links = links(scope, &view, prefix);
    for &id in &view.nodes {
        let name = name(prefix, id);
        if scope.graph.node(id).op.is_control() {
            let is_end = |link: &Link| link.from == name || link.to == name;
            frame(out, scope, id, links.iter().any(is_end), &name, indent)?;
        } else {
            card(out, scope, id, &name, indent)?;
        }
    }
    let (_, colour) = Kind::Region.colours();
    for Link { from, to, back } in links {
        // An arrow back is written forwards: so it does not turn the order of the nodes around.
        match back {
            true => writeln!(
                out,
                "{indent}{to} -> {from} [dir=back style=dashed color=\"{colour}\"];"
            )?,
            false => writeln!(out, "{indent}{from} -> {to};")?,
        }
    }
    Ok(())
}

/// A node with what it holds.
fn frame(
    out: &mut String,
    scope: &Scope<'_>,
    id: NodeId,
    is_end: bool,
    name: &str,
    indent: &str,
) -> fmt::Result {
    let (fill, line) = Kind::Region.colours();
    let (_, outline) = Kind::outline(&scope.graph, id).colours();
    let caption = Caption::of(scope, id);
    let mut title = format!("{}\\l", quoted(&caption.headline()));
    if let Some((data, grad)) = &caption.numbers {
        title += &format!("{} | {}\\l", quoted(data), quoted(grad));
    }
    if let Some(rounds) = scope.rounds(id) {
        title += &format!("{rounds}\\l");
    }
    let inner = format!("{indent}  ");
    writeln!(out, "{indent}subgraph \"cluster_{name}\" {{")?;
    writeln!(
        out,
        "{inner}label=\"{title}\" labeljust=l fontname=\"monospace\" fontsize=11;"
    )?;
    writeln!(
        out,
        "{inner}style=\"rounded,filled,dashed\" fillcolor=\"{fill}\" color=\"{outline}\";"
    )?;
    if is_end {
        writeln!(
            out,
            "{inner}{name} [shape=diamond label=\"\" width=0.2 height=0.2 style=\"filled\" \
             fillcolor=\"{line}\" color=\"{line}\"];"
        )?;
    }
    for (place, held) in scope.held_by(id).iter().enumerate() {
        let prefix = prefix_inside(name, place);
        let Some(title) = &held.title else {
            piece(out, held, &prefix, &inner)?;
            continue;
        };
        let line = if held.idle { "dotted" } else { "solid" };
        writeln!(out, "{inner}subgraph \"cluster_{name}_{place}\" {{")?;
        writeln!(
            out,
            "{inner}  label=\"{}\" labeljust=l style=\"rounded,filled,{line}\" fillcolor=\"#fdfdfc\";",
            quoted(title)
        )?;
        piece(out, held, &prefix, &format!("{inner}  "))?;
        writeln!(out, "{inner}}}")?;
    }
    writeln!(out, "{indent}}}")
}

fn card(out: &mut String, scope: &Scope<'_>, id: NodeId, name: &str, indent: &str) -> fmt::Result {
    let kind = Kind::of(&scope.graph, id);
    let caption = Caption::of(scope, id);
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
        Kind::Expression => "dashed,filled",
        Kind::Operation | Kind::Call | Kind::Output | Kind::Region => "filled",
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
