//! The frame of a loop or a branch around what it holds.
//!
//! Arrows to a frame arrive at ports in its left side, from where they go on inside to the
//! parameters that take the value; those that say how often or which way the program goes arrive at
//! the header. Results leave through ports in the right side.

use super::arrows::{Path, head};
use super::card::{after_a_word, headline, open};
use super::text::{self, Anchor, faint};
use super::{ARROW, CARD, PADDING, PAPER, Picture, Point, ROW};
use crate::graph::NodeId;
use crate::graph::caption::{Caption, Kind};
use crate::graph::scope::Scope;
use std::collections::BTreeMap;
use std::fmt::{self, Write};

/// Between the sides of a frame and the boxes of what it holds, if it holds several pieces.
const GUTTER: f64 = 30.0;
/// Between two ports, at least.
const PORT_GAP: f64 = 9.0;
/// How visible the arms are that were not taken.
const IDLE: f64 = 0.4;

/// A frame that is not placed yet.
#[derive(Clone, Debug)]
pub(super) struct Frame {
    caption: Caption,
    rounds: Option<String>,
    /// The colour of the outline.
    stroke: &'static str,
    /// Line and column in the user's source, if known.
    place: Option<(u32, u32)>,
    pieces: Vec<Piece>,
    /// By the place of an input.
    entries: BTreeMap<usize, Port>,
    exits: Vec<Port>,
    pub(super) width: f64,
    pub(super) height: f64,
}

/// One of the pieces that a frame holds, with its upper left corner.
#[derive(Clone, Debug)]
struct Piece {
    title: Option<String>,
    picture: Picture,
    idle: bool,
    corner: Point,
}

/// A place in the side of a frame.
#[derive(Clone, Debug)]
struct Port {
    y: f64,
    /// The points that it is connected with, and whether they are in a piece that was not reached.
    inside: Vec<(Point, bool)>,
}

impl Frame {
    /// The frame of a node that arrows lead to for these of its inputs.
    pub(super) fn of(scope: &Scope<'_>, id: NodeId, inputs: &[usize]) -> Result<Self, fmt::Error> {
        let node = scope.graph.node(id);
        let caption = Caption::of(scope, id);
        let rounds = scope.rounds(id);
        let held = scope.held_by(id);
        let (_, stroke) = Kind::outline(&scope.graph, id).colours();
        let mut this = Self {
            width: text::width(&caption.headline()) + 2.0 * PADDING,
            height: CARD,
            caption,
            rounds,
            stroke,
            place: (node.line > 0).then_some((node.line, node.column)),
            pieces: Vec::new(),
            entries: BTreeMap::new(),
            exits: Vec::new(),
        };
        if let Some(width) = this.second_row() {
            this.width = this.width.max(width);
            this.height += ROW;
        }
        for held in &held {
            let picture = Picture::of(held)?;
            let title = held.title.clone();
            let side = if title.is_some() { GUTTER } else { 0.0 };
            let title_width = title.as_deref().map_or(0.0, text::width) + 2.0 * PADDING;
            this.width = this.width.max(picture.width.max(title_width) + 2.0 * side);
            this.height += if title.is_some() { ROW } else { 0.0 };
            let corner = Point {
                x: side,
                y: this.height,
            };
            this.height += picture.height + side / 3.0;
            this.pieces.push(Piece {
                title,
                picture,
                idle: held.idle,
                corner,
            });
        }
        // A picture without a box of its own is centred in its frame.
        for piece in &mut this.pieces {
            if piece.title.is_none() {
                piece.corner.x = (this.width - piece.picture.width) / 2.0;
            }
        }
        this.set_entries(&held, inputs);
        this.set_exits(&held, scope.result_count(id));
        Ok(this)
    }

    /// The width of the row under the header, if there is one.
    fn second_row(&self) -> Option<f64> {
        let numbers = self.caption.numbers.as_ref();
        let numbers = numbers.map(|(data, grad)| text::width(data) + text::width(grad) + PADDING);
        let rounds = self
            .rounds
            .as_deref()
            .map(|rounds| text::width(rounds) + PADDING);
        (numbers.is_some() || rounds.is_some())
            .then(|| numbers.unwrap_or(0.0) + rounds.unwrap_or(0.0) + 2.0 * PADDING)
    }

