//! The windows that a kernel or a pool sees of an image.

use ndarray::Array2;

use crate::Real;

/// Where windows lie in an image of several channels.
pub(super) struct Windows {
    /// Channels, height and width.
    image: [usize; 3],
    /// Rows and columns of a window.
    window: [usize; 2],
    stride: usize,
    padding: usize,
    /// How many windows there are below and beside each other.
    pub places: [usize; 2],
}

impl Windows {
    #[track_caller]
    pub fn new(
        operation: &str,
        image: [usize; 3],
        window: [usize; 2],
        stride: usize,
        padding: usize,
    ) -> Self {
        let [_, height, width] = image;
        let padded = [height + 2 * padding, width + 2 * padding];
        assert!(
            stride > 0,
            "{operation}: a stride of 0 does not get anywhere"
        );
        assert!(
            (0..2).all(|k| 0 < window[k] && window[k] <= padded[k]),
            "{operation}: windows of shape {window:?} do not fit into images of shape {padded:?}, padding included"
        );
        Self {
            image,
            window,
            stride,
            padding,
            places: [0, 1].map(|k| (padded[k] - window[k]) / stride + 1),
        }
    }

    /// The number of elements of an image; at least 1, since images are taken apart by it.
    pub fn image(&self) -> usize {
        self.image.iter().product::<usize>().max(1)
    }

    /// The number of elements that a window sees, in all channels.
    pub fn size(&self) -> usize {
        self.image[0] * self.window[0] * self.window[1]
    }

    /// The number of windows.
    pub fn count(&self) -> usize {
        self.places[0] * self.places[1]
    }

    /// Copies the image into a matrix with a row for each element of a window and a column for each
    /// window; what lies outside of the image is 0.
    pub fn gather<T: Real>(&self, image: &[T], patches: &mut Array2<T>) {
        patches.fill(T::zero());
        let patches = patches.as_slice_mut().expect("made in standard layout");
        self.runs(|patch, pixel, length| {
            let to = &mut patches[patch..][..length];
            if self.stride == 1 {
                to.copy_from_slice(&image[pixel..][..length]);
            } else {
                let pixels = image[pixel..].iter().step_by(self.stride);
                to.iter_mut().zip(pixels).for_each(|(to, &from)| *to = from);
            }
        });
    }

    /// Adds such a matrix to the image: the transpose of [`Self::gather`].
    pub fn scatter<T: Real>(&self, patches: &Array2<T>, image: &mut [T]) {
        let patches = patches.as_slice().expect("made in standard layout");
        self.runs(|patch, pixel, length| {
            let pixels = image[pixel..].iter_mut().step_by(self.stride);
            let from = &patches[patch..][..length];
            pixels.zip(from).for_each(|(to, &from)| *to += from);
        });
    }

    /// Calls `f(patch, pixel, length)` for runs of elements that lie side by side in a row of the matrix, and
    /// a stride apart in a row of the image.
    fn runs(&self, mut f: impl FnMut(usize, usize, usize)) {
        let [channels, height, width] = self.image;
        let [window_rows, window_columns] = self.window;
        let [rows, columns] = self.places;
        let mut row_of_matrix = 0;
        for channel in 0..channels {
            for p in 0..window_rows {
                for q in 0..window_columns {
                    let inside = self.inside(q, columns, width);
                    for i in self.inside(p, rows, height) {
                        let u = i * self.stride + p - self.padding;
                        let v = inside.start * self.stride + q;
                        if !inside.is_empty() {
                            let patch = (row_of_matrix * rows + i) * columns + inside.start;
                            let pixel = (channel * height + u) * width + v - self.padding;
                            f(patch, pixel, inside.len());
                        }
                    }
                    row_of_matrix += 1;
                }
            }
        }
    }

    /// The places whose element at `offset` lies within the image's length.
    fn inside(&self, offset: usize, places: usize, length: usize) -> std::ops::Range<usize> {
        let first = self.padding.saturating_sub(offset).div_ceil(self.stride);
        let end = (length + self.padding)
            .saturating_sub(offset)
            .div_ceil(self.stride);
        first.min(places)..end.min(places).max(first.min(places))
    }
}
