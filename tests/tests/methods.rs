//! `#[differentiable] impl Type`: methods with `&self`, `self` and `&mut self`, and associated
//! functions, whose derivatives are methods beside them.

use autodiff_runtime::prelude::*;
use autodiff_tests::derivatives::assert_near;
use autodiff_tests::{check, check_method};

// ------------------------------------------------------------------------------------------ &self

#[derive(Clone, Debug, PartialEq, Differentiable)]
struct Spring {
    stiffness: f64,
    rest: f64,
    coils: usize,
}

#[differentiable]
impl Spring {
    /// The energy at a length.
    pub fn energy(&self, length: f64) -> f64 {
        let stretch = length - self.rest;
        0.5 * self.stiffness * stretch * stretch
    }

    fn per_coil(&self, length: f64) -> f64 {
        self.energy(length) / self.coils as f64
    }

    fn volume(&self) -> f64 {
        self.rest.powi(2) * self.stiffness.sqrt()
    }

    fn ends(&self, from: f64) -> [f64; 2] {
        [from, from + self.rest * 2.0]
    }
}

fn spring() -> Spring {
    Spring {
        stiffness: 4.0,
        rest: 1.0,
        coils: 5,
    }
}

#[test]
fn a_shared_receiver() {
    let (s_bar, length_bar) = check_method!(Spring::{
        energy, energy_value_and_grad, energy_grad, energy_grad_into, energy_pullback, energy_vjp, energy_jvp
    }(&spring(), 1.5));
    assert_near(
        (s_bar.stiffness, s_bar.rest, length_bar),
        (0.125, -2.0, 2.0),
    );
}

#[test]
fn called_as_methods() {
    let s = spring();
    let (value, (s_bar, length_bar)): (f64, (SpringGradient, f64)) = s.energy_value_and_grad(1.5);
    assert_eq!((value, length_bar), (0.5, 2.0));
    assert_eq!(
        s_bar,
        SpringGradient {
            stiffness: 0.125,
            rest: -2.0
        }
    );
    assert_eq!(s.energy_grad(1.5), (s_bar.clone(), 2.0));
    assert_eq!(Spring::energy_grad(&s, 1.5), (s_bar.clone(), 2.0));
    assert_eq!(s.energy_vjp(1.5, 3.0).1.1, 6.0);
    assert_eq!(
        s.energy_jvp(1.5, &s_bar, 1.0),
        (0.5, 0.125 * 0.125 + 4.0 + 2.0)
    );
    let (mut buffer, mut length) = (s.zero_gradient(), 1.0);
    assert_eq!(s.energy_grad_into(1.5, &mut buffer, &mut length), 0.5);
    assert_eq!((&buffer, length), (&s_bar, 3.0));
    let (value, pullback) = s.energy_pullback(1.5);
    pullback(2.0, &mut buffer, &mut length);
    assert_eq!((value, length), (0.5, 7.0));
    assert_eq!(
        buffer,
        SpringGradient {
            stiffness: 0.375,
            rest: -6.0
        }
    );
}

#[test]
fn the_receiver_alone() {
    let s = spring();
    let bar: SpringGradient = s.volume_grad();
    assert_eq!(
        bar,
        SpringGradient {
            stiffness: 0.25,
            rest: 4.0
        }
    );
    let bar = check_method!(Spring::{
        volume, volume_value_and_grad, volume_grad, volume_grad_into, volume_pullback, volume_vjp, volume_jvp
    }(&s));
    assert_near((bar.stiffness, bar.rest), (0.25, 4.0));
}

#[test]
fn a_method_that_calls_a_method() {
    let (s_bar, length_bar) = check_method!(Spring::{
        per_coil, per_coil_value_and_grad, per_coil_grad, per_coil_grad_into, per_coil_pullback,
        per_coil_vjp, per_coil_jvp
    }(&spring(), 1.5));
    assert_near(
        (s_bar.stiffness, s_bar.rest, length_bar),
        (0.025, -0.4, 0.4),
    );
}

#[test]
fn a_result_that_is_no_scalar() {
    let (s_bar, from_bar) = check_method!(Spring::{ends, ends_pullback, ends_vjp, ends_jvp}(&spring(), 3.0) => [1.0, 10.0]);
    assert_near((s_bar.rest, from_bar), (20.0, 11.0));
    assert_eq!(
        spring().ends_jvp(3.0, &spring().zero_gradient(), 1.0).1,
        [1.0, 1.0]
    );
}

#[differentiable]
fn chain_energy(springs: &[Spring], at: &[f64]) -> f64 {
    let mut total = 0.0;
    for i in 0..springs.len() {
        total += springs[i].energy(at[i + 1] - at[i]);
    }
    total
}

