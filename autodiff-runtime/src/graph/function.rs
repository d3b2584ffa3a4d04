//! The scalar functions that a graph is made of: what each is called and how it is evaluated.

use crate::Real;

/// Declares the enum together with the facts of each function, so that none can be forgotten.
macro_rules! functions {
    ($($variant:ident $name:literal $($input:ident)+ => $value:expr, $doc:literal;)+) => {
        /// A scalar function: operators, the methods of `f64` and the runtime's activations.
        ///
        /// The variants have the names of the methods.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Function {
            $(#[doc = $doc] $variant,)+
        }

        impl Function {
            /// Every function, in the order of declaration.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The name of the Rust method (`ln_1p`), for operators that of the trait's (`add`).
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)+ }
            }

            /// How many inputs the function has.
            #[must_use]
            pub const fn arity(self) -> usize {
                match self { $(Self::$variant => [$(stringify!($input)),+].len(),)+ }
            }

            /// The function's value, by the same operation of `f64` that generated code uses.
            ///
            /// # Panics
            ///
            /// If the number of inputs is not the function's [arity](Self::arity).
            ///
            /// ```
            /// use autodiff_runtime::graph::Function;
            ///
            /// assert_eq!(Function::Hypot.apply(&[3.0, 4.0]), 5.0);
            /// ```
            #[must_use]
            pub fn apply(self, inputs: &[f64]) -> f64 {
                self.check_arity(inputs);
                match self {
                    $(Self::$variant => match *inputs {
                        [$($input),+] => $value,
                        _ => unreachable!("the number of inputs was checked"),
                    },)+
                }
            }
        }
    };
}

functions! {
    Neg "neg" x => -x, "`-x`";
    Add "add" x y => x + y, "`x + y`";
    Sub "sub" x y => x - y, "`x - y`";
    Mul "mul" x y => x * y, "`x * y`";
    Div "div" x y => x / y, "`x / y`";
    Rem "rem" x y => x % y, "`x % y`";
    Powi "powi" x n => x.powi(integer(n)), "`x.powi(n)`; the exponent has no derivative";
    Powf "powf" x p => x.powf(p), "`x.powf(p)`";
    Sqrt "sqrt" x => x.sqrt(), "`x.sqrt()`";
    Cbrt "cbrt" x => x.cbrt(), "`x.cbrt()`";
    Exp "exp" x => x.exp(), "`x.exp()`";
    Exp2 "exp2" x => x.exp2(), "`x.exp2()`";
    ExpM1 "exp_m1" x => x.exp_m1(), "`x.exp_m1()`, eˣ − 1";
    Ln "ln" x => x.ln(), "`x.ln()`";
    Ln1p "ln_1p" x => x.ln_1p(), "`x.ln_1p()`, ln(1 + x)";
    Log "log" x base => x.log(base), "`x.log(base)`";
    Log2 "log2" x => x.log2(), "`x.log2()`";
    Log10 "log10" x => x.log10(), "`x.log10()`";
    Sin "sin" x => x.sin(), "`x.sin()`";
    Cos "cos" x => x.cos(), "`x.cos()`";
    Tan "tan" x => x.tan(), "`x.tan()`";
    Asin "asin" x => x.asin(), "`x.asin()`";
    Acos "acos" x => x.acos(), "`x.acos()`";
    Atan "atan" x => x.atan(), "`x.atan()`";
    Atan2 "atan2" y x => y.atan2(x), "`y.atan2(x)`";
    Sinh "sinh" x => x.sinh(), "`x.sinh()`";
    Cosh "cosh" x => x.cosh(), "`x.cosh()`";
    Tanh "tanh" x => x.tanh(), "`x.tanh()`";
    Asinh "asinh" x => x.asinh(), "`x.asinh()`";
    Acosh "acosh" x => x.acosh(), "`x.acosh()`";
    Atanh "atanh" x => x.atanh(), "`x.atanh()`";
    Abs "abs" x => x.abs(), "`x.abs()`";
    Signum "signum" x => x.signum(), "`x.signum()`";
    Copysign "copysign" x y => x.copysign(y), "`x.copysign(y)`";
    Floor "floor" x => x.floor(), "`x.floor()`";
    Ceil "ceil" x => x.ceil(), "`x.ceil()`";
    Round "round" x => x.round(), "`x.round()`";
    RoundTiesEven "round_ties_even" x => x.round_ties_even(), "`x.round_ties_even()`";
    Trunc "trunc" x => x.trunc(), "`x.trunc()`";
    Fract "fract" x => x.fract(), "`x.fract()`";
    Max "max" x y => x.max(y), "`x.max(y)`";
    Min "min" x y => x.min(y), "`x.min(y)`";
    Clamp "clamp" x low high => x.clamp(low, high), "`x.clamp(low, high)`";
    Hypot "hypot" x y => x.hypot(y), "`x.hypot(y)`, √(x² + y²)";
    MulAdd "mul_add" x y z => x.mul_add(y, z), "`x.mul_add(y, z)`, x·y + z rounded once";
    Recip "recip" x => x.recip(), "`x.recip()`, 1/x";
    ToRadians "to_radians" x => x.to_radians(), "`x.to_radians()`";
    ToDegrees "to_degrees" x => x.to_degrees(), "`x.to_degrees()`";
    RemEuclid "rem_euclid" x y => x.rem_euclid(y), "`x.rem_euclid(y)`";
    Sigmoid "sigmoid" x => Real::sigmoid(x), "`sigmoid(x)`, 1/(1 + e⁻ˣ)";
    Relu "relu" x => Real::relu(x), "`relu(x)`, max(x, 0)";
    Softplus "softplus" x => Real::softplus(x), "`softplus(x)`, ln(1 + eˣ)";
    LogSigmoid "log_sigmoid" x => Real::log_sigmoid(x), "`log_sigmoid(x)`, ln σ(x)";
    LeakyRelu "leaky_relu" x slope => Real::leaky_relu(x, slope), "`leaky_relu(x, slope)`: x, or slope·x where x < 0";
    Elu "elu" x alpha => Real::elu(x, alpha), "`elu(x, alpha)`: x, or alpha·(eˣ − 1) where x < 0";
    Gelu "gelu" x => Real::gelu(x), "`gelu(x)`, x·Φ(x) in its tanh form";
    Silu "silu" x => Real::silu(x), "`silu(x)`, x·σ(x)";
    Sinc "sinc" x => Real::sinc(x), "`sinc(x)`, sin(x)/x";
    Gaussian "gaussian" x => Real::gaussian(x), "`gaussian(x)`, e^(−x²)";
    Threshold "threshold" x => Real::threshold(x), "`threshold(x)`: a step at 0";
    Sign "sign" x => Real::sign(x), "`sign(x)`: −1, 0 or 1";
    Linear "linear" x => Real::linear(x), "`linear(x)`, x";
    Nll "nll" p y => crate::loss::nll(p, y), "`nll(p, y)`, −y·ln p − (1 − y)·ln(1 − p)";
    NllWithLogits "nll_with_logits" z y => crate::loss::nll_with_logits(z, y), "`nll_with_logits(z, y)`, `nll(σ(z), y)`";
}

/// The exponent of `powi`, which travels through the interpreter as a float.
fn integer(value: f64) -> i32 {
    value as i32
}

impl Function {
    /// Refuses a wrong number of inputs before it can be mistaken for something else.
    pub(super) fn check_arity(self, inputs: &[f64]) {
        assert_eq!(
            inputs.len(),
            self.arity(),
            "`{}` takes {} inputs, not {}",
            self.name(),
            self.arity(),
            inputs.len()
        );
    }
}
