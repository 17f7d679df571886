import keras
import numpy as np
import pandas as pd
import pytest
import soundfile as sf

from genrelib._base.errors import GenrelibError
from genrelib.evaluation.maps import layer_outputs
from genrelib.reports.stanford import music_vectors
from genrelib.reports.stanford.music_vectors import (
    nearest_songs,
    neighbours_alike,
    node_correlations,
    song_vectors,
    sound_numbers,
)
from tests.tiny_moods import moody_slices, tiny_two_outputs


def songs(values):
    return pd.DataFrame(values, index=[f"s{i}" for i in range(len(values))], columns=range(1, np.shape(values)[1] + 1))


def test_a_songs_vector_is_the_mean_over_its_slices(tmp_path):
    slices = moody_slices(tmp_path / "slices", n_samples=2048)
    keras.utils.set_random_seed(0)
    model = tiny_two_outputs(**slices.input_sizes)
    positions = np.array([0, 1, 2, 7, 9, 10])
    vectors = song_vectors(model, slices, positions)
    outputs = layer_outputs(model, slices, positions, layer="music_vector")
    names = slices.table["track_id"].to_numpy()[positions]
    assert list(vectors.columns) == [1, 2, 3, 4, 5] and set(vectors.index) == set(names)
    np.testing.assert_allclose(vectors, [outputs[names == name].mean(axis=0) for name in vectors.index], atol=1e-6)


def test_correlations_are_pearsons_and_a_silent_node_has_none():
    rng = np.random.default_rng(0)
    vectors = songs(rng.random((12, 3)))
    vectors[3] = 0.0
    tracks = pd.DataFrame({"genre": list("aabbcc" * 2), "valence": rng.random(12)}, index=vectors.index)
    sounds = pd.DataFrame({"centroid": 1000 * rng.random(12), "tempo": 120.0}, index=vectors.index)
    found = node_correlations(vectors, tracks.iloc[::-1], sounds.iloc[::-1])
    assert list(found.columns) == ["a", "b", "c", "valence", "centroid", "tempo"] and list(found.index) == [1, 2, 3]
    assert found.loc[2, "b"] == pytest.approx(np.corrcoef(vectors[2], tracks["genre"] == "b")[0, 1])
    assert found.loc[1, "centroid"] == pytest.approx(np.corrcoef(vectors[1], sounds["centroid"])[0, 1])
    assert found.loc[3].isna().all() and found["tempo"].isna().all()


def test_nearest_songs_are_those_of_the_highest_cosine():
    vectors = songs([[1, 1], [2, 2], [-1, -1], [1, -1]])
    values = (vectors - vectors.mean()) / vectors.std(ddof=0)
    values = values.div(np.linalg.norm(values, axis=1), axis=0)
    naive = (values.iloc[1:] @ values.loc["s0"]).nlargest(2)
    pd.testing.assert_series_equal(nearest_songs(vectors, "s0", n=2), naive)
    with pytest.raises(GenrelibError, match="no vector of 'x'; there are those of 4 songs"):
        nearest_songs(vectors, "x")


def test_neighbours_are_compared_with_chance():
    vectors = songs([[0, 1], [0.1, 1], [5, -3], [5.1, -3]])
    tracks = pd.DataFrame({"genre": list("aabb"), "mood": ["sad", "happy", "sad", "happy"]}, index=vectors.index)
    found = neighbours_alike(vectors, tracks)
    assert found.loc["genre"].tolist() == pytest.approx([1.0, 4 / 12])
    assert found.loc["mood"].tolist() == pytest.approx([0.0, 4 / 12])


def test_centroid_and_tempo_are_measured_once_and_anew_when_a_file_changes(tmp_path, monkeypatch):
    seconds, rate = np.arange(6 * 22050) / 22050, 22050
    beat = (seconds % 0.5 < 0.02) * 0.8  # 120 a minute
    for name, pitch in (("low", 300.0), ("high", 3000.0)):
        sound = 0.1 * np.sin(2 * np.pi * pitch * seconds) + beat * np.sin(2 * np.pi * pitch * seconds)
        sf.write(tmp_path / f"{name}.wav", sound, rate)
    tracks = pd.DataFrame({"path": [str(tmp_path / f"{name}.wav") for name in ("low", "high")]}, index=["low", "high"])
    found = sound_numbers(tracks, cache=tmp_path / "cache", n_jobs=1)
    assert found["centroid"]["low"] < 1500 < 2500 < found["centroid"]["high"]
    assert found["tempo"].to_numpy() == pytest.approx(120, rel=0.05)
    monkeypatch.setattr(music_vectors, "_measure", lambda path: pytest.fail("measured again"))
    pd.testing.assert_frame_equal(sound_numbers(tracks, cache=tmp_path / "cache", n_jobs=1), found)
    monkeypatch.setattr(music_vectors, "_measure", lambda path: (1.0, 2.0))
    sf.write(tmp_path / "low.wav", np.ones(9000) / 2, rate)
    assert sound_numbers(tracks, cache=tmp_path / "cache", n_jobs=1)["tempo"].tolist() == [2.0, 2.0]
