"""Training over two devices: two logical ones of this CPU, each training in a process of its own."""

import numpy as np
import pytest
from keras.layers import BatchNormalization

from genrelib.models.devices import batch_normalisation
from tests.making import run_python

# sys.argv: a folder for all files, how many devices, epochs of each call of train, one after the other
CHILD = """
import sys
from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path

import numpy as np
import tensorflow as tf

from genrelib import models
from genrelib.training.loop import set_seed, train
from tests.tiny import tiny_fold, tiny_slices
from tests.tiny_moods import labelled_slices, tiny_two_outputs

folder, n_devices, calls = Path(sys.argv[1]), int(sys.argv[2]), [int(epochs) for epochs in sys.argv[3].split(",")]
cpu = tf.config.list_physical_devices("CPU")[0]
tf.config.set_logical_device_configuration(cpu, [tf.config.LogicalDeviceConfiguration()] * n_devices)
slices = tiny_slices(folder / "slices", n_artists=2)
fold = tiny_fold(slices)
fold = replace(fold, validation=fold.validation[:5])  # by fours: 18 rows leave 2, and 5 leave 1 for one device alone
strategy = tf.distribute.MirroredStrategy([f"/cpu:{i}" for i in range(n_devices)]) if n_devices > 1 else None
for epochs in calls:
    with strategy.scope() if strategy else nullcontext():
        set_seed(0)
        model = models.mel_cnn1d(n_samples=slices.n_samples, n_classes=3)
        told = train(
            model, slices, fold, epochs=epochs, batch_size=4, patience=9, checkpoint=folder / "kept.npz"
        )
labelled = labelled_slices(folder / "moods", n_samples=2048)
with strategy.scope() if strategy else nullcontext():
    set_seed(0)
    outputs = tiny_two_outputs(**labelled["genre"].input_sizes)
    train(outputs, labelled, tiny_fold(labelled["genre"]), epochs=2, batch_size=6)
weights = [*model.get_weights(), *outputs.get_weights()]
np.savez(folder / "told.npz", *weights, curves=told.curves.to_numpy())
"""
TOLERANCE = 1e-4  # sums in another order; statistics of half a batch give differences of 1e-2


def trained(folder, n_devices, calls):
    """Train in a process of its own; give the weights and curves."""
    run_python(CHILD, folder, n_devices, calls)
    with np.load(folder / "told.npz") as told:
        return dict(told)


@pytest.mark.parametrize("n_devices, calls", [(1, "2"), (2, "1,2")], ids=["on one device", "after an interruption"])
def test_two_devices_give_the_same_weights(tmp_path, on_two, n_devices, calls):
    """Of a network with one output, and of one with two"""
    again = trained(tmp_path, n_devices, calls)
    assert again.keys() == on_two.keys()
    for name, weights in on_two.items():
        np.testing.assert_allclose(again[name], weights, atol=TOLERANCE, err_msg=name)


@pytest.fixture(scope="module")
def on_two(tmp_path_factory):
    return trained(tmp_path_factory.mktemp("two"), 2, "2")


def test_without_a_strategy_the_layer_is_described_as_keras_has_it():
    """Kept trainings are found by their network's description"""
    ours, keras_own = (make(momentum=0.9, name="norm") for make in (batch_normalisation, BatchNormalization))
    assert type(ours) is type(keras_own) and ours.get_config() == keras_own.get_config()
