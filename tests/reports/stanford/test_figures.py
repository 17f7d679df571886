from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from genrelib.reports.stanford import figures as figures_moods
from genrelib._base.errors import GenrelibError
from genrelib.evaluation.scores import score_predictions
from genrelib.reports.stanford.moods import MOODS

GENRES = ["Folk", "Hip-Hop", "Pop"]


def scores(names, true, given):
    p = np.eye(len(names))[given]
    columns = {f"p{i}": p[:, i] for i in range(len(names))}
    rows = {"track_id": [f"t{i}" for i in range(len(true))], "slice": range(len(true)), "true": true}
    return score_predictions(pd.DataFrame({**rows, **columns, "seed": 0, "protocol": "slice"}), names, n_resamples=5)


def history(best=2):
    columns = ["loss", "genre_accuracy", "mood_accuracy"]
    curves = pd.DataFrame({name: [0.9, 0.6, 0.5] for name in [*columns, *(f"val_{column}" for column in columns)]})
    return SimpleNamespace(curves=curves.assign(epoch=[1, 2, 3]), best_epoch=best)


def words(figure):
    return [text.get_text() for text in figure.findobj(lambda artist: hasattr(artist, "get_text"))]


def test_histogram_counts_each_third():
    valence = [0.0, 0.2, 1 / 3, 0.5, 0.6, 0.7, 0.9, 1.0]
    collection = SimpleNamespace(name="tiny", tracks=pd.DataFrame({"valence": valence}))
    figure = figures_moods.valence_histogram(collection)
    assert {"sad: 2 tracks, 25%", "neutral: 3 tracks, 38%", "happy: 3 tracks, 38%"} <= set(words(figure))
    assert sum(patch.get_height() for patch in figure.axes[0].patches) == 8


def test_grey_slices_are_drawn_from_black_to_white_with_low_bands_below():
    images = np.random.default_rng(0).random((7, 10, 6, 1))
    figure = figures_moods.grey_slices(images, [f"s{i}" for i in range(7)], seconds=3.0)
    drawn = [axis.images[0] for axis in figure.axes if axis.images and axis.get_visible()]
    assert len(drawn) == 7 and {image.get_clim() for image in drawn} == {(0, 1)}
    np.testing.assert_array_equal(drawn[3].get_array(), images[3, ..., 0].T)
    assert drawn[0].origin == "lower" and drawn[0].get_extent()[1] == 3.0


def test_networks_have_a_column_each_with_three_curves():
    run = SimpleNamespace(history=history())
    figure = figures_moods.networks_side_by_side({"zhang": [run, run], "choi": [run]}, {"zhang": 856537, "choi": 42409})
    axes = np.array(figure.axes).reshape(3, 2)
    assert axes[0, 0].get_title() == "zhang\n856,537 weights" and len(axes[1, 0].lines) == 6
    dotted, full, chosen = axes[2, 1].lines
    assert list(chosen.get_xdata()) == [2] and list(chosen.get_ydata()) == [0.6] and len(full.get_xdata()) == 3


def test_a_gap_runs_from_training_to_test():
    index = pd.MultiIndex.from_product([["zhang", "choi"], ["claimed", "ours, a slice"]])
    columns = pd.MultiIndex.from_product([["genre", "mood"], ["train", "test"]])
    table = pd.DataFrame(np.linspace(0.2, 0.95, 16).reshape(4, 4), index=index, columns=columns)
    figure = figures_moods.train_and_test(table, title="tiny:")
    segments = [line.get_segments()[0] for line in figure.axes[1].collections]
    expected = table["mood"].to_numpy()
    for row, segment in enumerate(segments):
        assert segment[:, 0] == pytest.approx(sorted(expected[row])) and set(segment[:, 1]) == {row}
    assert figure.axes[0].get_xlabel() == "Genre accuracy (share)"


def test_pairs_of_genre_and_mood_are_counted_where_they_are():
    genre = scores(GENRES, [0, 0, 1, 2], [0, 1, 1, 0])
    mood = scores(list(MOODS), [0, 0, 2, 1], [0, 1, 2, 1])
    figure = figures_moods.genre_and_mood(genre, mood)
    confusion, found_genre, found_mood = (axis.images[0].get_array() for axis in figure.axes)
    assert confusion.tolist() == [[0.5, 0.5, 0], [0, 1, 0], [0, 0, 1]]
    assert found_genre.tolist() == [[0.5, 0, 0], [0, 0, 1], [0, 0, 0]]
    assert found_mood.tolist() == [[0.5, 0, 0], [0, 0, 1], [0, 1, 0]]
    assert len(figure.axes[1].patches) == 6, "pairs without a slice are hatched"
    other = scores(list(MOODS), [0, 0, 2, 1], [0, 1, 2, 1])
    other.frame["slice"] += 1
    with pytest.raises(GenrelibError, match="scored on the same slices"):
        figures_moods.genre_and_mood(genre, other)


def test_map_draws_every_song_once():
    tracks = pd.DataFrame({"genre": ["Folk", "Pop", "Pop", "Hip-Hop"], "valence": [0.1, 0.5, 0.9, 0.9]})
    points = np.arange(8.0).reshape(4, 2)
    axis = figures_moods.vector_map(points, tracks, GENRES).axes[0]
    drawn = np.concatenate([line.get_xydata() for line in axis.lines if len(line.get_xdata())])
    np.testing.assert_array_equal(drawn[np.argsort(drawn[:, 0])], points)


def test_node_table_marks_a_silent_node():
    table = pd.DataFrame([[0.9, -0.2], [np.nan, np.nan]], index=[1, 2], columns=["Folk", "valence"])
    figure = figures_moods.node_table(table)
    assert words(figure).count("–") == 2 and {"0.90", "-0.20"} <= set(words(figure))
    assert figure.axes[0].images[0].get_clim() == (-1, 1)
