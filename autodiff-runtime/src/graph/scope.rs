//! The stretches of a program that are drawn as one piece each: a function, and what its loops and
//! branches hold. The same for all formats.

use super::view::is_in_the_text;
use super::{Arm, BranchTrace, Graph, LoopKind, LoopTrace, NodeId, Op, Subgraph, Trace};

/// What is drawn as one piece.
#[derive(Clone, Debug)]
pub(super) struct Scope<'a> {
    pub(super) graph: Graph,
    /// Its evaluation, if there was one.
    pub(super) trace: Option<&'a Trace>,
    /// What is written over it, if that is not said by what holds it.
    pub(super) title: Option<String>,
    /// Whether it was not reached in an evaluation of the whole.
    pub(super) idle: bool,
    /// Whether a node holds it; else it is a function.
    pub(super) held: bool,
    /// For every input of the node that holds it, the parameter that takes it, if any does.
    entries: Vec<Option<NodeId>>,
    /// The outputs that are results of the node that holds it.
    pub(super) exits: &'static [NodeId],
    /// The outputs that become parameters of the next iteration.
    pub(super) back: Vec<(NodeId, NodeId)>,
    /// The flag that says whether there is a next iteration.
    pub(super) sign: Option<NodeId>,
}

impl<'a> Scope<'a> {
    /// A whole function.
    pub(super) fn function(graph: &Graph, trace: Option<&'a Trace>) -> Self {
        Self {
            graph: *graph,
            trace,
            title: None,
            idle: false,
            held: false,
            entries: Vec::new(),
            exits: &[],
            back: Vec::new(),
            sign: None,
        }
    }

    /// What a node holds, in the order in which it is drawn; nothing if it is not control flow.
    pub(super) fn held_by(&self, id: NodeId) -> Vec<Self> {
        let inside = |body: &Subgraph, trace: Option<&'a Trace>| Self {
            trace,
            idle: self.trace.is_some() && trace.is_none(),
            held: true,
            ..Self::function(&body.named(self.graph.name), None)
        };
        match self.graph.node(id).op {
            Op::Branch { arms, .. } => {
                let taken = self.branch_trace(id);
                let arm = |(number, arm): (usize, &Arm)| {
                    let trace = taken.filter(|taken| taken.arm == number);
                    let inside = inside(arm.body, trace.map(|taken| &taken.inside));
                    let note = if inside.idle { " (not taken)" } else { "" };
                    Self {
                        title: Some(format!("{}{note}", arm.label)),
                        entries: entries(arm.body.params, 1, 0),
                        exits: arm.body.outputs,
                        ..inside
                    }
                };
                arms.iter().enumerate().map(arm).collect()
            }
            Op::Loop {
                kind, body, exits, ..
            } => {
                let done = self.loop_trace(id);
                let carried = body.outputs.len().saturating_sub(usize::from(exits));
                let (results, sign) = body.outputs.split_at(carried);
                let changing = body.params.iter().skip(kind.counters());
                let last = done.and_then(|done| done.last.as_ref());
                let mut body = Self {
                    entries: entries(body.params, kind.bounds(), kind.counters()),
                    exits: results,
                    back: results.iter().copied().zip(changing.copied()).collect(),
                    sign: sign.first().copied(),
                    ..inside(body, last)
                };
                let LoopKind::While { condition } = kind else {
                    return vec![body];
                };
                body.title = Some("body".to_owned());
                let check = Self {
                    title: Some("condition".to_owned()),
                    entries: entries(condition.params, 0, 0),
                    ..inside(condition, done.and_then(|done| done.condition.as_ref()))
                };
                vec![check, body]
            }
            _ => Vec::new(),
        }
    }

    /// Whether a node is drawn: not if it is a parameter that nothing in the piece uses.
    pub(super) fn shows(&self, id: NodeId) -> bool {
        let uses = |to: usize| {
            let inputs = self.graph.nodes[to].inputs.iter().enumerate();
            inputs
                .filter(|(_, from)| **from == id)
                .any(|(place, _)| !is_in_the_text(&self.graph, NodeId(to), place))
        };
        let is_parameter = matches!(self.graph.node(id).op, Op::Parameter { .. });
        !(self.held && is_parameter)
            || self.graph.outputs.contains(&id)
            || (0..self.graph.nodes.len()).any(uses)
    }

    /// The parameter that takes an input of the node that holds the piece, if it is drawn.
    pub(super) fn entry(&self, place: usize) -> Option<NodeId> {
        let param = self.entries.get(place).copied().flatten();
        param.filter(|&id| self.shows(id))
    }

    /// How many results a node of control flow has.
    pub(super) fn result_count(&self, id: NodeId) -> usize {
        self.held_by(id).last().map_or(0, |held| held.exits.len())
    }

    /// Which result of one node another one uses.
    pub(super) fn result_taken(&self, from: NodeId, to: NodeId) -> usize {
        match (self.graph.node(from).op, self.graph.node(to).op) {
            (from, Op::Result(k)) if from.is_control() => k,
            _ => 0,
        }
    }

    /// How an evaluation went round a loop, in words.
    pub(super) fn rounds(&self, id: NodeId) -> Option<String> {
        self.loop_trace(id).map(|done| match done.iterations() {
            0 => "no iteration".to_owned(),
            1 => "1 iteration".to_owned(),
            n => format!("last of {n} iterations"),
        })
    }

    fn branch_trace(&self, id: NodeId) -> Option<&'a BranchTrace> {
        self.trace?.branches.get(&id)
    }

    fn loop_trace(&self, id: NodeId) -> Option<&'a LoopTrace> {
        self.trace?.loops.get(&id)
    }
}

/// The parameters by the inputs that they take: the first inputs belong to the counters together,
/// or to no parameter where there is none.
fn entries(params: &[NodeId], bounds: usize, counters: usize) -> Vec<Option<NodeId>> {
    let (counters, others) = params.split_at(counters.min(params.len()));
    let first = counters.first().copied();
    let others = others.iter().copied().map(Some);
    core::iter::repeat_n(first, bounds).chain(others).collect()
}
