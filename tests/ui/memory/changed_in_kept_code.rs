use autodiff_runtime::prelude::*;

fn bump(count: &mut f64) {
    *count += 1.0;
}

#[differentiable]
fn counted(x: f64, n: usize) -> f64 {
    let mut total = 0.0;
    for i in 0..n {
        total += i as f64;
    }
    let mut count = 1.0;
    bump(&mut count);
    x * total * count
}

fn main() {
    let _: f64 = counted::grad(1.0, 3);
}
