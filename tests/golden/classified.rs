fn classified_reverse(
    model: &Mlp,
    x: &[f64],
    class: usize,
    out_bar: f64,
    model_bar: &mut MlpGradient,
) -> f64 {
    let (z, z_pullback) = mlp::call(&Active, &Inactive, model, x);
    let p = softmax(&z);
    let (t1, cross_entropy_pullback) = cross_entropy::pullback(&z, class);
    // Reverse pass.
    let mut z_bar = zero_gradient(&z);
    cross_entropy_pullback(out_bar, &mut z_bar);
    z_pullback(z_bar, model, x, model_bar, &mut zero_gradient(x));
    drop(z_pullback);
    -p[class].ln()
}
