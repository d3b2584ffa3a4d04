fn loss_reverse(x: f64, out_bar: f64, x_bar: &mut f64) -> f64 {
    let a = x.powi(2);
    let b = 5.0 * a;
    let c = a.ln();
    // Reverse pass.
    let g_bar = -out_bar;
    let b_bar = g_bar * c;
    let c_bar = b * g_bar;
    let a_bar = strong_zero(c_bar, c_bar / a) + 5.0 * b_bar;
    *x_bar += a_bar * (2.0 * x);
    let g = b * c;
    -g
}
