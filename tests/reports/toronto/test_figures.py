"""Plots of features: what is drawn is what was given, axes say their units, nothing is left open."""

import warnings
from types import SimpleNamespace

import matplotlib

matplotlib.use("Agg")

import numpy as np
import pandas as pd
import pytest
from matplotlib import pyplot as plt
from matplotlib.colors import to_hex

from genrelib._base.errors import GenrelibError
from genrelib.features import FEATURES, spectral_numbers
from genrelib.figures.style import GENRE_COLOURS, set_style
from genrelib.reports import toronto
from genrelib.reports.toronto.figures import telling_features

RATE = 22050
GENRES = ["blues", "jazz", "metal"]


@pytest.fixture(autouse=True)
def strict_style():
    with warnings.catch_warnings(), plt.rc_context():
        warnings.simplefilter("error")
        set_style()
        yield
    assert plt.get_fignums() == []


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


# One recording


def test_the_numbers_stand_at_their_values():
    samples = beats()
    numbers = spectral_numbers(samples)
    figure = toronto.numbers_over_spectrogram(samples, numbers, title="a tone")
    figure.canvas.draw()
    spectrum, chroma, loudness, parts, mfcc = figure.axes[:5]
    level = [line.get_ydata()[0] * 1000 for line in spectrum.lines if line.get_linestyle() == "--"]
    assert level == pytest.approx([numbers["rolloff_mean"], numbers["spectral_centroid_mean"]])
    heights = [bar.get_height() for bar in mfcc.patches]
    assert heights == pytest.approx([numbers[f"mfcc{i}_mean"] for i in range(1, 21)])
    assert loudness.lines[-1].get_ydata()[0] == pytest.approx(numbers["rms_mean"])
    for axis, words in zip((chroma, loudness, parts), ("chroma_stft", "rms", "harmony"), strict=True):
        assert words in axis.get_title(loc="left") and axis.get_xlim() == (0, 4.0)
    assert f"{numbers['tempo']:.0f} a minute" in parts.get_title(loc="left")
    assert spectrum.get_ylabel() == "Frequency (kHz)" and spectrum.get_xlabel() == "Time (s)"


def test_int16_and_silence_are_drawn_too():
    loud = (beats() * 32768).astype(np.int16)
    toronto.numbers_over_spectrogram(loud, spectral_numbers(beats())).canvas.draw()
    nothing = np.zeros(3 * RATE, dtype=np.float32)
    toronto.numbers_over_spectrogram(nothing, spectral_numbers(nothing)).canvas.draw()


# Genres apart


def test_telling_features_are_those_that_tell_and_no_twins():
    found = telling_features(table_of(), n=2)
    assert found[0] in FEATURES[:2] and found[1] == FEATURES[2]
    assert len(telling_features(table_of(), n=100)) == 55  # neither a twin nor what never changes


def test_a_box_a_genre_in_its_colour():
    table, name = table_of(), FEATURES[0]
    figure = toronto.distributions(table, [name, "tempo", "rolloff_mean"], GENRES)
    figure.canvas.draw()
    first, tempo, rolloff, empty = figure.axes
    assert [to_hex(box.get_facecolor()) for box in first.patches] == [GENRE_COLOURS[genre] for genre in GENRES]
    middles = [line.get_ydata()[0] for line in first.lines if line.get_color() == "#222222"]
    assert middles == pytest.approx([table.loc[table["label"] == genre, name].median() for genre in GENRES])
    assert (tempo.get_ylabel(), rolloff.get_ylabel()) == ("Value (beats a minute)", "Value (Hz)")
    assert not empty.get_visible() and [word.get_text() for word in rolloff.get_xticklabels()] == GENRES


def test_a_genre_without_rows_has_no_box():
    table = table_of()
    figure = toronto.distributions(table[table["label"] != "jazz"], ["tempo"], GENRES)
    assert len(figure.axes[0].patches) == 2


# Tracks in clumps


