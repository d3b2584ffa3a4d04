fn naive_nll_reverse(z: f64, y: f64, out_bar: f64, z_bar: &mut f64) -> f64 {
    // Reverse pass.
    *z_bar += nll_logit_adjoint(out_bar, z, y);
    let p = 1.0 / (1.0 + (-z).exp());
    let t1 = y * p.ln() + (1.0 - y) * (1.0 - p).ln();
    -t1
}
