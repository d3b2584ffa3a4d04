//! Handwritten digits.

use super::Dataset;

/// How many digits there are.
const COUNT: usize = 1797;
/// The pixels of one.
const PIXELS: usize = 64;

/// Handwritten digits: 1,797 images of 8 × 8 pixels, row by row, each the number of black ones among 16
/// finer pixels (0 to 16), with the digits that were meant. About 180 of each, by 13 people.
///
/// Source: E. Alpaydin and C. Kaynak, *Optical Recognition of Handwritten Digits* (1998), UCI Machine
/// Learning Repository, <https://doi.org/10.24432/C50P49>, its test set, in the order in which scikit-learn
/// has it. The data are licensed under the Creative Commons Attribution 4.0 International licence (CC BY
/// 4.0); they are packed here (`data/digits.py`) and not changed.
///
/// ```
/// let digits = autodiff_runtime::data::digits();
/// assert_eq!((digits.len(), digits.width(), digits.classes()), (1797, Some(64), 10));
/// let (image, digit) = digits.get(0).unwrap();
/// assert_eq!((&image[..8], digit), (&[0.0, 0.0, 5.0, 13.0, 9.0, 1.0, 0.0, 0.0][..], 0));
/// ```
pub fn digits() -> Dataset {
    let mut bits = Bits(include_bytes!("../../data/digits.bin").iter(), 0, 0);
    let labels = (0..COUNT).map(|_| bits.take(4)).collect();
    let mut pixel = || match bits.take(1) {
        0 => 0.0,
        _ => (bits.take(4) + 1) as f64,
    };
    let images = (0..COUNT)
        .map(|_| (0..PIXELS).map(|_| pixel()).collect())
        .collect();
    Dataset::new(images, labels)
        .and_then(|digits| digits.with_class_names((0..10).map(|digit| digit.to_string())))
        .expect("the embedded file is well formed, as the tests check")
}

/// A stream of bits, the highest of each byte first: the bytes to come, and how many bits of the last one
/// are left.
struct Bits<'b>(std::slice::Iter<'b, u8>, u8, u32);

impl Bits<'_> {
    fn take(&mut self, count: u32) -> usize {
        let mut value = 0;
        for _ in 0..count {
            if self.2 == 0 {
                self.1 = *self.0.next().expect("the embedded file is long enough");
                self.2 = 8;
            }
            self.2 -= 1;
            value = value << 1 | usize::from(self.1 >> self.2 & 1);
        }
        value
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Sums that `sklearn.datasets.load_digits` has, computed there.
    #[test]
    fn digits_are_those_of_the_source() {
        let digits = digits();
        assert_eq!(
            digits.class_counts(),
            [178, 182, 177, 183, 181, 182, 181, 179, 174, 180]
        );
        let number = |pixel: f64| pixel as u64;
        let all = || {
            digits
                .inputs()
                .iter()
                .map(|image| image.iter().map(|&pixel| number(pixel)))
        };
        assert_eq!(all().flatten().sum::<u64>(), 561_718);
        assert!(all().flatten().max() == Some(16));
        let weighted = all().zip(1..).flat_map(|(image, row)| {
            image
                .zip(1..)
                .map(move |(pixel, place)| pixel * place * row % 1_000_003)
        });
        assert_eq!(weighted.sum::<u64>(), 13_655_190_563);
        let labels = digits
            .targets()
            .iter()
            .zip(1..)
            .map(|(label, row)| label * row);
        assert_eq!(labels.sum::<usize>(), 7_272_861);
        assert_eq!(
            digits.inputs()[1796][8..16],
            [0.0, 2.0, 16.0, 14.0, 6.0, 1.0, 0.0, 0.0]
        );
    }
}
