//! Layers for images and graphs.

use autodiff_runtime::layers::{
    Conv2d, GraphConvolution, convolve2d, flatten, graph_convolution, normalised_adjacency,
};
use autodiff_runtime::tensor::{avg_pool2d, max_pool2d};
use autodiff_tests::check;
use ndarray::{Array2, Array4};

use super::numbers::{array, expect, expect_all};

#[test]
fn convolution_and_pooling() {
    let layer = Conv2d {
        weight: array((3, 2, 2, 3), 1.0),
        bias: array(3, 2.0),
        ..Conv2d::new(2, 3, 2, 1).stride(2).padding(1)
    };
    let x: Array4<f64> = array((2, 2, 5, 6), 3.0);
    let (layer_bar, x_bar) = check!(convolve2d(&layer, &x) => array((2, 3, 3, 3), 4.0));
    expect(&convolve2d(&layer, &x), "convolve2d");
    expect_all(&layer_bar, "convolve2d");
    expect(&x_bar, "convolve2d x");

    let x_bar = check!(max_pool2d(&x, const 2, const 2) => array((2, 2, 2, 3), 4.0));
    expect(&max_pool2d(&x, 2, 2), "max_pool2d");
    expect(&x_bar, "max_pool2d x");
    let x_bar = check!(avg_pool2d(&x, const 2, const 2) => array((2, 2, 2, 3), 4.0));
    expect(&avg_pool2d(&x, 2, 2), "avg_pool2d");
    expect(&x_bar, "avg_pool2d x");
    check!(flatten(&x) => array((2, 60), 5.0));
}

#[test]
fn graphs() {
    let layer = GraphConvolution {
        weight: array((3, 4), 1.0),
        bias: array(3, 2.0),
    };
    let adjacency = normalised_adjacency(5, &[(0, 1), (1, 2), (2, 3), (3, 0), (0, 2)]);
    let x: Array2<f64> = array((5, 4), 3.0);
    let (layer_bar, x_bar) =
        check!(graph_convolution(&layer, const &adjacency, &x) => array((5, 3), 4.0));
    expect(
        &graph_convolution(&layer, &adjacency, &x),
        "graph_convolution",
    );
    expect_all(&layer_bar, "graph_convolution");
    expect(&x_bar, "graph_convolution x");
}

#[test]
#[should_panic(expected = "normalised_adjacency: an edge from 1 to 3 in a graph of 3 nodes")]
fn edges_to_nowhere() {
    normalised_adjacency::<f64>(3, &[(0, 1), (1, 3)]);
}
