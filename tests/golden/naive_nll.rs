fn naive_nll_reverse(z: f64, y: f64, out_bar: f64, z_bar: &mut f64) -> f64 {
    let p = 1.0 / (1.0 + (-z).exp());
    let t1 = 1.0 - y;
    let t2 = -(y * p.ln() + t1 * (1.0 - p).ln());
    // Reverse pass.
    let t3 = -out_bar;
    *z_bar += -softplus_adjoint(t1 * t3, z) + log_sigmoid_adjoint(y * t3, z);
    t2
}
