//! The arrows of an SVG picture.

use super::ARROW;
use super::layout::{Arrangement, Point};
use std::fmt::{self, Write};

/// The length of an arrow's head.
const HEAD: f64 = 8.0;
/// How far apart arrows end at the same card, at most.
const PORT_GAP: f64 = 9.0;
/// The radius of a corner.
const CORNER: f64 = 6.0;

/// An arrow between two boxes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Wire {
    pub(super) from: usize,
    pub(super) to: usize,
    /// How far under the middle of the right side it starts.
    pub(super) start: f64,
    pub(super) end: End,
}

/// Where on the left side of a box an arrow ends.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum End {
    /// Around the middle, side by side with the others.
    Spread,
    /// So far under the middle; without a head if it goes on inside.
    At { shift: f64, has_head: bool },
}

/// Draws all arrows, given the sizes of the boxes.
pub(super) fn draw(
    sizes: &[(f64, f64)],
    wires: &[Wire],
    arrangement: &Arrangement,
    out: &mut String,
) -> fmt::Result {
    let Arrangement {
        centres,
        columns,
        passages,
        ..
    } = arrangement;
    let ports = ports(sizes, wires, arrangement);
    for (
        number,
        &Wire {
            from,
            to,
            start,
            end,
        },
    ) in wires.iter().enumerate()
    {
        let tip = Point {
            x: centres[to].x - sizes[to].0 / 2.0,
            y: centres[to].y + ports[number],
        };
        let has_head = !matches!(
            end,
            End::At {
                has_head: false,
                ..
            }
        );
        let room = if has_head { HEAD } else { 0.0 };
        // Straight through the columns, where the layout keeps the way clear, and with a swing
        // from one height to the next in the gaps between them.
        let mut path = Path::start(Point {
            x: centres[from].x + sizes[from].0 / 2.0,
            y: centres[from].y + start,
        });
        path.line_to(columns[from].right);
        for &(column, y) in &passages[number] {
            path.swing_to(Point { x: column.left, y });
            path.line_to(column.right);
        }
        path.swing_to(Point {
            x: columns[to].left - room,
            y: tip.y,
        });
        path.line_to(tip.x - room + if has_head { 1.5 } else { 0.0 });
        path.draw(out, ARROW, "")?;
        if has_head {
            head(out, tip, ARROW)?;
        }
    }
    Ok(())
}

/// Draws the head of an arrow.
pub(super) fn head(out: &mut String, tip: Point, colour: &str) -> fmt::Result {
    writeln!(
        out,
        "<path d=\"M{:.1} {:.1}l-{HEAD} -3.6l1.8 3.6l-1.8 3.6z\" fill=\"{colour}\"/>",
        tip.x, tip.y
    )
}

/// How far from the middle of a box's side each arrow ends: those that end at the same card are
/// spread, in an order in which they do not cross.
fn ports(sizes: &[(f64, f64)], wires: &[Wire], arrangement: &Arrangement) -> Vec<f64> {
    let mut ports = vec![0.0; wires.len()];
    let mut entering: Vec<Vec<usize>> = vec![Vec::new(); sizes.len()];
    for (number, wire) in wires.iter().enumerate() {
        match wire.end {
            End::Spread => entering[wire.to].push(number),
            End::At { shift, .. } => ports[number] = shift,
        }
    }
    let comes_from = |number: usize| match arrangement.passages[number].last() {
        Some(&(_, y)) => y,
        None => arrangement.centres[wires[number].from].y + wires[number].start,
    };
    for (to, entering) in entering.iter_mut().enumerate() {
        entering.sort_by(|&a, &b| comes_from(a).total_cmp(&comes_from(b)));
        let count = entering.len() as f64;
        let gap = PORT_GAP.min(0.7 * sizes[to].1 / count);
        for (rank, &number) in entering.iter().enumerate() {
            ports[number] = (rank as f64 - (count - 1.0) / 2.0) * gap;
        }
    }
    ports
}

/// An SVG path under construction, from left to right.
pub(super) struct Path {
    end: Point,
    commands: String,
}

impl Path {
    pub(super) fn start(at: Point) -> Self {
        Self {
            end: at,
            commands: format!("M{:.1} {:.1}", at.x, at.y),
        }
    }