#[test]
fn methods_in_functions() {
    let springs = vec![
        spring(),
        Spring {
            stiffness: 2.0,
            ..spring()
        },
    ];
    let (bars, at_bar) = check!(chain_energy(&springs, &vec![0.0, 1.5, 2.0]));
    // Stretched by ½ and by −½.
    assert_near(
        (bars[0].rest, bars[1].rest, bars[1].stiffness),
        (-2.0, 1.0, 0.125),
    );
    assert_near(at_bar, [-2.0, 3.0, -1.0]);
}

// ------------------------------------------------------------------------------ self and &mut self

#[derive(Clone, Copy, Debug, PartialEq, Differentiable)]
struct Vector {
    x: f64,
    y: f64,
}

#[differentiable]
impl Vector {
    fn new(x: f64, y: f64) -> Self {
        Self { x, y }
    }

    fn polar(r: f64, angle: f64) -> Vector {
        Vector::new(r * angle.cos(), r * angle.sin())
    }

    fn dot(self, other: Vector) -> f64 {
        self.x * other.x + self.y * other.y
    }

    fn norm(self) -> f64 {
        self.dot(self).sqrt()
    }

    fn scaled(self, k: f64) -> Self {
        Vector {
            x: self.x * k,
            y: self.y * k,
        }
    }

    fn turn(&mut self, angle: f64) {
        let (s, c) = angle.sin_cos();
        let x = self.x;
        self.x = c * x - s * self.y;
        self.y = s * x + c * self.y;
    }

    fn push(&mut self, force: &Vector, dt: f64) -> f64 {
        self.x += force.x * dt;
        self.y += force.y * dt;
        self.x * self.y
    }

    fn walk(&mut self, force: &Vector, steps: usize) -> f64 {
        let mut total = 0.0;
        for k in 0..steps {
            total += self.push(force, 0.1) * k as f64;
            if self.x > 2.0 {
                self.turn(total);
            }
        }
        total
    }
}

#[test]
fn a_receiver_by_value() {
    let (v, w) = (Vector { x: 3.0, y: 4.0 }, Vector { x: 5.0, y: 7.0 });
    let (v_bar, w_bar) = check_method!(Vector::{
        dot, dot_value_and_grad, dot_grad, dot_grad_into, dot_pullback, dot_vjp, dot_jvp
    }(v, w));
    assert_near((v_bar.x, v_bar.y, w_bar.x, w_bar.y), (5.0, 7.0, 3.0, 4.0));
    let bar = check_method!(Vector::{
        norm, norm_value_and_grad, norm_grad, norm_grad_into, norm_pullback, norm_vjp, norm_jvp
    }(v));
    assert_near((bar.x, bar.y), (0.6, 0.8));
    let out_bar = VectorGradient { x: 1.0, y: 10.0 };
    let (v_bar, k_bar) =
        check_method!(Vector::{scaled, scaled_pullback, scaled_vjp, scaled_jvp}(v, 2.0) => out_bar);
    assert_near((v_bar.x, v_bar.y, k_bar), (2.0, 20.0, 43.0));
}

#[test]
fn associated_functions() {
    let out_bar = VectorGradient { x: 1.0, y: 10.0 };
    let bars =
        check_method!(Vector::{new, new_pullback, new_vjp, new_jvp}(2.0, 3.0) => out_bar.clone());
    assert_near(bars, (1.0, 10.0));
    let (s, c) = 0.3_f64.sin_cos();
    let bars =
        check_method!(Vector::{polar, polar_pullback, polar_vjp, polar_jvp}(2.0, 0.3) => out_bar);
    assert_near(bars, (c + 10.0 * s, 2.0 * (10.0 * c - s)));
}

#[test]
fn an_exclusive_receiver() {
    let v = Vector { x: 3.0, y: 4.0 };
    let (s, c) = 0.3_f64.sin_cos();
    let (v_bar, angle_bar) = check_method!(Vector::{turn, turn_pullback, turn_vjp, turn_jvp}(
        &mut v => VectorGradient { x: 1.0, y: 10.0 }, 0.3
    ) => ());
    assert_near((v_bar.x, v_bar.y), (c + 10.0 * s, 10.0 * c - s));
    assert_near(angle_bar, -3.0 * s - 4.0 * c + 10.0 * (3.0 * c - 4.0 * s));
}

