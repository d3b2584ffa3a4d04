//! Arrays of `ndarray` as parameters, locals, fields and results: values to the bit, gradients against
//! central differences, ⟨jvp, v⟩ = ⟨u, vjp⟩, joint against split programs, and formulas.
#![allow(clippy::eq_op, reason = "one array in both operands has both adjoints")]

use autodiff_runtime::differentiable::{LeafMut, leaves_mut, named_leaves};
use autodiff_runtime::prelude::*;
use autodiff_runtime::tensor;
use ndarray::{
    Array1, Array2, Array3, ArrayD, ArrayView1, ArrayView2, Axis, ShapeBuilder, arr1, arr2, array,
    concatenate, s, stack,
};

/// Numbers without a pattern in [−1, 1].
fn noise(seed: u64) -> impl FnMut() -> f64 {
    let mut state = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
    move || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state >> 11) as f64 / (1u64 << 52) as f64 - 1.0
    }
}

fn matrix(rows: usize, columns: usize, seed: u64) -> Array2<f64> {
    let mut next = noise(seed);
    Array2::from_shape_simple_fn((rows, columns), &mut next)
}

fn vector(length: usize, seed: u64) -> Array1<f64> {
    let mut next = noise(seed);
    Array1::from_shape_simple_fn(length, &mut next)
}

/// The value as a number to differentiate.
type Value<'f, P> = &'f dyn Fn(&P) -> f64;

/// Its value and its tangent.
type Forward<'f, P> = &'f dyn Fn(&P, &<P as Differentiable>::Gradient) -> (f64, f64);

/// Holds a gradient, a tangent along it and the gradient of the split program against differences.
fn check<P>(
    plain: Value<'_, P>,
    point: &P,
    (value, gradient): (f64, P::Gradient),
    split: (f64, P::Gradient),
    jvp: Forward<'_, P>,
) where
    P: Differentiable + Clone,
{
    assert_eq!(value.to_bits(), plain(point).to_bits(), "the value");
    assert_eq!(split.0.to_bits(), value.to_bits(), "the split value");
    let flat = |gradient: &P::Gradient| -> Vec<f64> {
        let leaves = named_leaves(gradient);
        leaves.into_iter().flat_map(|(_, leaf)| leaf).collect()
    };
    let slopes = flat(&gradient);
    for (own, other) in slopes.iter().zip(flat(&split.1)) {
        assert!(
            (own - other).abs() <= 1e-12 * (1.0 + own.abs()),
            "{own:e} {other:e}"
        );
    }
    let moved = |entry: usize, step: f64| {
        let mut point = point.clone();
        let mut left = entry;
        for (_, mut leaf) in leaves_mut(&mut point) {
            let length = leaf.as_leaf().len();
            if left < length {
                let old = leaf.as_leaf().get(left);
                leaf.set(left, old + step);
                break;
            }
            left -= length;
        }
        plain(&point)
    };
    for (entry, slope) in slopes.iter().enumerate() {
        let h = 1e-3;
        let central = |h: f64| (moved(entry, h) - moved(entry, -h)) / (2.0 * h);
        let difference = (4.0 * central(h) - central(2.0 * h)) / 3.0;
        assert!(
            (difference - slope).abs() < 1e-7 * (1.0 + slope.abs()),
            "entry {entry}: {slope:e}, by differences {difference:e}"
        );
    }
    let mut direction = gradient.clone();
    let mut next = noise(99);
    for (_, mut leaf) in leaves_mut(&mut direction) {
        if let LeafMut::F64(numbers) = &mut leaf {
            numbers.iter_mut().for_each(|number| *number = next());
        }
    }
    let (again, tangent) = jvp(point, &direction);
    assert_eq!(
        again.to_bits(),
        value.to_bits(),
        "the value of the forward program"
    );
    let along = gradient.inner(&direction);
    assert!(
        (tangent - along).abs() < 1e-11 * (1.0 + along.abs()),
        "{tangent:e} {along:e}"
    );
}

