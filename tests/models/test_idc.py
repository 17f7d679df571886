import keras
import numpy as np
import pytest
from keras import layers

from genrelib._base.errors import GenrelibError
from genrelib.models import mel_cnn1d, mel_cnn2d, raw_cnn1d, trainable_mel_cnn1d
from genrelib.models.frontends import MEL_LAYER

BUILDERS = [raw_cnn1d, mel_cnn1d, mel_cnn2d, trainable_mel_cnn1d]
SMALL = {"n_samples": 8192, "sample_rate": 22050, "n_classes": 3}


def audio(n_samples=8192, n=2, seed=0):
    return (0.2 * np.random.default_rng(seed).standard_normal((n, n_samples))).astype(np.float32)


def walk(model):
    """Every layer, those of inner models too."""
    for layer in model.layers:
        yield from walk(layer) if getattr(layer, "layers", None) else [layer]


@pytest.fixture(scope="module")
def built():
    keras.utils.set_random_seed(0)
    return {build.__name__: build(**SMALL) for build in BUILDERS}


def test_sample_rate_reaches_the_mel_scale():
    for build in (mel_cnn1d, trainable_mel_cnn1d):
        outputs = []
        for rate in (22050, 11025):
            model = build(**{**SMALL, "sample_rate": rate})
            mel = model.get_layer(MEL_LAYER if build is mel_cnn1d else "trainable_mel")
            outputs.append(np.asarray(mel(audio()[..., None])))
        assert np.abs(outputs[0] - outputs[1]).max() > 1


def test_raw_and_mel_share_the_stack(built):
    stacks = []
    for name in ("raw_cnn1d", "mel_cnn1d", "trainable_mel_cnn1d"):
        kinds = (layers.Conv1D, layers.MaxPooling1D, layers.GlobalMaxPooling1D, layers.Dense)
        stacks.append(
            [
                (type(layer), {key: value for key, value in layer.get_config().items() if key != "name"})
                for layer in walk(built[name])
                if isinstance(layer, kinds)
            ]
        )
    assert stacks[0] == stacks[1] == stacks[2] and len(stacks[0]) == 11


@pytest.mark.parametrize("build", BUILDERS)
def test_only_relu_and_max_pooling(built, build):
    all_layers = list(walk(built[build.__name__]))
    activations = [layer.activation for layer in all_layers if hasattr(layer, "activation")]
    assert set(activations[:-1]) == {keras.activations.relu} and activations[-1] is keras.activations.softmax
    pools = [layer for layer in all_layers if "Pooling" in type(layer).__name__]
    assert pools and all("Max" in type(layer).__name__ for layer in pools)


@pytest.mark.parametrize("build", [mel_cnn1d, mel_cnn2d, trainable_mel_cnn1d])
def test_normalisation_is_batch_slice_or_none(build):
    kinds = {"batch": layers.BatchNormalization, "slice": layers.LayerNormalization}
    for normalisation in ("batch", "slice", "none"):
        model = build(**SMALL, normalisation=normalisation)
        found = [layer for layer in model.layers if layer.name == "normalised_mel"]
        assert [type(layer) for layer in found] == ([kinds[normalisation]] if normalisation in kinds else [])
    with pytest.raises(GenrelibError, match="batch, slice or none; given 'Batch'"):
        build(**SMALL, normalisation="Batch")


def test_slice_normalisation_is_each_slice_and_band_by_itself():
    model = mel_cnn1d(**SMALL, normalisation="slice")
    mel = keras.Model(model.input, model.get_layer("to_1d").output).predict(audio(), verbose=0)
    got = keras.Model(model.input, model.get_layer("normalised_mel").output).predict(audio(), verbose=0)
    for row in range(2):
        for band in (0, 5, 127):
            frames = mel[row, :, band].astype(float)
            expected = (frames - frames.mean()) / np.sqrt(frames.var() + 1e-3)  # Keras' epsilon
            np.testing.assert_allclose(got[row, :, band], expected, atol=1e-3)


def test_filters_are_chosen():
    model = mel_cnn2d(**SMALL, filters=(4, 6))
    assert [layer.filters for layer in walk(model) if hasattr(layer, "filters")] == [4, 6]
