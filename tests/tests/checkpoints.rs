use autodiff_runtime::prelude::*;

#[differentiable(checkpoint = revolve(3))]
fn logistic(r: f64, x0: f64, n: usize) -> f64 {
    let mut x = x0;
    for _ in 0..n {
        x = r * x * (1.0 - x);
    }
    x
}

#[differentiable(checkpoint = revolve(3))]
fn heat(u: &[f64], c: f64, steps: usize) -> f64 {
    let mut u = u.to_vec();
    for k in 0..steps {
        let left = u[0];
        let mut last = left;
        for i in 1..u.len() - 1 {
            let own = u[i];
            u[i] = own + c * (last - 2.0 * own + u[i + 1]) * own.cos() + (k as f64) * 0.01;
            last = own;
        }
    }
    let mut sum = 0.0;
    for v in u.iter() {
        sum += v * v;
    }
    sum
}

#[test]
fn show() {
    println!("{}", logistic::GENERATED);
    println!("{}", heat::GENERATED);
    println!("{:?}", logistic::value_and_grad(3.2, 0.3, 10));
    println!("{:?}", heat::grad(&[1.0, 2.0, 3.0, 4.0, 0.2, 0.1], 0.1, 10));
    let (_, pb) = logistic::pullback(3.2, 0.3, 10);
    let (mut a, mut b) = (0.0, 0.0);
    pb(1.0, &mut a, &mut b);
    println!("{a} {b}");
}
