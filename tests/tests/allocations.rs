//! Straight-line scalar and array code allocates nothing: in any mode, and through calls.

use std::hint::black_box;

use allocation_counter::measure;
use autodiff_runtime::prelude::*;

/// Runs `work` and fails if it allocates.
#[track_caller]
fn assert_allocates_nothing<R>(what: &str, work: impl FnOnce() -> R) {
    let info = measure(|| {
        black_box(work());
    });
    assert_eq!(info.count_total, 0, "{what} allocates: {info:?}");
}

/// Without this, a counter that counts nothing would pass for code that allocates nothing.
#[test]
fn the_counter_counts() {
    let info = measure(|| {
        black_box(vec![1.0; 3]);
    });
    assert_eq!(info.count_total, 1);
    #[differentiable]
    fn of_slice(x: &[f64]) -> f64 {
        x[0] * x[1]
    }
    // The gradient of a slice is a vector: that is the one allocation that the contract implies.
    let info = measure(|| {
        black_box(of_slice::grad(black_box(&[1.0, 2.0])));
    });
    assert_eq!(info.count_total, 1);
}

mod scalars {
    use super::*;

    #[differentiable]
    fn every_kind(x: f64, y: f64) -> f64 {
        let a = x.powi(3) + y.powf(x);
        let b = (x * x + y * y).sqrt() + x.hypot(y);
        let (s, c) = a.sin_cos();
        let d = (x.exp() + y.exp() + b.exp()).ln() + sigmoid(s).ln();
        let e = x.max(y).clamp(-1.0, 1.0) + gelu(c) + x % y + y.atan2(x);
        nll(sigmoid(d), 1.0) + x.exp() / (x.exp() + y.exp()) + e.tanh() * x.abs()
    }

    #[test]
    fn allocate_nothing() {
        let (x, y) = (black_box(0.7), black_box(1.3));
        assert_allocates_nothing("value_and_grad", || every_kind::value_and_grad(x, y));
        assert_allocates_nothing("grad", || every_kind::grad(x, y));
        let (mut x_bar, mut y_bar) = (0.0, 0.0);
        assert_allocates_nothing("grad_into", || {
            every_kind::grad_into(x, y, &mut x_bar, &mut y_bar)
        });
        assert_allocates_nothing("vjp", || every_kind::vjp(x, y, 2.0));
        assert_allocates_nothing("jvp", || every_kind::jvp(x, y, 1.0, -1.0));
        assert_allocates_nothing("pullback", || {
            let (value, pullback) = every_kind::pullback(x, y);
            pullback(1.0, &mut x_bar, &mut y_bar);
            pullback(2.0, &mut x_bar, &mut y_bar);
            value
        });
    }
}

mod arrays {
    use super::*;

    #[derive(Clone, Debug, Differentiable)]
    struct Layer {
        weight: [[f64; 2]; 2],
        bias: [f64; 2],
        steps: usize,
    }

    #[differentiable]
    fn layer(layer: &Layer, x: [f64; 2]) -> [f64; 2] {
        let a = layer.weight[0][0] * x[0] + layer.weight[0][1] * x[1] + layer.bias[0];
        let b = layer.weight[1][0] * x[0] + layer.weight[1][1] * x[1] + layer.bias[1];
        [a.tanh(), b.tanh()]
    }

    #[differentiable]
    fn sum(pair: (f64, f64), weights: &[f64; 2]) -> f64 {
        pair.0 * weights[0] + pair.1 * weights[1]
    }

    #[differentiable]
    fn network(first: &Layer, second: &Layer, weights: &[f64; 2], x: [f64; 2], k: usize) -> f64 {
        let hidden = layer(first, x);
        let out = layer(second, hidden);
        sum((out[k], hidden[0]), weights) + sum((x[0], x[k]), weights)
    }

    #[differentiable]
    fn rotated(x: [f64; 2], angle: f64) -> [f64; 2] {
        let (s, c) = angle.sin_cos();
        [c * x[0] - s * x[1], s * x[0] + c * x[1]]
    }

    fn example() -> Layer {
        Layer {
            weight: [[0.5, -1.0], [0.25, 2.0]],
            bias: [0.1, 0.2],
            steps: 1,
        }
    }

    #[test]
    fn allocate_nothing_through_calls() {
        let (first, second, weights, x) = (example(), example(), [1.0, -2.0], [0.3, 0.7]);
        assert_eq!(first.steps, 1);
        let k = black_box(1);
        assert_allocates_nothing("value_and_grad", || {
            network::value_and_grad(&first, &second, &weights, x, k)
        });
        let (mut a, mut b) = (first.zero_gradient(), second.zero_gradient());
        let (mut w, mut y) = ([0.0; 2], [0.0; 2]);
        assert_allocates_nothing("grad_into", || {
            network::grad_into(
                &first, &second, &weights, x, k, &mut a, &mut b, &mut w, &mut y,
            )
        });
        assert_allocates_nothing("pullback", || {
            let (_, pullback) = network::pullback(&first, &second, &weights, x, k);
            pullback(1.0, &mut a, &mut b, &mut w, &mut y);
        });
        assert_allocates_nothing("jvp", || {
            network::jvp(&first, &second, &weights, x, k, &a, &b, &w, y)
        });
    }

    #[test]
    fn allocate_nothing_for_jacobians() {
        assert_allocates_nothing("jacobian", || rotated::jacobian(black_box([1.0, 2.0]), 0.5));
        assert_allocates_nothing("vjp", || {
            rotated::vjp(black_box([1.0, 2.0]), 0.5, [1.0, 0.0])
        });
    }

    /// Slices that are only read cost nothing where the caller brings the buffer.
    #[differentiable]
    fn of_slice(w: &[f64], i: usize) -> f64 {
        w[i] * w[2 * i] + rotated([w[0], w[1]], w[2])[0]
    }

    #[test]
    fn allocate_nothing_with_buffers_for_slices() {
        let w = [1.0, 2.0, 3.0];
        let mut w_bar = [0.0; 3];
        assert_allocates_nothing("grad_into", || {
            of_slice::grad_into(&w, black_box(1), &mut w_bar)
        });
        assert_allocates_nothing("jvp", || of_slice::jvp(&w, black_box(1), &w_bar));
        assert_allocates_nothing("pullback", || {
            let (_, pullback) = of_slice::pullback(&w, black_box(1));
            pullback(1.0, &mut w_bar);
        });
    }
}
