use super::examples::{
    BRANCH_IN_LOOP, CHOICE, FIBONACCI, NESTED, NEWTON, SUM, compare, integer, labelled, scalar,
};
use super::{apply, call, constant, node};
use crate::graph::{
    Arm, BranchKind, Comparison, EvaluateError, Function, Graph, LoopKind, Node, NodeId, Op,
    Subgraph, Value,
};

/// The derivative of a plain function by every input, from its values.
fn differences(function: impl Fn(&[f64]) -> f64, inputs: &[f64]) -> Vec<f64> {
    const STEP: f64 = 1e-5;
    let at = |place: usize, step: f64| {
        let mut moved = inputs.to_vec();
        moved[place] += step;
        function(&moved)
    };
    let slope = |place| (at(place, STEP) - at(place, -STEP)) / (2.0 * STEP);
    (0..inputs.len()).map(slope).collect()
}

fn assert_close(got: &[f64], expected: &[f64], tolerance: f64) {
    assert_eq!(got.len(), expected.len());
    for (got, expected) in got.iter().zip(expected) {
        assert!((got - expected).abs() <= tolerance, "{got} {expected}");
    }
}

#[test]
fn a_sum_over_a_range() {
    let x = [0.3, 0.5, -1.0];
    let trace = SUM.evaluate(&x);
    let partial_sums: Vec<f64> = x
        .iter()
        .scan(0.0, |sum, x| {
            *sum += x.sin();
            Some(*sum)
        })
        .collect();
    assert_eq!(trace.output(), partial_sums[2]);
    assert_eq!(trace.gradient(), x.map(f64::cos));

    let loop_trace = &trace.loops[&NodeId(5)];
    assert_eq!(loop_trace.iterations(), 3);
    let carried: Vec<f64> = loop_trace
        .carried
        .iter()
        .flat_map(|c| c[0].floats())
        .collect();
    assert_eq!(carried[0], 0.0);
    assert_eq!(carried[1..], partial_sums);
    assert_eq!(loop_trace.adjoints, vec![vec![Value::Scalar(1.0)]; 4]);
    // The last iteration, with its own contribution.
    let last = loop_trace.last.as_ref().unwrap();
    assert_eq!(last.value("i"), Some(2.0));
    assert_eq!(last.value("s"), Some(partial_sums[2]));
    assert_eq!(last.values[1], Value::Scalar(partial_sums[1]));
    assert_eq!(last.values[2].floats(), x);
    assert_eq!(last.adjoints[2].floats(), [0.0, 0.0, (-1.0_f64).cos()]);
    assert_eq!(last.adjoint("i"), Some(0.0));
}

#[test]
fn a_loop_without_an_iteration_leaves_the_initial_values() {
    let trace = SUM.evaluate(&[]);
    assert_eq!(trace.output(), 0.0);
    let loop_trace = &trace.loops[&NodeId(5)];
    assert_eq!(loop_trace.iterations(), 0);
    assert_eq!(loop_trace.last, None);
    assert_eq!(loop_trace.carried, [[Value::Scalar(0.0)]]);

    let trace = FIBONACCI.evaluate(&[3.0, 4.0, 0.0]);
    assert_eq!(trace.output(), 12.0);
    assert_eq!(trace.gradient(), [4.0, 3.0, 0.0]);

    let trace = NESTED.evaluate(&[0.5, 0.2, 0.3, 0.4, 1.0]);
    assert_eq!(trace.output(), 0.0);
    assert_eq!(trace.gradient(), [0.0; 5]);
}

#[test]
fn a_branch_takes_one_arm() {
    let trace = CHOICE.evaluate(&[2.0, 0.5]);
    assert_eq!(trace.output(), 2.0_f64.ln() * 0.5);
    assert_eq!(trace.gradient(), [0.25, 2.0_f64.ln()]);
    let taken = &trace.branches[&NodeId(3)];
    assert_eq!(taken.arm, 0);
    assert_eq!(taken.inside.values[2], Value::Scalar(2.0_f64.ln()));
    assert_eq!(taken.inside.adjoint("k"), Some(2.0_f64.ln()));

    let trace = CHOICE.evaluate(&[-2.0, 0.5]);
    assert_eq!(trace.output(), 0.5);
    assert_eq!(trace.gradient(), [0.0, 1.0]);
    assert_eq!(trace.branches[&NodeId(3)].arm, 1);
}

