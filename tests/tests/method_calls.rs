//! Calls of methods from everywhere: of types whose signatures the macro does not see, of fields, by
//! value, in loops and branches; and the options of methods.

#![allow(
    clippy::needless_range_loop,
    reason = "elements are reached in every way that users reach them"
)]

use autodiff_runtime::prelude::*;
use autodiff_tests::derivatives::assert_near;
use autodiff_tests::{check, check_method};

// ------------------------------------------------------------------------- other types' methods

#[derive(Clone, Debug, PartialEq, Differentiable)]
struct Layer {
    weights: Vec<f64>,
    bias: f64,
}

#[differentiable]
impl Layer {
    fn forward(&self, x: f64) -> f64 {
        let mut total = self.bias;
        for w in &self.weights {
            total += (w * x).tanh();
        }
        total
    }

    /// By value, of a type that is not `Copy`.
    fn scaled(self, k: f64) -> Layer {
        let mut weights = self.weights;
        for i in 0..weights.len() {
            weights[i] *= k;
        }
        Layer {
            weights,
            bias: self.bias * k,
        }
    }

    fn decay(&mut self, rate: f64) {
        self.bias -= rate * self.bias;
        for i in 0..self.weights.len() {
            self.weights[i] -= rate * self.weights[i];
        }
    }
}

#[derive(Clone, Debug, PartialEq, Differentiable)]
struct Network {
    first: Layer,
    others: Vec<Layer>,
}

#[differentiable]
impl Network {
    /// The name of the layers' method, which is another.
    fn forward(&self, x: f64) -> f64 {
        let mut x = self.first.forward(x);
        for i in 0..self.others.len() {
            x = self.others[i].forward(x).sin();
        }
        x
    }

    fn through_all(&self, x: f64) -> f64 {
        let mut x = x;
        for layer in &self.others {
            if x > 0.0 {
                x += layer.forward(x);
            } else {
                x -= self.first.forward(x);
            }
        }
        x
    }

    fn train(&mut self, x: f64, rate: f64) -> f64 {
        self.first.decay(rate);
        for i in 0..self.others.len() {
            self.others[i].decay(rate * x);
        }
        self.forward(x)
    }
}

fn layer(seed: f64) -> Layer {
    Layer {
        weights: vec![0.5 * seed, -0.25, 0.75],
        bias: 0.125 * seed,
    }
}

fn network() -> Network {
    Network {
        first: layer(1.0),
        others: vec![layer(0.5), layer(-1.5)],
    }
}

#[test]
fn methods_of_fields() {
    for x in [0.75, -0.5] {
        check_method!(Network::{
            forward, forward_value_and_grad, forward_grad, forward_grad_into, forward_pullback,
            forward_vjp, forward_jvp
        }(&network(), x));
        check_method!(Network::{
            through_all, through_all_value_and_grad, through_all_grad, through_all_grad_into,
            through_all_pullback, through_all_vjp, through_all_jvp
        }(&network(), x));
    }
}

#[test]
fn methods_that_change_fields() {
    check_method!(Network::{
        train, train_value_and_grad, train_grad, train_grad_into, train_pullback, train_vjp, train_jvp
    }(&mut network() => network_bar(), 0.75, 0.1));
}

fn network_bar() -> NetworkGradient {
    let mut bar = network().zero_gradient();
    bar.first.bias = 1.0;
    bar.others[1].weights[2] = 10.0;
    bar
}

#[differentiable]
fn of_a_moved_value(layer: Layer, k: f64, x: f64) -> f64 {
    let larger = layer.scaled(k);
    larger.forward(x) * k
}

#[differentiable]
fn of_a_parameter(layer: &Layer, x: f64) -> f64 {
    layer.forward(x) + layer.forward(2.0 * x)
}

#[differentiable]
fn of_a_changed_parameter(layer: &mut Layer, x: f64) -> f64 {
    let before = layer.forward(x);
    layer.decay(0.5 * x);
    before * layer.forward(x)
}

#[differentiable]
fn of_a_changed_local(layer: &Layer, x: f64) -> f64 {
    let mut own = layer.clone();
    let mut total = 0.0;
    for k in 0..3 {
        total += own.forward(x) * k as f64;
        if total > 0.25 {
            own.decay(x);
        }
    }
    total + own.bias
}

#[differentiable]
fn of_elements(layers: &mut [Layer], x: f64) -> f64 {
    let mut x = x;
    for layer in layers.iter_mut() {
        x = layer.forward(x);
        layer.decay(0.25 * x);
    }
    x
}

