//! Every rule against differences at ordinary points, against numbers computed with sixty digits
//! on the tails, and against the table at the kinks.

use super::*;

const INFINITY: f64 = f64::INFINITY;
const NAN: f64 = f64::NAN;

/// The derivative of `f` at `x` by a fourth-order central difference.
fn difference(f: impl Fn(f64) -> f64, x: f64) -> f64 {
    let h = 1e-3 * x.abs().clamp(0.05, 1.0);
    (8.0 * (f(x + h) - f(x - h)) - (f(x + 2.0 * h) - f(x - 2.0 * h))) / (12.0 * h)
}

#[track_caller]
fn assert_near(value: f64, expected: f64, tolerance: f64) {
    let error = (value - expected).abs();
    assert!(
        error <= tolerance * expected.abs(),
        "{value:e} is not near {expected:e}"
    );
}

/// Holds the adjoint of a function of one argument to differences, to linearity and to strong zero.
#[track_caller]
fn check(f: impl Fn(f64) -> f64, adjoint: impl Fn(f64, f64) -> f64, points: &[f64]) {
    for &x in points {
        let expected = difference(&f, x);
        let partial = adjoint(1.0, x);
        let error = (partial - expected).abs();
        assert!(
            error <= 1e-9 * expected.abs().max(1.0),
            "at {x}: {partial:e}, not {expected:e}"
        );
        assert_near(adjoint(-3.0, x), -3.0 * partial, 1e-15);
    }
    for x in points
        .iter()
        .copied()
        .chain([0.0, INFINITY, -INFINITY, NAN])
    {
        assert_eq!(
            adjoint(0.0, x),
            0.0,
            "a zero adjoint does not stay zero at {x}"
        );
    }
}

const EVERYWHERE: [f64; 12] = [
    -40.0, -8.0, -2.0, -0.9, -0.3, -0.05, 0.05, 0.4, 0.9, 1.5, 7.0, 40.0,
];
const POSITIVE: [f64; 5] = [0.1, 0.5, 1.0, 2.5, 9.0];

#[test]
fn smooth_activations_follow_differences() {
    check(Real::sigmoid, sigmoid_adjoint, &EVERYWHERE);
    check(Real::softplus, softplus_adjoint, &EVERYWHERE);
    check(Real::log_sigmoid, log_sigmoid_adjoint, &EVERYWHERE);
    check(Real::gelu, gelu_adjoint, &EVERYWHERE);
    check(Real::silu, silu_adjoint, &EVERYWHERE);
    check(Real::sinc, sinc_adjoint, &EVERYWHERE);
    check(Real::gaussian, gaussian_adjoint, &EVERYWHERE);
    check(
        f64::tan,
        |d, x| tan_adjoint(d, x.tan()),
        &[-1.3, -0.5, 0.2, 1.2, 4.0],
    );
}

#[test]
fn piecewise_activations_follow_differences() {
    check(Real::relu, relu_adjoint, &EVERYWHERE);
    check(f64::abs, abs_adjoint, &EVERYWHERE);
    for parameter in [0.01, 1.0, 2.5, -0.5] {
        check(
            |x| x.leaky_relu(parameter),
            |d, x| leaky_relu_adjoint(d, x, parameter),
            &EVERYWHERE,
        );
        check(
            |x| x.elu(parameter),
            |d, x| elu_adjoint(d, x, parameter),
            &EVERYWHERE,
        );
    }
    for x in EVERYWHERE {
        check(
            |slope| x.leaky_relu(slope),
            |d, _| leaky_relu_slope_adjoint(d, x),
            &POSITIVE,
        );
        check(
            |alpha| x.elu(alpha),
            |d, _| elu_alpha_adjoint(d, x),
            &POSITIVE,
        );
    }
}

