import warnings
from types import SimpleNamespace

import matplotlib

matplotlib.use("Agg")

import numpy as np
import pandas as pd
import pytest
from matplotlib import pyplot as plt
from matplotlib.colors import to_hex

from genrelib.figures import maps as figures_maps
from genrelib.figures.style import set_style
from genrelib.reports.turin import figures as figures_turin
from genrelib._base.errors import GenrelibError
from genrelib.features.tzanetakis import NAMES
from genrelib.features.tzanetakis_beat import beat_histogram
from tests.features.sounds import RATE, clicks

GENRES = ["blues", "disco", "rock"]


@pytest.fixture(autouse=True)
def strict_style():
    with warnings.catch_warnings(), plt.rc_context():
        warnings.simplefilter("error")
        set_style()
        yield
    assert plt.get_fignums() == [], "a figure that pyplot still holds is drawn twice in a notebook"


def axes_of(figure):
    figure.canvas.draw()  # a plot that cannot be drawn, or warns while it is, fails here
    return [axis for axis in figure.axes if axis.get_label() != "<colorbar>"]


def heights(axis):
    return np.array([bar.get_height() for bar in axis.patches])


def words(axis):
    return [text.get_text() for text in axis.texts]


def svm_result(accuracies, low, high):
    return SimpleNamespace(accuracies=np.array(accuracies), accuracy=np.mean(accuracies), ci95=(low, high))


def test_beat_histograms_name_the_tempo():
    left, right = axes_of(figures_turin.beat_histograms({"disco": clicks(120), "classical": clicks(60)}, RATE))
    assert "120" in words(left) and "60" in words(right)
    np.testing.assert_allclose(heights(left), beat_histogram(clicks(120), RATE)[1])
    assert left.get_xlabel() == "Tempo (BPM)" and to_hex(left.patches[0].get_facecolor()) == "#94a4a2"


def test_a_sound_without_a_beat_is_drawn_without_a_peak():
    (axis,) = axes_of(figures_turin.beat_histograms({"rock": np.sin(np.arange(70000) / 9)}, RATE))
    assert words(axis) == [] and not heights(axis).any()


def test_a_c_major_chord_is_heard_as_c_e_g():
    roll, bars = axes_of(figures_turin.chord_and_histogram((60, 64, 67)))
    assert words(roll) == ["C4", "E4", "G4"]
    names = [tick.get_text() for tick in bars.get_xticklabels()]
    assert {names[place] for place in np.argsort(heights(bars))[-3:]} == {"C", "E", "G"}
    assert names == ["C", "G", "D", "A", "E", "B", "F#", "C#", "G#", "D#", "A#", "F"]


def test_the_features_of_each_genre_are_medians_of_ranks():
    draw = np.random.default_rng(0)
    table = pd.DataFrame(draw.standard_normal((30, 30)), columns=NAMES).assign(label=np.repeat(GENRES, 10))
    table.loc[table["label"] == "rock", "A0"] += 100
    table["P2"] = 7.0  # the same in every track
    (axis,) = axes_of(figures_turin.features_by_genre(table, GENRES))
    shown = axis.images[0].get_array()
    ranks = table["A0"].rank(pct=True)
    expected = ((ranks - ranks.mean()) / ranks.std()).groupby(table["label"]).median()[GENRES]
    np.testing.assert_allclose(shown[:, NAMES.index("A0")], expected)
    np.testing.assert_allclose(shown[:, NAMES.index("P2")], 0, atol=1e-6)
    assert {"timbre", "rhythm", "pitch"} <= set(words(axis))


def test_the_spread_shows_each_split_and_each_claim():
    by_track, by_album = svm_result([0.6, 0.65, 0.65], 0.5, 0.7), svm_result([0.4], 0.3, 0.5)
    found = {"track": by_track, "artist": "fewer than two artists", "album": by_album}
    figure = figures_turin.svm_spread(found, claims={"the report": 0.67, "2002": 0.61}, title="SVM")
    (axis,) = axes_of(figure)
    assert [tick.get_text() for tick in axis.get_yticklabels()] == ["by track", "by album"]
    assert words(axis) == ["0.633", "0.400"]
    assert [text.get_text() for text in figure.legends[0].get_texts()] == ["the report: 0.67", "2002: 0.61"]
    with pytest.raises(GenrelibError, match="no split was measured"):
        figures_turin.svm_spread({"artist": "one artist"}, claims={})


def augmented():
    starts = {"original": (0.0, 3.0), "overlapping": (1.5,), "shifted": (0.0, 1.5, 3.0)}
    rows = [("a", start, variant) for variant, all_of in starts.items() for start in all_of]
    table = pd.DataFrame(rows, columns=["track_id", "start", "variant"])
    samples = np.random.default_rng(0).integers(-9000, 9000, (len(rows), 9000)).astype(np.int16)
    return SimpleNamespace(table=table, samples=samples, sample_rate=3000, seconds=3.0)