#[test]
fn values_of_types_that_only_rustc_knows() {
    check!(of_a_moved_value(layer(1.0), 1.5, 0.5));
    check!(of_a_parameter(&layer(1.0), 0.5));
    let bar = LayerGradient {
        weights: vec![1.0, 2.0, 3.0],
        bias: 10.0,
    };
    check!(of_a_changed_parameter(&mut layer(1.0) => bar.clone(), 0.5));
    check!(of_a_changed_local(&layer(1.0), 0.5));
    check!(of_elements(&mut vec![layer(1.0), layer(0.5)] => vec![bar.clone(), bar.clone()], 0.5));
}

/// A generator of numbers: what it holds is no derivative's business.
struct Noise(u32);

impl Noise {
    fn next(&mut self) -> f64 {
        self.0 = self.0.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        f64::from(self.0 >> 8) / f64::from(1 << 24)
    }
}

#[differentiable]
fn with_noise(x: f64, #[constant] seed: u32) -> f64 {
    let mut noise = Noise(seed);
    let mut total = 0.0;
    for _ in 0..3 {
        let factor: f64 = noise.next();
        total += factor * x * x;
    }
    total
}

#[test]
fn a_generator_that_changes() {
    check!(with_noise(1.5, const 7));
}

// ------------------------------------------------------------------------------------ the options

#[derive(Clone, Copy, Debug, PartialEq, Differentiable)]
struct Pair(f64, f64);

#[differentiable]
impl Pair {
    const HALF: f64 = 0.5;

    #[differentiable(wrt(k))]
    fn times(&self, k: f64) -> f64 {
        (self.0 + self.1) * k * Self::HALF
    }

    /// A receiver that is a constant.
    fn plus(#[constant] self, k: f64) -> f64 {
        k * k + self.0
    }

    fn swapped(mut self) -> Self {
        (self.0, self.1) = (self.1, self.0);
        self.0 *= 2.0;
        self
    }

    #[differentiable(stable)]
    fn loss(&self) -> f64 {
        -self.0.sigmoid().ln()
    }

    /// Left out: it would not compile as a derivative.
    #[constant]
    #[allow(dead_code)]
    fn debug(&self) -> Pair {
        let text = format!("{} {}", self.0, self.1);
        let mut numbers = text.split(' ').map(|number| number.parse().unwrap());
        Pair(numbers.next().unwrap(), numbers.next().unwrap())
    }

    #[differentiable(pullback = product_pullback, jvp = product_jvp)]
    fn product(&self, k: f64) -> f64 {
        self.0 * self.1 * k
    }

    fn with_product(&self, k: f64) -> f64 {
        self.product(k * k) + self.times_two(3.0 * k)
    }

    fn times_two(&self, k: f64) -> f64 {
        self.0 * k
    }

    fn larger(&self) -> usize {
        usize::from(self.1 > self.0)
    }

    fn pick(&self, table: &[f64]) -> f64 {
        table[self.larger()] * self.0
    }

    fn power(&self, n: usize) -> f64 {
        if n == 0 {
            1.0
        } else {
            self.0 * self.power(n - 1)
        }
    }

    fn even(&self, n: usize) -> f64 {
        if n == 0 {
            1.0
        } else {
            self.1 * self.odd(n - 1)
        }
    }

    fn odd(&self, n: usize) -> f64 {
        if n == 0 {
            0.0
        } else {
            self.0 * self.even(n - 1)
        }
    }

    fn mixed<const N: usize>(&self, x: [f64; N]) -> f64 {
        let mut total = 0.0;
        for i in 0..N {
            total += self.0 * x[i];
        }
        total
    }

    fn both(&self, x: f64) -> f64 {
        self.mixed([x, 2.0 * x]) + self.mixed::<1>([x])
    }

    #[cfg(any())]
    fn left_out_by_cfg(&self) -> Missing {}
}

#[allow(clippy::type_complexity)]
fn product_pullback(
    pair: &Pair,
    k: f64,
) -> (f64, impl Fn(f64, &mut PairGradient, &mut f64) + use<>) {
    let Pair(a, b) = *pair;
    (
        a * b * k,
        move |d, pair_bar: &mut PairGradient, k_bar: &mut f64| {
            pair_bar.0 += d * b * k;
            pair_bar.1 += d * a * k;
            *k_bar += d * a * b;
        },
    )
}

fn product_jvp(pair: &Pair, k: f64, pair_dot: &PairGradient, k_dot: f64) -> (f64, f64) {
    let Pair(a, b) = *pair;
    (
        a * b * k,
        pair_dot.0 * b * k + a * pair_dot.1 * k + a * b * k_dot,
    )
}