#[test]
fn tails_keep_their_relative_accuracy() {
    assert_near((-40.0).sigmoid(), 4.248_354_255_291_589e-18, 4e-16);
    assert_near((-40.0).softplus(), 4.248_354_255_291_589e-18, 4e-16);
    assert_near(40.0.log_sigmoid(), -4.248_354_255_291_589e-18, 4e-16);
    assert_near((-5.0).gelu(), -2.291_796_196_629_506e-7, 1e-13);
    assert_near((-12.0).gelu(), -1.635_985_449_353_481e-61, 1e-12);
    assert_near((-700.0).silu(), -6.901_773_580_631_84e-302, 1e-15);
    for x in [40.0, -40.0] {
        assert_near(sigmoid_adjoint(1.0, x), 4.248_354_255_291_589e-18, 4e-16);
    }
    for x in [700.0, -700.0] {
        assert_near(sigmoid_adjoint(1.0, x), 9.859_676_543_759_771e-305, 4e-16);
    }
    assert_near(
        softplus_adjoint(1.0, -40.0),
        4.248_354_255_291_589e-18,
        4e-16,
    );
    assert_near(
        log_sigmoid_adjoint(1.0, 40.0),
        4.248_354_255_291_589e-18,
        4e-16,
    );
    assert_near(gelu_adjoint(1.0, -5.0), -1.546_361_987_532_594_6e-6, 1e-13);
    assert_near(gelu_adjoint(1.0, -12.0), -5.290_403_352_522_558e-60, 1e-12);
    assert_near(gelu_adjoint(1.0, 6.0), 1.000_000_000_770_997_4, 4e-16);
    assert_near(
        silu_adjoint(1.0, -40.0),
        -1.656_858_159_563_719_7e-16,
        1e-15,
    );
    assert_near(silu_adjoint(1.0, -700.0), -6.891_913_904_088_08e-302, 1e-15);
    assert_near(
        gaussian_adjoint(1.0, -26.0),
        1.358_105_715_867_708_8e-292,
        1e-12,
    );
}

#[test]
fn far_out_nothing_overflows_into_nan() {
    for x in [800.0, 1e150, f64::MAX, INFINITY] {
        assert_eq!(
            [sigmoid_adjoint(1.0, x), sigmoid_adjoint(1.0, -x)],
            [0.0, 0.0]
        );
        assert_eq!(
            [softplus_adjoint(1.0, x), softplus_adjoint(1.0, -x)],
            [1.0, 0.0]
        );
        assert_eq!(
            [log_sigmoid_adjoint(1.0, x), log_sigmoid_adjoint(1.0, -x)],
            [0.0, 1.0]
        );
        assert_eq!([gelu_adjoint(1.0, x), gelu_adjoint(1.0, -x)], [1.0, 0.0]);
        assert_eq!([silu_adjoint(1.0, x), silu_adjoint(1.0, -x)], [1.0, 0.0]);
        assert_eq!(
            [gaussian_adjoint(1.0, x), gaussian_adjoint(1.0, -x)],
            [0.0, 0.0]
        );
        assert_eq!(
            [elu_adjoint(1.0, x, 2.0), elu_adjoint(1.0, -x, 2.0)],
            [1.0, 0.0]
        );
        assert_eq!(
            [elu_alpha_adjoint(1.0, x), elu_alpha_adjoint(1.0, -x)],
            [0.0, -1.0]
        );
        assert_eq!([(-x).gelu(), (-x).silu()], [0.0, 0.0]);
        assert_eq!([x.gelu(), x.silu(), x.softplus()], [x, x, x]);
    }
    assert_eq!([INFINITY.sinc(), sinc_adjoint(1.0, -INFINITY)], [0.0, 0.0]);
}

#[test]
fn the_series_of_sinc_joins_the_closed_form() {
    let expected = [
        (1e-8, -3.333_333_333_333_333_4e-9),
        (0.01, -0.003_333_300_000_119_047_5),
        (0.5, -0.162_537_030_636_066_57),
        (0.9999, -0.301_144_764_691_593_26),
        (1.0, -0.301_168_678_939_756_8),
        (1.0001, -0.301_192_591_416_934_57),
        (30.0, 0.006_239_527_911_911_537),
    ];
    for (x, slope) in expected {
        assert_near(sinc_adjoint(1.0, x), slope, 1e-15);
        assert_near(sinc_adjoint(1.0, -x), -slope, 1e-15);
    }
    assert_eq!(sinc_adjoint(1.0, 0.0), 0.0);
}

#[test]
fn activations_pass_nan_on() {
    let activations: [fn(f64) -> f64; 12] = [
        Real::sigmoid,
        Real::relu,
        Real::softplus,
        Real::log_sigmoid,
        Real::gelu,
        Real::silu,
        Real::sinc,
        Real::gaussian,
        Real::threshold,
        Real::sign,
        Real::linear,
        |x| x.leaky_relu(0.1) + x.elu(1.0),
    ];
    for (index, activation) in activations.iter().enumerate() {
        assert!(activation(NAN).is_nan(), "activation {index} hides a NaN");
    }
}

