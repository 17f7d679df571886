"""Training over two devices: two logical ones of this CPU, each training in a process of its own."""

import json

import keras
import numpy as np
import pytest

from genrelib import models
from genrelib.models import devices
from tests.tiny import run_python

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
(folder / "model.json").write_text(model.to_json())
"""
TOLERANCE = 1e-4  # sums in another order; statistics of half a batch give differences of 1e-2


def trained(folder, n_devices, calls):
    """Train in a process of its own; give the weights and curves, and the model's description."""
    run_python(CHILD, folder, n_devices, calls)
    with np.load(folder / "told.npz") as told:
        return dict(told), json.loads((folder / "model.json").read_text())


@pytest.fixture(scope="module")
def on_two(tmp_path_factory):
    return trained(tmp_path_factory.mktemp("two"), 2, "2")


def test_two_devices_give_the_weights_of_one(tmp_path, on_two):
    """Of a network with one output, and of one with two"""
    one, _ = trained(tmp_path, 1, "2")
    two, _ = on_two
    assert one.keys() == two.keys()
    for name in one:
        np.testing.assert_allclose(two[name], one[name], atol=TOLERANCE, err_msg=name)


def test_a_training_over_two_devices_goes_on_after_an_interruption(tmp_path, on_two):
    whole, _ = on_two
    resumed, _ = trained(tmp_path, 2, "1,2")
    for name in whole:
        np.testing.assert_allclose(resumed[name], whole[name], atol=TOLERANCE, err_msg=name)


def test_batch_normalisation_sees_all_devices(on_two):
    assert synchronized(on_two[1]) == [True]


@pytest.mark.parametrize("name", models.__all__)
def test_without_a_strategy_a_network_is_described_as_keras_has_it(name, monkeypatch):
    """Kept trainings are found by the network's description."""
    described = built(name)
    module = __import__(getattr(models, name).__module__, fromlist=["batch_normalisation"])
    assert "true" not in [str(value).lower() for value in synchronized(json.loads(described))]
    if hasattr(module, "batch_normalisation"):
        assert module.batch_normalisation is devices.batch_normalisation
        monkeypatch.setattr(module, "batch_normalisation", keras.layers.BatchNormalization)
    assert built(name) == described


def built(name):
    keras.backend.clear_session()  # Keras numbers the layers of each build anew
    return getattr(models, name)().to_json()


def synchronized(described):
    """List what each BatchNormalization layer of a model's description says."""
    layers = described["config"]["layers"]
    return [one["config"]["synchronized"] for one in layers if one["class_name"] == "BatchNormalization"]
