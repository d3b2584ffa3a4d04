"""Values and gradients of layers and losses by Keras 3 on JAX, in double precision, for `reference.txt`.

    pip install jax keras
    python reference.py > reference.txt

Arguments are made by a formula that `numbers.rs` has, too. Keras' parameters are those of PyTorch in
another arrangement: matrices are transposed, and gates stand in another order.
"""

import os

os.environ["KERAS_BACKEND"] = "jax"
import jax

jax.config.update("jax_enable_x64", True)
import jax.numpy as jnp
import keras
import numpy as np

from keras.src.backend.common import dtypes

# Otherwise Keras computes on JAX in single precision, whatever the arguments are.
dtypes.BIT64_TO_BIT32_DTYPE["float64"] = "float64"
keras.config.set_floatx("float64")
keras.config.set_dtype_policy("float64")


def array(shape, seed):
    k = np.arange(1.0, np.prod(shape) + 1.0)
    return jnp.array(np.sin(seed + np.sqrt(2.0) * k * (1.0 + 0.01 * k)).reshape(shape))


def show(name, numbers):
    numbers = np.asarray(numbers, dtype=np.float64).ravel()
    print(name + ":", " ".join(repr(float(number)) for number in numbers))


def pull(function, cotangent, *arguments):
    """The value, and the cotangents of the arguments."""
    value, pullback = jax.vjp(function, *arguments)
    return value, pullback(cotangent)


def report(name, names, function, cotangent, *arguments):
    value, bars = pull(function, cotangent, *arguments)
    show(name, value)
    for own, bar in zip(names, bars):
        if own:
            show(f"{name} {own}", bar)


def stateless(layer, variables, *inputs, **options):
    """The output of a Keras layer with these trainable variables."""
    values = [jnp.asarray(own) for own in variables]
    assert [own.shape for own in values] == [own.shape for own in layer.trainable_variables]
    constants = [own.value for own in layer.non_trainable_variables]
    return layer.stateless_call(values, constants, *inputs, **options)[0]


def dense():
    layer = keras.layers.Dense(3)
    layer.build((None, 4))
    report(
        "affine",
        ["weight", "bias", "x"],
        lambda w, b, x: stateless(layer, [w.T, b], x),
        array((5, 3), 4.0),
        array((3, 4), 1.0),
        array((3,), 2.0),
        array((5, 4), 3.0),
    )
    layers = [keras.layers.Dense(6, "tanh"), keras.layers.Dense(5, "tanh"), keras.layers.Dense(3)]
    for layer, width in zip(layers, [4, 6, 5]):
        layer.build((None, width))

    def mlp(*arguments):
        *parameters, h = arguments
        for k, layer in enumerate(layers):
            h = stateless(layer, [parameters[2 * k].T, parameters[2 * k + 1]], h)
        return h

    widths = [4, 6, 5, 3]
    shapes = [s for n, m in zip(widths, widths[1:]) for s in ((m, n), (m,))]
    seeds = [0.0, 9.0, 1.0, 10.0, 2.0, 11.0]
    report(
        "mlp",
        ["weight 0", "bias 0", "weight 1", "bias 1", "weight 2", "bias 2", "x"],
        mlp,
        array((5, 3), 4.0),
        *(array(shape, seed) for shape, seed in zip(shapes, seeds)),
        array((5, 4), 3.0),
    )


