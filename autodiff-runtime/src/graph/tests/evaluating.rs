use super::{LOSS, apply, call, constant, node, parameter};
use crate::graph::{EvaluateError, Function, Graph, Node, NodeId, Op, Shape, Value};

/// `x.sqrt() * y`
const ROOT_TIMES: Graph = Graph {
    name: "root_times",
    nodes: &[
        parameter("x", Shape::Scalar),
        parameter("y", Shape::Scalar),
        apply(Function::Sqrt, &[NodeId(0)]),
        apply(Function::Mul, &[NodeId(2), NodeId(1)]),
    ],
    params: &[NodeId(0), NodeId(1)],
    outputs: &[NodeId(3)],
};

#[test]
fn values_and_adjoints_of_the_loss() {
    let x = 2.0_f64;
    let trace = LOSS.evaluate(&[x]);
    let (a, c) = (x * x, (x * x).ln());
    assert_eq!(trace.value("x"), Some(2.0));
    assert_eq!(trace.value("a"), Some(4.0));
    assert_eq!(trace.value("g"), Some(5.0 * a * c));
    assert_eq!(trace.output(), -(5.0 * a * c));
    assert_eq!(trace.adjoint("g"), Some(-1.0));
    assert_eq!(trace.adjoint("b"), Some(-c));
    assert_eq!(trace.adjoint("c"), Some(-5.0 * a));
    let by_a = -5.0 * c - 5.0;
    assert!((trace.adjoint("a").unwrap() - by_a).abs() < 1e-14);
    assert!((trace.gradient()[0] - by_a * 2.0 * x).abs() < 1e-13);
    assert_eq!(trace.adjoint("x"), Some(trace.gradient()[0]));
    assert_eq!(trace.value("unknown"), None);
}

#[test]
fn a_value_used_twice_gets_both_adjoints() {
    const CUBE: Graph = Graph {
        name: "cube",
        nodes: &[
            parameter("x", Shape::Scalar),
            apply(Function::Mul, &[NodeId(0), NodeId(0)]),
            apply(Function::Mul, &[NodeId(1), NodeId(0)]),
        ],
        params: &[NodeId(0)],
        outputs: &[NodeId(2)],
    };
    assert_eq!(CUBE.evaluate(&[3.0]).gradient(), [27.0]);
}

#[test]
fn a_zero_adjoint_does_not_pass_an_infinite_partial() {
    let trace = ROOT_TIMES.evaluate(&[0.0, 0.0]);
    assert_eq!(trace.gradient(), [0.0, 0.0]);
    let trace = ROOT_TIMES.evaluate(&[0.0, 2.0]);
    assert_eq!(trace.gradient(), [f64::INFINITY, 0.0]);
}

#[test]
fn an_infinite_adjoint_does_not_pass_the_operand_that_was_not_chosen() {
    // relu(x).sqrt(), whose root has an infinite slope where relu is flat
    const GRAPH: Graph = Graph {
        name: "root_of_relu",
        nodes: &[
            parameter("x", Shape::Scalar),
            apply(Function::Relu, &[NodeId(0)]),
            apply(Function::Sqrt, &[NodeId(1)]),
        ],
        params: &[NodeId(0)],
        outputs: &[NodeId(2)],
    };
    assert_eq!(GRAPH.evaluate(&[-1.0]).gradient(), [0.0]);
}

/// `let n_th = w[i][1]; (n_th * p.0, Point { x: p.1, n_th }.n_th)` with `w: [[f64; 2]; 2]`,
/// `i: usize`, `p: (f64, f64)`
const PARTS: Graph = Graph {
    name: "parts",
    nodes: &[
        parameter("w", Shape::Array(&[2, 2])),
        parameter("i", Shape::Integer),
        parameter("p", Shape::Tuple(&[Shape::Scalar, Shape::Scalar])),
        constant(1.0),
        node(Op::Index, &[NodeId(0), NodeId(1)], None),
        node(Op::Index, &[NodeId(4), NodeId(3)], Some("n_th")),
        node(Op::Field("0"), &[NodeId(2)], None),
        node(Op::Field("1"), &[NodeId(2)], None),
        apply(Function::Mul, &[NodeId(5), NodeId(6)]),
        node(
            Op::Struct {
                name: "Point",
                fields: &["x", "n_th"],
            },
            &[NodeId(7), NodeId(5)],
            None,
        ),
        node(Op::Field("n_th"), &[NodeId(9)], None),
        node(Op::Tuple, &[NodeId(8), NodeId(10)], None),
    ],
    params: &[NodeId(0), NodeId(1), NodeId(2)],
    outputs: &[NodeId(11)],
};