#[test]
fn newtons_method_has_the_derivative_of_the_root() {
    for a in [0.3_f64, 2.0, 50.0] {
        let trace = NEWTON.evaluate(&[a]);
        assert_close(&[trace.output()], &[a.sqrt()], 1e-12);
        assert_close(&trace.gradient(), &[0.5 / a.sqrt()], 1e-9);

        // By the chain rule, every adjoint is the next one times the slope ½·(1 − a/y²).
        let loop_trace = &trace.loops[&NodeId(1)];
        let numbers = |lists: &[Vec<Value>]| -> Vec<f64> {
            lists.iter().flat_map(|list| list[0].floats()).collect()
        };
        let (iterates, adjoints) = (numbers(&loop_trace.carried), numbers(&loop_trace.adjoints));
        assert_eq!(iterates.len(), loop_trace.iterations() + 1);
        assert_eq!(adjoints.len(), iterates.len());
        for (k, y) in iterates[..loop_trace.iterations()].iter().enumerate() {
            let slope = 0.5 * (1.0 - a / y / y);
            assert_close(&[adjoints[k]], &[adjoints[k + 1] * slope], 1e-15);
        }
        let check = loop_trace.condition.as_ref().unwrap();
        assert_eq!(check.value("y"), Some(trace.output()));
        assert_eq!(check.values[6], Value::Scalar(0.0));
        assert_eq!(check.adjoints[0], Value::Scalar(0.0));
    }
}

#[test]
fn loops_in_loops() {
    let plain = |p: &[f64]| {
        let mut s = 0.0_f64;
        for i in 0..3 {
            for j in 0..i {
                s += p[0] * p[1 + j] * s.cos();
            }
        }
        s
    };
    let p = [0.5, 0.2, 0.3, 0.4];
    let trace = NESTED.evaluate(&[p[0], p[1], p[2], p[3], 3.0]);
    assert_eq!(trace.output(), plain(&p));
    let gradient = trace.gradient();
    assert_close(&gradient[..4], &differences(plain, &p), 1e-10);
    assert_eq!(gradient[4], 0.0);
    let last = trace.loops[&NodeId(6)].last.as_ref().unwrap();
    assert_eq!(last.loops[&NodeId(6)].iterations(), 2);
}

#[test]
fn branches_in_loops() {
    let trace = BRANCH_IN_LOOP.evaluate(&[0.25, 4.0, -1.0]);
    assert_eq!(trace.output(), 5.0);
    assert_eq!(trace.gradient(), [2.0, 0.5, 0.0]);
    let last = trace.loops[&NodeId(5)].last.as_ref().unwrap();
    assert_eq!(last.branches[&NodeId(6)].arm, 1);
}

#[test]
fn several_results_are_taken_apart() {
    // After four steps: a = 2x + 3y and b = 3x + 5y.
    let (x, y) = (0.25, 4.0);
    let trace = FIBONACCI.evaluate(&[x, y, 4.0]);
    let (a, b) = (2.0 * x + 3.0 * y, 3.0 * x + 5.0 * y);
    assert_eq!(trace.value("a"), Some(a));
    assert_eq!(trace.output(), a * b);
    assert_eq!(
        trace.gradient(),
        [2.0 * b + 3.0 * a, 3.0 * b + 5.0 * a, 0.0]
    );
}

/// The digits of `i` in `for i in … { s = 10.0 * s + i as f64 }`, which tell which integers come in
/// which order.
fn digits(start: f64, end: f64, step: f64, reversed: bool) -> Result<f64, EvaluateError> {
    const BODY: Subgraph = Subgraph {
        nodes: &[
            integer("i"),
            scalar("s"),
            constant(10.0),
            apply(Function::Mul, &[NodeId(2), NodeId(1)]),
            apply(Function::Add, &[NodeId(3), NodeId(0)]),
        ],
        params: &[NodeId(0), NodeId(1)],
        outputs: &[NodeId(4)],
    };
    let op = Op::Loop {
        header: "for i in range",
        kind: LoopKind::Range { reversed },
        body: &BODY,
        exits: false,
    };
    let inputs = &[NodeId(0), NodeId(1), NodeId(2), NodeId(3)];
    let nodes = [
        integer("start"),
        integer("end"),
        integer("step"),
        scalar("s"),
        node(op, inputs, None),
    ];
    let graph = Graph {
        name: "digits",
        nodes: Box::leak(Box::new(nodes)),
        params: inputs,
        outputs: &[NodeId(4)],
    };
    let trace = graph.try_evaluate(&[start, end, step, 0.0])?;
    assert_eq!(trace.gradient()[..3], [0.0; 3]);
    Ok(trace.output())
}

