fn rosenbrock_reverse(x: &[f64], out_bar: f64, x_bar: &mut [f64]) -> f64 {
    let t1 = x.len() - 1;
    // Reverse pass.
    let sum_bar = out_bar;
    let mut carried_1 = 0.0;
    in_bounds(0..t1, 1, x.len());
    let mut sum = 0.0;
    for i in 0..t1 {
        let a = 1.0 - x[i];
        let b = x[i + 1] - x[i] * x[i];
        let a_bar = sum_bar * (2.0 * a);
        let b_bar = 200.0 * (sum_bar * b);
        x_bar[i] += carried_1 - (b_bar * (2.0 * x[i]) + a_bar);
        carried_1 = b_bar;
        sum += a * a + 100.0 * b * b;
    }
    if 0 < t1 {
        x_bar[t1] += carried_1;
    }
    sum
}