def test_the_map_has_every_slice_and_ties_those_of_a_track():
    table = table_of().assign(track_id=[f"{GENRES[i % 3]}.{i // 12}" for i in range(60)])
    values = table[list(FEATURES)].to_numpy()
    rows = SimpleNamespace(samples=values, table=table.assign(genre=table["label"]), genres=GENRES)
    figure = toronto.pca_map(rows, per_genre=2, title="a map")
    figure.canvas.draw()
    (axis,) = figure.axes
    dots = [line for line in axis.lines if line.get_marker() == "." and len(line.get_xdata())]
    assert sum(len(line.get_xdata()) for line in dots) == 60
    tied = [line for line in axis.lines if line.get_marker() == "o" and len(line.get_xdata())]
    assert len(tied) == 6 and all(len(line.get_xdata()) == 4 for line in tied)  # two tracks of four slices a genre
    assert "% of the variance" in axis.get_xlabel()
    assert [word.get_text() for word in figure.legends[0].texts] == GENRES


# Pictures


def images_of(n=3, size=16, seed=0):
    samples = np.random.default_rng(seed).integers(0, 256, (n, size, size, 4)).astype(np.uint8)
    samples[..., 3] = 255
    return SimpleNamespace(samples=samples, table=pd.DataFrame({"genre": GENRES[:n]}))


def test_pictures_are_those_of_the_positions():
    linear, mel = images_of(seed=0), images_of(seed=1)
    figure = toronto.pictures({"linear": linear, "mel": mel}, [2, 0])
    figure.canvas.draw()
    shown = [np.asarray(axis.images[0].get_array(), dtype=int) for axis in figure.axes]
    for drawn, given in zip(shown, [*linear.samples[[2, 0]], *mel.samples[[2, 0]]], strict=True):
        assert np.abs(drawn - given).max() <= 8  # sixteen levels a channel
    assert [axis.get_title(loc="left") for axis in figure.axes[:2]] == ["metal", "blues"]
    assert [figure.axes[place].get_ylabel() for place in (0, 2)] == ["linear", "mel"]


def test_each_channel_is_drawn_by_itself():
    image = images_of().samples[0]
    figure = toronto.four_channels(image, title="one")
    figure.canvas.draw()
    whole, *channels, bar = figure.axes
    assert [axis.get_title(loc="left") for axis in channels] == ["red", "green", "blue", "opacity"]
    for number, axis in enumerate(channels):
        assert np.abs(np.asarray(axis.images[0].get_array(), dtype=int) - image[..., number]).max() <= 8
        assert axis.images[0].get_clim() == (0, 255)
    assert whole.get_xlabel() == "16 pixels" and "255" in bar.get_ylabel()


# Logits


def test_three_genres_a_song_with_their_logits():
    values = [[3.0, 1.0, -2.0, 0.5], [-1.0, -4.0, -3.0, -2.0]]
    logits = pd.DataFrame(values, index=["a", "b"], columns=[*GENRES, "rock"])
    true = pd.Series({"a": "blues", "b": "metal"})
    figure = toronto.top_three(logits, {"sure": "a", "wrong": "b"}, true)
    figure.canvas.draw()
    first, second = figure.axes
    assert [bar.get_width() for bar in first.patches] == [3.0, 1.0, 0.5]
    assert [bar.get_width() for bar in second.patches] == [-1.0, -2.0, -3.0]
    colours = [to_hex(bar.get_facecolor()) for bar in first.patches]
    assert colours == [GENRE_COLOURS[genre] for genre in ("blues", "jazz", "rock")]
    assert {"blues 3.00", "jazz 1.00"} <= {text.get_text() for text in first.texts}
    assert first.get_title(loc="left") == "sure: a\nis blues" and "Logit" in first.get_xlabel()
    low, high = first.get_xlim()
    assert low < -3 and high > 3


def test_no_song_is_no_figure():
    with pytest.raises(GenrelibError, match="no song to draw"):
        toronto.top_three(pd.DataFrame(columns=GENRES), {}, pd.Series(dtype=object))
