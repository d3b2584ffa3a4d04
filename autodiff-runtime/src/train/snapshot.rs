//! A model's numbers, put aside.

use crate::differentiable::{Leaf, Leaves, Name};

/// The numbers of all leaves of a model, in order. Saving again reuses the memory, which a clone
/// of the model would not. Single precision survives the way through double unchanged.
pub(super) struct Snapshot {
    numbers: Vec<f64>,
}

impl Snapshot {
    pub(super) fn of(model: &impl Leaves) -> Self {
        let mut snapshot = Self {
            numbers: Vec::new(),
        };
        snapshot.save(model);
        snapshot
    }

    pub(super) fn save(&mut self, model: &impl Leaves) {
        self.numbers.clear();
        model.visit(&mut Name::default(), &mut |_, leaf| match leaf {
            Leaf::F32(leaf) => self
                .numbers
                .extend(leaf.iter().map(|&number| f64::from(number))),
            Leaf::F64(leaf) => self.numbers.extend_from_slice(leaf),
        });
    }

    pub(super) fn restore(&self, model: &mut impl Leaves) {
        let mut numbers = self.numbers.iter();
        model.visit_mut(&mut Name::default(), &mut |_, mut leaf| {
            for (index, &number) in numbers.by_ref().take(leaf.as_leaf().len()).enumerate() {
                leaf.set(index, number);
            }
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn restore_brings_back_every_number() {
        let original = (1.0_f64, vec![2.0_f64, 3.0], [0.1_f32, -0.0]);
        let mut model = original.clone();
        let snapshot = Snapshot::of(&model);
        model = (f64::NAN, vec![f64::INFINITY; 2], [7.0; 2]);
        snapshot.restore(&mut model);
        assert_eq!(model, original);
        assert!(model.2[1].is_sign_negative());
    }
}