#[test]
fn ranges_go_up_and_down() {
    assert_eq!(digits(1.0, 5.0, 1.0, false), Ok(1234.0));
    assert_eq!(digits(1.0, 5.0, 1.0, true), Ok(4321.0));
    assert_eq!(digits(1.0, 8.0, 3.0, false), Ok(147.0));
    assert_eq!(digits(1.0, 7.0, 3.0, true), Ok(41.0));
    assert_eq!(digits(6.0, -1.0, -3.0, false), Ok(630.0));
    assert_eq!(digits(5.0, 1.0, 1.0, false), Ok(0.0));
    assert_eq!(
        digits(0.0, 2.5, 1.0, false).unwrap_err().to_string(),
        "the graph of `digits` cannot be evaluated: the loop `for i in range` does not go over \
         integers: its start, end and step are [0.0, 2.5, 1.0]"
    );
    assert!(digits(0.0, 2.0, 0.0, false).is_err());
    assert!(digits(0.0, f64::INFINITY, 1.0, true).is_err());
}

/// `loop { y = y * y; n += 1; if y > 100.0 || n == 3 { break } } y`
const SQUARED: Graph = Graph {
    name: "squared",
    nodes: &[
        scalar("y"),
        constant(0.0),
        node(
            Op::Loop {
                header: "loop",
                kind: LoopKind::Endless,
                body: &Subgraph {
                    nodes: &[
                        scalar("y"),
                        integer("n"),
                        apply(Function::Mul, &[NodeId(0), NodeId(0)]),
                        constant(1.0),
                        apply(Function::Add, &[NodeId(1), NodeId(3)]),
                        constant(100.0),
                        compare(Comparison::Greater, &[NodeId(2), NodeId(5)]),
                        constant(3.0),
                        compare(Comparison::Equal, &[NodeId(4), NodeId(7)]),
                        node(Op::Or, &[NodeId(6), NodeId(8)], None),
                        node(Op::Not, &[NodeId(9)], None),
                    ],
                    params: &[NodeId(0), NodeId(1)],
                    outputs: &[NodeId(2), NodeId(4), NodeId(10)],
                },
                exits: true,
            },
            &[NodeId(0), NodeId(1)],
            None,
        ),
        labelled("y", Op::Result(0), &[NodeId(2)]),
    ],
    params: &[NodeId(0)],
    outputs: &[NodeId(3)],
};

#[test]
fn a_loop_ends_by_its_own_flag() {
    let iterations = |x: f64| SQUARED.evaluate(&[x]).loops[&NodeId(2)].iterations();
    assert_eq!(SQUARED.evaluate(&[4.0]).output(), 256.0);
    assert_eq!(SQUARED.evaluate(&[4.0]).gradient(), [4.0 * 64.0]);
    assert_eq!(iterations(4.0), 2);
    assert_eq!(SQUARED.evaluate(&[1.5]).output(), 1.5_f64.powi(8));
    assert_eq!(iterations(1.5), 3);
    assert_eq!(iterations(11.0), 1);
}

#[test]
fn a_loop_without_an_end_is_an_error() {
    const GRAPH: Graph = Graph {
        name: "stuck",
        nodes: &[
            scalar("x"),
            Node {
                line: 3,
                column: 5,
                ..node(
                    Op::Loop {
                        header: "loop",
                        kind: LoopKind::Endless,
                        body: &Subgraph {
                            nodes: &[scalar("x")],
                            params: &[NodeId(0)],
                            outputs: &[NodeId(0)],
                        },
                        exits: false,
                    },
                    &[NodeId(0)],
                    None,
                )
            },
        ],
        params: &[NodeId(0)],
        outputs: &[NodeId(1)],
    };
    assert_eq!(
        GRAPH.try_evaluate(&[0.5]).unwrap_err().to_string(),
        "the loops in the graph of `stuck` take more than 1000000 iterations, which is as many as \
         the interpreter does, and `loop` has not ended (line 3, column 5)"
    );
}

