//! The associated items of a companion type: their exact types and meaning for every kind of
//! parameter and result.

use autodiff_runtime::graph::{Graph, Trace};
use autodiff_runtime::prelude::*;

/// The ten lines that the documentation opens with.
mod the_example {
    use super::*;

    #[differentiable]
    pub fn loss(x: f64) -> f64 {
        let a = x.powi(2);
        let b = 5.0 * a;
        let c = a.ln();
        let g = b * c;
        -g
    }

    #[test]
    fn every_item_has_the_promised_type() {
        let value: f64 = loss(2.0);
        let (graded, slope): (f64, f64) = loss::value_and_grad(2.0);
        assert_eq!(value.to_bits(), graded.to_bits());
        // −10x·(ln x² + 1).
        assert!((slope + 20.0 * (4.0_f64.ln() + 1.0)).abs() < 1e-14);
        let gradient: f64 = loss::grad(2.0);
        assert_eq!(gradient, slope);
        let mut buffer = 1.5;
        let added: f64 = loss::grad_into(2.0, &mut buffer);
        assert_eq!((added, buffer), (value, 1.5 + slope));
        let (reversed, pulled): (f64, f64) = loss::vjp(2.0, -2.0);
        assert_eq!((reversed, pulled), (value, -2.0 * slope));
        let (forward, tangent): (f64, f64) = loss::jvp(2.0, 0.5);
        assert_eq!((forward, tangent), (value, 0.5 * slope));
        let trace: Trace = loss::trace(2.0);
        assert_eq!(trace.output(), value);
        assert_eq!(trace.value("a"), Some(4.0));
        assert_eq!(trace.adjoint("g"), Some(-1.0));
        assert_eq!(trace.gradient(), [slope]);
        let text: &'static str = loss::GENERATED;
        assert!(text.contains("a_bar"), "{text}");
    }

    const NODES: usize = loss::GRAPH.nodes.len();
    const NAME: &str = loss::GRAPH.name;
    static DRAWN: Graph = loss::GRAPH;

    #[test]
    fn the_graph_exists_at_compile_time() {
        // x, 2, a, 5, b, c, g, −g.
        assert_eq!((NODES, NAME), (8, "loss"));
        assert_eq!((DRAWN.params.len(), DRAWN.outputs.len()), (1, 1));
        let labels: Vec<&str> = DRAWN.nodes.iter().filter_map(|node| node.label).collect();
        assert_eq!(labels, ["a", "b", "c", "g"]);
        assert_eq!(DRAWN.evaluate(&[2.0]), loss::trace(2.0));
    }

    #[test]
    fn a_pullback_accumulates_and_may_be_called_again() {
        let (_, pullback) = loss::pullback(2.0);
        let slope = loss::grad(2.0);
        let mut buffer = 100.0;
        pullback(1.0, &mut buffer);
        pullback(-3.0, &mut buffer);
        assert_eq!(buffer, 100.0 + slope - 3.0 * slope);
        let mut other = 0.0;
        pullback(1.0, &mut other);
        assert_eq!(other, slope);
    }

    #[test]
    fn one_use_imports_both_names() {
        mod models {
            use autodiff_runtime::prelude::*;
            #[differentiable]
            pub fn square(x: f64) -> f64 {
                x * x
            }
        }
        assert_eq!(models::square::grad(4.0), 8.0);
        {
            use models::square;
            assert_eq!(square(3.0), 9.0);
            assert_eq!(square::grad(3.0), 6.0);
        }
    }
}

mod several_parameters {
    use super::*;

    #[differentiable]
    fn mixed(a: f64, n: usize, b: [f64; 2], _c: f64, flag: bool, d: f64) -> f64 {
        let _ = flag;
        a * b[0] * n as f64 + b[1] * d * d
    }

