import keras
import numpy as np
import pytest
from keras import layers

from genrelib import models
from genrelib._base.errors import GenrelibError
from genrelib.models import mel_cnn1d, mel_cnn2d, raw_cnn1d, trainable_mel_cnn1d
from genrelib.models.frontends import MEL_LAYER
from tests.tiny import assert_reloads_alike, run_python

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


def test_every_builder_is_named_in_the_package():
    assert {build.__name__ for build in BUILDERS} <= set(models.__all__)
    assert all(getattr(models, build.__name__) is build for build in BUILDERS)


@pytest.mark.parametrize("build", BUILDERS)
def test_raw_audio_in_probabilities_out(built, build):
    model = built[build.__name__]
    assert not model.compiled and model.name == build.__name__
    assert model.input_shape == (None, 8192) and model.output_shape == (None, 3)
    probabilities = model.predict(audio(), verbose=0)
    np.testing.assert_allclose(probabilities.sum(axis=1), 1, atol=1e-6)
    assert probabilities.min() >= 0 and not np.array_equal(probabilities[0], probabilities[1])


@pytest.mark.parametrize("build", BUILDERS)
def test_other_sizes_work(build):
    model = build(n_samples=44100, sample_rate=14700, n_classes=5)
    probabilities = model.predict(audio(44100, n=1), verbose=0)
    assert probabilities.shape == (1, 5) and np.isfinite(probabilities).all()


def test_sample_rate_reaches_the_mel_scale():
    for build in (mel_cnn1d, trainable_mel_cnn1d):
        outputs = []
        for rate in (22050, 11025):
            model = build(**{**SMALL, "sample_rate": rate})
            mel = model.get_layer(MEL_LAYER if build is mel_cnn1d else "trainable_mel")
            outputs.append(np.asarray(mel(audio()[..., None])))
        assert np.abs(outputs[0] - outputs[1]).max() > 1


@pytest.mark.parametrize("build", BUILDERS)
def test_silence_gives_finite_probabilities(built, build):
    assert np.isfinite(built[build.__name__].predict(np.zeros((1, 8192), np.float32), verbose=0)).all()


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


def test_two_dimensional_filters_are_as_wide_as_one_dimensional_ones(built):
    for name, width in (("mel_cnn1d", (5,)), ("mel_cnn2d", (5, 5))):
        assert {layer.kernel_size for layer in walk(built[name]) if hasattr(layer, "kernel_size")} == {width}


def test_frozen_front_ends_hold_no_weights_and_the_trainable_one_all(built):
    for name in ("mel_cnn1d", "mel_cnn2d"):
        assert built[name].get_layer(MEL_LAYER).weights == []
    assert not any(layer.name == MEL_LAYER for layer in built["raw_cnn1d"].layers)
    mel = built["trainable_mel_cnn1d"].get_layer("trainable_mel")
    names = {weight.path.split("/")[-1] for weight in mel.trainable_weights}
    assert names == {"cosine", "sine", "mel"}
    frozen, trained = built["mel_cnn1d"].trainable_weights, built["trainable_mel_cnn1d"].trainable_weights
    assert len(trained) == len(frozen) + 3


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


def test_batch_normalisation_is_a_band(built):
    assert built["mel_cnn1d"].get_layer("normalised_mel").moving_mean.shape == (128,)
    assert built["mel_cnn2d"].get_layer("normalised_mel").moving_mean.shape == (128,)


def test_filters_are_chosen():
    model = mel_cnn2d(**SMALL, filters=(4, 6))
    assert [layer.filters for layer in walk(model) if hasattr(layer, "filters")] == [4, 6]


def test_trainable_model_starts_as_the_frozen_one(built):
    frozen, trainable = built["mel_cnn1d"], trainable_mel_cnn1d(**SMALL)
    head = trainable.layers[trainable.layers.index(trainable.get_layer("to_1d")) :]
    weights = iter(frozen.get_weights())
    for layer in head:
        layer.set_weights([next(weights) for _ in layer.weights])
    assert next(weights, None) is None
    np.testing.assert_allclose(trainable.predict(audio(), verbose=0), frozen.predict(audio(), verbose=0), atol=1e-3)


@pytest.mark.parametrize("build", BUILDERS)
def test_models_reload_alike(built, build, tmp_path):
    assert_reloads_alike(built[build.__name__], audio(), tmp_path)


def test_saved_models_load_in_a_new_process(built, tmp_path):
    np.save(tmp_path / "audio.npy", audio())
    for name, model in built.items():
        model.save(tmp_path / f"{name}.keras")
    code = f"""
import numpy as np
import genrelib as gl
for name in {list(built)!r}:
    model = gl.training.load_model(rf"{tmp_path}/{{name}}.keras")
    np.save(rf"{tmp_path}/{{name}}.npy", model.predict(np.load(r"{tmp_path}/audio.npy"), verbose=0))
"""
    run_python(code)
    for name, model in built.items():
        np.testing.assert_allclose(np.load(tmp_path / f"{name}.npy"), model.predict(audio(), verbose=0), atol=1e-6)


@pytest.mark.parametrize("build", BUILDERS)
def test_mixed_precision_leaves_the_front_end_and_the_output_in_float32(built, build):
    keras.config.set_dtype_policy("mixed_float16")
    try:
        mixed = build(**SMALL)
    finally:
        keras.config.set_dtype_policy("float32")
    mixed.set_weights(built[build.__name__].get_weights())
    probabilities = mixed.predict(audio(), verbose=0)
    assert probabilities.dtype == np.float32 and any(layer.compute_dtype == "float16" for layer in mixed.layers)
    np.testing.assert_allclose(probabilities, built[build.__name__].predict(audio(), verbose=0), atol=0.02)
