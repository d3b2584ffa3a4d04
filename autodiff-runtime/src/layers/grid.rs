//! Matrices side by side and beneath each other.

use ndarray::{Array2, ArrayViewMut2, Axis, Slice};

use crate::{Real, differentiable};

/// One matrix of blocks of equal shape, given row by row, with so many of them side by side.
#[differentiable(vjp = grid_vjp, jvp = grid_jvp)]
pub(super) fn grid<T: Real>(blocks: &[Array2<T>], columns: usize) -> Array2<T> {
    let (height, width) = blocks.first().map_or((0, 0), Array2::dim);
    let mut whole = Array2::zeros((blocks.len() / columns * height, columns * width));
    for (k, block) in blocks.iter().enumerate() {
        part(&mut whole, k, columns, block.dim()).assign(block);
    }
    whole
}

/// The place of block `k`.
fn part<T>(
    whole: &mut Array2<T>,
    k: usize,
    columns: usize,
    (height, width): (usize, usize),
) -> ArrayViewMut2<'_, T> {
    let (row, column) = (k / columns * height, k % columns * width);
    let mut part = whole.view_mut();
    part.slice_axis_inplace(Axis(0), Slice::from(row..row + height));
    part.slice_axis_inplace(Axis(1), Slice::from(column..column + width));
    part
}

fn grid_vjp<T: Real>(
    blocks: &[Array2<T>],
    columns: usize,
    mut whole_bar: Array2<T>,
    blocks_bar: &mut [Array2<T>],
) {
    for (k, (block, block_bar)) in blocks.iter().zip(blocks_bar).enumerate() {
        if !block_bar.is_empty() {
            *block_bar += &part(&mut whole_bar, k, columns, block.dim());
        }
    }
}

fn grid_jvp<T: Real>(
    blocks: &[Array2<T>],
    columns: usize,
    blocks_dot: &[Array2<T>],
) -> (Array2<T>, Array2<T>) {
    (grid(blocks, columns), grid(blocks_dot, columns))
}
