import warnings
from types import SimpleNamespace

import matplotlib

matplotlib.use("Agg")

import numpy as np
import pandas as pd
import pytest
from matplotlib import pyplot as plt
from matplotlib.colors import to_hex, to_rgba

from genrelib import figures
from genrelib.datasets.collection import Collection
from genrelib._base.errors import GenrelibError

GENRES = ["blues", "disco", "rock"]


@pytest.fixture(autouse=True)
def strict_style():
    with warnings.catch_warnings(), plt.rc_context():
        warnings.simplefilter("error")
        figures.set_style()
        yield
    assert plt.get_fignums() == [], "a figure that pyplot still holds is drawn twice in a notebook"


def collection_of(artists, genres=GENRES, is_demo=False):
    """``artists``: for each genre the artist ids of its tracks."""
    rows = [(genre, artist) for genre, ids in zip(genres, artists, strict=True) for artist in ids]
    tracks = pd.DataFrame(rows, columns=["genre", "artist_id"])
    tracks[["path", "artist", "album", "duration"]] = ["", None, None, 30.0]
    return Collection("demo" if is_demo else "gtzan_mini", tracks, root=".", is_demo=is_demo)


def history(seed=0, n=6, best=4):
    draw = np.random.default_rng(seed)
    names = ["loss", "accuracy", "val_loss", "val_accuracy"]
    curves = pd.DataFrame({name: draw.uniform(0.2, 0.9, n) for name in names}).assign(epoch=np.arange(1, n + 1))
    return SimpleNamespace(curves=curves, best_epoch=best)


def axes_of(figure):
    figure.canvas.draw()  # a plot that cannot be drawn, or warns while it is, fails here
    return [axis for axis in figure.axes if axis.get_label() != "<colorbar>"]


def heights(axis):
    return [bar.get_height() for bar in axis.patches]


def points(axis, label):
    return np.concatenate([line.get_xydata() for line in axis.lines if line.get_label() == label])


def intervals(axis):
    segments = [segment for part in axis.collections for segment in part.get_segments()]
    return np.array([segment for segment in segments if len(segment) == 2])  # (n, ends, xy); NaN ends are not drawn


def legend_of(figure):
    return [text.get_text() for text in figure.legends[0].get_texts()]


def test_genre_colours_are_ten_and_fixed():
    assert len(set(figures.GENRE_COLOURS.values())) == 10
    assert figures.genre_colour("rock") == figures.GENRE_COLOURS["rock"] == "#92dadd"
    assert figures.genre_colour("rock", ["polka", "rock"]) == figures.GENRE_COLOURS["rock"]


def test_other_genres_take_the_colours_left_over_in_order():
    genres = ["blues", "polka", "rock", "waltz"]
    free = [colour for name, colour in figures.GENRE_COLOURS.items() if name not in genres]
    assert [figures.genre_colour(name, genres) for name in ("polka", "waltz")] == free[:2]
    many = [f"genre {i}" for i in range(12)]
    assert figures.genre_colour("genre 11", many) == figures.genre_colour("genre 1", many)
    with pytest.raises(GenrelibError, match="polka"):
        figures.genre_colour("polka", ["waltz"])


def test_a_genre_has_one_colour_in_all_plots():
    collection = collection_of([[1, 2], [3], [4, 5, 6]])
    wanted = [figures.GENRE_COLOURS[genre] for genre in GENRES]
    for figure in (figures.tracks_per_genre(collection), figures.artists_per_genre(collection)):
        assert [to_hex(bar.get_facecolor()) for bar in axes_of(figure)[0].patches] == wanted
    bands = axes_of(figures.recalls({"a": [dict.fromkeys(GENRES, 0.5)]}, GENRES))[0].patches
    assert [to_hex(band.get_facecolor()) for band in bands] == wanted
    tracks = dict.fromkeys(GENRES, np.sin(np.arange(22050, dtype=np.float32)))
    waves = axes_of(figures.track_grid(tracks, 22050, columns=3))[:3]
    assert [to_hex(wave.collections[0].get_facecolor()[0]) for wave in waves] == wanted


