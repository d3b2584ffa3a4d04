//! The functions of one number without a branch. Polynomials are by `data/vector_coefficients.py`.

/// Branch-free elementary functions, which vectorise in loops; what they are called for is in
/// [`vector`](super).
pub trait Elementary: Sized {
    /// As [`exp()`](super::exp()).
    fn lane_exp(self) -> Self;
    /// As [`tanh()`](super::tanh()).
    fn lane_tanh(self) -> Self;
    /// As [`sigmoid()`](super::sigmoid()).
    fn lane_sigmoid(self) -> Self;
    /// As [`softplus()`](super::softplus()).
    fn lane_softplus(self) -> Self;
}

/// One formula for both precisions, which differ in the polynomials and the layout of bits.
macro_rules! elementary {
    ($float:ident {
        bits: $bits:ident,
        to_integer: $to_integer:expr,
        largest: $largest:expr,
        smallest: $smallest:expr,
        ln_2: $ln_2_high:expr, $ln_2_low:expr,
        exp: $exp:expr,
        tanh: $tanh:expr,
        ln_1p: $ln_1p:expr,
    }) => {
        impl Elementary for $float {
            /// eˣ = 2ⁿ·eʳ with n = x/ln 2 rounded. The power is two factors: 2ⁿ itself may be no normal
            /// number although eˣ is one.
            #[inline(always)]
            fn lane_exp(self) -> Self {
                const STORED: u32 = $float::MANTISSA_DIGITS - 1;
                // Beyond these the result is the same; written so that NaN stays.
                let x = if self > $largest { $largest } else { self };
                let x = if x < $smallest { $smallest } else { x };
                // Added to this number, the quotient is rounded to an integer, which is then in the
                // lowest bits.
                let sum = x * std::$float::consts::LOG2_E + $to_integer;
                let n = sum - $to_integer;
                // The product with the first part of ln 2, which is short, is exact.
                let r = x - n * $ln_2_high - n * $ln_2_low;
                let power = 1.0 + (r + r * r * horner(r, $exp));
                // Exponents are stored with an offset. Twice that makes the number positive.
                let offset = 2 * ($float::MAX_EXP - 1) as $bits;
                let biased = sum
                    .to_bits()
                    .wrapping_sub($float::to_bits($to_integer))
                    .wrapping_add(offset);
                let half = biased >> 1;
                let (first, second) = (half << STORED, biased.wrapping_sub(half) << STORED);
                power * $float::from_bits(first) * $float::from_bits(second)
            }

            /// x + x³·p(x²) near 0, else 1 − 2e/(1 + e) with e = e^(−2|x|).
            #[inline(always)]
            fn lane_tanh(self) -> Self {
                let x = self.abs();
                let near = x < 0.625;
                let z = x * x;
                let e = (-2.0 * x).lane_exp();
                let base = if near { x } else { 1.0 };
                let numerator = if near {
                    x * z * horner(z, $tanh)
                } else {
                    -2.0 * e
                };
                let denominator = if near { 1.0 } else { 1.0 + e };
                (base + numerator / denominator).copysign(self)
            }

            /// The exponential is that of a non-positive number: it does not overflow.
            #[inline(always)]
            fn lane_sigmoid(self) -> Self {
                let e = (-self.abs()).lane_exp();
                let numerator = if self < 0.0 { e } else { 1.0 };
                numerator / (1.0 + e)
            }

            /// max(x, 0) + ln(1 + e^(−|x|)), the logarithm as 2·artanh(e/(2 + e)).
            #[inline(always)]
            fn lane_softplus(self) -> Self {
                let e = (-self.abs()).lane_exp();
                let s = e / (2.0 + e);
                let z = s * s;
                let logarithm = 2.0 * (s + s * z * horner(z, $ln_1p));
                let rest = if self > 0.0 { self } else { 0.0 };
                rest + logarithm
            }
        }
    };
}

/// The polynomial with these coefficients, the lowest power first.
#[inline(always)]
fn horner<T, const N: usize>(x: T, coefficients: [T; N]) -> T
where
    T: Copy + std::ops::Mul<Output = T> + std::ops::Add<Output = T>,
{
    let mut sum = coefficients[N - 1];
    let mut k = N - 1;
    while k > 0 {
        k -= 1;
        sum = sum * x + coefficients[k];
    }
    sum
}

elementary! {
    f32 {
        bits: u32,
        to_integer: 12_582_912.0, // 1.5·2²³
        largest: 89.0,
        smallest: -105.0,
        ln_2: 0.693145751953125, 1.428606765330187e-06,
        exp: [
            0.5,
            0.166665181517601,
            0.04166620597243309,
            0.008368954062461853,
            0.0013950599823147058,
        ],
        tanh: [
            -0.3333328366279602,
            0.13331490755081177,
            -0.05374349653720856,
            0.020650578662753105,
            -0.005717036779969931,
        ],
        ln_1p: [
            0.3333333730697632,
            0.19999438524246216,
            0.14308443665504456,
            0.10713819414377213,
            0.12150497734546661,
        ],
    }
}

elementary! {
    f64 {
        bits: u64,
        to_integer: 6_755_399_441_055_744.0, // 1.5·2⁵²
        largest: 710.0,
        smallest: -746.0,
        ln_2: 0.6931471803691238, 1.9082149292705877e-10,
        exp: [
            0.5000000000000013,
            0.16666666666666696,
            0.04166666666651405,
            0.008333333333308582,
            0.0013888888947389125,
            0.00019841269914657985,
            2.480148953989689e-05,
            2.7557218568252348e-06,
            2.7631429568477535e-07,
            2.5117183823632065e-08,
        ],
        tanh: [
            -0.33333333333332876,
            0.13333333333264913,
            -0.053968253932481614,
            0.02186948760195115,
            -0.00886322131910313,
            0.0035919915695653707,
            -0.0014549704709981817,
            0.0005863524699808088,
            -0.00022863321681212048,
            7.721915540600071e-05,
            -1.6107535858109696e-05,
        ],
        ln_1p: [
            0.33333333333333154,
            0.20000000000078622,
            0.14285714273926864,
            0.11111111984869566,
            0.09090871962342534,
            0.07693279963783912,
            0.06650486766908426,
            0.06053043310218527,
            0.04170050046321051,
            0.08509288814401501,
        ],
    }
}
