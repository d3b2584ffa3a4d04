use super::examples::{integer, labelled, range, scalar};
use super::{apply, constant, node, parameter};
use crate::graph::{
    EvaluateError, Function, Graph, NodeId, Op, Shape, Step, Subgraph, Trace, Value,
};

/// `for i in 1..x.len() { x[i] = x[i] * x[i - 1]; } x`
pub(super) const RUNNING_PRODUCT: Graph = Graph {
    name: "running_product",
    nodes: &[
        parameter("x", Shape::Slice),
        constant(1.0),
        node(Op::Length, &[NodeId(0)], None),
        constant(1.0),
        labelled(
            "x",
            range(
                "for i in 1..x.len()",
                &Subgraph {
                    nodes: &[
                        integer("i"),
                        parameter("x", Shape::Slice),
                        node(Op::Index, &[NodeId(1), NodeId(0)], None),
                        constant(1.0),
                        apply(Function::Sub, &[NodeId(0), NodeId(3)]),
                        node(Op::Index, &[NodeId(1), NodeId(4)], None),
                        apply(Function::Mul, &[NodeId(2), NodeId(5)]),
                        labelled(
                            "x",
                            Op::Store(&[Step::Index]),
                            &[NodeId(1), NodeId(6), NodeId(0)],
                        ),
                    ],
                    params: &[NodeId(0), NodeId(1)],
                    outputs: &[NodeId(7)],
                },
            ),
            &[NodeId(1), NodeId(2), NodeId(3), NodeId(0)],
        ),
    ],
    params: &[NodeId(0)],
    outputs: &[NodeId(4)],
};

#[test]
fn a_loop_changes_an_array_in_place() {
    let trace = RUNNING_PRODUCT.evaluate_with(&[2.0, 3.0, 5.0, 7.0], &[1.0, 10.0, 100.0, 1000.0]);
    assert_eq!(trace.outputs(), [2.0, 6.0, 30.0, 210.0]);
    let by_first = 1.0 + 10.0 * 3.0 + 100.0 * 15.0 + 1000.0 * 105.0;
    let by_second = 10.0 * 2.0 + 100.0 * 10.0 + 1000.0 * 70.0;
    let by_third = 100.0 * 6.0 + 1000.0 * 42.0;
    let gradient = [by_first, by_second, by_third, 1000.0 * 30.0];
    assert_eq!(trace.gradient(), gradient);

    let loop_trace = &trace.loops[&NodeId(4)];
    assert_eq!(loop_trace.carried[1][0].floats(), [2.0, 6.0, 5.0, 7.0]);
    assert_eq!(
        loop_trace.adjoints[3][0].floats(),
        [1.0, 10.0, 100.0, 1000.0]
    );
    // x[3] is overwritten with x[3] · x[2] = 7 · 30.
    let before = [1.0, 10.0, 100.0 + 7.0 * 1000.0, 30.0 * 1000.0];
    assert_eq!(loop_trace.adjoints[2][0].floats(), before);
}

/// Evaluates one node of the parameters `a: [[f64; 2]; 3]`, `v`, `i` and `j`, which hold
/// [[1, 2], [3, 4], [5, 6]], 9, 1 and 2; the cotangents are 1, 10, 100, ….
fn with_parts(op: Op, inputs: &'static [NodeId]) -> Result<Trace, EvaluateError> {
    let nodes = [
        parameter("a", Shape::Array(&[3, 2])),
        scalar("v"),
        integer("i"),
        integer("j"),
        node(op, inputs, None),
    ];
    let graph = Graph {
        name: "parts",
        nodes: Box::leak(Box::new(nodes)),
        params: &[NodeId(0), NodeId(1), NodeId(2), NodeId(3)],
        outputs: &[NodeId(4)],
    };
    let inputs = [1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 9.0, 1.0, 2.0];
    let mut cotangents: Vec<f64> = (0..10).map(|k| 10.0_f64.powi(k)).collect();
    match graph.try_evaluate_with(&inputs, &cotangents) {
        Err(EvaluateError::CotangentCount { expected, .. }) => cotangents.truncate(expected),
        other => return other,
    }
    graph.try_evaluate_with(&inputs, &cotangents)
}

const A: NodeId = NodeId(0);
const V: NodeId = NodeId(1);
const I: NodeId = NodeId(2);
const J: NodeId = NodeId(3);

