from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from genrelib import figures
from genrelib._base.errors import GenrelibError
from genrelib.datasets.collection import Collection
from tests.plots import bars, drawn, marks, words

GENRES = ["blues", "disco", "rock"]


def collection_of(artists, is_demo=False):
    """``artists``: for each genre the artist ids of its tracks."""
    rows = [(genre, artist) for genre, ids in zip(GENRES, artists, strict=True) for artist in ids]
    tracks = pd.DataFrame(rows, columns=["genre", "artist_id"])
    tracks[["path", "artist", "album", "duration"]] = ["", None, None, 30.0]
    return Collection("demo" if is_demo else "gtzan_mini", tracks, root=".", is_demo=is_demo)


def history(seed=0, n=6, best=4):
    names = ["loss", "accuracy", "val_loss", "val_accuracy"]
    curves = pd.DataFrame(np.random.default_rng(seed).uniform(0.2, 0.9, (n, 4)), columns=names)
    return SimpleNamespace(curves=curves.assign(epoch=np.arange(1, n + 1)), best_epoch=best)


def intervals(axis):
    segments = [segment for part in axis.collections for segment in part.get_segments()]
    return np.array([segment for segment in segments if len(segment) == 2])  # (n, ends, xy); NaN ends are not drawn


def test_genre_colours_are_ten_and_fixed_and_others_take_what_is_left():
    assert len(set(figures.GENRE_COLOURS.values())) == 10
    assert figures.genre_colour("rock", ["polka", "rock"]) == figures.GENRE_COLOURS["rock"] == "#92dadd"
    genres = ["blues", "polka", "rock", "waltz"]
    free = [colour for name, colour in figures.GENRE_COLOURS.items() if name not in genres]
    assert [figures.genre_colour(name, genres) for name in ("polka", "waltz")] == free[:2]
    many = [f"genre {number}" for number in range(12)]
    assert figures.genre_colour("genre 11", many) == figures.genre_colour("genre 1", many)
    with pytest.raises(GenrelibError, match="polka"):
        figures.genre_colour("polka", ["waltz"])


def test_counts_are_of_tracks_and_of_known_artists():
    (tracks,) = drawn(figures.tracks_per_genre, collection_of([[1, 1, 2], [3, 3], [4, 5, 6, 7]]))
    (artists,) = drawn(figures.artists_per_genre, collection_of([[1, 1, 2], [3, 3], [4, 5, 6, 7]]))
    assert bars(tracks) == [3, 2, 4] and bars(artists) == [2, 1, 4] and "one\nartist" in words(artists)
    (unknown,) = drawn(figures.artists_per_genre, collection_of([[None, None], [1, None], [2, 3]]))
    assert bars(unknown) == [0, 1, 2] and "unknown" in words(unknown) and "3 tracks" in unknown.get_title(loc="left")


def test_the_demo_is_labelled():
    for plot in (figures.tracks_per_genre, figures.artists_per_genre):
        assert "synthesised" in drawn(plot, collection_of([[1], [2], [3]], is_demo=True))[0].get_title(loc="left")


def test_learning_curves_draw_each_seed_and_mark_the_chosen_epoch():
    seeds = [history(0), history(1, n=9, best=7)]
    for axis, metric in zip(drawn(figures.learning_curves, seeds), ("loss", "accuracy"), strict=True):
        lines = [line.get_ydata().tolist() for line in axis.lines]
        for run in seeds:
            chosen = run.curves.set_index("epoch").loc[run.best_epoch, f"val_{metric}"]
            assert run.curves[metric].tolist() in lines and [chosen] in lines
    systems = {f"system {number}": [history(number)] for number in range(8)}  # more than there are looks
    assert len(drawn(figures.learning_curves, systems)[0].lines) == 24


def test_confusion_has_true_rows_counts_and_shares():
    matrix = np.array([[8, 2, 0], [0, 0, 0], [1, 1, 2]])  # no disco in the test part
    (axis,) = drawn(figures.confusion, SimpleNamespace(confusion=matrix), GENRES, title="seed 0")
    np.testing.assert_allclose(axis.images[0].get_array(), [[0.8, 0.2, 0], [0, 0, 0], [0.25, 0.25, 0.5]])
    assert [text.get_text() for text in axis.texts] == ["8", "2", "1", "1", "2"]
    (axis,) = drawn(figures.confusion, matrix, GENRES, counts=False)
    assert [text.get_text() for text in axis.texts] == ["80", "20", "25", "25", "50"]
    with pytest.raises(GenrelibError, match=r"\(2, 2\)"):
        figures.confusion(matrix[:2, :2], GENRES)


