//! Convolution on graphs.

use ndarray::{Array1, Array2, ArrayRef2};

use super::draw::Draw;
use super::product::weigh;
use crate::nn::Init;
use crate::{Differentiable, Real, differentiable, tensor};

/// The parameters of [`graph_convolution()`].
#[derive(Clone, Debug, PartialEq, Differentiable)]
pub struct GraphConvolution<T: Real = f32> {
    /// The matrix `W`, shape \[outputs, inputs\].
    pub weight: Array2<T>,
    /// The vector `b`, shape \[outputs\].
    pub bias: Array1<T>,
}

impl<T: Real> GraphConvolution<T> {
    /// Weights of the stream of `seed`, uniform as by Glorot & Bengio ([`Init::Xavier`]); zero biases.
    pub fn new(inputs: usize, outputs: usize, seed: u64) -> Self {
        let mut draw = Draw::seeded(seed);
        Self {
            weight: draw.init(Init::Xavier, (outputs, inputs), inputs, outputs),
            bias: Array1::zeros(outputs),
        }
    }
}

/// The graph convolution `Â·X·Wᵀ + b`: each node gets the weighted mean of what it and its neighbours
/// have, linearly mapped (Kipf & Welling, *Semi-supervised classification with graph convolutional networks*,
/// 2017). `Â` is the [`normalised_adjacency`], `x` \[nodes, inputs\] → \[nodes, outputs\].
///
/// # Panics
///
/// If the shapes do not fit.
///
/// ```
/// use autodiff_runtime::layers::{GraphConvolution, graph_convolution, normalised_adjacency};
/// use ndarray::Array2;
///
/// let path = normalised_adjacency(3, &[(0, 1), (1, 2)]);
/// let layer = GraphConvolution { weight: Array2::eye(1), bias: ndarray::arr1(&[0.0]) };
/// let y = graph_convolution(&layer, &path, &Array2::<f64>::ones((3, 1)));
/// assert_eq!(y[[0, 0]], 1.0 / 2.0 + 1.0 / 6.0_f64.sqrt());
/// ```
#[differentiable]
pub fn graph_convolution<T: Real>(
    layer: &GraphConvolution<T>,
    #[constant] adjacency: &ArrayRef2<T>,
    x: &ArrayRef2<T>,
) -> Array2<T> {
    assert!(
        x.ncols() == layer.weight.ncols() && x.nrows() == adjacency.ncols(),
        "graph_convolution: an input of shape {:?} meets a weight of shape {:?} and an adjacency of shape {:?}; it is to be [nodes, inputs]",
        x.shape(),
        layer.weight.shape(),
        adjacency.shape()
    );
    assert!(
        layer.bias.len() == layer.weight.nrows(),
        "graph_convolution: a weight of shape {:?} meets a bias of shape {:?}, which is to have a number for each of its rows",
        layer.weight.shape(),
        layer.bias.shape()
    );
    let mapped: Array2<T> = weigh(x, &layer.weight);
    let gathered: Array2<T> = tensor::matmul(adjacency, &mapped);
    gathered + &layer.bias
}

/// `D^−½·(A + I)·D^−½` of an undirected graph with edges between these pairs of nodes, where `A` is 1 for
/// neighbours and 0 for others, and the diagonal `D` holds the row sums of `A + I`.
///
/// # Panics
///
/// If an edge names a node that there is not.
///
/// ```
/// use autodiff_runtime::layers::normalised_adjacency;
/// use ndarray::arr2;
///
/// assert_eq!(normalised_adjacency::<f64>(2, &[(0, 1)]), arr2(&[[0.5, 0.5], [0.5, 0.5]]));
/// ```
pub fn normalised_adjacency<T: Real>(nodes: usize, edges: &[(usize, usize)]) -> Array2<T> {
    let mut linked = Array2::eye(nodes);
    for &(a, b) in edges {
        assert!(
            a < nodes && b < nodes,
            "normalised_adjacency: an edge from {a} to {b} in a graph of {nodes} nodes"
        );
        linked[[a, b]] = 1.0;
        linked[[b, a]] = 1.0;
    }
    let degrees: Vec<f64> = linked.rows().into_iter().map(|row| row.sum()).collect();
    Array2::from_shape_fn((nodes, nodes), |(a, b)| {
        T::from_f64(linked[[a, b]] / (degrees[a] * degrees[b]).sqrt())
    })
}
