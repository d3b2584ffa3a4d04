//! `#[derive(Differentiable)]` on structs of many shapes, as a user's crate sees it.

use std::fmt::Debug;
use std::marker::PhantomData;

use autodiff_runtime::differentiable::{leaves_mut, named_leaves, parameter_count};
use autodiff_runtime::prelude::*;

fn leaf(path: &str, numbers: &[f64]) -> (String, Vec<f64>) {
    (path.to_owned(), numbers.to_vec())
}

/// Holds for every differentiable value: its zero gradient has its leaves, and the operations of
/// `Gradient` are those of a vector space on them.
fn check_vector_space<S>(value: &mut S)
where
    S: Differentiable,
{
    let numbers = named_leaves(value);
    let zero = value.zero_gradient();
    let zeros = named_leaves(&zero);
    assert_eq!(zeros.len(), numbers.len());
    for ((path, own), (zero_path, zero)) in numbers.iter().zip(&zeros) {
        assert_eq!(path, zero_path);
        assert_eq!(*zero, vec![0.0; own.len()]);
    }

    let mut count = 0.0;
    let mut counted = zero.clone();
    for (_, mut leaf) in leaves_mut(&mut counted) {
        for index in 0..leaf.as_leaf().len() {
            count += 1.0;
            leaf.set(index, count);
        }
    }
    let sum_of_squares = (1..=count as u32).map(|n| f64::from(n * n)).sum::<f64>();
    assert_eq!(counted.inner(&counted), sum_of_squares);
    assert_eq!(counted.inner(&zero), 0.0);

    let mut sum = zero.clone();
    sum.add(&counted);
    assert_eq!(sum, counted);
    sum.add_scaled(-0.5, &counted);
    sum.scale(2.0);
    assert_eq!(sum, counted);
    assert!(count == 0.0 || sum != zero);
    sum.set_zero();
    assert_eq!(sum, zero);
}

#[derive(Differentiable)]
struct Spring {
    stiffness: f64,
    #[constant]
    rest_length: f64,
    coils: u32,
    name: String,
    position: [f64; 3],
}

fn spring() -> Spring {
    Spring {
        stiffness: 2.0,
        rest_length: 1.0,
        coils: 7,
        name: "coil".to_owned(),
        position: [3.0, 4.0, 5.0],
    }
}

#[test]
fn named_fields_keep_only_their_floats() {
    let mut spring = spring();
    assert_eq!(
        spring.zero_gradient(),
        SpringGradient {
            stiffness: 0.0,
            position: [0.0; 3]
        }
    );
    assert_eq!(
        named_leaves(&spring),
        [
            leaf("stiffness", &[2.0]),
            leaf("position", &[3.0, 4.0, 5.0])
        ]
    );
    check_vector_space(&mut spring);
    assert_eq!(
        (spring.rest_length, spring.coils, spring.name.as_str()),
        (1.0, 7, "coil")
    );
}

#[test]
fn a_gradient_prints_clones_and_compares() {
    let gradient = SpringGradient {
        stiffness: 1.0,
        position: [0.0; 3],
    };
    assert_eq!(
        format!("{gradient:?}"),
        "SpringGradient { stiffness: 1.0, position: [0.0, 0.0, 0.0] }"
    );
    assert_eq!(gradient.clone(), gradient);
    assert_ne!(
        SpringGradient {
            stiffness: 2.0,
            ..gradient.clone()
        },
        gradient
    );
    assert_ne!(
        SpringGradient {
            position: [0.0, 0.0, 1.0],
            ..gradient.clone()
        },
        gradient
    );
}

#[test]
fn leaves_can_be_changed_in_place() {
    let mut spring = spring();
    for (path, mut leaf) in leaves_mut(&mut spring) {
        if path == "position" {
            leaf.set(1, -4.0);
        }
    }
    assert_eq!(spring.position, [3.0, -4.0, 5.0]);
}

