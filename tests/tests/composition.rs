//! Calls: to functions of every shape, several levels deep, with the same value twice, through
//! hand-written rules and the runtime's own functions.

use autodiff_runtime::prelude::*;
use autodiff_tests::companion;
use autodiff_tests::points::Points;

#[track_caller]
fn assert_near(found: f64, expected: f64) {
    let error = (found - expected).abs();
    assert!(
        error <= 1e-13 * expected.abs().max(1.0),
        "{found:e}, not {expected:e}"
    );
}

mod deep {
    use super::*;

    #[derive(Clone, Debug, PartialEq, Differentiable)]
    struct Point {
        x: f64,
        y: f64,
        id: usize,
    }

    #[derive(Clone, Debug, PartialEq, Differentiable)]
    struct Segment {
        ends: [Point; 2],
        weight: f64,
    }

    #[differentiable]
    fn polar(r: f64, angle: f64) -> Point {
        let (s, c) = angle.sin_cos();
        Point {
            x: r * c,
            y: r * s,
            id: 7,
        }
    }

    #[differentiable]
    fn segment(p: &Point, q: Point, weight: f64) -> Segment {
        Segment {
            ends: [p.clone(), q],
            weight: weight * weight,
        }
    }

    #[differentiable]
    fn span(s: &Segment) -> (f64, f64) {
        let dx = s.ends[0].x - s.ends[1].x;
        let dy = s.ends[0].y - s.ends[1].y;
        (dx * s.weight, dy / s.weight)
    }

    #[differentiable]
    fn as_vector(pair: (f64, f64), scale: f64) -> Vec<f64> {
        let logits = [pair.0 * scale, pair.1, scale];
        log_softmax(&logits)
    }

    #[differentiable]
    fn last(v: &[f64], k: usize) -> f64 {
        v[k] * v[0]
    }

    #[differentiable]
    fn whole(r: f64, angle: f64, weight: f64) -> f64 {
        let p = polar(r, angle);
        let q = polar(r * r, angle + 1.0);
        let s = segment(&p, q, weight);
        let pair = span(&s);
        let v = as_vector(pair, weight);
        last(&v, 1) + p.x
    }

    /// The same by hand, as one function without calls.
    #[differentiable]
    fn flat(r: f64, angle: f64, weight: f64) -> f64 {
        let px = r * angle.cos();
        let py = r * angle.sin();
        let qx = r * r * (angle + 1.0).cos();
        let qy = r * r * (angle + 1.0).sin();
        let w2 = weight * weight;
        let a = (px - qx) * w2 * weight;
        let b = (py - qy) / w2;
        let total = (a.exp() + b.exp() + weight.exp()).ln();
        (b - total) * (a - total) + px
    }

    #[test]
    fn structs_tuples_and_vectors_between_the_levels() {
        let mut points = Points::seeded(1);
        for _ in 0..100 {
            let [r, angle, weight] = points.inside([(0.2, 1.5), (-3.0, 3.0), (0.5, 1.5)]);
            let (value, gradient) = whole::value_and_grad(r, angle, weight);
            assert_eq!(value.to_bits(), whole(r, angle, weight).to_bits());
            let (expected, exact) = flat::value_and_grad(r, angle, weight);
            assert_near(value, expected);
            assert_near(gradient.0, exact.0);
            assert_near(gradient.1, exact.1);
            assert_near(gradient.2, exact.2);
            let (forward, tangent) = whole::jvp(r, angle, weight, 1.0, -2.0, 0.5);
            assert_eq!(forward.to_bits(), value.to_bits());
            assert_near(tangent, exact.0 - 2.0 * exact.1 + 0.5 * exact.2);
            let (_, pullback) = whole::pullback(r, angle, weight);
            let mut bars = (0.0, 0.0, 0.0);
            pullback(1.0, &mut bars.0, &mut bars.1, &mut bars.2);
            assert_eq!(bars, gradient);
        }
    }

    /// Four levels of scalars, whose graph can be evaluated through the calls.
    #[differentiable]
    fn level_one(x: f64, y: f64) -> f64 {
        x.sin() * y
    }

    #[differentiable]
    fn level_two(x: f64) -> f64 {
        level_one(x, x * x) + level_one(x.cos(), 2.0)
    }

    #[differentiable]
    fn level_three(x: f64, y: f64) -> f64 {
        let a = level_two(x * y);
        level_two(a) - level_one(y, a)
    }

