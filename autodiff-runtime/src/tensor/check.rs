//! How tests hold a function of arrays against its rules.

use ndarray::{Array, Dimension};

/// A result laid out flat, and an adjoint of its shape.
pub(super) trait Flat {
    fn flat(&self) -> Vec<f64>;
    fn adjoint(&self, numbers: &[f64]) -> Self;
}

impl Flat for f64 {
    fn flat(&self) -> Vec<f64> {
        vec![*self]
    }

    fn adjoint(&self, numbers: &[f64]) -> f64 {
        numbers[0]
    }
}

impl<D: Dimension> Flat for Array<f64, D> {
    fn flat(&self) -> Vec<f64> {
        self.iter().copied().collect()
    }

    fn adjoint(&self, numbers: &[f64]) -> Self {
        Array::from_shape_vec(self.raw_dim(), numbers.to_vec()).expect("one number per element")
    }
}

/// `count` numbers between −1.5 and 1.5 that look like random ones.
pub(super) fn numbers(count: usize, seed: f64) -> Vec<f64> {
    (0..count)
        .map(|k| 1.5 * (seed + (k as f64 + 1.0) * 12.9898).sin())
        .collect()
}

/// Both rules of a function against central differences and against each other, at three points:
/// `check_rule!(f(a a_dot: (2, 3), b b_dot: 3); constant, …)`; a closure makes other numbers of those
/// between −1.5 and 1.5.
macro_rules! check_rule {
    ($function:ident $arguments:tt $(; $($constant:expr),+)?) => {
        check_rule!(by |x| x; $function $arguments $(; $($constant),+)?)
    };
    (by $point:expr; $function:ident($($name:ident $dot:ident: $shape:expr),+) $(; $($constant:expr),+)?) => {{
        use $crate::tensor::check::{Flat as _, numbers};

        #[allow(unused_assignments, reason = "there is nothing behind the last one")]
        let arrays = |flat: &[f64]| {
            let mut rest = flat;
            ($({
                let shape = ndarray::Array::<(), _>::default($shape).raw_dim();
                let (own, others) = rest.split_at(ndarray::Dimension::size(&shape));
                rest = others;
                ndarray::Array::from_shape_vec(shape, own.to_vec()).expect("one number per element")
            },)+)
        };
        let count = [$(ndarray::Array::<(), _>::default($shape).len()),+].iter().sum();
        let rule = $crate::activation::check::Rule::new(
            |flat: &[f64]| {
                let ($($name,)+) = arrays(flat);
                $function($(&$name,)+ $($($constant,)+)?).flat()
            },
            |flat: &[f64], cotangent: &[f64], bars: &mut [f64]| {
                let ($($name,)+) = arrays(flat);
                let (value, pullback) = $function::pullback($(&$name,)+ $($($constant,)+)?);
                let ($(mut $dot,)+) = arrays(bars);
                pullback(value.adjoint(cotangent), $(&mut $dot,)+);
                let mut bars = bars.iter_mut();
                $($dot.iter().zip(&mut bars).for_each(|(&own, bar)| *bar = own);)+
            },
            |flat: &[f64], tangent: &[f64]| {
                let (($($name,)+), ($($dot,)+)) = (arrays(flat), arrays(tangent));
                let (value, dot) = $function::jvp($(&$name,)+ $($($constant,)+)? $(&$dot,)+);
                (value.flat(), dot.flat())
            },
        );
        for seed in [0.1, 0.2, 0.3] {
            let point: Vec<f64> = numbers(count, seed).into_iter().map($point).collect();
            rule.check(&[&point]);
        }
    }};
}

pub(super) use check_rule;

/// A block of `data/reference.txt`.
pub(super) struct Reference {
    pub arguments: Vec<Vec<f64>>,
    pub value: Vec<f64>,
    pub weights: Vec<f64>,
    pub gradients: Vec<Vec<f64>>,
}

impl Reference {
    pub fn of(name: &str) -> Self {
        let text = include_str!("data/reference.txt");
        let block = text
            .split("\n\n")
            .find(|block| block.lines().next() == Some(name));
        let block = block.unwrap_or_else(|| panic!("no reference for `{name}`"));
        let all = |kind: &str| -> Vec<Vec<f64>> {
            let lines = block.lines().filter_map(|line| line.split_once(' '));
            lines
                .filter(|&(own, _)| own == kind)
                .map(|(_, numbers)| numbers.split(' ').map(|n| n.parse().unwrap()).collect())
                .collect()
        };
        Self {
            arguments: all("argument"),
            value: all("value").remove(0),
            weights: all("weights").remove(0),
            gradients: all("gradient"),
        }
    }
}

/// Asserts that numbers agree to a few units in the last place of the largest.
#[track_caller]
pub(super) fn assert_agree(found: &[f64], expected: &[f64]) {
    assert_eq!(found.len(), expected.len());
    let size = expected.iter().fold(0.0_f64, |size, x| size.max(x.abs()));
    for (found, expected) in found.iter().zip(expected) {
        assert!(
            (found - expected).abs() <= 1e-14 * size,
            "{found:e}, not {expected:e}"
        );
    }
}

/// Value and gradients of a function against the reference of that name, like [`check_rule`].
macro_rules! check_reference {
    ($name:expr, $function:ident($($own:ident: $shape:expr),+) $(; $($constant:expr),+)?) => {{
        use $crate::tensor::check::{Flat as _, Reference, assert_agree};

        let reference = Reference::of($name);
        let mut arguments = reference.arguments.iter();
        $(
            let numbers = arguments.next().expect("one line per argument").clone();
            let $own = ndarray::Array::from_shape_vec($shape, numbers).expect("the shape of the reference");
        )+
        let (value, pullback) = $function::pullback($(&$own,)+ $($($constant,)+)?);
        assert_agree(&value.flat(), &reference.value);
        $(let mut $own = ndarray::Array::zeros($own.raw_dim());)+
        pullback(value.adjoint(&reference.weights), $(&mut $own,)+);
        let mut gradients = reference.gradients.iter();
        $(assert_agree(&$own.flat(), gradients.next().expect("one line per argument"));)+
    }};
}

pub(super) use check_reference;