    #[test]
    fn gradients_keep_the_order_and_leave_out_integers() {
        let gradient: (f64, [f64; 2], f64, f64) = mixed::grad(2.0, 3, [5.0, 7.0], 9.0, true, 11.0);
        assert_eq!(gradient, (15.0, [6.0, 121.0], 0.0, 154.0));
        let (mut a, mut b, mut c, mut d) = (1.0, [1.0; 2], 1.0, 1.0);
        mixed::grad_into(
            2.0,
            3,
            [5.0, 7.0],
            9.0,
            true,
            11.0,
            &mut a,
            &mut b,
            &mut c,
            &mut d,
        );
        assert_eq!((a, b, c, d), (16.0, [7.0, 122.0], 1.0, 155.0));
        let (_, tangent) = mixed::jvp(
            2.0,
            3,
            [5.0, 7.0],
            9.0,
            true,
            11.0,
            1.0,
            [0.0, 2.0],
            8.0,
            0.5,
        );
        assert_eq!(tangent, 15.0 + 242.0 + 77.0);
    }

    #[differentiable(wrt(w, b))]
    fn chosen(x: f64, b: f64, y: f64, w: f64) -> f64 {
        w * x + b - y
    }

    /// `wrt` names parameters; the order stays that of the signature.
    #[test]
    fn wrt_selects() {
        let (value, (b, w)): (f64, (f64, f64)) = chosen::value_and_grad(2.0, 3.0, 5.0, 7.0);
        assert_eq!((value, b, w), (12.0, 1.0, 2.0));
        assert_eq!(chosen::jvp(2.0, 3.0, 5.0, 7.0, 1.0, 10.0).1, 21.0);
        let (mut b, mut w) = (0.0, 0.0);
        let (_, pullback) = chosen::pullback(2.0, 3.0, 5.0, 7.0);
        pullback(4.0, &mut b, &mut w);
        assert_eq!((b, w), (4.0, 8.0));
    }

    #[differentiable]
    fn with_constants(w: f64, #[constant] x: f64, #[constant] table: &[f64; 3]) -> f64 {
        w * x * table[1]
    }

    #[test]
    fn constants_have_no_place_in_the_gradient() {
        let slope: f64 = with_constants::grad(2.0, 3.0, &[1.0, 5.0, 9.0]);
        assert_eq!(slope, 15.0);
        assert_eq!(with_constants::vjp(2.0, 3.0, &[1.0, 5.0, 9.0], 2.0).1, 30.0);
        assert_eq!(
            with_constants::jvp(2.0, 3.0, &[1.0, 5.0, 9.0], 2.0),
            (30.0, 30.0)
        );
    }

    #[differentiable]
    fn inactive(n: usize, k: i32) -> f64 {
        (n as f64) * 2.0 + f64::from(k)
    }

    #[test]
    fn nothing_active_has_the_gradient_of_nothing() {
        let (value, ()) = inactive::value_and_grad(3, 4);
        assert_eq!(value, 10.0);
        let (_, tangent) = inactive::jvp(3, 4);
        assert_eq!(tangent, 0.0);
    }

    #[differentiable]
    fn unused(_x: f64, y: f64) -> f64 {
        y
    }

    #[differentiable]
    fn constant_result(_x: f64, y: &[f64; 2]) -> f64 {
        let _unused = y[0] * 2.0;
        1.5
    }

    #[test]
    fn unused_parameters_have_zero() {
        assert_eq!(unused::value_and_grad(3.0, 4.0), (4.0, (0.0, 1.0)));
        assert_eq!(
            constant_result::value_and_grad(3.0, &[1.0, 2.0]),
            (1.5, (0.0, [0.0; 2]))
        );
        assert_eq!(
            constant_result::jvp(3.0, &[1.0, 2.0], 1.0, &[1.0, 1.0]),
            (1.5, 0.0)
        );
    }
}

mod arrays {
    use super::*;

    #[differentiable]
    fn by_value(w: [f64; 3]) -> f64 {
        w[0] * w[1] + w[2]
    }

    #[differentiable]
    fn by_reference(w: &[f64; 3]) -> f64 {
        w[0] * w[1] + w[2]
    }

