//! The one derivative table: every scalar function, how it is written, and its partials.
//!
//! A partial is given as a *contribution*: an expression linear in `d` that is the adjoint sent to
//! that argument when `d` is the adjoint of the result, and equally the tangent of the result when
//! `d` is the tangent of that argument. So one row serves reverse and forward mode.
//!
//! Rows marked `strong_zero` have partials that can be infinite or NaN at finite arguments: there a
//! `d` of exactly zero contributes zero. The functions whose names end in `_adjoint` or `_share`
//! live in the runtime, honour the conventions at the kinks, and are strong themselves.

use crate::build::{Site, Term};

/// How a function is written in Rust.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// A prefix or infix operator.
    Operator(&'static str),
    /// A method of the floats.
    Method(&'static str),
    /// A method of `Real`, also a free function of the runtime's prelude.
    Activation(&'static str),
    /// A loss: only a free function of the runtime's prelude.
    Loss(&'static str),
    /// Only introduced by the compiler: a function of the runtime's support module.
    Support(&'static str),
    /// As `Support`, with the first `n` arguments plain and the others gathered in an array.
    Gathered(&'static str, usize),
}

impl Form {
    /// The function's name, or the operator.
    pub fn name(self) -> &'static str {
        match self {
            Operator(name)
            | Method(name)
            | Activation(name)
            | Loss(name)
            | Support(name)
            | Gathered(name, _) => name,
        }
    }
}

pub type Partial = for<'a, 'b> fn(&'a Site<'b>) -> Term<'b>;

/// The partials of a function.
#[derive(Clone, Copy)]
pub enum Partials {
    /// One row per argument; an argument without a row is an integer or has derivative zero.
    Each(&'static [Partial]),
    /// The same row for every argument of a function of any number of arguments.
    Every(for<'a, 'b> fn(&'a Site<'b>, usize) -> Term<'b>),
}

pub struct Rule {
    pub form: Form,
    pub arity: usize,
    pub partials: Partials,
}

macro_rules! primitives {
    ($($variant:ident($arity:literal) = $form:expr => $partials:expr;)*) => {
        /// A scalar function of the table.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Primitive { $($variant),* }

        impl Primitive {
            pub const ALL: &[Primitive] = &[$(Primitive::$variant),*];

            pub fn rule(self) -> Rule {
                match self {
                    $(Primitive::$variant => Rule { form: $form, arity: $arity, partials: $partials },)*
                }
            }
        }
    };
}

use Form::{Activation, Gathered, Loss, Method, Operator, Support};
use Partials::{Each, Every};

const NONE: Partials = Each(&[]);

primitives! {
    // Operators.
    Neg(1) = Operator("-") => Each(&[|s| -s.d]);
    Add(2) = Operator("+") => Each(&[|s| s.d, |s| s.d]);
    Sub(2) = Operator("-") => Each(&[|s| s.d, |s| -s.d]);
    Mul(2) = Operator("*") => Each(&[
        |s| if s.is_square() { s.d * (s.constant(2.0) * s.x()) } else { s.d * s.factor(1) },
        |s| if s.is_square() { s.constant(0.0) } else { s.factor(0) * s.d },
    ]);
    Div(2) = Operator("/") => Each(&[
        |s| s.quotient(s.y()),
        |s| s.divisor_share(),
    ]);
    Rem(2) = Operator("%") => Each(&[|s| s.d, |s| s.call(Primitive::RemDivisorAdjoint, &[s.d, s.x(), s.y()])]);

    // Powers and roots.
    Powi(2) = Method("powi") => Each(&[|s| match s.integer(1) {
        Some(0) => s.constant(0.0),
        Some(1) => s.d,
        Some(2) => s.d * (s.constant(2.0) * s.x()),
        Some(3) => s.d * (s.constant(3.0) * (s.x() * s.x())),
        _ => s.call(Primitive::PowiAdjoint, &[s.d, s.x(), s.y()]),
    }]);
    Powf(2) = Method("powf") => Each(&[
        |s| s.call(Primitive::PowfBaseAdjoint, &[s.d, s.x(), s.y(), s.result()]),
        |s| s.call(Primitive::PowfExponentAdjoint, &[s.d, s.x(), s.y(), s.result()]),
    ]);
    Sqrt(1) = Method("sqrt") => Each(&[|s| s.call(Primitive::SqrtAdjoint, &[s.d, s.result()])]);
    Cbrt(1) = Method("cbrt") => Each(&[|s| s.call(Primitive::CbrtAdjoint, &[s.d, s.result()])]);
    Hypot(2) = Method("hypot") => Each(&[
        |s| s.call(Primitive::HypotAdjoint, &[s.d, s.x(), s.result()]),
        |s| s.call(Primitive::HypotAdjoint, &[s.d, s.y(), s.result()]),
    ]);
    Recip(1) = Method("recip") => Each(&[|s| s.strong_zero(-s.d * s.result() * s.result())]);
    MulAdd(3) = Method("mul_add") => Each(&[|s| s.d * s.factor(1), |s| s.factor(0) * s.d, |s| s.d]);

    // Exponentials and logarithms.
    Exp(1) = Method("exp") => Each(&[|s| s.strong_zero(s.d * s.result())]);
    Exp2(1) = Method("exp2") => Each(&[
        |s| s.strong_zero(s.d * (s.constant(std::f64::consts::LN_2) * s.result())),
    ]);
    ExpM1(1) = Method("exp_m1") => Each(&[|s| s.strong_zero(s.d * s.x().apply(Primitive::Exp))]);
    Ln(1) = Method("ln") => Each(&[|s| s.quotient(s.x())]);
    Ln1p(1) = Method("ln_1p") => Each(&[|s| s.strong_zero(s.d / (s.constant(1.0) + s.x()))]);
    Log(2) = Method("log") => Each(&[
        |s| s.call(Primitive::LogAdjoint, &[s.d, s.x(), s.y()]),
        |s| s.call(Primitive::LogBaseAdjoint, &[s.d, s.y(), s.result()]),
    ]);
    Log2(1) = Method("log2") => Each(&[
        |s| s.quotient(s.x()) * s.constant(std::f64::consts::LOG2_E),
    ]);
    Log10(1) = Method("log10") => Each(&[
        |s| s.quotient(s.x()) * s.constant(std::f64::consts::LOG10_E),
    ]);

    // Trigonometric functions and their inverses.
    Sin(1) = Method("sin") => Each(&[|s| s.d * s.x().apply(Primitive::Cos)]);
    Cos(1) = Method("cos") => Each(&[|s| -s.d * s.x().apply(Primitive::Sin)]);
    Tan(1) = Method("tan") => Each(&[|s| s.d * (s.constant(1.0) + s.result() * s.result())]);
    Asin(1) = Method("asin") => Each(&[|s| s.call(Primitive::AsinAdjoint, &[s.d, s.x()])]);
    Acos(1) = Method("acos") => Each(&[|s| s.call(Primitive::AsinAdjoint, &[-s.d, s.x()])]);
    Atan(1) = Method("atan") => Each(&[|s| s.d / (s.constant(1.0) + s.x() * s.x())]);
    Atan2(2) = Method("atan2") => Each(&[
        |s| s.call(Primitive::Atan2AdjointY, &[s.d, s.x(), s.y()]),
        |s| s.call(Primitive::Atan2AdjointX, &[s.d, s.x(), s.y()]),
    ]);
    ToRadians(1) = Method("to_radians") => Each(&[|s| s.d * s.constant(std::f64::consts::PI / 180.0)]);
    ToDegrees(1) = Method("to_degrees") => Each(&[|s| s.d * s.constant(180.0 / std::f64::consts::PI)]);

    // Hyperbolic functions and their inverses.
    Sinh(1) = Method("sinh") => Each(&[|s| s.strong_zero(s.d * s.x().apply(Primitive::Cosh))]);
    Cosh(1) = Method("cosh") => Each(&[|s| s.strong_zero(s.d * s.x().apply(Primitive::Sinh))]);
    Tanh(1) = Method("tanh") => Each(&[|s| s.d * (s.constant(1.0) - s.result() * s.result())]);
    Asinh(1) = Method("asinh") => Each(&[|s| s.d / s.constant(1.0).apply2(Primitive::Hypot, s.x())]);
    Acosh(1) = Method("acosh") => Each(&[|s| s.call(Primitive::AcoshAdjoint, &[s.d, s.x()])]);
    Atanh(1) = Method("atanh") => Each(&[|s| s.call(Primitive::AtanhAdjoint, &[s.d, s.x()])]);

    // Piecewise functions: the conventions at the kinks are the runtime's.
    Abs(1) = Method("abs") => Each(&[|s| s.call(Primitive::AbsAdjoint, &[s.d, s.x()])]);
    Signum(1) = Method("signum") => NONE;
    Copysign(2) = Method("copysign") => Each(&[|s| s.call(Primitive::CopysignAdjoint, &[s.d, s.x(), s.y()])]);
    Floor(1) = Method("floor") => NONE;
    Ceil(1) = Method("ceil") => NONE;
    Round(1) = Method("round") => NONE;
    RoundTiesEven(1) = Method("round_ties_even") => NONE;
    Trunc(1) = Method("trunc") => NONE;
    Fract(1) = Method("fract") => Each(&[|s| s.d]);
    Max(2) = Method("max") => Each(&[
        |s| s.call(Primitive::MaxShare, &[s.d, s.x(), s.y()]),
        |s| s.call(Primitive::MaxShare, &[s.d, s.y(), s.x()]),
    ]);
    Min(2) = Method("min") => Each(&[
        |s| s.call(Primitive::MinShare, &[s.d, s.x(), s.y()]),
        |s| s.call(Primitive::MinShare, &[s.d, s.y(), s.x()]),
    ]);
    Clamp(3) = Method("clamp") => Each(&[
        |s| s.call(Primitive::ClampShare, &[s.d, s.x(), s.y(), s.z()]),
        |s| s.call(Primitive::ClampLowShare, &[s.d, s.x(), s.y()]),
        |s| s.call(Primitive::ClampHighShare, &[s.d, s.x(), s.z()]),
    ]);
    RemEuclid(2) = Method("rem_euclid") => Each(&[
        |s| s.d,
        |s| s.call(Primitive::RemEuclidDivisorAdjoint, &[s.d, s.x(), s.y()]),
    ]);

    // Activations.
    Linear(1) = Activation("linear") => Each(&[|s| s.d]);
    Threshold(1) = Activation("threshold") => NONE;
    Sign(1) = Activation("sign") => NONE;
    Sigmoid(1) = Activation("sigmoid") => Each(&[|s| s.d * s.call(Primitive::SigmoidSlope, &[s.x()])]);
    Relu(1) = Activation("relu") => Each(&[|s| s.call(Primitive::ReluAdjoint, &[s.d, s.x()])]);
    Softplus(1) = Activation("softplus") => Each(&[|s| s.call(Primitive::SoftplusAdjoint, &[s.d, s.x()])]);
    LogSigmoid(1) = Activation("log_sigmoid") => Each(&[
        |s| s.call(Primitive::LogSigmoidAdjoint, &[s.d, s.x()]),
    ]);
    LeakyRelu(2) = Activation("leaky_relu") => Each(&[
        |s| s.call(Primitive::LeakyReluAdjoint, &[s.d, s.x(), s.y()]),
        |s| s.call(Primitive::LeakyReluSlopeAdjoint, &[s.d, s.x()]),
    ]);
    Elu(2) = Activation("elu") => Each(&[
        |s| s.call(Primitive::EluAdjoint, &[s.d, s.x(), s.y()]),
        |s| s.call(Primitive::EluAlphaAdjoint, &[s.d, s.x()]),
    ]);
    Gelu(1) = Activation("gelu") => Each(&[|s| s.call(Primitive::GeluAdjoint, &[s.d, s.x()])]);
    Silu(1) = Activation("silu") => Each(&[|s| s.call(Primitive::SiluAdjoint, &[s.d, s.x()])]);
    Sinc(1) = Activation("sinc") => Each(&[|s| s.call(Primitive::SincAdjoint, &[s.d, s.x()])]);
    Gaussian(1) = Activation("gaussian") => Each(&[|s| s.call(Primitive::GaussianAdjoint, &[s.d, s.x()])]);

    // Losses that are rewritten when their argument is a sigmoid.
    Nll(2) = Loss("nll") => Each(&[
        |s| s.call(Primitive::NllAdjoint, &[s.d, s.x(), s.y()]),
        |s| s.call(Primitive::NllTargetAdjoint, &[s.d, s.x()]),
    ]);
    NllWithLogits(2) = Loss("nll_with_logits") => Each(&[
        |s| s.call(Primitive::NllLogitAdjoint, &[s.d, s.x(), s.y()]),
        |s| -(s.x() * s.d),
    ]);

    // Composites: stable forms of what users write naively (see `stabilise`).
    OneMinusSigmoid(1) = Support("one_minus_sigmoid") => Each(&[
        |s| -s.d * s.call(Primitive::SigmoidSlope, &[s.x()]),
    ]);
    LnOneMinusSigmoid(1) = Support("ln_one_minus_sigmoid") => Each(&[
        |s| s.call(Primitive::SoftplusAdjoint, &[-s.d, s.x()]),
    ]);
    LnOneMinusExp(1) = Support("ln_one_minus_exp") => Each(&[
        |s| s.call(Primitive::LnOneMinusExpAdjoint, &[s.d, s.x()]),
    ]);
    BinaryLogLikelihood(2) = Support("binary_log_likelihood") => Each(&[
        |s| s.call(Primitive::NllLogitAdjoint, &[-s.d, s.x(), s.y()]),
        |s| s.x() * s.d,
    ]);
    LogSumExp(0) = Gathered("log_sum_exp", 0) => Every(|s, k| s.share_of(s.d, k));
    // Arguments: the chosen logit, then the others. What the chosen one lacks of 1 is the share of the
    // others: to add it up keeps the digits that 1 − p loses.
    SoftmaxAt(0) = Gathered("softmax_at", 1) => Every(|s, k| {
        let chosen = s.share_of(s.d, 0);
        if k == 0 { s.share_of_others(chosen) } else { -s.share_of(chosen, k) }
    });
    LnSoftmaxAt(0) = Gathered("ln_softmax_at", 1) => Every(|s, k| {
        if k == 0 { s.share_of_others(s.d) } else { -s.share_of(s.d, k) }
    });
    // Arguments: weight, exponent, weight, exponent, …
    WeightedLogSumExp(0) = Gathered("weighted_log_sum_exp", 0) => Every(|s, k| s.weighted_share(k));
    LnCosh(1) = Support("ln_cosh") => Each(&[|s| s.d * s.x().apply(Primitive::Tanh)]);
    TanhHalf(1) = Support("tanh_half") => Each(&[
        |s| s.constant(2.0) * s.d * s.call(Primitive::SigmoidSlope, &[s.x()]),
    ]);
    RootOfSquares(1) = Support("root_of_squares") => Each(&[|s| {
        let root = s.naive().unwrap_or_else(|| s.result());
        s.call(Primitive::RootOfSquaresAdjoint, &[s.d, root])
    }]);
    Cosc(1) = Support("cosc") => Each(&[|s| s.call(Primitive::CoscAdjoint, &[s.d, s.x()])]);
    ExpRelative(1) = Support("exp_relative") => Each(&[
        |s| s.call(Primitive::ExpRelativeAdjoint, &[s.d, s.x()]),
    ]);
    Bernoulli(1) = Support("bernoulli") => Each(&[|s| s.call(Primitive::BernoulliAdjoint, &[s.d, s.x()])]);
    Norm(0) = Gathered("norm_of", 0) => Every(|s, k| {
        let norm = match s.naive() {
            Some(naive) => s.call_with_all(Primitive::NormFrom, &[naive], 0),
            None => s.result(),
        };
        s.call(Primitive::NormAdjoint, &[s.d, s.arg(k), norm])
    });

    // What the rows above are written with.
    StrongZero(2) = Support("strong_zero") => NONE;
    RemDivisorAdjoint(3) = Support("rem_divisor_adjoint") => NONE;
    RemEuclidDivisorAdjoint(3) = Support("rem_euclid_divisor_adjoint") => NONE;
    PowiAdjoint(3) = Support("powi_adjoint") => NONE;
    PowfBaseAdjoint(4) = Support("powf_base_adjoint") => NONE;
    PowfExponentAdjoint(4) = Support("powf_exponent_adjoint") => NONE;
    SqrtAdjoint(2) = Support("sqrt_adjoint") => NONE;
    CbrtAdjoint(2) = Support("cbrt_adjoint") => NONE;
    HypotAdjoint(3) = Support("hypot_adjoint") => NONE;
    LogAdjoint(3) = Support("log_adjoint") => NONE;
    LogBaseAdjoint(3) = Support("log_base_adjoint") => NONE;
    AsinAdjoint(2) = Support("asin_adjoint") => NONE;
    Atan2AdjointY(3) = Support("atan2_adjoint_y") => NONE;
    Atan2AdjointX(3) = Support("atan2_adjoint_x") => NONE;
    AcoshAdjoint(2) = Support("acosh_adjoint") => NONE;
    AtanhAdjoint(2) = Support("atanh_adjoint") => NONE;
    AbsAdjoint(2) = Support("abs_adjoint") => NONE;
    CopysignAdjoint(3) = Support("copysign_adjoint") => NONE;
    MaxShare(3) = Support("max_share") => NONE;
    MinShare(3) = Support("min_share") => NONE;
    ClampShare(4) = Support("clamp_share") => NONE;
    ClampLowShare(3) = Support("clamp_low_share") => NONE;
    ClampHighShare(3) = Support("clamp_high_share") => NONE;
    SigmoidSlope(1) = Support("sigmoid_slope") => NONE;
    ReluAdjoint(2) = Support("relu_adjoint") => NONE;
    SoftplusAdjoint(2) = Support("softplus_adjoint") => NONE;
    LogSigmoidAdjoint(2) = Support("log_sigmoid_adjoint") => NONE;
    LeakyReluAdjoint(3) = Support("leaky_relu_adjoint") => NONE;
    LeakyReluSlopeAdjoint(2) = Support("leaky_relu_slope_adjoint") => NONE;
    EluAdjoint(3) = Support("elu_adjoint") => NONE;
    EluAlphaAdjoint(2) = Support("elu_alpha_adjoint") => NONE;
    GeluAdjoint(2) = Support("gelu_adjoint") => NONE;
    SiluAdjoint(2) = Support("silu_adjoint") => NONE;
    SincAdjoint(2) = Support("sinc_adjoint") => NONE;
    GaussianAdjoint(2) = Support("gaussian_adjoint") => NONE;
    NllAdjoint(3) = Support("nll_adjoint") => NONE;
    NllTargetAdjoint(2) = Support("nll_target_adjoint") => NONE;
    NllLogitAdjoint(3) = Support("nll_logit_adjoint") => NONE;
    LnOneMinusExpAdjoint(2) = Support("ln_one_minus_exp_adjoint") => NONE;
    Largest(0) = Gathered("largest_of", 0) => NONE;
    SumExp(0) = Gathered("sum_exp", 1) => NONE;
    LogSumExpAdjoint(4) = Support("log_sum_exp_adjoint") => NONE;
    WeightedLargest(0) = Gathered("weighted_largest", 0) => NONE;
    WeightedSumExp(0) = Gathered("weighted_sum_exp", 1) => NONE;
    RootOfSquaresAdjoint(2) = Support("root_of_squares_adjoint") => NONE;
    CoscAdjoint(2) = Support("cosc_adjoint") => NONE;
    ExpRelativeAdjoint(2) = Support("exp_relative_adjoint") => NONE;
    BernoulliAdjoint(2) = Support("bernoulli_adjoint") => NONE;
    NormAdjoint(3) = Support("norm_adjoint") => NONE;
    NormFrom(0) = Gathered("norm_from", 1) => NONE;
}

impl Primitive {
    /// The primitive a user calls as a method or as `f64::name`.
    pub fn method(name: &str) -> Option<Primitive> {
        Self::ALL.iter().copied().find(|primitive| {
            matches!(primitive.rule().form, Method(own) | Activation(own) if own == name)
        })
    }

    /// The primitive a user calls as a free function of the prelude.
    pub fn free_function(name: &str) -> Option<Primitive> {
        match name {
            "tanh" => Some(Primitive::Tanh),
            "sin" => Some(Primitive::Sin),
            _ => Self::ALL
                .iter()
                .copied()
                .find(|primitive| matches!(primitive.rule().form, Activation(own) | Loss(own) if own == name)),
        }
    }

    /// Names a user may write after the dot, for suggestions.
    pub fn method_names() -> impl Iterator<Item = &'static str> {
        Self::ALL
            .iter()
            .filter_map(|primitive| match primitive.rule().form {
                Method(name) | Activation(name) => Some(name),
                _ => None,
            })
    }

    /// Whether the `k`-th argument is an integer.
    pub fn takes_integer(self, k: usize) -> bool {
        matches!(
            (self, k),
            (Primitive::Powi, 1) | (Primitive::PowiAdjoint, 2)
        )
    }

    /// Whether its derivative shares what is dear with its value: then it is best computed beside
    /// the value, and kept, where the optimiser sees both.
    pub fn shares_with_slope(self) -> bool {
        use Primitive::*;
        matches!(
            self,
            Sigmoid | OneMinusSigmoid | Softplus | LogSigmoid | LnOneMinusSigmoid | Silu | Gelu
        )
    }

    /// Whether it is written as a call, and worth not computing twice.
    pub fn is_call(self) -> bool {
        !matches!(self.rule().form, Operator(_))
    }

    /// Whether the `k`-th argument has a partial that is not identically zero.
    pub fn depends_on(self, k: usize) -> bool {
        match self.rule().partials {
            Each(rows) => k < rows.len(),
            Every(_) => true,
        }
    }
}
