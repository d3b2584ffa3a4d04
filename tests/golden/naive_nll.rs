fn naive_nll_reverse(z: f64, y: f64, out_bar: f64, z_bar: &mut f64) -> f64 {
    let t1 = 1.0 - y;
    // Reverse pass.
    let t2 = -out_bar;
    *z_bar += -softplus_adjoint(t1 * t2, z) + log_sigmoid_adjoint(y * t2, z);
    let p = 1.0 / (1.0 + (-z).exp());
    -(y * p.ln() + t1 * (1.0 - p).ln())
}