#[test]
fn kinks_of_activations() {
    for zero in [0.0, -0.0] {
        assert_eq!(relu_adjoint(3.0, zero), 0.0);
        assert_eq!(abs_adjoint(3.0, zero), 0.0);
        assert_eq!(leaky_relu_adjoint(3.0, zero, 0.5), 2.25);
        assert_eq!(leaky_relu_slope_adjoint(3.0, zero), 0.0);
        assert_eq!(elu_adjoint(3.0, zero, 1.0), 3.0);
        assert_eq!(elu_adjoint(3.0, zero, 0.5), 2.25);
        assert_eq!(elu_alpha_adjoint(3.0, zero), 0.0);
    }
}

#[test]
fn shares_of_max_and_min() {
    assert_eq!(
        [
            max_share(2.0, 3.0, 1.0),
            max_share(2.0, 1.0, 3.0),
            max_share(2.0, 3.0, 3.0)
        ],
        [2.0, 0.0, 1.0]
    );
    assert_eq!(
        [
            min_share(2.0, 3.0, 1.0),
            min_share(2.0, 1.0, 3.0),
            min_share(2.0, 3.0, 3.0)
        ],
        [0.0, 2.0, 1.0]
    );
    assert_eq!(max_share(2.0, 0.0, -0.0), 1.0);
    for share in [max_share, min_share] {
        assert_eq!(
            [
                share(2.0, NAN, 1.0),
                share(2.0, 1.0, NAN),
                share(2.0, NAN, NAN)
            ],
            [0.0, 2.0, 1.0]
        );
        assert_eq!(
            [share(2.0, INFINITY, INFINITY), share(0.0, 1.0, 1.0)],
            [1.0, 0.0]
        );
    }
}

#[test]
fn shares_of_clamp() {
    let shares = |x: f64, lo: f64, hi: f64| {
        [
            clamp_share(2.0, x, lo, hi),
            clamp_low_share(2.0, x, lo),
            clamp_high_share(2.0, x, hi),
        ]
    };
    assert_eq!(shares(0.0, 1.0, 3.0), [0.0, 2.0, 0.0]);
    assert_eq!(shares(1.0, 1.0, 3.0), [1.0, 1.0, 0.0]);
    assert_eq!(shares(2.0, 1.0, 3.0), [2.0, 0.0, 0.0]);
    assert_eq!(shares(3.0, 1.0, 3.0), [1.0, 0.0, 1.0]);
    assert_eq!(shares(4.0, 1.0, 3.0), [0.0, 0.0, 2.0]);
    assert_eq!(shares(NAN, 1.0, 3.0), [2.0, 0.0, 0.0]);
    // Bounds that meet: shifting all three shifts the result as much, and x alone moves nothing.
    assert_eq!(shares(1.0, 1.0, 1.0), [0.0, 1.0, 1.0]);
}

#[test]
fn copysign_follows_both_signs() {
    for (x, y) in [
        (2.0, 3.0),
        (-2.0, 3.0),
        (2.0, -3.0),
        (-2.0, -0.0),
        (2.0, INFINITY),
    ] {
        check(
            |x: f64| x.copysign(y),
            |d, x| copysign_adjoint(d, x, y),
            &[x],
        );
    }
    assert_eq!(
        [
            copysign_adjoint(1.0, 0.0, 1.0),
            copysign_adjoint(1.0, -0.0, -1.0)
        ],
        [0.0, 0.0]
    );
}

#[test]
fn hypot_and_atan2_follow_differences() {
    for other in [-3.0, -0.1, 0.7, 20.0] {
        check(
            |x: f64| x.hypot(other),
            |d, x| hypot_adjoint(d, x, x.hypot(other)),
            &EVERYWHERE,
        );
        check(
            |y: f64| y.atan2(other),
            |d, y| atan2_adjoint_y(d, y, other),
            &POSITIVE,
        );
        check(
            |x: f64| other.atan2(x),
            |d, x| atan2_adjoint_x(d, other, x),
            &POSITIVE,
        );
    }
}

