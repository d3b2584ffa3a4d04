//! Dual numbers with derivative formulas of their own.

use std::ops::{Add, Div, Mul, Neg, Rem, Sub};

use crate::check::FROM_EVALUATOR;

/// A number, its derivative along a direction, and how large what adds up to the derivative is: the sum
/// of the absolute values over all ways from the arguments, which is what rounding errors are relative to.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Dual {
    /// The number, to the bit what rustc's code computes.
    pub value: f64,
    /// The derivative.
    pub dot: f64,
    /// The sum of absolute contributions.
    pub size: f64,
}

impl Dual {
    /// A number that does not depend on the arguments.
    pub fn constant(value: f64) -> Self {
        Self {
            value,
            dot: 0.0,
            size: 0.0,
        }
    }

    /// An argument.
    pub fn argument(value: f64, dot: f64) -> Self {
        Self {
            value,
            dot,
            size: dot.abs(),
        }
    }

    /// A function of this number with this value and derivative.
    fn map(self, value: f64, slope: f64) -> Self {
        Self {
            value,
            dot: times(slope, self.dot),
            size: times(slope.abs(), self.size),
        }
    }

    /// A function of two numbers with this value and partial derivatives.
    fn join(self, other: Self, value: f64, by_self: f64, by_other: f64) -> Self {
        Self {
            value,
            dot: times(by_self, self.dot) + times(by_other, other.dot),
            size: times(by_self.abs(), self.size) + times(by_other.abs(), other.size),
        }
    }

    /// The method of `f64` of this name, or the activation.
    pub fn unary(self, name: &str) -> Option<Self> {
        use autodiff_runtime::activation as runtime;
        let x = self.value;
        let logistic = 1.0 / (1.0 + (-x).exp());
        Some(match name {
            "sin" => self.map(x.sin(), x.cos()),
            "cos" => self.map(x.cos(), -x.sin()),
            "tan" => self.map(x.tan(), x.cos().powi(-2)),
            "asin" => self.map(x.asin(), (1.0 - x * x).sqrt().recip()),
            "acos" => self.map(x.acos(), -(1.0 - x * x).sqrt().recip()),
            "atan" => self.map(x.atan(), (x * x + 1.0).recip()),
            "sinh" => self.map(x.sinh(), x.cosh()),
            "cosh" => self.map(x.cosh(), x.sinh()),
            "tanh" => self.tanh(),
            "asinh" => self.map(x.asinh(), x.hypot(1.0).recip()),
            "exp" => self.map(x.exp(), x.exp()),
            "exp2" => self.map(x.exp2(), x.exp2() * 2_f64.ln()),
            "exp_m1" => self.map(x.exp_m1(), x.exp()),
            "ln" => self.map(x.ln(), 1.0 / x),
            "ln_1p" => self.map(x.ln_1p(), 1.0 / (1.0 + x)),
            "log2" => self.map(x.log2(), 1.0 / (x * 2_f64.ln())),
            "log10" => self.map(x.log10(), 1.0 / (x * 10_f64.ln())),
            "sqrt" => self.map(x.sqrt(), 1.0 / (2.0 * x.sqrt())),
            "cbrt" => self.map(x.cbrt(), 1.0 / (3.0 * x.cbrt() * x.cbrt())),
            "recip" => self.map(x.recip(), -1.0 / (x * x)),
            "abs" => self.map(x.abs(), if x == 0.0 { 0.0 } else { x.signum() }),
            "signum" => self.map(x.signum(), 0.0),
            "floor" => self.map(x.floor(), 0.0),
            "fract" => self.map(x.fract(), 1.0),
            "to_radians" => self.map(x.to_radians(), std::f64::consts::PI / 180.0),
            "sigmoid" => self.map(runtime::sigmoid(x), logistic * (1.0 - logistic)),
            "softplus" => self.map(runtime::softplus(x), logistic),
            "relu" => self.map(runtime::relu(x), if x > 0.0 { 1.0 } else { 0.0 }),
            "silu" => self.map(runtime::silu(x), logistic + x * logistic * (1.0 - logistic)),
            _ => return None,
        })
    }

    /// The rule for the derivative, `1 − y²`, is exact to a rounding of the one, not of the difference.
    fn tanh(self) -> Self {
        let rounding = f64::EPSILON / FROM_EVALUATOR;
        let tanh = self.map(self.value.tanh(), self.value.cosh().powi(-2));
        Self {
            size: tanh.size + times(rounding, self.size),
            ..tanh
        }
    }

    /// The method of `f64` of this name with one more argument.
    pub fn binary(self, name: &str, other: Self) -> Option<Self> {
        let (x, y) = (self.value, other.value);
        let half = |taken: bool| match x == y {
            true => 0.5,
            false => f64::from(u8::from(taken)),
        };
        Some(match name {
            "max" => self.join(other, x.max(y), half(x > y), half(y > x)),
            "min" => self.join(other, x.min(y), half(x < y), half(y < x)),
            "hypot" => {
                let r = x.hypot(y);
                self.join(other, r, x / r, y / r)
            }
            "atan2" => {
                let square = x * x + y * y;
                self.join(other, x.atan2(y), y / square, -x / square)
            }
            "powf" => self.join(other, x.powf(y), y * x.powf(y - 1.0), x.powf(y) * x.ln()),
            "copysign" => {
                let turned = if x.is_sign_negative() == y.is_sign_negative() {
                    1.0
                } else {
                    -1.0
                };
                self.join(other, x.copysign(y), turned, 0.0)
            }
            _ => return None,
        })
    }

    /// `self.powi(n)`.
    pub fn powi(self, n: i32) -> Self {
        let slope = if n == 0 {
            0.0
        } else {
            f64::from(n) * self.value.powi(n - 1)
        };
        self.map(self.value.powi(n), slope)
    }

    /// `self.mul_add(a, b)`.
    pub fn mul_add(self, a: Self, b: Self) -> Self {
        Self {
            value: self.value.mul_add(a.value, b.value),
            ..self * a + b
        }
    }

    /// `self.clamp(low, high)` between constants.
    pub fn clamp(self, low: Self, high: Self) -> Self {
        let (x, low, high) = (self.value, low.value, high.value);
        let slope = if x == low || x == high {
            0.5
        } else {
            f64::from(u8::from(low < x && x < high))
        };
        self.map(x.clamp(low, high), slope)
    }
}

/// A product in which a derivative of zero stays zero.
fn times(slope: f64, dot: f64) -> f64 {
    if dot == 0.0 { 0.0 } else { slope * dot }
}

impl Add for Dual {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        self.join(other, self.value + other.value, 1.0, 1.0)
    }
}

impl Sub for Dual {
    type Output = Self;
    fn sub(self, other: Self) -> Self {
        self.join(other, self.value - other.value, 1.0, -1.0)
    }
}

impl Mul for Dual {
    type Output = Self;
    fn mul(self, other: Self) -> Self {
        self.join(other, self.value * other.value, other.value, self.value)
    }
}

impl Div for Dual {
    type Output = Self;
    fn div(self, other: Self) -> Self {
        let (x, y) = (self.value, other.value);
        self.join(other, x / y, 1.0 / y, -x / (y * y))
    }
}

impl Rem for Dual {
    type Output = Self;
    fn rem(self, other: Self) -> Self {
        let (x, y) = (self.value, other.value);
        self.join(other, x % y, 1.0, -(x / y).trunc())
    }
}

impl Neg for Dual {
    type Output = Self;
    fn neg(self) -> Self {
        self.map(-self.value, -1.0)
    }
}