/// [`check`] of a function of references to two arrays.
macro_rules! check {
    ($function:ident, $first:expr, $second:expr) => {{
        let point = ($first, $second);
        let split = {
            let (value, pullback) = $function::pullback(&point.0, &point.1);
            let mut bars = point.zero_gradient();
            pullback(1.0, &mut bars.0, &mut bars.1);
            (value, bars)
        };
        check(
            &|(a, b)| $function(a, b),
            &point,
            $function::value_and_grad(&point.0, &point.1),
            split,
            &|(a, b), (a_dot, b_dot)| $function::jvp(a, b, a_dot, b_dot),
        );
    }};
}

#[differentiable]
fn operators(a: &Array2<f64>, b: &Array1<f64>) -> f64 {
    let sum = a + b;
    let product = &sum * a - 0.5 * &sum + 2.0;
    let quotient = &product / &(b * b + 1.5);
    let negative = -&quotient + 1.0 / &(a * a + 2.0);
    let mut total = negative.clone();
    total += &quotient;
    total *= 3.0;
    total -= b;
    total /= &(a * 0.1 + 2.0);
    total.sum() + (quotient * negative).mean().unwrap()
}

#[test]
fn operators_broadcast() {
    check!(operators, matrix(3, 4, 1), vector(4, 2));
    check!(operators, matrix(1, 4, 1), vector(4, 2));
    check!(operators, matrix(3, 1, 1), vector(4, 2));
    check!(operators, matrix(3, 4, 1), vector(1, 2));
}

#[differentiable]
fn products(a: &Array2<f64>, x: &Array1<f64>) -> f64 {
    let y = a.dot(x);
    let square = a.dot(&a.t());
    let other = a.t().dot(a);
    y.dot(&square.dot(&y)) + x.dot(&other).dot(x) + y.dot(a).sum() + square.product()
}

#[test]
fn products_of_vectors_and_matrices() {
    check!(products, matrix(3, 4, 3), vector(4, 4));
    check!(products, matrix(1, 1, 3), vector(1, 4));
}

#[differentiable]
fn parts(x: &Array2<f64>, w: &Array1<f64>) -> f64 {
    let (rows, columns) = x.dim();
    let mut total = x.row(1).sum() * x[[0, 1]] + w[0] * w[w.len() - 1];
    for i in 0..rows {
        total += x.row(i).dot(&x.row(0)) * x[(i, columns - 1)] * w[i];
    }
    let block = x.slice(s![.., 1..]);
    let deep = &block * &x.column(0).insert_axis(Axis(1));
    let every_second = x.slice(s![..;2, ..]).sum() * x.index_axis(Axis(1), 2).product();
    total
        + deep.sum_axis(Axis(0)).dot(&w.slice(s![..3]))
        + every_second
        + x.mean_axis(Axis(1)).unwrap().sum() * x.diag().sum()
        + x.shape()[0] as f64 * x.t().row(2).sum()
}

#[test]
fn elements_and_views() {
    check!(parts, matrix(4, 4, 5), vector(5, 6));
    let columns_first = matrix(4, 4, 5)
        .t()
        .as_standard_layout()
        .into_owned()
        .reversed_axes();
    check!(parts, columns_first, vector(5, 6));
}

#[differentiable]
fn mapped(x: &Array2<f64>, w: &Array1<f64>) -> f64 {
    let scale = w[0] * w[1];
    let y = x.mapv(|x| (scale * x).tanh() + x.max(0.0));
    let z = y.map(|y| y * y).mapv(f64::exp);
    let total = (&y / &z).sum();
    let largest = x.fold(0.0, |total, &x| total + x * scale);
    let mut product = 1.0;
    for &w in w.iter() {
        product *= 1.0 + w;
    }
    for (k, w) in w.iter().enumerate() {
        product += w.sin() * k as f64;
    }
    total
        + largest * product
        + x.iter().zip(w).map(|(x, w)| x * w).sum::<f64>()
        + z.mapv(sigmoid).sum()
}

