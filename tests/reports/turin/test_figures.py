from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from genrelib._base.errors import GenrelibError
from genrelib.features.tzanetakis import NAMES
from genrelib.reports.turin import figures
from tests.features.sounds import RATE, clicks
from tests.plots import bars, drawn, marks, words

GENRES = ["blues", "disco", "rock"]


def test_beat_histograms_name_the_tempo_where_there_is_a_beat():
    disco, rock = drawn(figures.beat_histograms, {"disco": clicks(120), "rock": np.sin(np.arange(70000) / 9)}, RATE)
    assert "120" in [text.get_text() for text in disco.texts] and not rock.texts and not any(bars(rock))


def test_a_c_major_chord_is_heard_as_c_e_g():
    _, folded = drawn(figures.chord_and_histogram, (60, 64, 67))
    names = [tick.get_text() for tick in folded.get_xticklabels()]
    assert {names[place] for place in np.argsort(bars(folded))[-3:]} == {"C", "E", "G"}
    assert names == ["C", "G", "D", "A", "E", "B", "F#", "C#", "G#", "D#", "A#", "F"]


def test_the_features_of_each_genre_are_medians_of_ranks():
    table = pd.DataFrame(np.random.default_rng(0).standard_normal((30, 30)), columns=NAMES)
    table = table.assign(label=np.repeat(GENRES, 10), P2=7.0)  # the same in every track
    table.loc[table["label"] == "rock", "A0"] += 100
    (axis,) = drawn(figures.features_by_genre, table, GENRES)
    ranks = table["A0"].rank(pct=True)
    expected = ((ranks - ranks.mean()) / ranks.std()).groupby(table["label"]).median()[GENRES]
    shown = axis.images[0].get_array()
    np.testing.assert_allclose(shown[:, NAMES.index("A0")], expected)
    np.testing.assert_allclose(shown[:, NAMES.index("P2")], 0, atol=1e-6)


def test_the_spread_shows_each_split_and_each_claim():
    def result(accuracies, low, high):
        return SimpleNamespace(accuracies=np.array(accuracies), accuracy=np.mean(accuracies), ci95=(low, high))

    by_unit = {"track": result([0.6, 0.65, 0.65], 0.5, 0.7), "album": result([0.4], 0.3, 0.5)}
    (axis,) = drawn(figures.svm_spread, by_unit, claims={"the report": 0.67, "2002": 0.61})
    assert {"by track", "by album", "0.633", "0.400", "the report: 0.67", "2002: 0.61"} <= set(words(axis))
    with pytest.raises(GenrelibError, match="no split was measured"):
        figures.svm_spread({}, claims={})


def test_augmentations_show_the_slice_its_shift_and_the_overlap():
    starts = {"original": (0.0, 3.0), "overlapping": (1.5,), "shifted": (0.0, 1.5, 3.0)}
    rows = [("a", start, variant) for variant, all_of in starts.items() for start in all_of]
    table = pd.DataFrame(rows, columns=["track_id", "start", "variant"])
    samples = np.random.default_rng(0).integers(-9000, 9000, (len(rows), 9000)).astype(np.int16)
    augmented = SimpleNamespace(table=table, samples=samples, sample_rate=3000, seconds=3.0)
    panels = drawn(figures.augmentations, augmented, "a")
    assert [axis.images[0].get_extent()[:2] for axis in panels] == [[0.0, 3.0], [0.0, 3.0], [1.5, 4.5]]
    augmented.table = table[table["variant"] != "overlapping"]
    with pytest.raises(GenrelibError, match="no overlapping slice from 1.5 s"):
        figures.augmentations(augmented, "a")


def test_the_report_s_mel_scale_is_its_own_formula():
    curve, picture = drawn(figures.report_mel, np.zeros((40, 128, 1)), sample_rate=22050, seconds=3.0)
    hertz, bands = curve.lines[0].get_data()
    mels = 2595 * np.log10(1 + hertz / 700)
    np.testing.assert_allclose(bands, 128 * mels / mels[-1], atol=1e-6)
    assert picture.images[0].get_array().shape == (128, 40)


def test_votes_are_drawn_over_the_slices_heard():
    table = pd.DataFrame({"slices": [1, 2], "majority": [0.5, 0.6]})
    (axis,) = drawn(figures.accuracy_by_slices_heard, {"crnn": table, "augmented": table}, chance=0.1)
    assert {"crnn", "augmented", "chance: 0.1"} <= set(words(axis))
    assert marks(axis, "crnn").tolist() == [[1, 0.5], [2, 0.6]]


def test_songs_of_an_artist_are_drawn_apart_from_the_artists_mean_and_loudness_does_not_count():
    tracks = pd.DataFrame({"artist": ["A"] * 3 + ["B"] * 2, "album": ["one", "one", "two", "x", "y"]})
    samples = [np.random.default_rng(number).standard_normal(9000) * 10.0**number for number in range(5)]
    left, _ = drawn(figures.albums_of_artists, tracks, samples, 22050)
    songs = np.array([line.get_ydata() for line in left.lines if line.get_linewidth() == 0.6][:3])
    np.testing.assert_allclose(songs.sum(axis=0), 0, atol=1e-9)
    np.testing.assert_allclose(songs.mean(axis=1), 0, atol=1e-9)
    np.testing.assert_allclose(marks(left, "album 1")[:, 1], songs[:2].mean(axis=0))


def test_published_figures_stand_beside_ours():
    bounds = {"low": [0.3, np.nan], "high": [0.6, np.nan]}
    table = pd.DataFrame({"paper": [0.5, 0.9], "here": [0.4, np.nan], **bounds}, index=["album", "song"])
    (axis,) = drawn(figures.published_beside_ours, table, columns=["paper", "here"])
    assert [text.get_text() for text in axis.texts] == ["0.50", "0.90", "0.40"] and "album" in words(axis)
