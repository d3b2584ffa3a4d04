//! Where the boxes and arrows of a picture go.
//!
//! The layered drawing of Sugiyama, Tagawa and Toda (*Methods for visual understanding of
//! hierarchical system structures*, 1981) as the `dagre` family of libraries does it: nodes in
//! columns from left to right, few crossings, short arrows.

use dugong::graphlib::{Graph as Layered, GraphOptions};
use dugong::{EdgeLabel, GraphLabel, NodeLabel, RankDir, layout_dagreish};

/// Between two boxes of a column.
const NODE_GAP: f64 = 18.0;
/// Between an arrow that passes through a column and its neighbours.
const EDGE_GAP: f64 = 14.0;
/// Between two columns.
const COLUMN_GAP: f64 = 52.0;
/// Around the whole.
const MARGIN: f64 = 18.0;

#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Point {
    pub(super) x: f64,
    pub(super) y: f64,
}

/// The vertical strip that the boxes of one layer take up.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Column {
    pub(super) left: f64,
    pub(super) right: f64,
}

/// A finished layout.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Arrangement {
    pub(super) width: f64,
    pub(super) height: f64,
    /// The centre of every box.
    pub(super) centres: Vec<Point>,
    /// The column of every box.
    pub(super) columns: Vec<Column>,
    /// For every arrow, the columns between those of its ends, with the height at which there is
    /// room for it.
    pub(super) passages: Vec<Vec<(Column, f64)>>,
}

/// Arranges boxes of the given sizes (width, height), between which there are arrows (from, to).
pub(super) fn arrange(sizes: &[(f64, f64)], arrows: &[(usize, usize)]) -> Arrangement {
    let mut layered = Layered::<NodeLabel, EdgeLabel, GraphLabel>::new(GraphOptions {
        multigraph: false,
        compound: false,
        directed: true,
    });
    layered.set_graph(GraphLabel {
        rankdir: RankDir::LR,
        nodesep: NODE_GAP,
        edgesep: EDGE_GAP,
        ranksep: COLUMN_GAP,
        ..GraphLabel::default()
    });
    for (position, &(width, height)) in sizes.iter().enumerate() {
        let label = NodeLabel {
            width,
            height,
            ..NodeLabel::default()
        };
        layered.set_node(position.to_string(), label);
    }
    for (from, to) in arrows {
        let label = EdgeLabel {
            weight: 1.0,
            ..EdgeLabel::default()
        };
        layered.set_edge_with_label(from.to_string(), to.to_string(), label);
    }
    layout_dagreish(&mut layered);

    let centres: Vec<Point> = (0..sizes.len())
        .map(|position| {
            let node = layered.node(&position.to_string());
            Point {
                x: node.and_then(|node| node.x).unwrap_or(0.0),
                y: node.and_then(|node| node.y).unwrap_or(0.0),
            }
        })
        .collect();
    let mut layers = Layers::default();
    for (centre, size) in centres.iter().zip(sizes) {
        layers.widen(centre.x, size.0);
    }
    let columns = centres
        .iter()
        .map(|centre| layers.at(centre.x).expect("every box widened its column"))
        .collect();
    let passages = arrows
        .iter()
        .map(|(from, to)| {
            let label = layered.edge(&from.to_string(), &to.to_string(), None);
            let points = label.map(|label| &label.points[..]);
            // The first and the last point are on the boxes; those between two columns have no
            // meaning for an arrow that is free there.
            points
                .and_then(|points| points.get(1..points.len().saturating_sub(1)))
                .unwrap_or(&[])
                .iter()
                .filter_map(|point| Some((layers.at(point.x)?, point.y)))
                .collect()
        })
        .collect();
    Arrangement {
        width: 0.0,
        height: 0.0,
        centres,
        columns,
        passages,
    }
    .framed(sizes)
}

impl Arrangement {
    /// Moves everything to where the margins are right and sets the size of the whole. (The
    /// library's own frame forgets the arrows that pass above or below all boxes.)
    fn framed(mut self, sizes: &[(f64, f64)]) -> Self {
        let boxes = self.centres.iter().zip(sizes);
        let heights = boxes
            .flat_map(|(centre, size)| [centre.y - size.1 / 2.0, centre.y + size.1 / 2.0])
            .chain(self.passages.iter().flatten().map(|&(_, y)| y));
        let (top, bottom) = range(heights);
        let (left, right) = range(self.columns.iter().flat_map(|c| [c.left, c.right]));

        let (dx, dy) = (MARGIN - left, MARGIN - top);
        for centre in &mut self.centres {
            centre.x += dx;
            centre.y += dy;
        }
        for (column, y) in self.passages.iter_mut().flatten() {
            column.left += dx;
            column.right += dx;
            *y += dy;
        }
        for column in &mut self.columns {
            column.left += dx;
            column.right += dx;
        }
        self.width = right - left + 2.0 * MARGIN;
        self.height = bottom - top + 2.0 * MARGIN;
        self
    }
}

