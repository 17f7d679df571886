import numpy as np
import pandas as pd
import pytest

from genrelib.reports.leakage.figures import (
    accuracy_by_neighbour,
    built_in_effect,
    claimed_reproduced_left,
    neighbour_kinds,
    neighbour_pair,
    widths,
)
from tests.making import noise

ROWS = [
    {"system": "mel_cnn1d", "level": "slice", "claimed": 0.8,
     "reproduced": {"unit": "slice", "mean": 0.85, "low": 0.8, "high": 0.9},
     "leak_free": {"unit": "artist", "mean": 0.39, "low": 0.28, "high": 0.5}},
    {"system": "crnn", "level": "track", "claimed": 0.82, "reproduced": None, "leak_free": None},
]  # fmt: skip
KINDS = pd.DataFrame(
    [("slice", "recording", 90, 0.9, 0.95), ("slice", "other artist", 10, 0.1, 0.4),
     ("artist", "other artist", 100, 1.0, 0.4)],
    columns=["unit", "kind", "slices", "share", "accuracy"],
).assign(low=lambda table: table["accuracy"] - 0.05, high=lambda table: table["accuracy"] + 0.05)  # fmt: skip


def words_of(figure):
    figure.draw_without_rendering()
    texts = [text.get_text() for axis in figure.axes for text in axis.texts]
    legends = [text.get_text() for legend in figure.legends for text in legend.get_texts()]
    ticks = [tick.get_text() for axis in figure.axes for tick in (*axis.get_xticklabels(), *axis.get_yticklabels())]
    return [*texts, *legends, *ticks]


def points_of(axis):
    return {line.get_label(): line.get_xydata() for line in axis.lines}


def test_three_figures_stand_on_one_line_and_a_missing_one_is_said():
    figure = claimed_reproduced_left(ROWS, chance=0.1, title="demo")
    words = words_of(figure)
    assert {"0.85", "0.39", "0.80", "leak-free: not measured"} <= set(words) and "mel_cnn1d\n(a slice)" in words
    assert words.count("claimed") == 1
    marks = [tuple(line.get_xydata()[0]) for line in figure.axes[0].lines if len(line.get_xydata()) == 1]
    assert {(0.85, 0), (0.39, 0), (0.8, 0), (0.82, 1)} <= set(marks) and len(marks) == 4


def test_pair_has_two_spectrograms_on_one_scale():
    figure = neighbour_pair(noise(1), noise(1, seed=1), 22050, titles=("test: a", "training: b"))
    figure.draw_without_rendering()
    assert [axis.get_title() for axis in figure.axes[:2]] == ["test: a", "training: b"]
    assert [len(axis.images) for axis in figure.axes[:2]] == [1, 1]
    assert figure.axes[0].get_ylim() == figure.axes[1].get_ylim()


def test_bars_of_kinds_fill_the_whole():
    figure = neighbour_kinds(KINDS)
    assert {"90%", "10%", "100%", "the same recording", "another artist"} <= set(words_of(figure))
    ends = [bar.get_x() + bar.get_width() for bar in figure.axes[0].patches]
    assert max(ends) == pytest.approx(1) and figure.axes[0].yaxis_inverted()


def test_accuracy_is_drawn_by_the_answer():
    figure = accuracy_by_neighbour({"mel_cnn1d": KINDS}, unit="slice", chance=0.1)
    points = points_of(figure.axes[0])["mel_cnn1d"]
    np.testing.assert_allclose(points, [[0, 0.95], [1, 0.4]])
    assert "the same recording\n(90 slices)" in words_of(figure)


def test_built_in_effect_has_both_ceilings():
    rows = pd.DataFrame(
        [("mlp", "slice", 0.97, False), ("mlp", "artist", 0.7, True)], columns=["system", "unit", "mean", "leak_free"]
    ).assign(low=lambda table: table["mean"] - 0.05, high=lambda table: table["mean"] + 0.02)
    figure = built_in_effect(rows, ceiling=0.75)
    assert {"by slice", "by artist", "most to expect, artists unheard: 0.75"} <= set(words_of(figure))
    heights = {name: points[0][1] for name, points in points_of(figure.axes[0]).items() if name.startswith("by")}
    assert heights == {"by slice": 0.97, "by artist": 0.7}


def test_widths_are_in_points():
    table = pd.DataFrame({"tracks": [25, 100], "half_width": [0.2, 0.1], "if_slices_were_independent": [0.06, 0.03]})
    figure = widths({"by artist": table}, marked={"here: 48": 48})
    np.testing.assert_allclose(points_of(figure.axes[0])["by artist: tracks resampled"], [[25, 20], [100, 10]])
    assert {"25", "100", "here: 48"} <= set(words_of(figure))