def losses():
    one = jnp.float64(1.0)
    classes = np.array([2, 0, 4, 2])
    probabilities = lambda seed: jax.nn.softmax(2.0 * array((4, 5), seed))
    # Keras clips probabilities and normalises them; these are far from 0 and add up to 1.
    crossed_p = keras.losses.SparseCategoricalCrossentropy(dtype="float64")
    report("nll_categorical", [None], lambda p: crossed_p(classes, p), one, probabilities(2.0))
    report(
        "kl_divergence",
        [None, "q"],
        keras.losses.KLDivergence(dtype="float64"),
        one,
        probabilities(1.0),
        probabilities(2.0),
    )
    x, y = 2.0 * array((4, 3), 1.0), array((4, 3), 2.0)
    mean = lambda loss: lambda *numbers: jnp.mean(loss(*numbers))
    squared, huber = keras.losses.mean_squared_error, keras.losses.huber
    report("squared_error", ["x"], mean(lambda x: squared(y, x)), one, x)
    report("huber", ["x"], mean(lambda x: huber(y, x, delta=jnp.float64(0.8))), one, x)
    report("pairwise_ranking", [None], lambda x: jnp.mean(jax.nn.softplus(y - x)), one, x)
    report("margin_ranking", ["x"], lambda x: jnp.mean(jax.nn.relu(0.5 - (x - y))), one, x)
    z, y = 2.0 * array((6,), 1.0), 0.5 + 0.5 * array((6,), 2.0)
    binary = keras.losses.binary_crossentropy
    report("nll", ["logits"], mean(lambda z: binary(y, z, from_logits=True)), one, z)


def recurrent():
    steps, samples, inputs, width = 4, 2, 3, 5
    swap = lambda x: jnp.swapaxes(x, 0, 1)

    def gru_gates(w):
        """Keras has z before r."""
        r, z, n = jnp.split(w, 3)
        return jnp.concatenate([z, r, n])

    cells = {
        "rnn": (1, keras.layers.SimpleRNN, lambda w: w, lambda b, d: b + d),
        "lstm": (4, keras.layers.LSTM, lambda w: w, lambda b, d: b + d),
        "gru": (3, keras.layers.GRU, gru_gates, lambda b, d: jnp.stack([b, d])),
    }
    for name, (gates, cell, arrange, biases) in cells.items():
        layer = cell(width, return_sequences=True)
        layer.build((samples, steps, inputs))

        def run(w, u, b, d, x):
            parameters = [arrange(w).T, arrange(u).T, biases(arrange(b), arrange(d))]
            return swap(stateless(layer, parameters, swap(x)))

        report(
            name,
            ["weight_ih", "weight_hh", "bias_ih", "bias_hh", "x"],
            run,
            array((steps, samples, width), 6.0),
            array((gates * width, inputs), 1.0),
            array((gates * width, width), 2.0),
            array((gates * width,), 3.0),
            array((gates * width,), 4.0),
            array((steps, samples, inputs), 5.0),
        )


def normalisation():
    weight, bias = array((4,), 1.0), array((4,), 2.0)
    names = ["weight", "bias", "x"]
    x, cotangent = array((5, 4), 3.0), array((5, 4), 4.0)
    layer = keras.layers.LayerNormalization(epsilon=1e-5)
    layer.build((None, 4))
    run = lambda w, b, x: stateless(layer, [w, b], x)
    report("layer_norm", names, run, cotangent, weight, bias, x)
    layer = keras.layers.BatchNormalization(epsilon=1e-5)
    layer.build((None, 4))
    run = lambda w, b, x: stateless(layer, [w, b], x, training=True)
    report("batch_norm", names, run, cotangent, weight, bias, x)
    layer.moving_mean.assign(array((4,), 5.0))
    layer.moving_variance.assign(1.5 + array((4,), 6.0))
    run = lambda w, b, x: stateless(layer, [w, b], x, training=False)
    report("batch_norm_eval", names, run, cotangent, weight, bias, x)
    layer = keras.layers.BatchNormalization(axis=1, epsilon=1e-5)
    layer.build((None, 4, 3, 2))
    run = lambda w, b, x: stateless(layer, [w, b], x, training=True)
    shape = (2, 4, 3, 2)
    report("batch_norm2d", names, run, array(shape, 8.0), weight, bias, array(shape, 7.0))


