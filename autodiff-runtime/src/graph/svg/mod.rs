//! Pictures as SVG.
//!
//! A node is a card: its name and formula, and under them, after an evaluation, value and adjoint.
//! Data flows from left to right.

mod arrows;
mod layout;

use super::caption::{Caption, Kind};
use super::view::View;
use super::{Graph, NodeId, Op, Trace};
use layout::{Point, arrange};
use std::fmt::{self, Write};

/// Monospaced, so that the width of a text is known without the font.
const FONT: &str = "ui-monospace, SFMono-Regular, Menlo, Consolas, \
                    &quot;DejaVu Sans Mono&quot;, &quot;Liberation Mono&quot;, monospace";
const FONT_SIZE: f64 = 13.0;
/// The advance of a letter in the widest of these fonts, as a part of the size.
const ADVANCE: f64 = 0.612;
/// How far under the middle of its row a text has its baseline.
const DROP: f64 = 0.35 * FONT_SIZE;
/// From a card's edge to its text.
const PADDING: f64 = 10.0;
/// The height of a row of text.
const ROW: f64 = 24.0;
/// The height of a card with one row.
const CARD: f64 = ROW + 4.0;

const INK: &str = "#1f2933";
const FAINT_INK: &str = "#667380";
const PAPER: &str = "#fdfdfc";

/// Draws a graph as a complete SVG document.
pub(super) fn svg(graph: &Graph, trace: Option<&Trace>) -> String {
    let mut out = String::new();
    document(&mut out, graph, trace).expect("writing to a string cannot fail");
    out
}

fn document(out: &mut String, graph: &Graph, trace: Option<&Trace>) -> fmt::Result {
    let picture = Picture::of(graph, trace)?;
    let (width, height) = (picture.width.ceil(), picture.height.ceil());
    writeln!(
        out,
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" \
         viewBox=\"0 0 {width} {height}\" font-family=\"{FONT}\" font-size=\"{FONT_SIZE}\" \
         role=\"img\">"
    )?;
    let title = Escaped(graph.name);
    writeln!(out, "<title>Computation graph of {title}</title>")?;
    // A background of its own: the picture must be readable on a dark page as well.
    writeln!(
        out,
        "<rect width=\"100%\" height=\"100%\" rx=\"8\" fill=\"{PAPER}\"/>"
    )?;
    out.push_str(&picture.body);
    writeln!(out, "</svg>")
}

/// A drawn graph, without a document around it.
struct Picture {
    width: f64,
    height: f64,
    body: String,
}

impl Picture {
    fn of(graph: &Graph, trace: Option<&Trace>) -> Result<Self, fmt::Error> {
        let View { nodes, arrows } = View::of(graph);
        let cards = nodes
            .iter()
            .map(|&id| Card::of(graph, id, trace))
            .collect::<Result<Vec<_>, _>>()?;
        let sizes: Vec<(f64, f64)> = cards.iter().map(|card| (card.width, card.height)).collect();
        let arrangement = arrange(&sizes, &arrows);
        let mut body = String::new();
        arrows::draw(&sizes, &arrows, &arrangement, &mut body)?;
        for (card, centre) in cards.iter().zip(&arrangement.centres) {
            card.draw(*centre, &mut body)?;
        }
        Ok(Self {
            width: arrangement.width,
            height: arrangement.height,
            body,
        })
    }
}

/// The box of one node.
struct Card {
    kind: Kind,
    caption: Caption,
    /// Line and column in the user's source, if known.
    place: Option<(u32, u32)>,
    /// The bodies of a region, which are drawn inside of it, with their names.
    bodies: Vec<(&'static str, Picture)>,
    width: f64,
    height: f64,
}

impl Card {
    fn of(graph: &Graph, id: NodeId, trace: Option<&Trace>) -> Result<Self, fmt::Error> {
        let node = graph.node(id);
        let caption = Caption::of(graph, id, trace);
        let bodies = match node.op {
            Op::Region { bodies, .. } => bodies
                .iter()
                .map(|body| Ok((body.name, Picture::of(body, None)?)))
                .collect::<Result<_, _>>()?,
            _ => Vec::new(),
        };
        let mut width = text_width(&caption.headline()) + 2.0 * PADDING;
        let mut height = CARD;
        if let Some((data, grad)) = &caption.numbers {
            width = width.max(text_width(data) + text_width(grad) + 4.0 * PADDING);
            height += ROW;
        }
        for (name, body) in &bodies {
            width = width.max(text_width(name).max(body.width) + 2.0 * PADDING);
            height += ROW + body.height + PADDING;
        }
        Ok(Self {
            kind: Kind::of(graph, id),
            caption,
            place: (node.line > 0).then_some((node.line, node.column)),
            bodies,
            // A card is never higher than wide: a single letter makes a circle.
            width: width.max(height),
            height,
        })
    }