#[test]
fn parts_of_arrays_tuples_and_structs() {
    let inputs = [10.0, 20.0, 30.0, 40.0, 1.0, 3.0, 4.0];
    let trace = PARTS.evaluate_with(&inputs, &[1.0, 100.0]);
    assert_eq!(trace.outputs(), [120.0, 40.0]);
    assert_eq!(trace.gradient(), [0.0, 0.0, 0.0, 103.0, 0.0, 40.0, 0.0]);
    assert_eq!(trace.value("w"), None);
    let row = |x, y| Value::List(vec![Value::Scalar(x), Value::Scalar(y)]);
    assert_eq!(
        trace.values[0],
        Value::List(vec![row(10.0, 20.0), row(30.0, 40.0)])
    );
}

#[test]
fn a_slice_takes_what_the_others_leave() {
    const GRAPH: Graph = Graph {
        name: "second",
        nodes: &[
            parameter("xs", Shape::Slice),
            parameter("k", Shape::Scalar),
            constant(1.0),
            node(Op::Index, &[NodeId(0), NodeId(2)], None),
            apply(Function::Mul, &[NodeId(3), NodeId(1)]),
        ],
        params: &[NodeId(0), NodeId(1)],
        outputs: &[NodeId(4)],
    };
    let trace = GRAPH.evaluate(&[1.0, 2.0, 3.0, 7.0]);
    assert_eq!(trace.output(), 14.0);
    assert_eq!(trace.gradient(), [0.0, 7.0, 0.0, 2.0]);
    assert_eq!(
        GRAPH.try_evaluate(&[1.0, 7.0]).unwrap_err().to_string(),
        "the graph of `second` cannot be evaluated: the index 1 is not one of a list of length 1"
    );
    assert_eq!(
        GRAPH.try_evaluate(&[]).unwrap_err().to_string(),
        "the graph of `second` takes at least 1 input (every float and integer of its \
         parameters, in order), but 0 were given"
    );
}

#[test]
fn casts_round_and_truncate() {
    const fn nodes(target: &'static str) -> [Node; 3] {
        [
            parameter("x", Shape::Scalar),
            node(Op::Cast(target), &[NodeId(0)], None),
            apply(Function::Mul, &[NodeId(1), NodeId(1)]),
        ]
    }
    const fn casting(nodes: &'static [Node]) -> Graph {
        Graph {
            name: "casting",
            nodes,
            params: &[NodeId(0)],
            outputs: &[NodeId(2)],
        }
    }
    const TO_F32: Graph = casting(&nodes("f32"));
    const TO_I32: Graph = casting(&nodes("i32"));
    const TO_STRING: Graph = casting(&nodes("String"));
    let x = 1.7;
    let rounded = f64::from(x as f32);
    let trace = TO_F32.evaluate(&[x]);
    assert_eq!(trace.output(), rounded * rounded);
    assert_eq!(trace.gradient(), [2.0 * rounded]);
    let trace = TO_I32.evaluate(&[x]);
    assert_eq!(trace.output(), 1.0);
    assert_eq!(trace.gradient(), [0.0]);
    assert_eq!(
        TO_STRING.try_evaluate(&[x]).unwrap_err().to_string(),
        "the graph of `casting` cannot be evaluated: it holds a cast to `String`"
    );
}

#[test]
fn adjoints_flow_through_calls() {
    // root_times(loss(x), loss(y)) + root_times(z, z), with roots of numbers that are not negative
    const GRAPH: Graph = Graph {
        name: "caller",
        nodes: &[
            parameter("x", Shape::Scalar),
            parameter("y", Shape::Scalar),
            parameter("z", Shape::Scalar),
            call("loss", Some(|| LOSS), &[NodeId(0)], Some("u")),
            call("loss", Some(|| LOSS), &[NodeId(1)], Some("v")),
            call(
                "root_times",
                Some(|| ROOT_TIMES),
                &[NodeId(3), NodeId(4)],
                None,
            ),
            call(
                "root_times",
                Some(|| ROOT_TIMES),
                &[NodeId(2), NodeId(2)],
                None,
            ),
            apply(Function::Add, &[NodeId(5), NodeId(6)]),
        ],
        params: &[NodeId(0), NodeId(1), NodeId(2)],
        outputs: &[NodeId(7)],
    };
    let (x, y, z) = (0.5, 2.0, 4.0);
    let trace = GRAPH.evaluate(&[x, y, z]);
    let loss = |x: f64| -5.0 * x * x * (x * x).ln();
    let slope = |x: f64| -10.0 * x * ((x * x).ln() + 1.0);
    let expected = [
        0.5 / loss(x).sqrt() * loss(y) * slope(x),
        loss(x).sqrt() * slope(y),
        1.5 * z.sqrt(),
    ];
    assert!((trace.output() - (loss(x).sqrt() * loss(y) + 8.0)).abs() < 1e-12);
    for (got, expected) in trace.gradient().into_iter().zip(expected) {
        assert!((got / expected - 1.0).abs() < 1e-14, "{got} {expected}");
    }
    let inner = &trace.calls[&NodeId(3)];
    assert_eq!(inner.value("a"), Some(0.25));
    assert_eq!(inner.adjoint("x"), trace.adjoint("x"));
}