    #[differentiable]
    fn nested(w: &[[f64; 2]; 3], x: [[f64; 1]; 2]) -> f64 {
        w[0][1] * x[1][0] + w[2][0] * w[2][0] * x[0][0]
    }

    #[differentiable]
    fn slice(w: &[f64]) -> f64 {
        w[0] * w[2] + w[2]
    }

    #[test]
    fn gradients_have_the_shape_of_the_parameter() {
        let w = [2.0, 3.0, 5.0];
        let owned: [f64; 3] = by_value::grad(w);
        let borrowed: [f64; 3] = by_reference::grad(&w);
        assert_eq!((owned, borrowed), ([3.0, 2.0, 1.0], [3.0, 2.0, 1.0]));
        assert_eq!(by_value::jvp(w, [1.0, 10.0, 100.0]).1, 123.0);
        assert_eq!(by_reference::jvp(&w, &[1.0, 10.0, 100.0]).1, 123.0);

        let w = [[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]];
        let (w_bar, x_bar): ([[f64; 2]; 3], [[f64; 1]; 2]) = nested::grad(&w, [[7.0], [8.0]]);
        assert_eq!(w_bar, [[0.0, 8.0], [0.0, 0.0], [70.0, 0.0]]);
        assert_eq!(x_bar, [[25.0], [2.0]]);
        let (_, tangent) = nested::jvp(&w, [[7.0], [8.0]], &[[1.0; 2]; 3], [[1.0]; 2]);
        assert_eq!(tangent, 8.0 + 70.0 + 25.0 + 2.0);
    }

    #[test]
    fn slices_have_vectors() {
        let w = vec![2.0, 3.0, 5.0, 7.0];
        let gradient: Vec<f64> = slice::grad(&w);
        assert_eq!(gradient, [5.0, 0.0, 3.0, 0.0]);
        let mut buffer = [1.0; 4];
        assert_eq!(slice::grad_into(&w, &mut buffer[..]), 15.0);
        assert_eq!(buffer, [6.0, 1.0, 4.0, 1.0]);
        let (_, pullback) = slice::pullback(&w);
        let mut buffer = vec![0.0; 4];
        pullback(2.0, &mut buffer);
        assert_eq!(buffer, [10.0, 0.0, 6.0, 0.0]);
        assert_eq!(slice::jvp(&w, &[1.0, 0.0, 1.0, 0.0]).1, 8.0);
        assert_eq!(slice::trace(&w).gradient(), [5.0, 0.0, 3.0, 0.0]);
    }

    #[differentiable]
    fn at(w: &[f64], m: &[[f64; 2]; 3], i: usize, j: usize) -> f64 {
        w[i] * w[2 * i + 1] + m[i][j] * m[i + 1][1 - j] + w[w.len() - 1]
    }

    #[test]
    fn indices_that_are_parameters() {
        let w = [1.0, 2.0, 3.0, 5.0];
        let m = [[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]];
        assert_eq!(at(&w, &m, 1, 0), 2.0 * 5.0 + 3.0 * 6.0 + 5.0);
        let (w_bar, m_bar) = at::grad(&w, &m, 1, 0);
        assert_eq!(w_bar, [0.0, 5.0, 0.0, 3.0]);
        assert_eq!(m_bar, [[0.0, 0.0], [6.0, 0.0], [0.0, 3.0]]);
        // w[i] and w[2i + 1] may be the same element.
        let (w_bar, m_bar) = at::grad(&[2.0, 3.0], &m, 0, 1);
        assert_eq!(w_bar, [3.0, 3.0]);
        assert_eq!(m_bar, [[0.0, 3.0], [2.0, 0.0], [0.0, 0.0]]);
        let (_, tangent) = at::jvp(
            &w,
            &m,
            1,
            0,
            &[0.0, 1.0, 0.0, 1.0],
            &[[0.0; 2], [1.0, 0.0], [0.0; 2]],
        );
        assert_eq!(tangent, 5.0 + 3.0 + 6.0);
    }