    #[differentiable]
    fn level_four(x: f64, y: f64, z: f64) -> f64 {
        // The constant keeps the value of one size, which the differences are judged by.
        2.0 + squared_error(level_three(x, y), level_three(y, z))
    }

    #[test]
    fn scalars_by_every_oracle() {
        let companion = companion!(f64, 3, level_four);
        let mut points = Points::seeded(2);
        for _ in 0..100 {
            companion.check(points.inside([(-0.5, 0.5), (0.5, 1.0), (-0.5, 0.5)]));
        }
    }
}

/// One buffer receives every adjoint of a value that is passed twice.
mod same_argument_twice {
    use super::*;

    #[differentiable]
    fn product(x: f64, y: f64) -> f64 {
        x * x * y
    }

    #[differentiable]
    fn product_by_reference(x: &f64, y: &f64) -> f64 {
        x * x * y
    }

    #[differentiable]
    fn twice(x: f64) -> f64 {
        product(x, x)
    }

    #[differentiable]
    fn twice_by_reference(x: f64) -> f64 {
        product_by_reference(&x, &x)
    }

    #[differentiable]
    fn dot(a: &[f64; 3], b: &[f64; 3]) -> f64 {
        a[0] * b[0] + 2.0 * a[1] * b[1] + a[2] * b[0]
    }

    #[differentiable]
    fn dot_with_itself(w: &[f64; 3]) -> f64 {
        dot(w, w)
    }

    #[differentiable]
    fn sum_of_products(a: &[f64], b: &[f64]) -> f64 {
        a[0] * b[1] + a[1] * b[1]
    }

    #[differentiable]
    fn slice_with_itself(w: &[f64]) -> f64 {
        sum_of_products(w, w)
    }

    #[differentiable]
    fn elements(w: &[f64; 3], i: usize, j: usize) -> f64 {
        product(w[0], w[i]) + product(w[j], w[i])
    }

    #[differentiable]
    fn rows(m: &[[f64; 3]; 2], i: usize, j: usize) -> f64 {
        dot(&m[i], &m[j])
    }

    #[test]
    fn adjoints_add_up() {
        assert_eq!(twice::grad(2.0), 12.0);
        assert_eq!(twice::jvp(2.0, 1.0).1, 12.0);
        assert_eq!(twice_by_reference::grad(2.0), 12.0);
        assert_eq!(twice_by_reference::jvp(2.0, 1.0).1, 12.0);
        let w = [2.0, 3.0, 5.0];
        assert_eq!(dot_with_itself::grad(&w), [4.0 + 5.0, 12.0, 2.0]);
        assert_eq!(dot_with_itself::jvp(&w, &[1.0, 1.0, 1.0]).1, 23.0);
        assert_eq!(slice_with_itself::grad(&[2.0, 3.0]), [3.0, 2.0 + 6.0]);
        assert_eq!(slice_with_itself::jvp(&[2.0, 3.0], &[1.0, 10.0]).1, 83.0);
    }

    #[test]
    fn elements_may_overlap() {
        let w = [2.0, 3.0, 5.0];
        // w₀²w₁ + w₂²w₁.
        assert_eq!(elements::grad(&w, 1, 2), [12.0, 29.0, 30.0]);
        // w₀³ + w₀³.
        assert_eq!(elements::grad(&w, 0, 0), [24.0, 0.0, 0.0]);
        // w₀²w₂ + w₂³.
        assert_eq!(elements::grad(&w, 2, 2), [20.0, 0.0, 79.0]);
        assert_eq!(elements::jvp(&w, 2, 2, &[1.0, 0.0, 1.0]).1, 99.0);

        let m = [[1.0, 2.0, 3.0], [5.0, 7.0, 11.0]];
        assert_eq!(rows::grad(&m, 0, 1), [[5.0, 14.0, 5.0], [4.0, 4.0, 0.0]]);
        assert_eq!(rows::grad(&m, 1, 1), [[0.0; 3], [10.0 + 11.0, 28.0, 5.0]]);
    }
}

/// Rules written by hand are used instead of the body: their derivatives differ on purpose.
mod custom_rules {
    use super::*;

    #[differentiable(pullback = seven_times_pullback, jvp = seven_times_jvp)]
    fn square(x: f64) -> f64 {
        x * x
    }

