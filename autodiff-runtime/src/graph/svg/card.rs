//! The box of a node: its name and formula, and under them, after an evaluation, value and adjoint.

use super::text::{self, Anchor, Escaped, bold, faint};
use super::{CARD, PADDING, Point, ROW};
use crate::graph::NodeId;
use crate::graph::caption::{Caption, Kind};
use crate::graph::scope::Scope;
use std::fmt::{self, Write};

/// A box that is not placed yet.
#[derive(Clone, Debug)]
pub(super) struct Card {
    kind: Kind,
    pub(super) caption: Caption,
    /// Line and column in the user's source, if known.
    place: Option<(u32, u32)>,
    pub(super) width: f64,
    pub(super) height: f64,
}

impl Card {
    pub(super) fn of(scope: &Scope<'_>, id: NodeId) -> Self {
        let node = scope.graph.node(id);
        let caption = Caption::of(scope, id);
        let mut width = text::width(&caption.headline()) + 2.0 * PADDING;
        let mut height = CARD;
        if let Some(numbers) = &caption.numbers {
            width = width.max(numbers_width(numbers));
            height += ROW;
        }
        Self {
            kind: Kind::of(&scope.graph, id),
            caption,
            place: (node.line > 0).then_some((node.line, node.column)),
            // A card is never higher than wide: a single letter makes a circle.
            width: width.max(height),
            height,
        }
    }

    pub(super) fn draw(&self, centre: Point, out: &mut String) -> fmt::Result {
        open(
            out,
            self.kind,
            centre,
            (self.width, self.height),
            self.place,
        )?;
        self.frame(out)?;
        let middle = self.width / 2.0;
        text::write(
            out,
            Anchor::Middle,
            middle,
            CARD / 2.0,
            &headline(&self.caption),
        )?;
        if let Some(pair) = &self.caption.numbers {
            let (_, stroke) = self.kind.colours();
            numbers(out, pair, self.width, self.height, stroke)?;
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
            Kind::Expression => " stroke-dasharray=\"4 3\"",
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
}

/// Opens the group of a box, whose origin is its upper left corner.
pub(super) fn open(
    out: &mut String,
    kind: Kind,
    centre: Point,
    (width, height): (f64, f64),
    place: Option<(u32, u32)>,
) -> fmt::Result {
    let (left, top) = (centre.x - width / 2.0, centre.y - height / 2.0);
    writeln!(
        out,
        "<g class=\"{}\" transform=\"translate({left:.1} {top:.1})\">",
        kind.name()
    )?;
    match place {
        Some((line, column)) => {
            writeln!(out, "<title>line {line}, column {column}</title>")
        }
        None => Ok(()),
    }
}

/// Name and operation as markup.
pub(super) fn headline(caption: &Caption) -> String {
    match (&caption.name, &caption.operation) {
        (Some(name), None) => bold(name),
        (Some(name), Some(operation)) => {
            format!(
                "{}{}{}",
                bold(name),
                faint(caption.between),
                Escaped(operation)
            )
        }
        (None, Some(operation)) => Escaped(operation).to_string(),
        (None, None) => String::new(),
    }
}

/// How wide a row of value and adjoint is, at least.
pub(super) fn numbers_width((data, grad): &(String, String)) -> f64 {
    text::width(data) + text::width(grad) + 4.0 * PADDING
}

/// Value and adjoint side by side under a line at the end of a box of the width and height; the
/// room left over is divided between them.
fn numbers(
    out: &mut String,
    (data, grad): &(String, String),
    width: f64,
    height: f64,
    stroke: &str,
) -> fmt::Result {
    let spare = width - text::width(data) - text::width(grad) - 4.0 * PADDING;
    let split = text::width(data) + 2.0 * PADDING + spare / 2.0;
    let top = ROW + 2.0;
    writeln!(
        out,
        "<path d=\"M0 {top:.1}H{width:.1}M{split:.1} {top:.1}V{height:.1}\" \
         stroke=\"{stroke}\" stroke-width=\"0.7\" opacity=\"0.7\"/>"
    )?;
    for (x, number) in [(split / 2.0, data), ((split + width) / 2.0, grad)] {
        text::write(
            out,
            Anchor::Middle,
            x,
            ROW + CARD / 2.0,
            &after_a_word(number),
        )?;
    }
    Ok(())
}

/// A number after a word that says what it is.
pub(super) fn after_a_word(text: &str) -> String {
    let (word, number) = text.split_at(text.find(' ').map_or(0, |space| space + 1));
    format!("{}{}", faint(word), Escaped(number))
}

#[cfg(test)]
mod tests {
    use super::super::text::{ADVANCE, FONT_SIZE};
    use super::*;
    use crate::graph::{Graph, Node, Op, Shape};

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
        let plain = Card::of(&Scope::function(&GRAPH, None), NodeId(0));
        let text = "a_parameter_of_a_long_name_in_日本語 [2×3]";
        assert_eq!(plain.caption.headline(), text);
        // The last three letters of the name are wide.
        let columns = (text.chars().count() + 3) as f64;
        assert!(plain.width >= columns * letter + 2.0 * PADDING);

        let trace = GRAPH.evaluate_with(&[1e300; 6], &[1.0; 6]);
        let evaluated = Card::of(&Scope::function(&GRAPH, Some(&trace)), NodeId(0));
        let (data, grad) = evaluated.caption.numbers.unwrap();
        let columns = (data.chars().count() + grad.chars().count()) as f64;
        assert!(evaluated.width >= columns * letter + 4.0 * PADDING);
    }
}
