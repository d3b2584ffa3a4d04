use autodiff_runtime::prelude::*;

#[derive(Clone, Differentiable)]
struct Spring {
    stiffness: f64,
}

impl Spring {
    fn energy(&self, x: f64) -> f64 {
        0.5 * self.stiffness * x * x
    }
}

struct Wall;

#[differentiable]
impl Wall {
    fn distance(&self, x: f64) -> f64 {
        x
    }

    fn of_spring(#[constant] &self, spring: &Spring, x: f64) -> f64 {
        spring.energy(x)
    }

    fn by_path(#[constant] &self, spring: &Spring, x: f64) -> f64 {
        Spring::energy(spring, x)
    }
}

fn main() {
    println!("{:?}", Wall.of_spring_grad(&Spring { stiffness: 1.0 }, 2.0));
}
