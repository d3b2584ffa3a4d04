fn log_loss_reverse<const D: usize>(
    w: &[f64; D],
    b: f64,
    rows: &[[f64; D]],
    labels: &[f64],
    out_bar: f64,
    w_bar: &mut [f64; D],
    b_bar: &mut f64,
) -> f64 {
    // Reverse pass.
    let t1 = rows.len();
    let t2 = t1 as f64;
    let total_bar = strong_zero(out_bar, out_bar / t2);
    let mut total = 0.0;
    for i in 0..rows.len().min(labels.len()) {
        let row = &rows[i];
        let label = labels[i];
        let t3 = w.len().min(row.len());
        let mut t4 = -0.0;
        for i_1 in 0..t3 {
            let w_1 = w[i_1];
            let x = rows[i][i_1];
            t4 += w_1 * x;
        }
        let z = b + t4;
        let z_bar = nll_logit_adjoint(total_bar, z, label);
        *b_bar += z_bar;
        let t5 = z_bar;
        for i_1 in 0..t3 {
            let x = rows[i][i_1];
            w_bar[i_1] += t5 * x;
        }
        total += nll(sigmoid(z), label);
    }
    total / t2
}
