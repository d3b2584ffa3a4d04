//! Every rule once, generic over the precision.

use autodiff_runtime::Real;
use autodiff_runtime::prelude::*;
use autodiff_tests::check::Companion;
use autodiff_tests::companion;

/// A way to the partials at a point: in reverse mode and in forward mode.
pub type Modes<T> = Box<dyn Fn(&[f64]) -> [Vec<T>; 2]>;

/// A rule under test.
pub struct Row {
    pub name: &'static str,
    /// The partials as the documentation writes them.
    pub partials: &'static [&'static str],
    pub double: Modes<f64>,
    pub single: Modes<f32>,
}

/// The partials by one row of numbers, in reverse mode and in forward mode.
pub fn both_modes<T: Real, const N: usize>(companion: &Companion<T, N>, x: &[f64]) -> [Vec<T>; 2] {
    let x: [T; N] = std::array::from_fn(|k| T::from_f64(x[k]));
    let reverse = companion.consistent_gradient(x).to_vec();
    let forward = (0..N).map(|k| {
        let mut tangent = [T::default(); N];
        tangent[k] = T::from_f64(1.0);
        (companion.jvp)(x, tangent).1
    });
    [reverse, forward.collect()]
}

macro_rules! rules {
    ($($name:literal ($($x:ident),+) $count:tt = $body:expr, $($partial:literal),+;)+) => {
        /// All rules, in the order of the documentation.
        pub fn rules() -> Vec<Row> {
            vec![$({
                #[differentiable]
                fn rule<T: Real>($($x: T),+) -> T {
                    $body
                }
                let double = companion!(f64, $count, rule);
                let single = companion!(f32, $count, rule);
                Row {
                    name: $name,
                    partials: &[$($partial),+],
                    double: Box::new(move |x| both_modes(&double, x)),
                    single: Box::new(move |x| both_modes(&single, x)),
                }
            }),+]
        }
    };
}

