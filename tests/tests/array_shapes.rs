//! Arrays whose shapes do not fit, and parts that are not there: every panic of a companion names the operation and
//! the shapes, or the index and the shape.

use std::panic::{UnwindSafe, catch_unwind};

use autodiff_runtime::activation::Activation;
use autodiff_runtime::layers::{
    self, BatchNorm, Conv2d, LayerNorm, Linear, Mlp, Moments, MultiHeadAttention, TransformerBlock,
};
use autodiff_runtime::prelude::*;
use autodiff_runtime::tensor;
use ndarray::{
    Array1, Array2, Array3, Array4, ArrayD, ArrayView1, ArrayView2, Axis, Slice, array,
    concatenate, s, stack,
};

fn matrix(rows: usize, columns: usize) -> Array2<f64> {
    Array2::from_shape_fn((rows, columns), |(i, j)| 0.3 + i as f64 - 0.7 * j as f64)
}

fn vector(length: usize) -> Array1<f64> {
    Array1::from_shape_fn(length, |i| 0.3 + i as f64)
}

/// The sentence of a panic.
fn panic_of<R>(f: impl FnOnce() -> R + UnwindSafe) -> String {
    let payload = catch_unwind(f).err().expect("it panics");
    match payload.downcast::<String>() {
        Ok(text) => *text,
        Err(payload) => payload
            .downcast_ref::<&str>()
            .copied()
            .unwrap_or_default()
            .to_owned(),
    }
}

/// That each function of one array panics with that sentence for that array: its value, and both modes.
macro_rules! refuses {
    ($($function:ident($x:expr): $sentence:expr;)*) => {$(
        let x = $x;
        assert_eq!(panic_of(|| $function::pullback(&x).0), $sentence);
        assert_eq!(panic_of(|| $function::jvp(&x, &x).0), $sentence);
    )*};
    (two: $($function:ident($a:expr, $b:expr): $sentence:expr;)*) => {$(
        let (a, b) = ($a, $b);
        assert_eq!(panic_of(|| $function::pullback(&a, &b).0), $sentence);
        assert_eq!(panic_of(|| $function::jvp(&a, &b, &a, &b).0), $sentence);
    )*};
}

/// Functions of one array or two, by their bodies.
macro_rules! functions {
    ($($name:ident($($x:ident: $ty:ty),+) -> $out:ty $body:block)*) => {$(
        #[differentiable]
        fn $name($($x: &$ty),+) -> $out $body
    )*};
}

functions! {
    element(x: Array2<f64>) -> f64 { 2.0 * x[[1, 8]] }
    entry(x: Array1<f64>) -> f64 { 2.0 * x[8] }
    entry_of_any(x: ArrayD<f64>) -> f64 { 2.0 * x[[0, 1]] }
    row(x: Array2<f64>) -> f64 { x.row(9).sum() }
    column(x: Array2<f64>) -> f64 { x.column(9).sum() }
    at_index(x: Array3<f64>) -> f64 { x.index_axis(Axis(2), 9).sum() }
    at_no_axis(x: Array2<f64>) -> f64 { x.index_axis(Axis(9), 0).sum() }
    range(x: Array2<f64>) -> f64 { x.slice(s![1..9, ..]).sum() }
    index_in_slice(x: Array2<f64>) -> f64 { x.slice(s![.., 9]).sum() }
    from_behind(x: Array2<f64>) -> f64 { x.slice(s![-9, ..]).sum() }
    range_of_axis(x: Array2<f64>) -> f64 { x.slice_axis(Axis(1), Slice::from(1..8)).sum() }
    too_many_ranges(x: ArrayD<f64>) -> f64 { x.slice(s![.., ..]).sum() }
    assigned(x: Array1<f64>) -> f64 { let mut y = Array1::zeros(3); y[9] = x[0]; y.sum() }
    average(x: Array2<f64>) -> f64 { x.mean().unwrap() }
    average_of_axis(x: Array2<f64>) -> Array1<f64> { x.mean_axis(Axis(0)).unwrap() }
    average_of_no_axis(x: Array2<f64>) -> Array1<f64> { x.mean_axis(Axis(7)).unwrap() }
    sum_of_no_axis(x: Array2<f64>) -> Array1<f64> { x.sum_axis(Axis(7)) }
    largest(x: Array2<f64>) -> Array1<f64> { tensor::max_axis(x, Axis(0)) }
    axis_too_far(x: Array1<f64>) -> Array2<f64> { x.clone().insert_axis(Axis(9)) }
    copied_shape(x: Array2<f64>) -> f64 { x.to_shape(7).unwrap().sum() }
    logarithms(x: Array2<f64>) -> Array2<f64> { tensor::log_softmax(x, Axis(2)) }
}

