fn determinant_reverse<const N: usize>(
    a: &[[f64; N]; N],
    out_bar: f64,
    a_bar: &mut [[f64; N]; N],
) -> f64 {
    let mut u = *a;
    let mut tape = [0.0; N];
    let mut det = 1.0;
    for k in 0..N {
        for i in k + 1..N {
            let t1 = u[k][k];
            u[i][k] = u[i][k] / t1;
            for j in k + 1..N {
                u[i][j] -= u[i][k] * u[k][j];
            }
        }
        tape[k] = det;
        det *= u[k][k];
    }
    // Reverse pass.
    let mut det_bar = out_bar;
    let mut u_bar = [[0.0; N]; N];
    for k in (0..N).rev() {
        let det_1 = tape[k];
        u_bar[k][k] += det_1 * det_bar;
        for i in (k + 1..N).rev() {
            let t1 = u[k][k];
            for j in (k + 1..N).rev() {
                let t2 = -u_bar[i][j];
                u_bar[k][j] += u[i][k] * t2;
                u_bar[i][k] += t2 * u[k][j];
            }
            let t3 = take(&mut u_bar[i][k]);
            u_bar[i][k] += strong_zero(t3, t3 / t1);
            u_bar[k][k] += strong_zero(t3, -t3 * u[i][k] / t1);
        }
        det_bar *= u[k][k];
    }
    accumulate(a_bar, &u_bar);
    det
}
