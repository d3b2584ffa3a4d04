//! Short loops, written out.
//!
//! The optimiser writes out a loop of few iterations only if its body is small, and what it counts is the body before
//! that. A loop that runs up to the index of the one around it becomes straight code without checks of indices then,
//! and stays a loop with all of them otherwise. The body of a reverse loop is twice or three times the user's, so that this
//! cliff lies between the two.

/// The longest loop that is written out.
const FEW: usize = 16;

macro_rules! each {
    ($body:ident, $length:ident: $($index:literal)*) => {
        // Constants, so that what is not there is not even compiled.
        $(if const { $index < $length } {
            $body($index);
        })*
    };
}

/// `for i in 0..N { body(i) }`, written out if it has no more than 16 iterations.
#[inline(always)]
pub fn unrolled<const N: usize>(mut body: impl FnMut(usize)) {
    if const { N <= FEW } {
        each!(body, N: 0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15);
    } else {
        for index in 0..N {
            body(index);
        }
    }
}

/// `for i in (0..N).rev() { body(i) }`, written out if it has no more than 16 iterations.
#[inline(always)]
pub fn unrolled_back<const N: usize>(mut body: impl FnMut(usize)) {
    if const { N <= FEW } {
        each!(body, N: 15 14 13 12 11 10 9 8 7 6 5 4 3 2 1 0);
    } else {
        for index in (0..N).rev() {
            body(index);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{unrolled, unrolled_back};

    fn is_in_order<const N: usize>() {
        let (mut upwards, mut downwards) = (Vec::new(), Vec::new());
        unrolled::<N>(|index| upwards.push(index));
        unrolled_back::<N>(|index| downwards.push(index));
        assert!(upwards.into_iter().eq(0..N), "{N}");
        assert!(downwards.into_iter().eq((0..N).rev()), "{N}");
    }

    #[test]
    fn every_index_comes_once_and_in_order() {
        is_in_order::<0>();
        is_in_order::<1>();
        is_in_order::<15>();
        is_in_order::<16>();
        is_in_order::<17>();
        is_in_order::<40>();
    }
}
