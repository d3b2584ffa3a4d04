//! The partial derivatives of every scalar function, from the textbook.
//!
//! They are written without regard to the rules from which the macro generates code, because they
//! are what those rules are tested against. The formulas are those of Abramowitz and Stegun,
//! *Handbook of Mathematical Functions* (1964), chapters 3, 4 and 7; where a function has a kink,
//! the value is the midpoint of the subdifferential (Clarke, *Optimization and Nonsmooth Analysis*,
//! 1983), with `relu(0)` aside, which is 0.

use super::Function;
use core::f64::consts::{LN_2, LN_10, PI};

impl Function {
    /// The partial derivative by each input, at `inputs` where the function has the value `value`.
    ///
    /// At kinks these are the values that the crate promises: see the table in the documentation
    /// of the module. An input that is an integer by nature (the exponent of `powi`) has the
    /// partial 0.
    ///
    /// # Panics
    ///
    /// If the number of inputs is not the function's [arity](Self::arity).
    ///
    /// ```
    /// use autodiff_runtime::graph::Function;
    ///
    /// assert_eq!(Function::Mul.partials(&[2.0, 5.0], 10.0), [5.0, 2.0]);
    /// assert_eq!(Function::Max.partials(&[3.0, 3.0], 3.0), [0.5, 0.5]);
    /// ```
    #[must_use]
    pub fn partials(self, inputs: &[f64], value: f64) -> Vec<f64> {
        self.check_arity(inputs);
        let [x, y, z] = core::array::from_fn(|i| inputs.get(i).copied().unwrap_or(f64::NAN));
        match self {
            Self::Neg => vec![-1.0],
            Self::Add => vec![1.0, 1.0],
            Self::Sub => vec![1.0, -1.0],
            Self::Mul => vec![y, x],
            Self::Div => vec![1.0 / y, -x / y / y],
            Self::MulAdd => vec![y, x, 1.0],
            Self::Recip => vec![-1.0 / (x * x)],
            Self::Rem => vec![1.0, -(x / y).trunc()],
            Self::RemEuclid => vec![1.0, -x.div_euclid(y)],

            Self::Powi => vec![power_by_base(x, y), 0.0],
            Self::Powf => vec![power_by_base(x, y), power_by_exponent(x, y)],
            Self::Sqrt => vec![pole_at_zero(x, 0.5 / value)],
            Self::Cbrt => vec![pole_at_zero(x, 1.0 / (3.0 * value * value))],
            Self::Hypot if value == 0.0 => vec![0.0, 0.0],
            Self::Hypot => vec![x / value, y / value],

            Self::Exp | Self::ExpM1 => vec![x.exp()],
            Self::Exp2 => vec![LN_2 * value],
            // At -0 the pole has the sign of the zero, as division has.
            Self::Ln => vec![1.0 / x],
            Self::Ln1p => vec![1.0 / (1.0 + x)],
            Self::Log2 => vec![1.0 / (x * LN_2)],
            Self::Log10 => vec![1.0 / (x * LN_10)],
            Self::Log => vec![1.0 / x / y.ln(), -x.ln() / (y * y.ln() * y.ln())],

            Self::Sin => vec![x.cos()],
            Self::Cos => vec![-x.sin()],
            Self::Tan => vec![1.0 / (x.cos() * x.cos())],
            Self::Asin => vec![1.0 / ((1.0 - x) * (1.0 + x)).sqrt()],
            Self::Acos => vec![-1.0 / ((1.0 - x) * (1.0 + x)).sqrt()],
            Self::Atan => vec![1.0 / (1.0 + x * x)],
            Self::Atan2 => arc_tangent(x, y),
            Self::Sinh => vec![x.cosh()],
            Self::Cosh => vec![x.sinh()],
            Self::Tanh => vec![4.0 * logistic_slope(2.0 * x)],
            Self::Asinh => vec![1.0 / x.hypot(1.0)],
            Self::Acosh => vec![1.0 / ((x - 1.0).sqrt() * (x + 1.0).sqrt())],
            Self::Atanh => vec![1.0 / ((1.0 - x) * (1.0 + x))],
            Self::Sinc => vec![sinc_slope(x)],

            Self::Abs => vec![direction(x)],
            Self::Copysign => vec![direction(x) * 1.0_f64.copysign(y), 0.0],
            Self::Floor
            | Self::Ceil
            | Self::Round
            | Self::RoundTiesEven
            | Self::Trunc
            | Self::Signum
            | Self::Sign
            | Self::Threshold => vec![0.0],
            Self::Fract | Self::Linear => vec![1.0],
            Self::Max => {
                let first = share(x > y || y.is_nan(), x == y);
                vec![first, 1.0 - first]
            }
            Self::Min => {
                let first = share(x < y || y.is_nan(), x == y);
                vec![first, 1.0 - first]
            }
            // The minimum with `z` of the maximum with `y`.
            Self::Clamp => {
                let (low, high) = (share(x < y, x == y), share(x > z, x == z));
                vec![(1.0 - low) * (1.0 - high), low * (1.0 - high), high]
            }
            Self::ToRadians => vec![PI / 180.0],
            Self::ToDegrees => vec![180.0 / PI],

            Self::Sigmoid => vec![logistic_slope(x)],
            Self::Relu => vec![if x > 0.0 { 1.0 } else { 0.0 }],
            Self::Softplus => vec![logistic(x)],
            Self::LogSigmoid => vec![logistic(-x)],
            Self::Silu => vec![logistic(x) + x * logistic_slope(x)],
            Self::LeakyRelu => vec![joint(x, y), x.min(0.0)],
            Self::Elu => vec![joint(x, y * x.min(0.0).exp()), x.min(0.0).exp_m1()],
            Self::Gelu => vec![gelu_slope(x)],
            Self::Gaussian => vec![-2.0 * x * (-x * x).exp()],

            Self::Nll => {
                let term = |weight: f64, odds: f64| if weight == 0.0 { 0.0 } else { weight / odds };
                vec![term(1.0 - y, 1.0 - x) - term(y, x), (1.0 - x).ln() - x.ln()]
            }
            Self::NllWithLogits => vec![(1.0 - y) * logistic(x) - y * logistic(-x), -x],
        }
    }
}

