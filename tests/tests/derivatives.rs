//! The checks themselves: they pass a companion that is right, in every signature, and find each
//! thing that can be wrong with one. These companions are written by hand.

use autodiff_runtime::prelude::*;
use autodiff_tests::check;
use autodiff_tests::derivatives::assert_near;

/// `x *= k` for every element; gives the sum. The companion `$name` has at most one fault.
macro_rules! companion {
    ($name:ident, $expected:literal: $($fault:ident)?) => {
        mod $name {
            use super::*;

            /// One if the fault is of this kind.
            fn is(fault: &str) -> f64 {
                let faults: &[&str] = &[$(stringify!($fault))?];
                f64::from(u8::from(faults.contains(&fault)))
            }

            pub fn scale(x: &mut [f64], k: f64) -> f64 {
                let mut total = 0.0;
                for v in x {
                    *v *= k;
                    total += *v;
                }
                total
            }

            #[allow(non_camel_case_types)]
            pub enum scale {}

            impl scale {
                pub fn pullback(
                    x: &mut [f64],
                    k: f64,
                ) -> (f64, impl Fn(f64, &mut [f64], &mut f64) + use<>) {
                    let old = x.to_vec();
                    let value = scale(x, k);
                    let runs = std::cell::Cell::new(0.0);
                    let pullback = move |out_bar: f64, x_bar: &mut [f64], k_bar: &mut f64| {
                        if is("overwrites") == 1.0 {
                            *k_bar = 0.0;
                        }
                        for (bar, x) in x_bar.iter_mut().zip(&old) {
                            let sum = *bar * (1.0 - is("forgets_finals")) + out_bar;
                            *k_bar += sum * x * (1.0 + is("gradient"));
                            *bar = sum * k + *bar * is("adds");
                        }
                        *k_bar += runs.get() * is("second_run");
                        runs.set(1.0);
                    };
                    (value + is("pullback_value"), pullback)
                }

                pub fn vjp(x: &mut [f64], k: f64, out_bar: f64) -> (f64, (Vec<f64>, f64)) {
                    let mut bars = (vec![0.0; x.len()], 0.0);
                    let (value, pullback) = Self::pullback(x, k);
                    pullback(out_bar, &mut bars.0, &mut bars.1);
                    bars.1 += is("vjp");
                    x[0] += is("vjp_argument");
                    (value, bars)
                }

                pub fn value_and_grad(x: &mut [f64], k: f64) -> (f64, (Vec<f64>, f64)) {
                    let (value, (x_bar, k_bar)) = Self::vjp(x, k, 1.0);
                    (value + is("value"), (x_bar, k_bar + is("value_and_grad")))
                }

                pub fn grad(x: &mut [f64], k: f64) -> (Vec<f64>, f64) {
                    let (x_bar, k_bar) = Self::vjp(x, k, 1.0).1;
                    x[0] += is("grad_argument");
                    (x_bar, k_bar + is("grad"))
                }

                pub fn grad_into(
                    x: &mut [f64],
                    k: f64,
                    x_bar: &mut [f64],
                    k_bar: &mut f64,
                ) -> f64 {
                    let (value, pullback) = Self::pullback(x, k);
                    pullback(1.0, x_bar, k_bar);
                    *k_bar += is("grad_into");
                    value
                }

                pub fn jvp(x: &mut [f64], k: f64, x_dot: &mut [f64], k_dot: f64) -> (f64, f64) {
                    for (x, dot) in x.iter().zip(x_dot.iter_mut()) {
                        *dot = *dot * k + x * k_dot;
                    }
                    let tangent: f64 = x_dot.iter().sum();
                    x_dot[0] += is("argument_tangent");
                    let value = scale(x, k) + is("jvp_value");
                    (value, tangent * (1.0 + is("tangent")))
                }
            }

            #[test]
            fn is_judged() {
                let found = std::panic::catch_unwind(|| {
                    let bars = check!(scale(&mut vec![2.0, 3.0] => vec![1.0, 10.0], 5.0));
                    assert_near(bars, ([10.0, 55.0], 4.0 + 33.0));
                });
                let message = match &found {
                    Ok(()) => "",
                    Err(panic) => panic.downcast_ref::<String>().expect("a message"),
                };
                assert!(message.contains($expected), "{message}");
                assert_eq!(found.is_ok(), $expected.is_empty());
            }
        }
    };
}

companion!(right, "":);
companion!(wrong_gradient, "by differences": gradient);
companion!(forgotten_finals, "by differences": forgets_finals);
companion!(not_set, "by differences": adds);
companion!(not_added, "used buffer": overwrites);
companion!(wrong_second_run, "second run": second_run);
companion!(wrong_vjp, "by vjp": vjp);
companion!(wrong_argument_of_vjp, "by vjp": vjp_argument);
companion!(wrong_argument_of_grad, "by grad": grad_argument);
companion!(wrong_grad, "by grad": grad);
companion!(wrong_value_and_grad, "by value_and_grad": value_and_grad);
companion!(wrong_grad_into, "by grad_into": grad_into);
companion!(wrong_tangent, "forward": tangent);
companion!(wrong_tangent_of_an_argument, "forward": argument_tangent);
companion!(wrong_value, "from value_and_grad": value);
companion!(wrong_value_of_pullback, "from pullback": pullback_value);
companion!(wrong_value_of_jvp, "from jvp": jvp_value);

#[derive(Clone, Debug, PartialEq, Differentiable)]
struct Spring {
    k: f64,
    n: usize,
    ends: [f64; 2],
}

#[differentiable]
fn energy(s: &Spring, w: &[f64], x: f64, n: usize, q: &[[f64; 2]]) -> f64 {
    s.k * (x - s.ends[1]).powi(2) * w[n] * w[0] * s.n as f64 + q[0][1] * x
}

#[differentiable]
fn moved(s: Spring, x: f64) -> Spring {
    Spring {
        k: s.k * x,
        n: s.n,
        ends: [x, s.k],
    }
}

#[differentiable]
fn halves(x: f64) -> f64 {
    x.floor() + 0.5 * x
}

#[test]
fn every_kind_of_argument() {
    let s = Spring {
        k: 2.0,
        n: 3,
        ends: [1.0, 0.5],
    };
    let (s_bar, w_bar, x_bar, q_bar) =
        check!(energy(&s, &vec![1.0, 2.0], 1.5, const 1, &vec![[1.0, 2.0]]));
    assert_near((s_bar.k, s_bar.ends), (6.0, [0.0, -24.0]));
    assert_near(
        (w_bar, x_bar, q_bar),
        ([12.0, 6.0], 24.0 + 2.0, [[0.0, 1.5]]),
    );
    let out_bar = SpringGradient {
        k: 1.0,
        ends: [10.0, 100.0],
    };
    let (s_bar, x_bar) = check!(moved(s, 3.0) => out_bar);
    assert_near((s_bar.k, x_bar), (103.0, 12.0));
    assert_near(check!(halves(0.5)), 0.5);
}