#[derive(Differentiable)]
struct Tuple(f64, usize, #[constant] f64, (f32, bool), Vec<f64>);

#[test]
fn a_left_out_field_of_a_tuple_struct_keeps_its_place() {
    let mut tuple = Tuple(1.0, 2, 3.0, (4.0, true), vec![5.0, 6.0]);
    let gradient = tuple.zero_gradient();
    assert_eq!(
        gradient,
        TupleGradient(0.0, (), (), (0.0, ()), vec![0.0, 0.0])
    );
    assert_eq!(
        format!("{gradient:?}"),
        "TupleGradient(0.0, (), (), (0.0, ()), [0.0, 0.0])"
    );
    assert_eq!(
        named_leaves(&tuple),
        [
            leaf("0", &[1.0]),
            leaf("3.0", &[4.0]),
            leaf("4", &[5.0, 6.0])
        ]
    );
    check_vector_space(&mut tuple);
    assert_eq!((tuple.1, tuple.2), (2, 3.0));
}

#[derive(Differentiable, Debug, PartialEq)]
struct Unit;

#[derive(Differentiable)]
struct Empty {}

#[derive(Differentiable)]
struct OnlyIntegers {
    sizes: Vec<usize>,
    labels: [&'static str; 2],
    pairs: (u8, [char; 2]),
    range: std::ops::Range<usize>,
}

#[test]
fn structs_without_floats_have_an_empty_gradient() {
    assert_eq!(Unit.zero_gradient(), UnitGradient);
    assert_eq!(format!("{:?}", UnitGradient), "UnitGradient");
    assert_eq!(Empty {}.zero_gradient(), EmptyGradient {});
    let mut only = OnlyIntegers {
        sizes: vec![1],
        labels: ["a", "b"],
        pairs: (1, ['x', 'y']),
        range: 0..1,
    };
    assert_eq!(only.zero_gradient(), OnlyIntegersGradient {});
    check_vector_space(&mut Unit);
    check_vector_space(&mut Empty {});
    check_vector_space(&mut only);
    assert_eq!(
        (
            only.sizes.len(),
            only.labels[0],
            only.pairs.0,
            only.range.len()
        ),
        (1, "a", 1, 1)
    );
}

/// A layer generic over precision and size.
#[derive(Differentiable, Clone)]
pub struct Layer<T: Real = f64, const N: usize = 2> {
    /// The weights.
    pub weight: [[T; N]; N],
    /// The biases.
    pub bias: [T; N],
}

impl<T: Real, const N: usize> Layer<T, N> {
    fn counted() -> Self {
        let mut next = 0.0;
        let mut count = || {
            next += 1.0;
            T::from_f64(next)
        };
        Layer {
            weight: std::array::from_fn(|_| std::array::from_fn(|_| count())),
            bias: std::array::from_fn(|_| count()),
        }
    }
}

#[derive(Differentiable)]
struct Network<T: Real, const N: usize>
where
    T: Debug,
{
    layers: Vec<Layer<T, N>>,
    scale: T,
    depth: usize,
}

#[test]
fn generic_structs_nest() {
    let mut network = Network {
        layers: vec![Layer::<f32, 2>::counted(); 2],
        scale: 0.5,
        depth: 2,
    };
    let names: Vec<String> = named_leaves(&network)
        .into_iter()
        .map(|(path, _)| path)
        .collect();
    assert_eq!(
        names,
        [
            "layers.0.weight.0",
            "layers.0.weight.1",
            "layers.0.bias",
            "layers.1.weight.0",
            "layers.1.weight.1",
            "layers.1.bias",
            "scale",
        ]
    );
    assert_eq!(parameter_count(&network), 13);
    let gradient: NetworkGradient<f32, 2> = network.zero_gradient();
    assert_eq!(
        gradient.layers[1],
        LayerGradient {
            weight: [[0.0; 2]; 2],
            bias: [0.0; 2]
        }
    );
    assert_eq!(gradient.scale, 0.0_f32);
    check_vector_space(&mut network);
    assert_eq!(network.depth, 2);
}

#[test]
fn defaults_of_parameters_hold_for_the_gradient_too() {
    let gradient: LayerGradient = Layer::<f64, 2>::counted().zero_gradient();
    assert_eq!(gradient.bias, [0.0_f64; 2]);
}

/// What generated code does in a function generic over the precision.
fn add_slope<T: Real, const N: usize>(gradient: &mut LayerGradient<T, N>, slope: T) {
    gradient.bias[0] += slope;
}

#[test]
fn gradients_of_generic_structs_compute_in_generic_functions() {
    let mut gradient = Layer::<f64, 2>::counted().zero_gradient();
    add_slope(&mut gradient, 1.5);
    assert_eq!(gradient.bias, [1.5, 0.0]);
}

#[derive(Differentiable)]
struct Pair<A, B, Tag> {
    first: A,
    second: Vec<B>,
    tag: PhantomData<Tag>,
}

struct NoTraitAtAll;

#[test]
fn parameters_that_no_gradient_mentions_are_dropped() {
    let mut pair = Pair {
        first: (1.0, 2),
        second: vec![[3.0_f32]],
        tag: PhantomData::<NoTraitAtAll>,
    };
    let gradient: PairGradient<(f64, i32), [f32; 1]> = pair.zero_gradient();
    assert_eq!(gradient.first, (0.0, ()));
    assert_eq!(gradient.second, [[0.0]]);
    check_vector_space(&mut pair);
    assert_eq!(pair.tag, PhantomData);
}

#[derive(Differentiable)]
struct Bounded<'a, T, U, const N: usize>
where
    T: Real + Into<U> + 'a,
    U: Clone,
    [u8; N]: Default,
{
    values: &'a [T],
    #[constant]
    seed: U,
    #[constant]
    noise: [f64; N],
}

#[test]
fn bounds_on_dropped_parameters_are_dropped_with_them() {
    let values = [1.0_f32, 2.0];
    let bounded = Bounded::<f32, f64, 2> {
        values: &values,
        seed: 3.0,
        noise: [0.0; 2],
    };
    let gradient: BoundedGradient<f32> = bounded.zero_gradient();
    assert_eq!(gradient.values, vec![0.0, 0.0]);
    assert_eq!((bounded.seed, bounded.noise), (3.0, [0.0; 2]));
}

trait Family {
    type Item;
}

struct Doubles;
impl Family for Doubles {
    type Item = f64;
}

#[derive(Differentiable)]
struct Projected<F: Family, G>
where
    G: Family,
{
    short: F::Item,
    long: [<G as Family>::Item; 2],
}

#[test]
fn associated_types_of_parameters_are_leaves() {
    let mut projected = Projected::<Doubles, Doubles> {
        short: 1.0,
        long: [2.0, 3.0],
    };
    check_vector_space(&mut projected);
    assert_eq!(
        named_leaves(&projected),
        [leaf("short", &[1.0]), leaf("long", &[2.0, 3.0])]
    );
}

#[derive(Differentiable)]
struct View<'a, T: Real> {
    weights: &'a [T],
    matrix: &'a [[f64; 2]],
    inner: Nested<'a>,
    text: &'a str,
}

#[derive(Differentiable, Clone, Copy)]
struct Nested<'a> {
    scale: &'a f64,
}

