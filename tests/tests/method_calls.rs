//! Calls of methods from everywhere: of types whose signatures the macro does not see, of fields, by
//! value, in loops and branches; and the options of methods.

#![allow(
    clippy::needless_range_loop,
    clippy::assign_op_pattern,
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

// ------------------------------------------------------------------------------ one small vector

#[derive(Clone, Copy, Debug, PartialEq, Differentiable)]
struct V {
    x: f64,
    y: f64,
}

macro_rules! with_methods {
    ($t:ident, $e:expr) => {
        #[differentiable]
        impl $t {
            fn made_by_macro(&self, k: f64) -> f64 {
                $e * self.x * k
            }
        }
    };
}
with_methods!(V, 1.0 + 2.0);

#[differentiable]
impl V {
    pub(crate) fn add(self, o: V) -> V {
        V {
            x: self.x + o.x,
            y: self.y + o.y,
        }
    }
    fn mul(self, k: f64) -> Self {
        let Self { x, y } = self;
        Self { x: x * k, y: y * k }
    }
    fn dot(&self, o: &Self) -> f64 {
        self.x * o.x + self.y * o.y
    }
    fn norm(&self) -> f64 {
        self.dot(self).sqrt()
    }
    fn abs(&self) -> f64 {
        self.x.abs() + self.y.abs()
    }
    fn unit(&self) -> Self {
        self.mul(1.0 / self.norm())
    }
    fn dist(&self, o: &Self) -> f64 {
        self.add(o.mul(-1.0)).abs() + self.mul(2.0).add(*o).norm()
    }
    fn set(&mut self, x: f64) {
        self.x = x;
    }
    fn replaced(&mut self, o: &V) -> f64 {
        let old = self.norm();
        *self = o.unit();
        old * self.x
    }
    fn twice_set(&mut self, a: f64) -> f64 {
        self.set(a);
        let before = self.norm();
        self.set(a * before);
        before + self.norm() + self.x * self.y
    }
    fn sum_of(vs: &[Self]) -> f64 {
        let mut t = 0.0;
        for v in vs {
            t += v.norm();
        }
        t
    }
    fn closure(&self, k: f64) -> f64 {
        let f = |a: f64| a * self.x + self.norm();
        f(k) * f(2.0)
    }
    fn early(&self, k: f64) -> f64 {
        if self.x > k {
            return self.norm() * k;
        }
        k * self.y
    }
    fn iter_sum(vs: &[V], k: f64) -> f64 {
        vs.iter().map(|v| v.norm() * k).sum()
    }
}

#[differentiable]
fn outside(a: V, b: &V, k: f64) -> f64 {
    let c = a.add(*b);
    let d = c.mul(k);
    let mut e = d.unit();
    e.set(k * 3.0);
    e = e.mul(2.0);
    let g = V::add(e, a);
    g.dist(b) + e.dot(&d)
}

#[differentiable]
fn while_loop(a: &V, k: f64) -> f64 {
    let mut v = a.mul(1.0);
    let mut n = 0;
    while v.norm() < 10.0 && n < 5 {
        v = v.mul(k);
        v.set(v.x + 0.1);
        n += 1;
    }
    v.dot(a)
}

#[test]
fn vectors() {
    let (a, b) = (V { x: 0.5, y: 1.5 }, V { x: -2.0, y: 0.75 });
    check_method!(V::{made_by_macro, made_by_macro_value_and_grad, made_by_macro_grad, made_by_macro_grad_into, made_by_macro_pullback, made_by_macro_vjp, made_by_macro_jvp}(&a, 3.0));
    check_method!(V::{dist, dist_value_and_grad, dist_grad, dist_grad_into, dist_pullback, dist_vjp, dist_jvp}(&a, &b));
    check_method!(V::{replaced, replaced_value_and_grad, replaced_grad, replaced_grad_into, replaced_pullback, replaced_vjp, replaced_jvp}(&mut a => VGradient{x: 1.0, y: 10.0}, &b));
    check_method!(V::{twice_set, twice_set_value_and_grad, twice_set_grad, twice_set_grad_into, twice_set_pullback, twice_set_vjp, twice_set_jvp}(&mut a => VGradient{x: 1.0, y: 10.0}, 0.7));
    check_method!(V::{sum_of, sum_of_value_and_grad, sum_of_grad, sum_of_grad_into, sum_of_pullback, sum_of_vjp, sum_of_jvp}(&vec![a, b]));
    check_method!(V::{closure, closure_value_and_grad, closure_grad, closure_grad_into, closure_pullback, closure_vjp, closure_jvp}(&a, 3.0));
    check_method!(V::{early, early_value_and_grad, early_grad, early_grad_into, early_pullback, early_vjp, early_jvp}(&a, 0.25));
    check_method!(V::{early, early_value_and_grad, early_grad, early_grad_into, early_pullback, early_vjp, early_jvp}(&a, 2.25));
    check_method!(V::{iter_sum, iter_sum_value_and_grad, iter_sum_grad, iter_sum_grad_into, iter_sum_pullback, iter_sum_vjp, iter_sum_jvp}(&vec![a, b], 1.5));
    check!(outside(a, &b, 1.25));
    check!(while_loop(&a, 1.5));
}

