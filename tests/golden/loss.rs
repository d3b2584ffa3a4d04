fn loss_reverse(x: f64, out_bar: f64, x_bar: &mut f64) -> f64 {
    let a = x.powi(2);
    let c = a.ln();
    // Reverse pass.
    let g_bar = -out_bar;
    let b_bar = g_bar * c;
    let a_bar = 5.0 * g_bar + 5.0 * b_bar;
    *x_bar += a_bar * (2.0 * x);
    let b = 5.0 * a;
    let g = b * c;
    -g
}
