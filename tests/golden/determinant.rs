fn determinant_reverse<const N: usize>(
    a: &[[f64; N]; N],
    out_bar: f64,
    a_bar: &mut [[f64; N]; N],
) -> f64 {
    let mut u = *a;
    let mut det_tape = [0.0; N];
    let mut det = 1.0;
    for k in 0..N {
        for i in k + 1..N {
            u[i][k] = u[i][k] / u[k][k];
            let t1 = k + 1;
            for j in t1..N {
                u[i][j] -= u[i][k] * u[k][j];
            }
        }
        det_tape[k] = det;
        det *= u[k][k];
    }
    // Reverse pass.
    let mut det_bar = out_bar;
    let mut u_bar = [[0.0; N]; N];
    for k in (0..N).rev() {
        let det_1 = det_tape[k];
        u_bar[k][k] += det_1 * det_bar;
        for i in k + 1..N {
            let t1 = k + 1;
            u_bar[i][k] -= dot(&u[k][t1..N], &u_bar[i][t1..N]);
            for j in t1..N {
                u_bar[k][j] += u[i][k] * -u_bar[i][j];
            }
            let t2 = take(&mut u_bar[i][k]);
            let t3 = strong_zero(t2, t2 / u[k][k]);
            u_bar[i][k] += t3;
            u_bar[k][k] += strong_zero(t2, -t3 * u[i][k]);
        }
        det_bar *= u[k][k];
    }
    accumulate(a_bar, &u_bar);
    det
}