def attention():
    samples, steps, width, heads, hidden = 2, 3, 4, 2, 6
    layer = keras.layers.MultiHeadAttention(heads, width // heads)
    layer.build((samples, steps, width), (samples, steps, width))

    def attend(w, b, v, c, x, causal):
        parts = zip(jnp.split(w, 3), jnp.split(b, 3))
        by_head = [(m.T.reshape(width, heads, -1), d.reshape(heads, -1)) for m, d in parts]
        parameters = [p for pair in by_head for p in pair] + [v.T.reshape(heads, -1, width), c]
        # With the scores: without them JAX's own attention runs, which takes the softmax in single precision.
        options = {"use_causal_mask": causal, "return_attention_scores": True}
        return stateless(layer, parameters, x, x, **options)[0]

    parameters = [
        array((3 * width, width), 1.0),
        array((3 * width,), 2.0),
        array((width, width), 3.0),
        array((width,), 4.0),
    ]
    names = ["in_proj_weight", "in_proj_bias", "out_proj.weight", "out_proj.bias"]
    x, cotangent = array((samples, steps, width), 5.0), array((samples, steps, width), 6.0)
    for causal in [False, True]:
        report(
            "causal attention" if causal else "attention",
            names + ["x"],
            lambda *a: attend(*a, causal),
            cotangent,
            *parameters,
            x,
        )
    norm = keras.layers.LayerNormalization(epsilon=1e-5)
    norm.build((None, None, width))
    gelu = lambda x: keras.activations.gelu(x, approximate=True)

    def block(*a):
        inner, (w1, b1, w2, b2, s1, t1, s2, t2, x) = a[:4], a[4:]
        h = x + attend(*inner, stateless(norm, [s1, t1], x), False)
        return h + gelu(stateless(norm, [s2, t2], h) @ w1.T + b1) @ w2.T + b2

    more = [
        array((hidden, width), 7.0),
        array((hidden,), 8.0),
        array((width, hidden), 9.0),
        array((width,), 10.0),
        array((width,), 11.0),
        array((width,), 12.0),
        array((width,), 13.0),
        array((width,), 14.0),
    ]
    names = ["self_attn." + name for name in names]
    names += ["linear1.weight", "linear1.bias", "linear2.weight", "linear2.bias"]
    names += ["norm1.weight", "norm1.bias", "norm2.weight", "norm2.bias", "x"]
    report("transformer_block", names, block, cotangent, *parameters, *more, x)


def images():
    layer = keras.layers.Conv2D(3, (2, 3), strides=2, data_format="channels_first")
    layer.build((None, 2, 7, 8))

    def run(w, b, x):
        padded = jnp.pad(x, [(0, 0), (0, 0), (1, 1), (1, 1)])
        return stateless(layer, [w.transpose(2, 3, 1, 0), b], padded)

    report(
        "convolve2d",
        ["weight", "bias", "x"],
        run,
        array((2, 3, 3, 3), 4.0),
        array((3, 2, 2, 3), 1.0),
        array((3,), 2.0),
        array((2, 2, 5, 6), 3.0),
    )
    x, cotangent = array((2, 2, 5, 6), 3.0), array((2, 2, 2, 3), 4.0)
    for name, pool in [
        ("max_pool2d", keras.layers.MaxPooling2D),
        ("avg_pool2d", keras.layers.AveragePooling2D),
    ]:
        layer = pool(2, data_format="channels_first")
        report(name, ["x"], lambda x: layer(x), cotangent, x)


def graphs():
    edges = [(0, 1), (1, 2), (2, 3), (3, 0), (0, 2)]
    linked = np.eye(5)
    for a, b in edges:
        linked[a, b] = linked[b, a] = 1.0
    degrees = np.diag(linked.sum(axis=1) ** -0.5)
    adjacency = jnp.array(degrees @ linked @ degrees)
    report(
        "graph_convolution",
        ["weight", "bias", "x"],
        lambda w, b, x: adjacency @ x @ w.T + b,
        array((5, 3), 4.0),
        array((3, 4), 1.0),
        array((3,), 2.0),
        array((5, 4), 3.0),
    )


dense()
losses()
recurrent()
normalisation()
attention()
images()
graphs()
