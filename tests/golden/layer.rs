fn layer_reverse(
    w: &[[f64; 3]; 4],
    x: &[f64; 3],
    out_bar: [f64; 4],
    w_bar: &mut [[f64; 3]; 4],
    x_bar: &mut [f64; 3],
) -> [f64; 4] {
    let mut y = [0.0; 4];
    for i in 0..4 {
        let mut z = 0.0;
        for j in 0..3 {
            z += w[i][j] * x[j];
        }
        y[i] = z.tanh();
    }
    // Reverse pass.
    let mut y_bar = out_bar;
    for i in 0..4 {
        let t1 = y[i];
        let t2 = take(&mut y_bar[i]);
        let z_bar = t2 * (1.0 - t1 * t1);
        for j in 0..3 {
            x_bar[j] += w[i][j] * z_bar;
            w_bar[i][j] += z_bar * x[j];
        }
    }
    y
}
