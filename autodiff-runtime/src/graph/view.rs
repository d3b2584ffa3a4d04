//! What of a piece of a program a picture shows, the same in all formats.

use super::scope::Scope;
use super::{Graph, LoopKind, NodeId, Op};
use std::collections::BTreeSet;

/// The nodes and arrows to draw.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct View {
    pub(super) nodes: Vec<NodeId>,
    pub(super) arrows: Vec<Arrow>,
}

/// An arrow between two nodes of a [`View`], given by their positions in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Arrow {
    pub(super) from: usize,
    pub(super) to: usize,
    /// Which input of a node that holds others it is; 0 for other nodes, to which there is only one
    /// arrow from a node, even for `x * x`.
    pub(super) place: usize,
}

impl View {
    /// Everything but what the text of other nodes says already, and parameters of a loop or branch
    /// that are not used there.
    pub(super) fn of(scope: &Scope<'_>) -> Self {
        let graph = &scope.graph;
        // In the order of the operands, which drawings keep where they can.
        let mut shown_arrows = Vec::new();
        let mut known = BTreeSet::new();
        let mut only_in_the_text = BTreeSet::new();
        for (to, node) in graph.nodes.iter().enumerate() {
            for (place, &from) in node.inputs.iter().enumerate() {
                let place_in_frame = if node.op.is_control() { place } else { 0 };
                if is_in_the_text(graph, NodeId(to), place) {
                    only_in_the_text.insert(from);
                } else if known.insert((from, to, place_in_frame)) {
                    shown_arrows.push((from, NodeId(to), place_in_frame));
                }
            }
        }
        for (from, ..) in &shown_arrows {
            only_in_the_text.remove(from);
        }
        let nodes: Vec<NodeId> = (0..graph.nodes.len())
            .map(NodeId)
            .filter(|id| !only_in_the_text.contains(id) || graph.outputs.contains(id))
            .filter(|&id| scope.shows(id))
            .collect();
        let position = |id: &NodeId| nodes.binary_search(id).expect("an arrow's ends are shown");
        let arrows = shown_arrows
            .iter()
            .map(|(from, to, place)| Arrow {
                from: position(from),
                to: position(to),
                place: *place,
            })
            .collect();
        Self { nodes, arrows }
    }
}

/// Whether an input is a nameless constant that the node's own text says: `w[0]` says it all, and an
/// arrow from a node `0` to every first element would tie together what has nothing to do with each
/// other.
pub(super) fn is_in_the_text(graph: &Graph, to: NodeId, place: usize) -> bool {
    let node = graph.node(to);
    let is_said = match node.op {
        Op::Index | Op::Slice | Op::Repeat => place >= 1,
        Op::Store(_) => place >= 2,
        Op::Loop {
            kind: LoopKind::Range { .. },
            ..
        } => place < 3,
        _ => false,
    };
    let input = graph.node(node.inputs[place]);
    is_said && input.label.is_none() && matches!(input.op, Op::Constant(_))
}

impl Op {
    /// Whether it is drawn as a frame around what it holds.
    pub(super) const fn is_control(&self) -> bool {
        matches!(self, Self::Branch { .. } | Self::Loop { .. })
    }
}