def test_recalls_draw_the_mean_and_the_spread_over_seeds():
    raw = [{"blues": 0.2, "disco": np.nan, "rock": 0.6}, {"blues": 0.4, "disco": np.nan, "rock": 0.8}]
    mel = [SimpleNamespace(recall={"blues": 0.9, "disco": 0.5, "rock": 1.0})]
    (axis,) = drawn(figures.recalls, {"raw": raw, "mel": mel}, GENRES)
    np.testing.assert_allclose(marks(axis, "raw")[:, 1], [0.3, 0.7])  # disco is absent from the test part: no point
    np.testing.assert_allclose(marks(axis, "mel")[:, 1], [0.9, 0.5, 1.0])
    np.testing.assert_allclose(intervals(axis)[:2, :, 1], [[0.2, 0.4], [0.6, 0.8]])


def measured(name, mean, low, high, leak_free=False):
    return {"name": name, "mean": mean, "low": low, "high": high, "leak_free": leak_free}


def test_dumbbell_draws_claims_means_and_interval_ends():
    slice_, artist = measured("slice", 0.9, 0.85, 0.94), measured("artist", 0.46, 0.37, 0.55, True)
    rows = [
        {"label": "mel", "claimed": 0.8, "measured": [slice_, artist, measured("filtered", 0.4, None, None, True)]},
        {"label": "below", "claimed": 0.6, "operator": "<", "measured": [measured("track", 0.7, np.nan, np.nan)]},
        {"label": "ours", "claimed": None, "measured": [slice_]},
    ]
    (axis,) = drawn(figures.dumbbell, rows, chance=0.1)
    np.testing.assert_allclose(marks(axis, "claimed")[:, 0], [0.8, 0.6])
    assert {(0.85, 0.94), (0.37, 0.55)} <= {tuple(segment[:, 0]) for segment in intervals(axis)}
    free = marks(axis, "artist (leak-free)")[0]
    assert free[0] == 0.46 and free[1] in intervals(axis)[:, 0, 1]  # mean and interval at one height
    assert {"mel", "< 0.60", "filtered (leak-free)", "chance: 0.1"} <= set(words(axis))


def test_sensitivity_bars_draw_means_intervals_and_the_reference():
    table = pd.DataFrame({"label": ["a", "b"], "mean": [0.9, 0.4], "low": [0.87, np.nan], "high": [0.93, np.nan]})
    (axis,) = drawn(figures.sensitivity_bars, table, reference="a")
    assert bars(axis, "width") == [0.9, 0.4] and axis.lines[0].get_xdata()[0] == 0.9
    np.testing.assert_allclose(intervals(axis)[0, :, 0], [0.87, 0.93])
    with pytest.raises(GenrelibError, match="'none'"):
        figures.sensitivity_bars(table, reference="none")


def test_a_map_has_a_point_a_slice_and_its_noisiest_genre_at_the_bottom():
    labels, silhouettes = np.array([0, 0, 1, 2, 2]), {"blues": 0.4, "disco": float("nan"), "rock": -0.1}
    plane, shown = drawn(figures.tsne_by_genre, np.eye(5)[:, :2], labels, GENRES, silhouettes)
    assert sum(len(cloud.get_offsets()) for cloud in plane.collections) == 5
    assert [tick.get_text() for tick in shown.get_yticklabels()] == ["rock", "blues"]
    with pytest.raises(GenrelibError, match="5 points, 4 labels"):
        figures.tsne_by_genre(np.eye(5)[:, :2], labels[:4], GENRES, silhouettes)


def test_more_classes_than_colours_are_told_apart_by_shape():
    artists = [f"Artist {number:02d}" for number in range(20)]
    plane, _ = drawn(figures.tsne_by_genre, np.zeros((20, 2)), np.arange(20), artists, dict.fromkeys(artists, 0.1))
    assert len({(*cloud.get_facecolor()[0], len(cloud.get_paths()[0].vertices)) for cloud in plane.collections}) == 20


def test_caption_displays_one_italic_paragraph(monkeypatch):
    shown = []
    monkeypatch.setattr("IPython.display.display", shown.append)
    figures.caption("""Look for stripes:
        they are beats.""")
    assert [one.data for one in shown] == ["*Look for stripes: they are beats.*"]
