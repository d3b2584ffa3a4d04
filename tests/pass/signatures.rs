//! Point 6 of the subset: every kind of parameter and result, generics, paths and visibilities.

use autodiff_runtime::prelude::*;

#[derive(Clone, Debug, PartialEq, Differentiable)]
pub struct Point<T> {
    x: T,
    y: T,
}

#[derive(Clone, Debug, PartialEq, Differentiable)]
pub struct Pair(f64, [f64; 2]);

#[derive(Clone, Debug, PartialEq, Differentiable)]
pub struct Model {
    weights: Vec<f64>,
    bias: f64,
    corner: Pair,
    label: String,
}

/// A sum over a fixed number of terms.
#[must_use]
#[inline]
#[differentiable]
pub fn weighted<'a, T: Real, const N: usize>(w: &'a [T; N], x: [T; N], #[constant] unit: T) -> T
where
    T: Copy,
{
    w[0] * x[N - 1] + w[N - 1] * x[0] * T::from_f64(2.0) * unit
}

#[differentiable]
fn by_where<T>(point: &Point<T>, (a, b): (T, T)) -> Point<T>
where
    T: Real,
{
    let Point { x, y } = point;
    Point {
        x: *x * a + b,
        y: y.exp(),
    }
}

#[differentiable]
fn of_model(model: &Model, Pair(scale, [low, high]): Pair, k: usize) -> f64 {
    let Pair(a, ref corner) = model.corner;
    model.weights[k] * scale + model.bias * low * model.label.len() as f64 + a * corner[1] * high
}

#[differentiable]
fn slices(w: &[f64], v: &Vec<f64>, nested: &[[f64; 2]; 2], k: usize) -> f64 {
    w[k] * v[0] * nested[1][0] + w[0] * nested[0][1]
}

#[differentiable]
fn single(x: f32, y: &f32) -> f32 {
    x * *y + 0.5 * x.tanh()
}

#[differentiable]
fn unused(x: f64, _ignored: f64, _: f64) -> f64 {
    x * 2.0
}

#[differentiable]
fn nothing_active(n: usize, #[constant] x: f64) -> f64 {
    x * n as f64
}

#[differentiable]
fn returns_nothing(x: f64) {
    assert!(x > 0.0);
}

#[differentiable]
fn no_parameters() -> f64 {
    2.0
}

#[differentiable]
fn to_array(x: f64, y: f64) -> [f64; 3] {
    [x * y, x, y.sin()]
}

#[differentiable]
fn to_tuple(v: [f64; 2]) -> (f64, f64) {
    (v[0] * v[1], v[1])
}

#[differentiable]
fn to_point(x: f64) -> Point<f64> {
    Point {
        x: x * x,
        y: 3.0 * x,
    }
}

#[differentiable]
fn to_pair(x: f64) -> Pair {
    Pair(x, [x * x, 1.0])
}

mod outer {
    use autodiff_runtime::prelude::*;

    pub mod models {
        #[autodiff_runtime::differentiable(wrt(w))]
        pub(crate) fn loss(w: f64, x: f64) -> f64 {
            super::helpers::square(w * x) + self::inner::cubed(w)
        }

        mod inner {
            #[autodiff_runtime::differentiable]
            pub(super) fn cubed(x: f64) -> f64 {
                crate::outer::helpers::square(x) * x
            }
        }
    }

    mod helpers {
        use super::*;

        #[differentiable]
        pub(in crate::outer) fn square(x: f64) -> f64 {
            x * x
        }
    }
}

/// The companion has another name where the function's is a module's.
mod taken {
    pub const RATE: f64 = 0.5;
}

#[differentiable(name = taken_ad)]
fn taken(x: f64) -> f64 {
    x * x * taken::RATE
}