    fn seven_times_pullback(x: f64) -> (f64, impl Fn(f64, &mut f64)) {
        (x * x, |value_bar: f64, x_bar: &mut f64| {
            *x_bar += 7.0 * value_bar
        })
    }

    fn seven_times_jvp(x: f64, x_dot: f64) -> (f64, f64) {
        (x * x, 7.0 * x_dot)
    }

    #[differentiable]
    fn caller(x: f64, y: f64) -> f64 {
        square(x * y) * y
    }

    #[test]
    fn are_taken() {
        assert_eq!(square::value_and_grad(3.0), (9.0, 7.0));
        assert_eq!(square::jvp(3.0, 2.0), (9.0, 14.0));
        let (value, (x_bar, y_bar)) = caller::value_and_grad(2.0, 3.0);
        assert_eq!((value, x_bar, y_bar), (108.0, 63.0, 42.0 + 36.0));
        assert_eq!(caller::jvp(2.0, 3.0, 1.0, 0.0).1, 63.0);
        assert_eq!(caller::jvp(2.0, 3.0, 0.0, 1.0).1, 78.0);
    }

    #[derive(Clone, Debug, Differentiable)]
    struct Gain {
        factor: f64,
        taps: usize,
    }

    /// The value is clipped, the derivative is that of the line: a straight-through estimate.
    #[differentiable(pullback = clipped_pullback, jvp = clipped_jvp)]
    fn clipped(gain: &Gain, x: &[f64], #[constant] limit: f64) -> Vec<f64> {
        let line = x.iter().map(|x| gain.factor * x);
        line.map(|y| y.clamp(-limit, limit))
            .take(gain.taps)
            .collect()
    }

    #[allow(clippy::type_complexity, reason = "the contract gives the type")]
    fn clipped_pullback<'a>(
        gain: &'a Gain,
        x: &'a [f64],
        limit: f64,
    ) -> (
        Vec<f64>,
        impl Fn(Vec<f64>, &mut GainGradient, &mut [f64]) + use<'a>,
    ) {
        let pullback = move |y_bar: Vec<f64>, gain_bar: &mut GainGradient, x_bar: &mut [f64]| {
            for ((y_bar, x), x_bar) in y_bar.iter().zip(x).zip(x_bar) {
                gain_bar.factor += y_bar * x;
                *x_bar += y_bar * gain.factor;
            }
        };
        (clipped(gain, x, limit), pullback)
    }

    fn clipped_jvp(
        gain: &Gain,
        x: &[f64],
        limit: f64,
        gain_dot: &GainGradient,
        x_dot: &[f64],
    ) -> (Vec<f64>, Vec<f64>) {
        let tangent = x.iter().zip(x_dot).take(gain.taps);
        let tangent = tangent.map(|(x, x_dot)| gain.factor * x_dot + gain_dot.factor * x);
        (clipped(gain, x, limit), tangent.collect())
    }

    #[differentiable]
    fn through_a_vector(gain: &Gain, a: f64, b: f64) -> f64 {
        let x = [a, a * b, b];
        let y = clipped(gain, &x, 1.0);
        y[1] * y[1] + y[0]
    }

    #[test]
    fn of_structs_slices_and_constants() {
        let gain = Gain {
            factor: 2.0,
            taps: 2,
        };
        // x = (3, 15, 5), y = (1, 1): ȳ = (1, 2).
        let (value, (gain_bar, a, b)) = through_a_vector::value_and_grad(&gain, 3.0, 5.0);
        assert_eq!(value, 2.0);
        assert_eq!(gain_bar, GainGradient { factor: 33.0 });
        assert_eq!((a, b), (2.0 + 4.0 * 5.0, 4.0 * 3.0));
        let (_, tangent) =
            through_a_vector::jvp(&gain, 3.0, 5.0, &GainGradient { factor: 1.0 }, 10.0, 100.0);
        assert_eq!(tangent, 33.0 + 220.0 + 1200.0);
    }
}

/// Arguments that are not active, and parameters that do not want to be.
mod inactive_arguments {
    use super::*;

    #[differentiable]
    fn with_everything(x: f64, n: usize, flag: bool, #[constant] k: f64, y: f64) -> f64 {
        let sign = f64::from(u8::from(flag));
        x * k + y * n as f64 * sign
    }

    const WEIGHT: f64 = 4.0;

    #[differentiable]
    fn caller(x: f64, n: usize) -> f64 {
        with_everything(x, n + 1, true, 3.0, 2.0)
            + with_everything(1.5, 2, n > 1, WEIGHT, x)
            + with_everything(x, 7, false, x.floor(), 1.0)
    }

