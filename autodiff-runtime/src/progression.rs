//! Ranges of any integer type that can be run backwards whatever is done to them.
//!
//! The reverse of a loop over `(1..=n).step_by(k)`, or of one that was left after some rounds, runs
//! over the same integers from the last to the first. The standard library's adapters do that only
//! for types whose ranges are surely no longer than a `usize` can say: not for `i64`, and for no
//! inclusive range of `usize`.

use std::ops::{Range, RangeInclusive};

/// The integers of a range.
#[inline]
pub fn progression<R: Integers>(range: R) -> Progression<R::Item> {
    range.all()
}

/// Integers at equal distances.
#[derive(Clone, Debug)]
pub struct Progression<T> {
    next: T,
    stride: T,
    left: usize,
}

impl<T: Integer> Progression<T> {
    /// Every `step`-th.
    ///
    /// # Panics
    /// If `step` is zero.
    #[inline]
    pub fn step_by(self, step: usize) -> Self {
        assert!(step != 0, "a step of 0 leads nowhere");
        Progression {
            stride: self.stride.times(step),
            left: self.left.div_ceil(step),
            ..self
        }
    }

    /// The first `count`, or all.
    #[inline]
    pub fn take(self, count: usize) -> Self {
        Progression {
            left: self.left.min(count),
            ..self
        }
    }

    /// From the last to the first.
    #[inline]
    pub fn rev(self) -> Self {
        let to_last = self.stride.times(self.left.saturating_sub(1));
        Progression {
            next: self.next.plus(to_last),
            stride: self.stride.negated(),
            left: self.left,
        }
    }
}

impl<T: Integer> Iterator for Progression<T> {
    type Item = T;

    #[inline]
    fn next(&mut self) -> Option<T> {
        self.left = self.left.checked_sub(1)?;
        let item = self.next;
        self.next = item.plus(self.stride);
        Some(item)
    }

    #[inline]
    fn size_hint(&self) -> (usize, Option<usize>) {
        (self.left, Some(self.left))
    }
}

/// A range of integers.
pub trait Integers {
    /// The integers' type.
    type Item: Integer;
    /// All of them.
    fn all(self) -> Progression<Self::Item>;
}

impl<T: Integer> Integers for Range<T> {
    type Item = T;

    #[inline]
    fn all(self) -> Progression<T> {
        Progression {
            next: self.start,
            stride: T::ONE,
            left: T::distance(self.start, self.end),
        }
    }
}

impl<T: Integer> Integers for RangeInclusive<T> {
    type Item = T;

    #[inline]
    fn all(self) -> Progression<T> {
        let (start, end) = self.into_inner();
        let left = match start <= end {
            true => T::distance(start, end).saturating_add(1),
            false => 0,
        };
        Progression {
            next: start,
            stride: T::ONE,
            left,
        }
    }
}

/// An integer type. What goes beyond its bounds wraps around: strides, and what follows the last item.
#[diagnostic::on_unimplemented(
    message = "a loop over a range of `{Self}` cannot be reversed [autodiff::D1513]",
    note = "why: only ranges of integers are run backwards\n\
            instead: loop over integers, and make of them in the loop what you need"
)]
pub trait Integer: Copy + PartialOrd {
    /// One.
    const ONE: Self;
    /// The sum.
    fn plus(self, other: Self) -> Self;
    /// The product.
    fn times(self, factor: usize) -> Self;
    /// The negative.
    fn negated(self) -> Self;
    /// How many integers lie between, the start included and the end not.
    fn distance(start: Self, end: Self) -> usize;
}

macro_rules! integer {
    ($($ty:ty as $unsigned:ty),*) => {$(
        impl Integer for $ty {
            const ONE: $ty = 1;

            #[inline]
            fn plus(self, other: $ty) -> $ty {
                self.wrapping_add(other)
            }

            #[inline]
            fn times(self, factor: usize) -> $ty {
                self.wrapping_mul(factor as $ty)
            }

            #[inline]
            fn negated(self) -> $ty {
                self.wrapping_neg()
            }

            #[inline]
            fn distance(start: $ty, end: $ty) -> usize {
                match start < end {
                    true => usize::try_from(end.wrapping_sub(start) as $unsigned)
                        .unwrap_or(usize::MAX),
                    false => 0,
                }
            }
        }
    )*};
}

integer!(
    u8 as u8,
    u16 as u16,
    u32 as u32,
    u64 as u64,
    u128 as u128,
    usize as usize,
    i8 as u8,
    i16 as u16,
    i32 as u32,
    i64 as u64,
    i128 as u128,
    isize as usize
);

#[cfg(test)]
mod tests {
    use super::progression;

    /// Whether both directions give what the standard library gives.
    macro_rules! agrees {
        ($($range:expr),* $(,)?) => {$(
            for step in [1, 2, 3, 300] {
                for count in [0, 1, 2, 3, 1000] {
                    let mut expected: Vec<_> = $range.step_by(step).take(count).collect();
                    let items = progression($range).step_by(step).take(count);
                    assert_eq!(items.size_hint(), (expected.len(), Some(expected.len())));
                    assert_eq!(items.clone().collect::<Vec<_>>(), expected);
                    expected.reverse();
                    assert_eq!(items.rev().collect::<Vec<_>>(), expected);

                    let mut expected: Vec<_> = $range.rev().step_by(step).take(count).collect();
                    let items = progression($range).rev().step_by(step).take(count);
                    assert_eq!(items.clone().collect::<Vec<_>>(), expected);
                    expected.reverse();
                    assert_eq!(items.rev().collect::<Vec<_>>(), expected);
                }
            }
        )*};
    }

    #[test]
    #[allow(clippy::reversed_empty_ranges, reason = "they are ranges, too")]
    fn ranges_of_every_kind() {
        agrees!(
            0..7usize,
            3..3usize,
            5..2usize,
            0..=6usize,
            4..=4usize,
            4..=3usize,
            -3..4i64,
            -3..=4i64,
            2..=9u64,
            1..6u32,
            -2..=2i32,
            0..=3i128,
        );
    }

    #[test]
    fn ranges_up_to_the_bounds_of_their_type() {
        agrees!(
            0..=u8::MAX,
            i8::MIN..=i8::MAX,
            i8::MIN..i8::MAX,
            (u64::MAX - 3)..=u64::MAX,
            (i64::MIN)..(i64::MIN + 5),
            (usize::MAX - 2)..=usize::MAX,
        );
    }
}
