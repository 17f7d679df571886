"""What training reads: batches of a memory map, and the front end's cache."""

import keras
import numpy as np
import pytest
from keras import layers

from genrelib._base.errors import GenrelibError
from genrelib.audio import INT16_SCALE
from genrelib.models.frontends import MEL_LAYER, mel_front_end
from genrelib.training import front_end as training
from genrelib.training.front_end import cached_front_end, has_frozen_front_end, split_front_end
from genrelib.training.loop import batches, train
from tests.tiny import SAMPLE_RATE, tiny_fold, tiny_slices
from tests.training.test_loop import N_SAMPLES, linear_model, mel_model


class Watched:
    """An array that notes what was read of it."""

    def __init__(self, array):
        self.array, self.shape, self.dtype, self.read = array, array.shape, array.dtype, []

    def __getitem__(self, positions):
        self.read.append(np.array(positions))
        return self.array[positions]


@pytest.mark.parametrize("dtype, scale", [(np.int16, 32768.0), (np.float32, 1.0)])
def test_batches_in_order(dtype, scale):
    inputs = np.random.default_rng(0).integers(-9000, 9000, (20, 5)).astype(dtype)
    labels, positions = np.arange(20) % 3, np.array([3, 1, 4, 15, 9, 2, 6])
    watched = Watched(inputs)
    dataset = batches(watched, labels, positions, 4, batch_size=3)
    got = list(dataset)
    assert [len(x) for x, _ in got] == [3, 3, 1] and int(dataset.cardinality()) == 3
    x, y = (np.concatenate([np.asarray(pair[i]) for pair in got]) for i in range(2))
    assert x.dtype == y.dtype == np.float32
    np.testing.assert_array_equal(x, inputs[positions].astype(np.float64) / scale)
    np.testing.assert_array_equal(y, np.eye(4)[labels[positions]])
    assert max(len(part) for part in watched.read) <= 3  # never more than a batch is held


def test_fit_takes_one_permutation_an_epoch():
    """Keras must not peek at a batch, or drop an epoch's order: the n-th epoch has the seed's n-th permutation."""
    watched = Watched(np.random.default_rng(0).standard_normal((20, 4)).astype(np.float32))
    labels, positions = np.arange(20) % 3, np.arange(2, 16)
    model = keras.Sequential([keras.Input((4,)), layers.Dense(3, activation="softmax")])
    model.compile("sgd", "categorical_crossentropy")
    model.fit(batches(watched, labels, positions, 3, batch_size=4, seed=7), epochs=3, verbose=0)
    draw = np.random.default_rng(7)
    expected = np.concatenate([draw.permutation(positions) for _ in range(3)])
    np.testing.assert_array_equal(np.concatenate(watched.read), expected)


def front_end_folders(slices):
    return sorted(path.name for path in slices.cache_folder.parent.iterdir() if path.name not in ("slices", "other"))


def count_builds(monkeypatch):
    built = []
    build = training._build_front_end
    monkeypatch.setattr(training, "_build_front_end", lambda *arguments: (built.append(1), build(*arguments))[1])
    return built


def test_cached_front_end_is_the_front_end(tmp_path, monkeypatch):
    slices = tiny_slices(tmp_path / "slices", n_artists=4, slices_per_track=4)  # 96: a batch of 64 and a rest
    built = count_builds(monkeypatch)
    model = mel_model()
    front_end, rest = split_front_end(model)
    cached = cached_front_end(front_end, slices)
    assert cached.shape == (96, 5, 40, 1) and cached.dtype == np.float32
    audio = slices.samples[:] / np.float32(INT16_SCALE)
    np.testing.assert_allclose(cached, np.asarray(front_end(audio)), atol=1e-3)
    np.testing.assert_allclose(rest.predict(cached, verbose=0), model.predict(audio, verbose=0), atol=1e-5)
    for _ in range(2):  # Keras numbers the layers of each build anew
        np.testing.assert_array_equal(cached_front_end(split_front_end(mel_model())[0], slices), cached)
    assert len(built) == 1 and len(front_end_folders(slices)) == 1


def test_front_end_is_computed_anew_for_other_slices_and_settings(tmp_path, monkeypatch):
    built = count_builds(monkeypatch)
    one, other = (tiny_slices(tmp_path / name, n_artists=2, seed=seed) for seed, name in enumerate(("slices", "other")))
    front_end, _ = split_front_end(mel_model())
    first = cached_front_end(front_end, one)
    assert not np.allclose(first, cached_front_end(front_end, other))
    audio = keras.Input((N_SAMPLES, 1))
    slower = mel_front_end(n_samples=N_SAMPLES, sample_rate=SAMPLE_RATE // 2, n_mels=40)
    again = cached_front_end(keras.Model(audio, slower(audio)), one)
    assert again.shape == first.shape and not np.allclose(first, again)
    assert len(built) == 3 and len(front_end_folders(one)) == 3


def with_front_end(before=None, functional=False, beside=False):
    """A model with a layer before its front end, a front end that is a functional model, or a path around it."""
    audio = keras.Input((N_SAMPLES,), name="audio")
    x = layers.Reshape((N_SAMPLES, 1))(before(audio) if before else audio)
    front_end = mel_front_end(n_samples=N_SAMPLES, sample_rate=SAMPLE_RATE)
    if functional:
        wave = keras.Input((N_SAMPLES, 1))
        decibel = keras.Sequential([keras.Input((N_SAMPLES, 1)), *front_end.layers])(wave)
        front_end = keras.Model(wave, keras.ops.square(decibel), name=MEL_LAYER)
    x = layers.Flatten()(front_end(x))
    if beside:
        x = layers.Concatenate()([x, audio])
    return keras.Model(audio, layers.Dense(3, activation="softmax")(x))


def test_which_front_ends_are_frozen():
    assert has_frozen_front_end(with_front_end())
    assert not has_frozen_front_end(linear_model())
    assert not has_frozen_front_end(with_front_end(before=layers.GaussianNoise(0.1))), "each epoch hears other noise"
    assert not has_frozen_front_end(with_front_end(before=layers.BatchNormalization())), "it is trained"
    assert not has_frozen_front_end(with_front_end(beside=True)), "audio reaches the output beside it"


def test_functional_front_end_is_cut_and_cached_once(tmp_path, monkeypatch):
    slices, built = tiny_slices(tmp_path / "slices", n_artists=2), count_builds(monkeypatch)
    audio = slices.samples[:] / np.float32(INT16_SCALE)
    for _ in range(2):
        model = with_front_end(functional=True)
        assert has_frozen_front_end(model)
        front_end, rest = split_front_end(model)
        cached = cached_front_end(front_end, slices)
        np.testing.assert_allclose(rest.predict(cached, verbose=0), model.predict(audio, verbose=0), atol=1e-4)
    assert len(built) == 1


def test_what_cannot_be_cut_is_refused():
    with pytest.raises(GenrelibError, match="no layer named 'mel_front_end'"):
        split_front_end(linear_model())
    with pytest.raises(GenrelibError, match="sees its audio beside 'mel_front_end' too"):
        split_front_end(with_front_end(beside=True))


def test_a_model_that_cannot_be_cut_is_trained_straight_through(tmp_path):
    slices = tiny_slices(tmp_path / "slices", n_artists=1, tracks_per_artist=1)
    for settings in ({"beside": True}, {"before": layers.GaussianNoise(0.1)}):
        train(with_front_end(**settings), slices, tiny_fold(slices), epochs=1)
    assert front_end_folders(slices) == []