/// A `match` on the number `k`, whose arms are `x`, `-x` and something that is not known here.
const MATCH: Graph = {
    const fn arm(label: &'static str, body: &'static Subgraph) -> Arm {
        Arm { label, body }
    }
    const fn body(nodes: &'static [Node], outputs: &'static [NodeId]) -> Subgraph {
        Subgraph {
            nodes,
            params: &[NodeId(0)],
            outputs,
        }
    }
    Graph {
        name: "chosen",
        nodes: &[
            scalar("x"),
            integer("k"),
            node(
                Op::Branch {
                    header: "match k",
                    kind: BranchKind::Match,
                    arms: &[
                        arm("0", &body(&[scalar("x")], &[NodeId(0)])),
                        arm(
                            "1",
                            &body(
                                &[scalar("x"), apply(Function::Neg, &[NodeId(0)])],
                                &[NodeId(1)],
                            ),
                        ),
                        arm(
                            "_",
                            &body(
                                &[
                                    scalar("x"),
                                    Node {
                                        line: 7,
                                        column: 14,
                                        ..node(Op::Expression("table[k]"), &[], None)
                                    },
                                ],
                                &[NodeId(1)],
                            ),
                        ),
                    ],
                },
                &[NodeId(1), NodeId(0)],
                None,
            ),
        ],
        params: &[NodeId(0), NodeId(1)],
        outputs: &[NodeId(2)],
    }
};

#[test]
fn a_match_takes_the_arm_of_the_number() {
    assert_eq!(MATCH.evaluate(&[5.0, 0.0]).output(), 5.0);
    assert_eq!(MATCH.evaluate(&[5.0, 1.0]).output(), -5.0);
    assert_eq!(MATCH.evaluate(&[5.0, 1.0]).gradient(), [-1.0, 0.0]);
    let refusal = |k: f64| MATCH.try_evaluate(&[5.0, k]).unwrap_err().to_string();
    assert_eq!(
        refusal(2.0),
        "the graph of `chosen` cannot be evaluated: it holds the Rust expression `table[k]` (line \
         7, column 14)"
    );
    assert_eq!(
        refusal(3.0),
        "the graph of `chosen` cannot be evaluated: the branch `match k` has no arm of the number 3"
    );
    assert_eq!(
        refusal(0.5),
        "the graph of `chosen` cannot be evaluated: the number of an arm is not a natural number"
    );
}

/// The same by the number itself: `match k { 0 | 2 => x, 3..=5 => -x }`.
const CASES: Graph = Graph {
    name: "cases",
    nodes: &[
        scalar("x"),
        integer("k"),
        node(
            Op::Branch {
                header: "match k",
                kind: BranchKind::Cases(&[&[(0.0, 0.0), (2.0, 2.0)], &[(3.0, 5.0)]]),
                arms: &[
                    Arm {
                        label: "0 | 2",
                        body: &Subgraph {
                            nodes: &[scalar("x")],
                            params: &[NodeId(0)],
                            outputs: &[NodeId(0)],
                        },
                    },
                    Arm {
                        label: "3..=5",
                        body: &Subgraph {
                            nodes: &[scalar("x"), apply(Function::Neg, &[NodeId(0)])],
                            params: &[NodeId(0)],
                            outputs: &[NodeId(1)],
                        },
                    },
                ],
            },
            &[NodeId(1), NodeId(0)],
            None,
        ),
    ],
    params: &[NodeId(0), NodeId(1)],
    outputs: &[NodeId(2)],
};

#[test]
fn a_match_takes_the_arm_whose_pattern_holds_the_number() {
    for (k, slope) in [(0.0, 1.0), (2.0, 1.0), (3.0, -1.0), (5.0, -1.0)] {
        assert_eq!(CASES.evaluate(&[5.0, k]).gradient(), [slope, 0.0]);
    }
    assert_eq!(
        CASES.try_evaluate(&[5.0, 1.0]).unwrap_err().to_string(),
        "the graph of `cases` cannot be evaluated: no arm of the branch takes the number 1"
    );
}