fn main() {
    let w = [1.0, 2.0, 3.0];
    let (value, (by_w, by_x)) = weighted::value_and_grad(&w, [4.0, 5.0, 6.0], 1.0);
    assert_eq!(value, weighted(&w, [4.0, 5.0, 6.0], 1.0));
    assert_eq!((by_w, by_x), ([6.0, 0.0, 8.0], [6.0, 0.0, 1.0]));
    let (by_w, _) = weighted::grad(&[1.0_f32, 2.0], [3.0, 4.0], 1.0);
    assert_eq!(by_w, [4.0_f32, 6.0]);

    let point = Point { x: 2.0, y: 0.0 };
    let (value, (by_point, by_pair)) =
        by_where::vjp(&point, (3.0, 4.0), PointGradient { x: 1.0, y: 10.0 });
    assert_eq!(value, by_where(&point, (3.0, 4.0)));
    assert_eq!(
        (by_point, by_pair),
        (PointGradient { x: 3.0, y: 10.0 }, (2.0, 1.0))
    );

    let model = Model {
        weights: vec![1.0, 2.0],
        bias: 3.0,
        corner: Pair(4.0, [5.0, 6.0]),
        label: "ab".to_owned(),
    };
    let pair = Pair(7.0, [8.0, 9.0]);
    let (value, (by_model, by_pair)) = of_model::value_and_grad(&model, pair.clone(), 1);
    assert_eq!(value, of_model(&model, pair, 1));
    assert_eq!(by_model.weights, [0.0, 7.0]);
    assert_eq!(
        (by_model.bias, by_model.corner),
        (16.0, PairGradient(54.0, [0.0, 36.0]))
    );
    assert_eq!(by_pair, PairGradient(2.0, [6.0, 24.0]));

    let nested = [[1.0, 2.0], [3.0, 4.0]];
    let (value, (by_w, by_v, by_nested)) =
        slices::value_and_grad(&[2.0, 5.0], &vec![7.0], &nested, 1);
    assert_eq!(value, slices(&[2.0, 5.0], &vec![7.0], &nested, 1));
    assert_eq!((by_w, by_v), (vec![2.0, 21.0], vec![15.0]));
    assert_eq!(by_nested, [[0.0, 2.0], [35.0, 0.0]]);

    let (value, (by_x, by_y)) = single::value_and_grad(0.0, &2.0);
    assert_eq!((value, by_x, by_y), (0.0_f32, 2.5_f32, 0.0_f32));
    assert_eq!(unused::grad(1.0, 2.0, 3.0), (2.0, 0.0, 0.0));
    let () = nothing_active::grad(2, 3.0);
    assert_eq!(nothing_active::value_and_grad(2, 3.0), (6.0, ()));
    assert_eq!(returns_nothing::vjp(1.0, ()), ((), 0.0));
    assert_eq!(no_parameters::value_and_grad(), (2.0, ()));

    assert_eq!(
        to_array::jacobian(2.0, 0.0),
        [[0.0, 2.0], [1.0, 0.0], [0.0, 1.0]]
    );
    assert_eq!(to_array::vjp(2.0, 0.0, [1.0, 10.0, 100.0]).1, (10.0, 102.0));
    assert_eq!(
        to_tuple::vjp([2.0, 3.0], (1.0, 10.0)),
        ((6.0, 3.0), [3.0, 12.0])
    );
    assert_eq!(
        to_tuple::jvp([2.0, 3.0], [1.0, 0.0]),
        ((6.0, 3.0), (3.0, 0.0))
    );
    assert_eq!(to_point::jvp(2.0, 1.0).1, PointGradient { x: 4.0, y: 3.0 });
    assert_eq!(to_pair::vjp(2.0, PairGradient(1.0, [1.0, 5.0])).1, 5.0);

    assert_eq!(outer::models::loss::value_and_grad(2.0, 3.0), (44.0, 48.0));
    assert_eq!(taken_ad::value_and_grad(3.0), (4.5, 3.0));

    #[differentiable]
    fn inside(x: f64) -> f64 {
        outer::models::loss(x, 1.0) * x
    }
    assert_eq!(inside::value_and_grad(1.0), (2.0, 7.0));
    const NODES: usize = inside::GRAPH.nodes.len();
    assert!(NODES > 2 && inside::GENERATED.contains("x_bar"));
}