// --------------------------------------------------------------- generics, lifetimes, other fields

#[derive(Clone, Debug, PartialEq, Differentiable)]
struct Polynomial<T: Real, const N: usize> {
    c: [T; N],
}

#[differentiable]
impl<T: Real, const N: usize> Polynomial<T, N>
where
    T: Real,
{
    fn new(c: [T; N]) -> Self {
        Self { c }
    }
    fn at(&self, x: T) -> T {
        let mut v = T::from_f64(0.0);
        for i in (0..N).rev() {
            v = v * x + self.c[i];
        }
        v
    }
    fn twice(&self, x: T) -> T {
        self.at(self.at(x)) + Self::at(self, x) + Polynomial::at(self, x)
    }
    fn scaled(&self, k: T) -> Self {
        let mut c = self.c;
        for i in 0..N {
            c[i] = c[i] * k;
        }
        Polynomial::new(c)
    }
    fn power(&self, n: usize, x: T) -> T {
        if n == 0 {
            T::from_f64(1.0)
        } else {
            self.at(x) * self.power(n - 1, x)
        }
    }
}

#[differentiable]
fn of_polynomials(p: &Polynomial<f64, 3>, c: [f64; 2], x: f64) -> f64 {
    let q = Polynomial::new(c);
    p.at(x) * q.twice(x) + Polynomial::at(p, x) + q.scaled(x).at(2.0)
}

#[derive(Clone, Debug, PartialEq, Differentiable)]
struct View<'a> {
    x: &'a [f64],
    k: f64,
}

#[differentiable]
impl View<'_> {
    fn total(&self, s: f64) -> f64 {
        let mut t = 0.0;
        for i in 0..self.x.len() {
            t += (self.x[i] * s).sin();
        }
        t * self.k
    }
    fn both(&self, s: f64) -> f64 {
        self.total(s) * self.total(2.0 * s)
    }
}

#[derive(Clone, Debug, PartialEq, Differentiable)]
struct Counter {
    w: Vec<f64>,
    steps: usize,
}

#[differentiable]
impl Counter {
    fn bump(&mut self) -> f64 {
        self.steps += 1;
        self.w[0] *= 2.0;
        self.w[0]
    }
    fn len(&self) -> usize {
        self.w.len()
    }
    fn is_done(&self) -> bool {
        self.steps > 3
    }
    fn run(&mut self, x: f64) -> f64 {
        let mut t = x;
        while !self.is_done() {
            t += self.bump() * x;
        }
        for i in 0..self.len() {
            t += self.w[i] * x;
        }
        t
    }
    fn max(&self, o: f64) -> f64 {
        self.w[0] * o
    }
    fn use_max(&self, o: f64) -> f64 {
        self.max(o) + self.max(2.0).max(o)
    }
    fn tick(&mut self) {
        self.steps += 1;
    }
    fn tock(&mut self, x: f64) -> f64 {
        self.tick();
        self.tick();
        x * self.steps as f64 * self.w[0]
    }
}

#[test]
fn in_a_function() {
    #[derive(Clone, Copy, Debug, PartialEq, Differentiable)]
    struct Local(f64);
    #[differentiable]
    impl Local {
        fn sq(self) -> f64 {
            self.0 * self.0
        }
    }
    assert_eq!(Local(3.0).sq_grad().0, 6.0);
}