#[test]
fn borrowed_floats_have_owned_gradients() {
    let (weights, scale) = (vec![1.0_f32, 2.0], 3.0);
    let gradient = {
        let matrix = [[1.0, 2.0]];
        let view = View {
            weights: &weights,
            matrix: &matrix,
            inner: Nested { scale: &scale },
            text: "view",
        };
        assert_eq!(view.text, "view");
        assert_eq!(named_leaves(&view)[2], leaf("inner.scale", &[3.0]));
        view.zero_gradient()
    };
    let expected: ViewGradient<f32> = ViewGradient {
        weights: vec![0.0, 0.0],
        matrix: vec![[0.0, 0.0]],
        inner: NestedGradient { scale: 0.0 },
    };
    assert_eq!(gradient, expected);
}

#[test]
#[should_panic(expected = "the numbers at `scale` cannot be changed")]
fn borrowed_floats_are_not_trained() {
    leaves_mut(&mut Nested { scale: &1.0 });
}

#[derive(Differentiable)]
struct Tree {
    value: f64,
    children: Vec<Self>,
    sizes: [f64; Self::SIZES],
}

impl Tree {
    const SIZES: usize = 1;

    fn leaf(value: f64) -> Tree {
        Tree {
            value,
            children: Vec::new(),
            sizes: [0.0],
        }
    }
}

#[test]
fn recursive_structs_have_recursive_gradients() {
    let mut tree = Tree {
        children: vec![Tree::leaf(1.0), Tree::leaf(2.0)],
        ..Tree::leaf(0.0)
    };
    assert_eq!(named_leaves(&tree)[3], leaf("children.1.value", &[2.0]));
    check_vector_space(&mut tree);
}

#[derive(Differentiable)]
struct Boxed {
    inner: Box<Nested2>,
    slice: Box<[f64]>,
    r#type: f64,
}

#[derive(Differentiable)]
struct Nested2(f64);

#[test]
fn boxes_stand_for_their_contents_and_raw_names_lose_their_mark() {
    let mut boxed = Boxed {
        inner: Box::new(Nested2(1.0)),
        slice: Box::new([2.0]),
        r#type: 3.0,
    };
    assert_eq!(
        boxed.zero_gradient(),
        BoxedGradient {
            inner: Nested2Gradient(0.0),
            slice: vec![0.0],
            r#type: 0.0
        }
    );
    assert_eq!(
        named_leaves(&boxed),
        [
            leaf("inner.0", &[1.0]),
            leaf("slice", &[2.0]),
            leaf("type", &[3.0])
        ]
    );
    check_vector_space(&mut boxed);
}

