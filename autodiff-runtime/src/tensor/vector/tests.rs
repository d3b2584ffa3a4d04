use super::*;

type InPlace<T> = fn(&mut [T]);

fn single(name: &str) -> (InPlace<f32>, fn(f64) -> f64) {
    match name {
        "exp" => (exp, f64::exp),
        "tanh" => (tanh, f64::tanh),
        "sigmoid" => (sigmoid, Real::sigmoid),
        "softplus" => (softplus, Real::softplus),
        _ => panic!("no function `{name}`"),
    }
}

fn double(name: &str) -> InPlace<f64> {
    match name {
        "exp" => exp,
        "tanh" => tanh,
        "sigmoid" => sigmoid,
        "softplus" => softplus,
        _ => panic!("no function `{name}`"),
    }
}

/// The distance of two neighbours in single precision, at this size.
fn ulp(value: f64) -> f64 {
    let exponent = value.abs().log2().floor().clamp(-126.0, 127.0);
    (exponent - 23.0).exp2()
}

/// What the module's documentation says.
const LIMITS: [(&str, f64); 4] = [
    ("exp", 1.1),
    ("tanh", 1.6),
    ("sigmoid", 2.5),
    ("softplus", 3.0),
];

#[test]
fn single_precision_is_as_exact_as_documented() {
    // Every 4001st number: all signs and exponents, 2000 of each. Its length is no multiple of a vector's.
    let arguments: Vec<f32> = (0..=u32::MAX).step_by(4001).map(f32::from_bits).collect();
    for (name, limit) in LIMITS {
        let (function, exact) = single(name);
        let mut results = arguments.clone();
        function(&mut results);
        let mut worst = (0.0, 0.0);
        for (&x, &y) in arguments.iter().zip(&results) {
            let expected = exact(f64::from(x));
            if expected.is_nan() || x.is_nan() {
                assert!(y.is_nan(), "{name}({x:e})");
            } else if expected.abs() > f64::from(f32::MAX) {
                assert!(f64::from(y) >= f64::from(f32::MAX), "{name}({x:e})");
            } else {
                let error = (f64::from(y) - expected).abs() / ulp(expected);
                if error > worst.0 {
                    worst = (error, x);
                }
            }
        }
        assert!(worst.0 <= limit, "{name}: {worst:?}");
    }
}

#[test]
fn double_precision_is_as_exact_as_documented() {
    for (name, limit) in LIMITS {
        let mut worst = (0.0, 0.0);
        let mut count = 0;
        for line in include_str!("../data/vector.txt").lines() {
            let mut words = line.split(' ');
            if words.next() != Some(name) {
                continue;
            }
            let [x, exact, rest] =
                std::array::from_fn(|_| words.next().unwrap().parse::<f64>().unwrap());
            let mut result = [x];
            double(name)(&mut result);
            let ulp = exact.abs().next_up() - exact.abs();
            let error = ((result[0] - exact) / ulp - rest).abs();
            if error > worst.0 {
                worst = (error, x);
            }
            count += 1;
        }
        assert!(
            count > 1000 && worst.0 <= limit,
            "{name}: {worst:?} of {count}"
        );
    }
}

#[test]
fn the_ends_of_the_range() {
    for name in ["exp", "tanh", "sigmoid", "softplus"] {
        let mut ends = [
            f64::INFINITY,
            f64::NEG_INFINITY,
            f64::NAN,
            0.0,
            f64::MAX,
            f64::MIN,
        ];
        double(name)(&mut ends);
        let [high, low] = match name {
            "exp" => [f64::INFINITY, 0.0],
            "tanh" => [1.0, -1.0],
            "sigmoid" => [1.0, 0.0],
            _ => [f64::INFINITY, 0.0],
        };
        assert_eq!(ends[..2], [high, low], "{name}");
        assert!(ends[2].is_nan(), "{name}");
        let largest = if name == "softplus" { f64::MAX } else { high };
        assert_eq!(ends[4..], [largest, low], "{name}");
    }
    let mut zeros = [0.0_f32, -0.0];
    tanh(&mut zeros);
    assert_eq!(zeros.map(f32::to_bits), [0.0_f32, -0.0].map(f32::to_bits));
}

