use autodiff_runtime::prelude::*;

#[differentiable]
fn square<T>(x: T) -> T
where
    T: Copy + std::ops::Mul<Output = T>,
{
    x * x
}

fn main() {
    println!("{}", square(2.0));
}