/// The hidden methods are what generated code builds on, hence a test here.
#[test]
fn every_field_is_reached_without_knowing_its_type() {
    let mut gradient = SpringGradient {
        stiffness: 1.0,
        position: [0.0; 3],
    };
    gradient.__add_stiffness(&2.0);
    gradient.__add_position(&[1.0, 2.0, 3.0]);
    gradient.__add_rest_length(&());
    gradient.__add_coils(&());
    assert_eq!(gradient.__get_stiffness(), 3.0);
    assert_eq!(gradient.__get_position(), [1.0, 2.0, 3.0]);
    let () = gradient.__get_name();

    let mut gradient = Tuple(1.0, 2, 3.0, (4.0, true), vec![5.0]).zero_gradient();
    gradient.__add_3(&(2.0, ()));
    gradient.__add_1(&());
    assert_eq!(gradient.__get_3(), (2.0, ()));
    // A left-out float reads as zero, and takes no part in sums.
    assert_eq!(gradient.__get_2(), 0.0);
    gradient.__add_2(&1.0);
    gradient.__at_2(|part: &mut f64| *part += 1.0);
    assert_eq!(gradient.__with_2(|part: &f64| *part + 1.0), 0.0);

    let mut gradient = Boxed {
        inner: Box::new(Nested2(1.0)),
        slice: Box::new([]),
        r#type: 3.0,
    }
    .zero_gradient();
    gradient.__add_type(&4.0);
    assert_eq!(gradient.__get_type(), 4.0);
}

#[test]
#[should_panic(expected = "a gradient of 1 entries meets one of 2")]
fn gradients_of_different_models_do_not_add() {
    let mut short = BoxedGradient {
        inner: Nested2Gradient(0.0),
        slice: vec![0.0],
        r#type: 0.0,
    };
    let long = BoxedGradient {
        slice: vec![0.0, 0.0],
        ..short.clone()
    };
    short.add(&long);
}

/// The helper attribute wins over the attribute macro of the same name that the prelude brings.
#[derive(Differentiable)]
#[differentiable(crate = ::autodiff_runtime)]
struct Configured {
    value: f64,
}

#[test]
fn options_stand_beside_the_attribute_macro_of_the_same_name() {
    assert_eq!(
        Configured { value: 1.0 }.zero_gradient(),
        ConfiguredGradient { value: 0.0 }
    );
}

/// The derive under a runtime of another name, without a prelude, and among names that shadow
/// those it uses.
mod hygiene {
    #![no_implicit_prelude]

    mod reexports {
        pub use ::autodiff_runtime as renamed;
    }

    #[allow(dead_code)]
    mod core {}
    #[allow(dead_code)]
    mod std {}
    #[allow(dead_code)]
    mod autodiff_runtime {}
    #[allow(dead_code)]
    trait Differentiable {}
    #[allow(dead_code)]
    struct Name;
    #[allow(dead_code, non_camel_case_types)]
    struct Leaves;

    #[derive(::autodiff_runtime::Differentiable)]
    #[differentiable(crate = self::reexports::renamed)]
    pub struct Plain<T: ::autodiff_runtime::Real> {
        pub name: [T; 2],
        pub f: ::std::vec::Vec<f64>,
        pub other: (f64, f32),
        pub factor: ::std::primitive::usize,
        pub text: ::std::string::String,
    }

    #[derive(::autodiff_runtime::Differentiable)]
    pub struct Tuple(pub f64, pub usize, pub Plain<f64>);
}

#[test]
fn the_derive_is_hygienic() {
    let plain = hygiene::Plain {
        name: [1.0, 2.0],
        f: vec![3.0],
        other: (4.0, 5.0),
        factor: 6,
        text: String::new(),
    };
    let mut tuple = hygiene::Tuple(0.0, 1, plain);
    check_vector_space(&mut tuple);
    assert_eq!((tuple.1, tuple.2.factor, tuple.2.text.as_str()), (1, 6, ""));
}

macro_rules! declare {
    ($name:ident, $field:ident, $inner:ty, $scalar:tt) => {
        #[derive(Differentiable)]
        struct $name {
            inner: $inner,
            own: f64,
            $field: $scalar,
        }
    };
}

declare!(Declared, given, (f64, Vec<[f32; 2]>), f64);

#[test]
fn declarations_made_by_macros_can_derive() {
    let mut declared = Declared {
        inner: (1.0, vec![[2.0, 3.0]]),
        own: 4.0,
        given: 5.0,
    };
    assert_eq!(declared.zero_gradient().inner, (0.0, vec![[0.0_f32; 2]]));
    check_vector_space(&mut declared);
}
