fn generic_reverse<T: Real>(
    a: T,
    b: T,
    out_bar: [T; 2],
    a_bar: &mut T,
    b_bar: &mut T,
) -> [T; 2] {
    let s = (a * b).sqrt();
    let t1 = sigmoid(s) / b;
    // Reverse pass.
    let t2 = strong_zero(out_bar[1], out_bar[1] / b);
    let s_bar = t2 * sigmoid_slope(s) + out_bar[0];
    let t3 = sqrt_adjoint(s_bar, s);
    *a_bar += T::from_f64(2.0) * out_bar[0] + t3 * b;
    *b_bar += strong_zero(out_bar[1], -t2 * t1) + a * t3;
    [s + T::from_f64(2.0) * a, t1]
}