    fn draw(&self, centre: Point, out: &mut String) -> fmt::Result {
        let (left, top) = (centre.x - self.width / 2.0, centre.y - self.height / 2.0);
        writeln!(
            out,
            "<g class=\"{}\" transform=\"translate({left:.1} {top:.1})\">",
            self.kind.name()
        )?;
        if let Some((line, column)) = self.place {
            writeln!(out, "<title>line {line}, column {column}</title>")?;
        }
        self.frame(out)?;
        self.headline(out)?;
        let mut top = CARD;
        if let Some((data, grad)) = &self.caption.numbers {
            self.numbers(data, grad, out)?;
            top += ROW;
        }
        for (name, body) in &self.bodies {
            self.body(name, body, top, out)?;
            top += ROW + body.height + PADDING;
        }
        writeln!(out, "</g>")
    }

    fn frame(&self, out: &mut String) -> fmt::Result {
        let (width, height) = (self.width, self.height);
        let (fill, stroke) = self.kind.colours();
        let radius = match self.kind {
            Kind::Parameter | Kind::Constant => CARD / 2.0,
            _ => 5.0,
        };
        let dashes = match self.kind {
            Kind::Expression | Kind::Region => " stroke-dasharray=\"4 3\"",
            _ => "",
        };
        writeln!(
            out,
            "<rect width=\"{width:.1}\" height=\"{height:.1}\" rx=\"{radius}\" fill=\"{fill}\" \
             stroke=\"{stroke}\" stroke-width=\"1.3\"{dashes}/>"
        )?;
        if self.kind == Kind::Call {
            // The double frame says that there is another graph behind this node.
            writeln!(
                out,
                "<rect x=\"2.5\" y=\"2.5\" width=\"{:.1}\" height=\"{:.1}\" rx=\"3\" fill=\"none\" \
                 stroke=\"{stroke}\" stroke-width=\"0.8\"/>",
                width - 5.0,
                height - 5.0
            )?;
        }
        Ok(())
    }

    fn headline(&self, out: &mut String) -> fmt::Result {
        let text = match (&self.caption.name, &self.caption.operation) {
            (Some(name), None) => bold(name),
            (Some(name), Some(operation)) => {
                let between = self.caption.between;
                format!("{}{}{}", bold(name), faint(between), Escaped(operation))
            }
            (None, Some(operation)) => Escaped(operation).to_string(),
            (None, None) => return Ok(()),
        };
        centred(out, self.width / 2.0, CARD / 2.0, &text)
    }

    /// Value and adjoint side by side under a line; the room left over is divided between them.
    fn numbers(&self, data: &str, grad: &str, out: &mut String) -> fmt::Result {
        let (width, height) = (self.width, self.height);
        let (_, stroke) = self.kind.colours();
        let spare = width - text_width(data) - text_width(grad) - 4.0 * PADDING;
        let split = text_width(data) + 2.0 * PADDING + spare / 2.0;
        let top = ROW + 2.0;
        writeln!(
            out,
            "<path d=\"M0 {top:.1}H{width:.1}M{split:.1} {top:.1}V{height:.1}\" \
             stroke=\"{stroke}\" stroke-width=\"0.7\" opacity=\"0.7\"/>"
        )?;
        for (x, text) in [(split / 2.0, data), ((split + width) / 2.0, grad)] {
            let (word, number) = text.split_at(text.find(' ').map_or(0, |space| space + 1));
            let text = format!("{}{}", faint(word), Escaped(number));
            centred(out, x, ROW + CARD / 2.0, &text)?;
        }
        Ok(())
    }

