//! Pictures in the language of Mermaid, which many Markdown viewers draw.

use super::caption::{Caption, Kind};
use super::links::{links, name, prefix_inside};
use super::scope::Scope;
use super::view::View;
use super::{Graph, NodeId, Trace};
use std::fmt::{self, Write};

/// Draws a graph as a complete Mermaid flowchart.
pub(super) fn mermaid(graph: &Graph, trace: Option<&Trace>) -> String {
    let mut out = String::new();
    let scope = Scope::function(graph, trace);
    document(&mut out, &scope).expect("writing to a string cannot fail");
    out
}

fn document(out: &mut String, scope: &Scope<'_>) -> fmt::Result {
    writeln!(out, "flowchart LR")?;
    piece(out, scope, "n", "  ")?;
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

/// The nodes and arrows of a piece of the program, whose names get the prefix.
fn piece(out: &mut String, scope: &Scope<'_>, prefix: &str, indent: &str) -> fmt::Result {
    let view = View::of(scope);
    for &id in &view.nodes {
        let name = name(prefix, id);
        if scope.graph.node(id).op.is_control() {
            frame(out, scope, id, &name, indent)?;
            continue;
        }
        let kind = Kind::of(&scope.graph, id);
        let (open, close) = match kind {
            Kind::Parameter | Kind::Constant => ("([", "])"),
            Kind::Call => ("[[", "]]"),
            _ => ("[", "]"),
        };
        writeln!(
            out,
            "{indent}{name}{open}\"{}\"{close}:::{}",
            text(scope, id),
            kind.name()
        )?;
    }
    for link in links(scope, &view, prefix) {
        let arrow = if link.back { "-.->" } else { "-->" };
        writeln!(out, "{indent}{} {arrow} {}", link.from, link.to)?;
    }
    Ok(())
}

/// A node with what it holds.
fn frame(out: &mut String, scope: &Scope<'_>, id: NodeId, name: &str, indent: &str) -> fmt::Result {
    let mut title = text(scope, id);
    if let Some(rounds) = scope.rounds(id) {
        title += &format!("<br/>{rounds}");
    }
    writeln!(out, "{indent}subgraph {name} [\"{title}\"]")?;
    for (place, held) in scope.held_by(id).iter().enumerate() {
        let prefix = prefix_inside(name, place);
        let Some(title) = &held.title else {
            piece(out, held, &prefix, &format!("{indent}  "))?;
            continue;
        };
        writeln!(
            out,
            "{indent}  subgraph {name}_{place} [\"{}\"]",
            escaped(title)
        )?;
        piece(out, held, &prefix, &format!("{indent}    "))?;
        writeln!(out, "{indent}  end")?;
    }
    writeln!(out, "{indent}end")?;
    writeln!(out, "{indent}class {name} {}", Kind::Region.name())
}

fn text(scope: &Scope<'_>, id: NodeId) -> String {
    let caption = Caption::of(scope, id);
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
