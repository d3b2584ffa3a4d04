fn neuron_reverse<const N: usize>(
    w: &[f64; 2],
    x: [f64; 2],
    b: f64,
    scale: &[f64; N],
    out_bar: f64,
    w_bar: &mut [f64; 2],
    x_bar: &mut [f64; 2],
    b_bar: &mut f64,
) -> f64 {
    let n = w[0] * x[0] + w[1] * x[1] + b;
    let t1 = (n * scale[0]).tanh();
    // Reverse pass.
    let n_bar = out_bar * (1.0 - t1 * t1) * scale[0];
    x_bar[1] += w[1] * n_bar;
    w_bar[1] += n_bar * x[1];
    x_bar[0] += w[0] * n_bar;
    w_bar[0] += n_bar * x[0];
    *b_bar += n_bar;
    t1
}
