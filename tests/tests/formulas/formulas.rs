//! The formulas, as users write them.

use autodiff_runtime::prelude::*;
use autodiff_tests::check::Companion;
use autodiff_tests::companion;

/// A formula under test.
pub struct Formula {
    pub name: &'static str,
    pub source: &'static str,
    pub lost: Option<Lost>,
    pub companion: Companion<f64, 1>,
}

/// Where the derivative is not the true one, in one of the modes at least, and why.
pub struct Lost {
    pub at: &'static [f64],
    pub reason: &'static str,
}

macro_rules! formulas {
    ($($name:ident($z:ident) { $($body:tt)* } $(lost $lost:expr, $reason:literal)?;)+) => {
        /// All of them, in the order of the documentation.
        pub fn formulas() -> Vec<Formula> {
            vec![$({
                #[differentiable]
                fn formula($z: f64) -> f64 {
                    $($body)*
                }
                Formula {
                    name: stringify!($name),
                    source: stringify!($($body)*),
                    lost: None$(.or(Some(Lost { at: &$lost, reason: $reason })))?,
                    companion: companion!(f64, 1, formula),
                }
            }),+]
        }
    };
}

formulas! {
    ln_sigmoid(z) { sigmoid(z).ln() };
    minus_ln_sigmoid(z) { let p = sigmoid(z); -p.ln() };
    ln_one_minus_sigmoid(z) { (1.0 - sigmoid(z)).ln() };
    softplus(z) { (1.0 + z.exp()).ln() };
    softplus_ln_1p(z) { z.exp().ln_1p() };
    softplus_shifted(z) { z.max(0.0) + (1.0 + (-z.abs()).exp()).ln() };
    logistic(z) { 1.0 / (1.0 + (-z).exp()) };
    logistic_quotient(z) { z.exp() / (1.0 + z.exp()) };
    logistic_power(z) { (1.0 + (-z).exp()).powi(-1) };
    one_minus_logistic(z) { 1.0 - 1.0 / (1.0 + (-z).exp()) };
    likelihood(z) { let (y, p) = (0.25, sigmoid(z)); y * p.ln() + (1.0 - y) * (1.0 - p).ln() };
    nll_hit(z) { let (y, p) = (1.0, sigmoid(z)); -(y * p.ln() + (1.0 - y) * (1.0 - p).ln()) };
    nll_miss(z) { let (y, p) = (0.0, sigmoid(z)); -y * p.ln() - (1.0 - y) * (1.0 - p).ln() };
    nll_function(z) { nll(sigmoid(z), 1.0) };
    margin(z) { let y = 0.0; -sigmoid((2.0 * y - 1.0) * z).ln() };
    clamped_nll(z) { -sigmoid(z).clamp(1e-7, 1.0 - 1e-7).ln() };
    logit(z) { let p = sigmoid(z); (p / (1.0 - p)).ln() };
    difference_of_logs(z) { let p = sigmoid(z); p.ln() - (1.0 - p).ln() };
    odds(z) { let p = sigmoid(z); p / (1.0 - p) };
    p_ln_p(z) { let p = sigmoid(z); p * p.ln() };
    entropy(z) { let p = sigmoid(z); -(p * p.ln() + (1.0 - p) * (1.0 - p).ln()) };
    divergence(z) { let p = sigmoid(z); p * (p.ln() - 0.5_f64.ln()) };
    focal(z) { let p = sigmoid(z); -(1.0 - p).powi(2) * p.ln() };
    swish_by_hand(z) { z / (1.0 + (-z).exp()) };
    swish(z) { z * sigmoid(z) };
    variance_of_bernoulli(z) { let p = sigmoid(z); p * (1.0 - p) };
    ln_product(z) { (sigmoid(z) * sigmoid(z / 2.0)).ln() };
    ln_ratio(z) { (sigmoid(z) / sigmoid(z / 2.0)).ln() };

    ln_sum_exp(z) { (z.exp() + 1.0_f64.exp()).ln() };
    ln_sum_exp_symmetric(z) { (z.exp() + (-z).exp()).ln() };
    softmin(z) { -((-z).exp() + (-1.0_f64).exp()).ln() };
    ln_mean_exp(z) { ((z.exp() + (-z).exp()) / 2.0).ln() };
    ln_mixture(z) { (0.3 * z.exp() + 0.7 * (-z).exp()).ln() };
    ln_mixture_of_gaussians(z) {
        let a = (-(z - 1.0).powi(2) / 2.0).exp();
        let b = (-(z + 1.0).powi(2) / 2.0).exp();
        (0.5 * a + 0.5 * b).ln()
    };
    softmax_by_hand(z) { z.exp() / (z.exp() + (z / 2.0).exp() + (-z).exp()) };
    cross_entropy_by_hand(z) { let e = z.exp(); -(e / (e + (z / 2.0).exp() + (-z).exp())).ln() };
    cross_entropy_of_softmax(z) { -softmax(&[z, 0.0, -z])[1].ln() };
    ln_sum_exp_loop(z) {
        let mut sum = 0.0;
        for logit in [z, z / 2.0, -z] {
            sum += logit.exp();
        }
        sum.ln()
    }
        lost [800.0, -800.0], "the sum overflows before anyone sees its logarithm: call `logsumexp`, or subtract the largest first, as below";
    ln_sum_exp_loop_falling(z) { (0..3).map(|k| (z - k as f64).exp()).sum::<f64>().ln() }
        lost [800.0, -800.0], "as above; here the sum also underflows";
    ln_sum_exp_loop_shifted(z) {
        let logits = [z, z / 2.0, -z];
        let top = logits[0].max(logits[1]).max(logits[2]);
        top + logits.iter().map(|logit| (logit - top).exp()).sum::<f64>().ln()
    };
    ln_exp(z) { z.exp().ln() };
    ln_gaussian(z) { (-z * z / 2.0).exp().ln() };
    exp_ratio(z) { z.exp() / (z / 2.0).exp() };
    ln_cosh(z) { z.cosh().ln() };
    tanh_by_exp(z) { (z.exp() - (-z).exp()) / (z.exp() + (-z).exp()) };
    tanh_by_one_exp(z) { let e = (2.0 * z).exp(); (e - 1.0) / (e + 1.0) };
    tanh_by_sigmoid(z) { 2.0 * sigmoid(2.0 * z) - 1.0 };
    ln_one_minus_tanh_squared(z) { (1.0 - z.tanh().powi(2)).ln() };
    ln_one_minus_exp(z) { (1.0 - z.exp()).ln() };
    exp_minus_one(z) { z.exp() - 1.0 };
    gumbel(z) { (-(-z).exp()).exp() }
        lost [-800.0], "in forward mode only, where the tangent of the inner exponential is infinite";
    ln_one_minus_gumbel(z) { (1.0 - (-z.exp()).exp()).ln() }
        lost [-800.0], "the inner exponential underflows: for z < −40 this is z, up to rounding";

    sinc_by_hand(z) { z.sin() / z };
    one_minus_cos(z) { (1.0 - z.cos()) / (z * z) };
    exp_minus_one_over(z) { (z.exp() - 1.0) / z };
    ln_one_plus_over(z) { (1.0 + z).ln() / z }
        lost [0.0, 1e-9, 1e-3], "the quotient rule cancels near 0: write the first terms of the series there";
    planck(z) { z / (z.exp() - 1.0) };

    norm(z) { let (x, y) = (z, 2.0 * z); (x * x + y * y).sqrt() };
    root_of_square(z) { (z * z).sqrt() };
    norm_loop(z) {
        let mut sum = 0.0;
        for x in [z, 2.0 * z] {
            sum += x * x;
        }
        sum.sqrt()
    }
        lost [1e200, 1e-200], "the squares overflow or vanish: divide by the largest, or write out the sum";
    norm_iterator(z) { [z, 2.0 * z].iter().map(|x| x.powi(2)).sum::<f64>().sqrt() }
        lost [1e200, 1e-200], "as above";
    deviation(z) {
        let x = [z, 2.0 * z, 3.0 * z];
        let mean = x.iter().sum::<f64>() / 3.0;
        (x.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / 3.0).sqrt()
    };
    distance_per_length(z) { let d = (z * z).sqrt(); d / (d + 1.0) };
    softened_norm(z) { (z * z + 1e-12).sqrt() };
    square_of_root(z) { z.sqrt() * z.sqrt() };
    ln_of_square(z) { (z * z).ln() }
        lost [1e-200], "the square vanishes: write `2.0 * z.abs().ln()`";
    square_times_ln(z) { z * z * z.ln() }
        lost [0.0], "0·∞, as in the value: guard 0 by a branch";
    exp_of_ln(z) { (2.0 * z.ln()).exp() }
        lost [0.0], "in forward mode only, where the tangent of the logarithm is infinite: write `z.powi(2)`";
    parallel(z) { 1.0 / (1.0 / z + 1.0 / 2.0) }
        lost [0.0, 1e-200], "1/0: write `2.0 * z / (z + 2.0)`";
    guarded_root(z) { if z > 0.0 { z.sqrt() } else { 0.0 } };
    rational(z) { 1.0 / (1.0 + z * z) };
}
