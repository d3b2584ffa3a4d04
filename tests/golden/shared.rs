fn shared_reverse(
    x: f64,
    y: f64,
    out_bar: f64,
    x_bar: &mut f64,
    y_bar: &mut f64,
) -> f64 {
    let product = x * y;
    let t1 = product.sin();
    let t2 = product / x;
    // Reverse pass.
    let t3 = strong_zero(out_bar, out_bar / x);
    let product_bar = t3 + t1 * out_bar + out_bar * product * product.cos();
    *x_bar += strong_zero(out_bar, -t3 * t2) + product_bar * y;
    *y_bar += x * product_bar;
    t1 * product + t2
}