    /// An active value is no argument for a `#[constant]` parameter unless it is declared constant:
    /// then the value counts, its derivative does not.
    #[differentiable]
    fn constant_of_active(x: f64) -> f64 {
        #[constant]
        let k = x;
        with_everything(2.0, 1, true, k, 0.0) + x
    }

    #[test]
    fn are_passed_on() {
        assert_eq!(caller::grad(2.5, 3), 3.0 + 2.0 + 2.0);
        assert_eq!(caller::jvp(2.5, 3, 1.0).1, 7.0);
        assert_eq!(caller::grad(2.5, 1), 3.0 + 0.0 + 2.0);
        assert_eq!(constant_of_active::value_and_grad(3.0), (9.0, 1.0));
        assert_eq!(constant_of_active::jvp(3.0, 1.0).1, 1.0);
    }
}

mod names {
    use super::*;

    type Float = f64;
    type Vector = [f64; 2];

    const TABLE: [f64; 3] = [2.0, 3.0, 5.0];
    const SCALE: f64 = 0.5;
    static OFFSET: f64 = 0.25;

    struct Physics;

    impl Physics {
        const GRAVITY: f64 = 9.81;
    }

    #[differentiable]
    fn aliases(x: Float, v: Vector, w: &Vector) -> Float {
        x * v[0] + w[1] * v[1]
    }

    #[differentiable]
    fn constants(x: f64, k: usize) -> f64 {
        const LOCAL: f64 = 7.0;
        use std::f64::consts::PI;
        x * SCALE + OFFSET * x + TABLE[1] * x + TABLE[k] * x * Physics::GRAVITY + LOCAL * PI * x
            - x * std::f64::consts::E
            - f64::EPSILON * x
    }

    #[test]
    fn aliases_and_constants() {
        let (x, v, w) = aliases::grad(2.0, [3.0, 5.0], &[7.0, 11.0]);
        assert_eq!((x, v, w), (3.0, [2.0, 11.0], [0.0, 5.0]));
        assert_eq!(
            aliases::jvp(2.0, [3.0, 5.0], &[7.0, 11.0], 1.0, [0.0; 2], &[0.0, 1.0]).1,
            8.0
        );
        let slope = SCALE + OFFSET + 3.0 + 5.0 * 9.81 + 7.0 * std::f64::consts::PI
            - std::f64::consts::E
            - f64::EPSILON;
        assert_near(constants::grad(1.5, 2), slope);
        assert_near(constants::jvp(1.5, 2, 1.0).1, slope);
    }

    /// The derivative of a step is 0, so an index may be made from an active value by one.
    #[differentiable]
    fn looked_up(x: f64, table: &[f64]) -> f64 {
        let k = x.floor() as usize;
        let t = x - x.floor();
        table[k] * (1.0 - t) + table[k + 1] * t + table[x.trunc() as usize] * 0.0
    }

    #[test]
    fn steps_may_index() {
        let table = [1.0, 4.0, 10.0];
        let (value, (x, table_bar)) = looked_up::value_and_grad(1.25, &table);
        assert_eq!((value, x), (5.5, 6.0));
        assert_eq!(table_bar, [0.0, 0.75, 0.25]);
        assert_eq!(looked_up::jvp(1.25, &table, 1.0, &[1.0; 3]).1, 7.0);
    }

    #[allow(clippy::needless_late_init, reason = "it is what is tested")]
    #[differentiable]
    fn rebound(x: f64) -> f64 {
        let x = x * 2.0;
        let y = {
            let x = x + 1.0;
            x * x
        };
        let late;
        late = y * x;
        let mut sum = late;
        sum += x;
        sum *= 3.0;
        let _ = sum.exp();
        sum
    }

    #[test]
    fn shadowing_blocks_and_mutable_scalars() {
        // With u = 2x: 3((u + 1)²u + u), and its derivative by u doubled.
        let u = 3.0_f64;
        let slope = 2.0 * 3.0 * ((u + 1.0).powi(2) + 2.0 * (u + 1.0) * u + 1.0);
        assert_eq!(rebound::value_and_grad(1.5), (153.0, slope));
        assert_eq!(rebound::jvp(1.5, 1.0).1, slope);
        companion!(f64, 1, rebound).check([1.5]);
    }
}
