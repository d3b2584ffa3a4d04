//! Attention and the block of a transformer.

use autodiff_runtime::layers::{
    LayerNorm, Linear, Mode, MultiHeadAttention, TransformerBlock, attention, multi_head_attention,
    transformer_block,
};
use autodiff_tests::check;
use ndarray::{Array3, s};

use super::numbers::{array, expect, expect_all};

fn layer() -> MultiHeadAttention<f64> {
    MultiHeadAttention {
        in_proj_weight: array((12, 4), 1.0),
        in_proj_bias: array(12, 2.0),
        out_proj: Linear {
            weight: array((4, 4), 3.0),
            bias: array(4, 4.0),
        },
        heads: 2,
    }
}

fn input() -> Array3<f64> {
    array((2, 3, 4), 5.0)
}

#[test]
fn of_queries_and_keys() {
    let (query, key, value) = (array((3, 4), 1.0), array((5, 4), 2.0), array((5, 2), 3.0));
    for causal in [false, true] {
        check!(attention(&query, &key, &value, const causal) => array((3, 2), 4.0));
    }
}

#[test]
fn of_several_heads() {
    for (causal, name) in [(false, "attention"), (true, "causal attention")] {
        let (layer_bar, x_bar) = check!(
            multi_head_attention(&layer(), &input(), const causal) => array((2, 3, 4), 6.0)
        );
        expect(&multi_head_attention(&layer(), &input(), causal), name);
        expect_all(&layer_bar, name);
        expect(&x_bar, &format!("{name} x"));
    }
}

#[test]
fn no_step_sees_later_ones() {
    let whole = multi_head_attention(&layer(), &input(), true);
    let first = multi_head_attention(&layer(), &input().slice(s![.., ..1, ..]).to_owned(), true);
    assert_eq!(whole.slice(s![.., ..1, ..]), first);
}

#[test]
fn blocks_of_transformers() {
    let linear = |outputs, inputs, seed| Linear {
        weight: array((outputs, inputs), seed),
        bias: array(outputs, seed + 1.0),
    };
    let norm = |seed| LayerNorm {
        weight: array(4, seed),
        bias: array(4, seed + 1.0),
    };
    let block = TransformerBlock {
        self_attn: layer(),
        linear1: linear(6, 4, 7.0),
        linear2: linear(4, 6, 9.0),
        norm1: norm(11.0),
        norm2: norm(13.0),
        ..TransformerBlock::new(4, 2, 6, 1)
    };
    let (block_bar, x_bar) = check!(
        transformer_block(&block, &input(), const false, const Mode::Eval) => array((2, 3, 4), 6.0)
    );
    let value = transformer_block(&block, &input(), false, Mode::Eval);
    expect(&value, "transformer_block");
    expect_all(&block_bar, "transformer_block");
    expect(&x_bar, "transformer_block x");
    let block = block.dropout(0.3);
    let train = Mode::Train { seed: 5 };
    check!(transformer_block(&block, &input(), const true, const train) => array((2, 3, 4), 6.0));
    assert_eq!(
        transformer_block(&block, &input(), false, Mode::Eval),
        value
    );
}

#[test]
#[should_panic(expected = "attention: queries of shape [3, 4] meet keys of shape [5, 3]")]
fn of_other_widths() {
    attention(
        &array((3, 4), 1.0),
        &array((5, 3), 2.0),
        &array((5, 2), 3.0),
        false,
    );
}

/// The same numbers, lying otherwise in memory.
#[test]
fn of_permuted_inputs() {
    let permuted = input()
        .permuted_axes([2, 0, 1])
        .as_standard_layout()
        .into_owned()
        .permuted_axes([1, 2, 0]);
    let u: Array3<f64> = array((2, 3, 4), 6.0);
    let [own, other] =
        [input(), permuted].map(|x| multi_head_attention::vjp(&layer(), &x, false, u.clone()).1);
    assert_eq!(own, other);
}

#[test]
#[should_panic(expected = "transformer_block: an input of shape [3, 2, 4] with strides [4, 12, 1]")]
fn of_inputs_in_another_order() {
    let block = TransformerBlock::new(4, 2, 6, 1);
    let x = input().permuted_axes([1, 0, 2]);
    transformer_block(&block, &x, false, Mode::Eval);
}