#[test]
fn an_element_of_an_element_is_stored() {
    let trace = with_parts(Op::Store(&[Step::Index, Step::Index]), &[A, V, I, I]).unwrap();
    assert_eq!(trace.outputs(), [1.0, 2.0, 3.0, 9.0, 5.0, 6.0]);
    assert_eq!(
        trace.gradient(),
        [1.0, 10.0, 100.0, 0.0, 1e4, 1e5, 1e3, 0.0, 0.0]
    );
    let trace = with_parts(Op::Store(&[Step::Index, Step::Field("0")]), &[A, V, J]).unwrap();
    assert_eq!(trace.outputs(), [1.0, 2.0, 3.0, 4.0, 9.0, 6.0]);
    assert_eq!(trace.gradient()[4..7], [0.0, 1e5, 1e4]);
}

#[test]
fn a_range_is_taken_and_stored() {
    let trace = with_parts(Op::Slice, &[A, I, J]).unwrap();
    assert_eq!(trace.outputs(), [3.0, 4.0]);
    assert_eq!(trace.gradient()[..6], [0.0, 0.0, 1.0, 10.0, 0.0, 0.0]);
    assert_eq!(
        with_parts(Op::Slice, &[A, I, I]).unwrap().outputs(),
        [0.0; 0]
    );
    assert_eq!(
        with_parts(Op::Slice, &[A, J, I]).unwrap_err().to_string(),
        "the graph of `parts` cannot be evaluated: the range 2..1 is not within a list of length 3"
    );
    // x.copy_within(0..2, 1); x[1..3][0] = 2.0;
    const GRAPH: Graph = Graph {
        name: "shifted",
        nodes: &[
            parameter("x", Shape::Array(&[3])),
            constant(1.0),
            constant(3.0),
            constant(0.0),
            constant(2.0),
            node(Op::Slice, &[NodeId(0), NodeId(3), NodeId(4)], None),
            node(
                Op::Store(&[Step::Slice]),
                &[NodeId(0), NodeId(5), NodeId(1), NodeId(2)],
                None,
            ),
            node(
                Op::Store(&[Step::Slice, Step::Index]),
                &[NodeId(6), NodeId(4), NodeId(1), NodeId(2), NodeId(3)],
                None,
            ),
        ],
        params: &[NodeId(0)],
        outputs: &[NodeId(7)],
    };
    let trace = GRAPH.evaluate_with(&[5.0, 6.0, 7.0], &[1.0, 10.0, 100.0]);
    assert_eq!(trace.values[6].floats(), [5.0, 5.0, 6.0]);
    assert_eq!(trace.outputs(), [5.0, 2.0, 6.0]);
    assert_eq!(trace.gradient(), [1.0, 100.0, 0.0]);
    let misfit = with_parts(Op::Store(&[Step::Slice]), &[A, V, I, J]);
    assert_eq!(
        misfit.unwrap_err().to_string(),
        "the graph of `parts` cannot be evaluated: a range of a list is overwritten with another \
         number of elements"
    );
}

#[test]
fn lists_are_measured_repeated_and_extended() {
    let trace = with_parts(Op::Length, &[A]).unwrap();
    assert_eq!(trace.output(), 3.0);
    assert_eq!(trace.gradient(), [0.0; 9]);
    let trace = with_parts(Op::Repeat, &[V, J]).unwrap();
    assert_eq!(trace.outputs(), [9.0, 9.0]);
    assert_eq!(trace.gradient()[6..], [11.0, 0.0, 0.0]);
    let trace = with_parts(Op::Append, &[A, V]).unwrap();
    assert_eq!(trace.outputs(), [1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 9.0]);
    assert_eq!(trace.gradient()[5..7], [1e5, 1e6]);
    let Value::List(parts) = &trace.values[4] else {
        panic!("a list");
    };
    assert_eq!(parts.len(), 4);
}

#[test]
fn fields_of_structs_are_stored_while_the_struct_is_known() {
    const POINT: Op = Op::Struct {
        name: "Point",
        fields: &["x", "y"],
    };
    const GRAPH: Graph = Graph {
        name: "moved",
        nodes: &[
            scalar("a"),
            scalar("b"),
            labelled("p", POINT, &[NodeId(0), NodeId(1)]),
            apply(Function::Mul, &[NodeId(0), NodeId(1)]),
            labelled("p", Op::Store(&[Step::Field("x")]), &[NodeId(2), NodeId(3)]),
            node(Op::Field("x"), &[NodeId(4)], None),
            node(Op::Field("y"), &[NodeId(4)], None),
            apply(Function::Add, &[NodeId(5), NodeId(6)]),
        ],
        params: &[NodeId(0), NodeId(1)],
        outputs: &[NodeId(7)],
    };
    let trace = GRAPH.evaluate(&[3.0, 5.0]);
    assert_eq!(trace.output(), 20.0);
    assert_eq!(trace.gradient(), [5.0, 4.0]);
    assert!(GRAPH.to_mermaid().contains("\"p.x = …\""));
}
