fn indexed_reverse(
    w: &[f64],
    i: usize,
    j: usize,
    out_bar: f64,
    w_bar: &mut [f64],
) -> f64 {
    let t1 = 2 * i + 1;
    // Reverse pass.
    w_bar[t1] += out_bar;
    w_bar[j] += w[i] * out_bar;
    w_bar[i] += out_bar * w[j];
    w[i] * w[j] + w[t1]
}