#[test]
fn closures_over_elements() {
    check!(mapped, matrix(3, 4, 7), vector(5, 8));
    let mut columns_first = Array2::zeros((3, 4).f());
    columns_first.assign(&matrix(3, 4, 7));
    check!(mapped, columns_first, vector(5, 8));
    check!(
        mapped,
        matrix(3, 8, 7).slice_move(s![.., ..;2]),
        vector(5, 8)
    );
}

#[differentiable]
fn shapes(x: &Array1<f64>, w: &Array1<f64>) -> f64 {
    let table = x.clone().into_shape_with_order((3, 2)).unwrap();
    let made = array![[x[0] * w[0], w[1], 1.0], [w[2].sin(), x[1], x[2]]];
    let product = table.dot(&made);
    let filled = Array1::from_elem(3, w[0] * x[5]);
    let from = Array1::from_vec(vec![w[0], x[3] * w[1], 2.0]);
    let other = Array2::from_shape_vec((3, 1), vec![x[0], w[2], x[0] * x[0]]).unwrap();
    product.dot(&filled).dot(&from)
        + (&product * &other).sum()
        + table.reversed_axes().row(1).product()
}

#[test]
fn arrays_of_other_shapes() {
    check!(shapes, vector(6, 9), vector(3, 10));
}

#[differentiable]
fn recurrence(w: &Array2<f64>, x: &Array1<f64>) -> f64 {
    let mut h = Array1::zeros(x.len());
    let mut energy = 0.0;
    for step in 0..5 {
        h = (w.dot(&h) + x).mapv(f64::tanh);
        if step % 2 == 0 {
            h *= 0.9;
        } else {
            h = &h + &(x * x);
        }
        energy += h.dot(&h);
    }
    energy
}

#[test]
fn loops_and_branches() {
    check!(recurrence, matrix(4, 4, 11), vector(4, 12));
}

#[differentiable]
fn in_place(a: &Array2<f64>, x: &Array1<f64>) -> f64 {
    let mut work = a.clone();
    let mut memory = Array1::zeros(3);
    for i in 0..3 {
        for j in 0..3 {
            work[[i, j]] *= x[i] + work[[j, i]];
            memory[i] += work[[i, j]] * x[j];
        }
    }
    work.row(1).dot(&memory) + work.sum() * memory.dot(x) + work.column(2).sum()
}

#[test]
fn elements_changed_in_place() {
    check!(in_place, matrix(3, 3, 13), vector(3, 14));
}

#[derive(Clone, Debug, Differentiable)]
struct Layer {
    weight: Array2<f64>,
    bias: Array1<f64>,
}

#[differentiable]
fn layer(layer: &Layer, x: &Array2<f64>) -> Array2<f64> {
    let h = x.dot(&layer.weight) + &layer.bias;
    h.mapv(|h| h.tanh())
}

#[differentiable]
fn network(layers: &(Layer, Layer), x: &Array2<f64>) -> f64 {
    let h = layer(&layers.0, x);
    let y: Array2<f64> = layer(&layers.1, &h);
    (&y * &y).sum() + layers.0.weight[[0, 0]] * layers.1.bias[0]
}

#[test]
fn structs_of_arrays() {
    let layers = (
        Layer {
            weight: matrix(3, 4, 15),
            bias: vector(4, 16),
        },
        Layer {
            weight: matrix(4, 2, 17),
            bias: vector(2, 18),
        },
    );
    check!(network, layers, matrix(5, 3, 19));
}

/// What a local that holds an array is given is one.
#[differentiable]
fn repeated(own: &Layer, x: &Array2<f64>) -> f64 {
    let mut h = x.clone();
    for _ in 0..3 {
        h = layer(own, &h);
        h = h.mapv(|h| 0.5 * h);
    }
    h.sum()
}

