//! What is seen to be an array although nobody says so: each function against a twin that says it.

use autodiff_runtime::prelude::*;
use autodiff_runtime::tensor;
use ndarray::{Array1, Array2, ArrayRef1, ArrayRef2, Axis, arr1, array};

fn matrix(rows: usize, columns: usize) -> Array2<f64> {
    Array2::from_shape_fn((rows, columns), |(i, j)| {
        (1.0 + 3.7 * i as f64 - 1.3 * j as f64).sin()
    })
}

fn vector(length: usize) -> Array1<f64> {
    Array1::from_shape_fn(length, |i| (0.3 + 2.9 * i as f64).cos())
}

#[derive(Clone, Debug, PartialEq, Differentiable)]
struct Linear<T: Real> {
    weight: Array2<T>,
    bias: Array1<T>,
}

fn linear() -> Linear<f64> {
    Linear {
        weight: matrix(3, 4),
        bias: vector(3),
    }
}

mod results_of_tensor_functions {
    use super::*;

    /// Of a field nothing is known but that it is transposed; of the call, that it is `tensor::matmul`.
    #[differentiable]
    fn affine<T: Real>(layer: &Linear<T>, x: &ArrayRef2<T>) -> Array2<T> {
        tensor::matmul(x, &layer.weight.t()) + &layer.bias
    }

    #[differentiable]
    fn affine_said<T: Real>(layer: &Linear<T>, x: &ArrayRef2<T>) -> Array2<T> {
        let (weight, bias): (&Array2<T>, &Array1<T>) = (&layer.weight, &layer.bias);
        let y: Array2<T> = tensor::matmul(x, &weight.t());
        y + bias
    }

    #[test]
    fn are_arrays() {
        let (layer, x) = (linear(), matrix(2, 4));
        let u = matrix(2, 3);
        let [own, twin] = [
            affine::vjp(&layer, &x, u.clone()),
            affine_said::vjp(&layer, &x, u.clone()),
        ];
        assert_eq!(own, twin);
        assert_eq!(own.1.1, u.dot(&layer.weight));
    }

    #[differentiable]
    fn reduced(x: &Array2<f64>) -> f64 {
        let top = tensor::max_axis(x, Axis(0));
        tensor::norm(x) * top.dot(&top)
    }

    #[differentiable]
    fn reduced_said(x: &Array2<f64>) -> f64 {
        let top: Array1<f64> = tensor::max_axis(x, Axis(0));
        let norm: f64 = tensor::norm(x);
        norm * top.dot(&top)
    }

    #[test]
    fn have_the_axes_that_are_left() {
        let x = matrix(3, 4);
        assert_eq!(
            reduced::value_and_grad(&x),
            reduced_said::value_and_grad(&x)
        );
    }
}

mod shapes_of_fields {
    use super::*;

    /// The length of a field says how long another array is.
    #[differentiable]
    fn iterated(layer: &Linear<f64>, x: &Array1<f64>) -> f64 {
        let (outputs, inputs) = layer.weight.dim();
        let mut h = Array1::<f64>::zeros(layer.bias.len());
        let mut seen = Array2::<f64>::ones((outputs, layer.weight.ncols()));
        for _ in 0..layer.weight.nrows() {
            h = (layer.weight.dot(x) + &layer.bias * &h).mapv(f64::tanh);
        }
        for i in 0..inputs {
            seen[[0, i]] *= x[i] * layer.weight[[0, i]];
        }
        h.sum() * seen.sum()
    }

    #[differentiable]
    fn iterated_said(layer: &Linear<f64>, x: &Array1<f64>) -> f64 {
        let (weight, bias): (&Array2<f64>, &Array1<f64>) = (&layer.weight, &layer.bias);
        let mut h = Array1::zeros(3);
        let mut seen = Array2::<f64>::ones((3, 4));
        for _ in 0..3 {
            h = (weight.dot(x) + bias * &h).mapv(f64::tanh);
        }
        for i in 0..4 {
            seen[[0, i]] *= x[i] * weight[[0, i]];
        }
        h.sum() * seen.sum()
    }

    #[test]
    fn are_lengths() {
        let (layer, x) = (linear(), vector(4));
        assert_eq!(
            iterated::value_and_grad(&layer, &x),
            iterated_said::value_and_grad(&layer, &x)
        );
        assert_eq!(
            iterated::jvp(&layer, &x, &layer.zero_gradient(), &x),
            iterated_said::jvp(&layer, &x, &layer.zero_gradient(), &x)
        );
    }

