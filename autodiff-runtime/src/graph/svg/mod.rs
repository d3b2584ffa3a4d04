//! Pictures as SVG.
//!
//! A node is a card: its name and formula, and under them, after an evaluation, value and adjoint.
//! Data flows from left to right. A loop or branch is a frame around what it holds.

mod arrows;
mod card;
mod frame;
mod layout;
mod text;

use super::scope::Scope;
use super::view::{Arrow, View};
use super::{Graph, NodeId, Op, Trace};
use arrows::{End, Path, Wire, head};
use card::Card;
use frame::Frame;
use layout::{Point, Rank, arrange};
use std::collections::BTreeMap;
use std::fmt::{self, Write};
use text::{Escaped, FONT, FONT_SIZE};

/// From a card's edge to its text.
const PADDING: f64 = 10.0;
/// The height of a row of text.
const ROW: f64 = 24.0;
/// The height of a card with one row.
const CARD: f64 = ROW + 4.0;
/// The size of the place that is kept free in the last column for a result on its way out.
const WAY_OUT: f64 = 6.0;
/// Between two arrows that go back to the next iteration.
const LANE: f64 = 8.0;

const INK: &str = "#1f2933";
const PAPER: &str = "#fdfdfc";
const ARROW: &str = "#7b8794";
/// Of what goes back to the next iteration.
const BACK: &str = "#b8892b";

/// Draws a graph as a complete SVG document.
pub(super) fn svg(graph: &Graph, trace: Option<&Trace>) -> String {
    let mut out = String::new();
    document(&mut out, graph, trace).expect("writing to a string cannot fail");
    out
}