#[test]
fn options_of_methods() {
    let pair = Pair(3.0, 4.0);
    assert_eq!(pair.times_grad(2.0), 3.5);
    assert_eq!(pair.plus_grad(5.0), 10.0);
    assert_eq!(Pair(-800.0, 0.0).loss_value_and_grad().0, 800.0);
    let bar = check_method!(Pair::{swapped, swapped_pullback, swapped_vjp, swapped_jvp}(pair) => PairGradient(1.0, 10.0));
    assert_near((bar.0, bar.1), (10.0, 2.0));
}

#[test]
fn rules_written_by_hand() {
    let (pair_bar, k_bar) = check_method!(Pair::{
        with_product, with_product_value_and_grad, with_product_grad, with_product_grad_into,
        with_product_pullback, with_product_vjp, with_product_jvp
    }(&Pair(3.0, 4.0), 0.5));
    assert_near(
        (pair_bar.0, pair_bar.1, k_bar),
        (1.0 + 1.5, 0.75, 12.0 + 9.0),
    );
}

#[test]
fn helpers_without_a_derivative() {
    let (bar, table_bar) = check_method!(Pair::{
        pick, pick_value_and_grad, pick_grad, pick_grad_into, pick_pullback, pick_vjp, pick_jvp
    }(&Pair(3.0, 4.0), &vec![5.0, 6.0]));
    assert_near((bar.0, table_bar), (6.0, [0.0, 3.0]));
}

#[test]
fn recursion() {
    let pair = Pair(1.5, 0.5);
    for n in [0, 1, 4] {
        check_method!(Pair::{
            power, power_value_and_grad, power_grad, power_grad_into, power_pullback, power_vjp, power_jvp
        }(&pair, const n));
        check_method!(Pair::{
            even, even_value_and_grad, even_grad, even_grad_into, even_pullback, even_vjp, even_jvp
        }(&pair, const n));
    }
}

#[test]
fn generic_methods() {
    let (pair_bar, x_bar) = check_method!(Pair::{
        both, both_value_and_grad, both_grad, both_grad_into, both_pullback, both_vjp, both_jvp
    }(&Pair(1.5, 0.5), 2.0));
    assert_near((pair_bar.0, x_bar), (8.0, 6.0));
}

// ---------------------------------------------------------------------------------- the constants

#[derive(Differentiable)]
struct Gas {
    pressure: f64,
}

#[differentiable]
impl Gas {
    pub fn work(&self, volume: f64) -> f64 {
        let ratio = volume / self.pressure;
        self.pressure * ratio.ln()
    }

    fn ideal(n: f64, t: f64) -> f64 {
        8.314 * n * t
    }

    fn grid(a: f64, b: f64) -> [f64; 2] {
        [a * b, a + b]
    }
}

#[test]
fn what_is_generated() {
    assert_eq!(
        Gas::WORK_GENERATED,
        "impl Gas {
    fn work_reverse(
        &self,
        volume: f64,
        out_bar: f64,
        self_bar: &mut GasGradient,
        volume_bar: &mut f64,
    ) -> f64 {
        let ratio = volume / self.pressure;
        let t1 = ratio.ln();
        // Reverse pass.
        let t2 = self.pressure * out_bar;
        let ratio_bar = strong_zero(t2, t2 / ratio);
        self_bar.pressure
            += out_bar * t1 + strong_zero(ratio_bar, -ratio_bar * ratio / self.pressure);
        *volume_bar += strong_zero(ratio_bar, ratio_bar / self.pressure);
        self.pressure * t1
    }
}
"
    );
}

#[test]
fn what_is_generated_of_calls() {
    let text = Network::TRAIN_GENERATED;
    for line in [
        "let (t1, decay_pullback) = self.first.decay_pullback(rate);",
        "let (t4, forward_pullback) = self.forward_pullback(x);",
        "forward_pullback(out_bar, self_bar, x_bar);",
    ] {
        assert!(text.contains(line), "{text}");
    }
}

#[test]
fn the_constants() {
    assert_eq!(Gas::WORK_GRAPH.name, "work");
    assert_eq!(
        Gas::IDEAL_GRAPH.evaluate(&[2.0, 10.0]).output(),
        8.314 * 20.0
    );
    assert_eq!(Gas::ideal_trace(2.0, 10.0).output(), 8.314 * 20.0);
    assert_eq!(Gas::grid_jacobian(2.0, 3.0), [[3.0, 2.0], [1.0, 1.0]]);
}
