fn running_products_reverse(x: &[f64], out_bar: f64, x_bar: &mut [f64]) -> f64 {
    let t1 = Vec::with_capacity(x.len());
    let mut products = t1;
    let t2 = x.len();
    let mut tape = vec![0.0; t2];
    let mut product = 1.0;
    for i in 0..t2 {
        let v = x[i];
        let product_1 = product * v;
        products.push(product_1);
        tape[i] = product;
        product = product_1;
    }
    // Reverse pass.
    let t3 = out_bar;
    let mut products_bar = zero_gradient(&products);
    let mut t4 = -0.0;
    for i_1 in 0..products.len() {
        let p = products[i_1];
        let t5 = p.exp();
        products_bar[i_1] += strong_zero(t3, t3 * t5);
        t4 += t5;
    }
    let mut product_bar = 0.0;
    for i in (0..t2).rev() {
        let product_2 = tape[i];
        let v = x[i];
        let t6 = products_bar.pop().unwrap();
        let product_bar_1 = product_bar + t6;
        x_bar[i] += product_2 * product_bar_1;
        product_bar = product_bar_1 * v;
    }
    t4
}