#[test]
fn an_exclusive_receiver_by_name() {
    let mut v = Vector { x: 3.0, y: 4.0 };
    let ((), pullback) = v.turn_pullback(0.0);
    assert_eq!(v, Vector { x: 3.0, y: 4.0 });
    v.x = 100.0;
    let (mut bar, mut angle_bar) = (VectorGradient { x: 1.0, y: 10.0 }, 0.0);
    pullback((), &mut bar, &mut angle_bar);
    assert_eq!(
        (bar.x, bar.y, angle_bar, v.x),
        (1.0, 10.0, -4.0 + 30.0, 100.0)
    );
    let mut dot = VectorGradient { x: 1.0, y: 0.0 };
    let mut v = Vector { x: 3.0, y: 4.0 };
    let ((), ()) = v.turn_jvp(0.0, &mut dot, 1.0);
    assert_eq!((dot.x, dot.y), (1.0 - 4.0, 3.0));
}

#[test]
fn an_exclusive_receiver_with_a_result() {
    let (v, force) = (Vector { x: 3.0, y: 4.0 }, Vector { x: 5.0, y: 7.0 });
    let (v_bar, force_bar, dt_bar) = check_method!(Vector::{
        push, push_value_and_grad, push_grad, push_grad_into, push_pullback, push_vjp, push_jvp
    }(&mut v => VectorGradient { x: 10.0, y: 100.0 }, &force, 0.5));
    // (5.5, 7.5), of which the adjoints are (17.5, 105.5).
    assert_near(
        (v_bar.x, v_bar.y, force_bar.x, force_bar.y),
        (17.5, 105.5, 8.75, 52.75),
    );
    assert_near(dt_bar, 17.5 * 5.0 + 105.5 * 7.0);
}

#[test]
fn methods_in_loops() {
    let (v, force) = (Vector { x: 1.65, y: -0.4 }, Vector { x: 1.0, y: 0.5 });
    for steps in [0, 1, 3, 8] {
        check_method!(Vector::{
            walk, walk_value_and_grad, walk_grad, walk_grad_into, walk_pullback, walk_vjp, walk_jvp
        }(&mut v => VectorGradient { x: 10.0, y: 100.0 }, &force, const steps));
    }
}

#[differentiable]
fn through_methods(r: f64, angle: f64, k: f64) -> f64 {
    let mut v = Vector::polar(r, angle);
    let w = v.scaled(k);
    v.turn(0.5);
    let product = v.push(&w, 0.25);
    product + v.dot(w) * Vector::new(k, 1.0).norm()
}

#[test]
fn values_that_live_in_functions() {
    check!(through_methods(2.0, 0.3, 1.5));
    check!(through_methods(1.0, -1.3, -0.5));
}

// ---------------------------------------------------------------------- attributes and activity

#[derive(Clone, Debug, PartialEq, Differentiable)]
struct Model {
    weights: Vec<f64>,
    bias: f64,
    #[constant]
    scale: f64,
}

#[differentiable]
impl Model {
    const OFFSET: f64 = 0.5;

    fn predict(&self, #[constant] x: &[f64]) -> f64 {
        let mut total = self.bias + Self::OFFSET;
        for (w, x) in self.weights.iter().zip(x) {
            total += w * x;
        }
        total * self.scale
    }

    fn loss(&self, #[constant] rows: &[Vec<f64>], #[constant] targets: &[f64]) -> f64 {
        let mut total = 0.0;
        for i in 0..rows.len() {
            let miss = self.predict(&rows[i]) - targets[i];
            total += miss * miss;
        }
        total
    }

    /// An ordinary helper, which nothing active enters.
    fn size(&self) -> usize {
        self.weights.len()
    }
}

#[test]
fn constants_of_a_method() {
    let model = Model {
        weights: vec![1.0, 2.0],
        bias: 0.5,
        scale: 10.0,
    };
    assert_eq!(model.size(), 2);
    let x = [3.0, 4.0];
    let bar: ModelGradient = check_method!(Model::{
        predict, predict_value_and_grad, predict_grad, predict_grad_into, predict_pullback,
        predict_vjp, predict_jvp
    }(&model, const &x));
    assert_near((bar.weights, bar.bias), ([30.0, 40.0], 10.0));
    let (rows, targets) = ([vec![3.0, 4.0], vec![1.0, 0.0]], [100.0, 21.0]);
    // Misses 20 and −1.
    let bar = check_method!(Model::{
        loss, loss_value_and_grad, loss_grad, loss_grad_into, loss_pullback, loss_vjp, loss_jvp
    }(&model, const &rows, const &targets));
    assert_near(
        (bar.weights, bar.bias),
        ([1200.0 - 20.0, 1600.0], 400.0 - 20.0),
    );
}

struct Gravity;

