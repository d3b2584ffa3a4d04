//! The arrows of a picture for languages in which they go from name to name.

use super::NodeId;
use super::scope::Scope;
use super::view::View;
use std::collections::BTreeSet;

/// An arrow between two nodes by their names, which need not be in the same piece of the program.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Link {
    pub(super) from: String,
    pub(super) to: String,
    /// Whether it goes back, to the next iteration.
    pub(super) back: bool,
}

/// The name of a node, or of the frame of a node that holds others.
pub(super) fn name(prefix: &str, id: NodeId) -> String {
    format!("{prefix}{}", id.0)
}

/// What the names in one of the pieces that a node holds begin with.
pub(super) fn prefix_inside(name: &str, place: usize) -> String {
    format!("{name}_{place}_")
}

/// The arrows of a piece, without those inside of what its nodes hold.
///
/// An arrow to a loop or branch ends at the parameter that takes the value, in every arm; where none
/// does, it ends at the frame. One from a loop or branch starts where the value is computed.
pub(super) fn links(scope: &Scope<'_>, view: &View, prefix: &str) -> Vec<Link> {
    let mut links = Vec::new();
    for arrow in &view.arrows {
        let (from, to) = (view.nodes[arrow.from], view.nodes[arrow.to]);
        let mut ends = Vec::new();
        let frame = name(prefix, to);
        for (place, held) in scope.held_by(to).iter().enumerate() {
            let entry = held.entry(arrow.place);
            ends.extend(entry.map(|id| name(&prefix_inside(&frame, place), id)));
        }
        if ends.is_empty() {
            ends.push(frame);
        }
        for from in origins(scope, prefix, from, scope.result_taken(from, to)) {
            let link = |to: &String| Link {
                from: from.clone(),
                to: to.clone(),
                back: false,
            };
            links.extend(ends.iter().map(link));
        }
    }
    for &(from, to) in &scope.back {
        if from != to && scope.shows(to) {
            for from in origins(scope, prefix, from, 0) {
                links.push(Link {
                    from,
                    to: name(prefix, to),
                    back: true,
                });
            }
        }
    }
    let mut known = BTreeSet::new();
    links.retain(|link| known.insert(link.clone()));
    links
}

/// Where a result of a node is computed: at itself, unless it holds others.
fn origins(scope: &Scope<'_>, prefix: &str, id: NodeId, result: usize) -> Vec<String> {
    let frame = name(prefix, id);
    let mut origins = Vec::new();
    for (place, held) in scope.held_by(id).iter().enumerate() {
        if let Some(&exit) = held.exits.get(result) {
            let prefix = prefix_inside(&frame, place);
            origins.extend(self::origins(held, &prefix, exit, 0));
        }
    }
    if origins.is_empty() {
        origins.push(frame);
    }
    origins
}