#[test]
fn parts_that_are_not_there() {
    let of_any = vector(3).into_dyn();
    refuses! {
        element(matrix(3, 2)): "an element: there is none at [1, 8] in an array of shape [3, 2]: the indices are [0..3, 0..2]";
        entry(vector(3)): "an element: there is none at 8 in an array of shape [3]: the indices are [0..3]";
        entry_of_any(of_any.clone()): "an element: there is none at [0, 1] in an array of shape [3]: the indices are [0..3]";
        row(matrix(3, 2)): "`row`: there is no index 9 along axis 0 of an array of shape [3, 2]: the indices are 0..3";
        column(matrix(3, 2)): "`column`: there is no index 9 along axis 1 of an array of shape [3, 2]: the indices are 0..2";
        at_index(Array3::zeros((2, 3, 4))): "`index_axis`: there is no index 9 along axis 2 of an array of shape [2, 3, 4]: the indices are 0..4";
        at_no_axis(matrix(3, 2)): "`index_axis`: there is no axis 9 in an array of shape [3, 2]: its axes are 0..2";
        range(matrix(3, 2)): "`slice`: there is no range 1..9 along axis 0 of an array of shape [3, 2]: it may lie in 0..3";
        index_in_slice(matrix(3, 2)): "`slice`: there is no index 9 along axis 1 of an array of shape [3, 2]: the indices are 0..2";
        from_behind(matrix(3, 2)): "`slice`: there is no index -9 along axis 0 of an array of shape [3, 2]: from behind, the last one is -3";
        range_of_axis(matrix(3, 2)): "`slice_axis`: there is no range 1..8 along axis 1 of an array of shape [3, 2]: it may lie in 0..2";
        too_many_ranges(of_any.clone()): "`slice`: 2 ranges and indices meet an array of shape [3], which has 1 axes";
        assigned(vector(3)): "an element: there is none at 9 in an array of shape [3]: the indices are [0..3]";
    }
}

#[test]
fn axes_and_lengths() {
    refuses! {
        average(matrix(0, 3)): "`mean`: an array of shape [0, 3] has no element, hence no mean";
        average_of_axis(matrix(0, 3)): "`mean_axis`: an array of shape [0, 3] has no element along axis 0, hence no mean";
        average_of_no_axis(matrix(2, 3)): "`mean_axis`: there is no axis 7 in an array of shape [2, 3]: its axes are 0..2";
        sum_of_no_axis(matrix(2, 3)): "`sum_axis`: there is no axis 7 in an array of shape [2, 3]: its axes are 0..2";
        largest(matrix(0, 2)): "`max_axis`: an array of shape [0, 2] has no element along axis 0";
        axis_too_far(vector(2)): "`insert_axis`: an array of shape [2] has no place for a new axis 9: it may be 0 to 1";
        copied_shape(matrix(2, 3)): "`to_shape`: an array of shape [2, 3] has not the numbers for one of shape [7]";
        logarithms(matrix(2, 3)): "log_softmax: there is no axis 2 in an array of shape [2, 3]: its axes are 0..2";
    }
}