def test_bars_are_as_high_as_the_counts_and_one_artist_is_marked():
    collection = collection_of([[1, 1, 2], [3, 3], [4, 5, 6, 7]])
    (tracks,) = axes_of(figures.tracks_per_genre(collection))
    assert heights(tracks) == [3, 2, 4] and tracks.get_ylabel() == "Tracks"
    (artists,) = axes_of(figures.artists_per_genre(collection))
    assert heights(artists) == [2, 1, 4] and artists.get_ylabel() == "Artists"
    assert [bool(bar.get_hatch()) for bar in artists.patches] == [False, True, False]
    assert [text.get_text() for text in artists.texts] == ["2", "one\nartist", "4"]


def test_unknown_artists_are_said_and_not_counted():
    (axis,) = axes_of(figures.artists_per_genre(collection_of([[None, None], [1, None], [2, 3]])))
    assert heights(axis) == [0, 1, 2]
    assert axis.texts[0].get_text() == "unknown" and "3 tracks" in axis.get_title(loc="left")


def test_the_demo_is_labelled():
    demo = collection_of([[1], [2], [3]], is_demo=True)
    for draw in (figures.tracks_per_genre, figures.artists_per_genre):
        assert "synthesised" in axes_of(draw(demo))[0].get_title(loc="left")


def test_learning_curves_draw_each_seed_and_mark_the_chosen_epoch():
    seeds = [history(0), history(1, n=9, best=7)]
    figure = figures.learning_curves(seeds, label="mel_cnn1d")
    for axis, metric in zip(axes_of(figure), ("loss", "accuracy"), strict=True):
        drawn = [line.get_ydata().tolist() for line in axis.lines]
        for one in seeds:
            chosen = one.curves.set_index("epoch").loc[one.best_epoch, f"val_{metric}"]
            for wanted in (one.curves[metric].tolist(), one.curves[f"val_{metric}"].tolist(), [chosen]):
                assert wanted in drawn
        assert axis.get_xlabel() == "Epoch" and metric in axis.get_ylabel().lower() and "(" in axis.get_ylabel()
    assert legend_of(figure) == ["training", "validation", "chosen epoch"]
    assert figure.get_suptitle() == "mel_cnn1d"


def test_learning_curves_take_one_history_and_more_systems_than_there_are_looks():
    assert len(axes_of(figures.learning_curves(history()))[0].lines) == 3
    systems = {f"system {i}": [history(i)] for i in range(8)}
    figure = figures.learning_curves(systems)
    assert len(axes_of(figure)[0].lines) == 24 and len(legend_of(figure)) == 24


def test_confusion_has_true_rows_counts_and_shares():
    matrix = np.array([[8, 2, 0], [0, 0, 0], [1, 1, 2]])  # no disco in the test part
    scores = SimpleNamespace(confusion=matrix)
    (axis,) = axes_of(figures.confusion(scores, GENRES, title="seed 0"))
    np.testing.assert_allclose(axis.images[0].get_array(), [[0.8, 0.2, 0], [0, 0, 0], [0.25, 0.25, 0.5]])
    cells = {text.get_position(): text.get_text() for text in axis.texts}
    assert cells == {(0, 0): "8", (1, 0): "2", (0, 2): "1", (1, 2): "1", (2, 2): "2"}
    assert [label.get_text() for label in axis.get_yticklabels()] == GENRES
    assert (axis.get_xlabel(), axis.get_ylabel()) == ("Predicted genre", "True genre")
    (axis,) = axes_of(figures.confusion(matrix, GENRES, counts=False))
    assert [text.get_text() for text in axis.texts] == ["80", "20", "25", "25", "50"]
    (axis,) = axes_of(figures.confusion(matrix / 2, GENRES))
    assert axis.texts[-2].get_text() == "0.5"
    with pytest.raises(GenrelibError, match=r"\(2, 2\)"):
        figures.confusion(matrix[:2, :2], GENRES)


def test_recalls_draw_the_mean_and_the_spread_over_seeds():
    raw = [{"blues": 0.2, "disco": np.nan, "rock": 0.6}, {"blues": 0.4, "disco": np.nan, "rock": 0.8}]
    mel = [SimpleNamespace(recall={"blues": 0.9, "disco": 0.5, "rock": 1.0})]
    figure = figures.recalls({"raw": raw, "mel": mel}, GENRES)
    (axis,) = axes_of(figure)
    np.testing.assert_allclose(points(axis, "raw")[:, 1], [0.3, 0.7])  # disco is absent from the test part: no point
    np.testing.assert_allclose(points(axis, "mel")[:, 1], [0.9, 0.5, 1.0])
    lines = intervals(axis)
    np.testing.assert_allclose(lines[:2, :, 1], [[0.2, 0.4], [0.6, 0.8]])
    np.testing.assert_allclose(lines[:2, 0, 0], points(axis, "raw")[:, 0])
    assert [label.get_text() for label in axis.get_xticklabels()] == GENRES
    assert legend_of(figure) == ["raw", "mel"] and axis.get_ylabel().startswith("Recall")


