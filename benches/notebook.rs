//! Steps of the net of many notebooks, MLP(3, \[4, 4, 1\]) on four samples: arrays of literal length, loops over
//! const generics, against the same by hand.

#![allow(clippy::needless_range_loop, reason = "the formulas have indices")]

use std::cell::RefCell;
use std::hint::black_box;

use autodiff_benches::measure::{Run, paired_within};
use autodiff_runtime::prelude::*;

const X: [[f64; 3]; 4] = [
    [2.0, 3.0, -1.0],
    [3.0, -1.0, 0.5],
    [0.5, 1.0, 1.0],
    [1.0, 1.0, -1.0],
];
const Y: [f64; 4] = [1.0, -1.0, -1.0, 1.0];
const RATE: f64 = 1e-3;

/// `OUT` neurons with `IN` weights each.
#[derive(Clone, Copy, Differentiable)]
struct Layer<const IN: usize, const OUT: usize> {
    w: [[f64; IN]; OUT],
    b: [f64; OUT],
}

#[derive(Clone, Copy, Differentiable)]
struct Net {
    first: Layer<3, 4>,
    second: Layer<4, 4>,
    last: Layer<4, 1>,
}

#[differentiable]
#[inline]
fn layer<const IN: usize, const OUT: usize>(layer: &Layer<IN, OUT>, x: [f64; IN]) -> [f64; OUT] {
    let mut y = [0.0; OUT];
    for k in 0..OUT {
        let mut sum = layer.b[k];
        for i in 0..IN {
            sum += layer.w[k][i] * x[i];
        }
        y[k] = sum.tanh();
    }
    y
}

#[differentiable]
#[inline]
fn squared_error(net: &Net, #[constant] xs: &[[f64; 3]; 4], #[constant] ys: &[f64; 4]) -> f64 {
    let mut total = 0.0;
    for k in 0..4 {
        let h = layer(&net.first, xs[k]);
        let h = layer(&net.second, h);
        let y = layer(&net.last, h);
        total += (y[0] - ys[k]).powi(2);
    }
    total
}

/// The formulas, by hand.
mod by_hand {
    use super::{Layer, LayerGradient, Net, NetGradient};

    #[inline(always)]
    fn forward<const IN: usize, const OUT: usize>(
        layer: &Layer<IN, OUT>,
        x: &[f64; IN],
    ) -> [f64; OUT] {
        std::array::from_fn(|k| {
            let mut sum = layer.b[k];
            for i in 0..IN {
                sum += layer.w[k][i] * x[i];
            }
            sum.tanh()
        })
    }

    #[inline(always)]
    fn backward<const IN: usize, const OUT: usize>(
        layer: &Layer<IN, OUT>,
        x: &[f64; IN],
        y: &[f64; OUT],
        y_bar: &[f64; OUT],
        slope: &mut LayerGradient<IN, OUT>,
    ) -> [f64; IN] {
        let mut x_bar = [0.0; IN];
        for k in 0..OUT {
            let d = y_bar[k] * (1.0 - y[k] * y[k]);
            slope.b[k] += d;
            for i in 0..IN {
                slope.w[k][i] += d * x[i];
                x_bar[i] += d * layer.w[k][i];
            }
        }
        x_bar
    }

    #[inline]
    pub fn gradient(net: &Net, xs: &[[f64; 3]; 4], ys: &[f64; 4], slope: &mut NetGradient) -> f64 {
        let mut total = 0.0;
        for (x, target) in xs.iter().zip(ys) {
            let h = forward(&net.first, x);
            let g = forward(&net.second, &h);
            let y = forward(&net.last, &g);
            let error = y[0] - target;
            total += error * error;
            let g_bar = backward(&net.last, &g, &y, &[2.0 * error], &mut slope.last);
            let h_bar = backward(&net.second, &h, &g, &g_bar, &mut slope.second);
            backward(&net.first, x, &h, &h_bar, &mut slope.first);
        }
        total
    }
}

fn descend<const IN: usize, const OUT: usize>(
    layer: &mut Layer<IN, OUT>,
    slope: &LayerGradient<IN, OUT>,
) {
    for k in 0..OUT {
        for i in 0..IN {
            layer.w[k][i] -= RATE * slope.w[k][i];
        }
        layer.b[k] -= RATE * slope.b[k];
    }
}

fn step(gradient: impl Fn(&Net) -> NetGradient + 'static) -> Run {
    let state = RefCell::new(start());
    Box::new(move |times| {
        let net = &mut *state.borrow_mut();
        for _ in 0..times {
            let slope = gradient(net);
            descend(&mut net.first, &slope.first);
            descend(&mut net.second, &slope.second);
            descend(&mut net.last, &slope.last);
        }
    })
}

fn start() -> Net {
    let number = |k: usize, i: usize| ((k * 7 + i * 3) % 11) as f64 * 0.1 - 0.5;
    Net {
        first: weights(number),
        second: weights(number),
        last: weights(number),
    }
}

fn weights<const IN: usize, const OUT: usize>(
    number: impl Fn(usize, usize) -> f64,
) -> Layer<IN, OUT> {
    Layer {
        w: std::array::from_fn(|k| std::array::from_fn(|i| number(k, i))),
        b: [0.0; OUT],
    }
}

/// The one line of the table.
pub fn steps() {
    println!("\nMLP(3, [4, 4, 1]), 4 samples      ns (fastest twentieth)   steps/s");
    let generated = step(|net| squared_error::grad(net, black_box(&X), black_box(&Y)));
    let by_hand = step(|net| {
        let mut slope = net.zero_gradient();
        black_box(by_hand::gradient(
            net,
            black_box(&X),
            black_box(&Y),
            &mut slope,
        ));
        slope
    });
    let paired = paired_within(2.0, 0, &generated, &by_hand);
    let (low, high) = paired.quartiles;
    let times = [paired.first, paired.second];
    let names = ["generated", "by hand"];
    for ((name, time), fastest) in names.iter().zip(times).zip(paired.fastest) {
        println!(
            "{name:<26} {time:>8.1} ({fastest:>6.1})            {:>10.0} ({:>9.0})",
            1e9 / time,
            1e9 / fastest
        );
    }
    println!(
        "generated / by hand          {:>8.3}   {low:.2}–{high:.2}",
        paired.ratio
    );
}
