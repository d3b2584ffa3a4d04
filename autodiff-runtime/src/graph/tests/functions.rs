use crate::graph::Function::{self, *};
use std::collections::BTreeSet;
use std::f64::consts::LN_2;

const INFINITY: f64 = f64::INFINITY;
const NAN: f64 = f64::NAN;

/// Points inside of the domain, away from kinks and jumps.
fn points(function: Function) -> Vec<Vec<f64>> {
    let one = |xs: &[f64]| xs.iter().map(|&x| vec![x]).collect();
    let two = |pairs: &[[f64; 2]]| pairs.iter().map(|pair| pair.to_vec()).collect();
    let three = |triples: &[[f64; 3]]| triples.iter().map(|triple| triple.to_vec()).collect();
    match function {
        Neg | Exp | Exp2 | ExpM1 | Sin | Cos | Tan | Atan | Sinh | Cosh | Tanh | Asinh | Abs
        | Signum | Floor | Ceil | Round | RoundTiesEven | Trunc | Fract | ToRadians | ToDegrees
        | Sigmoid | Relu | Softplus | LogSigmoid | Gelu | Silu | Gaussian | Threshold | Sign
        | Linear => one(&[-4.1, -2.3, -0.7, 0.4, 1.2, 3.3]),
        Sinc => one(&[-7.0, -2.0, -0.51, -0.49, -0.01, 0.01, 0.3, 0.49, 0.51, 4.0]),
        Sqrt | Ln | Log2 | Log10 => one(&[0.3, 1.7, 40.0]),
        Cbrt | Recip => one(&[-8.5, -0.4, 0.3, 5.0]),
        Ln1p => one(&[-0.6, 0.3, 9.0]),
        Asin | Acos | Atanh => one(&[-0.7, -0.1, 0.6]),
        Acosh => one(&[1.4, 4.0, 20.0]),
        Add | Sub | Mul | Div | Rem | Max | Min | Copysign | Hypot | Atan2 | RemEuclid => {
            two(&[[1.3, 0.7], [-2.2, 1.6], [3.1, -0.9], [-4.7, -2.1]])
        }
        Powi => two(&[[1.3, 4.0], [-2.2, 3.0], [0.6, -2.0], [-1.1, 1.0]]),
        Powf => two(&[[1.3, 2.5], [0.6, -1.5], [4.0, 0.5]]),
        Log => two(&[[1.3, 2.5], [0.6, 10.0], [4.0, 0.5]]),
        LeakyRelu | Elu => two(&[[-2.0, 0.3], [-0.4, 1.0], [0.7, 0.3], [2.0, 1.5]]),
        Nll => two(&[[0.3, 0.0], [0.8, 1.0], [0.5, 0.4]]),
        NllWithLogits => two(&[[-2.1, 1.0], [0.4, 0.3], [3.0, 0.0]]),
        Clamp => three(&[[0.3, -1.0, 1.0], [-2.0, -1.0, 1.0], [4.0, -1.0, 1.0]]),
        MulAdd => three(&[[0.3, -1.5, 2.0], [-2.0, 3.0, 0.5]]),
    }
}

/// The derivative by one input from four values of the function; the error is of the order of the
/// fourth power of the step.
fn difference(function: Function, inputs: &[f64], place: usize) -> f64 {
    const STEP: f64 = 5e-4;
    let at = |steps: f64| {
        let mut moved = inputs.to_vec();
        moved[place] += steps * STEP;
        function.apply(&moved)
    };
    (at(-2.0) - 8.0 * at(-1.0) + 8.0 * at(1.0) - at(2.0)) / (12.0 * STEP)
}

#[test]
fn partials_are_the_slopes_of_the_values() {
    for &function in Function::ALL {
        for inputs in points(function) {
            let partials = function.partials(&inputs, function.apply(&inputs));
            assert_eq!(partials.len(), function.arity(), "{function:?}");
            for (place, &partial) in partials.iter().enumerate() {
                if (function, place) == (Powi, 1) {
                    assert_eq!(partial, 0.0, "an integer exponent has no derivative");
                    continue;
                }
                let expected = difference(function, &inputs, place);
                let error = (partial - expected).abs() / expected.abs().max(1.0);
                assert!(
                    error < 2e-9,
                    "{function:?}{inputs:?} by input {place}: {partial} but the slope is {expected}"
                );
            }
        }
    }
}