functions! {
    stacked(a: Array2<f64>, b: Array2<f64>) -> Array3<f64> { stack![Axis(0), a.view(), a.view(), b.view()] }
    stacked_columns(a: Array1<f64>, b: Array1<f64>) -> Array2<f64> { stack(Axis(1), &[a.view(), b.view()]).unwrap() }
    stacked_too_far(a: Array1<f64>, b: Array1<f64>) -> Array2<f64> { stack![Axis(5), a.view(), b.view()] }
    joined(a: Array2<f64>, b: Array2<f64>) -> Array2<f64> { concatenate![Axis(0), a.view(), b.view()] }
    joined_too_far(a: Array2<f64>, b: Array2<f64>) -> Array2<f64> { concatenate![Axis(5), a.view(), b.view()] }
    inner(a: Array1<f64>, b: Array1<f64>) -> f64 { a.dot(b) }
    image(a: Array2<f64>, b: Array1<f64>) -> Array1<f64> { a.dot(b) }
    product(a: Array2<f64>, b: Array2<f64>) -> Array2<f64> { a.dot(b) }
    product_of_transposed(a: Array2<f64>, b: Array2<f64>) -> Array2<f64> { a.dot(&b.t()) }
    in_place(a: Array1<f64>, b: Array1<f64>) -> Array1<f64> { let mut y = a.clone(); y += b; y }
}

#[test]
fn operands() {
    let inner_lengths = |a: &str, b: &str| {
        format!(
            "`dot`: arrays of shape {a} and {b} do not fit: the last length of the left one is to be the first of the right one"
        )
    };
    refuses! { two:
        stacked(matrix(3, 4), matrix(3, 5)): "`stack`: arrays of shape [3, 4] and [3, 5] do not fit: all are to have the same shape";
        stacked_columns(vector(3), vector(4)): "`stack`: arrays of shape [3] and [4] do not fit: all are to have the same shape";
        stacked_too_far(vector(3), vector(3)): "`stack`: an array of shape [3] has no place for a new axis 5: it may be 0 to 1";
        joined(matrix(3, 4), matrix(3, 5)): "`concatenate`: arrays of shape [3, 4] and [3, 5] do not fit along axis 0: all other lengths are to be the same";
        joined_too_far(matrix(3, 4), matrix(3, 4)): "`concatenate`: there is no axis 5 in an array of shape [3, 4]: its axes are 0..2";
        inner(vector(3), vector(4)): inner_lengths("[3]", "[4]");
        image(matrix(3, 4), vector(3)): inner_lengths("[3, 4]", "[3]");
        product(matrix(3, 4), matrix(3, 4)): inner_lengths("[3, 4]", "[3, 4]");
        product_of_transposed(matrix(3, 4), matrix(3, 5)): inner_lengths("[3, 4]", "[5, 3]");
        in_place(vector(1), vector(3)): "`+`: an array of shape [3] does not fit into the place of one of shape [1]";
    }
}

functions! {
    corner(x: Array2<f64>) -> f64 { 2.0 * x[[0, 1]] }
    second_row(x: Array2<f64>) -> Array1<f64> { x.row(1).to_owned() }
    pair(x: Array1<f64>) -> Array1<f64> { array![x[0], x[1]] }
    filled(x: Array1<f64>) -> Array2<f64> { Array2::from_elem((2, 2), x[0]) }
    squares(x: Array2<f64>) -> Array2<f64> { x.mapv(|x| x * x) }
}

#[differentiable]
fn written(x: &Array1<f64>) -> Array1<f64> {
    let mut y = Array1::zeros(3);
    y[0] = x[0];
    y[2] = 2.0 * x[1];
    y
}

/// A function that takes but parts of its arguments does not look at shapes: what belongs to them is compared anyway.
#[test]
fn tangents_and_buffers() {
    let (x, wide) = (matrix(2, 3), matrix(5, 5));
    let tangent =
        |function: &str| format!("`{function}`: `x` has shape [2, 3], and its tangent [5, 5]");
    let buffer = |function: &str| {
        format!("`{function}`: `x` has shape [2, 3], and the buffer for its gradient [5, 5]")
    };
    assert_eq!(panic_of(|| corner::jvp(&x, &wide)), tangent("corner"));
    assert_eq!(
        panic_of(|| second_row::jvp(&x, &wide)),
        tangent("second_row")
    );
    assert_eq!(
        panic_of(|| corner::grad_into(&x, &mut wide.clone())),
        buffer("corner")
    );
    let of_pullback = panic_of(|| {
        let (value, pullback) = second_row::pullback(&x);
        pullback(value.clone(), &mut wide.clone());
    });
    assert_eq!(of_pullback, buffer("second_row"));
    assert_eq!(
        panic_of(|| corner::jvp(&x, &matrix(0, 0))),
        "`corner`: `x` has shape [2, 3], and its tangent [0, 0]"
    );
}