#[test]
fn hypot_and_atan2_at_the_origin_and_far_from_it() {
    assert_eq!(hypot_adjoint(1.0, 0.0, 0.0), 0.0);
    assert_eq!(
        [
            atan2_adjoint_y(1.0, 0.0, 0.0),
            atan2_adjoint_x(1.0, -0.0, 0.0)
        ],
        [0.0, 0.0]
    );
    assert_near(
        hypot_adjoint(1.0, 3e200, 3e200_f64.hypot(4e200)),
        0.6,
        4e-16,
    );
    assert_near(atan2_adjoint_y(1.0, 3e200, 4e200), 1.6e-201, 4e-16);
    assert_near(atan2_adjoint_x(1.0, 3e200, 4e200), -1.2e-201, 4e-16);
    assert_near(atan2_adjoint_x(1e-250, 3e-200, 4e-200), -1.2e-51, 4e-16);
    // d/h alone overflows here.
    assert_eq!(atan2_adjoint_y(1.0, 1e-320, 0.0), 0.0);
    assert_eq!(
        [
            atan2_adjoint_y(1.0, 2.0, INFINITY),
            atan2_adjoint_x(1.0, INFINITY, 2.0)
        ],
        [0.0, 0.0]
    );
    assert!(atan2_adjoint_y(1.0, NAN, 0.0).is_nan() && atan2_adjoint_x(1.0, 0.0, NAN).is_nan());
}

#[test]
fn integer_powers() {
    for n in [-7, -2, -1, 0, 1, 2, 3, 8] {
        check(
            |x: f64| x.powi(n),
            |d, x| powi_adjoint(d, x, n),
            &[-2.0, -0.8, 0.9, 1.7],
        );
    }
    for x in [0.0, -0.0, 2.0, INFINITY, NAN] {
        assert_eq!(
            [powi_adjoint(3.0, x, 0), powi_adjoint(3.0, x, 1)],
            [0.0, 3.0]
        );
    }
    assert_eq!(
        [powi_adjoint(3.0, 0.0, 2), powi_adjoint(3.0, 0.0, 5)],
        [0.0, 0.0]
    );
    assert_eq!(
        [powi_adjoint(1.0, 0.0, -1), powi_adjoint(1.0, 0.0, -2)],
        [-INFINITY, -INFINITY]
    );
    assert_eq!(powi_adjoint(1.0, -0.0, -2), INFINITY);
    assert_eq!(powi_adjoint(0.0, 0.0, -1), 0.0);
    assert_eq!(powi_adjoint(1.0, 1.0, i32::MIN), f64::from(i32::MIN));
    assert_eq!(powi_adjoint(1.0, -1.0, i32::MIN), -f64::from(i32::MIN));
    assert_eq!(
        [
            powi_adjoint(1.0, 0.0, i32::MIN),
            powi_adjoint(1.0, -0.0, i32::MIN)
        ],
        [-INFINITY, INFINITY]
    );
    assert_eq!(powi_adjoint(1.0, 2.0, i32::MIN), 0.0);
    assert_eq!(powi_adjoint(1.0_f32, 1.0, i32::MAX), i32::MAX as f32);
}

#[test]
fn real_powers() {
    for p in [-2.5, -1.0, 0.0, 0.3, 1.0, 2.0, 3.7] {
        check(
            |x: f64| x.powf(p),
            |d, x| powf_base_adjoint(d, x, p, x.powf(p)),
            &[0.3, 0.8, 2.0],
        );
    }
    for x in [0.2_f64, 1.0, 3.0] {
        check(
            |p| x.powf(p),
            |d, p| powf_exponent_adjoint(d, x, p, x.powf(p)),
            &[-1.5, 0.0, 0.5, 2.0],
        );
    }
    check(
        |x: f64| x.powf(3.0),
        |d, x| powf_base_adjoint(d, x, 3.0, x.powf(3.0)),
        &[-2.0, -0.5],
    );
}

#[test]
fn real_powers_at_the_kinks() {
    let exponent = |x: f64, p: f64| powf_exponent_adjoint(1.0, x, p, x.powf(p));
    for (p, base) in [
        (0.0, 0.0),
        (1.0, 1.0),
        (2.0, 0.0),
        (1.5, 0.0),
        (0.5, INFINITY),
        (-1.0, -INFINITY),
    ] {
        assert_eq!(
            powf_base_adjoint(1.0, 0.0, p, 0.0_f64.powf(p)),
            base,
            "p = {p}"
        );
        assert_eq!(exponent(0.0, p), 0.0, "p = {p}");
    }
    assert_eq!(powf_base_adjoint(0.0, 0.0, 0.5, 0.0), 0.0);
    assert!(exponent(-2.0, 2.0).is_nan());
    assert_eq!(powf_exponent_adjoint(0.0, -2.0, 2.0, 4.0), 0.0);
    assert_eq!(
        [exponent(INFINITY, -1.0), exponent(INFINITY, 1.0)],
        [0.0, INFINITY]
    );
}

