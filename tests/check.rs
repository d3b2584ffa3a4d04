//! One value for all functions of a companion type, and what must hold between them.

use autodiff_runtime::Real;
use autodiff_runtime::graph::Trace;

use crate::points::Points;

/// A value and a gradient.
pub type Graded<T, const N: usize> = (T, [T; N]);

/// A way to value and gradient, from a point and one further argument.
pub type Reverse<T, const N: usize, A> = Box<dyn Fn([T; N], A) -> Graded<T, N>>;

/// A way to value and tangent, from a point and a tangent.
pub type Forward<T, const N: usize> = Box<dyn Fn([T; N], [T; N]) -> (T, T)>;

/// A way to value and two tangents, from a point and the tangents of each argument.
pub type Vector<T, const N: usize> = Box<dyn Fn([T; N], [[T; 2]; N]) -> Option<(T, [T; 2])>>;

/// A way to value and two gradients, from a point and two cotangents.
pub type Lanes<T, const N: usize> = Box<dyn Fn([T; N], [T; 2]) -> Option<(T, [[T; 2]; N])>>;

/// A function of `N` numbers with one result, with its derivatives, in one shape for every `N`.
/// Made by [`companion!`](crate::companion).
pub struct Companion<T, const N: usize> {
    /// For messages.
    pub name: &'static str,
    /// The function itself.
    pub value: Box<dyn Fn([T; N]) -> T>,
    /// `value_and_grad`.
    pub value_and_grad: Box<dyn Fn([T; N]) -> Graded<T, N>>,
    /// `grad`.
    pub grad: Box<dyn Fn([T; N]) -> [T; N]>,
    /// `grad_into`, with the buffers as found on entry.
    pub grad_into: Reverse<T, N, [T; N]>,
    /// `pullback`, applied to one cotangent after the other, with one set of buffers for all.
    pub pullback: Reverse<T, N, Vec<T>>,
    /// `vjp`.
    pub vjp: Reverse<T, N, T>,
    /// `jvp`.
    pub jvp: Forward<T, N>,
    /// Two tangents at once, as Jacobians take them; hand-written rules have no such program.
    pub vector: Vector<T, N>,
    /// Two cotangents at once, as Jacobians take them; hand-written rules have no such program.
    pub lanes: Lanes<T, N>,
    /// `trace`.
    pub trace: Box<dyn Fn([T; N]) -> Trace>,
}

/// `companion!(f64, 2, path::to::function)` is the [`Companion`] of a
/// function of two active scalars; further arguments are inactive ones that follow them.
#[macro_export]
macro_rules! companion {
    ($T:ty, 1, $($rest:tt)+) => { $crate::companion!(@ $T, [x x_dot], $($rest)+) };
    ($T:ty, 2, $($rest:tt)+) => { $crate::companion!(@ $T, [x x_dot, y y_dot], $($rest)+) };
    ($T:ty, 3, $($rest:tt)+) => { $crate::companion!(@ $T, [x x_dot, y y_dot, z z_dot], $($rest)+) };
    (@ inactive $constant:expr) => { () };
    (@ $T:ty, [$($x:ident $dot:ident),+], $($f:ident)::+ $(, $constant:expr)*) => {{
        #[allow(unused_parens)]
        let companion = $crate::check::Companion::<$T, { [$(stringify!($x)),+].len() }> {
            name: concat!(module_path!(), "::", stringify!($($f)::+)),
            value: Box::new(move |[$($x),+]| $($f)::+($($x,)+ $($constant),*)),
            value_and_grad: Box::new(move |[$($x),+]| {
                let (value, ($($x),+)) = $($f)::+::value_and_grad($($x,)+ $($constant),*);
                (value, [$($x),+])
            }),
            grad: Box::new(move |[$($x),+]| {
                let ($($x),+) = $($f)::+::grad($($x,)+ $($constant),*);
                [$($x),+]
            }),
            grad_into: Box::new(move |[$($x),+], mut bars| {
                let [$($dot),+] = &mut bars;
                let value = $($f)::+::grad_into($($x,)+ $($constant,)* $($dot),+);
                (value, bars)
            }),
            pullback: Box::new(move |[$($x),+], cotangents| {
                let (value, pullback) = $($f)::+::pullback($($x,)+ $($constant),*);
                let mut bars = [$($x),+].map(|_| 0.0);
                for cotangent in cotangents {
                    let [$($dot),+] = &mut bars;
                    pullback(cotangent, $($dot),+);
                }
                (value, bars)
            }),
            vjp: Box::new(move |[$($x),+], cotangent| {
                let (value, ($($x),+)) = $($f)::+::vjp($($x,)+ $($constant,)* cotangent);
                (value, [$($x),+])
            }),
            jvp: Box::new(move |[$($x),+], [$($dot),+]| {
                $($f)::+::jvp($($x,)+ $($constant,)* $($dot),+)
            }),
            vector: Box::new(move |[$($x),+], [$($dot),+]| {
                $($f)::+::call_vector_jvp(
                    $($x,)+ $($constant,)*
                    autodiff_runtime::__private::Width::<2>,
                    $($dot,)+ $($crate::companion!(@ inactive $constant)),*
                )
            }),
            lanes: Box::new(move |[$($x),+], cotangents| {
                let (value, pullback) = $($f)::+::call_vector_vjp(
                    $($x,)+ $($constant,)*
                    autodiff_runtime::__private::Width::<2>,
                )?;
                let mut bars = [$($x),+].map(|_| [0.0; 2]);
                let [$($dot),+] = &mut bars;
                pullback(
                    cotangents, $($dot,)+
                    // As a part of something, since rustc expects a trait object in the place of some.
                    $(&mut (autodiff_runtime::Differentiable::zero_tangents::<2>(&$constant),).0),*
                );
                Some((value, bars))
            }),
            trace: Box::new(move |[$($x),+]| $($f)::+::trace($($x,)+ $($constant),*)),
        };
        companion
    }};
}

