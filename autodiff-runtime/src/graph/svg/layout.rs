//! Where the boxes and arrows of a picture go.
//!
//! The layered drawing of Sugiyama, Tagawa and Toda (*Methods for visual understanding of
//! hierarchical system structures*, 1981): nodes in columns from left to right, few crossings,
//! short arrows.

use graphlay::{
    BranchStyle, Direction, Edge, Graph as Layered, LayoutOptions, Node, NodeId, PortSides, Size,
    layout,
};
use std::collections::BTreeMap;

/// Between two columns of boxes.
const COLUMN_GAP: f64 = 52.0;
/// Between two boxes of a column.
const NODE_GAP: f64 = 18.0;
/// Between an arrow that passes through a column and its neighbours.
const EDGE_GAP: f64 = 14.0;
/// Around the whole.
const MARGIN: f64 = 18.0;
/// Between an arrow and a box that it passes, at least; less than half of the gap between boxes.
const CLEARANCE: f64 = 7.0;

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

/// Arranges boxes of the given sizes (width, height), between which there are arrows (from, to)
/// that form no circle.
pub(super) fn arrange(sizes: &[(f64, f64)], arrows: &[(usize, usize)]) -> Arrangement {
    let id = |position: usize| NodeId(u32::try_from(position).expect("a picture of fewer nodes"));
    let graph = Layered {
        nodes: sizes
            .iter()
            .map(|&(width, height)| Node {
                size: Size::new(width, height),
                ..Node::default()
            })
            .collect(),
        edges: arrows
            .iter()
            .map(|&(from, to)| Edge::new(id(from), id(to)))
            .collect(),
    };
    let drawing = layout(&graph, &options()).expect("boxes of finite size can be laid out");

    let origin = drawing.bounds.min;
    let moved = |point: &graphlay::Point| Point {
        x: point.x - origin.x + MARGIN,
        y: point.y - origin.y + MARGIN,
    };
    let corner = moved(&drawing.bounds.max);
    let layers: Vec<i32> = drawing
        .nodes
        .iter()
        .map(|node| node.rank.unwrap_or(0))
        .collect();
    let centres: Vec<Point> = drawing
        .nodes
        .iter()
        .map(|node| moved(&node.center))
        .collect();
    let mut boxes: BTreeMap<i32, Vec<usize>> = BTreeMap::new();
    for (position, &layer) in layers.iter().enumerate() {
        boxes.entry(layer).or_default().push(position);
    }
    let half = |position: usize| (sizes[position].0 / 2.0, sizes[position].1 / 2.0);
    let columns: BTreeMap<i32, Column> = boxes
        .iter()
        .map(|(&layer, boxes)| {
            let left = boxes.iter().map(|&i| centres[i].x - half(i).0);
            let right = boxes.iter().map(|&i| centres[i].x + half(i).0);
            let column = Column {
                left: left.fold(f64::INFINITY, f64::min),
                right: right.fold(f64::NEG_INFINITY, f64::max),
            };
            (layer, column)
        })
        .collect();
    let passages = arrows
        .iter()
        .zip(&drawing.edges)
        .map(|(&(from, to), edge)| {
            let route: Vec<Point> = edge.points.iter().map(moved).collect();
            let between = layers[from] + 1..layers[to];
            between
                .filter_map(|layer| {
                    let column = *columns.get(&layer)?;
                    let y = height(&route, (column.left + column.right) / 2.0);
                    let obstacles = boxes[&layer].iter().map(|&i| (centres[i].y, half(i).1));
                    Some((column, cleared(y, obstacles)))
                })
                .collect()
        })
        .collect();
    Arrangement {
        width: corner.x + MARGIN,
        height: corner.y + MARGIN,
        columns: layers.iter().map(|layer| columns[layer]).collect(),
        centres,
        passages,
    }
}

fn options() -> LayoutOptions {
    let mut options = LayoutOptions::layered_default();
    options.direction = Direction::LeftRight;
    options.spacing.layer_gap = COLUMN_GAP;
    options.spacing.node_gap = NODE_GAP;
    options.spacing.dummy_gap = EDGE_GAP;
    options.spacing.isolated_gap = NODE_GAP;
    // The arrows are drawn as curves, which need no lanes of their own between the columns.
    options.routing.lane_gap = 3.0;
    options.routing.port_sides = PortSides::FacingOnly;
    options.coords.branch_style = BranchStyle::Symmetric;
    options
}

/// The height of a route that runs from left to right.
fn height(route: &[Point], x: f64) -> f64 {
    let piece = route
        .windows(2)
        .find(|piece| piece[0].x <= x && x <= piece[1].x);
    match piece {
        Some([a, b]) if b.x > a.x => a.y + (b.y - a.y) * (x - a.x) / (b.x - a.x),
        Some([a, ..]) => a.y,
        _ => route.last().map_or(0.0, |point| point.y),
    }
}

/// The height next to `y` at which a straight arrow passes all boxes of a column, given the middle
/// and half the height of each. (Routes of the library may bend on their way through a column, or
/// touch a box.)
fn cleared(y: f64, boxes: impl Iterator<Item = (f64, f64)>) -> f64 {
    for (middle, half) in boxes {
        let distance = half + CLEARANCE;
        if (y - middle).abs() < distance {
            return middle + if y < middle { -distance } else { distance };
        }
    }
    y
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