    #[differentiable]
    fn by_length<const N: usize>(w: &[f64; N], x: [f64; N]) -> f64 {
        w[0] * x[N - 1] * N as f64
    }

    #[test]
    fn const_generics() {
        let (w_bar, x_bar): ([f64; 4], [f64; 4]) =
            by_length::grad(&[2.0, 0.0, 0.0, 0.0], [0.0, 0.0, 0.0, 3.0]);
        assert_eq!(w_bar, [12.0, 0.0, 0.0, 0.0]);
        assert_eq!(x_bar, [0.0, 0.0, 0.0, 8.0]);
        assert_eq!(by_length::grad(&[2.0], [3.0]), ([3.0], [2.0]));
    }
}

mod tuples {
    use super::*;

    #[differentiable]
    fn by_value(p: (f64, f64), q: (f64, usize, [f64; 2])) -> f64 {
        let (x, y) = p;
        x * q.0 + y * q.2[1] * q.1 as f64
    }

    #[differentiable]
    fn pattern((x, y): (f64, f64), [a, b]: [f64; 2]) -> f64 {
        x * a - y * b
    }

    #[differentiable]
    fn by_reference(p: &(f64, f64)) -> f64 {
        p.0 * p.1
    }

    #[test]
    fn gradients_have_their_shape() {
        let (p, q): ((f64, f64), (f64, (), [f64; 2])) =
            by_value::grad((2.0, 3.0), (5.0, 7, [11.0, 13.0]));
        assert_eq!(p, (5.0, 91.0));
        assert_eq!(q, (2.0, (), [0.0, 21.0]));
        let (_, tangent) = by_value::jvp(
            (2.0, 3.0),
            (5.0, 7, [11.0, 13.0]),
            (1.0, 0.0),
            (0.0, (), [0.0, 1.0]),
        );
        assert_eq!(tangent, 26.0);
        assert_eq!(
            pattern::grad((2.0, 3.0), [5.0, 7.0]),
            ((5.0, -7.0), [2.0, -3.0])
        );
        assert_eq!(by_reference::grad(&(2.0, 3.0)), (3.0, 2.0));
        assert_eq!(by_reference::jvp(&(2.0, 3.0), &(1.0, 1.0)), (6.0, 5.0));
    }
}

mod structs {
    use super::*;

    #[derive(Clone, Debug, PartialEq, Differentiable)]
    struct Spring {
        stiffness: f64,
        rest: f64,
        coils: usize,
    }

    #[derive(Clone, Debug, Differentiable)]
    struct Pair<T: Real> {
        springs: [Spring; 2],
        weights: Vec<T>,
        point: (T, T),
    }

    #[differentiable]
    fn energy(spring: &Spring, length: f64) -> f64 {
        let stretch = length - spring.rest;
        0.5 * spring.stiffness * stretch * stretch * spring.coils as f64
    }

    #[differentiable]
    fn of_value(spring: Spring) -> f64 {
        let Spring {
            stiffness, rest, ..
        } = spring;
        stiffness * rest
    }

    #[differentiable]
    fn of_pair(pair: &Pair<f64>) -> f64 {
        pair.springs[1].rest * pair.weights[2] + pair.point.1 * pair.point.1
    }

    const SPRING: Spring = Spring {
        stiffness: 3.0,
        rest: 1.0,
        coils: 2,
    };

    #[test]
    fn gradients_are_structs_of_the_float_fields() {
        let (spring_bar, length_bar): (SpringGradient, f64) = energy::grad(&SPRING, 3.0);
        assert_eq!(
            spring_bar,
            SpringGradient {
                stiffness: 4.0,
                rest: -12.0
            }
        );
        assert_eq!(length_bar, 12.0);
        let by_trait: <Spring as Differentiable>::Gradient = of_value::grad(SPRING);
        assert_eq!(
            by_trait,
            SpringGradient {
                stiffness: 1.0,
                rest: 3.0
            }
        );

        let mut buffer = SPRING.zero_gradient();
        let mut length_bar = 0.0;
        energy::grad_into(&SPRING, 3.0, &mut buffer, &mut length_bar);
        energy::grad_into(&SPRING, 3.0, &mut buffer, &mut length_bar);
        assert_eq!(
            buffer,
            SpringGradient {
                stiffness: 8.0,
                rest: -24.0
            }
        );
        assert_eq!(length_bar, 24.0);

        let tangent = SpringGradient {
            stiffness: 1.0,
            rest: 0.5,
        };
        assert_eq!(energy::jvp(&SPRING, 3.0, &tangent, 1.0).1, 4.0 - 6.0 + 12.0);
        assert_eq!(of_value::jvp(SPRING, tangent).1, 2.5);
    }