    /// The graph of a branch or loop body, under its name.
    fn body(&self, name: &str, body: &Picture, top: f64, out: &mut String) -> fmt::Result {
        let (_, stroke) = self.kind.colours();
        writeln!(
            out,
            "<text x=\"{PADDING}\" y=\"{:.1}\" fill=\"{FAINT_INK}\">{}</text>",
            top + ROW / 2.0 + DROP,
            Escaped(name)
        )?;
        writeln!(
            out,
            "<g transform=\"translate({PADDING} {:.1})\">\n<rect width=\"{:.1}\" height=\"{:.1}\" \
             rx=\"5\" fill=\"{PAPER}\" stroke=\"{stroke}\" stroke-width=\"0.7\"/>",
            top + ROW,
            self.width - 2.0 * PADDING,
            body.height
        )?;
        out.push_str(&body.body);
        writeln!(out, "</g>")
    }
}

/// Writes markup that is centred at the point.
fn centred(out: &mut String, x: f64, y: f64, markup: &str) -> fmt::Result {
    // Without the attribute, viewers drop spaces at the ends of the parts.
    writeln!(
        out,
        "<text xml:space=\"preserve\" x=\"{x:.1}\" y=\"{:.1}\" text-anchor=\"middle\" \
         fill=\"{INK}\">{markup}</text>",
        y + DROP
    )
}

fn bold(text: &str) -> String {
    format!("<tspan font-weight=\"700\">{}</tspan>", Escaped(text))
}

fn faint(text: &str) -> String {
    format!("<tspan fill=\"{FAINT_INK}\">{}</tspan>", Escaped(text))
}

/// How wide a text is, in pixels.
fn text_width(text: &str) -> f64 {
    text.chars().map(columns).sum::<f64>() * ADVANCE * FONT_SIZE
}

/// How many columns of a monospaced font a character takes.
fn columns(c: char) -> f64 {
    // The wide blocks of Unicode Standard Annex 11: East Asian scripts and pictographs.
    match u32::from(c) {
        0x1100..=0x115F
        | 0x2E80..=0xA4CF
        | 0xAC00..=0xD7A3
        | 0xF900..=0xFAFF
        | 0xFE30..=0xFE6F
        | 0xFF00..=0xFF60
        | 0x1F300..=0x1FAFF
        | 0x20000.. => 2.0,
        _ => 1.0,
    }
}

/// Text in XML, where some characters are markup and most control characters are forbidden.
struct Escaped<'a>(&'a str);

impl fmt::Display for Escaped<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for c in self.0.chars() {
            match c {
                '&' => f.write_str("&amp;")?,
                '<' => f.write_str("&lt;")?,
                '>' => f.write_str("&gt;")?,
                '"' => f.write_str("&quot;")?,
                '\u{FFFE}' | '\u{FFFF}' => f.write_char(char::REPLACEMENT_CHARACTER)?,
                c if c.is_control() => f.write_char(char::REPLACEMENT_CHARACTER)?,
                c => f.write_char(c)?,
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::graph::{Node, Shape};

    #[test]
    fn texts_fit_into_their_boxes() {
        const GRAPH: Graph = Graph {
            name: "f",
            nodes: &[Node {
                op: Op::Parameter {
                    name: "a_parameter_of_a_long_name_in_日本語",
                    shape: Shape::Array(&[2, 3]),
                },
                inputs: &[],
                label: None,
                line: 0,
                column: 0,
            }],
            params: &[NodeId(0)],
            outputs: &[NodeId(0)],
        };
        let letter = ADVANCE * FONT_SIZE;
        let plain = Card::of(&GRAPH, NodeId(0), None).unwrap();
        let text = "a_parameter_of_a_long_name_in_日本語 [2×3]";
        assert_eq!(plain.caption.headline(), text);
        // The last three letters of the name are wide.
        let columns = (text.chars().count() + 3) as f64;
        assert!(plain.width >= columns * letter + 2.0 * PADDING);

        let trace = GRAPH.evaluate_with(&[1e300; 6], &[1.0; 6]);
        let evaluated = Card::of(&GRAPH, NodeId(0), Some(&trace)).unwrap();
        let (data, grad) = evaluated.caption.numbers.clone().unwrap();
        let columns = (data.chars().count() + grad.chars().count()) as f64;
        assert!(evaluated.width >= columns * letter + 4.0 * PADDING);
    }
}
