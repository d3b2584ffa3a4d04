//! Arrays without a pattern, and those of `reference.txt`.

use autodiff_runtime::Leaves;
use autodiff_runtime::differentiable::named_leaves;
use ndarray::{Array, Dimension, ShapeBuilder};

/// `sin` of multiples of the square root of 2: numbers in [−1, 1] that any language finds to the bit,
/// or nearly. `reference.py` has the same.
pub fn array<S: ShapeBuilder>(shape: S, seed: f64) -> Array<f64, S::Dim> {
    let mut k = 0.0;
    Array::from_shape_simple_fn(shape, || {
        k += 1.0;
        (seed + 2.0_f64.sqrt() * k * (1.0 + 0.01 * k)).sin()
    })
}

/// The numbers of an entry of `reference.txt`, whose lines are a name, a colon and numbers.
pub fn reference(name: &str) -> Vec<f64> {
    let lines = include_str!("reference.txt").lines();
    let mut entries = lines.filter_map(|line| line.split_once(": "));
    let (_, numbers) = entries
        .find(|(own, _)| *own == name)
        .unwrap_or_else(|| panic!("reference.txt has no `{name}`"));
    numbers
        .split(' ')
        .map(|number| number.parse().expect("reference.txt holds numbers"))
        .collect()
}

/// Holds numbers against an entry of `reference.txt`: within 1e-12 of the largest one.
#[track_caller]
fn expect_numbers(found: &[f64], name: &str) {
    let expected = reference(name);
    assert_eq!(found.len(), expected.len(), "{name}");
    let scale = expected.iter().fold(1.0_f64, |scale, x| scale.max(x.abs()));
    for (index, (found, expected)) in found.iter().zip(expected).enumerate() {
        let error = (found - expected).abs();
        assert!(
            error <= 1e-12 * scale,
            "{name}[{index}]: {found} {expected}"
        );
    }
}

/// Holds an array against an entry of `reference.txt`.
#[track_caller]
pub fn expect<D: Dimension>(found: &Array<f64, D>, name: &str) {
    let numbers: Vec<f64> = found.iter().copied().collect();
    expect_numbers(&numbers, name);
}

/// Holds every array of the gradient of a layer against the entry of its name.
#[track_caller]
pub fn expect_all(layer_bar: &impl Leaves, name: &str) {
    for (leaf, numbers) in named_leaves(layer_bar) {
        expect_numbers(&numbers, &format!("{name} {leaf}"));
    }
}
