use super::{LOSS, apply, call, constant, node, parameter};
use crate::graph::{Arm, BranchKind, Function, Graph, NodeId, Op, Shape, Subgraph};

/// Everything that needs care: odd characters, a call, control flow, a constant index.
const ODD: Graph = Graph {
    name: "odd<T> & \"more\"",
    nodes: &[
        parameter("x", Shape::Array(&[2, 3])),
        constant(1.0),
        node(Op::Index, &[NodeId(0), NodeId(1)], Some("row")),
        node(
            Op::Expression("if a < b && c {\n    \"q|\\n\" } `9%` # > {0}"),
            &[],
            Some("e"),
        ),
        call("m::<T>::f", Some(|| LOSS), &[NodeId(2), NodeId(3)], None),
        node(
            Op::Branch {
                header: "if y < 0",
                kind: BranchKind::If,
                arms: &[Arm {
                    label: "y < 0",
                    body: &Subgraph {
                        nodes: LOSS.nodes,
                        params: LOSS.params,
                        outputs: LOSS.outputs,
                    },
                }],
            },
            &[NodeId(4), NodeId(4)],
            Some("y"),
        ),
        apply(Function::Mul, &[NodeId(4), NodeId(4)]),
    ],
    params: &[NodeId(0)],
    outputs: &[NodeId(6)],
};

#[test]
fn dot_of_the_loss() {
    assert_eq!(
        LOSS.to_dot(),
        r##"digraph "loss" {
  rankdir=LR;
  node [fontname="monospace" fontsize=11 height=0.3];
  edge [color="#7b8794" arrowsize=0.7];
  n0 [shape=box label="x" style="rounded,filled" fillcolor="#e3effb" color="#5b8fc7"];
  n1 [shape=box label="2" style="rounded,filled" fillcolor="#f1f0ec" color="#b9b5a8"];
  n2 [shape=box label="a = x²" style="filled" fillcolor="#ffffff" color="#8b97a6"];
  n3 [shape=box label="5" style="rounded,filled" fillcolor="#f1f0ec" color="#b9b5a8"];
  n4 [shape=box label="b = 5 · a" style="filled" fillcolor="#ffffff" color="#8b97a6"];
  n5 [shape=box label="c = ln(a)" style="filled" fillcolor="#ffffff" color="#8b97a6"];
  n6 [shape=box label="g = b · c" style="filled" fillcolor="#ffffff" color="#8b97a6"];
  n7 [shape=box label="−g" style="filled" fillcolor="#e2f4e6" color="#4f9c68"];
  n0 -> n2;
  n1 -> n2;
  n3 -> n4;
  n2 -> n4;
  n2 -> n5;
  n4 -> n6;
  n5 -> n6;
  n6 -> n7;
}
"##
    );
}

