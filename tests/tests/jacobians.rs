//! Functions with several results: cotangents, Jacobians and their layout, in both modes.

use autodiff_runtime::prelude::*;

#[differentiable]
fn wide(x: [f64; 3]) -> [f64; 2] {
    [x[0] * x[1], x[2].sin() + x[0]]
}

#[differentiable]
fn tall(x: &[f64; 2]) -> [f64; 3] {
    [x[0] * x[1], x[1] * x[1], 3.0 * x[0]]
}

#[differentiable]
fn of_scalars(x: f64, y: f64) -> [f64; 2] {
    [x * y, x - y]
}

#[differentiable]
fn many_scalars(a: f64, b: f64, c: f64) -> (f64, f64) {
    (a * b, b * c)
}

#[differentiable]
fn single<T: Real>(x: [T; 2]) -> [T; 2] {
    [x[0] * x[1], x[0] / x[1]]
}

/// The dimensions of the Jacobian are the caller's choice.
#[differentiable]
fn sized<const N: usize>(x: &[f64; N]) -> [f64; N] {
    [x[N - 1]; N]
}

#[test]
fn dimensions_may_be_generic() {
    let jacobian: [[f64; 3]; 3] = sized::jacobian(&[1.0, 2.0, 3.0]);
    assert_eq!(jacobian, [[0.0, 0.0, 1.0]; 3]);
    assert_eq!(sized::vjp(&[1.0, 2.0], [3.0, 4.0]).1, [0.0, 7.0]);
}

#[test]
fn one_array_gives_a_matrix() {
    let x = [2.0, 3.0, 0.5];
    let jacobian: [[f64; 3]; 2] = wide::jacobian(x);
    assert_eq!(jacobian, [[3.0, 2.0, 0.0], [1.0, 0.0, 0.5_f64.cos()]]);
    let jacobian: [[f64; 2]; 3] = tall::jacobian(&[2.0, 3.0]);
    assert_eq!(jacobian, [[3.0, 2.0], [0.0, 6.0], [3.0, 0.0]]);
    let jacobian: [[f32; 2]; 2] = single::jacobian([2.0_f32, 4.0]);
    assert_eq!(jacobian, [[4.0, 2.0], [0.25, -0.125]]);
}

#[test]
fn scalars_give_a_matrix_in_parameter_order() {
    let jacobian: [[f64; 2]; 2] = of_scalars::jacobian(2.0, 3.0);
    assert_eq!(jacobian, [[3.0, 2.0], [1.0, -1.0]]);
    let jacobian: [[f64; 3]; 2] = many_scalars::jacobian(2.0, 3.0, 5.0);
    assert_eq!(jacobian, [[3.0, 2.0, 0.0], [0.0, 5.0, 3.0]]);
}

/// Whichever mode `jacobian` takes, both give it: forward by columns, reverse by rows.
#[test]
fn both_modes_agree() {
    let x = [1.3, -0.7, 2.1];
    let jacobian = wide::jacobian(x);
    let (value, pullback) = wide::pullback(x);
    assert_eq!(value, wide(x));
    for row in 0..2 {
        let mut cotangent = [0.0; 2];
        cotangent[row] = 1.0;
        let mut bar = [0.0; 3];
        pullback(cotangent, &mut bar);
        assert_eq!(bar, jacobian[row]);
        assert_eq!(wide::vjp(x, cotangent), (value, bar));
    }
    for column in 0..3 {
        let mut tangent = [0.0; 3];
        tangent[column] = 1.0;
        let (forward, dot): ([f64; 2], [f64; 2]) = wide::jvp(x, tangent);
        assert_eq!(forward, value);
        assert_eq!(dot, [jacobian[0][column], jacobian[1][column]]);
    }

    let x = [1.3, -0.7];
    let jacobian = tall::jacobian(&x);
    let (_, pullback) = tall::pullback(&x);
    for row in 0..3 {
        let mut cotangent = [0.0; 3];
        cotangent[row] = 1.0;
        let mut bar = [0.0; 2];
        pullback(cotangent, &mut bar);
        assert_eq!(bar, jacobian[row]);
    }
    for column in 0..2 {
        let mut tangent = [0.0; 2];
        tangent[column] = 1.0;
        assert_eq!(tall::jvp(&x, &tangent).1, jacobian.map(|row| row[column]));
    }
}

#[differentiable]
fn blocks(w: &[f64; 2], b: f64, #[constant] k: f64, p: (f64, f64)) -> [f64; 2] {
    [w[0] * b * k, w[1] * p.1 + p.0]
}

#[test]
fn other_parameters_give_blocks() {
    type Blocks = ([[f64; 2]; 2], [f64; 2], [(f64, f64); 2]);
    let (w, b, p): Blocks = blocks::jacobian(&[2.0, 3.0], 5.0, 7.0, (11.0, 13.0));
    assert_eq!(w, [[35.0, 0.0], [0.0, 13.0]]);
    assert_eq!(b, [14.0, 0.0]);
    assert_eq!(p, [(0.0, 0.0), (1.0, 3.0)]);
}

