from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from genrelib._base.errors import GenrelibError
from genrelib.evaluation.scores import score_predictions
from genrelib.reports.stanford import figures
from genrelib.reports.stanford.moods import MOODS
from tests.plots import bars, drawn, words

GENRES = ["Folk", "Hip-Hop", "Pop"]


def scores(names, true, given):
    p = {f"p{number}": column for number, column in enumerate(np.eye(len(names))[given].T)}
    rows = {"track_id": [f"t{number}" for number in range(len(true))], "slice": range(len(true)), "true": true}
    return score_predictions(pd.DataFrame({**rows, **p, "seed": 0, "protocol": "slice"}), names, n_resamples=5)


def test_histogram_counts_each_third():
    valence = [0.0, 0.2, 1 / 3, 0.5, 0.6, 0.7, 0.9, 1.0]
    (axis,) = drawn(figures.valence_histogram, pd.Series(valence), "a")
    assert {"sad: 2 tracks, 25%", "neutral: 3 tracks, 38%", "happy: 3 tracks, 38%"} <= set(words(axis))
    assert sum(bars(axis)) == 8


def test_grey_slices_are_drawn_with_low_bands_below():
    images = np.random.default_rng(0).random((7, 10, 6, 1))
    axes = drawn(figures.grey_slices, images, [f"s{number}" for number in range(7)], seconds=3.0)
    np.testing.assert_array_equal(axes[3].images[0].get_array(), images[3, ..., 0].T)
    assert len(axes) == 7 and axes[0].images[0].origin == "lower" and axes[0].images[0].get_clim() == (0, 1)


def test_networks_have_a_column_each_with_three_curves():
    names = ["loss", "genre_accuracy", "mood_accuracy"]
    curves = pd.DataFrame({name: [0.9, 0.6, 0.5] for name in [*names, *(f"val_{name}" for name in names)]})
    history = SimpleNamespace(curves=curves.assign(epoch=[1, 2, 3]), best_epoch=2)
    sizes = {"zhang": 856537, "choi": 42409}
    axes = drawn(figures.networks_side_by_side, {"zhang": [history, history], "choi": [history]}, sizes)
    assert axes[0].get_title(loc="left") == "zhang\n856,537 weights" and len(axes[2].lines) == 6
    assert axes[5].lines[2].get_xydata().tolist() == [[2, 0.6]]  # the chosen epoch


def test_a_gap_runs_from_training_to_test():
    index = pd.MultiIndex.from_product([["zhang", "choi"], ["claimed", "ours, a slice"]])
    columns = pd.MultiIndex.from_product([["genre", "mood"], ["train", "test"]])
    table = pd.DataFrame(np.linspace(0.2, 0.95, 16).reshape(4, 4), index=index, columns=columns)
    _, mood = drawn(figures.train_and_test, table)
    segments = [line.get_segments()[0] for line in mood.collections]
    for row, segment in enumerate(segments):
        assert segment[:, 0] == pytest.approx(sorted(table["mood"].iloc[row])) and set(segment[:, 1]) == {row}


def test_pairs_of_genre_and_mood_are_counted_where_they_are():
    genre = scores(GENRES, [0, 0, 1, 2], [0, 1, 1, 0])
    mood = scores(list(MOODS), [0, 0, 2, 1], [0, 1, 2, 1])
    axes = drawn(figures.genre_and_mood, genre, mood)
    confusion, right_genre, right_mood = (axis.images[0].get_array().tolist() for axis in axes)
    assert confusion == [[0.5, 0.5, 0], [0, 1, 0], [0, 0, 1]]
    assert right_genre == [[0.5, 0, 0], [0, 0, 1], [0, 0, 0]]
    assert right_mood == [[0.5, 0, 0], [0, 0, 1], [0, 1, 0]]
    mood.frame["slice"] += 1
    with pytest.raises(GenrelibError, match="scored on the same slices"):
        figures.genre_and_mood(genre, mood)


def test_map_draws_every_song_once():
    tracks = pd.DataFrame({"genre": ["Folk", "Pop", "Pop", "Hip-Hop"], "valence": [0.1, 0.5, 0.9, 0.9]})
    points = np.arange(8.0).reshape(4, 2)
    (axis,) = drawn(figures.vector_map, points, tracks, GENRES)
    shown = np.concatenate([line.get_xydata() for line in axis.lines if len(line.get_xdata())])
    np.testing.assert_array_equal(shown[np.argsort(shown[:, 0])], points)


def test_node_table_marks_a_silent_node():
    table = pd.DataFrame([[0.9, -0.2], [np.nan, np.nan]], index=[1, 2], columns=["Folk", "valence"])
    (axis,) = drawn(figures.node_table, table)
    assert words(axis).count("–") == 2 and {"0.90", "-0.20"} <= set(words(axis))