    /// The same of a field whose dimension is its type's.
    #[differentiable]
    fn filled(layer: &Linear<f64>) -> f64 {
        let mut copy = Array2::<f64>::zeros(layer.weight.raw_dim());
        copy[[1, 2]] = layer.weight[[1, 2]].powi(2);
        copy.sum()
    }

    #[test]
    fn may_be_dimensions() {
        let layer = linear();
        let mut slope = Array2::zeros((3, 4));
        slope[[1, 2]] = 2.0 * layer.weight[[1, 2]];
        assert_eq!(filled::grad(&layer).weight, slope);
    }
}

mod literal_arrays {
    use super::*;

    #[differentiable]
    fn weighted(x: &Array2<f64>) -> f64 {
        x.sum_axis(Axis(0)).dot(&array![1.0, -2.0, 0.5]) + x.row(1).dot(&arr1(&[1.0, 2.0, 3.0]))
    }

    #[test]
    fn have_as_many_axes_as_brackets() {
        let (first, second) = ([1.0, -2.0, 0.5], [1.0, 2.0, 3.0]);
        let slope = Array2::from_shape_fn((2, 3), |(i, j)| first[j] + i as f64 * second[j]);
        assert_eq!(weighted::grad(&matrix(2, 3)), slope);
    }
}

mod references_and_lengths {
    use super::*;

    /// A local that is a reference into a parameter, and a macro that looks at it.
    #[differentiable]
    fn asserted<T: Real>(layer: &Linear<T>, x: &Array2<T>) -> Array2<T> {
        let weight: &Array2<T> = &layer.weight;
        assert!(
            x.ncols() == weight.ncols(),
            "{:?} {:?}",
            x.shape(),
            weight.shape()
        );
        x.dot(&weight.t()) + &layer.bias
    }

    #[test]
    fn may_be_looked_at() {
        let (layer, x, u) = (linear(), matrix(2, 4), matrix(2, 3));
        let (y, (_, x_bar)) = asserted::vjp(&layer, &x, u.clone());
        assert_eq!(y, asserted(&layer, &x));
        assert_eq!(x_bar, u.dot(&layer.weight));
    }

    /// An array of integers, which has no adjoint and no place in the pool.
    #[differentiable]
    fn counted(x: &Array1<f64>, #[constant] bins: &[usize]) -> f64 {
        let mut counts = Array1::<usize>::zeros(3);
        for k in 0..bins.len() {
            counts[bins[k]] += 1;
        }
        let mut total = 0.0;
        for k in 0..3 {
            total += x[k] * counts[k] as f64;
        }
        total
    }

    #[test]
    fn may_be_of_integers() {
        assert_eq!(
            counted::grad(&vector(3), &[0, 2, 2, 2]),
            arr1(&[1.0, 0.0, 3.0])
        );
    }

    const LENGTH: usize = 2;

    /// A length beside a constant of which only the name is seen.
    #[differentiable]
    fn pairs(x: &Array1<f64>, #[constant] tokens: &[usize]) -> f64 {
        let rows = tokens.len();
        let pairs = rows / LENGTH;
        let mut total = 0.0;
        for k in 0..pairs {
            total += x[tokens[LENGTH * k]] * x[tokens[LENGTH * k + 1]];
        }
        total
    }

    #[test]
    fn are_integers() {
        let x = vector(3);
        let slope = arr1(&[x[1], x[0] + x[2], x[1]]);
        assert_eq!(pairs::grad(&x, &[0, 1, 1, 2, 0]), slope);
    }

    #[differentiable]
    fn form(a: &ArrayRef2<f64>, b: &ArrayRef1<f64>) -> f64 {
        a.dot(b).sum()
    }

    /// Views go by reference, to parameters that take arrays and views.
    #[differentiable]
    fn forms(a: &Array2<f64>, b: &Array1<f64>) -> f64 {
        form(&a.view(), b) + form(&a.t(), &a.row(0))
    }

    #[test]
    fn of_views_are_lent() {
        let (a, b) = (matrix(3, 3), vector(3));
        // The second form is Σᵢⱼ aⱼᵢ·a₀ⱼ.
        let (a_bar, b_bar) = forms::grad(&a, &b);
        assert_eq!(b_bar, a.sum_axis(Axis(0)));
        for ((i, j), slope) in a_bar.indexed_iter() {
            let of_row = if i == 0 { a.row(j).sum() } else { 0.0 };
            let expected = b[j] + a[[0, i]] + of_row;
            assert!(
                (slope - expected).abs() < 1e-14,
                "{i} {j}: {slope} {expected}"
            );
        }
    }
}