fn document(out: &mut String, graph: &Graph, trace: Option<&Trace>) -> fmt::Result {
    let picture = Picture::of(&Scope::function(graph, trace))?;
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

/// A drawn piece of the program, without a document around it.
#[derive(Clone, Debug)]
struct Picture {
    width: f64,
    height: f64,
    body: String,
    /// Where an arrow from outside ends, for every parameter.
    entries: BTreeMap<NodeId, Point>,
    /// Where an arrow to the outside starts, for every result.
    exits: BTreeMap<NodeId, Point>,
}

impl Picture {
    fn of(scope: &Scope<'_>) -> Result<Self, fmt::Error> {
        let View { nodes, arrows } = View::of(scope);
        let items = nodes
            .iter()
            .enumerate()
            .map(|(position, &id)| Item::of(scope, id, position, &arrows))
            .collect::<Result<Vec<_>, _>>()?;
        let mut sizes: Vec<(f64, f64)> = items.iter().map(Item::size).collect();
        let mut wires: Vec<Wire> = arrows
            .iter()
            .map(|arrow| wire(scope, &nodes, &items, arrow))
            .collect();
        let mut ranks: Vec<Rank> = nodes.iter().map(|&id| rank(scope, id)).collect();

        // Results leave to the right, where nothing must be in their way: those that are used
        // further on have a place of their own in the last column.
        let mut ends: BTreeMap<NodeId, usize> = BTreeMap::new();
        for exit in scope.exits {
            let Ok(position) = nodes.binary_search(exit) else {
                continue;
            };
            let is_end = arrows.iter().all(|arrow| arrow.from != position)
                && arrows.iter().any(|arrow| arrow.to == position);
            ends.entry(*exit).or_insert_with(|| {
                if is_end {
                    ranks[position] = Rank::Last;
                    return position;
                }
                let (shift, has_head) = (0.0, false);
                wires.push(Wire {
                    from: position,
                    to: sizes.len(),
                    start: items[position].exit(0),
                    end: End::At { shift, has_head },
                });
                sizes.push((WAY_OUT, WAY_OUT));
                ranks.push(Rank::Last);
                sizes.len() - 1
            });
        }

        let arrangement = arrange(&sizes, &wires, &ranks);
        let centres = &arrangement.centres;
        let mut body = String::new();
        for (item, centre) in items.iter().zip(centres) {
            if let Item::Frame(frame) = item {
                frame.draw(*centre, &mut body)?;
            }
        }
        arrows::draw(&sizes, &wires, &arrangement, &mut body)?;
        for (item, centre) in items.iter().zip(centres) {
            if let Item::Card(card) = item {
                card.draw(*centre, &mut body)?;
            }
        }
        let side = |position: usize, sign: f64| Point {
            x: centres[position].x + sign * sizes[position].0 / 2.0,
            y: centres[position].y,
        };
        let entries = scope
            .graph
            .params
            .iter()
            .filter_map(|&id| Some((id, side(nodes.binary_search(&id).ok()?, -1.0))))
            .collect();
        let exits = ends
            .iter()
            .map(|(&id, &position)| {
                let exit = items.get(position).map(|item| item.exit(0));
                // A place that is kept free has no box to start from.
                let mut point = side(position, exit.map_or(-1.0, |_| 1.0));
                point.y += exit.unwrap_or(0.0);
                (id, point)
            })
            .collect();
        let mut picture = Self {
            width: arrangement.width,
            height: arrangement.height,
            body,
            entries,
            exits,
        };
        picture.go_back(scope)?;
        Ok(picture)
    }

    /// Adds the arrows from the results to the parameters of the next iteration, around the whole.
    fn go_back(&mut self, scope: &Scope<'_>) -> fmt::Result {
        let mut pairs: Vec<(Point, NodeId)> = scope
            .back
            .iter()
            .filter(|(from, to)| from != to && self.entries.contains_key(to))
            .filter_map(|(from, to)| Some((*self.exits.get(from)?, *to)))
            .collect();
        if pairs.is_empty() {
            return Ok(());
        }
        // The lowest one takes the shortest way.
        pairs.sort_by(|(a, _), (b, _)| b.y.total_cmp(&a.y));
        let room = LANE * pairs.len() as f64;
        let mut lanes = String::new();
        for (lane, (from, to)) in pairs.into_iter().enumerate() {
            let entry = self.entries.get_mut(&to).expect("it was found before");
            let tip = Point {
                x: entry.x,
                y: entry.y + 5.0,
            };
            entry.y -= 5.0;
            let distance = LANE * lane as f64;
            let (left, right) = (-distance, self.width + distance);
            let bottom = self.height + distance;
            let mut path = Path::start(from);
            path.around(&[
                Point {
                    x: right,
                    y: from.y,
                },
                Point {
                    x: right,
                    y: bottom,
                },
                Point { x: left, y: bottom },
                Point { x: left, y: tip.y },
            ]);
            path.line_to(tip.x - 6.0);
            path.draw(&mut lanes, BACK, " stroke-dasharray=\"4 3\"")?;
            head(&mut lanes, tip, BACK)?;
        }
        self.body = format!(
            "<g transform=\"translate({room} 0)\">\n{lanes}{}</g>\n",
            self.body
        );
        self.width += 2.0 * room;
        self.height += room;
        for point in self.entries.values_mut().chain(self.exits.values_mut()) {
            point.x += room;
        }
        Ok(())
    }
}

/// What a node is drawn as.
enum Item {
    Card(Card),
    Frame(Frame),
}

impl Item {
    fn of(
        scope: &Scope<'_>,
        id: NodeId,
        position: usize,
        arrows: &[Arrow],
    ) -> Result<Self, fmt::Error> {
        if !scope.graph.node(id).op.is_control() {
            return Ok(Self::Card(Card::of(scope, id)));
        }
        let entering = arrows.iter().filter(|arrow| arrow.to == position);
        let inputs: Vec<usize> = entering.map(|arrow| arrow.place).collect();
        Frame::of(scope, id, &inputs).map(Self::Frame)
    }

    const fn size(&self) -> (f64, f64) {
        match self {
            Self::Card(card) => (card.width, card.height),
            Self::Frame(frame) => (frame.width, frame.height),
        }
    }

    /// How far under the middle of the right side a result leaves.
    fn exit(&self, result: usize) -> f64 {
        match self {
            Self::Card(_) => 0.0,
            Self::Frame(frame) => frame.exit(result).map_or(0.0, |y| y - frame.height / 2.0),
        }
    }
}

fn wire(scope: &Scope<'_>, nodes: &[NodeId], items: &[Item], arrow: &Arrow) -> Wire {
    let end = match &items[arrow.to] {
        Item::Card(_) => End::Spread,
        Item::Frame(frame) => match frame.entry(arrow.place) {
            Some((y, has_head)) => End::At {
                shift: y - frame.height / 2.0,
                has_head,
            },
            None => End::Spread,
        },
    };
    let result = scope.result_taken(nodes[arrow.from], nodes[arrow.to]);
    Wire {
        from: arrow.from,
        to: arrow.to,
        start: items[arrow.from].exit(result),
        end,
    }
}

/// Parameters of a loop or branch are to the left, where the arrows from outside arrive.
fn rank(scope: &Scope<'_>, id: NodeId) -> Rank {
    match scope.graph.node(id).op {
        Op::Parameter { .. } if scope.held => Rank::First,
        _ => Rank::Free,
    }
}
