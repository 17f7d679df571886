"""What depends on the devices that train: how batches reach them, and batch normalisation over several of them."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain, count, repeat
from typing import Any

import keras
import numpy as np

from genrelib._base.errors import GenrelibError
from genrelib._base.tensorflow import tf
from genrelib.audio import INT16_SCALE

MOMENTUM = 0.9  # of batch normalisation: Keras' .99 gives wild validation losses in the first epochs of a small set


def batch_normalisation(**settings: Any) -> keras.layers.BatchNormalization:
    """Make a BatchNormalization layer that sees the whole batch, however many devices share it.

    Under a ``tf.distribute`` strategy each device would else normalise by its own part of the batch, and two devices
    end up elsewhere than one. Without a strategy the layer is Keras' own, letter by letter.
    """
    if tf.distribute.has_strategy():
        settings["synchronized"] = True
    return keras.layers.BatchNormalization(**settings)


def fed_as_stored(model: keras.Model, dtype: np.dtype) -> keras.Model:
    """Put cast and scaling before a model, so that batches travel to the device as they lie on disk.

    Batches of int16 are audio, and are scaled to -1..1; others keep their values. What is given shares the model's
    layers, so training it trains the model, to the same weights: the scale is a power of two, so that no rounding
    depends on where it is applied. It is the model itself where there is nothing to cast.
    """
    if dtype == "float32":
        return model
    stored = keras.Input(model.input_shape[1:], dtype=dtype.name)
    scale = 1 / INT16_SCALE if dtype == "int16" else 1.0
    given = model(keras.layers.Rescaling(scale, dtype="float32")(stored))
    if isinstance(given, dict):  # Keras 3.10 names an output by the layer that it comes from, which is the model here
        given = {name: keras.layers.Identity(name=name)(output) for name, output in given.items()}
    return keras.Model(stored, given, name=model.name)


def shared_evenly(positions: np.ndarray, batch_size: int) -> np.ndarray:
    """Give the rows that the devices of a strategy can share evenly: of two devices with one row between them, the
    idle one would halve the other's step.

    The last few beyond a multiple of the devices are left out, none without a strategy; a batch that the devices
    cannot share evenly is a GenrelibError.
    """
    n_devices = tf.distribute.get_strategy().num_replicas_in_sync
    if batch_size % n_devices:
        raise GenrelibError(f"{n_devices} devices share a batch evenly; batch_size={batch_size} is no multiple of them")
    return positions[: len(positions) // n_devices * n_devices]


def orders_of(positions: np.ndarray, seed: int | None = None, skip: int = 0) -> Iterator[np.ndarray]:
    """Draw the order of each pass over some rows, without end: shuffled anew by the seed, or as they are without one.

    The orders of the first ``skip`` passes are drawn and passed over. Under a ``tf.distribute`` strategy the first
    comes twice, since Keras then looks at a batch before the first epoch and drops that pass: each epoch has the order
    that it has on one device.
    """
    if seed is None:
        return repeat(positions)
    order = np.random.default_rng(seed)
    for _ in range(skip):
        order.permutation(positions)
    first = [order.permutation(positions)] * (2 if tf.distribute.has_strategy() else 1)
    return chain(first, (order.permutation(positions) for _ in count()))
