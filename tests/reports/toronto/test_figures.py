"""Plots of features, pictures and logits: each draws without a warning, and shows the numbers that it is given."""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from genrelib._base.errors import GenrelibError
from genrelib.features import FEATURES, spectral_numbers
from genrelib.reports import toronto
from genrelib.reports.toronto.figures import telling_features
from tests.plots import bars, drawn

RATE = 22050
GENRES = ["blues", "jazz", "metal"]


def beats(seconds=4.0):
    """A tone of 1000 Hz, struck twice a second."""
    time = np.arange(round(seconds * RATE)) / RATE
    return (0.5 * np.sin(2 * np.pi * 1000 * time) * np.exp(-8 * (time % 0.5))).astype(np.float32)


def table_of(n=60, seed=0):
    """Drawn features; the first tells the genre well, the second is the first again, the third tells a little."""
    rng = np.random.default_rng(seed)
    label = np.arange(n) % 3
    values = rng.normal(size=(n, len(FEATURES)))
    values[:, 0] += 5 * label
    values[:, 1] = 2 * values[:, 0] + 0.01 * rng.normal(size=n)
    values[:, 2] += label
    values[:, 3] = 7
    table = pd.DataFrame(values, columns=list(FEATURES))
    return table.assign(label=[GENRES[one] for one in label])


def test_the_numbers_of_a_recording_stand_at_their_values():
    samples, numbers = beats(), spectral_numbers(beats())
    spectrum, _, _, _, mfcc, *_ = drawn(toronto.numbers_over_spectrogram, samples, numbers, title="a tone")
    level = [line.get_ydata()[0] * 1000 for line in spectrum.lines if line.get_linestyle() == "--"]
    assert level == pytest.approx([numbers["rolloff_mean"], numbers["spectral_centroid_mean"]])
    assert bars(mfcc) == pytest.approx([numbers[f"mfcc{i}_mean"] for i in range(1, 21)])
    drawn(toronto.numbers_over_spectrogram, (samples * 32768).astype(np.int16), numbers)
    nothing = np.zeros(3 * RATE, dtype=np.float32)
    drawn(toronto.numbers_over_spectrogram, nothing, spectral_numbers(nothing))


def test_telling_features_are_those_that_tell_and_no_twins():
    found = telling_features(table_of(), n=2)
    assert found[0] in FEATURES[:2] and found[1] == FEATURES[2]
    assert len(telling_features(table_of(), n=100)) == 55  # neither a twin nor what never changes


def test_a_box_a_genre_that_has_rows():
    table, name = table_of(), FEATURES[0]
    first, *_ = drawn(toronto.distributions, table, [name, "tempo", "rolloff_mean"], GENRES)
    middles = [line.get_ydata()[0] for line in first.lines if line.get_color() == "#222222"]
    assert middles == pytest.approx([table.loc[table["label"] == genre, name].median() for genre in GENRES])
    (axis,) = drawn(toronto.distributions, table[table["label"] != "jazz"], ["tempo"], GENRES)
    assert len(axis.patches) == 2


def test_the_map_has_every_slice_and_ties_those_of_a_track():
    table = table_of().assign(track_id=[f"{GENRES[i % 3]}.{i // 12}" for i in range(60)])
    values = table[list(FEATURES)].to_numpy()
    rows = SimpleNamespace(samples=values, table=table.assign(genre=table["label"]), genres=GENRES)
    (axis,) = drawn(toronto.pca_map, rows, title="a map")
    assert sum(len(line.get_xdata()) for line in axis.lines if line.get_marker() == ".") == 60
    tied = [line for line in axis.lines if line.get_marker() == "o" and len(line.get_xdata())]
    assert len(tied) == 3 and all(len(line.get_xdata()) == 4 for line in tied)  # a track of four slices a genre


def images_of(n=3, size=16, seed=0):
    samples = np.random.default_rng(seed).integers(0, 256, (n, size, size, 4)).astype(np.uint8)
    samples[..., 3] = 255
    return SimpleNamespace(samples=samples, table=pd.DataFrame({"genre": GENRES[:n]}))


def shown(axis):
    return np.asarray(axis.images[0].get_array(), dtype=int)


def test_pictures_are_those_of_the_positions_and_channels_stand_by_themselves():
    linear, mel = images_of(seed=0), images_of(seed=1)
    axes = drawn(toronto.pictures, {"linear": linear, "mel": mel}, [2, 0])
    for axis, image in zip(axes, [*linear.samples[[2, 0]], *mel.samples[[2, 0]]], strict=True):
        assert np.abs(shown(axis) - image).max() <= 8  # sixteen levels a channel
    _, *channels = drawn(toronto.four_channels, linear.samples[0], title="one")
    assert len(channels) == 4
    for number, axis in enumerate(channels):
        assert np.abs(shown(axis) - linear.samples[0, ..., number]).max() <= 8


def test_three_genres_a_song_with_their_logits():
    values = [[3.0, 1.0, -2.0, 0.5], [-1.0, -4.0, -3.0, -2.0]]
    logits = pd.DataFrame(values, index=["a", "b"], columns=[*GENRES, "rock"])
    true = pd.Series({"a": "blues", "b": "metal"})
    first, second = drawn(toronto.top_three, logits, {"sure": "a", "wrong": "b"}, true)
    assert bars(first, "width") == [3.0, 1.0, 0.5] and bars(second, "width") == [-1.0, -2.0, -3.0]
    assert {"blues 3.00", "jazz 1.00"} <= {text.get_text() for text in first.texts}
    with pytest.raises(GenrelibError, match="no song to draw"):
        toronto.top_three(pd.DataFrame(columns=GENRES), {}, pd.Series(dtype=object))
