//! What must hold between a function and its derivatives, whatever its signature: numbers, slices,
//! structs, arguments that are changed in place, results of any type.
//!
//! [`check!`](crate::check!) takes a call as one would write it, runs all checks at that point, and
//! gives the gradient for comparison with a closed form:
//!
//! ```ignore
//! let (c_bar, x_bar) = check!(horner(&c, x));                 // a scalar result
//! let x_bar = check!(power(x, const n));                      // `const`: not active
//! let (r_bar, angle_bar) = check!(polar(r, angle) => [1.0, 0.0]); // any result, with its cotangent
//! let (s_bar, k_bar) = check!(scale(&mut s => vec![1.0; 3], k) => ()); // changed in place: `s` is
//!                      // the contents on entry, the vector the cotangent of those on return
//! ```
//!
//! An argument for `&[T]` is a vector, any other reference is to the value itself.

use std::fmt::Debug;

use autodiff_runtime::differentiable::{leaves, leaves_mut};
use autodiff_runtime::{Differentiable, Gradient, Leaf, Leaves, Real};

use crate::check::same_bits;
use crate::points::Points;

/// Gradient against central differences, relative to the slope or the terms of the value: three times
/// what straight-line code gets, as loops round more often.
const DIFFERENCES: f64 = 3e-11;
/// Forward against reverse mode, relative to the terms of the product.
const DUALITY: f64 = 1e-12;
/// One way to the gradient against another, relative to the gradient's largest entry: a fused loop
/// adds in another order than a reverse loop.
const WAYS: f64 = 1e-12;
/// The latter two where a number is of single precision.
const SINGLE: f64 = 1e-5;
/// A gradient against its closed form, relative to the closed form's largest entry.
const CLOSED: f64 = 1e-11;

/// The gradient of a value.
type Bar<T> = <T as Differentiable>::Gradient;

/// A pullback: the result's cotangent, and the buffers.
type Pull<'a, P, O> = &'a dyn Fn(Bar<O>, &mut Bar<P>);

/// What may be done with a pullback.
type Uses<'a, P, O> = &'a mut dyn FnMut(Pull<'_, P, O>);

/// A function of arguments `P`, a tuple of all active ones, with result `O`, and its derivatives.
/// Made by [`check!`](crate::check!).
pub struct Derivatives<'a, P: Differentiable, O: Differentiable> {
    name: &'static str,
    /// The arguments on entry.
    point: P,
    /// Which arguments are changed in place.
    changed: Vec<bool>,
    value: Box<dyn Fn(&mut P) -> O + 'a>,
    reverse: Option<Reverse<'a, P, O>>,
    scalar: Option<Scalar<'a, P, O>>,
}

/// What every companion has.
#[allow(clippy::type_complexity, reason = "an alias would hide which is which")]
struct Reverse<'a, P: Differentiable, O: Differentiable> {
    pullback: Box<dyn Fn(&mut P, Uses<'_, P, O>) -> O + 'a>,
    vjp: Box<dyn Fn(&mut P, Bar<O>) -> (O, Bar<P>) + 'a>,
    jvp: Box<dyn Fn(&mut P, &mut Bar<P>) -> (O, Bar<O>) + 'a>,
}

/// What companions of functions with a scalar result have.
#[allow(clippy::type_complexity, reason = "an alias would hide which is which")]
struct Scalar<'a, P: Differentiable, O: Differentiable> {
    value_and_grad: Box<dyn Fn(&mut P) -> (O, Bar<P>) + 'a>,
    grad: Box<dyn Fn(&mut P) -> Bar<P> + 'a>,
    grad_into: Box<dyn Fn(&mut P, &mut Bar<P>) -> O + 'a>,
    one: Bar<O>,
}