rules! {
    "-" (x) 1 = -x, "−1";
    "+" (x, y) 2 = x + y, "1", "1";
    "- of two" (x, y) 2 = x - y, "1", "−1";
    "*" (x, y) 2 = x * y, "y", "x";
    "square" (x) 1 = x * x, "2x";
    "/" (x, y) 2 = x / y, "1/y", "−(x/y)/y";
    "%" (x, y) 2 = x % y, "1", "−trunc(x/y)";
    "rem_euclid" (x, y) 2 = x.rem_euclid(y), "1", "−⌊x/y⌋ for y > 0, −⌈x/y⌉ for y < 0";

    "powi -13" (x) 1 = x.powi(-13), "n·xⁿ⁻¹";
    "powi -2" (x) 1 = x.powi(-2), "n·xⁿ⁻¹";
    "powi -1" (x) 1 = x.powi(-1), "n·xⁿ⁻¹";
    "powi 2" (x) 1 = x.powi(2), "2x";
    "powi 3" (x) 1 = x.powi(3), "3x²";
    "powi 4" (x) 1 = x.powi(4), "n·xⁿ⁻¹";
    "powi 7" (x) 1 = x.powi(7), "n·xⁿ⁻¹";
    "powi 20" (x) 1 = x.powi(20), "n·xⁿ⁻¹";
    "powi 100" (x) 1 = x.powi(100), "n·xⁿ⁻¹";
    "powf" (x, p) 2 = x.powf(p), "p·xᵖ⁻¹", "xᵖ·ln x";
    "sqrt" (x) 1 = x.sqrt(), "½/√x";
    "cbrt" (x) 1 = x.cbrt(), "⅓/∛x²";
    "hypot" (x, y) 2 = x.hypot(y), "x/h", "y/h";
    "recip" (x) 1 = x.recip(), "−(1/x)²";
    "mul_add" (x, y, z) 3 = x.mul_add(y, z), "y", "x", "1";

    "exp" (x) 1 = x.exp(), "eˣ";
    "exp2" (x) 1 = x.exp2(), "ln 2·2ˣ";
    "exp_m1" (x) 1 = x.exp_m1(), "eˣ";
    "ln" (x) 1 = x.ln(), "1/x";
    "ln_1p" (x) 1 = x.ln_1p(), "1/(1 + x)";
    "log" (x, b) 2 = x.log(b), "1/(x·ln b)", "−log_b x/(b·ln b)";
    "log2" (x) 1 = x.log2(), "log₂e/x";
    "log10" (x) 1 = x.log10(), "log₁₀e/x";

    "sin" (x) 1 = x.sin(), "cos x";
    "cos" (x) 1 = x.cos(), "−sin x";
    "tan" (x) 1 = x.tan(), "1 + tan²x";
    "asin" (x) 1 = x.asin(), "1/√((1 − x)(1 + x))";
    "acos" (x) 1 = x.acos(), "−1/√((1 − x)(1 + x))";
    "atan" (x) 1 = x.atan(), "1/(1 + x²)";
    "atan2" (y, x) 2 = y.atan2(x), "x/(x² + y²)", "−y/(x² + y²)";
    "to_radians" (x) 1 = x.to_radians(), "π/180";
    "to_degrees" (x) 1 = x.to_degrees(), "180/π";

    "sinh" (x) 1 = x.sinh(), "cosh x";
    "cosh" (x) 1 = x.cosh(), "sinh x";
    "tanh" (x) 1 = x.tanh(), "1 − tanh²x";
    "asinh" (x) 1 = x.asinh(), "1/hypot(1, x)";
    "acosh" (x) 1 = x.acosh(), "1/(√(x − 1)·√(x + 1))";
    "atanh" (x) 1 = x.atanh(), "1/((1 − x)(1 + x))";

    "abs" (x) 1 = x.abs(), "sign x";
    "signum" (x) 1 = x.signum(), "0";
    "sign" (x) 1 = x.sign(), "0";
    "threshold" (x) 1 = x.threshold(), "0";
    "floor" (x) 1 = x.floor(), "0";
    "ceil" (x) 1 = x.ceil(), "0";
    "round" (x) 1 = x.round(), "0";
    "round_ties_even" (x) 1 = x.round_ties_even(), "0";
    "trunc" (x) 1 = x.trunc(), "0";
    "fract" (x) 1 = x.fract(), "1";
    "copysign" (x, y) 2 = x.copysign(y), "sign x·sign y", "0";
    "max" (x, y) 2 = x.max(y), "1, ½ or 0", "1, ½ or 0";
    "min" (x, y) 2 = x.min(y), "1, ½ or 0", "1, ½ or 0";
    "clamp" (x, lo, hi) 3 = x.clamp(lo, hi), "1, ½ or 0", "1, ½ or 0", "1, ½ or 0";

    "linear" (x) 1 = x.linear(), "1";
    "sigmoid" (x) 1 = x.sigmoid(), "σ(x)·σ(−x)";
    "relu" (x) 1 = x.relu(), "1 or 0";
    "softplus" (x) 1 = x.softplus(), "σ(x)";
    "log_sigmoid" (x) 1 = x.log_sigmoid(), "σ(−x)";
    "leaky_relu" (x, s) 2 = x.leaky_relu(s), "1 or s", "min(x, 0)";
    "elu" (x, a) 2 = x.elu(a), "1 or a·eˣ", "eˣ − 1 or 0";
    "silu" (x) 1 = x.silu(), "σ(x) + x·σ′(x)";
    "gelu" (x) 1 = x.gelu(), "σ(2u) + 2u′·x·σ′(2u)";
    "sinc" (x) 1 = x.sinc(), "(cos x − sinc x)/x, between −1 and 1 a series";
    "gaussian" (x) 1 = x.gaussian(), "−2x·e^(−x²)";
    "nll" (p, y) 2 = nll(p, y), "(1 − y)/(1 − p) − y/p", "ln(1 − p) − ln p";
    "nll_with_logits" (z, y) 2 = nll_with_logits(z, y), "(1 − y)·σ(z) − y·σ(−z)", "−z";

    "one_minus_sigmoid" (z) 1 = T::from_f64(1.0) - sigmoid(z), "−σ′(z)";
    "ln_one_minus_sigmoid" (z) 1 = (T::from_f64(1.0) - sigmoid(z)).ln(), "−σ(z)";
    "ln_one_minus_exp" (z) 1 = (T::from_f64(1.0) - z.exp()).ln(), "−1/(e⁻ᶻ − 1)";
    "binary_log_likelihood" (z, y) 2 = {
        let p = sigmoid(z);
        y * p.ln() + (T::from_f64(1.0) - y) * (T::from_f64(1.0) - p).ln()
    }, "y·σ(−z) − (1 − y)·σ(z)", "z";
    "log_sum_exp" (a, b, c) 3 = (a.exp() + b.exp() + c.exp()).ln(), "softmax(a, b, c)₁", "softmax(a, b, c)₂", "softmax(a, b, c)₃";
    "softmax_at" (a, b, c) 3 = a.exp() / (a.exp() + b.exp() + c.exp()), "p₁ − p₁·p₁", "−p₁·p₂", "−p₁·p₃";
    "ln_softmax_at" (a, b, c) 3 = (a.exp() / (a.exp() + b.exp() + c.exp())).ln(), "1 − p₁", "−p₂", "−p₃";
    "weighted_log_sum_exp" (w, a, b) 3 = (w * a.exp() + b.exp()).ln(), "eᵃ/Σ", "w·eᵃ/Σ", "eᵇ/Σ";
    "ln_cosh" (x) 1 = x.cosh().ln(), "tanh x";
    "tanh_half" (x) 1 = (x.exp() - T::from_f64(1.0)) / (x.exp() + T::from_f64(1.0)), "2σ′(x)";
    "cosc" (x) 1 = (T::from_f64(1.0) - x.cos()) / (x * x), "(sin x/x − 2·cosc x)/x, between −2 and 2 a series";
    "exp_relative" (x) 1 = (x.exp() - T::from_f64(1.0)) / x, "(eˣ·(x − 1) + 1)/x², between −1 and 1 a series";
    "bernoulli" (x) 1 = x / (x.exp() - T::from_f64(1.0)), "(1 − e⁻ˣ − x)·e⁻ˣ/(1 − e⁻ˣ)², for x < 1 by exp_relative";
    "root_of_squares" (a, b, c) 3 = {
        let mut sum = T::from_f64(0.0);
        for x in [a, b, c] {
            sum += x * x;
        }
        sum.sqrt()
    }, "a/√", "b/√", "c/√";
    "norm_of" (a, b, c) 3 = (a * a + b * b + c * c).sqrt(), "a/‖·‖", "b/‖·‖", "c/‖·‖";
}
