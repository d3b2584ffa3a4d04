fn nested_sine_reverse(x: f64, depth: usize, out_bar: f64, x_bar: &mut f64) -> f64 {
    let t1 = depth == 0;
    let (t3, t2, nested_sine_pullback_1) = if t1 {
        (x, 0.0, ::core::option::Option::None)
    } else {
        let (t2, nested_sine_pullback) = nested_sine::pullback(x, depth - 1);
        ((x * t2).sin(), t2, ::core::option::Option::Some(nested_sine_pullback))
    };
    // Reverse pass.
    if t1 {
        *x_bar += out_bar;
    } else {
        let nested_sine_pullback = nested_sine_pullback_1.as_ref().unwrap();
        let t4 = out_bar * (x * t2).cos();
        *x_bar += t4 * t2;
        (*nested_sine_pullback)(x * t4, x_bar);
    }
    t3
}