#[test]
fn locals_that_hold_arrays_go_on_to_do_so() {
    let own = Layer {
        weight: matrix(4, 4, 15),
        bias: vector(4, 16),
    };
    check!(repeated, own, matrix(3, 4, 17));
}

#[differentiable]
fn views(x: ArrayView2<f64>, w: ArrayView1<'_, f64>, #[constant] data: &Array2<f64>) -> f64 {
    (x.dot(&w) * data.column(0)).sum() + data.dot(&w).dot(&x.dot(&w))
}

#[test]
fn parameters_are_views() {
    let (x, w, data) = (matrix(3, 2, 20), vector(2, 21), matrix(3, 2, 22));
    let (value, (x_bar, w_bar)) = views::value_and_grad(x.view(), w.view(), &data);
    assert_eq!(value, views(x.view(), w.view(), &data));
    let by = data.column(0).to_owned() + data.dot(&w);
    assert!(
        (&x_bar
            - &by
                .clone()
                .insert_axis(Axis(1))
                .dot(&w.clone().insert_axis(Axis(0))))
            .iter()
            .all(|d| d.abs() < 1e-14)
    );
    let expected = x.t().dot(&by) + data.t().dot(&x.dot(&w));
    assert!((&w_bar - &expected).iter().all(|d| d.abs() < 1e-14));
}

#[differentiable]
fn quadratic(a: &Array2<f64>, x: &Array1<f64>) -> f64 {
    x.dot(&a.dot(x))
}

#[differentiable]
fn length(x: &Array1<f64>) -> f64 {
    x.dot(x).sqrt()
}

#[differentiable]
fn scaled(x: &Array1<f64>, a: &Array2<f64>) -> Array1<f64> {
    x.dot(a)
}

/// xᵀAx has the gradients (Aᵀ + A) x and x xᵀ; ‖x‖ has x/‖x‖; the Jacobian of xᵀA is Aᵀ.
#[test]
fn formulas_of_textbooks() {
    let (a, x) = (arr2(&[[1.0, 2.0], [3.0, 4.0]]), arr1(&[5.0, 6.0]));
    let (a_bar, x_bar) = quadratic::grad(&a, &x);
    assert_eq!(x_bar, (&a + &a.t()).dot(&x));
    assert_eq!(a_bar, arr2(&[[25.0, 30.0], [30.0, 36.0]]));
    let (value, slope) = length::value_and_grad(&arr1(&[3.0, 4.0]));
    assert_eq!(value, 5.0);
    assert!(
        (&slope - &arr1(&[0.6, 0.8]))
            .iter()
            .all(|d| d.abs() < 1e-15)
    );
    let (value, (x_bar, a_bar)) = scaled::vjp(&x, &a, arr1(&[1.0, -1.0]));
    assert_eq!(value, arr1(&[23.0, 34.0]));
    assert_eq!(x_bar, a.dot(&arr1(&[1.0, -1.0])));
    assert_eq!(a_bar, arr2(&[[5.0, -5.0], [6.0, -6.0]]));
}

#[differentiable]
fn single(x: &Array2<f32>, w: &Array1<f32>) -> f32 {
    let h = 0.5 * x.dot(w) + 1.0;
    (&h * &h).sum() / h.len() as f32
}

#[test]
fn in_single_precision() {
    let (x, w) = (arr2(&[[1.0_f32, 2.0], [3.0, 4.0]]), arr1(&[0.5_f32, -0.25]));
    let (value, (_, w_bar)) = single::value_and_grad(&x, &w);
    assert_eq!(value, single(&x, &w));
    let h = 0.5 * x.dot(&w) + 1.0;
    assert_eq!(w_bar, 0.5 * x.t().dot(&h));
}

#[differentiable]
fn deep(x: &Array3<f64>, w: &Array2<f64>) -> f64 {
    let summed = x.sum_axis(Axis(0));
    let plane = x.index_axis(Axis(2), 0);
    let first: ArrayView2<f64> = x.slice(s![0, .., 1..]);
    (&summed * w).sum()
        + plane.sum_axis(Axis(1)).product()
        + first.dot(&w.slice(s![1.., ..])).sum()
        + (x * w).mean().unwrap() * x[[1, 2, 0]]
}

