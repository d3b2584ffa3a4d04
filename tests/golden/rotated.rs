fn rotated_reverse(
    arg0: (f64, f64),
    angle: f64,
    out_bar: (f64, f64),
    arg0_bar: &mut (f64, f64),
    angle_bar: &mut f64,
) -> (f64, f64) {
    let x = arg0.0;
    let y = arg0.1;
    let s = angle.sin();
    let c = angle.cos();
    // Reverse pass.
    let c_bar = out_bar.1 * y + out_bar.0 * x;
    let s_bar = out_bar.1 * x - out_bar.0 * y;
    arg0_bar.1 += c * out_bar.1 - s * out_bar.0;
    arg0_bar.0 += s * out_bar.1 + c * out_bar.0;
    *angle_bar += s_bar * c - c_bar * s;
    (c * x - s * y, s * x + c * y)
}
