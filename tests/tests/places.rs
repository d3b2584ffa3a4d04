//! Values that are not `Copy`, and the parts of them: borrowed, taken apart, passed on and returned,
//! while the reverse pass still needs them; and fields whose float type only rustc knows.

use autodiff_runtime::prelude::*;

#[derive(Clone, Debug, PartialEq, Differentiable)]
struct Point {
    x: f64,
    y: f64,
}

#[derive(Clone, Debug, PartialEq, Differentiable)]
struct Frame {
    origin: Point,
    axes: [f64; 2],
}

#[differentiable]
fn make(x: f64) -> Point {
    Point {
        x: x * x,
        y: 3.0 * x,
    }
}

#[differentiable]
fn product(p: &Point, k: f64) -> f64 {
    p.x * p.y * k
}

#[differentiable]
fn pair(p: &Point, q: &Point) -> f64 {
    p.x * q.y
}

#[differentiable]
fn parts(f: &Frame) -> (Point, f64) {
    (
        Point {
            x: f.axes[0] * f.origin.y,
            y: f.origin.x,
        },
        f.axes[1] * f.origin.x,
    )
}

/// Returns what a call still borrows.
#[differentiable]
fn returned_and_borrowed(x: f64) -> (Point, f64) {
    let p = make(x);
    let k = product(&p, x);
    (p, k)
}

/// The same place, twice in one call.
#[differentiable]
fn the_same_part_twice(f: &Frame) -> f64 {
    pair(&f.origin, &f.origin)
}

/// The parts of a call's result, one of them passed on by reference.
#[differentiable]
fn taken_apart(f: &Frame) -> f64 {
    let (p, k) = parts(f);
    product(&p, 2.0) * k
}

fn frame() -> Frame {
    Frame {
        origin: Point { x: 2.0, y: 3.0 },
        axes: [5.0, 7.0],
    }
}

#[test]
fn a_borrowed_value_is_returned() {
    // p = (x², 3x), k = 3x⁴; the pullback of (p̄, k̄).
    let (value, x_bar) =
        returned_and_borrowed::vjp(2.0, (PointGradient { x: 1.0, y: 10.0 }, 100.0));
    assert_eq!(value, (Point { x: 4.0, y: 6.0 }, 48.0));
    assert_eq!(x_bar, 4.0 + 30.0 + 9600.0);
    let (_, pullback) = returned_and_borrowed::pullback(2.0);
    for calls in 1..3 {
        let mut x_bar = 0.0;
        for _ in 0..calls {
            pullback((PointGradient { x: 1.0, y: 10.0 }, 100.0), &mut x_bar);
        }
        assert_eq!(x_bar, 9634.0 * f64::from(calls));
    }
}

#[test]
fn one_part_in_two_places() {
    let gradient = the_same_part_twice::grad(&frame());
    assert_eq!(gradient.origin, PointGradient { x: 3.0, y: 2.0 });
    let (_, tangent) = the_same_part_twice::jvp(&frame(), &gradient);
    assert_eq!(tangent, 13.0);
}

#[test]
fn parts_of_a_result() {
    // 2 · (a₀ y · x) · (a₁ x)
    let (value, gradient) = taken_apart::value_and_grad(&frame());
    assert_eq!(value, 2.0 * 15.0 * 2.0 * 14.0);
    assert_eq!(gradient.axes, [value / 5.0, value / 7.0]);
    assert_eq!(
        gradient.origin,
        PointGradient {
            x: 2.0 * value / 2.0,
            y: value / 3.0
        }
    );
}

/// Nothing in these signatures names the scalar.
mod of_unseen_floats {
    use super::*;

    #[derive(Clone, Debug, PartialEq, Differentiable)]
    struct Single {
        x: f32,
        y: f32,
    }

    #[derive(Clone, Debug, PartialEq, Differentiable)]
    struct Pair<T: Real> {
        x: T,
        y: T,
    }

    #[differentiable]
    fn unit(a: &Single) -> Single {
        let norm = a.x.hypot(a.y);
        Single {
            x: a.x / norm,
            y: a.y / norm,
        }
    }

    #[differentiable]
    fn turned<T: Real>(a: &Pair<T>) -> Pair<T> {
        Pair {
            x: -a.y,
            y: T::from_f64(2.0) * a.x,
        }
    }

    #[differentiable]
    fn widened(a: &Single) -> f64 {
        (a.x * a.y) as f64
    }

    #[test]
    fn have_their_gradients() {
        let a = Single { x: 3.0, y: 4.0 };
        let (value, gradient) = unit::vjp(&a, SingleGradient { x: 1.0, y: 0.0 });
        assert_eq!(value, Single { x: 0.6, y: 0.8 });
        assert!((gradient.x - 0.128).abs() < 1e-6 && (gradient.y + 0.096).abs() < 1e-6);
        let b = Pair { x: 3.0_f32, y: 4.0 };
        let (_, tangent) = turned::jvp(&b, &PairGradient { x: 1.0, y: 10.0 });
        assert_eq!(tangent, PairGradient { x: -10.0, y: 2.0 });
        assert_eq!(widened::grad(&a), SingleGradient { x: 4.0, y: 3.0 });
    }
}

/// Fields of any number type are cast; floats have a derivative through it, integers none.
mod casts_of_fields {
    use super::*;

    #[derive(Clone, Debug, PartialEq, Differentiable)]
    struct Mixed {
        gain: f32,
        wide: f64,
        count: usize,
        pair: (f64, usize),
    }

    #[differentiable]
    fn energy(m: &Mixed, x: f64) -> f64 {
        let narrow = m.wide as f32;
        m.gain as f64 * x * m.count as f64 + narrow as f64 * m.pair.1 as f64
    }

    #[test]
    fn reach_what_has_a_gradient() {
        let m = Mixed {
            gain: 0.5,
            wide: 3.0,
            count: 4,
            pair: (1.0, 7),
        };
        let (value, (gradient, x_bar)) = energy::value_and_grad(&m, 2.0);
        assert_eq!((value, x_bar), (4.0 + 21.0, 2.0));
        assert_eq!(
            gradient,
            MixedGradient {
                gain: 8.0,
                wide: 7.0,
                pair: (0.0, ())
            }
        );
        let (_, tangent) = energy::jvp(&m, 2.0, &gradient, x_bar);
        assert_eq!(tangent, 64.0 + 49.0 + 4.0);
    }
}

/// The stable forms are found in fields as in variables.
mod stable_forms {
    use super::*;

    #[differentiable]
    fn norm(p: &Point) -> f64 {
        (p.x * p.x + p.y * p.y).sqrt()
    }

    #[differentiable]
    fn share(p: &Point) -> f64 {
        p.x.exp() / (1.0 + p.x.exp()) + 0.0 * p.y
    }

    #[differentiable]
    fn norm_of_pair(p: (f64, f64)) -> f64 {
        (p.0 * p.0 + p.1 * p.1).sqrt()
    }

    #[test]
    fn are_found_in_fields() {
        assert_eq!(
            norm::grad(&Point { x: 0.0, y: 0.0 }),
            PointGradient { x: 0.0, y: 0.0 }
        );
        let far = norm::grad(&Point { x: 3e200, y: 4e200 });
        assert!((far.x - 0.6).abs() < 1e-15 && (far.y - 0.8).abs() < 1e-15);
        assert_eq!(share::grad(&Point { x: 800.0, y: 0.0 }).x, 0.0);
        assert_eq!(norm_of_pair::grad((0.0, 0.0)), (0.0, 0.0));
    }
}