/// The worst errors met, relative to the sizes that the comparison allows for.
#[derive(Clone, Copy, Debug, Default)]
pub struct Worst {
    /// Gradient against central differences.
    pub differences: f64,
    /// ⟨ȳ, ẏ⟩ against ⟨x̄, ẋ⟩.
    pub duality: f64,
    /// Gradient against the graph interpreter's.
    pub graph: f64,
}

impl Worst {
    /// The larger of each.
    pub fn include(&mut self, other: Worst) {
        self.differences = self.differences.max(other.differences);
        self.duality = self.duality.max(other.duality);
        self.graph = self.graph.max(other.graph);
    }
}

/// What the errors in `f64` may be.
const DIFFERENCES: f64 = 1e-11;
const EXACT: f64 = 1e-12;
/// In `f32`, a few units in the last place of the partial, or of this if that is smaller: rules
/// may be accurate relative to the largest partial only (tanh′ = 1 − tanh² is).
const SINGLE: f64 = 1e-6;
const SMALL: f64 = 0.1;

impl<T: Real, const N: usize> Companion<T, N> {
    /// The gradient at `x`, once all ways to it are known to give the same bits, and all ways to
    /// the value the bits of the plain function.
    ///
    /// # Panics
    ///
    /// If they do not.
    pub fn consistent_gradient(&self, x: [T; N]) -> [T; N] {
        let name = self.name;
        let zeros = [T::default(); N];
        let one = T::from_f64(1.0);
        let value = (self.value)(x);
        let (graded, gradient) = (self.value_and_grad)(x);
        let (added, buffers) = (self.grad_into)(x, zeros);
        let (pulled, pullback) = (self.pullback)(x, vec![one]);
        let (reverse, vjp) = (self.vjp)(x, one);
        let (forward, _) = (self.jvp)(x, zeros);
        for (way, other) in [
            ("value_and_grad", graded),
            ("grad_into", added),
            ("pullback", pulled),
            ("vjp", reverse),
            ("jvp", forward),
        ] {
            assert!(
                same_bits(value, other),
                "{name} at {x:?}: the value {value:?} comes as {other:?} from {way}"
            );
        }
        for (way, other) in [
            ("grad", (self.grad)(x)),
            ("grad_into", buffers),
            ("pullback", pullback),
            ("vjp", vjp),
        ] {
            // The sign of a zero depends on whether a buffer was added to, or made for the purpose.
            let same = gradient
                .iter()
                .zip(&other)
                .all(|(a, b)| a == b || same_bits(*a, *b));
            assert!(
                same,
                "{name} at {x:?}: {gradient:?}, but {other:?} by {way}"
            );
        }
        gradient
    }