#[test]
fn recursion_ends_in_a_branch() {
    // fn power(x, n) { if n == 0 { 1.0 } else { x * power(x, n - 1) } }
    const POWER: Graph = Graph {
        name: "power",
        nodes: &[
            scalar("x"),
            integer("n"),
            constant(0.0),
            compare(Comparison::Equal, &[NodeId(1), NodeId(2)]),
            node(
                Op::Branch {
                    header: "if n == 0",
                    kind: BranchKind::If,
                    arms: &[
                        Arm {
                            label: "then",
                            body: &Subgraph {
                                nodes: &[scalar("x"), integer("n"), constant(1.0)],
                                params: &[NodeId(0), NodeId(1)],
                                outputs: &[NodeId(2)],
                            },
                        },
                        Arm {
                            label: "else",
                            body: &Subgraph {
                                nodes: &[
                                    scalar("x"),
                                    integer("n"),
                                    constant(1.0),
                                    apply(Function::Sub, &[NodeId(1), NodeId(2)]),
                                    call("power", Some(|| POWER), &[NodeId(0), NodeId(3)], None),
                                    apply(Function::Mul, &[NodeId(0), NodeId(4)]),
                                ],
                                params: &[NodeId(0), NodeId(1)],
                                outputs: &[NodeId(5)],
                            },
                        },
                    ],
                },
                &[NodeId(3), NodeId(0), NodeId(1)],
                None,
            ),
        ],
        params: &[NodeId(0), NodeId(1)],
        outputs: &[NodeId(4)],
    };
    let trace = POWER.evaluate(&[2.0, 5.0]);
    assert_eq!(trace.output(), 32.0);
    assert_eq!(trace.gradient(), [80.0, 0.0]);
    assert_eq!(POWER.evaluate(&[1.0, 249.0]).gradient(), [249.0, 0.0]);
    assert_eq!(
        POWER.try_evaluate(&[1.0, 250.0]).unwrap_err(),
        EvaluateError::TooDeep { graph: "power" }
    );
}

#[test]
fn what_does_not_fit_together_is_an_error() {
    /// A graph of `x` and one node of it.
    fn refusal(op: Op, inputs: &'static [NodeId]) -> String {
        let graph = Graph {
            name: "f",
            nodes: Box::leak(Box::new([scalar("x"), node(op, inputs, None)])),
            params: &[NodeId(0)],
            outputs: &[NodeId(1)],
        };
        let text = graph.try_evaluate(&[0.5]).unwrap_err().to_string();
        let known = "the graph of `f` cannot be evaluated: ";
        text.strip_prefix(known).expect("a sentence").to_owned()
    }
    const X: NodeId = NodeId(0);
    const SAME: &Subgraph = &Subgraph {
        nodes: &[scalar("x")],
        params: &[X],
        outputs: &[X],
    };
    const TWICE: &Subgraph = &Subgraph {
        outputs: &[X, X],
        ..*SAME
    };
    let endless = |body| Op::Loop {
        header: "loop",
        kind: LoopKind::Endless,
        body,
        exits: true,
    };
    assert_eq!(refusal(Op::Not, &[X]), "a flag is neither 0 nor 1");
    assert_eq!(
        refusal(Op::Compare(Comparison::Less), &[X]),
        "a comparison has not two inputs"
    );
    assert_eq!(
        refusal(Op::Result(0), &[X]),
        "a result is taken of what does not have it"
    );
    assert_eq!(
        refusal(Op::Length, &[X]),
        "the length of a single number is taken"
    );
    assert_eq!(
        refusal(endless(SAME), &[]),
        "the parameters of the body do not fit to the inputs of the loop `loop`"
    );
    assert_eq!(refusal(endless(SAME), &[X]), "a flag is neither 0 nor 1");
    let two_flags = Op::Loop {
        header: "while x",
        kind: LoopKind::While { condition: TWICE },
        body: SAME,
        exits: false,
    };
    assert_eq!(
        refusal(two_flags, &[X]),
        "the condition has another number of outputs than one in the loop `while x`"
    );
    let branch = Op::Branch {
        header: "if x",
        kind: BranchKind::If,
        arms: &[],
    };
    assert_eq!(refusal(branch, &[X]), "a flag is neither 0 nor 1");
    assert_eq!(
        refusal(branch, &[]),
        "what decides about the branch `if x` is missing"
    );
}

#[test]
fn loops_and_branches_are_compared_by_what_they_hold() {
    assert_eq!(SUM, SUM);
    assert_eq!(CHOICE, CHOICE);
    assert_ne!(SUM.nodes[5], BRANCH_IN_LOOP.nodes[5]);
    assert_ne!(CHOICE.nodes[3], MATCH.nodes[2]);
    assert_ne!(SQUARED.nodes[2], SUM.nodes[5]);
}