#[test]
fn several_results_need_as_many_cotangents() {
    let inputs = [0.0; 7];
    assert_eq!(
        PARTS.try_evaluate(&inputs).unwrap_err(),
        EvaluateError::CotangentCount {
            graph: "parts",
            expected: 2,
            found: 1
        }
    );
    assert_eq!(
        PARTS.try_evaluate(&inputs).unwrap_err().to_string(),
        "`parts` returns 2 numbers, so its reverse pass needs as many cotangents, but 1 were \
         given: `evaluate` gives one, `evaluate_with` any number"
    );
}

#[test]
#[should_panic(
    expected = "the graph of `loss` takes 1 input (every float and integer of its parameters, in \
                order), but 2 were given"
)]
fn a_wrong_number_of_inputs_is_refused() {
    let _ = LOSS.evaluate(&[1.0, 2.0]);
}

/// The error of a graph of one parameter `x` and one more node, on line 7.
fn refusal(shape: Shape, op: Op, inputs: &[f64]) -> String {
    let nodes = [
        parameter("x", shape),
        Node {
            line: 7,
            column: 3,
            ..node(op, &[NodeId(0)], None)
        },
    ];
    let graph = Graph {
        name: "f",
        nodes: Box::leak(Box::new(nodes)),
        params: &[NodeId(0)],
        outputs: &[NodeId(1)],
    };
    graph.try_evaluate(inputs).unwrap_err().to_string()
}

#[test]
fn what_cannot_be_evaluated_is_named_with_its_place() {
    let scalar = |op| refusal(Shape::Scalar, op, &[1.0]);
    assert_eq!(
        scalar(Op::Expression("table.len()")),
        "the graph of `f` cannot be evaluated: it holds the Rust expression `table.len()` \
         (line 7, column 3)"
    );
    let by_hand = Op::Call {
        name: "mlp",
        graph: None,
    };
    assert_eq!(
        scalar(by_hand),
        "the graph of `f` cannot be evaluated: it calls `mlp`, whose derivative is written by \
         hand (line 7, column 3)"
    );
    assert_eq!(
        scalar(Op::Field("0")),
        "the graph of `f` cannot be evaluated: a part is taken of a single number (line 7, \
         column 3)"
    );
    assert_eq!(
        refusal(Shape::Opaque, Op::Field("width"), &[1.0]),
        "the graph of `f` cannot be evaluated: how many numbers the parameter `x` holds is not \
         known"
    );
    assert_eq!(
        refusal(Shape::Slice, Op::Apply(Function::Sin), &[1.0, 2.0]),
        "the graph of `f` cannot be evaluated: a scalar function is applied to an array, tuple or \
         struct (line 7, column 3)"
    );
    let misfit = Op::Call {
        name: "loss",
        graph: Some(|| LOSS),
    };
    assert_eq!(
        refusal(Shape::Slice, misfit, &[1.0, 2.0]),
        "the graph of `f` cannot be evaluated: the arguments of its call of `loss` do not have \
         the parameters' shapes (line 7, column 3)"
    );
}

#[test]
fn endless_recursion_is_an_error() {
    const ENDLESS: Graph = Graph {
        name: "endless",
        nodes: &[
            parameter("x", Shape::Scalar),
            call("endless", Some(|| ENDLESS), &[NodeId(0)], None),
        ],
        params: &[NodeId(0)],
        outputs: &[NodeId(1)],
    };
    assert_eq!(
        ENDLESS.try_evaluate(&[1.0]).unwrap_err(),
        EvaluateError::TooDeep { graph: "endless" }
    );
}

#[test]
fn graphs_are_compared_by_structure() {
    const fn calling(graph: Option<fn() -> Graph>) -> Node {
        call("loss", graph, &[NodeId(0)], None)
    }
    assert_eq!(calling(Some(|| LOSS)), calling(Some(|| ROOT_TIMES)));
    assert_ne!(calling(Some(|| LOSS)), calling(None));
    assert_eq!(LOSS, LOSS);
    assert_ne!(LOSS, ROOT_TIMES);
}
