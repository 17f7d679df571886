"""An interrupted training goes on from its last epoch and ends with the weights of one that was not."""

import keras
import numpy as np
import pytest
from keras import layers

from genrelib.training import loop as training
from genrelib.training.checkpoints import Checkpoint
from genrelib.training.loop import train
from tests.tiny import rows_of, tiny_fold, tiny_slices

FIT = {"epochs": 5, "batch_size": 8, "patience": 9, "seed": 3}


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    slices = tiny_slices(tmp_path_factory.mktemp("rows") / "slices")
    return rows_of(slices), tiny_fold(slices)


def model():
    """Dropout draws, batch normalisation averages: both are state beside the weights."""
    training.set_seed(FIT["seed"])
    features = keras.Input((57,))
    x = layers.Dense(16, activation="relu")(layers.Normalization()(features))
    x = layers.Dropout(0.5)(layers.BatchNormalization(momentum=0.9)(x))
    return keras.Model(features, layers.Dense(3, activation="softmax")(x), name="small")


def ended(data, folder=None, **changed):
    slices, fold = data
    small = model()
    history = train(small, slices, fold, checkpoint=folder and folder / "state.npz", **{**FIT, **changed})
    return small.get_weights(), history


def interrupted(data, folder, monkeypatch, *, after, **changed):
    """Stop a training once its checkpoint of epoch ``after`` stands."""
    write = Checkpoint.on_epoch_end

    def write_then_stop(self, epoch, logs=None):
        write(self, epoch, logs)
        if epoch + 1 == after:
            raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(Checkpoint, "on_epoch_end", write_then_stop)
        with pytest.raises(KeyboardInterrupt):
            ended(data, folder, **changed)


def assert_same(one, other):
    assert all(np.array_equal(a, b) for a, b in zip(one[0], other[0], strict=True))
    assert one[1].curves.equals(other[1].curves) and one[1].best_epoch == other[1].best_epoch


@pytest.fixture(scope="module")
def straight(data):
    return ended(data)


@pytest.mark.parametrize("after", [1, 3, 5])
def test_resumes_to_the_same_weights_and_curves(data, straight, tmp_path, monkeypatch, after):
    interrupted(data, tmp_path, monkeypatch, after=after)
    assert_same(ended(data, tmp_path), straight)


def test_early_stopping_remembers_across_the_interruption(data, tmp_path, monkeypatch):
    rate = {"optimizer": keras.optimizers.SGD(5.0), "epochs": 30, "patience": 3}  # a rate that soon gets worse
    whole = ended(data, **rate)
    n_epochs = len(whole[1].curves)
    assert n_epochs < 30
    for after in (n_epochs - 1, n_epochs):
        folder = tmp_path / str(after)
        folder.mkdir()
        interrupted(data, folder, monkeypatch, after=after, **rate)
        assert_same(ended(data, folder, **rate), whole)


def test_another_seed_or_a_lost_checkpoint_ends_elsewhere(data, straight, tmp_path, monkeypatch):
    """The comparison can fail: what the checkpoint holds is needed."""
    interrupted(data, tmp_path, monkeypatch, after=2)
    monkeypatch.setattr(training, "batches", lambda *given, skip=0, **named: batches(*given, **named))
    weights, _ = ended(data, tmp_path)  # goes on, but in the order of the first epochs
    assert not all(np.array_equal(a, b) for a, b in zip(weights, straight[0], strict=True))


batches = training.batches


@pytest.mark.parametrize("content", [b"", b"not a checkpoint", b"PK\x03\x04 half"])
def test_a_damaged_checkpoint_starts_from_the_beginning(data, straight, tmp_path, content):
    (tmp_path / "state.npz").write_bytes(content)
    assert_same(ended(data, tmp_path), straight)


def test_a_checkpoint_of_another_network_is_not_taken(data, straight, tmp_path):
    np.savez(tmp_path / "state.npz", variable0=np.zeros((2, 2)), curves=["loss"], curve_loss=[1.0])
    assert_same(ended(data, tmp_path), straight)
