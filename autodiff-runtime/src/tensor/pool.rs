//! Memory of arrays that nobody reads any more, kept for the next ones.
//!
//! A training step makes the same arrays again and again: values between the layers, and their
//! adjoints. What generated code and rules give back here, the next rule takes, so that from the second
//! step on nothing is allocated, and no page is asked of the system. Each thread has a pool of its own,
//! which holds [`LIMIT`] bytes at most for each precision.
//!
//! What is in a vector when it is given back stays in it, so that one that is overwritten need not be
//! filled before.

use std::thread::LocalKey;
use std::{cell::RefCell, mem::size_of};

use ndarray::{Array, ArrayRef, Dimension, ShapeBuilder};

use crate::Real;

/// How many bytes a pool holds at most. Before it holds more, it frees all: sizes that nobody asks for
/// any more leave in that way.
pub const LIMIT: usize = 256 << 20;

/// The pool of one thread for numbers of one precision.
#[derive(Debug)]
pub struct Pool<T> {
    /// By length.
    sizes: Vec<Size<T>>,
    bytes: usize,
}

/// The vectors of one length.
#[derive(Debug)]
struct Size<T> {
    length: usize,
    /// How many are in use. No more come back: what was not taken here is freed, or a program that gives back
    /// more than it takes would fill the memory.
    lent: usize,
    /// Those that are not; taken next is what came last, which may still be in a cache.
    free: Vec<Vec<T>>,
}

impl<T> Pool<T> {
    /// With nothing in it.
    pub const EMPTY: Self = Pool {
        sizes: Vec::new(),
        bytes: 0,
    };

    fn position(&self, length: usize) -> Result<usize, usize> {
        self.sizes.binary_search_by_key(&length, |own| own.length)
    }

    /// A vector with room for `length` numbers.
    fn take(&mut self, length: usize) -> Vec<T> {
        let position = self.position(length).unwrap_or_else(|position| {
            let size = Size {
                length,
                lent: 0,
                free: Vec::new(),
            };
            self.sizes.insert(position, size);
            position
        });
        let size = &mut self.sizes[position];
        size.lent += 1;
        match size.free.pop() {
            Some(numbers) => {
                self.bytes -= length * size_of::<T>();
                numbers
            }
            None => Vec::with_capacity(length),
        }
    }

    fn give(&mut self, numbers: Vec<T>) {
        let length = numbers.capacity();
        let bytes = length * size_of::<T>();
        if self.bytes + bytes > LIMIT {
            *self = Pool::EMPTY;
        }
        if let Ok(position) = self.position(length)
            && let size = &mut self.sizes[position]
            && size.lent > 0
        {
            size.lent -= 1;
            size.free.push(numbers);
            self.bytes += bytes;
        }
    }
}

/// A precision with a pool.
pub trait Pooled: Sized + 'static {
    /// The pool of the current thread.
    fn pool() -> &'static LocalKey<RefCell<Pool<Self>>>;
}

macro_rules! pooled {
    ($($float:ident)*) => {$(
        impl Pooled for $float {
            fn pool() -> &'static LocalKey<RefCell<Pool<$float>>> {
                thread_local! {
                    static POOL: RefCell<Pool<$float>> = const { RefCell::new(Pool::EMPTY) };
                }
                &POOL
            }
        }
    )*};
}

pooled! { f32 f64 }

/// A vector with room for `length` numbers, and perhaps some old ones in it.
fn take<T: Real>(length: usize) -> Vec<T> {
    if length == 0 {
        return Vec::new();
    }
    // There is no pool where a thread ends.
    let taken = T::pool().try_with(|pool| pool.borrow_mut().take(length));
    taken.unwrap_or_else(|_| Vec::with_capacity(length))
}

/// An empty vector with room for `length` numbers.
pub fn room<T: Real>(length: usize) -> Vec<T> {
    let mut numbers = take(length);
    numbers.clear();
    numbers
}

/// So many numbers, of any value.
pub fn any<T: Real>(length: usize) -> Vec<T> {
    let mut numbers = take(length);
    numbers.truncate(length);
    numbers.resize(length, T::zero());
    numbers
}

/// Gives the numbers' memory back.
pub fn give<T: Real>(numbers: Vec<T>) {
    // Where a thread ends, it is freed.
    let _ = T::pool().try_with(|pool| pool.borrow_mut().give(numbers));
}

/// Gives an array's memory back.
pub fn give_array<T: Real, D: Dimension>(array: Array<T, D>) {
    give(array.into_raw_vec_and_offset().0);
}

/// An array of numbers of any value, for somebody who overwrites them.
pub fn array_of_any<T: Real, D: Dimension, Sh: ShapeBuilder<Dim = D>>(shape: Sh) -> Array<T, D> {
    let shape = shape.into_shape_with_order();
    let numbers = any(shape.size());
    Array::from_shape_vec(shape, numbers).expect("as many numbers as the shape has")
}

