import inspect

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import layers

from genrelib import models
from genrelib._base.errors import GenrelibError
from genrelib.models.devices import batch_normalisation, fed_as_stored, orders_of, shared_evenly
from genrelib.models.frontends import MEL_LAYER
from genrelib.training.loop import batches, set_seed, train
from tests.tiny import tiny_fold, tiny_slices

N_SAMPLES = 9728  # 16 frames, the least that the Turin network takes
SMALL = {"n_samples": N_SAMPLES, "image_size": 32}


def stored(dtype, n=24):
    rng = np.random.default_rng(0)
    high = 256 if dtype == np.uint8 else 30000
    return rng.integers(0 if dtype == np.uint8 else -high, high, (n, 40)).astype(dtype)


def small_model():
    """Whatever draws or counts while it trains: dropout, batch normalisation, a convolution."""
    keras.backend.clear_session()
    set_seed(0)
    inputs = keras.Input((40,))
    x = layers.BatchNormalization(momentum=0.9)(layers.Reshape((40, 1))(inputs))
    x = layers.Conv1D(4, 3, activation="relu")(layers.Dropout(0.2)(x))
    return keras.Model(inputs, layers.Dense(3, activation="softmax")(layers.Flatten()(x)), name="small")


@pytest.mark.parametrize("dtype", [np.int16, np.uint8, np.float32])
def test_casting_on_the_device_trains_to_the_same_bits(dtype):
    inputs, labels, rows = stored(dtype), np.arange(24) % 3, np.arange(24)
    cast, fed = small_model(), small_model()
    seen = fed_as_stored(fed, inputs.dtype)
    for model, raw in ((cast, False), (seen, True)):
        set_seed(1)
        model.compile("adam", "categorical_crossentropy", jit_compile=False)
        model.fit(batches(inputs, labels, rows, 3, batch_size=5, seed=2, raw=raw), epochs=2, verbose=0)
    assert seen.inputs[0].dtype == np.dtype(dtype).name and (seen is fed) == (dtype == np.float32)
    for one, other in zip(cast.get_weights(), fed.get_weights(), strict=True):
        np.testing.assert_array_equal(one, other)
    assert not np.array_equal(small_model().get_weights()[-2], fed.get_weights()[-2])


def test_batches_as_stored_are_not_cast():
    inputs = stored(np.int16)
    (x, y), *_ = batches(inputs, np.zeros(24, int), np.array([7, 3]), 3, batch_size=4, raw=True)
    assert x.dtype == tf.int16 and y.dtype == tf.float32
    np.testing.assert_array_equal(x, inputs[[7, 3]])


@pytest.mark.parametrize("skip", [0, 2])
def test_orders_are_one_draw_a_pass(skip):
    positions, draw = np.array([4, 8, 15, 16, 23]), np.random.default_rng(3)
    wanted = [draw.permutation(positions) for _ in range(5)][skip:]
    got = orders_of(positions, 3, skip)
    np.testing.assert_array_equal([next(got) for _ in wanted], wanted)
    assert all(next(orders_of(positions)) is positions for _ in range(2))


def test_under_a_strategy_the_first_order_comes_twice_and_statistics_are_of_all_devices():
    assert not batch_normalisation().synchronized
    with tf.distribute.OneDeviceStrategy("/cpu:0").scope():
        assert batch_normalisation(momentum=0.9).get_config()["synchronized"] is True
        orders = orders_of(np.arange(50), 0)
    got, draw = [next(orders) for _ in range(3)], np.random.default_rng(0)
    first, second = draw.permutation(50), draw.permutation(50)
    np.testing.assert_array_equal(got, [first, first, second])


def test_devices_share_batches_evenly(monkeypatch):
    rows = np.arange(7)
    assert len(shared_evenly(rows, 5)) == 7
    strategy = type("Three", (), {"num_replicas_in_sync": 3})
    monkeypatch.setattr(tf.distribute, "get_strategy", strategy)
    np.testing.assert_array_equal(shared_evenly(rows, 6), rows[:6])
    with pytest.raises(GenrelibError, match="3 devices share a batch evenly; batch_size=7"):
        shared_evenly(rows, 7)


@pytest.fixture
def mixed():
    before = keras.config.dtype_policy()
    keras.config.set_dtype_policy("mixed_float16")
    yield
    keras.config.set_dtype_policy(before)


@pytest.mark.parametrize("name", models.__all__)
def test_mixed_precision_serves_every_network_and_spares_the_front_end(name, mixed):
    builder = getattr(models, name)
    taken = inspect.signature(builder).parameters
    model = builder(**{size: value for size, value in SMALL.items() if size in taken})
    shape = model.input_shape[1:]
    inputs = np.random.default_rng(0).uniform(0, 1, (4, *shape)).astype(np.float32)
    with tf.GradientTape() as tape:
        outputs = tf.nest.flatten(model(inputs, training=True))
        loss = sum(tf.reduce_sum(tf.square(output)) for output in outputs)
    assert all(output.dtype == tf.float32 and np.isfinite(output).all() for output in outputs)
    assert all(np.isfinite(slope).all() for slope in tape.gradient(loss, model.trainable_variables))
    computed = {layer.name: layer.compute_dtype for layer in model.layers}
    assert "float16" in computed.values()
    if MEL_LAYER in computed:
        front_end = model.get_layer(MEL_LAYER)
        assert {layer.compute_dtype for layer in front_end.layers} == {"float32"}


def test_mixed_precision_trains_past_the_cached_front_end(tmp_path, mixed):
    slices = tiny_slices(tmp_path / "slices", n_artists=2)
    set_seed(0)
    model = models.mel_cnn1d(n_samples=slices.n_samples, n_classes=3)
    before = model.get_weights()
    history = train(model, slices, tiny_fold(slices), epochs=2, batch_size=8)
    assert np.isfinite(history.curves["loss"]).all()
    assert all(weight.dtype == np.float32 for weight in model.get_weights())
    assert not np.array_equal(before[-2], model.get_weights()[-2])
