//! Hand-written rules that are plain functions: of numbers, slices, structs and generics; called in
//! branches and loops, where their pullbacks must borrow nothing.

use autodiff_runtime::prelude::*;

#[differentiable(vjp = root_vjp, jvp = root_jvp, with_value)]
fn root(x: f64) -> f64 {
    x.sqrt()
}

fn root_vjp(_: f64, root: &f64, root_bar: f64, x_bar: &mut f64) {
    *x_bar += 0.5 * root_bar / root;
}

fn root_jvp(x: f64, x_dot: f64) -> (f64, f64) {
    let root = x.sqrt();
    (root, 0.5 * x_dot / root)
}

#[test]
fn of_a_number() {
    assert_eq!(root::value_and_grad(16.0), (4.0, 0.125));
    assert_eq!(root::jvp(16.0, 8.0), (4.0, 1.0));
    let (value, pullback) = root::pullback(16.0);
    let mut slope = 1.0;
    pullback(8.0, &mut slope);
    assert_eq!((value, slope), (4.0, 2.0));
    assert!(root::GENERATED.contains("vjp = root_vjp, jvp = root_jvp"));
}

#[derive(Clone, Debug, Differentiable)]
struct Gain {
    factor: f64,
    taps: usize,
}

/// Scales the first numbers, which are as many as the gain has taps.
#[differentiable(vjp = amplify_vjp, jvp = amplify_jvp)]
fn amplify<T: Real>(gain: &Gain, x: &[T], #[constant] limit: f64) -> Vec<T> {
    let factor = T::from_f64(gain.factor.min(limit));
    x.iter().take(gain.taps).map(|&x| factor * x).collect()
}

fn amplify_vjp<T: Real>(
    gain: &Gain,
    x: &[T],
    _: f64,
    y_bar: Vec<T>,
    gain_bar: &mut GainGradient,
    x_bar: &mut [T],
) {
    for ((y_bar, &x), x_bar) in y_bar.into_iter().zip(x).zip(x_bar) {
        gain_bar.factor += (y_bar * x).to_f64();
        *x_bar += T::from_f64(gain.factor) * y_bar;
    }
}

fn amplify_jvp<T: Real>(
    gain: &Gain,
    x: &[T],
    limit: f64,
    gain_dot: &GainGradient,
    x_dot: &[T],
) -> (Vec<T>, Vec<T>) {
    let tangent = x.iter().zip(x_dot).take(gain.taps);
    let tangent = tangent
        .map(|(&x, &x_dot)| T::from_f64(gain.factor) * x_dot + T::from_f64(gain_dot.factor) * x);
    (amplify(gain, x, limit), tangent.collect())
}

#[differentiable]
fn in_a_loop(gain: &Gain, x: &[f64]) -> f64 {
    let mut signal = x.to_vec();
    for _ in 0..3 {
        signal = amplify(gain, &signal, 9.0);
    }
    let mut total = 0.0;
    for &own in signal.iter() {
        if own > 0.0 {
            total += root(own);
        }
    }
    total
}

#[test]
fn of_a_loop_and_a_branch() {
    let gain = Gain {
        factor: 2.0,
        taps: 2,
    };
    let x = [2.0, 8.0, 100.0];
    let (value, (gain_bar, x_bar)) = in_a_loop::value_and_grad(&gain, &x);
    // Σ √(8 x) over the first two.
    assert_eq!(value, 4.0 + 8.0);
    assert_eq!(x_bar, [1.0, 0.5, 0.0]);
    // d/da Σ √(a³ x) = 3/2 √(a x).
    assert!((gain_bar.factor - 1.5 * (2.0 + 4.0)).abs() < 1e-12);
    let (_, tangent) = in_a_loop::jvp(&gain, &x, &GainGradient { factor: 1.0 }, &[1.0, 0.0, 5.0]);
    assert!((tangent - (9.0 + 1.0)).abs() < 1e-12);
    let single = amplify::pullback(&gain, &[1.0_f32, 2.0], 9.0).0;
    assert_eq!(single, [2.0, 4.0]);
}

struct Spring(f64);

impl Leaves for Spring {
    fn visit<'a>(
        &'a self,
        name: &mut autodiff_runtime::Name,
        f: &mut dyn FnMut(&str, autodiff_runtime::Leaf<'a>),
    ) {
        self.0.visit(name, f);
    }
    fn visit_mut<'a>(
        &'a mut self,
        name: &mut autodiff_runtime::Name,
        f: &mut dyn FnMut(&str, autodiff_runtime::LeafMut<'a>),
    ) {
        self.0.visit_mut(name, f);
    }
}

impl Differentiable for Spring {
    type Gradient = f64;
    type Tangents<const WIDTH: usize> = [f64; WIDTH];
    fn zero_gradient(&self) -> f64 {
        0.0
    }
    fn zero_tangents<const WIDTH: usize>(&self) -> [f64; WIDTH] {
        [0.0; WIDTH]
    }
}

#[differentiable]
impl Spring {
    #[differentiable(vjp = energy_rule, jvp = energy_tangent)]
    fn energy(&self, x: f64) -> f64 {
        0.5 * self.0 * x * x
    }
}

fn energy_rule(spring: &Spring, x: f64, energy_bar: f64, spring_bar: &mut f64, x_bar: &mut f64) {
    *spring_bar += energy_bar * 0.5 * x * x;
    *x_bar += energy_bar * spring.0 * x;
}

fn energy_tangent(spring: &Spring, x: f64, spring_dot: &f64, x_dot: f64) -> (f64, f64) {
    (
        spring.energy(x),
        spring.0 * x * x_dot + 0.5 * spring_dot * x * x,
    )
}

#[test]
fn of_a_method() {
    let spring = Spring(3.0);
    assert_eq!(spring.energy_value_and_grad(2.0), (6.0, (2.0, 6.0)));
    assert_eq!(spring.energy_jvp(2.0, &1.0, 1.0), (6.0, 8.0));
}
