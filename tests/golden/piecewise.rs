fn piecewise_reverse(
    x: f64,
    y: f64,
    n: i32,
    out_bar: f64,
    x_bar: &mut f64,
    y_bar: &mut f64,
) -> f64 {
    let t1 = x.clamp(-1.0, 1.0);
    let t2 = y.abs();
    let bounded = t1.max(t2);
    let t3 = y.powf(x);
    // Reverse pass.
    let bounded_bar = powi_adjoint(out_bar, bounded, n);
    let t4 = powf_exponent_adjoint(out_bar, y, x, t3) + out_bar
        + out_bar * (3.0 * (x * x))
        + clamp_share(max_share(bounded_bar, t1, t2), x, -1.0, 1.0);
    *x_bar += t4;
    *y_bar
        += powf_base_adjoint(out_bar, y, x, t3) + rem_divisor_adjoint(out_bar, x, y)
            + abs_adjoint(max_share(bounded_bar, t2, t1), y);
    bounded.powi(n) + x.powi(3) + x % y + t3
}