#[differentiable]
fn of_slice(x: &[f64]) -> [f64; 2] {
    [x[0] * x[1], x[2]]
}

#[differentiable]
fn to_vector(x: &[f64]) -> Vec<f64> {
    softmax(x)
}

#[differentiable]
fn vector_of_array(x: &[f64; 2], s: f64) -> Vec<f64> {
    let z = [x[0] * s, x[1], s];
    log_softmax(&z)
}

#[test]
fn slices_and_vectors() {
    let jacobian: [Vec<f64>; 2] = of_slice::jacobian(&[2.0, 3.0, 5.0]);
    assert_eq!(jacobian, [vec![3.0, 2.0, 0.0], vec![0.0, 0.0, 1.0]]);

    let z = [0.5, -1.0, 2.0];
    let p = softmax(&z);
    let jacobian: Vec<Vec<f64>> = to_vector::jacobian(&z);
    for i in 0..3 {
        for j in 0..3 {
            let delta = if i == j { 1.0 } else { 0.0 };
            assert!((jacobian[i][j] - p[i] * (delta - p[j])).abs() < 1e-16);
        }
    }

    let (x, s): (Vec<[f64; 2]>, Vec<f64>) = vector_of_array::jacobian(&[1.0, 2.0], 0.5);
    assert_eq!((x.len(), s.len()), (3, 3));
    let (_, tangent): (Vec<f64>, Vec<f64>) =
        vector_of_array::jvp(&[1.0, 2.0], 0.5, &[1.0, 0.0], 0.0);
    for row in 0..3 {
        assert!((x[row][0] - tangent[row]).abs() < 1e-16);
    }
}

#[derive(Clone, Debug, PartialEq, Differentiable)]
struct Body {
    position: [f64; 2],
    mass: f64,
    name: &'static str,
}

#[differentiable]
fn moved(body: &Body, by: f64) -> Body {
    let [x, y] = body.position;
    Body {
        position: [x + by * body.mass, y * by],
        mass: body.mass,
        name: "moved",
    }
}

#[test]
fn results_that_are_structs() {
    let body = Body {
        position: [1.0, 2.0],
        mass: 3.0,
        name: "first",
    };
    let cotangent = BodyGradient {
        position: [10.0, 100.0],
        mass: 1000.0,
    };
    let (value, (body_bar, by_bar)) = moved::vjp(&body, 0.5, cotangent);
    assert_eq!(value, moved(&body, 0.5));
    assert_eq!(
        body_bar,
        BodyGradient {
            position: [10.0, 50.0],
            mass: 1005.0
        }
    );
    assert_eq!(by_bar, 230.0);
    let tangent = BodyGradient {
        position: [1.0, 0.0],
        mass: 2.0,
    };
    let (_, dot) = moved::jvp(&body, 0.5, &tangent, 1.0);
    assert_eq!(
        dot,
        BodyGradient {
            position: [1.0 + 3.0 + 1.0, 2.0],
            mass: 2.0
        }
    );
}

#[differentiable]
fn nested(x: f64, y: f64) -> ([f64; 2], (f64, f64)) {
    ([x, x * y], (y, x / y))
}

#[test]
fn results_that_nest() {
    let (value, (x, y)) = nested::vjp(3.0, 2.0, ([1.0, 10.0], (100.0, 1000.0)));
    assert_eq!(value, ([3.0, 6.0], (2.0, 1.5)));
    assert_eq!((x, y), (1.0 + 20.0 + 500.0, 30.0 + 100.0 - 750.0));
    assert_eq!(nested::jvp(3.0, 2.0, 1.0, 0.0).1, ([1.0, 2.0], (0.0, 0.5)));
}

/// Results that nest have Jacobians of their own shape.
mod of_nested_results {
    use super::*;

    #[differentiable]
    fn rotation(angle: f64) -> [[f64; 2]; 2] {
        let (sin, cos) = angle.sin_cos();
        [[cos, -sin], [sin, cos]]
    }

    #[differentiable]
    fn several(x: f64, w: &[f64; 2]) -> (f64, [f64; 2]) {
        (x * w[0], [x * x, w[1] * x])
    }

    #[differentiable]
    pub fn several_scalars(x: f64, y: f64) -> [f64; 2] {
        [x * y, x]
    }

    #[test]
    fn have_the_shape_of_the_result() {
        let (sin, cos) = 0.5_f64.sin_cos();
        assert_eq!(rotation::jacobian(0.5), [[-sin, -cos], [cos, -sin]]);
        let (by_x, by_w) = several::jacobian(3.0, &[1.0, 2.0]);
        assert_eq!(by_x, (1.0, [6.0, 2.0]));
        assert_eq!(by_w, ([3.0, 0.0], [[0.0, 0.0], [0.0, 3.0]]));
    }
}

/// A trace of several results sums the rows: each has a cotangent of one.
#[test]
fn traces_of_several_results() {
    let trace = of_nested_results::several_scalars::trace(2.0, 3.0);
    assert_eq!(trace.outputs(), [6.0, 2.0]);
    assert_eq!(trace.gradient(), [3.0 + 1.0, 2.0]);
}
