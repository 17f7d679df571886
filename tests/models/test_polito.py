"""The Turin report's network: what it is made of, what goes in and out, and that it learns."""

import keras
import numpy as np
import pytest

from genrelib._base.errors import GenrelibError
from genrelib.models import crnn
from genrelib.training.front_end import has_frozen_front_end
from genrelib.training.protocols import run_protocols
from tests.tiny import assert_reloads_alike, tiny_slices

SMALL = {"n_samples": 11025, "n_classes": 3}


def test_has_the_weights_of_the_paper():
    model = crnn()
    assert model.count_params() == 393_674
    assert model.output_shape == (None, 10) and model.input_shape == (None, 66150)


def test_layers_are_those_of_the_paper():
    model = crnn()
    kinds = [type(layer).__name__ for layer in model.layers][3:]
    block = ["Conv2D", "BatchNormalization", "MaxPooling2D", "Dropout"]
    assert kinds == [*4 * block, "Reshape", "GRU", "GRU", "Dropout", "Dense"]
    convolutions = [layer for layer in model.layers if isinstance(layer, keras.layers.Conv2D)]
    assert [layer.filters for layer in convolutions] == [64, 128, 128, 128]
    assert {layer.activation.__name__ for layer in convolutions} == {"elu"}
    assert [layer.rate for layer in model.layers if isinstance(layer, keras.layers.Dropout)] == [0.1] * 4 + [0.3]
    assert model.get_layer("gru_last").output.shape == (None, 32)


def test_time_runs_through_the_gru_and_mels_are_pooled_to_one():
    first = next(layer for layer in crnn().layers if isinstance(layer, keras.layers.GRU))
    assert first.input.shape == (None, 7, 128) and first.output.shape == (None, 7, 32)


def test_front_end_is_frozen_and_the_file_loads_alike(tmp_path):
    model = crnn(**SMALL)
    assert has_frozen_front_end(model)
    batch = np.random.default_rng(0).standard_normal((2, 11025)).astype(np.float32)
    np.testing.assert_allclose(model.predict(batch, verbose=0).sum(axis=1), 1, atol=1e-5)
    assert_reloads_alike(model, batch, tmp_path)


def test_a_slice_too_short_for_one_window_is_refused():
    with pytest.raises(GenrelibError, match="one window of 2048"):
        crnn(n_samples=2000)


def test_learns_tones(tmp_path):
    slices = tiny_slices(tmp_path / "slices", n_samples=11025)
    fit = {"epochs": 8, "batch_size": 8}
    (run,) = run_protocols("crnn", slices, ["track"], (0,), folder=tmp_path, fit=fit)["track"]
    assert run.scores.slice.accuracy > 0.8