/// A receiver without a number in it.
#[differentiable]
impl Gravity {
    const G: f64 = 9.81;

    fn potential(mass: f64, height: f64) -> f64 {
        mass * Self::G * height
    }

    fn twice(mass: f64, height: f64) -> f64 {
        Self::potential(mass, height) + Gravity::potential(height, mass * mass)
    }
}

#[test]
fn a_type_without_numbers() {
    let bars = check_method!(Gravity::{
        twice, twice_value_and_grad, twice_grad, twice_grad_into, twice_pullback, twice_vjp, twice_jvp
    }(2.0, 3.0));
    assert_near(bars, (9.81 * (3.0 + 12.0), 9.81 * (2.0 + 4.0)));
    assert_eq!(Gravity::potential_grad(2.0, 10.0).1, 2.0 * 9.81);
}

// ---------------------------------------------------------------------------------------- generic

#[derive(Clone, Debug, PartialEq, Differentiable)]
struct Polynomial<T: Real, const N: usize> {
    c: [T; N],
}

#[differentiable]
impl<T: Real, const N: usize> Polynomial<T, N> {
    fn at(&self, x: T) -> T {
        let mut value = T::from_f64(0.0);
        for i in (0..N).rev() {
            value = value * x + self.c[i];
        }
        value
    }
}

#[test]
fn a_generic_type() {
    let p = Polynomial { c: [1.0, 2.0, 3.0] };
    let (bar, x_bar) = check_method!(Polynomial::{
        at, at_value_and_grad, at_grad, at_grad_into, at_pullback, at_vjp, at_jvp
    }(&p, 0.5));
    assert_near((bar.c, x_bar), ([1.0, 0.5, 0.25], 5.0));
    let p = Polynomial { c: [1.0_f32, 2.0] };
    assert_eq!(
        p.at_grad(0.5_f32),
        (PolynomialGradient { c: [1.0_f32, 0.5] }, 2.0)
    );
}

struct Data<'a> {
    x: &'a [f64],
}

/// The data are constants that the method reads.
#[differentiable]
impl<'a> Data<'a> {
    fn fit(#[constant] data: &Data<'a>, slope: f64, offset: f64) -> f64 {
        let mut total = 0.0;
        for (i, x) in data.x.iter().enumerate() {
            total += (slope * i as f64 + offset - x).powi(2);
        }
        total
    }
}

#[test]
fn a_type_with_a_lifetime() {
    let data = Data {
        x: &[1.0, 2.0, 4.0],
    };
    let bars = check_method!(Data::{
        fit, fit_value_and_grad, fit_grad, fit_grad_into, fit_pullback, fit_vjp, fit_jvp
    }(const &data, 1.0, 0.5));
    // Misses −½, −½, −3/2.
    assert_near(bars, (-1.0 - 6.0, -5.0));
}

// ------------------------------------------------------------------------------- realistic systems

#[derive(Clone, Debug, PartialEq, Differentiable)]
struct Swarm {
    place: Vec<f64>,
    speed: Vec<f64>,
    drag: f64,
}

#[differentiable]
impl Swarm {
    fn force(&self, i: usize) -> f64 {
        let mut force = -self.drag * self.speed[i];
        for j in 0..self.place.len() {
            if j != i {
                let d = self.place[i] - self.place[j];
                force += d / (d * d + 0.1);
            }
        }
        force
    }

    fn energy(&self) -> f64 {
        let mut total = 0.0;
        for v in &self.speed {
            total += 0.5 * v * v;
        }
        total
    }

    fn step(&mut self, dt: f64) {
        let n = self.place.len();
        for i in 0..n {
            let force = self.force(i);
            self.speed[i] += force * dt;
        }
        for i in 0..n {
            self.place[i] += self.speed[i] * dt;
        }
    }

    fn run(&mut self, dt: f64, steps: usize) -> f64 {
        for _ in 0..steps {
            self.step(dt);
        }
        self.energy()
    }
}

#[test]
fn a_simulation() {
    let swarm = Swarm {
        place: vec![0.0, 1.0, 2.5],
        speed: vec![0.5, -0.25, 0.0],
        drag: 0.3,
    };
    let bar = SwarmGradient {
        place: vec![1.0, 2.0, 3.0],
        speed: vec![0.0, 0.5, 0.0],
        drag: 0.25,
    };
    for steps in [0, 1, 2, 12] {
        check_method!(Swarm::{
            run, run_value_and_grad, run_grad, run_grad_into, run_pullback, run_vjp, run_jvp
        }(&mut swarm => bar.clone(), 0.05, const steps));
    }
}
