//! Point 2 of the subset: calls by any path, recursion, hand-written rules.

use autodiff_runtime::prelude::*;

#[derive(Clone, Debug, Differentiable)]
struct State {
    position: [f64; 2],
    mass: f64,
}

#[differentiable]
fn energy(state: &State) -> f64 {
    0.5 * state.mass * norm_squared(&state.position)
}

#[differentiable]
fn norm_squared(v: &[f64; 2]) -> f64 {
    v[0] * v[0] + v[1] * v[1]
}

#[differentiable]
fn moved(state: &State, by: f64) -> State {
    let [x, y] = state.position;
    State {
        position: [x + by, y * by],
        mass: state.mass,
    }
}

#[differentiable]
fn after(state: &State, by: f64) -> f64 {
    let next = moved(state, by);
    let last = moved(&next, 2.0);
    energy(&last) - energy(state)
}

#[differentiable]
fn consumed(state: State) -> f64 {
    let before = energy(&state);
    let after = taken(state);
    before * after
}

#[differentiable]
fn taken(state: State) -> f64 {
    state.mass * state.position[1]
}

#[differentiable]
fn same_twice(x: f64) -> f64 {
    product(x, x)
}

#[differentiable]
fn product(a: f64, b: f64) -> f64 {
    a * b * b
}

#[differentiable]
fn generic<T: Real>(x: T) -> T {
    x.sin() * x
}

#[differentiable]
fn instantiated(x: f64) -> f64 {
    generic::<f64>(x) + self::generic(x as f32) as f64
}

fn cube_pullback(x: f64) -> (f64, impl Fn(f64, &mut f64)) {
    (x * x * x, move |out_bar, x_bar: &mut f64| {
        *x_bar += 3.0 * x * x * out_bar
    })
}

fn cube_jvp(x: f64, x_dot: f64) -> (f64, f64) {
    (x * x * x, 3.0 * x * x * x_dot)
}

#[differentiable(pullback = cube_pullback, jvp = cube_jvp)]
fn cube(x: f64) -> f64 {
    // A loop: the rule stands for it.
    (0..3).fold(1.0, |power, _| power * x)
}

#[differentiable]
fn of_cube(x: f64) -> f64 {
    cube(2.0 * x) + cube(x)
}

#[differentiable]
fn frozen(x: f64) -> f64 {
    #[constant]
    let scale = cube(x).sqrt();
    scale * x
}

fn main() {
    let state = State {
        position: [1.0, 2.0],
        mass: 3.0,
    };
    let (value, (by_state, by)) = after::value_and_grad(&state, 0.5);
    assert_eq!(value, after(&state, 0.5));
    assert_eq!((by_state.position, by_state.mass), ([7.5, 0.0], 5.625));
    assert_eq!(by, 34.5);
    let dot = StateGradient {
        position: [1.0, 0.5],
        mass: 2.0,
    };
    assert_eq!(
        after::jvp(&state, 0.5, &dot, 0.25),
        (value, 7.5 + 11.25 + 8.625)
    );

    let (value, by_state) = consumed::value_and_grad(state.clone());
    assert_eq!(value, consumed(state));
    assert_eq!((by_state.position, by_state.mass), ([18.0, 58.5], 30.0));

    assert_eq!(same_twice::grad(2.0), 12.0);
    let (value, slope) = instantiated::value_and_grad(1.0);
    assert_eq!(value, instantiated(1.0));
    assert!((slope - 2.0 * (1.0_f64.cos() + 1.0_f64.sin())).abs() < 1e-6);
    assert_eq!(of_cube::value_and_grad(2.0), (72.0, 108.0));
    assert_eq!(frozen::value_and_grad(4.0), (32.0, 8.0));
}