#[test]
fn partials_at_the_kinks() {
    let table: &[(Function, &[f64], &[f64])] = &[
        (Relu, &[0.0], &[0.0]),
        (Relu, &[-0.0], &[0.0]),
        (Abs, &[0.0], &[0.0]),
        (Abs, &[-0.0], &[0.0]),
        (Signum, &[0.0], &[0.0]),
        (Sign, &[0.0], &[0.0]),
        (Threshold, &[0.0], &[0.0]),
        (Max, &[1.5, 1.5], &[0.5, 0.5]),
        (Min, &[1.5, 1.5], &[0.5, 0.5]),
        (Max, &[NAN, 1.0], &[0.0, 1.0]),
        (Min, &[1.0, NAN], &[1.0, 0.0]),
        (Clamp, &[-1.0, -1.0, 1.0], &[0.5, 0.5, 0.0]),
        (Clamp, &[1.0, -1.0, 1.0], &[0.5, 0.0, 0.5]),
        (Floor, &[2.0], &[0.0]),
        (Ceil, &[2.0], &[0.0]),
        (Round, &[2.5], &[0.0]),
        (RoundTiesEven, &[2.5], &[0.0]),
        (Trunc, &[-2.0], &[0.0]),
        (Fract, &[2.0], &[1.0]),
        (Hypot, &[0.0, 0.0], &[0.0, 0.0]),
        (Atan2, &[0.0, 0.0], &[0.0, 0.0]),
        (Sqrt, &[0.0], &[INFINITY]),
        (Sqrt, &[-0.0], &[INFINITY]),
        (Cbrt, &[0.0], &[INFINITY]),
        (Cbrt, &[-0.0], &[INFINITY]),
        (Ln, &[0.0], &[INFINITY]),
        (Ln, &[-0.0], &[-INFINITY]),
        (Log2, &[0.0], &[INFINITY]),
        (Log10, &[0.0], &[INFINITY]),
        (Ln1p, &[-1.0], &[INFINITY]),
        (Powf, &[0.0, 0.0], &[0.0, 0.0]),
        (Powf, &[0.0, 2.5], &[0.0, 0.0]),
        (Powf, &[0.0, 1.0], &[1.0, 0.0]),
        (Powf, &[0.0, 0.5], &[INFINITY, 0.0]),
        (Powf, &[-2.0, 3.0], &[12.0, NAN]),
        (Powi, &[0.0, 0.0], &[0.0, 0.0]),
        (Powi, &[0.0, 1.0], &[1.0, 0.0]),
        (Powi, &[0.0, 2.0], &[0.0, 0.0]),
        (Rem, &[6.0, 2.0], &[1.0, -3.0]),
        (Rem, &[-7.5, 2.0], &[1.0, 3.0]),
        (RemEuclid, &[-7.5, 2.0], &[1.0, 4.0]),
        (Copysign, &[0.0, -3.0], &[0.0, 0.0]),
        (Copysign, &[2.0, -0.0], &[-1.0, 0.0]),
        (LeakyRelu, &[0.0, 0.5], &[0.75, 0.0]),
        (Elu, &[0.0, 0.5], &[0.75, 0.0]),
        (Sinc, &[0.0], &[0.0]),
        (Asin, &[1.0], &[INFINITY]),
        (Acosh, &[1.0], &[INFINITY]),
        (Atanh, &[-1.0], &[INFINITY]),
        (Recip, &[0.0], &[-INFINITY]),
    ];
    for (function, inputs, expected) in table {
        let partials = function.partials(inputs, function.apply(inputs));
        let same = |(a, b): (&f64, &f64)| a == b || (a.is_nan() && b.is_nan());
        assert!(
            partials.len() == expected.len() && partials.iter().zip(*expected).all(same),
            "{function:?}{inputs:?}: {partials:?} instead of {expected:?}"
        );
    }
}

#[test]
fn partials_far_out_neither_overflow_nor_cancel() {
    let slope = |function: Function, x: f64| function.partials(&[x], function.apply(&[x]))[0];
    assert_eq!(slope(Sigmoid, -700.0), (-700.0_f64).exp());
    assert_eq!(slope(Sigmoid, 700.0), (-700.0_f64).exp());
    assert_eq!(slope(Softplus, 800.0), 1.0);
    assert_eq!(slope(Softplus, -800.0), 0.0);
    assert_eq!(slope(LogSigmoid, -800.0), 1.0);
    assert_eq!(slope(Silu, 800.0), 1.0);
    assert_eq!(slope(Gelu, -800.0), 0.0);
    assert_eq!(slope(Tanh, 800.0), 0.0);
    assert_eq!(slope(Exp2, 3.0), 8.0 * LN_2);
    let close = |partials: Vec<f64>, expected: [f64; 2]| {
        let near = |(x, y): (&f64, &f64)| (x / y - 1.0).abs() < 1e-15;
        assert!(partials.iter().zip(&expected).all(near), "{partials:?}");
    };
    close(Hypot.partials(&[3e200, 4e200], 5e200), [0.6, 0.8]);
    close(
        Atan2.partials(&[3e200, 4e200], 0.75_f64.atan()),
        [1.6e-201, -1.2e-201],
    );
}

#[test]
fn names_are_unique() {
    let names: BTreeSet<&str> = Function::ALL.iter().map(|f| f.name()).collect();
    assert_eq!(names.len(), Function::ALL.len());
}

#[test]
#[should_panic(expected = "`hypot` takes 2 inputs, not 1")]
fn too_few_inputs_are_refused() {
    let _ = Hypot.apply(&[1.0]);
}