/// Numbers around zero, and ones at which naive formulas overflow.
#[test]
fn tiny_and_huge_numbers() {
    let tiny = [
        0.0,
        -0.0,
        5e-324,
        -5e-324,
        f64::MIN_POSITIVE / 2.0,
        f64::MIN_POSITIVE,
        1e-300,
    ];
    let huge = [800.0, -800.0];
    let all: Vec<f64> = tiny.into_iter().chain(huge).collect();
    for (name, at_zero, at_huge) in [
        ("exp", Some(1.0), [f64::INFINITY, 0.0]),
        ("tanh", None, [1.0, -1.0]),
        ("sigmoid", Some(0.5), [1.0, 0.0]),
        ("softplus", Some(std::f64::consts::LN_2), [800.0, 0.0]),
    ] {
        let mut results = all.clone();
        double(name)(&mut results);
        for (x, y) in tiny.into_iter().zip(&results) {
            // tanh x is x itself, sign and all.
            let expected = at_zero.unwrap_or(x);
            assert_eq!(y.to_bits(), expected.to_bits(), "{name}({x:e})");
        }
        assert_eq!(results[tiny.len()..], at_huge, "{name}");
    }
}

/// Results too small to be normal numbers are the nearest that there are, or their neighbours.
#[test]
fn results_that_are_no_normal_numbers() {
    let arguments: Vec<f64> = (0..400).map(|k| -708.0 - 0.1 * f64::from(k)).collect();
    let smallest = f64::from_bits(1);
    for name in ["exp", "sigmoid", "softplus"] {
        let mut results = arguments.clone();
        double(name)(&mut results);
        for (x, y) in arguments.iter().zip(results) {
            let error = (y - x.exp()).abs();
            let limit = 3.0 * smallest + 2.0 * f64::EPSILON * x.exp();
            assert!(error <= limit, "{name}({x}): {y:e} {:e}", x.exp());
        }
    }
}

/// Random numbers against the standard library, whose own errors come on top.
#[test]
fn random_numbers_in_double_precision() {
    let mut state = 1_u64;
    let mut arguments = Vec::new();
    for k in 0..20_001 {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        let unit = (state >> 11) as f64 / (1_u64 << 53) as f64 - 0.5;
        arguments.push(unit * [2.0, 20.0, 1400.0][k % 3]);
    }
    for (name, limit) in LIMITS {
        let (_, exact) = single(name);
        let mut results = arguments.clone();
        double(name)(&mut results);
        for (&x, y) in arguments.iter().zip(results) {
            let expected = exact(x);
            if expected.is_infinite() || expected.abs() < f64::MIN_POSITIVE {
                continue;
            }
            let ulp = expected.abs().next_up() - expected.abs();
            let error = (y - expected).abs() / ulp;
            assert!(error <= limit + 3.0, "{name}({x:e}): {error}");
        }
    }
}

/// Which instructions compute a number must not matter: results depend neither on the processor nor on
/// the place in the slice.
#[test]
fn the_bits_are_those_of_one_number_at_a_time() {
    let arguments: Vec<f32> = (0..1003).map(|k| (k as f32 - 500.0) * 0.0213).collect();
    for (name, _) in LIMITS {
        let (function, _) = single(name);
        let mut together = arguments.clone();
        function(&mut together);
        for (&x, y) in arguments.iter().zip(together) {
            let mut alone = [x];
            function(&mut alone);
            let plain = match name {
                "exp" => x.lane_exp(),
                "tanh" => x.lane_tanh(),
                "sigmoid" => x.lane_sigmoid(),
                _ => x.lane_softplus(),
            };
            assert_eq!(
                [alone[0].to_bits(), plain.to_bits()],
                [y.to_bits(); 2],
                "{name}({x:e})"
            );
        }
    }
}