    #[test]
    fn nested_and_generic() {
        let pair = Pair {
            springs: [
                SPRING,
                Spring {
                    rest: 7.0,
                    ..SPRING
                },
            ],
            weights: vec![1.0, 2.0, 5.0],
            point: (3.0, 4.0),
        };
        let (value, gradient) = of_pair::value_and_grad(&pair);
        assert_eq!(value, 51.0);
        assert_eq!(
            gradient.springs[0],
            SpringGradient {
                stiffness: 0.0,
                rest: 0.0
            }
        );
        assert_eq!(
            gradient.springs[1],
            SpringGradient {
                stiffness: 0.0,
                rest: 5.0
            }
        );
        assert_eq!(gradient.weights, [0.0, 0.0, 7.0]);
        assert_eq!(gradient.point, (0.0, 8.0));
        let (_, tangent) = of_pair::jvp(&pair, &gradient);
        assert_eq!(tangent, 25.0 + 49.0 + 64.0);
    }
}

mod generics {
    use super::*;

    #[differentiable]
    fn scaled<T: Real>(x: T, w: [T; 2], v: &[T]) -> T {
        x * w[0] + T::from_f64(0.5) * w[1] * v[0]
    }

    #[differentiable]
    fn bounded<T>(x: T) -> T
    where
        T: Real,
    {
        x * x
    }

    #[test]
    fn types_follow_the_parameter() {
        let (x, w, v): (f32, [f32; 2], Vec<f32>) = scaled::grad(2.0_f32, [3.0, 5.0], &[7.0]);
        assert_eq!((x, w, v), (3.0, [2.0, 3.5], vec![2.5]));
        let (x, w, v): (f64, [f64; 2], Vec<f64>) = scaled::grad(2.0, [3.0, 5.0], &[7.0]);
        assert_eq!((x, w, v), (3.0, [2.0, 3.5], vec![2.5]));
        assert_eq!(bounded::grad(1.5_f32), 3.0_f32);
    }

    #[differentiable]
    fn single(x: f32, w: &[f32; 2]) -> f32 {
        x * w[0] + 0.1 * w[1]
    }

    #[test]
    fn single_precision() {
        let (x, w): (f32, [f32; 2]) = single::grad(2.0, &[3.0, 5.0]);
        assert_eq!((x, w), (3.0, [2.0, 0.1]));
        assert_eq!(
            single::value_and_grad(2.0, &[3.0, 5.0]).0.to_bits(),
            single(2.0, &[3.0, 5.0]).to_bits()
        );
    }

    #[differentiable]
    fn widened(x: f32, y: f64) -> f64 {
        let wide = x as f64;
        wide * y
    }

    #[differentiable]
    fn narrowed(x: f64) -> f32 {
        let y = (x * x) as f32;
        y * 2.0
    }

    #[test]
    fn casts_between_precisions() {
        let (x, y): (f32, f64) = widened::grad(1.5, 2.25);
        assert_eq!((x, y), (2.25, 1.5));
        let (value, slope): (f32, f64) = narrowed::value_and_grad(3.0);
        assert_eq!((value, slope), (18.0, 12.0));
        assert_eq!(narrowed::jvp(3.0, 0.5).1, 6.0_f32);
        assert_eq!(widened::jvp(1.5, 2.25, 1.0_f32, 0.0).1, 2.25);
    }
}
