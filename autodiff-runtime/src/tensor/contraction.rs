//! Products of arrays of any dimension: over one axis with a matrix, and over several axes.

use ndarray::{
    Array, Array2, ArrayD, ArrayRef, ArrayRef2, ArrayView2, ArrayViewD, ArrayViewMut2, Axis,
    CowArray, Dimension, Ix2, IxDyn,
};

use super::kernel::product;
use super::shape;
use crate::{Real, differentiable};

/// The mode-n product of an array with a matrix: along one axis, every vector `v` of `x` becomes
/// `matrix·v`. The axis gets as long as the matrix has rows; the others stay.
///
/// `yₐᵢ꜀ = Σⱼ mᵢⱼ·xₐⱼ꜀` for axis 1 of three. Adjoints: that of `x` is the product of `ȳ` with the
/// transposed matrix along the same axis, that of the matrix is the product of the unfoldings,
/// `m̄ᵢⱼ += Σ ȳₐᵢ꜀·xₐⱼ꜀`.
///
/// Kolda & Bader, *Tensor decompositions and applications*, 2009, section 2.5.
///
/// # Panics
///
/// If the axis does not exist, or the matrix has not as many columns as the axis is long.
///
/// ```
/// use autodiff_runtime::tensor::mode_product;
/// use ndarray::{Array3, Axis, arr2};
///
/// let x = Array3::from_elem((2, 3, 4), 1.0);
/// let sum = arr2(&[[1.0, 1.0, 1.0]]);
/// assert_eq!(mode_product(&x, &sum, Axis(1)), Array3::from_elem((2, 1, 4), 3.0));
/// ```
#[track_caller]
#[differentiable(vjp = mode_product_vjp, jvp = mode_product_jvp)]
pub fn mode_product<T: Real, D: Dimension + 'static>(
    x: &ArrayRef<T, D>,
    matrix: &ArrayRef2<T>,
    #[constant] axis: Axis,
) -> Array<T, D> {
    let mut y = Array::zeros(mode_product_shape(x, matrix, axis));
    add_mode_product(x, matrix.view(), axis, &mut y);
    y
}

fn mode_product_vjp<T: Real, D: Dimension + 'static>(
    x: &ArrayRef<T, D>,
    matrix: &ArrayRef2<T>,
    axis: Axis,
    y_bar: Array<T, D>,
    x_bar: &mut Array<T, D>,
    matrix_bar: &mut Array2<T>,
) {
    let expected = mode_product_shape(x, matrix, axis);
    shape::expect_cotangent("mode_product", expected.slice(), y_bar.shape());
    if let Some(x_bar) = shape::read("mode_product", x, x_bar) {
        add_mode_product(&y_bar, matrix.t(), axis, x_bar);
    }
    if let Some(matrix_bar) = shape::read("mode_product", matrix, matrix_bar) {
        let [blocks, inner, width] = shape::around(x.shape(), axis);
        let [x, y_bar] = [x, &y_bar].map(ArrayRef::as_standard_layout);
        let [x, y_bar] = [&x, &y_bar].map(|own| own.as_slice().expect("in standard layout"));
        let outer = matrix.nrows();
        let (one, m_bar) = (T::one(), matrix_bar);
        if width == 1 {
            let (x, y_bar) = (block(x, blocks, inner), block(y_bar, blocks, outer));
            product(one, y_bar.reversed_axes(), x, one, m_bar.view_mut());
        } else {
            let rows = |numbers, length: usize| chunks(numbers, length * width);
            for (x, y_bar) in rows(x, inner).zip(rows(y_bar, outer)) {
                let (x, y_bar) = (block(x, inner, width), block(y_bar, outer, width));
                product(one, y_bar, x.reversed_axes(), one, m_bar.view_mut());
            }
        }
    }
}

fn mode_product_jvp<T: Real, D: Dimension + 'static>(
    x: &ArrayRef<T, D>,
    matrix: &ArrayRef2<T>,
    axis: Axis,
    x_dot: &Array<T, D>,
    matrix_dot: &Array2<T>,
) -> (Array<T, D>, Array<T, D>) {
    let mut y_dot = Array::zeros(mode_product_shape(x, matrix, axis));
    if let Some(x_dot) = shape::moving("mode_product", x, x_dot) {
        add_mode_product(x_dot, matrix.view(), axis, &mut y_dot);
    }
    if let Some(matrix_dot) = shape::moving("mode_product", matrix, matrix_dot) {
        add_mode_product(x, matrix_dot.view(), axis, &mut y_dot);
    }
    (mode_product(x, matrix, axis), y_dot)
}

#[track_caller]
fn mode_product_shape<T, D: Dimension>(x: &ArrayRef<T, D>, matrix: &ArrayRef2<T>, axis: Axis) -> D {
    shape::expect_axis("mode_product", axis, x.shape());
    assert!(
        matrix.ncols() == x.len_of(axis),
        "mode_product: the array has shape {:?} and the matrix {:?}; its {} columns must meet the length {} of axis {}",
        x.shape(),
        matrix.shape(),
        matrix.ncols(),
        x.len_of(axis),
        axis.index()
    );
    let mut result = x.raw_dim();
    result[axis.index()] = matrix.nrows();
    result
}