    /// Tests ⟨ȳ, J·ẋ⟩ = ⟨Jᵀ·ȳ, ẋ⟩, and returns the error relative to the sum of the terms' sizes.
    ///
    /// # Panics
    ///
    /// If the two sides differ by more than `tolerance`.
    pub fn check_duality(&self, x: [T; N], cotangent: T, tangent: [T; N], tolerance: f64) -> f64 {
        self.check_vector(x, tangent);
        self.check_lanes(x, cotangent);
        let forward = (self.jvp)(x, tangent).1.to_f64() * cotangent.to_f64();
        let adjoint = (self.vjp)(x, cotangent).1;
        let terms: Vec<f64> = adjoint
            .iter()
            .zip(&tangent)
            .map(|(a, t)| a.to_f64() * t.to_f64())
            .collect();
        let reverse: f64 = terms.iter().sum();
        let size = terms.iter().fold(forward.abs(), |size, t| size + t.abs());
        let error = relative(forward - reverse, size);
        assert!(
            error <= tolerance,
            "{} at {x:?}: forward {forward:e}, reverse {reverse:e}",
            self.name
        );
        error
    }

    /// Tests that two tangents at once give the bits that each alone does.
    fn check_vector(&self, x: [T; N], tangent: [T; N]) {
        let other: [T; N] = std::array::from_fn(|k| tangent[N - 1 - k] * T::from_f64(-0.75));
        let both = std::array::from_fn(|k| [tangent[k], other[k]]);
        let Some((value, dots)) = (self.vector)(x, both) else {
            return;
        };
        let alone = [(self.jvp)(x, tangent), (self.jvp)(x, other)];
        for ((own, dot), lane) in alone.into_iter().zip(dots) {
            assert!(
                same_bits(value, own) && same_bits(lane, dot),
                "{} at {x:?}: {value:?} and {lane:?}, alone {own:?} and {dot:?}",
                self.name
            );
        }
    }

    /// Tests that two cotangents at once give the gradients that each alone does, up to the signs of
    /// zeros.
    fn check_lanes(&self, x: [T; N], cotangent: T) {
        let both = [cotangent, cotangent * T::from_f64(-0.75)];
        let Some((value, bars)) = (self.lanes)(x, both) else {
            return;
        };
        for (lane, cotangent) in both.into_iter().enumerate() {
            let (own, alone) = (self.vjp)(x, cotangent);
            let same = |(bars, alone): (&[T; 2], &T)| {
                bars[lane] == *alone || same_bits(bars[lane], *alone)
            };
            assert!(
                same_bits(value, own) && bars.iter().zip(&alone).all(same),
                "{} at {x:?}: {value:?} and {bars:?}, alone {own:?} and {alone:?}",
                self.name
            );
        }
    }

    /// Tests that the interpreter has this gradient, and returns the relative error.
    fn check_graph(&self, x: [T; N], gradient: [T; N], tolerance: f64, small: f64) -> f64 {
        let trace = (self.trace)(x);
        // The graph's inputs include the inactive ones, which come last.
        let errors = gradient
            .iter()
            .zip(trace.gradient())
            .map(|(own, by_graph)| {
                let error = relative(own.to_f64() - by_graph, own.to_f64().abs().max(small));
                assert!(
                    error <= tolerance,
                    "{} at {x:?}: {own:?}, but {by_graph:?} by the graph",
                    self.name
                );
                error
            });
        errors.fold(0.0, f64::max)
    }
}

impl<const N: usize> Companion<f64, N> {
    /// All checks at an ordinary point.
    ///
    /// # Panics
    ///
    /// If one of them fails.
    pub fn check(&self, x: [f64; N]) -> Worst {
        let gradient = self.consistent_gradient(x);
        let output = (self.trace)(x).output();
        assert!(
            same_bits((self.value)(x), output),
            "{} at {x:?}: the graph gives {output:e}",
            self.name
        );
        let (cotangent, tangent) = directions(x);
        Worst {
            differences: self.check_differences(x, gradient),
            duality: self.check_duality(x, cotangent, tangent, EXACT),
            graph: self.check_graph(x, gradient, EXACT, 0.0),
        }
    }

