//! Branches, in both sweeps.

use super::forward::{Forward, flag, together};
use super::reverse::DONE;
use super::{BranchKind, BranchTrace, EvaluateError, Graph, Node, NodeId, Op, Trace, Value};

impl Forward {
    /// Evaluates the arm that is taken.
    pub(super) fn branch(&mut self, trace: &mut Trace, id: NodeId) -> Result<Value, EvaluateError> {
        let arguments = enter(trace, id)?;
        let taken = trace.branches.get_mut(&id).expect("it was entered");
        self.run(&mut taken.inside, arguments)?;
        Ok(together(taken.inside.results()))
    }
}

/// Adds the trace of an arm that is still to be evaluated, and gives the arguments.
fn enter(trace: &mut Trace, id: NodeId) -> Result<Vec<Value>, EvaluateError> {
    let graph = trace.graph;
    let node = graph.node(id);
    let unsupported = |what: String| EvaluateError::unsupported(graph.name, node, what);
    let Op::Branch { header, kind, arms } = node.op else {
        unreachable!("a branch");
    };
    let inputs = trace.inputs(id)?;
    let Some((selector, used)) = inputs.split_first() else {
        return Err(unsupported(format!(
            "what decides about the branch `{header}` is missing"
        )));
    };
    let arm = selected(&graph, node, kind, selector)?;
    let Some(body) = arms.get(arm).map(|arm| arm.body) else {
        return Err(unsupported(format!(
            "the branch `{header}` has no arm of the number {arm}"
        )));
    };
    if body.params.len() != used.len() {
        return Err(unsupported(format!(
            "an arm of the branch `{header}` takes {} inputs, but it is given {}",
            body.params.len(),
            used.len()
        )));
    }
    let arguments = used.iter().copied().cloned().collect();
    let inside = Trace::of(&body.named(graph.name));
    trace.branches.insert(id, BranchTrace { arm, inside });
    Ok(arguments)
}

/// The number of the arm that is taken.
fn selected(
    graph: &Graph,
    node: &Node,
    kind: BranchKind,
    selector: &Value,
) -> Result<usize, EvaluateError> {
    match (kind, selector) {
        (BranchKind::If, selector) => Ok(usize::from(!flag(graph.name, node, selector)?)),
        (BranchKind::Match, Value::Scalar(arm)) if *arm >= 0.0 && arm.fract() == 0.0 => {
            Ok(*arm as usize)
        }
        (BranchKind::Cases(arms), Value::Scalar(number)) => {
            let holds = |(low, high): &(f64, f64)| low <= number && number <= high;
            let taken = arms.iter().position(|ranges| ranges.iter().any(holds));
            let missing = || format!("no arm of the branch takes the number {number}");
            taken.ok_or_else(|| EvaluateError::unsupported(graph.name, node, missing()))
        }
        (BranchKind::Match | BranchKind::Cases(_), _) => Err(EvaluateError::unsupported(
            graph.name,
            node,
            "the number of an arm is not a natural number",
        )),
    }
}

impl Trace {
    /// The reverse sweep through the arm that was taken.
    pub(super) fn pull_branch(&mut self, id: NodeId, adjoint: &Value) {
        let seeds = self.apart(id, adjoint);
        let inside = &mut self.branches.get_mut(&id).expect(DONE).inside;
        inside.reverse(seeds, Vec::new());
        for (input, param) in self.graph.node(id).inputs[1..]
            .iter()
            .zip(inside.graph.params)
        {
            self.adjoints[input.0].add(&inside.adjoints[param.0]);
        }
    }
}