/// `y += matrix·x` along an axis.
fn add_mode_product<T: Real, D: Dimension>(
    x: &ArrayRef<T, D>,
    matrix: ArrayView2<'_, T>,
    axis: Axis,
    y: &mut Array<T, D>,
) {
    let [blocks, inner, width] = shape::around(x.shape(), axis);
    let outer = matrix.nrows();
    let x = x.as_standard_layout();
    let x = x.as_slice().expect("in standard layout");
    let one = T::one();
    shape::in_order(y, |y| {
        if width == 1 {
            // One product instead of one for each vector.
            let (x, y) = (block(x, blocks, inner), block_mut(y, blocks, outer));
            return product(one, x, matrix.reversed_axes(), one, y);
        }
        let ys = y.chunks_exact_mut((outer * width).max(1));
        for (x, y) in chunks(x, inner * width).zip(ys) {
            let (x, y) = (block(x, inner, width), block_mut(y, outer, width));
            product(one, matrix, x, one, y);
        }
    });
}

fn chunks<T>(numbers: &[T], length: usize) -> impl Iterator<Item = &[T]> {
    numbers.chunks_exact(length.max(1))
}

fn block<T>(numbers: &[T], rows: usize, columns: usize) -> ArrayView2<'_, T> {
    ArrayView2::from_shape((rows, columns), numbers).expect("as many numbers as the block has")
}

fn block_mut<T>(numbers: &mut [T], rows: usize, columns: usize) -> ArrayViewMut2<'_, T> {
    ArrayViewMut2::from_shape((rows, columns), numbers).expect("as many numbers as the block has")
}

/// The sum of products over pairs of axes, one of each array; the result has the axes of `a` that are
/// left, then those of `b`.
///
/// With `axes = [(Axis(1), Axis(0))]`, `c[m, r, k] = Σₙ a[m, n, r]·b[n, k]`; with no pair all products of
/// two elements. It is one matrix product; so are the adjoints, each contracting `c̄` with the
/// other array over the axes of that one that were left. An array whose axes do not lie in memory as
/// the product wants them is copied into that order.
///
/// # Panics
///
/// If an axis does not exist or occurs twice, or the two of a pair differ in length.
///
/// ```
/// use autodiff_runtime::tensor::tensordot;
/// use ndarray::{Array3, Axis, IxDyn, arr2};
///
/// let a = Array3::from_elem((2, 3, 4), 1.0);
/// let b = arr2(&[[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]]);
/// let c = tensordot(&a, &b, &[(Axis(1), Axis(0))]);
/// assert_eq!(c.shape(), [2, 4, 2]);
/// assert_eq!(c[[1, 2, 0]], 9.0);
/// ```
#[track_caller]
#[differentiable(vjp = tensordot_vjp, jvp = tensordot_jvp)]
pub fn tensordot<T: Real, D: Dimension + 'static, E: Dimension + 'static>(
    a: &ArrayRef<T, D>,
    b: &ArrayRef<T, E>,
    #[constant] axes: &[(Axis, Axis)],
) -> ArrayD<T> {
    let plan = Contraction::new(a.shape(), b.shape(), axes);
    let a = plan.left.matrix(a.view().into_dyn());
    let b = plan.right.matrix(b.view().into_dyn());
    let mut c = Array2::zeros((a.nrows(), b.ncols()));
    product(T::one(), a.view(), b.view(), T::zero(), c.view_mut());
    plan.result(c)
}

fn tensordot_vjp<T: Real, D: Dimension + 'static, E: Dimension + 'static>(
    a: &ArrayRef<T, D>,
    b: &ArrayRef<T, E>,
    axes: &[(Axis, Axis)],
    c_bar: ArrayD<T>,
    a_bar: &mut Array<T, D>,
    b_bar: &mut Array<T, E>,
) {
    let plan = Contraction::new(a.shape(), b.shape(), axes);
    shape::expect_cotangent("tensordot", &plan.shape, c_bar.shape());
    let one = T::one();
    let dimensions = (plan.left.rows.1, plan.right.columns.1);
    let c_bar = c_bar.to_shape(dimensions).expect("as many elements");
    if let Some(a_bar) = shape::read("tensordot", a, a_bar) {
        let b = plan.right.matrix(b.view().into_dyn());
        plan.left
            .add_to(a_bar, |a_bar| product(one, c_bar.view(), b.t(), one, a_bar));
    }
    if let Some(b_bar) = shape::read("tensordot", b, b_bar) {
        let a = plan.left.matrix(a.view().into_dyn());
        plan.right
            .add_to(b_bar, |b_bar| product(one, a.t(), c_bar.view(), one, b_bar));
    }
}