/// The smallest and the largest; zeros if there is none.
fn range(numbers: impl Iterator<Item = f64>) -> (f64, f64) {
    numbers
        .map(|x| (x, x))
        .reduce(|(low, high), (x, _)| (low.min(x), high.max(x)))
        .unwrap_or((0.0, 0.0))
}

/// The columns, each by its middle line, on which all its boxes are centred, with its width.
#[derive(Default)]
struct Layers(Vec<(f64, f64)>);

impl Layers {
    /// Middle lines that are this close are the same.
    const TOLERANCE: f64 = 0.5;

    fn widen(&mut self, middle: f64, width: f64) {
        let known = |layer: &&mut (f64, f64)| (layer.0 - middle).abs() < Self::TOLERANCE;
        match self.0.iter_mut().find(known) {
            Some((_, widest)) => *widest = widest.max(width),
            None => self.0.push((middle, width)),
        }
    }

    fn at(&self, middle: f64) -> Option<Column> {
        let known = |layer: &&(f64, f64)| (layer.0 - middle).abs() < Self::TOLERANCE;
        self.0.iter().find(known).map(|&(middle, width)| Column {
            left: middle - width / 2.0,
            right: middle + width / 2.0,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    type Sizes = Vec<(f64, f64)>;
    type Arrows = Vec<(usize, usize)>;

    /// A graph with long arrows; every second box is large.
    fn example() -> (Sizes, Arrows) {
        let sizes = (0..24)
            .map(|i| {
                if i % 2 == 0 {
                    (40.0, 28.0)
                } else {
                    (150.0, 52.0)
                }
            })
            .collect();
        let arrows = (0..24)
            .flat_map(|i| [(i, i + 5), (i, i + 9), (i, i + 1 + i % 3)])
            .filter(|&(_, to)| to < 24)
            .collect();
        (sizes, arrows)
    }

    #[test]
    fn boxes_are_apart_and_arrows_point_right() {
        let (sizes, arrows) = example();
        let arranged = arrange(&sizes, &arrows);
        let centres = &arranged.centres;
        for i in 0..sizes.len() {
            for j in 0..i {
                let dx = (centres[i].x - centres[j].x).abs();
                let dy = (centres[i].y - centres[j].y).abs();
                let apart = dx >= (sizes[i].0 + sizes[j].0) / 2.0 + 10.0
                    || dy >= (sizes[i].1 + sizes[j].1) / 2.0 + 10.0;
                assert!(apart, "{i} {j}");
            }
        }
        for &(from, to) in &arrows {
            assert!(arranged.columns[from].right + 10.0 < arranged.columns[to].left);
        }
    }

    #[test]
    fn arrows_pass_between_the_boxes() {
        let (sizes, arrows) = example();
        let arranged = arrange(&sizes, &arrows);
        let mut passages = 0;
        for (arrow, &(from, to)) in arrows.iter().enumerate() {
            let mut x = arranged.columns[from].right;
            for &(column, y) in &arranged.passages[arrow] {
                assert!(x < column.left, "from left to right");
                x = column.right;
                passages += 1;
                for (i, size) in sizes.iter().enumerate() {
                    let free = arranged.columns[i] != column
                        || (arranged.centres[i].y - y).abs() > size.1 / 2.0 + 4.0;
                    assert!(free, "arrow {arrow} hits box {i}");
                }
            }
            assert!(x < arranged.columns[to].left);
        }
        assert!(passages > 10, "the example has long arrows");
    }

    #[test]
    fn everything_is_inside_of_the_frame() {
        let (sizes, arrows) = example();
        let arranged = arrange(&sizes, &arrows);
        let inside = |low: f64, high: f64, length: f64| low >= 17.9 && high <= length - 17.9;
        for (centre, size) in arranged.centres.iter().zip(&sizes) {
            let (dx, dy) = (size.0 / 2.0, size.1 / 2.0);
            assert!(inside(centre.x - dx, centre.x + dx, arranged.width));
            assert!(inside(centre.y - dy, centre.y + dy, arranged.height));
        }
        for &(column, y) in arranged.passages.iter().flatten() {
            assert!(inside(column.left, column.right, arranged.width));
            assert!(inside(y, y, arranged.height));
        }
    }
}
