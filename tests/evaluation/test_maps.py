"""Outputs of a hidden layer, their map, and how clearly genres stand apart on it."""

import keras
import numpy as np
import pytest
from sklearn.metrics import silhouette_samples

from genrelib._base.errors import GenrelibError
from genrelib.evaluation.maps import layer_outputs, noisiest, silhouettes, tsne_map
from tests.tiny import rows_of, tiny_slices


def small_model(n_samples):
    audio = keras.Input((n_samples,))
    x = keras.layers.Reshape((n_samples // 64, 64))(audio)
    x = keras.layers.GRU(8, name="gru_last")(x)
    x = keras.layers.Dropout(0.5)(x)
    return keras.Model(audio, keras.layers.Dense(3, activation="softmax")(x), name="small")


@pytest.fixture(scope="module")
def slices(tmp_path_factory):
    return tiny_slices(tmp_path_factory.mktemp("slices"))


def test_outputs_are_those_of_the_layer_without_dropout(slices):
    model, positions = small_model(slices.n_samples), np.array([5, 0, 40])
    inner = keras.Model(model.input, model.get_layer("gru_last").output)
    expected = inner.predict(slices.samples[positions] / np.float32(32768), verbose=0)
    np.testing.assert_allclose(layer_outputs(model, slices, positions), expected, atol=1e-6)


def test_inputs_that_are_no_audio_are_not_scaled(slices):
    rows = rows_of(slices)
    features = keras.Input((rows.samples.shape[1],))
    model = keras.Model(features, keras.layers.Dense(2, name="hidden")(features))
    expected = model.predict(rows.samples[:4], verbose=0)
    np.testing.assert_allclose(layer_outputs(model, rows, np.arange(4), layer="hidden"), expected, rtol=1e-5)


def test_an_unknown_layer_is_named_beside_those_there_are_and_positions_are_needed(slices):
    with pytest.raises(GenrelibError, match="gru_9.*gru_last"):
        layer_outputs(small_model(slices.n_samples), slices, [0], layer="gru_9")
    with pytest.raises(GenrelibError, match="positions is empty"):
        layer_outputs(small_model(slices.n_samples), slices, [])


def test_a_map_keeps_clouds_apart_and_is_the_same_again():
    draw = np.random.default_rng(0)
    labels = np.repeat([0, 1, 2], 20)
    points = draw.standard_normal((60, 16)) + 20 * np.eye(16)[labels]
    plane = tsne_map(points)
    assert plane.shape == (60, 2)
    assert min(silhouettes(plane, labels, ["a", "b", "c"]).values()) > 0.5
    np.testing.assert_array_equal(plane, tsne_map(points))


def test_few_points_have_a_map_and_two_have_none():
    assert tsne_map(np.eye(4)).shape == (4, 2)
    with pytest.raises(GenrelibError, match="three points at least"):
        tsne_map(np.eye(2))
    with pytest.raises(GenrelibError, match="finite"):
        tsne_map(np.full((5, 2), np.nan))


def test_a_genres_silhouette_is_the_mean_of_its_points():
    draw = np.random.default_rng(1)
    points, labels = draw.standard_normal((30, 2)), draw.integers(0, 3, 30) * 2  # b and d are absent
    given = silhouettes(points, labels, list("abcde"))
    values = silhouette_samples(points, labels)
    means = {genre: values[labels == label].mean() for label, genre in enumerate("abcde") if label % 2 == 0}
    assert {genre: given[genre] for genre in "ace"} == pytest.approx(means) and np.isnan([given["b"], given["d"]]).all()
    assert noisiest(given) == min(means, key=means.get)
    with pytest.raises(GenrelibError, match="two genres at least"):
        silhouettes(np.eye(3), np.zeros(3, dtype=int), ["a", "b"])


def test_of_equal_genres_the_first_in_the_alphabet_is_the_noisiest():
    assert noisiest({"rock": 0.1, "jazz": 0.4, "blues": 0.1}) == "blues"
