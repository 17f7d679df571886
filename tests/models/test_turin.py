"""The Turin report's network: what it is made of, what goes in and out, and that it learns."""

import keras

from genrelib.models import crnn
from genrelib.training.protocols import run_protocols
from tests.tiny import tiny_slices


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


def test_learns_tones(tmp_path):
    slices = tiny_slices(tmp_path / "slices", n_samples=11025)
    fit = {"epochs": 8, "batch_size": 8}
    (run,) = run_protocols("crnn", slices, ["track"], (0,), folder=tmp_path, fit=fit)["track"]
    assert run.scores.slice.accuracy > 0.8