#[test]
fn three_axes() {
    let mut next = noise(31);
    let x = Array3::from_shape_simple_fn((2, 3, 3), &mut next);
    check!(deep, x, matrix(3, 3, 32));
}

#[differentiable]
fn joined(a: &Array2<f64>, x: &Array1<f64>) -> f64 {
    let rows = concatenate![Axis(0), a.view(), (a * x).view()];
    let columns = concatenate(Axis(1), &[rows.view(), rows.view()]).unwrap();
    let pile = stack![Axis(0), x.view(), (x * x).view(), a.row(0)];
    columns.slice(s![.., 1..3]).sum() * pile.column(1).product() + pile.sum()
}

#[test]
fn arrays_joined() {
    check!(joined, matrix(3, 4, 41), vector(4, 42));
}

#[differentiable]
fn changes(x: &mut Array1<f64>, w: &Array2<f64>) -> f64 {
    for i in 0..x.len() {
        let before = x[i];
        x[i] = before * before + w[[i, 0]];
    }
    *x *= 2.0;
    *x += &w.column(1);
    x.sum() * w.row(0).sum()
}

#[test]
fn parameters_changed_in_place() {
    let plain = |(x, w): &(Array1<f64>, Array2<f64>)| changes(&mut x.clone(), w);
    let point = (vector(3, 43), matrix(3, 2, 44));
    let (value, gradient) = changes::value_and_grad(&mut point.0.clone(), &point.1);
    let split = {
        let mut x = point.0.clone();
        let (value, pullback) = changes::pullback(&mut x, &point.1);
        let mut bars = point.zero_gradient();
        pullback(1.0, &mut bars.0, &mut bars.1);
        (value, bars)
    };
    check(&plain, &point, (value, gradient), split, &|(x, w),
                                                      (
        x_dot,
        w_dot,
    )| {
        changes::jvp(&mut x.clone(), w, &mut x_dot.clone(), w_dot)
    });
}

#[differentiable]
fn any_dimension(x: &ArrayD<f64>, w: &Array1<f64>) -> f64 {
    let y = x * 2.0 + w;
    (&y * &y).sum() + y.sum_axis(Axis(0)).mapv(f64::sin).sum()
}

#[test]
fn dimensions_known_at_run_time() {
    check!(any_dimension, matrix(3, 4, 45).into_dyn(), vector(4, 46));
    check!(any_dimension, vector(4, 45).into_dyn(), vector(4, 46));
}

#[differentiable]
fn generic<T: Real>(x: &Array2<T>, w: &Array1<T>) -> T {
    let h = x.dot(w) * T::from_f64(0.5);
    let total = h.mapv(|h| h.tanh()).sum();
    total + w[0]
}

#[test]
fn generic_in_precision() {
    check!(generic, matrix(3, 4, 47), vector(4, 48));
    let (x, w) = (
        matrix(3, 4, 47).mapv(|x| x as f32),
        vector(4, 48).mapv(|x| x as f32),
    );
    assert_eq!(generic::value_and_grad(&x, &w).0, generic(&x, &w));
}

/// The sentence of a panic.
fn panic_of(f: impl FnOnce() -> f64 + std::panic::UnwindSafe) -> String {
    let payload = std::panic::catch_unwind(f).expect_err("it panics");
    match payload.downcast::<String>() {
        Ok(text) => *text,
        Err(payload) => payload
            .downcast_ref::<&str>()
            .copied()
            .unwrap_or_default()
            .to_owned(),
    }
}