#[test]
fn mermaid_of_the_evaluated_loss() {
    let text = LOSS.evaluate(&[2.0]).to_mermaid();
    let (flow, classes) = text.split_once("  classDef").unwrap();
    assert_eq!(
        flow,
        "flowchart LR
  n0([\"x<br/>data 2.0000 | grad -47.7259\"]):::parameter
  n1([\"2<br/>data 2.0000 | grad 0.0000\"]):::constant
  n2[\"a = x²<br/>data 4.0000 | grad -11.9315\"]:::operation
  n3([\"5<br/>data 5.0000 | grad -5.5452\"]):::constant
  n4[\"b = 5 · a<br/>data 20.0000 | grad -1.3863\"]:::operation
  n5[\"c = ln(a)<br/>data 1.3863 | grad -20.0000\"]:::operation
  n6[\"g = b · c<br/>data 27.7259 | grad -1.0000\"]:::operation
  n7[\"−g<br/>data -27.7259 | grad 1.0000\"]:::output
  n0 --> n2
  n1 --> n2
  n3 --> n4
  n2 --> n4
  n2 --> n5
  n4 --> n6
  n5 --> n6
  n6 --> n7
"
    );
    for class in ["parameter", "constant", "operation", "output"] {
        assert!(format!("classDef{classes}").contains(&format!("classDef {class} fill:#")));
    }
}

#[test]
fn dot_shows_value_and_adjoint_in_a_record() {
    let text = LOSS.evaluate(&[2.0]).to_dot();
    assert!(text.contains(r#"shape=record label="{ b = 5 · a | data 20.0000 | grad -1.3863 }""#));
}

#[test]
fn dot_escapes_and_nests() {
    let text = ODD.to_dot();
    assert!(
        text.starts_with(r#"digraph "odd<T> & \"more\"" {"#),
        "{text}"
    );
    assert!(
        text.contains(r#"label="e = if a < b && c { \"q|\\n\" } `9%` # > {…""#),
        "{text}"
    );
    assert!(
        text.contains(r#"n4 [shape=box label="m::<T>::f(row, e)""#),
        "{text}"
    );
    assert!(text.contains("peripheries=2"), "{text}");
    assert!(text.contains(r#"subgraph "cluster_n5_0" {"#), "{text}");
    assert!(text.contains("n5_0_0 -> n5_0_2;"), "{text}");
    // x * x is one arrow, and `row = x[1]` has none from the index.
    assert_eq!(text.matches("n4 -> n6;").count(), 1);
    assert!(
        text.contains("row = x[1]") && !text.contains("n1 "),
        "{text}"
    );
}

#[test]
fn dot_escapes_the_separators_of_records() {
    const GRAPH: Graph = Graph {
        name: "f",
        nodes: &[node(
            Op::Parameter {
                name: "a|b<c>{d}",
                shape: Shape::Scalar,
            },
            &[],
            None,
        )],
        params: &[NodeId(0)],
        outputs: &[NodeId(0)],
    };
    let text = GRAPH.evaluate(&[1.0]).to_dot();
    assert!(
        text.contains(r#"label="{ a\|b\<c\>\{d\} | data 1.0000"#),
        "{text}"
    );
}

#[test]
fn mermaid_escapes_and_nests() {
    let text = ODD.to_mermaid();
    let expression =
        "n3[\"e = if a #60; b #38;#38; c { #34;q|#92;n#34; } #96;9#37;#96; #35; #62; {…\"]";
    assert!(text.contains(expression), "{text}");
    assert!(
        text.contains("n4[[\"m::#60;T#62;::f(row, e)\"]]:::function"),
        "{text}"
    );
    assert!(text.contains("subgraph n5 [\"y = if y #60; 0\"]"), "{text}");
    assert!(text.contains("subgraph n5_0 [\"y #60; 0\"]"), "{text}");
}

#[test]
fn formulas_name_what_has_a_name() {
    const GRAPH: Graph = Graph {
        name: "f",
        nodes: &[
            parameter("x", Shape::Scalar),
            apply(Function::Sin, &[NodeId(0)]),
            apply(Function::Sub, &[NodeId(1), NodeId(0)]),
            constant(-3.0),
            apply(Function::Powi, &[NodeId(2), NodeId(3)]),
            constant(1e-12),
            apply(Function::Max, &[NodeId(4), NodeId(5)]),
            apply(Function::Atan2, &[NodeId(0), NodeId(6)]),
            node(
                Op::Array,
                &[NodeId(0), NodeId(0), NodeId(0), NodeId(0), NodeId(0)],
                None,
            ),
            node(
                Op::Struct {
                    name: "P",
                    fields: &["x", "y"],
                },
                &[NodeId(0), NodeId(8)],
                None,
            ),
            node(Op::Cast("f32"), &[NodeId(0)], None),
            node(Op::Tuple, &[NodeId(9), NodeId(10)], None),
        ],
        params: &[NodeId(0)],
        outputs: &[NodeId(11)],
    };
    let text = GRAPH.to_dot();
    for label in [
        "sin(x)",
        "… − x",
        "…⁻³",
        "max(…, 1e-12)",
        "atan2(x, …)",
        "[x, x, …, x]",
        "P { x, y: … }",
        "x as f32",
        "(…, …)",
    ] {
        assert!(
            text.contains(&format!("label=\"{label}\"")),
            "{label}: {text}"
        );
    }
}

#[test]
fn numbers_keep_their_size_in_sight() {
    const SQUARE: Graph = Graph {
        name: "square",
        nodes: &[
            parameter("x", Shape::Scalar),
            apply(Function::Mul, &[NodeId(0), NodeId(0)]),
        ],
        params: &[NodeId(0)],
        outputs: &[NodeId(1)],
    };
    let at = |x: f64| SQUARE.evaluate(&[x]).to_dot();
    assert!(at(-0.0).contains("{ x | data 0.0000 | grad 0.0000 }"));
    assert!(at(1e-6).contains("data 1.0000e-12"));
    assert!(at(3e7).contains("{ x | data 3.0000e7 | grad 6.0000e7 }"));
    assert!(at(f64::NAN).contains("{ x | data NaN | grad NaN }"));
    assert!(at(f64::INFINITY).contains("data inf"));
}

#[cfg(feature = "draw")]
pub(super) mod svg {
    use super::{LOSS, ODD};
    use crate::graph::Graph;

    /// The text and the tags of a document, checked to be well-formed: every tag is closed in
    /// order, and every ampersand starts one of the entities that are used.
    pub(in crate::graph::tests) fn texts(svg: &str) -> Vec<String> {
        let mut open = Vec::new();
        let mut texts = Vec::new();
        let mut rest = svg;
        while let Some(start) = rest.find('<') {
            let text = &rest[..start];
            assert!(!text.contains('>'), "{text}");
            if !text.trim().is_empty() {
                texts.push(text.to_owned());
            }
            let end = start + rest[start..].find('>').expect("every tag ends");
            let tag = &rest[start + 1..end];
            if let Some(name) = tag.strip_prefix('/') {
                assert_eq!(open.pop(), Some(name), "tags are closed in order");
            } else if !tag.ends_with('/') {
                open.push(tag.split_whitespace().next().unwrap());
            }
            rest = &rest[end + 1..];
        }
        assert!(open.is_empty() && rest.trim().is_empty());
        let entities = ["amp;", "lt;", "gt;", "quot;"];
        for entity in svg.split('&').skip(1) {
            assert!(entities.iter().any(|known| entity.starts_with(known)));
        }
        texts
    }

    #[test]
    fn the_loss_shows_names_formulas_and_numbers() {
        let plain = texts(&LOSS.to_svg());
        assert_eq!(plain[0], "Computation graph of loss");
        assert_eq!(plain.iter().filter(|text| *text == "x").count(), 1);
        assert!(plain.contains(&"5 · a".to_owned()));
        assert!(!plain.iter().any(|text| text.starts_with("data")));
        let evaluated = LOSS.evaluate(&[2.0]).to_svg();
        let evaluated = texts(&evaluated);
        assert_eq!(evaluated.iter().filter(|text| *text == "data ").count(), 8);
        assert!(evaluated.contains(&"-47.7259".to_owned()));
    }

    #[test]
    fn odd_characters_are_escaped() {
        let svg = ODD.to_svg();
        let texts = texts(&svg);
        assert_eq!(
            texts[0],
            "Computation graph of odd&lt;T&gt; &amp; &quot;more&quot;"
        );
        let call = "m::&lt;T&gt;::f(row, e)";
        assert!(texts.iter().any(|text| text == call), "{texts:?}");
        // The body of the region is drawn inside of it.
        assert!(texts.iter().any(|text| text == "y &lt; 0"));
        assert!(texts.iter().any(|text| text == "ln(a)"));
    }

    #[test]
    fn the_same_graph_gives_the_same_picture() {
        assert_eq!(ODD.to_svg(), ODD.to_svg());
    }

    #[test]
    fn an_empty_graph_is_a_picture_too() {
        let empty = Graph {
            name: "nothing",
            nodes: &[],
            params: &[],
            outputs: &[],
        };
        assert_eq!(texts(&empty.to_svg()), ["Computation graph of nothing"]);
    }
}