    /// A horizontal line to the right, where there is any way to go.
    pub(super) fn line_to(&mut self, x: f64) {
        if x - self.end.x > 0.1 {
            self.commands += &format!("H{x:.1}");
            self.end.x = x;
        }
    }

    /// A curve that starts and ends horizontally.
    pub(super) fn swing_to(&mut self, to: Point) {
        let Point { x, y } = self.end;
        if (to.y - y).abs() < 0.1 {
            return self.line_to(to.x);
        }
        let reach = 0.55 * (to.x - x);
        self.commands += &format!(
            "C{:.1} {y:.1} {:.1} {:.1} {:.1} {:.1}",
            x + reach,
            to.x - reach,
            to.y,
            to.x,
            to.y
        );
        self.end = to;
    }

    /// Straight from corner to corner, and not quite to the last one: each is rounded.
    pub(super) fn around(&mut self, corners: &[Point]) {
        for (k, corner) in corners.iter().enumerate() {
            let after = corners.get(k + 1);
            let before = towards(*corner, self.end);
            self.commands += &format!("L{:.1} {:.1}", before.x, before.y);
            let after = match after {
                Some(&after) => towards(*corner, after),
                None => Point {
                    x: corner.x + CORNER,
                    y: corner.y,
                },
            };
            self.commands += &format!(
                "Q{:.1} {:.1} {:.1} {:.1}",
                corner.x, corner.y, after.x, after.y
            );
            self.end = after;
        }
    }

    /// Draws the line, with more attributes.
    pub(super) fn draw(self, out: &mut String, colour: &str, attributes: &str) -> fmt::Result {
        writeln!(
            out,
            "<path d=\"{}\" fill=\"none\" stroke=\"{colour}\" stroke-width=\"1.3\"{attributes}/>",
            self.commands
        )
    }
}

/// The point next to a corner in the direction of another point at the same height or above or
/// under it.
fn towards(corner: Point, other: Point) -> Point {
    let step = |from: f64, to: f64| from + (to - from).clamp(-CORNER, CORNER);
    Point {
        x: step(corner.x, other.x),
        y: step(corner.y, other.y),
    }
}

#[cfg(test)]
mod tests {
    use super::super::layout::Column;
    use super::*;

    const fn wire(from: usize, to: usize) -> Wire {
        Wire {
            from,
            to,
            start: 0.0,
            end: End::Spread,
        }
    }

    #[test]
    fn an_arrow_is_straight_in_columns_and_swings_between_them() {
        // From a narrow box in a wide column, through a second column, to a box in a third.
        let column = |left, right| Column { left, right };
        let arrangement = Arrangement {
            width: 400.0,
            height: 100.0,
            centres: vec![Point { x: 50.0, y: 20.0 }, Point { x: 350.0, y: 80.0 }],
            columns: vec![column(0.0, 100.0), column(300.0, 400.0)],
            passages: vec![vec![(column(150.0, 250.0), 60.0)]],
        };
        let mut out = String::new();
        draw(
            &[(40.0, 28.0), (100.0, 28.0)],
            &[wire(0, 1)],
            &arrangement,
            &mut out,
        )
        .unwrap();
        let path = "M70.0 20.0H100.0C127.5 20.0 122.5 60.0 150.0 60.0H250.0\
                    C273.1 60.0 268.9 80.0 292.0 80.0H293.5";
        assert!(out.contains(path), "{out}");
        assert!(
            out.contains("M300.0 80.0l-8 "),
            "the tip is at the box: {out}"
        );
    }

    #[test]
    fn arrows_to_the_same_box_are_spread_in_the_order_of_their_origins() {
        let column = Column {
            left: 0.0,
            right: 40.0,
        };
        let arrangement = Arrangement {
            width: 200.0,
            height: 200.0,
            centres: vec![
                Point { x: 20.0, y: 90.0 },
                Point { x: 20.0, y: 10.0 },
                Point { x: 150.0, y: 50.0 },
            ],
            columns: vec![column; 3],
            passages: vec![Vec::new(); 2],
        };
        let ports = ports(&[(40.0, 28.0); 3], &[wire(0, 2), wire(1, 2)], &arrangement);
        assert_eq!(ports, [4.5, -4.5]);
    }
}
