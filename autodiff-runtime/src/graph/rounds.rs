//! Going round loops, in both sweeps.
//!
//! The tape of a loop is the values that it carries, as they are before every iteration. The
//! reverse sweep evaluates the iterations once more, from the last to the first. What a loop only
//! reads is lent to one iteration after the other, so that it is never copied.

use super::forward::{Forward, flag, together};
use super::loops::{Integers, Loop};
use super::reverse::DONE;
use super::{EvaluateError, LoopTrace, Node, NodeId, Trace, Value};
use core::mem;

/// How many iterations one evaluation may do, so that a loop without an end is an error.
const MOST_ITERATIONS: usize = 1_000_000;

impl Forward {
    /// Goes round a loop until it ends.
    pub(super) fn go_round(
        &mut self,
        trace: &mut Trace,
        id: NodeId,
    ) -> Result<Value, EvaluateError> {
        let mut rounds = Rounds::start(trace, id)?;
        while rounds.are_left() {
            if let Some((check, arguments)) = rounds.begin_check() {
                self.run(check, arguments)?;
                if !rounds.end_check()? {
                    break;
                }
            }
            self.iterations += 1;
            let (iteration, arguments) = rounds.begin(self.iterations)?;
            self.run(iteration, arguments)?;
            rounds.end()?;
        }
        Ok(rounds.close(trace, id))
    }
}

/// A loop under way in the forward sweep; in a box for the sake of the stack.
struct Rounds {
    own: Loop,
    /// For errors.
    graph: &'static str,
    node: &'static Node,
    integers: Integers,
    /// The values after the iterations done.
    carried: Vec<Value>,
    /// Empty while they are lent.
    captured: Vec<Value>,
    /// Whether the last iteration said so.
    goes_on: bool,
    done: LoopTrace,
}

impl Rounds {
    fn start(trace: &Trace, id: NodeId) -> Result<Box<Self>, EvaluateError> {
        let graph = &trace.graph;
        let node = graph.node(id);
        let own = Loop::of(graph, node)?;
        let inputs = trace.inputs(id)?;
        let integers = own.integers(graph, node, &inputs)?;
        let mut inputs = inputs[own.first..].iter().copied().cloned();
        Ok(Box::new(Self {
            graph: graph.name,
            node,
            integers,
            carried: inputs.by_ref().take(own.carried).collect(),
            captured: inputs.collect(),
            goes_on: true,
            done: LoopTrace {
                carried: Vec::new(),
                adjoints: Vec::new(),
                last: None,
                condition: None,
            },
            own,
        }))
    }

    /// Whether there is another iteration, as far as its condition has no say in it.
    fn are_left(&self) -> bool {
        self.goes_on && self.integers.get(self.done.carried.len()).is_some()
    }

    fn begin_check(&mut self) -> Option<(&mut Trace, Vec<Value>)> {
        let condition = self.own.condition.as_ref()?;
        let carried = self.carried.iter().cloned();
        let arguments = carried.chain(self.captured.drain(..)).collect();
        Some((self.done.condition.insert(Trace::of(condition)), arguments))
    }

    fn end_check(&mut self) -> Result<bool, EvaluateError> {
        let check = self.done.condition.as_mut().expect("it was begun");
        let sign = &check.results()[0];
        self.captured = take(&mut check.values, self.own.lent(&check.graph));
        flag(self.graph, self.node, sign)
    }

    fn begin(&mut self, iterations: usize) -> Result<(&mut Trace, Vec<Value>), EvaluateError> {
        if iterations > MOST_ITERATIONS {
            let most = MOST_ITERATIONS;
            let header = self.own.header;
            return Err(EvaluateError::endless(self.graph, self.node, header, most));
        }
        let integer = self.integers.get(self.done.carried.len());
        let integer = integer.expect("there is another iteration");
        let arguments = self
            .own
            .arguments(integer, &self.carried, &mut self.captured);
        Ok((self.done.last.insert(Trace::of(&self.own.body)), arguments))
    }

    fn end(&mut self) -> Result<(), EvaluateError> {
        let last = self.done.last.as_mut().expect("it was begun");
        let mut results = last.results();
        if self.own.exits {
            let sign = results.pop().expect("the body has this output");
            self.goes_on = flag(self.graph, self.node, &sign)?;
        }
        self.captured = take(&mut last.values, self.own.lent(&last.graph));
        let before = mem::replace(&mut self.carried, results);
        self.done.carried.push(before);
        Ok(())
    }