/// An array of zeros.
pub fn zeros<T: Real, D: Dimension, Sh: ShapeBuilder<Dim = D>>(shape: Sh) -> Array<T, D> {
    let shape = shape.into_shape_with_order();
    let mut numbers = room(shape.size());
    numbers.resize(shape.size(), T::zero());
    Array::from_shape_vec(shape, numbers).expect("as many numbers as the shape has")
}

/// An array whose numbers lie in the order of the indices.
pub fn collected<T: Real, D: Dimension>(
    shape: D,
    numbers: impl ExactSizeIterator<Item = T>,
) -> Array<T, D> {
    let mut room = room(numbers.len());
    room.extend(numbers);
    Array::from_shape_vec(shape, room).expect("as many numbers as the shape has")
}

/// `x.to_owned()`.
pub fn copy<T: Real, D: Dimension>(x: &ArrayRef<T, D>) -> Array<T, D> {
    let (numbers, by_columns) = match (x.as_slice(), x.t().to_slice()) {
        (Some(numbers), _) => (numbers, false),
        (_, Some(numbers)) => (numbers, true),
        _ => return x.to_owned(),
    };
    let mut room = room(numbers.len());
    room.extend_from_slice(numbers);
    Array::from_shape_vec(x.raw_dim().set_f(by_columns), room)
        .expect("as many numbers as the shape has")
}

/// Frees what the pools of this thread hold. They fill again.
///
/// For a thread that has trained and then lives on for something else.
pub fn release() {
    let _ = f32::pool().try_with(|pool| *pool.borrow_mut() = Pool::EMPTY);
    let _ = f64::pool().try_with(|pool| *pool.borrow_mut() = Pool::EMPTY);
}

#[cfg(test)]
mod tests {
    use ndarray::{Array2, Axis, Slice, arr2};

    use super::*;

    #[test]
    fn the_last_one_given_back_is_taken_first() {
        let mut pool = Pool::EMPTY;
        let [mut first, mut second] = [pool.take(3), pool.take(3)];
        first.push(1.0);
        second.push(2.0);
        pool.give(first);
        pool.give(second);
        assert_eq!((pool.take(3), pool.take(3)), (vec![2.0], vec![1.0]));
    }

    #[test]
    fn lengths_do_not_mix() {
        let mut pool: Pool<f32> = Pool::EMPTY;
        let taken = pool.take(8);
        pool.give(taken);
        assert_eq!(pool.take(7).capacity(), 7);
        assert_eq!(pool.bytes, 8 * size_of::<f32>());
    }

    #[test]
    fn no_more_comes_back_than_was_taken() {
        let mut pool: Pool<f64> = Pool::EMPTY;
        let taken = pool.take(4);
        (0..3).for_each(|_| pool.give(Vec::with_capacity(4)));
        pool.give(taken);
        pool.give(Vec::with_capacity(5));
        assert_eq!(pool.bytes, 4 * size_of::<f64>());
    }

    #[test]
    fn before_it_holds_too_much_it_frees_all() {
        // Memory that nobody touches is only reserved.
        let mut pool: Pool<[u8; 1 << 20]> = Pool::EMPTY;
        let half = LIMIT / (2 << 20);
        let large = [half, half - 1, half - 2].map(|length| pool.take(length));
        large.into_iter().for_each(|own| pool.give(own));
        assert!(
            pool.bytes <= LIMIT && pool.sizes.len() < 3,
            "{}",
            pool.bytes
        );
    }

    #[test]
    fn copies_lie_as_the_original_does() {
        let x = Array2::from_shape_fn((3, 4), |(i, j)| (4 * i + j) as f64);
        let mut reversed = x.view();
        reversed.invert_axis(Axis(0));
        let every_other = x.slice_axis(Axis(1), Slice::new(0, None, 2));
        for view in [x.view(), x.t(), reversed, every_other] {
            let (own, owned) = (copy(&view), view.to_owned());
            assert_eq!((own.strides(), &own), (owned.strides(), &owned));
        }
        let column = arr2(&[[1.0], [2.0]]);
        let stretched = column.broadcast((2, 3)).expect("one column becomes three");
        assert_eq!(copy(&stretched), stretched);
        assert_eq!(copy(&x.index_axis(Axis(1), 2)), x.column(2));
    }

    #[test]
    fn zeros_are_zeros_in_memory_that_was_used() {
        let mut used = zeros::<f32, _, _>((5, 7));
        used.fill(f32::NAN);
        give_array(used);
        assert!(zeros::<f32, _, _>((5, 7)).iter().all(|&x| x == 0.0));
    }
}