#[test]
fn shapes_that_do_not_fit_are_named() {
    let sentences = [
        panic_of(|| operators::value_and_grad(&matrix(3, 4, 1), &vector(3, 2)).0),
        panic_of(|| products::value_and_grad(&matrix(3, 4, 1), &vector(3, 2)).0),
        panic_of(|| shapes::value_and_grad(&vector(5, 1), &vector(3, 2)).0),
        panic_of(|| joined::value_and_grad(&matrix(3, 4, 1), &vector(1, 2)).0),
    ];
    assert_eq!(
        sentences.each_ref().map(String::as_str),
        [
            "`+`: arrays of shape [3, 4] and [3] do not fit, not even by broadcasting",
            "`dot`: arrays of shape [3, 4] and [3] do not fit: the last length of the left one is to be the first of the right one",
            "`into_shape_with_order`: an array of shape [5] (strides [1]) cannot be read as one of shape [3, 2]",
            "`stack`: arrays of shape [1] and [4] do not fit: all are to have the same shape",
        ]
    );
}

#[differentiable]
fn image(a: &Array2<f64>, x: &Array1<f64>) -> Array1<f64> {
    a.dot(x)
}

#[differentiable]
fn blended(a: &Array2<f64>, x: &Array1<f64>) -> Array2<f64> {
    (a + x) * a.mean_axis(Axis(0)).unwrap()
}

#[differentiable]
fn smallest(x: &Array2<f64>) -> Array1<f64> {
    tensor::min_axis(x, Axis(0))
}

#[differentiable]
fn average(x: &Array2<f64>) -> f64 {
    x.mean().unwrap()
}

/// Adjoints and tangents of another shape are no shorter or longer ones, and are not broadcast.
#[test]
fn derivatives_of_another_shape_are_refused() {
    let (a, x) = (matrix(2, 3, 1), vector(3, 2));
    let sentences = [
        panic_of(|| image::vjp(&a, &x, vector(1, 3)).0.sum()),
        panic_of(|| image::jvp(&a, &x, &matrix(1, 3, 3), &x).0.sum()),
        panic_of(|| blended::vjp(&a, &x, matrix(1, 3, 3)).0.sum()),
        panic_of(|| blended::jvp(&a, &x, &a, &vector(1, 3)).0.sum()),
        panic_of(|| smallest::vjp(&a, vector(2, 3)).0.sum()),
        panic_of(|| average::jvp(&a, &matrix(1, 3, 3)).0),
        panic_of(|| average::grad_into(&a, &mut matrix(3, 2, 3))),
    ];
    assert_eq!(
        sentences.each_ref().map(String::as_str),
        [
            "`image`: the result has shape [2], and its cotangent [1]",
            "`image`: `a` has shape [2, 3], and its tangent [1, 3]",
            "`blended`: the result has shape [2, 3], and its cotangent [1, 3]",
            "`blended`: `x` has shape [3], and its tangent [1]",
            "`smallest`: the result has shape [3], and its cotangent [2]",
            "`average`: `x` has shape [2, 3], and its tangent [1, 3]",
            "`average`: `x` has shape [2, 3], and the buffer for its gradient [3, 2]",
        ]
    );
}

/// Numbers that lie otherwise in memory than the new shape wants them.
#[differentiable]
fn turned(x: &Array2<f64>, w: &Array1<f64>) -> f64 {
    x.t().to_shape(6).unwrap().dot(w) + x.t().row(0).sum() * w[0]
}

#[test]
fn shapes_that_take_a_copy() {
    check!(turned, matrix(2, 3, 1), vector(6, 2));
}

#[differentiable]
fn stacked(layers: &[Array2<f64>], x: &Array1<f64>) -> f64 {
    let mut h = x.clone();
    let mut kept: Vec<Array1<f64>> = Vec::new();
    for layer in layers {
        let next = layer.dot(&h).mapv(|v| v.sin());
        if next.sum() > 0.0 {
            h = next;
        } else {
            h = &next - &h;
            kept.push(h.clone());
        }
    }
    let mut total = h.dot(&h);
    for own in kept.iter() {
        total += own.sum();
    }
    total
}