#[test]
fn cotangents() {
    let x = vector(3);
    assert_eq!(
        panic_of(|| written::vjp(&x, vector(5))),
        "`written`: the result has shape [3], and its cotangent [5]"
    );
    assert_eq!(
        panic_of(|| {
            let (_, pullback) = written::pullback(&x);
            pullback(vector(2), &mut vector(3));
        }),
        "`written`: the result has shape [3], and its cotangent [2]"
    );
    let refused = |function: &str, found: &str, own: &str| {
        format!("`{function}`: the result has shape {own}, and its cotangent {found}")
    };
    assert_eq!(
        panic_of(|| pair::vjp(&x, vector(3))),
        refused("pair", "[3]", "[2]")
    );
    assert_eq!(
        panic_of(|| filled::vjp(&x, matrix(1, 1))),
        refused("filled", "[1, 1]", "[2, 2]")
    );
    assert_eq!(
        panic_of(|| squares::vjp(&matrix(2, 3), matrix(4, 3))),
        refused("squares", "[4, 3]", "[2, 3]")
    );
}

/// What `ndarray` would broadcast.
#[test]
fn layers_do_not_broadcast_adjoints() {
    let (x, row) = (matrix(2, 3), matrix(1, 3));
    let mode = layers::Mode::Train { seed: 1 };
    let adjoint = |function: &str| {
        format!("`{function}`: the result has shape [2, 3], and its cotangent [1, 3]")
    };
    let tangent =
        |function: &str| format!("`{function}`: `x` has shape [2, 3], and its tangent [1, 3]");
    assert_eq!(
        panic_of(|| layers::dropout::vjp(&x, 0.5, mode, row.clone())),
        adjoint("dropout")
    );
    assert_eq!(
        panic_of(|| layers::dropout::jvp(&x, 0.5, mode, &row)),
        tangent("dropout")
    );
    let elu = Activation::Elu(1.0);
    assert_eq!(
        panic_of(|| layers::activate::pullback(&x, elu).1(row.clone(), &mut matrix(2, 3))),
        adjoint("activate")
    );
    assert_eq!(
        panic_of(|| layers::activate::vjp(&x, elu, row.clone())),
        adjoint("activate")
    );
    let layer: Linear<f64> = Linear::new(3, 4, 1);
    let mut buffer = layer.zero_gradient();
    buffer.weight = matrix(1, 3);
    let of_weight = panic_of(move || {
        let x = matrix(2, 3);
        let (_, pullback) = layers::affine::pullback(&layer, &x);
        pullback(matrix(2, 4), &mut buffer, &mut matrix(2, 3));
    });
    assert_eq!(
        of_weight,
        "`affine`: `layer.weight` has shape [4, 3], and the buffer for its gradient [1, 3]"
    );
}

#[test]
fn models_that_are_none() {
    let empty: Mlp<f64> = Mlp {
        layers: Vec::new(),
        activation: Activation::Tanh,
    };
    assert_eq!(
        panic_of(|| layers::mlp(&empty, &matrix(2, 3))),
        "mlp: an input of shape [2, 3] meets a model without layers"
    );
    let mut heads: MultiHeadAttention<f64> = MultiHeadAttention::new(4, 2, 1);
    heads.heads = 3;
    assert_eq!(
        panic_of(|| layers::multi_head_attention(&heads, &Array3::zeros((2, 3, 4)), false)),
        "multi_head_attention: a weight of shape [12, 4] does not make queries, keys and values of width 4, or 3 heads do not divide it"
    );
}

