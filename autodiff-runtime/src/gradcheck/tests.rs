use super::*;

type Point = (f64, Vec<f64>, [f64; 2]);

/// `a·Σv² + exp(c₀·c₁)`, its gradient and forward derivative.
fn value((a, v, c): &Point) -> f64 {
    a * v.iter().map(|v| v * v).sum::<f64>() + (c[0] * c[1]).exp()
}

fn value_and_grad(point: &Point) -> (f64, Point) {
    let (a, v, c) = point;
    let e = (c[0] * c[1]).exp();
    let gradient = (
        v.iter().map(|v| v * v).sum(),
        v.iter().map(|v| 2.0 * a * v).collect(),
        [c[1] * e, c[0] * e],
    );
    (value(point), gradient)
}

fn jvp(point: &Point, direction: &Point) -> (f64, f64) {
    use crate::Gradient;
    let (value, gradient) = value_and_grad(point);
    (value, gradient.inner(direction))
}

fn point() -> Point {
    (0.5, vec![1.0, -2.0, 3.0], [0.25, 2.0])
}

#[test]
fn right_gradients_pass() {
    let report = gradcheck(value, value_and_grad, jvp, &point());
    assert!(report.ok(), "{report}");
    report.assert();
    assert_eq!(report.entries().len(), 6);
    assert!(report.worst().unwrap().excess < 0.1, "{report}");
}

#[test]
fn a_wrong_entry_is_named() {
    let wrong = |point: &Point| {
        let (value, mut gradient) = value_and_grad(point);
        gradient.1[2] *= 1.0 + 1e-6;
        (value, gradient)
    };
    let report = gradcheck(value, wrong, jvp, &point());
    assert!(!report.ok());
    assert_eq!(report.worst().unwrap().name, "1[2]");
    assert_eq!(
        report
            .entries()
            .iter()
            .filter(|entry| !entry.agrees())
            .count(),
        1
    );
    let text = report.to_string();
    assert!(text.starts_with("5 of 6 derivatives agree\n"), "{text}");
    assert_eq!(
        text.lines()
            .filter(|line| line.ends_with("<- wrong"))
            .count(),
        1,
        "{text}"
    );
    // What is wrong by a millionth passes where that is allowed.
    assert!(
        GradCheck::new()
            .tolerance(1e-5)
            .check(value, wrong, jvp, &point())
            .ok()
    );
}

#[test]
fn wrong_forward_modes_are_found() {
    let wrong = |point: &Point, direction: &Point| {
        let (value, slope) = jvp(point, direction);
        (value, slope + 0.1 * direction.2[1])
    };
    let report = gradcheck(value, value_and_grad, wrong, &point());
    assert_eq!(report.worst().unwrap().name, "2[1]");
    assert!(!report.ok());
}

#[test]
fn nan_never_passes() {
    let nan = |point: &Point| {
        let (value, mut gradient) = value_and_grad(point);
        gradient.0 = f64::NAN;
        (value, gradient)
    };
    let report = gradcheck(value, nan, jvp, &point());
    assert_eq!(report.worst().unwrap().name, "0");
    assert!(!report.ok());
    let nan = |point: &Point, direction: &Point| match direction.0 {
        0.0 => jvp(point, direction),
        _ => (value(point), f64::NAN),
    };
    assert!(!gradcheck(value, value_and_grad, nan, &point()).ok());
}

#[test]
fn another_value_is_an_error() {
    let shifted = |point: &Point| (value(point) + 1e-3, value_and_grad(point).1);
    let report = gradcheck(value, shifted, jvp, &point());
    assert!(!report.ok());
    assert!(
        report.to_string().contains("the function's value is"),
        "{report}"
    );
    let shifted = |point: &Point, direction: &Point| (0.0, jvp(point, direction).1);
    assert!(!gradcheck(value, value_and_grad, shifted, &point()).ok());
}

#[test]
fn constant_functions_agree_in_zero() {
    let report = gradcheck(|_: &f64| 1e6, |_| (1e6, 0.0), |_, _| (1e6, 0.0), &3.0);
    report.assert();
    assert_eq!(report.worst().unwrap().name, "self");
}

#[test]
fn single_precision_has_its_own_tolerance() {
    let value = |x: &[f32; 2]| x[0].sin() * x[1];
    let value_and_grad = |x: &[f32; 2]| (value(x), [x[0].cos() * x[1], x[0].sin()]);
    let jvp = |x: &[f32; 2], d: &[f32; 2]| {
        let (value, gradient) = value_and_grad(x);
        (value, gradient[0] * d[0] + gradient[1] * d[1])
    };
    gradcheck(value, value_and_grad, jvp, &[0.5, 3.0]).assert();
    let wrong = |x: &[f32; 2]| (value(x), [x[0].cos() * x[1] * 1.01, x[0].sin()]);
    assert!(!gradcheck(value, wrong, jvp, &[0.5, 3.0]).ok());
}

#[test]
fn long_reports_show_the_worst_ten() {
    let point = vec![1.0; 25];
    let value = |x: &Vec<f64>| x.iter().sum::<f64>();
    let value_and_grad = |x: &Vec<f64>| (value(x), vec![1.0; 25]);
    let jvp = |x: &Vec<f64>, d: &Vec<f64>| (value(x), value(d));
    let text = gradcheck(value, value_and_grad, jvp, &point).to_string();
    assert_eq!(text.lines().count(), 1 + 1 + 10 + 1);
    assert!(text.ends_with("and 15 more\n"), "{text}");
}

#[test]
#[should_panic(expected = "the gradient is wrong\n0 of 1 derivatives agree")]
fn assert_prints_the_table() {
    gradcheck(
        |x: &f64| x * x,
        |x| (x * x, *x),
        |x, d| (x * x, 2.0 * x * d),
        &3.0,
    )
    .assert();
}
