fn rebound_reverse(x: f64, out_bar: f64, x_bar: &mut f64) -> f64 {
    let sum = x * x;
    let t1 = x.exp();
    let sum_1 = sum + t1;
    let x_1 = sum_1 + 1.0;
    // Reverse pass.
    let x_bar_1 = sum_1 * out_bar;
    let sum_bar = out_bar * x_1 + x_bar_1;
    *x_bar += strong_zero(sum_bar, sum_bar * t1) + sum_bar * (2.0 * x);
    let sum_2 = sum_1 * x_1;
    sum_2
}