#[test]
fn slices_of_arrays() {
    let (first, second) = (matrix(3, 3, 51), matrix(3, 3, 52));
    let layers = vec![first.clone(), second, first];
    let point = (layers, vector(3, 53));
    let split = {
        let (value, pullback) = stacked::pullback(&point.0, &point.1);
        let mut bars = point.zero_gradient();
        pullback(1.0, &mut bars.0, &mut bars.1);
        (value, bars)
    };
    check::<(Vec<Array2<f64>>, Array1<f64>)>(
        &|(layers, x)| stacked(layers, x),
        &point,
        stacked::value_and_grad(&point.0, &point.1),
        split,
        &|(layers, x), (layers_dot, x_dot)| stacked::jvp(layers, x, layers_dot, x_dot),
    );
}

#[differentiable]
fn until_small(x: &Array1<f64>, w: &Array2<f64>) -> f64 {
    let mut h = x * 1.0;
    let mut steps = 0;
    while h.dot(&h) > 0.01 && steps < 20 {
        h = &w.dot(&h) * 0.5;
        if h[0] > 2.0 {
            return h.sum();
        }
        steps += 1;
    }
    let y = if h.len() > 2 { &h * &h } else { h.clone() };
    y.sum() + h.dot(x)
}

#[test]
fn loops_of_unknown_length() {
    check!(until_small, vector(3, 54), matrix(3, 3, 55));
    check!(until_small, vector(2, 56) * 9.0, matrix(2, 2, 57) * 9.0);
}

#[differentiable(checkpoint = revolve(3))]
fn long(w: &Array2<f64>, x: &Array1<f64>) -> f64 {
    let mut h = x.clone();
    for _ in 0..20 {
        h = w.dot(&h).mapv(f64::tanh) + x;
    }
    h.sum()
}

#[test]
fn checkpoints_of_arrays() {
    check!(long, matrix(3, 3, 58), vector(3, 59));
}

#[differentiable]
fn same_twice(x: &Array1<f64>, w: &Array2<f64>) -> f64 {
    let y = x * x;
    let z = w.row(0).dot(&w.row(0)) * w.dot(&w.t()).sum();
    (&y / &y).sum() + (&y * &y).dot(&y) + z + (x - x).sum()
}

#[test]
fn one_array_in_both_operands() {
    check!(same_twice, vector(3, 60), matrix(2, 3, 61));
}

/// An ordinary function: what it is given has no derivative.
fn count(length: usize) -> f64 {
    1.0 / length as f64
}

#[differentiable]
fn looked_at(layer: &Layer, x: &Array2<f64>) -> f64 {
    let weight: &Array2<f64> = &layer.weight;
    assert!(
        x.ncols() == weight.nrows(),
        "{:?} {:?}",
        x.shape(),
        weight.shape()
    );
    let h = tensor::matmul(x, weight) + &layer.bias;
    let y = tensor::tanh(&h) * count(x.nrows());
    y.sum() * count(x.len())
}

#[test]
fn lengths_are_no_active_values() {
    let layer = Layer {
        weight: matrix(3, 4, 62),
        bias: vector(4, 63),
    };
    check!(looked_at, layer, matrix(2, 3, 64));
}

#[differentiable]
fn of_a_slice(x: &[f64], scale: f64) -> f64 {
    let first = &x[..2];
    assert!(first.len() == 2 && x.len() > 2);
    (first[0] * first[1] + x[2]) * count(x.len()) * scale
}

#[test]
fn lengths_of_slices_are_none_either() {
    let (value, (x_bar, scale_bar)) = of_a_slice::value_and_grad(&[2.0, 3.0, 4.0, 5.0], 2.0);
    assert_eq!((value, scale_bar), (5.0, 2.5));
    assert_eq!(x_bar, [1.5, 1.0, 0.5, 0.0]);
    let (_, pullback) = of_a_slice::pullback(&[2.0, 3.0, 4.0, 5.0], 2.0);
    let (mut own, mut other) = ([0.0; 4], 0.0);
    pullback(1.0, &mut own, &mut other);
    assert_eq!(own, [1.5, 1.0, 0.5, 0.0]);
}

