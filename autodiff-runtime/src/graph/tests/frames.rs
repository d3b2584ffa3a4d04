//! Pictures of loops and branches.

use super::examples::{BRANCH_IN_LOOP, CHOICE, FIBONACCI, NEWTON, SUM};

/// The text of a Mermaid picture without the style classes.
fn flow(mermaid: &str) -> &str {
    mermaid.split_once("  classDef").expect("the classes").0
}

#[test]
fn mermaid_of_a_loop() {
    assert_eq!(
        flow(&SUM.to_mermaid()),
        "flowchart LR
  n0([\"x […]\"]):::parameter
  n1([\"s = 0\"]):::constant
  n3[\"x.len()\"]:::operation
  subgraph n5 [\"s = for i in 0..x.len()\"]
    n5_0_0([\"i integer\"]):::parameter
    n5_0_1([\"s\"]):::parameter
    n5_0_2([\"x […]\"]):::parameter
    n5_0_3[\"x[i]\"]:::operation
    n5_0_4[\"sin(x[i])\"]:::operation
    n5_0_5[\"s = s + …\"]:::output
    n5_0_2 --> n5_0_3
    n5_0_0 --> n5_0_3
    n5_0_3 --> n5_0_4
    n5_0_1 --> n5_0_5
    n5_0_4 --> n5_0_5
    n5_0_5 -.-> n5_0_1
  end
  class n5 region
  n0 --> n3
  n3 --> n5_0_0
  n1 --> n5_0_1
  n0 --> n5_0_2
"
    );
}

#[test]
fn mermaid_of_an_evaluated_branch() {
    assert_eq!(
        flow(&CHOICE.evaluate(&[-1.0, 0.5]).to_mermaid()),
        "flowchart LR
  n0([\"x<br/>data -1.0000 | grad 0.0000\"]):::parameter
  n1([\"k<br/>data 0.5000 | grad 1.0000\"]):::parameter
  n2[\"x #62; k<br/>data 0.0000 | grad 0.0000\"]:::operation
  subgraph n3 [\"if x #62; k<br/>data 0.5000 | grad 1.0000\"]
    subgraph n3_0 [\"then (not taken)\"]
      n3_0_0([\"x\"]):::parameter
      n3_0_1([\"k\"]):::parameter
      n3_0_2[\"ln(x)\"]:::operation
      n3_0_3[\"… · k\"]:::output
      n3_0_0 --> n3_0_2
      n3_0_2 --> n3_0_3
      n3_0_1 --> n3_0_3
    end
    subgraph n3_1 [\"else\"]
      n3_1_1[\"k<br/>data 0.5000 | grad 1.0000\"]:::output
    end
  end
  class n3 region
  n0 --> n2
  n1 --> n2
  n2 --> n3
  n0 --> n3_0_0
  n1 --> n3_0_1
  n1 --> n3_1_1
"
    );
}

#[test]
fn dot_of_several_results() {
    let text = FIBONACCI.evaluate(&[1.0, 2.0, 3.0]).to_dot();
    for line in [
        r#"    label="for _ in 0..n\llast of 3 iterations\l" labeljust=l fontname="monospace" fontsize=11;"#,
        // The index is not used, so the number of iterations concerns the loop as a whole.
        r##"    n5 [shape=diamond label="" width=0.2 height=0.2 style="filled" fillcolor="#d0ab4e" color="#d0ab4e"];"##,
        "  n2 -> n5;",
        "  n0 -> n5_0_1;",
        "  n1 -> n5_0_2;",
        // The next iteration has b for a, and the sum for b.
        r##"    n5_0_1 -> n5_0_2 [dir=back style=dashed color="#d0ab4e"];"##,
        r##"    n5_0_2 -> n5_0_3 [dir=back style=dashed color="#d0ab4e"];"##,
        "  n5_0_2 -> n6;",
        "  n5_0_3 -> n7;",
    ] {
        assert!(text.lines().any(|known| known == line), "{line}\n{text}");
    }
    assert!(!text.contains("n5_0_0"), "{text}");
}

#[test]
fn dot_of_a_branch_in_a_loop() {
    let text = BRANCH_IN_LOOP.evaluate(&[1.0, 4.0, -9.0]).to_dot();
    for part in [
        r#"label="s = for i in 0..3\ldata 3.0000 | grad 2.0000\llast of 3 iterations\l""#,
        r#"label="s = if x[i] > 0.0\ldata 3.0000 | grad 2.0000\l""#,
        r#"label="then (not taken)" labeljust=l style="rounded,filled,dotted""#,
        r#"label="else" labeljust=l style="rounded,filled,solid""#,
        // Both arms give the next s, and after the loop the result.
        "n5_0_1 -> n5_0_6_0_5 [dir=back",
        "n5_0_1 -> n5_0_6_1_0 [dir=back",
        "n5_0_6_0_5 -> n7;",
        "n5_0_6_1_0 -> n7;",
    ] {
        assert!(text.contains(part), "{part}\n{text}");
    }
}

#[test]
fn a_condition_is_a_piece_of_its_own() {
    let text = NEWTON.to_mermaid();
    assert!(text.contains("subgraph n1_0 [\"condition\"]"), "{text}");
    assert!(text.contains("subgraph n1_1 [\"body\"]"), "{text}");
    for link in ["n0 --> n1_0_0", "n0 --> n1_1_1", "n1_1_5 -.-> n1_1_0"] {
        assert!(text.contains(link), "{link}\n{text}");
    }
}

#[cfg(feature = "draw")]
mod svg {
    use super::super::examples::{BRANCH_IN_LOOP, CHOICE, FIBONACCI, NESTED, NEWTON, SUM};
    use super::super::pictures::svg::texts;

    #[test]
    fn frames_say_what_they_are_and_what_happened() {
        let svg = BRANCH_IN_LOOP.evaluate(&[1.0, 4.0, -9.0]).to_svg();
        let texts = texts(&svg);
        for text in [
            "for i in 0..3",
            "last of 3 iterations",
            "if x[i] &gt; 0.0",
            "then (not taken)",
            "else",
            "sqrt(x[i])",
        ] {
            assert!(texts.iter().any(|known| known == text), "{text}: {texts:?}");
        }
        assert!(svg.contains("opacity=\"0.4\""));
    }

    #[test]
    fn a_loop_that_was_not_entered_is_pale() {
        let svg = SUM.evaluate(&[]).to_svg();
        let texts = texts(&svg);
        assert!(texts.contains(&"no iteration".to_owned()));
        assert!(svg.contains("opacity=\"0.4\""));
        assert!(!SUM.evaluate(&[1.0]).to_svg().contains("opacity=\"0.4\""));
    }

    #[test]
    fn a_frame_is_green_if_it_is_the_result() {
        let frame = |svg: &str| {
            let dashed = svg
                .lines()
                .find(|line| line.contains("stroke-dasharray=\"5 3\""));
            dashed.expect("a frame").contains("#4f9c68")
        };
        assert!(frame(&CHOICE.to_svg()));
        assert!(!frame(&FIBONACCI.to_svg()));
    }

    #[test]
    fn one_arrow_goes_back_for_every_carried_value() {
        let back = |svg: &str| svg.matches("stroke-dasharray=\"4 3\"").count();
        assert_eq!(back(&CHOICE.to_svg()), 0);
        assert_eq!(back(&SUM.to_svg()), 1);
        assert_eq!(back(&NEWTON.to_svg()), 1);
        assert_eq!(back(&FIBONACCI.to_svg()), 2);
        assert_eq!(
            back(&NESTED.evaluate(&[0.5, 1.0, 2.0, 3.0, 3.0]).to_svg()),
            2
        );
    }
}