/// `slope`, but +∞ at ±0, where a formula would take its sign from the sign of the zero.
fn pole_at_zero(x: f64, slope: f64) -> f64 {
    if x == 0.0 { f64::INFINITY } else { slope }
}

/// ∂/∂x xᵖ = p·xᵖ⁻¹, with 0 for the constant x⁰.
fn power_by_base(x: f64, p: f64) -> f64 {
    if p == 0.0 { 0.0 } else { p * x.powf(p - 1.0) }
}

/// ∂/∂p xᵖ = xᵖ·ln x, whose limit at x = 0 is 0 for positive p; NaN for a negative base.
fn power_by_exponent(x: f64, p: f64) -> f64 {
    if x == 0.0 && p >= 0.0 {
        0.0
    } else {
        x.powf(p) * x.ln()
    }
}

/// The angle of (x, y) by y and by x; 0 at the origin, where it has no derivative.
fn arc_tangent(y: f64, x: f64) -> Vec<f64> {
    let radius = x.hypot(y);
    if radius == 0.0 {
        vec![0.0, 0.0]
    } else {
        // Divided twice: the square of the radius could overflow or vanish.
        vec![x / radius / radius, -y / radius / radius]
    }
}

/// −1, 0 or 1 with the sign of x; 0 at both zeros, NaN at NaN.
fn direction(x: f64) -> f64 {
    if x == 0.0 { 0.0 } else { x.signum() }
}

/// The part of the derivative that goes to the first of two values between which a maximum or
/// minimum chooses: all when it wins, half in a tie.
fn share(wins: bool, ties: bool) -> f64 {
    match (wins, ties) {
        (true, _) => 1.0,
        (false, true) => 0.5,
        (false, false) => 0.0,
    }
}

/// The slope of a function that is x above 0 and has the slope `left` below: between them at 0.
fn joint(x: f64, left: f64) -> f64 {
    if x > 0.0 {
        1.0
    } else if x == 0.0 {
        0.5 * (1.0 + left)
    } else {
        left
    }
}

/// σ(x) = 1/(1 + e⁻ˣ).
fn logistic(x: f64) -> f64 {
    1.0 / (1.0 + (-x).exp())
}

/// σ′(x) = e⁻ˣ/(1 + e⁻ˣ)², which is even; of −|x| no exponential overflows.
fn logistic_slope(x: f64) -> f64 {
    let e = (-x.abs()).exp();
    e / ((1.0 + e) * (1.0 + e))
}

/// (sin x / x)′ = (x·cos x − sin x)/x²; near 0, where that cancels, by its series −x/3 + x³/30 − ….
fn sinc_slope(x: f64) -> f64 {
    if x.abs() > 0.5 {
        return (x * x.cos() - x.sin()) / (x * x);
    }
    // The coefficients of x^(2k−1) are (−1)ᵏ·2k/(2k+1)!.
    let mut power_over_factorial = x / 6.0;
    let mut sum = 0.0;
    for k in 1..12 {
        let two_k = 2.0 * f64::from(k);
        sum -= two_k * power_over_factorial;
        power_over_factorial *= -x * x / ((two_k + 2.0) * (two_k + 3.0));
    }
    sum
}

/// The slope of x·σ(2u) with u = √(2/π)·(x + 0.044715·x³), which is the tanh form of the Gaussian
/// error linear unit (Hendrycks and Gimpel, *Gaussian Error Linear Units*, 2016).
fn gelu_slope(x: f64) -> f64 {
    let scale = (8.0 / PI).sqrt();
    let twice_u = scale * (x + 0.044_715 * x * x * x);
    let twice_u_slope = scale * (1.0 + 3.0 * 0.044_715 * x * x);
    logistic(twice_u) + x * logistic_slope(twice_u) * twice_u_slope
}
