//! What of a graph a picture shows, the same in all formats.

use super::{Graph, NodeId, Op};
use std::collections::BTreeSet;

/// The nodes and arrows to draw.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct View {
    pub(super) nodes: Vec<NodeId>,
    /// From and to, by position in `nodes`; each pair once, even for `x * x`.
    pub(super) arrows: Vec<(usize, usize)>,
}

impl View {
    /// Everything but constant indices: `w[0]` says it all, and an arrow from a node `0` to every
    /// first element would tie together what has nothing to do with each other.
    pub(super) fn of(graph: &Graph) -> Self {
        let hidden = |from: NodeId, to: NodeId, place: usize| {
            place == 1
                && graph.node(to).op == Op::Index
                && matches!(graph.node(from).op, Op::Constant(_))
        };
        // In the order of the operands, which drawings keep where they can.
        let mut shown_arrows = Vec::new();
        let mut known = BTreeSet::new();
        let mut only_hidden = BTreeSet::new();
        for (to, node) in graph.nodes.iter().enumerate() {
            for (place, &from) in node.inputs.iter().enumerate() {
                if hidden(from, NodeId(to), place) {
                    only_hidden.insert(from);
                } else if known.insert((from, to)) {
                    shown_arrows.push((from, NodeId(to)));
                }
            }
        }
        for (from, _) in &shown_arrows {
            only_hidden.remove(from);
        }
        let nodes: Vec<NodeId> = (0..graph.nodes.len())
            .map(NodeId)
            .filter(|id| !only_hidden.contains(id) || graph.outputs.contains(id))
            .collect();
        let place = |id: &NodeId| nodes.binary_search(id).expect("an arrow's ends are shown");
        let arrows = shown_arrows
            .iter()
            .map(|(from, to)| (place(from), place(to)))
            .collect();
        Self { nodes, arrows }
    }
}