#[test]
fn remainders_count_how_often_the_divisor_fits() {
    for a in [-7.3, -0.4, 0.4, 7.3] {
        check(
            |b| a % b,
            |d, b| rem_divisor_adjoint(d, a, b),
            &[-2.0, 1.9, 30.0],
        );
        check(
            |b: f64| a.rem_euclid(b),
            |d, b| rem_euclid_divisor_adjoint(d, a, b),
            &[-2.0, 1.9, 30.0],
        );
    }
    // 1.0/0.1 rounds to 10, yet 0.1 is a little more than a tenth and fits nine times.
    assert_eq!(
        [
            rem_divisor_adjoint(1.0, 1.0, 0.1),
            rem_euclid_divisor_adjoint(1.0, 1.0, 0.1)
        ],
        [-9.0, -9.0]
    );
    assert_eq!(rem_euclid_divisor_adjoint(1.0, -1e-20, 1.0), 1.0);
    assert_eq!(rem_euclid_divisor_adjoint(1.0, -1.7e308, 1.6e308), 2.0);
    assert_eq!(rem_divisor_adjoint(1.0, 5.0, INFINITY), 0.0);
    assert_eq!(
        [
            rem_divisor_adjoint(0.0, 5.0, 0.0),
            rem_euclid_divisor_adjoint(0.0, 5.0, 0.0)
        ],
        [0.0, 0.0]
    );
}

#[test]
fn strong_zero_beats_infinity_and_nan() {
    assert_eq!(
        [
            strong_zero(0.0, NAN),
            strong_zero(-0.0, INFINITY),
            strong_zero(2.0, 7.0)
        ],
        [0.0, 0.0, 7.0]
    );
    assert!(strong_zero(1.0, NAN).is_nan() && strong_zero(NAN, NAN).is_nan());
}

/// One list of calls, for a generic scalar and for a concrete one.
macro_rules! every_method {
    ($x:ident, $y:ident) => {{
        let (sin, cos) = $x.sin_cos();
        let powers = [
            $x.powi(3),
            $x.powf($y),
            $x.sqrt(),
            $x.cbrt(),
            $x.recip(),
            $x.hypot($y),
        ];
        let exponentials = [
            $x.exp(),
            $x.exp2(),
            $x.exp_m1(),
            $x.sinh(),
            $x.cosh(),
            $x.tanh(),
        ];
        let logarithms = [
            $x.ln(),
            $x.ln_1p(),
            $x.log($y),
            $x.log2(),
            $x.log10(),
            $y.acosh(),
        ];
        let angles = [
            $x.sin(),
            $x.cos(),
            $x.tan(),
            $x.asin(),
            $x.acos(),
            $x.atan(),
            sin,
            cos,
        ];
        let others = [
            $x.atan2($y),
            $x.asinh(),
            $x.atanh(),
            $x.to_radians(),
            $x.to_degrees(),
        ];
        let signs = [
            $x.abs(),
            $x.signum(),
            $x.copysign($y),
            $x.max($y),
            $x.min($y),
        ];
        let roundings = [
            $y.floor(),
            $y.ceil(),
            $y.round(),
            $y.round_ties_even(),
            $y.trunc(),
        ];
        let remainders = [$y.fract(), $y.rem_euclid($x), $y.div_euclid($x), $y % $x];
        let fused = [$x.clamp($y, $y), $x.mul_add($y, $x)];
        [
            &powers[..],
            &exponentials,
            &logarithms,
            &angles,
            &others,
            &signs,
            &roundings,
            &remainders,
            &fused,
        ]
        .concat()
    }};
}

#[test]
fn forwarded_methods_have_the_bits_of_the_standard_library() {
    fn generic<T: Real>(x: T, y: T) -> Vec<T> {
        every_method!(x, y)
    }
    for (x, y) in [(0.3_f64, 2.5_f64), (-0.7, 1.5), (0.01, 4.5)] {
        let bits = |numbers: Vec<f64>| numbers.into_iter().map(f64::to_bits).collect::<Vec<_>>();
        assert_eq!(bits(generic(x, y)), bits(every_method!(x, y)));
        let (x, y) = (x as f32, y as f32);
        let bits = |numbers: Vec<f32>| numbers.into_iter().map(f32::to_bits).collect::<Vec<_>>();
        assert_eq!(bits(generic(x, y)), bits(every_method!(x, y)));
    }
}
