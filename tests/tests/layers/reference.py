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
    crossed = keras.losses.SparseCategoricalCrossentropy(from_logits=True, dtype="float64")
    report("cross_entropy", ["logits"], lambda z: crossed(classes, z), one, 3.0 * array((4, 5), 1.0))
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


dense()
losses()
