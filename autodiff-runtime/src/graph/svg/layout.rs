//! Where the boxes and arrows of a picture go.
//!
//! The layered drawing of Sugiyama, Tagawa and Toda (*Methods for visual understanding of
//! hierarchical system structures*, 1981): nodes in columns from left to right, few crossings,
//! short arrows.

use super::arrows::{End, Wire};
use graphlay::{
    BranchStyle, Direction, Edge, Graph as Layered, LayoutOptions, Node, NodeId, PortSides,
    RankConstraint, Size, layout,
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

/// Which column a box may be in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Rank {
    Free,
    First,
    Last,
}

/// Arranges boxes of the given sizes (width, height), between which there are arrows that form no
/// circle.
pub(super) fn arrange(sizes: &[(f64, f64)], wires: &[Wire], ranks: &[Rank]) -> Arrangement {
    let id = |position: usize| NodeId(u32::try_from(position).expect("a picture of fewer nodes"));
    let graph = Layered {
        nodes: sizes
            .iter()
            .zip(ranks)
            .map(|(&(width, height), rank)| Node {
                size: Size::new(width, height),
                rank: match rank {
                    Rank::Free => RankConstraint::Free,
                    Rank::First => RankConstraint::First,
                    Rank::Last => RankConstraint::Last,
                },
                ..Node::default()
            })
            .collect(),
        edges: wires
            .iter()
            .map(|wire| Edge::new(id(wire.from), id(wire.to)))
            .collect(),
    };
    let drawing = layout(&graph, &options()).expect("boxes of finite size can be laid out");

    let origin = drawing.bounds.min;
    let moved = |point: &graphlay::Point| Point {
        x: point.x - origin.x + MARGIN,
        y: point.y - origin.y + MARGIN,
    };
    let corner = moved(&drawing.bounds.max);
    // Boxes without arrows are in no layer; they stand under the others.
    let layers: Vec<Option<i32>> = drawing.nodes.iter().map(|node| node.rank).collect();
    let mut centres: Vec<Point> = drawing
        .nodes
        .iter()
        .map(|node| moved(&node.center))
        .collect();
    let mut boxes: BTreeMap<i32, Vec<usize>> = BTreeMap::new();
    for (position, layer) in layers.iter().enumerate() {
        if let Some(layer) = layer {
            boxes.entry(*layer).or_default().push(position);
        }
    }
    for boxes in boxes.values_mut() {
        boxes.sort_by(|&a, &b| centres[a].y.total_cmp(&centres[b].y));
        untangle(boxes, sizes, wires, &mut centres);
    }
    let half = |position: usize| (sizes[position].0 / 2.0, sizes[position].1 / 2.0);
    let column = |boxes: &[usize]| {
        let left = boxes.iter().map(|&i| centres[i].x - half(i).0);
        let right = boxes.iter().map(|&i| centres[i].x + half(i).0);
        Column {
            left: left.fold(f64::INFINITY, f64::min),
            right: right.fold(f64::NEG_INFINITY, f64::max),
        }
    };
    let columns: BTreeMap<i32, Column> = boxes
        .iter()
        .map(|(&layer, boxes)| (layer, column(boxes)))
        .collect();
    let column_of = |(position, layer): (usize, &Option<i32>)| match layer {
        Some(layer) => columns[layer],
        None => column(&[position]),
    };
    let passages = wires
        .iter()
        .zip(&drawing.edges)
        .map(|(&Wire { from, to, .. }, edge)| {
            let route: Vec<Point> = edge.points.iter().map(moved).collect();
            let (Some(from), Some(to)) = (layers[from], layers[to]) else {
                return Vec::new();
            };
            (from + 1..to)
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
        columns: layers.iter().enumerate().map(column_of).collect(),
        centres,
        passages,
    }
}

/// Puts neighbours in a column that are connected to the same frame in the order of their places in
/// its side, which the library does not know.
fn untangle(column: &mut [usize], sizes: &[(f64, f64)], wires: &[Wire], centres: &mut [Point]) {
    let ties: Vec<Option<(usize, f64)>> = column.iter().map(|&i| tie(i, wires)).collect();
    let mut start = 0;
    for run in ties.chunk_by(|a, b| a.zip(*b).is_some_and(|(a, b)| a.0 == b.0)) {
        let column = &mut column[start..start + run.len()];
        start += run.len();
        let edge = |i: usize, sign: f64| centres[i].y + sign * sizes[i].1 / 2.0;
        let mut top = edge(column[0], -1.0);
        let gaps: Vec<f64> = column
            .windows(2)
            .map(|pair| edge(pair[1], -1.0) - edge(pair[0], 1.0))
            .collect();
        let mut order: Vec<usize> = (0..run.len()).collect();
        let place = |rank: usize| run[rank].map_or(0.0, |(_, place)| place);
        order.sort_by(|&a, &b| place(a).total_cmp(&place(b)));
        let sorted: Vec<usize> = order.into_iter().map(|rank| column[rank]).collect();
        column.copy_from_slice(&sorted);
        for (rank, &i) in column.iter().enumerate() {
            centres[i].y = top + sizes[i].1 / 2.0;
            top += sizes[i].1 + gaps.get(rank).copied().unwrap_or(0.0);
        }
    }
}

/// The frame that all arrows from a box lead to, or else the one box that all arrows to it come from,
/// and at which height of it.
fn tie(i: usize, wires: &[Wire]) -> Option<(usize, f64)> {
    let ends = wires.iter().filter(|wire| wire.from == i);
    let starts = wires.iter().filter(|wire| wire.to == i);
    let ends = ends.map(|wire| match wire.end {
        End::At { shift, .. } => Some((wire.to, shift)),
        End::Spread => None,
    });
    let starts = starts.map(|wire| Some((wire.from, wire.start)));
    common(ends).or_else(|| common(starts))
}

/// The frame that is common to all ties, with the mean height.
fn common(ties: impl Iterator<Item = Option<(usize, f64)>>) -> Option<(usize, f64)> {
    let ties: Vec<(usize, f64)> = ties.collect::<Option<_>>()?;
    let (first, _) = *ties.first()?;
    let mean = ties.iter().map(|(_, height)| height).sum::<f64>() / ties.len() as f64;
    ties.iter()
        .all(|(other, _)| *other == first)
        .then_some((first, mean))
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

    /// A graph with long arrows; every second box is large.
    fn example() -> (Sizes, Vec<Wire>) {
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
            .map(|(from, to)| Wire {
                from,
                to,
                start: 0.0,
                end: End::Spread,
            })
            .collect();
        (sizes, arrows)
    }

    #[test]
    fn boxes_are_apart_and_arrows_point_right() {
        let (sizes, arrows) = example();
        let arranged = arrange(&sizes, &arrows, &[Rank::Free; 24]);
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
        for &Wire { from, to, .. } in &arrows {
            assert!(arranged.columns[from].right + 10.0 < arranged.columns[to].left);
        }
    }

    #[test]
    fn arrows_pass_between_the_boxes() {
        let (sizes, arrows) = example();
        let arranged = arrange(&sizes, &arrows, &[Rank::Free; 24]);
        let mut passages = 0;
        for (arrow, &Wire { from, to, .. }) in arrows.iter().enumerate() {
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
    fn a_box_without_arrows_is_in_nobodys_column() {
        let (mut sizes, wires) = example();
        let before = arrange(&sizes, &wires, &[Rank::Free; 24]);
        sizes.extend([(80.0, 28.0); 3]);
        let arranged = arrange(&sizes, &wires, &[Rank::Free; 27]);
        for (column, before) in arranged.columns.iter().zip(&before.columns) {
            let width = column.right - column.left;
            assert!((width - (before.right - before.left)).abs() < 0.01);
        }
        for i in 24..27 {
            assert!((0..24).all(|k| arranged.centres[k].y < arranged.centres[i].y));
        }
    }

    #[test]
    fn everything_is_inside_of_the_frame() {
        let (sizes, arrows) = example();
        let arranged = arrange(&sizes, &arrows, &[Rank::Free; 24]);
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

    #[test]
    fn neighbours_are_in_the_order_of_their_places_in_a_frame() {
        // Three boxes lead to a frame, where they arrive in the opposite order.
        let sizes = [(40.0, 28.0), (60.0, 52.0), (40.0, 28.0), (300.0, 200.0)];
        let place = |from: usize, shift: f64| Wire {
            from,
            to: 3,
            start: 0.0,
            end: End::At {
                shift,
                has_head: true,
            },
        };
        let wires = [place(0, 60.0), place(1, 0.0), place(2, -60.0)];
        let arranged = arrange(&sizes, &wires, &[Rank::Free; 4]);
        let centres = &arranged.centres;
        assert!(centres[2].y < centres[1].y && centres[1].y < centres[0].y);
        for (above, under) in [(2, 1), (1, 0)] {
            let heights = (sizes[above].1 + sizes[under].1) / 2.0;
            assert!(centres[under].y - centres[above].y >= heights + 10.0);
        }
    }

    #[test]
    fn some_boxes_are_in_the_first_or_last_column() {
        let wire = |from: usize, to: usize| Wire {
            from,
            to,
            start: 0.0,
            end: End::Spread,
        };
        let ranks = [
            Rank::First,
            Rank::Free,
            Rank::Free,
            Rank::First,
            Rank::Last,
            Rank::Last,
        ];
        let wires = [wire(0, 1), wire(1, 2), wire(3, 2), wire(2, 4), wire(0, 5)];
        let columns = arrange(&[(40.0, 28.0); 6], &wires, &ranks).columns;
        assert_eq!(columns[0], columns[3]);
        assert_eq!(columns[4], columns[5]);
        assert!(columns[2].right < columns[4].left);
    }
}
