use autodiff_runtime::prelude::*;
use std::rc::Rc;

#[derive(Clone, Differentiable)]
struct Spring {
    stiffness: f64,
}

#[differentiable(stable, wrt(x))]
impl Spring {
    fn energy(&self, x: f64) -> f64 {
        0.5 * self.stiffness * x * x
    }
}

#[differentiable]
impl Spring {
    #[differentiable(name = force_ad)]
    fn force(&self, x: f64) -> f64 {
        self.stiffness * x
    }
}

#[differentiable]
impl Spring {
    #[differentiable]
    fn shared(self: Rc<Self>, x: f64) -> f64 {
        self.stiffness * x
    }
}

#[differentiable]
impl Spring {
    #[constant]
    fn looked_up(&self, x: f64) -> f64 {
        self.stiffness.to_string().len() as f64 * x
    }

    fn parameters(&self) -> &f64 {
        &self.stiffness
    }

    fn total(&self, x: f64) -> f64 {
        self.looked_up(x) + self.parameters() * x + Self::looked_up(self, x)
    }
}

#[differentiable]
impl Spring {
    fn unknown(&self, x: f64) -> f64 {
        self.stiffness.to_bits() as f64 * x
    }
}

fn main() {
    let spring = Spring { stiffness: 1.0 };
    println!("{:?}", spring.energy_grad(2.0));
    println!("{:?}", spring.total_grad(2.0));
}