    fn set_entries(&mut self, held: &[Scope<'_>], inputs: &[usize]) {
        let mut ports: Vec<Port> = inputs
            .iter()
            .map(|&place| {
                let inside = held.iter().zip(&self.pieces).filter_map(|(held, piece)| {
                    let param = held.entry(place)?;
                    // Several inputs of the same parameter end side by side.
                    let same = inputs
                        .iter()
                        .filter(|&&other| held.entry(other) == Some(param));
                    let rank = same.clone().take_while(|&&other| other != place).count();
                    let mut point = *piece.picture.entries.get(&param)?;
                    point.y += spread(rank, same.count());
                    Some(piece.placed(point))
                });
                Port::straight_to(inside.collect())
            })
            .collect();
        let to_the_header = ports.iter().filter(|port| port.inside.is_empty()).count();
        let headed = ports.iter_mut().filter(|port| port.inside.is_empty());
        for (rank, port) in headed.enumerate() {
            port.y = CARD / 2.0 + spread(rank, to_the_header);
        }
        keep_apart(&mut ports);
        self.entries = inputs.iter().copied().zip(ports).collect();
    }

    fn set_exits(&mut self, held: &[Scope<'_>], results: usize) {
        let exit = |result: usize| {
            let inside = held.iter().zip(&self.pieces).filter_map(|(held, piece)| {
                let exit = held.exits.get(result)?;
                Some(piece.placed(*piece.picture.exits.get(exit)?))
            });
            Port::between(inside.collect())
        };
        self.exits = (0..results).map(exit).collect();
        keep_apart(&mut self.exits);
    }

    /// Where an input arrives, from the top, and whether it ends there.
    pub(super) fn entry(&self, place: usize) -> Option<(f64, bool)> {
        let port = self.entries.get(&place)?;
        Some((port.y, port.inside.is_empty()))
    }

    /// Where a result leaves, from the top.
    pub(super) fn exit(&self, result: usize) -> Option<f64> {
        self.exits.get(result).map(|port| port.y)
    }

    pub(super) fn draw(&self, centre: Point, out: &mut String) -> fmt::Result {
        let (width, height, stroke) = (self.width, self.height, self.stroke);
        let (fill, _) = Kind::Region.colours();
        open(out, Kind::Region, centre, (width, height), self.place)?;
        writeln!(
            out,
            "<rect width=\"{width:.1}\" height=\"{height:.1}\" rx=\"8\" fill=\"{fill}\" \
             stroke=\"{stroke}\" stroke-width=\"1.3\" stroke-dasharray=\"5 3\"/>"
        )?;
        text::write(
            out,
            Anchor::Start,
            PADDING,
            CARD / 2.0,
            &headline(&self.caption),
        )?;
        let row = CARD + ROW / 2.0 - 2.0;
        if let Some((data, grad)) = &self.caption.numbers {
            let both = format!("{}{}{}", after_a_word(data), "  ", after_a_word(grad));
            text::write(out, Anchor::Start, PADDING, row, &both)?;
        }
        if let Some(rounds) = &self.rounds {
            text::write(out, Anchor::End, width - PADDING, row, &faint(rounds))?;
        }
        for piece in &self.pieces {
            piece.draw(width, stroke, out)?;
        }
        for port in self.entries.values() {
            port.draw_entry(out)?;
        }
        for port in &self.exits {
            port.draw_exit(width, out)?;
        }
        writeln!(out, "</g>")
    }
}

impl Piece {
    /// A point of the picture as one of the frame, and whether it was not reached.
    fn placed(&self, point: Point) -> (Point, bool) {
        let placed = Point {
            x: point.x + self.corner.x,
            y: point.y + self.corner.y,
        };
        (placed, self.idle)
    }

    fn draw(&self, width: f64, stroke: &str, out: &mut String) -> fmt::Result {
        let Point { x, y } = self.corner;
        let visibility = visibility(self.idle);
        writeln!(
            out,
            "<g transform=\"translate({x:.1} {y:.1})\"{visibility}>"
        )?;
        if let Some(title) = &self.title {
            writeln!(
                out,
                "<rect y=\"{:.1}\" width=\"{:.1}\" height=\"{:.1}\" rx=\"5\" fill=\"{PAPER}\" \
                 stroke=\"{stroke}\" stroke-width=\"0.7\"/>",
                -ROW,
                width - 2.0 * x,
                self.picture.height + ROW
            )?;
            let title = faint(title);
            text::write(out, Anchor::Start, PADDING, -ROW / 2.0, &title)?;
        }
        out.push_str(&self.picture.body);
        writeln!(out, "</g>")
    }
}

impl Port {
    /// At the height of the first of the points.
    fn straight_to(inside: Vec<(Point, bool)>) -> Self {
        Self {
            y: inside.first().map_or(0.0, |(point, _)| point.y),
            inside,
        }
    }

    /// At the mean height of the points.
    fn between(inside: Vec<(Point, bool)>) -> Self {
        let sum: f64 = inside.iter().map(|(point, _)| point.y).sum();
        Self {
            y: sum / inside.len().max(1) as f64,
            inside,
        }
    }

    fn draw_entry(&self, out: &mut String) -> fmt::Result {
        for &(point, idle) in &self.inside {
            let mut path = Path::start(Point { x: 0.0, y: self.y });
            path.swing_to(Point {
                x: GUTTER.min(point.x - 9.0),
                y: point.y,
            });
            path.line_to(point.x - 6.0);
            writeln!(out, "<g{}>", visibility(idle))?;
            path.draw(out, ARROW, "")?;
            head(out, point, ARROW)?;
            writeln!(out, "</g>")?;
        }
        Ok(())
    }

    fn draw_exit(&self, width: f64, out: &mut String) -> fmt::Result {
        for &(point, idle) in &self.inside {
            let mut path = Path::start(point);
            path.line_to(width - GUTTER);
            path.swing_to(Point {
                x: width,
                y: self.y,
            });
            path.draw(out, ARROW, &visibility(idle))?;
        }
        Ok(())
    }
}

/// The attribute that makes what was not reached pale.
fn visibility(idle: bool) -> String {
    match idle {
        true => format!(" opacity=\"{IDLE}\""),
        false => String::new(),
    }
}

/// How far from the middle the place of a rank among some is.
fn spread(rank: usize, count: usize) -> f64 {
    (rank as f64 - (count as f64 - 1.0) / 2.0) * PORT_GAP
}

/// Moves ports down where they are too close to the one above.
fn keep_apart(ports: &mut [Port]) {
    let mut order: Vec<usize> = (0..ports.len()).collect();
    order.sort_by(|&a, &b| ports[a].y.total_cmp(&ports[b].y));
    for pair in order.windows(2) {
        ports[pair[1]].y = ports[pair[1]].y.max(ports[pair[0]].y + PORT_GAP);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::graph::tests::examples::{CHOICE, SUM};

    fn port(y: f64) -> Port {
        Port {
            y,
            inside: Vec::new(),
        }
    }

    #[test]
    fn ports_do_not_touch() {
        let mut ports = [port(50.0), port(10.0), port(12.0), port(49.0)];
        keep_apart(&mut ports);
        let heights = ports.map(|port| port.y);
        assert_eq!(heights, [58.0, 10.0, 19.0, 49.0]);
    }

    #[test]
    fn what_a_loop_takes_goes_straight_to_its_parameters() {
        let scope = Scope::function(&SUM, None);
        // The length, which is the end of the range, the initial s and x.
        let frame = Frame::of(&scope, NodeId(5), &[1, 3, 4]).unwrap();
        assert_eq!(frame.entries.len(), 3);
        for place in [1, 3, 4] {
            let (y, ends_here) = frame.entry(place).unwrap();
            assert!(!ends_here && y > CARD && y < frame.height);
            let [(point, false)] = frame.entries[&place].inside[..] else {
                panic!("one parameter");
            };
            assert!((point.y - y).abs() < 1e-9);
            assert!(point.x > 0.0 && point.x < frame.width);
        }
        let [(exit, false)] = frame.exits[0].inside[..] else {
            panic!("one result");
        };
        assert!(exit.x > frame.width / 2.0 && exit.x < frame.width);
    }

    #[test]
    fn what_decides_about_a_branch_goes_to_the_header() {
        let trace = CHOICE.evaluate(&[2.0, 1.0]);
        let scope = Scope::function(&CHOICE, Some(&trace));
        let frame = Frame::of(&scope, NodeId(3), &[0, 1, 2]).unwrap();
        assert_eq!(frame.entry(0), Some((CARD / 2.0, true)));
        // x is used in one arm, k in both, of which one was not taken.
        assert_eq!(frame.entries[&1].inside.len(), 1);
        let arms: Vec<bool> = frame.entries[&2]
            .inside
            .iter()
            .map(|(_, idle)| *idle)
            .collect();
        assert_eq!(arms, [false, true]);
        assert_eq!(frame.exits[0].inside.len(), 2);
    }
}