def test_augmentations_show_the_slice_its_shift_and_the_overlap():
    panels = axes_of(figures_turin.augmentations(augmented(), "a"))
    assert [axis.get_title(loc="left") for axis in panels] == ["as it is", "a semitone higher", "half a slice later"]
    assert [axis.images[0].get_extent()[:2] for axis in panels] == [[0.0, 3.0], [0.0, 3.0], [1.5, 4.5]]
    with pytest.raises(GenrelibError, match="no overlapping slice from 4.5 s"):
        figures_turin.augmentations(augmented(), "a", start=3.0)


def test_the_report_s_mel_scale_is_its_own_formula():
    curve, picture = axes_of(figures_turin.report_mel(np.zeros((40, 128, 1)), sample_rate=22050, seconds=3.0))
    hertz, bands = curve.lines[0].get_data()
    mels = 2595 * np.log10(1 + hertz / 700)
    np.testing.assert_allclose(bands, 128 * mels / mels[-1], atol=1e-6)
    assert picture.images[0].get_array().shape == (128, 40)


def test_a_map_has_a_point_a_slice_and_its_noisiest_genre_at_the_bottom():
    labels, silhouettes = np.array([0, 0, 1, 2, 2]), {"blues": 0.4, "disco": float("nan"), "rock": -0.1}
    plane, bars = axes_of(figures_maps.tsne_by_genre(np.eye(5)[:, :2], labels, GENRES, silhouettes, title="map"))
    assert sum(len(cloud.get_offsets()) for cloud in plane.collections) == 5
    assert [tick.get_text() for tick in bars.get_yticklabels()] == ["rock", "blues"]
    with pytest.raises(GenrelibError, match="5 points, 4 labels"):
        figures_maps.tsne_by_genre(np.eye(5)[:, :2], labels[:4], GENRES, silhouettes)


def test_more_classes_than_colours_are_told_apart_by_shape():
    artists = [f"Artist {number:02d}" for number in range(20)]
    silhouettes = dict.fromkeys(artists, 0.1)
    plane, _ = axes_of(figures_maps.tsne_by_genre(np.zeros((20, 2)), np.arange(20), artists, silhouettes))
    looks = {
        (tuple(cloud.get_facecolor()[0]), len(cloud.get_paths()[0].vertices)) for cloud in plane.collections
    }
    assert len(looks) == 20


def test_votes_are_drawn_over_the_slices_heard():
    table = pd.DataFrame({"slices": [1, 2], "majority": [0.5, 0.6], "mean_probability": [0.5, 0.7]})
    figure = figures_maps.accuracy_by_slices_heard({"crnn": table, "augmented": table}, chance=0.1)
    (axis,) = axes_of(figure)
    named = [text.get_text() for text in figure.legends[0].get_texts()]
    assert "crnn: mean probability" in named and "augmented: most frequent label" in named and "chance: 0.1" in named
    drawn = next(line for line in axis.lines if line.get_label() == "crnn: mean probability")
    assert drawn.get_ydata().tolist() == [0.5, 0.7]


def test_albums_of_an_artist_are_told_apart_by_their_line():
    tracks = pd.DataFrame({"artist": ["A"] * 3 + ["B"] * 2, "album": ["one", "one", "two", "x", "y"]})
    draw = np.random.default_rng(0)
    samples = [draw.standard_normal(9000) * 10.0**number for number in range(5)]
    figure = figures_maps.albums_of_artists(tracks, samples, 22050)
    left, right = axes_of(figure)
    songs, albums = ([line for line in left.lines if line.get_linewidth() == wide] for wide in (0.6, 2.4))
    songs = [line for line in songs if len(line.get_xdata()) > 2]  # the line at 0 has two ends
    assert len(songs) == 3 and [line.get_label() for line in albums] == ["album 1", "album 2"]
    assert songs[0].get_linestyle() == songs[1].get_linestyle() != songs[2].get_linestyle()
    heights = np.array([line.get_ydata() for line in songs])
    np.testing.assert_allclose(heights.sum(axis=0), 0, atol=1e-9)  # apart from the artist's mean
    np.testing.assert_allclose(heights.mean(axis=1), 0, atol=1e-9)  # loudness does not count
    np.testing.assert_allclose(albums[0].get_ydata(), heights[:2].mean(axis=0))


def test_published_figures_stand_beside_ours():
    table = pd.DataFrame({"paper": [0.5, 0.9], "here": [0.4, np.nan], "low": [0.3, np.nan], "high": [0.6, np.nan]},
                         index=["album", "song"])  # fmt: skip
    (axis,) = axes_of(figures_maps.published_beside_ours(table, columns=["paper", "here"]))
    assert words(axis) == ["0.50", "0.90", "0.40"]
    assert [tick.get_text() for tick in axis.get_yticklabels()] == ["album", "song"]