#[test]
fn generics_and_lifetimes() {
    let p = Polynomial { c: [1.0, 2.0, 3.0] };
    check_method!(Polynomial::{twice, twice_value_and_grad, twice_grad, twice_grad_into, twice_pullback, twice_vjp, twice_jvp}(&p, 0.5));
    check!(of_polynomials(&p, [0.5, 0.25], 0.75));
    check_method!(Polynomial::{power, power_value_and_grad, power_grad, power_grad_into, power_pullback, power_vjp, power_jvp}(&p, const 3, 0.5));
    let x = [1.0, 2.0, 0.5];
    let view = View { x: &x, k: 1.5 };
    let (v, (vb, sb)) = view.both_value_and_grad(0.5);
    assert_near(
        (vb.k, vb.x[0], sb),
        (2.0 * v / 1.5, 4.108_378_561_334_852, 13.293_047_811_919_546),
    );
    let c = Counter {
        w: vec![1.5, 0.5],
        steps: 1,
    };
    let bar = CounterGradient { w: vec![1.0, 10.0] };
    check_method!(Counter::{run, run_value_and_grad, run_grad, run_grad_into, run_pullback, run_vjp, run_jvp}(&mut c => bar.clone(), 0.5));
    check_method!(Counter::{tock, tock_value_and_grad, tock_grad, tock_grad_into, tock_pullback, tock_vjp, tock_jvp}(&mut c => bar.clone(), 0.5));
    check_method!(Counter::{use_max, use_max_value_and_grad, use_max_grad, use_max_grad_into, use_max_pullback, use_max_vjp, use_max_jvp}(&c, 0.5));
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
        let t3 = strong_zero(ratio_bar, ratio_bar / self.pressure);
        self_bar.pressure += out_bar * t1 + strong_zero(ratio_bar, -t3 * ratio);
        *volume_bar += t3;
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

#[derive(Differentiable)]
struct Decay {
    rate: f64,
}

#[differentiable]
impl Decay {
    #[differentiable(explain, checkpoint = periodic(4))]
    fn after(&self, start: f64, steps: usize) -> f64 {
        let mut x = start;
        for _ in 0..steps {
            x -= self.rate * x.sin();
        }
        x
    }
}

#[test]
fn a_report() {
    assert!(!Decay::AFTER_REPORT.is_empty());
    let decay = Decay { rate: 0.1 };
    let (value, (bar, _)) = decay.after_value_and_grad(1.0, 10);
    assert_eq!(value, decay.after(1.0, 10));
    let mut dot = decay.zero_gradient();
    dot.rate = 1.0;
    let slope = decay.after_jvp(1.0, 10, &dot, 0.0).1;
    assert!((bar.rate - slope).abs() < 1e-12);
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

// ------------------------------------------------------------------------------------ temporaries

#[derive(Clone, Debug, PartialEq, Differentiable)]
struct Tally {
    total: f64,
    step: f64,
}

#[differentiable]
impl Tally {
    fn advance(&mut self, k: f64) -> f64 {
        self.total += k * self.step;
        self.total * self.step
    }

    fn seen(&self, k: f64) -> f64 {
        self.total * k + self.step
    }

    fn doubled(self) -> Tally {
        Tally {
            total: 2.0 * self.total,
            step: self.step,
        }
    }
}

#[differentiable]
fn tally(x: f64) -> Tally {
    Tally {
        total: x,
        step: 2.0 * x,
    }
}

/// What has no name can be changed all the same.
#[differentiable]
fn of_temporaries(x: f64) -> f64 {
    let mut s = 0.0;
    for _ in 0..2 {
        s += tally(x).advance(3.0) + tally(x).doubled().seen(x);
    }
    s + Tally { total: x, step: x }.advance(x)
}

#[test]
fn methods_that_change_a_temporary() {
    let x: f64 = 0.7;
    // 2 (7x·2x + 2x² + 2x) + (x + x²) x
    let slope = 64.0 * x + 4.0 + 2.0 * x + 3.0 * x * x;
    let (value, found) = of_temporaries::value_and_grad(x);
    assert_eq!(value.to_bits(), of_temporaries(x).to_bits());
    assert!((found - slope).abs() < 1e-12, "{found} {slope}");
    assert!((of_temporaries::jvp(x, 1.0).1 - slope).abs() < 1e-12);
}
