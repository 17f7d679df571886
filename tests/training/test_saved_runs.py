"""What a run saves: its model gives its predictions, and an interrupted one goes on."""

import zipfile

import keras
import numpy as np
import pandas as pd
import pytest

from genrelib.evaluation.scores import evaluate
from genrelib.training.loop import load_model
from tests.tiny import GENRES, tiny_slices
from tests.training.test_protocols import run


@pytest.fixture(scope="module")
def slices(tmp_path_factory):
    return tiny_slices(tmp_path_factory.mktemp("tiny") / "slices")


@pytest.fixture(scope="module")
def real(slices, tmp_path_factory):
    """Two whole trainings."""
    folder = tmp_path_factory.mktemp("runs")
    return folder, run(slices, folder, seeds=(0, 1))


def test_predictions_of_a_run_are_those_of_its_saved_model(slices, real):
    for each in real[1]:
        model = load_model(each.model_path)
        assert not model.compiled and model.output_shape == (None, len(GENRES))
        scores = evaluate(model, slices, each.fold.test, seed=each.seed, protocol=each.unit)
        assert scores.slice.accuracy == each.scores.slice.accuracy
        pd.testing.assert_frame_equal(scores.frame, each.scores.frame, atol=1e-6)
        np.testing.assert_array_equal(each.scores.frame["slice"], each.fold.test)
        assert set(each.scores.frame["seed"]) == {each.seed} and set(each.scores.frame["protocol"]) == {"slice"}
        assert sorted(path.name for path in each.folder.iterdir()) == [
            "curves.csv", "model.keras", "predictions.parquet", "run.json",
        ]  # fmt: skip
        assert each.history.epochs_run == len(each.history.curves) == 2
    assert not real[1][0].scores.frame["p0"].equals(real[1][1].scores.frame["p0"])


def test_no_optimizer_is_kept(slices, tmp_path):
    """The raw network is trained itself, not a part behind a front end, so it is compiled by then."""
    (each,) = run(slices, tmp_path, "raw_cnn1d", build={}, fit={"epochs": 1})
    with zipfile.ZipFile(each.model_path) as file:
        assert "optimizer" not in file.read("config.json").decode()
    scores = evaluate(load_model(each.model_path), slices, each.fold.test, seed=0, protocol="slice")
    pd.testing.assert_frame_equal(scores.frame, each.scores.frame, atol=1e-6)


def test_interrupted_run_goes_on_from_the_last_whole_epoch(slices, tmp_path, real, monkeypatch):
    stop = keras.callbacks.EarlyStopping.on_epoch_end
    epochs = []

    def stopped(self, epoch, logs=None):
        epochs.append(epoch)
        if len(epochs) == 4:  # in the second epoch of the second training
            raise KeyboardInterrupt
        return stop(self, epoch, logs)

    monkeypatch.setattr(keras.callbacks.EarlyStopping, "on_epoch_end", stopped)
    with pytest.raises(KeyboardInterrupt):
        run(slices, tmp_path, seeds=(0, 1))
    left = sorted(path.name.rsplit("-", 1)[0] for path in (tmp_path / "trained").iterdir())
    assert left == [".mel_cnn1d-slice-1", "mel_cnn1d-slice-0"]  # a checkpoint, and what is whole
    runs = run(slices, tmp_path, seeds=(0, 1))
    assert len(epochs) == 5  # two of the first, two of the second, of which the last was cut short and is run again
    assert sorted(path.name for path in (tmp_path / "trained").iterdir()) == [each.folder.name for each in runs]
    for each, whole in zip(runs, real[1], strict=True):
        assert each.folder.name == whole.folder.name
        pd.testing.assert_frame_equal(each.scores.frame, whole.scores.frame)
