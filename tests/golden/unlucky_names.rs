fn unlucky_names_reverse(
    x: f64,
    x_bar: f64,
    out_bar: f64,
    out_bar_1: f64,
    x_bar_1: &mut f64,
    x_bar_bar: &mut f64,
    out_bar_bar: &mut f64,
) -> f64 {
    let t1 = x * x_bar;
    let t3 = t1 + out_bar;
    let t2 = t3 * t1;
    // Reverse pass.
    let t2_bar = out_bar_1 * x;
    let t4 = t2_bar * t1;
    let t1_bar = t3 * t2_bar + t4;
    *x_bar_1 += t2 * out_bar_1 + t1_bar * x_bar;
    *x_bar_bar += x * t1_bar;
    *out_bar_bar += t4;
    t2 * x
}