def measured(name, mean, low, high, leak_free=False):
    return {"name": name, "mean": mean, "low": low, "high": high, "leak_free": leak_free}


def test_dumbbell_draws_claims_means_and_interval_ends():
    slice_, artist = measured("same protocol: slice", 0.9, 0.85, 0.94), measured("artist", 0.46, 0.37, 0.55, True)
    filtered = measured("fault_filtered", 0.4, None, None, True)
    rows = [
        {"label": "mel", "claimed": 0.8, "measured": [slice_, artist, filtered]},
        {"label": "ablation", "claimed": 0.6, "operator": "<", "measured": [measured("track", 0.7, np.nan, np.nan)]},
        {"label": "ours", "claimed": None, "measured": [{**slice_, "mean": 0.5, "low": 0.4, "high": 0.6}]},
    ]
    figure = figures.dumbbell(rows, chance=0.1)
    (axis,) = axes_of(figure)
    np.testing.assert_allclose(points(axis, "claimed")[:, 0], [0.8, 0.6])
    np.testing.assert_allclose(points(axis, "same protocol: slice")[:, 0], [0.9, 0.5])
    ends = [tuple(segment[:, 0]) for segment in intervals(axis)]
    assert {(0.85, 0.94), (0.37, 0.55), (0.4, 0.6)} <= set(ends)
    assert axis.get_xlim() == (0, 1) and axis.get_xlabel() == "Accuracy (share)"
    assert [label.get_text() for label in axis.get_yticklabels()] == ["mel", "ablation", "ours"]
    assert legend_of(figure) == [
        "claimed", "same protocol: slice", "artist (leak-free)", "fault_filtered (leak-free)", "track", "chance: 0.1"
    ]  # fmt: skip
    assert {"0.80", "< 0.60", "0.46", "0.70"} <= {text.get_text() for text in axis.texts}


def test_dumbbell_tells_leak_free_splits_apart():
    splits = [measured("track", 0.5, 0.4, 0.6), measured("artist", 0.4, 0.3, 0.5, True)]
    (axis,) = axes_of(figures.dumbbell([{"label": "mel", "claimed": 0.8, "measured": splits}]))
    marks = {line.get_label(): line for line in axis.lines}
    assert marks["artist (leak-free)"].get_marker() == "D" != marks["track"].get_marker()
    assert to_rgba(marks["track"].get_markerfacecolor()) != to_rgba(marks["artist (leak-free)"].get_markerfacecolor())
    own_line = [segment for segment in intervals(axis) if segment[0, 0] == 0.3]
    assert own_line[0][0, 1] == points(axis, "artist (leak-free)")[0, 1]  # mean and interval at one height


def test_sensitivity_bars_draw_means_intervals_and_the_reference():
    bounds = {"low": [0.87, np.nan], "high": [0.93, np.nan]}
    table = pd.DataFrame({"label": ["batch", "slice"], "mean": [0.9, 0.4], **bounds})
    (axis,) = axes_of(figures.sensitivity_bars(table, reference="batch"))
    assert [bar.get_width() for bar in axis.patches] == [0.9, 0.4]
    assert len({bar.get_facecolor() for bar in axis.patches}) == 2
    np.testing.assert_allclose(intervals(axis)[0, :, 0], [0.87, 0.93])
    assert axis.lines[0].get_xdata()[0] == 0.9 and axis.get_xlabel() == "Accuracy (share)"
    assert [label.get_text() for label in axis.get_yticklabels()] == ["batch", "slice"]
    with pytest.raises(GenrelibError, match="'none'"):
        figures.sensitivity_bars(table, reference="none")


def test_caption_displays_one_italic_paragraph(monkeypatch):
    shown = []
    monkeypatch.setattr("IPython.display.display", shown.append)
    figures.caption("""Look for stripes:
        they are beats.""")
    assert [one.data for one in shown] == ["*Look for stripes: they are beats.*"]
