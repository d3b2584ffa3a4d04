//! Numbers for the inputs, the same in every run.

/// A linear congruential generator, taken by its upper bits (Knuth, *The Art of Computer
/// Programming*, volume 2, section 3.3.4).
pub struct Numbers(u64);

impl Numbers {
    /// The sequence of a seed.
    pub fn new(seed: u64) -> Numbers {
        Numbers(seed)
    }

    /// The next number between −1.5 and 1.5.
    pub fn draw(&mut self) -> f64 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        ((self.0 >> 11) as f64 / (1_u64 << 53) as f64 - 0.5) * 3.0
    }

    /// The next number between the bounds.
    pub fn between(&mut self, low: f64, high: f64) -> f64 {
        low + (high - low) * (self.draw() / 3.0 + 0.5)
    }

    /// The next whole number below a bound.
    pub fn below(&mut self, bound: usize) -> usize {
        (self.between(0.0, bound as f64) as usize).min(bound - 1)
    }

    /// An array of numbers between −`size` and `size`.
    pub fn array<const N: usize>(&mut self, size: f64) -> [f64; N] {
        std::array::from_fn(|_| self.between(-size, size))
    }

    /// A vector of such arrays.
    pub fn arrays<const N: usize>(&mut self, count: usize, size: f64) -> Vec<[f64; N]> {
        (0..count).map(|_| self.array(size)).collect()
    }
}