/// The layers themselves, too, and no bias of one number is stretched.
#[test]
fn biases_that_are_none() {
    let linear = Linear {
        weight: matrix(4, 3),
        bias: vector(1),
    };
    assert_eq!(
        panic_of(|| layers::affine(&linear, &matrix(2, 3))),
        "affine: a weight of shape [4, 3] meets a bias of shape [1], which is to have a number for each of its rows"
    );
    let norm = LayerNorm {
        weight: vector(3),
        bias: vector(2),
    };
    assert_eq!(
        panic_of(|| layers::layer_norm(&norm, &matrix(2, 3))),
        "layer_norm: a weight of shape [3] meets a bias of shape [2], which is to have a number for each of its numbers"
    );
    let norm = BatchNorm {
        weight: vector(3),
        bias: vector(3),
    };
    let moments = Moments {
        running_mean: vector(3),
        running_var: vector(2),
    };
    assert_eq!(
        panic_of(|| layers::batch_norm_eval(&norm, &moments, &matrix(2, 3))),
        "batch_norm_eval: an input of shape [2, 3] meets a weight of shape [3] and moments of shape [3] and [2]"
    );
    let mut conv: Conv2d<f64> = Conv2d::new(2, 3, 2, 1);
    conv.bias = vector(2);
    assert_eq!(
        panic_of(|| layers::convolve2d(&conv, &Array4::zeros((1, 2, 4, 4)))),
        "convolve2d: a weight of shape [3, 2, 2, 2] meets a bias of shape [2], which is to have a number for each output channel"
    );
    let mut block: TransformerBlock<f64> = TransformerBlock::new(4, 2, 8, 1);
    block.linear2 = Linear::new(8, 3, 1);
    let mode = layers::Mode::Eval;
    assert_eq!(
        panic_of(|| layers::transformer_block(&block, &Array3::zeros((2, 3, 4)), false, mode)),
        "transformer_block: an input of shape [2, 3, 4] meets a second map with a weight of shape [3, 8], which is to have as many rows as the input is wide"
    );
    assert_eq!(
        panic_of(|| nll_categorical(&[0.5, 0.5], 5)),
        "nll_categorical: class 5 has no probability, there are 2"
    );
}

#[differentiable]
fn of_view(x: &ArrayView2<f64>) -> f64 {
    let y = x.mapv(|x| x * x);
    y.sum() * x[[0, 0]]
}

#[differentiable]
fn of_row(x: &ArrayView1<'_, f64>) -> f64 {
    x.dot(x)
}

/// Views are lent to functions that take a reference to a view, whether the caller has a view or not.
#[differentiable]
fn lends_views(x: &Array2<f64>) -> f64 {
    let whole = x.view();
    let mut total = of_view(&whole) + of_view(&x.slice(s![..;-1, ..;2])) * of_view(&x.t());
    for i in 0..x.nrows() {
        total += of_row(&x.row(i)) * x[[i, 0]];
    }
    total
}

#[differentiable]
fn lends_its_view(x: &ArrayView2<f64>) -> f64 {
    let factor = if of_view(x) > 1.0 { 2.0 } else { 3.0 };
    factor * of_view(x)
}

/// A view that is read twice, of an array that the pullback keeps.
#[differentiable]
fn maps_a_row(x: &Array2<f64>) -> f64 {
    let y: Array2<f64> = tensor::tanh(x);
    y.row(1).mapv(|y| y * y * y).sum() + y.index_axis(Axis(1), 0).sum()
}

#[test]
fn views_that_are_lent() {
    let x = matrix(3, 4);
    let hold = |f: &dyn Fn(&Array2<f64>) -> f64, gradient: &Array2<f64>| {
        for ((i, j), slope) in gradient.indexed_iter() {
            let moved = |h: f64| {
                let mut x = x.clone();
                x[[i, j]] += h;
                f(&x)
            };
            let difference = (moved(1e-5) - moved(-1e-5)) / 2e-5;
            assert!(
                (difference - slope).abs() < 1e-6 * (1.0 + slope.abs()),
                "{i} {j}"
            );
        }
    };
    let (value, gradient) = lends_views::value_and_grad(&x);
    assert_eq!(value, lends_views(&x));
    hold(&lends_views, &gradient);
    let mut again = x.zero_gradient();
    lends_views::pullback(&x).1(1.0, &mut again);
    assert_eq!(again, gradient);
    let (_, dot) = lends_views::jvp(&x, &x);
    assert!((dot - (&gradient * &x).sum()).abs() < 1e-12 * dot.abs());
    hold(
        &|x| lends_its_view(&x.view()),
        &lends_its_view::grad(&x.view()),
    );
    let (value, pullback) = maps_a_row::pullback(&x);
    assert_eq!(value, maps_a_row(&x));
    let mut gradient = x.zero_gradient();
    pullback(1.0, &mut gradient);
    hold(&maps_a_row, &gradient);
}