    /// Central differences of eighth order (Fornberg, *Generation of finite difference formulas on
    /// arbitrarily spaced grids*, 1988): the step may be large enough for rounding not to matter,
    /// and close to a pole, where low orders fail.
    fn check_differences(&self, x: [f64; N], gradient: [f64; N]) -> f64 {
        let value = (self.value)(x);
        let mut worst = 0.0_f64;
        for (k, &slope) in gradient.iter().enumerate() {
            let step = 1e-3 * x[k].abs().max(0.1);
            let at = |steps: f64| {
                let mut moved = x;
                moved[k] += steps * step;
                (self.value)(moved)
            };
            let weights = [4.0 / 5.0, -1.0 / 5.0, 4.0 / 105.0, -1.0 / 280.0];
            let differences = (1..)
                .zip(weights)
                .map(|(k, weight)| weight * (at(f64::from(k)) - at(-f64::from(k))))
                .sum::<f64>()
                / step;
            let error = relative(slope - differences, slope.abs().max(value.abs()));
            assert!(
                error <= DIFFERENCES,
                "{} at {x:?}: derivative {k} is {slope:e}, by differences {differences:e}",
                self.name
            );
            worst = worst.max(error);
        }
        worst
    }
}

impl<const N: usize> Companion<f32, N> {
    /// All checks in single precision; `double` is the same function in `f64`, whose gradient has
    /// the digits that differences in `f32` would lack.
    ///
    /// # Panics
    ///
    /// If one of them fails.
    pub fn check_beside(&self, double: &Companion<f64, N>, x: [f32; N]) -> Worst {
        let gradient = self.consistent_gradient(x);
        let wide = double.consistent_gradient(x.map(f64::from));
        let mut differences = 0.0_f64;
        for (own, exact) in gradient.iter().zip(wide) {
            let error = relative(f64::from(*own) - exact, exact.abs().max(SMALL));
            assert!(
                error <= SINGLE,
                "{} at {x:?}: {own:e}, in f64 {exact:e}",
                self.name
            );
            differences = differences.max(error);
        }
        let (cotangent, tangent) = directions(x);
        Worst {
            differences,
            duality: self.check_duality(x, cotangent, tangent, SINGLE),
            graph: self.check_graph(x, gradient, SINGLE, SMALL),
        }
    }
}

/// Points per function and way of writing it.
pub const POINTS: usize = 60;

/// Tests the same function in `f64` written in several ways, and in `f32`, at points of the box
/// that are `ordinary`, away from kinks and jumps, and prints the worst errors (`--nocapture`).
///
/// # Panics
///
/// If one of the checks fails.
pub fn check_all<const N: usize>(
    bounds: [(f64, f64); N],
    ordinary: impl Fn([f64; N]) -> bool,
    double: &[Companion<f64, N>],
    single: &[Companion<f32, N>],
) {
    let mut points = Points::seeded(N as u64 + 7);
    let mut worst = [Worst::default(); 2];
    let mut left = POINTS;
    while left > 0 {
        // Numbers of `f32`, so that both precisions see the same point.
        let x = points.inside(bounds).map(|x| x as f32);
        if !ordinary(x.map(f64::from)) {
            continue;
        }
        for companion in double {
            worst[0].include(companion.check(x.map(f64::from)));
        }
        for companion in single {
            worst[1].include(companion.check_beside(&double[0], x));
        }
        left -= 1;
    }
    for (worst, name) in worst.iter().zip([double[0].name, single[0].name]) {
        println!(
            "{name:50} differences {:.1e}  duality {:.1e}  graph {:.1e}",
            worst.differences, worst.duality, worst.graph
        );
    }
}

/// A cotangent and a tangent without a special value among them, scattered by the point.
fn directions<T: Real, const N: usize>(x: [T; N]) -> (T, [T; N]) {
    let seed = x.iter().fold(1, |seed: u64, x| {
        seed.wrapping_mul(31).wrapping_add(x.to_f64().to_bits())
    });
    let mut numbers = Points::seeded(seed);
    let mut next = || T::from_f64(numbers.uniform(0.5, 2.0));
    (next(), x.map(|_| -next()))
}

/// `error` in units of `size`; 0 if there is none, whatever the size.
fn relative(error: f64, size: f64) -> f64 {
    if error == 0.0 {
        0.0
    } else {
        error.abs() / size
    }
}

/// Whether two numbers are the same to the last bit. All NaNs count as one: which of two NaN
/// operands an addition passes on is not specified.
pub fn same_bits<T: Real>(a: T, b: T) -> bool {
    let (a, b) = (a.to_f64(), b.to_f64());
    a.to_bits() == b.to_bits() || (a.is_nan() && b.is_nan())
}