impl<'a, P, O> Derivatives<'a, P, O>
where
    P: Differentiable + Clone + Debug,
    O: Differentiable,
{
    /// The function itself, at a point.
    pub fn new(
        name: &'static str,
        point: P,
        changed: &[bool],
        value: impl Fn(&mut P) -> O + 'a,
    ) -> Self {
        Self {
            name,
            point,
            changed: changed.to_vec(),
            value: Box::new(value),
            reverse: None,
            scalar: None,
        }
    }

    /// Adds what every companion has.
    #[must_use]
    pub fn with(
        mut self,
        pullback: impl Fn(&mut P, Uses<'_, P, O>) -> O + 'a,
        vjp: impl Fn(&mut P, Bar<O>) -> (O, Bar<P>) + 'a,
        jvp: impl Fn(&mut P, &mut Bar<P>) -> (O, Bar<O>) + 'a,
    ) -> Self {
        self.reverse = Some(Reverse {
            pullback: Box::new(pullback),
            vjp: Box::new(vjp),
            jvp: Box::new(jvp),
        });
        self
    }

    /// Adds what companions of functions with a scalar result have.
    #[must_use]
    pub fn with_scalar(
        mut self,
        value_and_grad: impl Fn(&mut P) -> (O, Bar<P>) + 'a,
        grad: impl Fn(&mut P) -> Bar<P> + 'a,
        grad_into: impl Fn(&mut P, &mut Bar<P>) -> O + 'a,
    ) -> Self
    where
        O: Real,
    {
        self.scalar = Some(Scalar {
            value_and_grad: Box::new(value_and_grad),
            grad: Box::new(grad),
            grad_into: Box::new(grad_into),
            one: O::from_f64(1.0),
        });
        self
    }

    /// All checks; the gradient is that for the cotangents given, of the result (one for scalars)
    /// and, set by `finals`, of the arguments' contents on return.
    ///
    /// # Panics
    ///
    /// If one of the checks fails.
    #[track_caller]
    pub fn check(&self, out_bar: Option<Bar<O>>, finals: impl FnOnce(&mut Bar<P>)) -> Bar<P> {
        self.run(out_bar, finals, true)
    }

    /// All checks but central differences, which mean nothing next to a kink or a jump.
    ///
    /// # Panics
    ///
    /// If one of the checks fails.
    #[track_caller]
    pub fn check_at_kink(
        &self,
        out_bar: Option<Bar<O>>,
        finals: impl FnOnce(&mut Bar<P>),
    ) -> Bar<P> {
        self.run(out_bar, finals, false)
    }

    #[track_caller]
    fn run(
        &self,
        out_bar: Option<Bar<O>>,
        finals: impl FnOnce(&mut Bar<P>),
        smooth: bool,
    ) -> Bar<P> {
        let mut after = self.point.clone();
        let value = (self.value)(&mut after);
        let mut finals_bar = self.point.zero_gradient();
        finals(&mut finals_bar);
        let one = || self.scalar.as_ref().map(|scalar| scalar.one.clone());
        let out_bar = out_bar
            .or_else(one)
            .expect("a result that is no scalar needs a cotangent");
        let given = (out_bar, finals_bar);

        let mut points = Points::seeded(seed(&self.point));
        let mut other = (value.zero_gradient(), self.point.zero_gradient());
        scatter(&mut other.0, &mut points);
        scatter(&mut other.1, &mut points);
        self.keep_changed(&mut other.1);

        let gradient = self.check_reverse(&value, &after, &given, &mut points);
        let second = self.check_reverse(&value, &after, &other, &mut points);
        for (bars, gradient) in [(&given, &gradient), (&other, &second)] {
            if smooth {
                self.check_differences(bars, gradient);
            }
            self.check_duality(&value, &after, bars, gradient, &mut points);
        }
        gradient
    }

    /// The pullback's gradient, once other ways to it agree.
    #[track_caller]
    fn check_reverse(
        &self,
        value: &O,
        after: &P,
        (out_bar, finals): &(Bar<O>, Bar<P>),
        points: &mut Points,
    ) -> Bar<P> {
        let Reverse { pullback, vjp, .. } = self.reverse.as_ref().expect("derivatives");
        let zero = self.point.zero_gradient();
        let mut first = finals.clone();
        let mut twice = finals.clone();
        let mut added = finals.clone();
        let mut without_finals = zero.clone();
        let mut before = zero.clone();
        scatter(&mut before, points);
        self.keep_unchanged(&mut before);
        added.add(&before);
        let mut point = self.point.clone();
        let pulled = pullback(&mut point, &mut |pull| {
            pull(out_bar.clone(), &mut first);
            pull(out_bar.clone(), &mut twice);
            pull(out_bar.clone(), &mut added);
            pull(out_bar.clone(), &mut without_finals);
        });
        self.same_result("pullback", (&pulled, &point), (value, after));
        self.same_gradient("the pullback's second run", &twice, &first);
        added.add_scaled(-1.0, &before);
        self.same_gradient("the pullback into a used buffer", &added, &first);

        let mut point = self.point.clone();
        let (reverse, gradient) = vjp(&mut point, out_bar.clone());
        self.same_result("vjp", (&reverse, &point), (value, after));
        self.same_gradient("vjp", &gradient, &without_finals);

        if let Some(scalar) = &self.scalar {
            let mut factor = numbers(out_bar)[0];
            if factor == 0.0 {
                factor = 1.0;
            }
            let mut point = self.point.clone();
            let (graded, mut gradient) = (scalar.value_and_grad)(&mut point);
            self.same_result("value_and_grad", (&graded, &point), (value, after));
            gradient.scale(factor);
            self.same_gradient("value_and_grad", &gradient, &without_finals);
            let mut point = self.point.clone();
            let mut gradient = (scalar.grad)(&mut point);
            self.same_arguments("grad", &point, after);
            gradient.scale(factor);
            self.same_gradient("grad", &gradient, &without_finals);

            let mut added = finals.clone();
            added.scale(1.0 / factor);
            added.add(&before);
            let mut point = self.point.clone();
            let into = (scalar.grad_into)(&mut point, &mut added);
            self.same_result("grad_into", (&into, &point), (value, after));
            added.add_scaled(-1.0, &before);
            added.scale(factor);
            self.same_gradient("grad_into", &added, &first);
        }
        first
    }

    /// ⟨ȳ, J·ẋ⟩ = ⟨Jᵀ·ȳ, ẋ⟩, where the gradient is finite.
    #[track_caller]
    fn check_duality(
        &self,
        value: &O,
        after: &P,
        (out_bar, finals): &(Bar<O>, Bar<P>),
        gradient: &Bar<P>,
        points: &mut Points,
    ) {
        let Reverse { jvp, .. } = self.reverse.as_ref().expect("derivatives");
        let mut dot = self.point.zero_gradient();
        scatter(&mut dot, points);
        let reverse = products(gradient, &dot);
        let mut point = self.point.clone();
        let (pushed, out_dot) = jvp(&mut point, &mut dot);
        self.same_result("jvp", (&pushed, &point), (value, after));
        let mut forward = products(out_bar, &out_dot);
        forward.extend(products(finals, &dot));
        let size: f64 = reverse.iter().chain(&forward).map(|term| term.abs()).sum();
        let (forward, reverse): (f64, f64) = (forward.iter().sum(), reverse.iter().sum());
        let tolerance = if self.is_single() { SINGLE } else { DUALITY };
        assert!(
            forward == reverse
                || (forward - reverse).abs() <= tolerance * size
                || !size.is_finite(),
            "{} at {:?}: forward {forward:e}, reverse {reverse:e}",
            self.name,
            self.point
        );
    }

    /// Central differences of eighth order, see [`Companion`](crate::check::Companion).
    #[track_caller]
    fn check_differences(&self, bars: &(Bar<O>, Bar<P>), gradient: &Bar<P>) {
        if self.is_single() {
            return;
        }
        let size = self.size(bars);
        let by_differences = numbers(&self.differences(bars, 1e-3));
        for (k, (slope, differences)) in numbers(gradient).iter().zip(by_differences).enumerate() {
            assert!(
                (slope - differences).abs() <= DIFFERENCES * slope.abs().max(size),
                "{} at {:?}: derivative {k} is {slope:e}, by differences {differences:e}",
                self.name,
                self.point
            );
        }
    }

    /// What the differences' rounding errors are relative to.
    fn size(&self, (out_bar, finals): &(Bar<O>, Bar<P>)) -> f64 {
        let mut point = self.point.clone();
        let value = (self.value)(&mut point);
        let terms = [
            products_with(out_bar, &value),
            products_with(finals, &point),
        ];
        terms.iter().flatten().map(|term| term.abs()).sum()
    }

    fn differences(&self, (out_bar, finals): &(Bar<O>, Bar<P>), step: f64) -> Bar<P> {
        let mut gradient = self.point.zero_gradient();
        let mut places = Vec::new();
        for (leaf, (_, run)) in leaves(&self.point).into_iter().enumerate() {
            places.extend(
                run.to_vec()
                    .into_iter()
                    .enumerate()
                    .map(|(k, x)| (leaf, k, x)),
            );
        }
        for (leaf, index, x) in places {
            let step = step * x.abs().max(0.1);
            let at = |steps: f64| {
                let mut point = self.point.clone();
                leaves_mut(&mut point)[leaf].1.set(index, x + steps * step);
                let value = (self.value)(&mut point);
                let terms = [
                    products_with(out_bar, &value),
                    products_with(finals, &point),
                ];
                terms.iter().flatten().sum::<f64>()
            };
            let weights = [4.0 / 5.0, -1.0 / 5.0, 4.0 / 105.0, -1.0 / 280.0];
            let sum: f64 = (1..)
                .zip(weights)
                .map(|(k, weight)| weight * (at(f64::from(k)) - at(-f64::from(k))))
                .sum();
            leaves_mut(&mut gradient)[leaf].1.set(index, sum / step);
        }
        gradient
    }

    fn is_single(&self) -> bool {
        let single = |(_, leaf): &(String, Leaf<'_>)| matches!(leaf, Leaf::F32(_));
        leaves(&self.point).iter().any(single)
    }

    /// Sets to zero what belongs to arguments that are not changed in place.
    fn keep_changed(&self, bar: &mut Bar<P>) {
        self.keep(bar, true);
    }

    /// Sets to zero what belongs to arguments that are changed in place.
    fn keep_unchanged(&self, bar: &mut Bar<P>) {
        self.keep(bar, false);
    }

    fn keep(&self, bar: &mut Bar<P>, changed: bool) {
        for (path, mut leaf) in leaves_mut(bar) {
            // The arguments are a tuple: a path starts with the place in it.
            let argument = path.split('.').next().and_then(|part| part.parse().ok());
            let argument: usize = argument.expect("the place of an argument");
            if self.changed[argument] != changed {
                for index in 0..leaf.as_leaf().len() {
                    leaf.set(index, 0.0);
                }
            }
        }
    }

    #[track_caller]
    fn same_result(&self, way: &str, found: (&O, &P), expected: (&O, &P)) {
        let (found_numbers, expected_numbers) = (numbers(found.0), numbers(expected.0));
        assert!(
            same(&found_numbers, &expected_numbers),
            "{} at {:?}: the value {expected_numbers:?} comes as {found_numbers:?} from {way}",
            self.name,
            self.point
        );
        self.same_arguments(way, found.1, expected.1);
    }

    #[track_caller]
    fn same_arguments(&self, way: &str, found: &P, expected: &P) {
        assert!(
            same(&numbers(found), &numbers(expected)),
            "{} at {:?}: leaves {expected:?}, but {found:?} by {way}",
            self.name,
            self.point
        );
    }

    #[track_caller]
    fn same_gradient(&self, way: &str, found: &Bar<P>, expected: &Bar<P>) {
        let tolerance = if self.is_single() { SINGLE } else { WAYS };
        assert!(
            agree(&numbers(found), &numbers(expected), tolerance),
            "{} at {:?}: {expected:?}, but {found:?} by {way}",
            self.name,
            self.point
        );
    }
}

/// Tests a gradient against its closed form.
///
/// # Panics
///
/// If they differ by more than rounding errors.
#[track_caller]
pub fn assert_near(found: impl Leaves + Debug, expected: impl Leaves + Debug) {
    assert!(
        agree(&numbers(&found), &numbers(&expected), CLOSED),
        "{found:?}, not {expected:?}"
    );
}

/// Tests a gradient in single precision against the same in double precision.
///
/// # Panics
///
/// If they differ by more than rounding errors.
#[track_caller]
pub fn assert_near_single(found: impl Leaves + Debug, expected: impl Leaves + Debug) {
    assert!(
        agree(&numbers(&found), &numbers(&expected), SINGLE),
        "{found:?}, not {expected:?}"
    );
}

/// All numbers of a value, in order.
pub fn numbers(value: &(impl Leaves + ?Sized)) -> Vec<f64> {
    let mut numbers = Vec::new();
    for (_, leaf) in leaves(value) {
        numbers.extend(leaf.to_vec());
    }
    numbers
}

/// A copy of an argument. (A method would want the type of a literal to be known.)
pub fn own<T: Clone>(value: &T) -> T {
    value.clone()
}

/// A number that differs from point to point.
fn seed(point: &impl Leaves) -> u64 {
    numbers(point).iter().fold(1, |seed: u64, x| {
        seed.wrapping_mul(31).wrapping_add(x.to_bits())
    })
}

/// Numbers without a special one among them.
fn scatter(value: &mut impl Leaves, points: &mut Points) {
    for (_, mut leaf) in leaves_mut(value) {
        for index in 0..leaf.as_leaf().len() {
            let sign = if points.uniform(-1.0, 1.0) < 0.0 {
                -1.0
            } else {
                1.0
            };
            leaf.set(index, sign * points.uniform(0.5, 2.0));
        }
    }
}

/// The terms of the inner product of two values of one shape.
fn products(a: &impl Leaves, b: &impl Leaves) -> Vec<f64> {
    let (a, b) = (numbers(a), numbers(b));
    assert_eq!(a.len(), b.len(), "two shapes");
    // An infinite entry times zero is nothing.
    let product = |(a, b): (&f64, &f64)| if *a == 0.0 || *b == 0.0 { 0.0 } else { a * b };
    a.iter().zip(&b).map(product).collect()
}

/// The same, of a cotangent and the value it belongs to.
fn products_with(bar: &impl Leaves, value: &impl Leaves) -> Vec<f64> {
    products(bar, value)
}

fn same(a: &[f64], b: &[f64]) -> bool {
    a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same_bits(*a, *b))
}

fn agree(a: &[f64], b: &[f64], tolerance: f64) -> bool {
    let finite = |x: &&f64| x.is_finite();
    let largest = b
        .iter()
        .filter(finite)
        .fold(0.0_f64, |size, x| size.max(x.abs()));
    let near = |a: f64, b: f64| a == b || same_bits(a, b) || (a - b).abs() <= tolerance * largest;
    a.len() == b.len() && a.iter().zip(b).all(|(a, b)| near(*a, *b))
}

/// Runs all checks of a call's derivatives, and gives the gradient; see [`derivatives`](crate::derivatives).
#[macro_export]
macro_rules! check {
    ($($f:ident)::+ ($($arguments:tt)*) $(=> $out_bar:expr)?) => {
        $crate::__check!(check
            [($($f)::+) ($($f)::+::value_and_grad) ($($f)::+::grad) ($($f)::+::grad_into)
             ($($f)::+::pullback) ($($f)::+::vjp) ($($f)::+::jvp)]
            [$($out_bar)?] [] [] [$($arguments)*])
    };
}

/// As [`check!`](crate::check!), without central differences: for kinks and jumps.
#[macro_export]
macro_rules! check_at_kink {
    ($($f:ident)::+ ($($arguments:tt)*) $(=> $out_bar:expr)?) => {
        $crate::__check!(check_at_kink
            [($($f)::+) ($($f)::+::value_and_grad) ($($f)::+::grad) ($($f)::+::grad_into)
             ($($f)::+::pullback) ($($f)::+::vjp) ($($f)::+::jvp)]
            [$($out_bar)?] [] [] [$($arguments)*])
    };
}

/// As [`check!`](crate::check!), for a method; the receiver comes first. For want of a way to make
/// names from names, all of them are listed; without the first three derivatives where the result
/// is no scalar.
///
/// ```ignore
/// check_method!(Spring::{
///     energy, energy_value_and_grad, energy_grad, energy_grad_into, energy_pullback, energy_vjp, energy_jvp
/// }(&spring, length));
/// check_method!(Spring::{ends, ends_pullback, ends_vjp, ends_jvp}(&spring) => [1.0, 0.0]);
/// ```
#[macro_export]
macro_rules! check_method {
    ($type:ident::{
        $f:ident, $value_and_grad:ident, $grad:ident, $grad_into:ident,
        $pullback:ident, $vjp:ident, $jvp:ident $(,)?
    }($($arguments:tt)*)) => {
        $crate::__check!(check
            [($type::$f) ($type::$value_and_grad) ($type::$grad) ($type::$grad_into)
             ($type::$pullback) ($type::$vjp) ($type::$jvp)]
            [] [] [] [$($arguments)*])
    };
    ($type:ident::{$f:ident, $pullback:ident, $vjp:ident, $jvp:ident $(,)?}
        ($($arguments:tt)*) => $out_bar:expr) => {
        $crate::__check!(check
            [($type::$f) () () () ($type::$pullback) ($type::$vjp) ($type::$jvp)]
            [$out_bar] [] [] [$($arguments)*])
    };
}

/// Sorts the arguments into all of them and the active ones, then builds the checks.
#[doc(hidden)]
#[macro_export]
macro_rules! __check {
    ($how:ident $names:tt $out:tt [$($all:tt)*] [$($active:tt)*]
        [const $e:expr $(, $($rest:tt)*)?]) => {
        $crate::__check!($how $names $out
            [$($all)* (constant constant constant $e)] [$($active)*] [$($($rest)*)?])
    };
    ($how:ident $names:tt $out:tt [$($all:tt)*] [$($active:tt)*]
        [&mut $e:expr => $final_bar:expr $(, $($rest:tt)*)?]) => {
        $crate::__check!($how $names $out
            [$($all)* (unique x x_bar $e)] [$($active)* (unique x x_bar $e, $final_bar)]
            [$($($rest)*)?])
    };
    ($how:ident $names:tt $out:tt [$($all:tt)*] [$($active:tt)*]
        [& $e:expr $(, $($rest:tt)*)?]) => {
        $crate::__check!($how $names $out
            [$($all)* (shared x x_bar $e)] [$($active)* (shared x x_bar $e)] [$($($rest)*)?])
    };
    ($how:ident $names:tt $out:tt [$($all:tt)*] [$($active:tt)*]
        [$e:expr $(, $($rest:tt)*)?]) => {
        $crate::__check!($how $names $out
            [$($all)* (owned x x_bar $e)] [$($active)* (owned x x_bar $e)] [$($($rest)*)?])
    };
    // A scalar result.
    ($how:ident [$f:tt $value_and_grad:tt $grad:tt $grad_into:tt $pullback:tt $vjp:tt $jvp:tt] []
        [$(($mode:ident $arg:ident $arg_bar:ident $e:expr))*]
        [$(($kind:ident $x:ident $x_bar:ident $value:expr $(, $final_bar:expr)?))+] []) => {{
        #[allow(unused_parens, unused_variables)]
        let ($($x_bar,)+) = $crate::__check!(@general [$f $pullback $vjp $jvp]
            [$(($mode $arg $arg_bar $e))*] [$(($kind $x $x_bar $value))+])
        .with_scalar(
            |point| {
                let ($($x,)+) = point;
                let (value, ($($x_bar),+)) =
                    $value_and_grad($($crate::__check!(@argument $mode $arg $e)),*);
                (value, ($($x_bar,)+))
            },
            |point| {
                let ($($x,)+) = point;
                let ($($x_bar),+) = $grad($($crate::__check!(@argument $mode $arg $e)),*);
                ($($x_bar,)+)
            },
            |point, bars| {
                let ($($x,)+) = point;
                let ($($x_bar,)+) = bars;
                $grad_into($($crate::__check!(@argument $mode $arg $e),)* $($x_bar),+)
            },
        )
        .$how(None, |bars| {
            let ($($x_bar,)+) = bars;
            $($(*$x_bar = $final_bar;)?)+
        });
        ($($x_bar),+)
    }};
    // Any result.
    ($how:ident [$f:tt $value_and_grad:tt $grad:tt $grad_into:tt $pullback:tt $vjp:tt $jvp:tt]
        [$out_bar:expr]
        [$(($mode:ident $arg:ident $arg_bar:ident $e:expr))*]
        [$(($kind:ident $x:ident $x_bar:ident $value:expr $(, $final_bar:expr)?))+] []) => {{
        #[allow(unused_parens, unused_variables)]
        let ($($x_bar,)+) = $crate::__check!(@general [$f $pullback $vjp $jvp]
            [$(($mode $arg $arg_bar $e))*] [$(($kind $x $x_bar $value))+])
        .$how(Some($out_bar), |bars| {
            let ($($x_bar,)+) = bars;
            $($(*$x_bar = $final_bar;)?)+
        });
        ($($x_bar),+)
    }};
    (@general [$f:tt $pullback:tt $vjp:tt $jvp:tt]
        [$(($mode:ident $arg:ident $arg_bar:ident $e:expr))*]
        [$(($kind:ident $x:ident $x_bar:ident $value:expr))+]) => {
        $crate::derivatives::Derivatives::new(
            concat!(module_path!(), "::", stringify!($f)),
            ($($crate::derivatives::own(&$value),)+),
            &[$($crate::__check!(@changed $kind)),+],
            |point| {
                let ($($x,)+) = point;
                $f($($crate::__check!(@argument $mode $arg $e)),*)
            },
        )
        .with(
            |point, uses| {
                let ($($x,)+) = point;
                let (value, pullback) =
                    $pullback($($crate::__check!(@argument $mode $arg $e)),*);
                uses(&|out_bar, bars| {
                    let ($($x_bar,)+) = bars;
                    pullback(out_bar, $($x_bar),+);
                });
                value
            },
            |point, out_bar| {
                let ($($x,)+) = point;
                let (value, ($($x_bar),+)) =
                    $vjp($($crate::__check!(@argument $mode $arg $e),)* out_bar);
                (value, ($($x_bar,)+))
            },
            |point, dots| {
                let ($($x,)+) = point;
                let ($($x_bar,)+) = dots;
                $jvp(
                    $($crate::__check!(@argument $mode $arg $e),)*
                    $($crate::__check!(@argument $kind $x_bar ())),+
                )
            },
        )
    };
    (@argument owned $x:ident $e:expr) => { $crate::derivatives::own($x) };
    (@argument shared $x:ident $e:expr) => { &*$x };
    (@argument unique $x:ident $e:expr) => { &mut *$x };
    (@argument constant $x:ident $e:expr) => { $e };
    (@changed unique) => { true };
    (@changed $kind:ident) => { false };
}
