"""The network of the 100 ms post: what it is made of, its two readings, and that it learns."""

import keras
import numpy as np
import pytest
from keras import layers

from genrelib._base.errors import GenrelibError
from genrelib.datasets.folder import load_folder
from genrelib.features.windows import cut_windows
from genrelib.models import window_cnn1d
from genrelib.training.protocols import run_protocols
from tests.making import write_tree


def adadelta():
    return keras.optimizers.Adadelta(learning_rate=1.0, rho=0.95, epsilon=1e-8)


def test_network_is_the_posts():
    model = window_cnn1d()
    assert model.name == "window_cnn1d" and not model.compiled
    assert model.input_shape == (None, 5, 128) and model.output_shape == (None, 10)
    kinds = [type(layer) for layer in model.layers]
    assert kinds == [layers.InputLayer, *[layers.Conv1D] * 3, layers.Flatten, layers.Dropout, layers.Dense]
    for layer in model.layers[1:4]:
        assert (layer.filters, layer.kernel_size, layer.strides, layer.padding) == (256, (2,), (1,), "same")
        assert layer.activation.__name__ == "relu"
        assert isinstance(layer.kernel_initializer, keras.initializers.GlorotUniform)
    assert model.layers[-2].rate == 0.5 and model.layers[-1].activation.__name__ == "softmax"
    # by hand, a row of weights an input and one of biases
    assert model.count_params() == (2 * 128 + 1) * 256 + 2 * (2 * 256 + 1) * 256 + (1280 + 1) * 10


@pytest.mark.parametrize(("last_padding", "units"), [("same", 1280), ("valid", 1024)])
def test_units_before_the_last_layer(last_padding, units):
    model = window_cnn1d(last_padding=last_padding)
    assert model.layers[-1].kernel.shape == (units, 10)
    assert [layer.padding for layer in model.layers[1:4]] == ["same", "same", last_padding]


@pytest.mark.parametrize("options", [{"last_padding": "causal"}, {"last_padding": "valid", "n_frames": 1}])
def test_other_paddings_are_refused(options):
    with pytest.raises(GenrelibError, match="last_padding is same or valid, and valid takes 2 frames at least; given"):
        window_cnn1d(**options)


@pytest.fixture(scope="module")
def windows(tmp_path_factory):
    """Ten tracks of noise, dark in one genre and bright in the other."""
    import soundfile as sf

    folder = tmp_path_factory.mktemp("windows")
    for path in write_tree(folder / "songs", [f"{g}/{i}.wav" for g in ("dark", "bright") for i in range(5)], seconds=1):
        sound = sf.read(path)[0]
        sf.write(path, np.convolve(sound, [0.5, 0.5 if path.parent.name == "dark" else -0.5], mode="same"), 22050)
    return cut_windows(load_folder(folder / "songs"), scale="decibel", cache=folder / "cache", progress=False)


def test_learns_from_windows_with_the_posts_optimizer(windows, tmp_path):
    fit = {"epochs": 4, "batch_size": 8, "optimizer": adadelta(), "monitor": "val_accuracy"}
    shares = {"test": 0.2, "validation": 0.25}
    (run,) = run_protocols("window_cnn1d", windows, ["track"], (0,), folder=tmp_path, fit=fit, **shares)["track"]
    assert run.scores.slice.accuracy > 0.95 and run.scores.track.accuracy == 1
    assert run.options["optimizer"]["config"]["learning_rate"] == 1.0
    (again,) = run_protocols("window_cnn1d", windows, ["track"], (0,), folder=tmp_path, fit=fit, **shares)["track"]
    assert again.folder == run.folder  # kept: an optimizer object counts by its settings