fn tensordot_jvp<T: Real, D: Dimension + 'static, E: Dimension + 'static>(
    a: &ArrayRef<T, D>,
    b: &ArrayRef<T, E>,
    axes: &[(Axis, Axis)],
    a_dot: &Array<T, D>,
    b_dot: &Array<T, E>,
) -> (ArrayD<T>, ArrayD<T>) {
    let c = tensordot(a, b, axes);
    let mut c_dot = ArrayD::zeros(c.raw_dim());
    if let Some(a_dot) = shape::moving("tensordot", a, a_dot) {
        c_dot += &tensordot(a_dot, b, axes);
    }
    if let Some(b_dot) = shape::moving("tensordot", b, b_dot) {
        c_dot += &tensordot(a, b_dot, axes);
    }
    (c, c_dot)
}

/// Two arrays as the matrices whose product the contraction is.
struct Contraction {
    left: Unfolding,
    right: Unfolding,
    shape: Vec<usize>,
}

impl Contraction {
    #[track_caller]
    fn new(a: &[usize], b: &[usize], axes: &[(Axis, Axis)]) -> Self {
        let (of_a, of_b): (Vec<usize>, Vec<usize>) =
            axes.iter().map(|(a, b)| (a.index(), b.index())).unzip();
        for (shape, own) in [(a, &of_a), (b, &of_b)] {
            for (k, &axis) in own.iter().enumerate() {
                shape::expect_axis("tensordot", Axis(axis), shape);
                assert!(
                    !own[..k].contains(&axis),
                    "tensordot: axis {axis} of an array of shape {shape:?} occurs twice"
                );
            }
        }
        for (&i, &j) in of_a.iter().zip(&of_b) {
            assert!(
                a[i] == b[j],
                "tensordot: the left operand has shape {a:?} and the right one {b:?}; axis {i} of length {} cannot meet axis {j} of length {}",
                a[i],
                b[j]
            );
        }
        let left = |shape: &[usize], used: &[usize]| -> Vec<usize> {
            (0..shape.len()).filter(|k| !used.contains(k)).collect()
        };
        let (rows, columns) = (left(a, &of_a), left(b, &of_b));
        let lengths = rows.iter().map(|&k| a[k]);
        Self {
            shape: lengths.chain(columns.iter().map(|&k| b[k])).collect(),
            left: Unfolding::new(a, rows, of_a),
            right: Unfolding::new(b, of_b, columns),
        }
    }

    fn result<T>(&self, matrix: Array2<T>) -> ArrayD<T> {
        matrix
            .into_shape_with_order(IxDyn(&self.shape))
            .expect("as many elements")
    }
}

/// An array as a matrix: the axes that number the rows, those that number the columns, and how many
/// there are of each.
struct Unfolding {
    rows: (Vec<usize>, usize),
    columns: (Vec<usize>, usize),
}

impl Unfolding {
    fn new(shape: &[usize], rows: Vec<usize>, columns: Vec<usize>) -> Self {
        let counted = |axes: Vec<usize>| {
            let count = axes.iter().map(|&k| shape[k]).product();
            (axes, count)
        };
        Self {
            rows: counted(rows),
            columns: counted(columns),
        }
    }

    fn rows_first(&self) -> IxDyn {
        IxDyn(&[&self.rows.0[..], &self.columns.0].concat())
    }

    fn columns_first(&self) -> IxDyn {
        IxDyn(&[&self.columns.0[..], &self.rows.0].concat())
    }

    /// The matrix: a view if the numbers lie by rows or by columns, else a copy.
    fn matrix<'v, T: Real>(&self, array: ArrayViewD<'v, T>) -> CowArray<'v, T, Ix2> {
        let (rows, columns) = (self.rows.1, self.columns.1);
        let fits = "as many elements";
        let by_columns = array.clone().permuted_axes(self.columns_first());
        if by_columns.is_standard_layout() {
            let matrix = by_columns.into_shape_with_order((columns, rows));
            return matrix.expect(fits).reversed_axes().into();
        }
        let by_rows = array.permuted_axes(self.rows_first());
        if by_rows.is_standard_layout() {
            return by_rows
                .into_shape_with_order((rows, columns))
                .expect(fits)
                .into();
        }
        let copy = by_rows.as_standard_layout().into_owned();
        copy.into_shape_with_order((rows, columns))
            .expect(fits)
            .into()
    }

    /// Runs `add` on the matrix of an adjoint.
    fn add_to<T: Real, D: Dimension>(
        &self,
        bar: &mut Array<T, D>,
        add: impl FnOnce(ArrayViewMut2<'_, T>),
    ) {
        let (rows, columns) = (self.rows.1, self.columns.1);
        let fits = "as many elements";
        let bar = bar.view_mut().into_dyn();
        if bar
            .view()
            .permuted_axes(self.columns_first())
            .is_standard_layout()
        {
            let matrix = bar.permuted_axes(self.columns_first());
            let matrix = matrix.into_shape_with_order((columns, rows)).expect(fits);
            return add(matrix.reversed_axes());
        }
        let mut by_rows = bar.permuted_axes(self.rows_first());
        if by_rows.is_standard_layout() {
            return add(by_rows.into_shape_with_order((rows, columns)).expect(fits));
        }
        let mut copy = by_rows.as_standard_layout().into_owned();
        let matrix = copy.view_mut().into_shape_with_order((rows, columns));
        add(matrix.expect(fits));
        by_rows.assign(&copy);
    }
}

#[cfg(test)]
mod tests;
