"""The Toronto networks: what they are made of, what goes in and out, and that they learn."""

import keras
import numpy as np
import pytest
from keras import layers

from genrelib import models
from genrelib._base.errors import GenrelibError
from genrelib.evaluation.scores import evaluate
from genrelib.features.pictures import draw_slices
from genrelib.models import feature_mlp, spectrogram_cnn, spectrogram_resnet
from genrelib.splits import Fold
from genrelib.training.loop import train
from genrelib.training.protocols import run_protocols
from tests.tiny import rows_of, tiny_fold, tiny_slices

IMAGE_BUILDERS = [spectrogram_cnn, spectrogram_resnet]
SYSTEMS = ["feature_mlp", "spectrogram_cnn", "spectrogram_resnet"]
SMALL = {
    "feature_mlp": {"n_classes": 3},
    "spectrogram_cnn": {"image_size": 32, "n_classes": 3},
    "spectrogram_resnet": {"image_size": 32, "n_classes": 3, "filters": (4, 8), "blocks": 1},
}


def small(system):
    return getattr(models, system)(**SMALL[system])


def pixels(n=4, size=32, channels=4, seed=0):
    return np.random.default_rng(seed).integers(0, 256, (n, size, size, channels), dtype=np.uint8)


@pytest.fixture(scope="module")
def slices(tmp_path_factory):
    return tiny_slices(tmp_path_factory.mktemp("tiny") / "slices")


@pytest.fixture(scope="module")
def images(slices):
    return draw_slices(slices, image_size=32, n_jobs=1, progress=False)


@pytest.fixture(scope="module")
def built():
    keras.utils.set_random_seed(0)
    return {system: small(system) for system in SYSTEMS}


# What they are made of


def test_dense_network_is_the_reports():
    model = feature_mlp()
    assert model.input_shape == (None, 57) and model.output_shape == (None, 10) and not model.compiled
    kinds = [type(layer) for layer in model.layers]
    assert kinds == [layers.InputLayer, layers.Normalization, *[layers.Dense, layers.Dropout] * 4, layers.Dense]
    dense = [layer for layer in model.layers if isinstance(layer, layers.Dense)]
    assert [layer.units for layer in dense] == [512, 256, 128, 64, 10]
    assert [layer.activation.__name__ for layer in dense] == ["relu"] * 4 + ["linear"]
    assert {layer.rate for layer in model.layers if isinstance(layer, layers.Dropout)} == {0.2}
    # by hand, a row of weights an input and one of biases
    assert sum(int(np.prod(weight.shape)) for weight in model.trainable_weights) == (
        58 * 512 + 513 * 256 + 257 * 128 + 129 * 64 + 65 * 10
    )


def test_cnn_is_the_reports():
    model = spectrogram_cnn()
    assert model.input_shape == (None, 128, 128, 4) and model.output_shape == (None, 10)
    shapes = [layer.output.shape[1:] for layer in model.layers]
    assert shapes == [
        (128, 128, 4), (128, 128, 4), (128, 128, 16), (64, 64, 16), (64, 64, 32), (32, 32, 32), (32,), (10,)
    ]  # fmt: skip
    convolutions = [layer for layer in model.layers if isinstance(layer, layers.Conv2D)]
    assert [(layer.kernel_size, layer.strides) for layer in convolutions] == [((3, 3), (1, 1))] * 2
    assert {layer.activation.__name__ for layer in convolutions} == {"relu"}
    assert model.count_params() == (9 * 4 + 1) * 16 + (9 * 16 + 1) * 32 + 33 * 10


def test_resnet_is_what_its_docstring_says():
    model = spectrogram_resnet()
    added = [layer for layer in model.layers if isinstance(layer, layers.Add)]
    assert [layer.output.shape[1:] for layer in added] == [
        *[(32, 32, 16)] * 2, *[(16, 16, 32)] * 2, *[(8, 8, 64)] * 2
    ]  # fmt: skip
    norms = [layer for layer in model.layers if isinstance(layer, layers.BatchNormalization)]
    assert {layer.momentum for layer in norms} == {0.9} and len(norms) == 1 + 12 + 2
    assert round(sum(int(np.prod(weight.shape)) for weight in model.trainable_weights), -3) == 178_000
    added = [layer for layer in small("spectrogram_resnet").layers if isinstance(layer, layers.Add)]
    assert [layer.output.shape[-1] for layer in added] == [4, 8]


def test_a_residual_block_adds_what_came_in():
    """With the second convolution's scale at zero, a block of one width passes what comes in (already positive)."""
    model = spectrogram_resnet(image_size=32, filters=(6,), blocks=1)
    norms = [layer for layer in model.layers if isinstance(layer, layers.BatchNormalization)]
    norms[-1].gamma.assign(np.zeros(6))
    (add,) = [layer for layer in model.layers if isinstance(layer, layers.Add)]
    before, after = (keras.Model(model.input, tensor) for tensor in (add.input[0], add.output))
    (one, other) = (inner.predict(pixels(), verbose=0) for inner in (before, after))
    np.testing.assert_allclose(one, other, atol=1e-6)
    assert one.max() > 0


# What goes in and out


@pytest.mark.parametrize("build", IMAGE_BUILDERS)
def test_white_is_one_inside(built, build):
    model = built[build.__name__]
    (scaled,) = [layer for layer in model.layers if isinstance(layer, layers.Rescaling)]
    inside = keras.Model(model.input, scaled.output).predict(pixels(), verbose=0)
    np.testing.assert_allclose(inside, pixels() / 255, atol=1e-6)


# That they learn


@pytest.mark.parametrize("build", IMAGE_BUILDERS)
def test_image_networks_tell_clicks_from_tones(build, tmp_path):
    """Upright lines from level ones, which small filters see wherever they are."""
    slices = tiny_slices(tmp_path / "slices")
    samples = np.memmap(slices.samples.filename, dtype=np.int16, mode="r+", shape=slices.samples.shape)
    clicks = np.flatnonzero(slices.labels == 0)
    samples[clicks] //= 100
    samples[clicks, 300::700] = 30000
    samples.flush()
    images, fold = draw_slices(slices, image_size=32, n_jobs=1, progress=False), tiny_fold(slices)
    parts = (fold.train, fold.validation, fold.test)
    fold = Fold("slice", 0, *(part[images.labels[part] != 1] for part in parts))
    keras.utils.set_random_seed(0)
    model = small(build.__name__)
    settings = {"epochs": 20, "batch_size": 4, "patience": 20, "optimizer": keras.optimizers.Adam(0.01)}
    history = train(model, images, fold, **settings)
    assert history.curves["loss"].min() < 0.2 * history.curves["loss"].iloc[0]
    assert evaluate(model, images, fold.test).slice.accuracy >= 0.9


def test_dense_network_tells_genres_apart(slices):
    rows, fold = rows_of(slices), tiny_fold(slices)
    keras.utils.set_random_seed(0)
    model = feature_mlp(n_classes=3)
    train(model, rows, fold, epochs=15, batch_size=8, patience=15)
    assert evaluate(model, rows, fold.test).slice.accuracy >= 0.8


@pytest.mark.parametrize("system", ["mel_cnn1d", "feature_mlp"])
def test_a_network_for_other_inputs_is_refused(images, tmp_path, system):
    with pytest.raises(GenrelibError, match=f"{system} takes inputs of shape .*; rows of ImageSet have"):
        run_protocols(system, images, ["slice"], seeds=(0,), folder=tmp_path)