/// The network f(X) = σ(X Wᵀ) w₀ with its negative log-likelihood by probabilities, y in {0, 1}.
#[differentiable(wrt(w, w0))]
fn by_probabilities(x: &Array2<f64>, y: &Array1<f64>, w: &Array2<f64>, w0: &Array1<f64>) -> f64 {
    let z = x.dot(&w.t()).mapv(sigmoid).dot(w0);
    let mut total = 0.0;
    for (&z, &y) in z.iter().zip(y) {
        let p = sigmoid(z);
        total -= y * p.ln() + (1.0 - y) * (1.0 - p).ln();
    }
    total
}

/// The same by the margin (2y − 1) z.
#[differentiable(wrt(w, w0))]
fn by_margins(x: &Array2<f64>, y: &Array1<f64>, w: &Array2<f64>, w0: &Array1<f64>) -> f64 {
    let z = x.dot(&w.t()).mapv(sigmoid).dot(w0);
    let margins = &(2.0 * y - 1.0) * &z;
    -margins.mapv(|m| sigmoid(m).ln()).sum()
}

#[test]
fn a_network_and_its_likelihood_in_both_forms() {
    let (x, w) = (matrix(6, 3, 71), matrix(4, 3, 72));
    let y = arr1(&[0.0, 1.0, 1.0, 0.0, 1.0, 0.0]);
    for scale in [1.0, 1e4] {
        let w0 = vector(4, 73) * scale;
        let h = x.dot(&w.t()).mapv(sigmoid);
        let d = h.dot(&w0).mapv(sigmoid) - &y;
        let w0_bar = d.dot(&h);
        let slopes = d.insert_axis(Axis(1)).dot(&w0.clone().insert_axis(Axis(0)));
        let w_bar = (slopes * &h * (1.0 - &h)).t().dot(&x);
        for gradient in [
            by_probabilities::grad(&x, &y, &w, &w0),
            by_margins::grad(&x, &y, &w, &w0),
        ] {
            assert_eq!((gradient.0.dim(), gradient.1.dim()), ((4, 3), 4));
            let near =
                |own: &f64, other: &f64| (own - other).abs() <= 1e-12 * (scale + other.abs());
            assert!(
                gradient
                    .0
                    .iter()
                    .zip(&w_bar)
                    .all(|(own, other)| near(own, other))
            );
            assert!(
                gradient
                    .1
                    .iter()
                    .zip(&w0_bar)
                    .all(|(own, other)| near(own, other))
            );
        }
    }
    let w0 = vector(4, 73);
    let values = [
        by_probabilities(&x, &y, &w, &w0),
        by_margins(&x, &y, &w, &w0),
    ];
    assert!((values[0] - values[1]).abs() < 1e-12);
}

/// What the macro knows to be an array by its type alone: its `sum`, `product` and `fold` are the array's, which
/// visit the numbers in an order of their own.
#[differentiable]
fn of_results(x: &Array2<f64>, y: &Array2<f64>) -> f64 {
    let largest = tensor::max_axis(x, Axis(0)).mapv(|x| x * x).sum();
    let outer = tensor::outer(&x.row(0), &y.row(1)).mapv(|x| x * x).sum();
    let folded = tensor::tanh(&x.t()).fold(0.1, |sum, &x| sum * 0.9 + x);
    largest * outer + concatenate![Axis(0), x.t(), y.t()].product() * folded
}

#[test]
fn results_of_functions_are_added_up_as_arrays() {
    check!(of_results, matrix(4, 19, 61), matrix(4, 19, 62));
    let (x, y) = (matrix(19, 4, 63), matrix(19, 4, 64));
    let (x, y) = (x.reversed_axes(), y.reversed_axes());
    assert_eq!(of_results::value_and_grad(&x, &y).0, of_results(&x, &y));
}
