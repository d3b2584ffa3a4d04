//! Points at which functions are tested: many, scattered, and the same in every run.

/// A stream of reproducible numbers (Steele, Lea, Flood: *Fast splittable pseudorandom number
/// generators*, 2014). The tests need scatter, not quality.
#[derive(Clone, Debug)]
pub struct Points(u64);

impl Points {
    /// The stream with this seed.
    #[must_use]
    pub const fn seeded(seed: u64) -> Self {
        Self(seed)
    }

    /// The next number, uniform in `low..high`.
    pub fn uniform(&mut self, low: f64, high: f64) -> f64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^= z >> 31;
        low + (high - low) * ((z >> 11) as f64 / (1_u64 << 53) as f64)
    }

    /// The next point of a box.
    pub fn inside<const N: usize>(&mut self, bounds: [(f64, f64); N]) -> [f64; N] {
        bounds.map(|(low, high)| self.uniform(low, high))
    }

    /// The next `length` numbers in `low..high`.
    pub fn vector(&mut self, length: usize, low: f64, high: f64) -> Vec<f64> {
        (0..length).map(|_| self.uniform(low, high)).collect()
    }

    /// The next `N` numbers in `low..high`.
    pub fn array<const N: usize>(&mut self, low: f64, high: f64) -> [f64; N] {
        self.inside([(low, high); N])
    }
}

/// A distance from kinks and jumps that the steps of the differences do not bridge.
const MARGIN: f64 = 0.06;

/// Whether a kink at 0 is out of reach.
#[must_use]
pub fn off_zero(x: f64) -> bool {
    x.abs() > MARGIN
}

/// Whether every integer is out of reach.
#[must_use]
pub fn off_integers(x: f64) -> bool {
    off_zero(x - x.round())
}