    /// Adds the trace of the loop, and gives its results.
    fn close(mut self: Box<Self>, trace: &mut Trace, id: NodeId) -> Value {
        // What is kept gets the captured values back.
        let LoopTrace {
            last, condition, ..
        } = &mut self.done;
        for kept in last.iter_mut().chain(condition) {
            for (id, value) in self.own.lent(&kept.graph).iter().zip(&self.captured) {
                kept.values[id.0].clone_from(value);
            }
        }
        if let Some(check) = &mut self.done.condition {
            // Nothing has a derivative by a condition.
            check.reverse(vec![Value::Scalar(0.0)], Vec::new());
        }
        self.done.carried.push(self.carried.clone());
        trace.loops.insert(id, self.done);
        together(self.carried)
    }
}

impl Trace {
    /// The reverse sweep through a loop, from the last iteration to the first.
    pub(super) fn pull_loop(&mut self, id: NodeId, adjoint: &Value) {
        let mut rewind = Rewind::start(self, id, adjoint);
        for iteration in (0..rewind.done.iterations()).rev() {
            let mut inside = rewind.begin(iteration);
            if let Some(arguments) = rewind.arguments(iteration) {
                Forward::default().run(&mut inside, arguments).expect(DONE);
            }
            let (seeds, totals) = rewind.seeds();
            inside.reverse(seeds, totals);
            rewind.end(iteration, &mut inside);
        }
        rewind.close(self, id);
    }
}

/// A loop under way in the reverse sweep; in a box, too.
struct Rewind {
    own: Loop,
    integers: Integers,
    /// Empty while they are lent.
    captured: Vec<Value>,
    /// The adjoints of the captured values so far; empty while they are lent.
    totals: Vec<Value>,
    /// The adjoints of the carried values before the iteration done last.
    adjoint: Vec<Value>,
    done: LoopTrace,
}

impl Rewind {
    fn start(trace: &mut Trace, id: NodeId, adjoint: &Value) -> Box<Self> {
        let adjoint = trace.apart(id, adjoint);
        let done = trace.loops.remove(&id).expect(DONE);
        let node = trace.graph.node(id);
        let own = Loop::of(&trace.graph, node).expect(DONE);
        let inputs = trace.inputs(id).expect(DONE);
        let captured = inputs[own.first + own.carried..].iter().copied();
        Box::new(Self {
            integers: own.integers(&trace.graph, node, &inputs).expect(DONE),
            captured: captured.clone().cloned().collect(),
            totals: captured.map(Value::zero_like).collect(),
            adjoint,
            done,
            own,
        })
    }

    /// The trace of an iteration, which is evaluated only if it was the last one.
    fn begin(&mut self, iteration: usize) -> Box<Trace> {
        let is_last = iteration + 1 == self.done.iterations();
        let kept = self.done.last.take_if(|_| is_last);
        Box::new(kept.unwrap_or_else(|| Trace::of(&self.own.body)))
    }

    /// What it is evaluated with, if that is still to be done.
    fn arguments(&mut self, iteration: usize) -> Option<Vec<Value>> {
        if iteration + 1 == self.done.iterations() {
            return None;
        }
        let integer = self.integers.get(iteration).expect(DONE);
        let carried = &self.done.carried[iteration];
        Some(self.own.arguments(integer, carried, &mut self.captured))
    }

    /// The cotangents of an iteration, and what the adjoints of the captured values add to.
    fn seeds(&mut self) -> (Vec<Value>, Vec<Value>) {
        let mut seeds = self.adjoint.clone();
        seeds.extend(self.own.exits.then_some(Value::Scalar(0.0)));
        (seeds, mem::take(&mut self.totals))
    }

    fn end(&mut self, iteration: usize, inside: &mut Trace) {
        let changing = self.own.changing().iter();
        let before = changing.map(|id| inside.adjoints[id.0].clone()).collect();
        let after = mem::replace(&mut self.adjoint, before);
        self.done.adjoints.push(after);
        let lent = self.own.lent(&inside.graph);
        if iteration + 1 == self.done.iterations() {
            let total = |id: &NodeId| inside.adjoints[id.0].clone();
            self.totals = lent.iter().map(total).collect();
            self.done.last = Some(mem::replace(inside, Trace::of(&self.own.body)));
        } else {
            self.totals = take(&mut inside.adjoints, lent);
            self.captured = take(&mut inside.values, lent);
        }
    }

    fn close(mut self: Box<Self>, trace: &mut Trace, id: NodeId) {
        let inputs = trace.graph.node(id).inputs[self.own.first..].iter();
        for (input, contribution) in inputs.zip(self.adjoint.iter().chain(&self.totals)) {
            trace.adjoints[input.0].add(contribution);
        }
        self.done.adjoints.push(self.adjoint);
        self.done.adjoints.reverse();
        trace.loops.insert(id, self.done);
    }
}

/// Moves the values of some nodes out of where they are.
fn take(values: &mut [Value], ids: &[NodeId]) -> Vec<Value> {
    ids.iter().map(|id| values[id.0].take()).collect()
}
