"""Outputs of a hidden layer, their map, and how clearly genres stand apart on it."""

import keras
import numpy as np
import pytest
from scipy.spatial.distance import cdist

from genrelib._base.errors import GenrelibError
from genrelib.evaluation.maps import layer_outputs, noisiest, silhouettes, tsne_map
from genrelib.training.loop import load_model
from tests.tiny import rows_of, tiny_slices


def small_model(n_samples):
    audio = keras.Input((n_samples,))
    x = keras.layers.Reshape((n_samples // 64, 64))(audio)
    x = keras.layers.GRU(8, name="gru_last")(x)
    x = keras.layers.Dropout(0.5)(x)
    return keras.Model(audio, keras.layers.Dense(3, activation="softmax")(x), name="small")


def naive_silhouettes(points, labels):
    distance = cdist(points, points)
    values = []
    for i, label in enumerate(labels):
        own = [distance[i, j] for j in range(len(labels)) if labels[j] == label and j != i]
        others = [distance[i, labels == other].mean() for other in set(labels) - {label}]
        a, b = np.mean(own) if own else np.nan, min(others)
        values.append((b - a) / max(a, b) if own else 0.0)
    return np.array(values)


@pytest.fixture(scope="module")
def slices(tmp_path_factory):
    return tiny_slices(tmp_path_factory.mktemp("slices"))


def test_outputs_are_those_of_the_layer_without_dropout(slices):
    model, positions = small_model(slices.n_samples), np.array([5, 0, 40])
    inner = keras.Model(model.input, model.get_layer("gru_last").output)
    expected = inner.predict(slices.samples[positions] / np.float32(32768), verbose=0)
    np.testing.assert_allclose(layer_outputs(model, slices, positions), expected, atol=1e-6)


def test_a_loaded_file_gives_the_same(slices, tmp_path):
    model = small_model(slices.n_samples)
    model.save(tmp_path / "small.keras")
    every = np.arange(len(slices))
    np.testing.assert_array_equal(
        layer_outputs(load_model(tmp_path / "small.keras"), slices, every), layer_outputs(model, slices, every)
    )


def test_inputs_that_are_no_audio_are_not_scaled(slices):
    rows = rows_of(slices)
    features = keras.Input((rows.samples.shape[1],))
    model = keras.Model(features, keras.layers.Dense(2, name="hidden")(features))
    expected = model.predict(rows.samples[:4], verbose=0)
    np.testing.assert_allclose(layer_outputs(model, rows, np.arange(4), layer="hidden"), expected, rtol=1e-5)


def test_an_unknown_layer_is_named_beside_those_there_are(slices):
    with pytest.raises(GenrelibError, match="no layer 'gru_9'.*gru_last"):
        layer_outputs(small_model(slices.n_samples), slices, [0], layer="gru_9")


def test_no_positions_are_refused(slices):
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


def test_silhouettes_equal_a_naive_loop():
    draw = np.random.default_rng(1)
    points, labels = draw.standard_normal((30, 2)), draw.integers(0, 3, 30)
    values = naive_silhouettes(points, labels)
    expected = {genre: values[labels == label].mean() for label, genre in enumerate("abc")}
    assert silhouettes(points, labels, list("abc")) == pytest.approx(expected)


def test_an_absent_genre_has_no_silhouette_and_is_not_the_noisiest():
    found = silhouettes(np.array([[0.0], [0.1], [5.0], [5.3]]), np.array([0, 0, 2, 2]), ["a", "b", "c"])
    assert np.isnan(found["b"]) and noisiest(found) == "c"


def test_one_genre_alone_is_refused():
    with pytest.raises(GenrelibError, match="two genres at least"):
        silhouettes(np.eye(3), np.zeros(3, dtype=int), ["a", "b"])


def test_the_noisiest_is_the_lowest_and_of_equals_the_first():
    assert noisiest({"rock": -0.2, "jazz": 0.4, "blues": 0.1}) == "rock"
    assert noisiest({"rock": 0.1, "jazz": 0.4, "blues": 0.1}) == "blues"
