import numpy as np
import pandas as pd
import pytest

from genrelib.reports.leakage import figures
from tests.making import noise
from tests.plots import bars, drawn, marks, words

KINDS = pd.DataFrame(
    [("slice", "recording", 90, 0.9, 0.95), ("slice", "other artist", 10, 0.1, 0.4),
     ("artist", "other artist", 100, 1.0, 0.4)],
    columns=["unit", "kind", "slices", "share", "accuracy"],
).assign(low=lambda table: table["accuracy"] - 0.05, high=lambda table: table["accuracy"] + 0.05)  # fmt: skip


def test_three_figures_stand_on_one_line_and_a_missing_one_is_said():
    rows = [
        {"system": "mel_cnn1d", "level": "slice", "claimed": 0.8,
         "reproduced": {"unit": "slice", "part": "validation", "mean": 0.85, "low": 0.8, "high": 0.9},
         "leak_free": {"unit": "artist", "mean": 0.39, "low": 0.28, "high": 0.5}},
        {"system": "crnn", "level": "track", "claimed": 0.82, "reproduced": None, "leak_free": None},
    ]  # fmt: skip
    (axis,) = drawn(figures.claimed_reproduced_left, rows, chance=0.1)
    points = {tuple(line.get_xydata()[0]) for line in axis.lines if len(line.get_xydata()) == 1}
    assert points == {(0.85, 0), (0.39, 0), (0.8, 0), (0.82, 1)}
    assert "leak-free: not measured" in words(axis) and words(axis).count("claimed") == 1
    assert any("a slice, reproduced: validation" in said for said in words(axis)), words(axis)


def test_a_pair_has_two_spectrograms_on_one_scale():
    axes = drawn(figures.neighbour_pair, noise(1), noise(1, seed=1), 22050, titles=("test: a", "training: b"))
    assert axes[0].get_ylim() == axes[1].get_ylim() and [len(axis.images) for axis in axes] == [1, 1]


def test_bars_of_kinds_fill_the_whole():
    (axis,) = drawn(figures.neighbour_kinds, KINDS)
    assert {"90%", "10%", "100%", "the same recording", "another artist"} <= set(words(axis))
    assert max(np.add(bars(axis, "x"), bars(axis, "width"))) == pytest.approx(1)


def test_accuracy_is_drawn_by_the_answer():
    (axis,) = drawn(figures.accuracy_by_neighbour, {"mel_cnn1d": KINDS}, unit="slice", chance=0.1)
    np.testing.assert_allclose(marks(axis, "mel_cnn1d"), [[0, 0.95], [1, 0.4]])
    assert "the same recording\n(90 slices)" in words(axis)


def test_the_built_in_effect_has_its_ceiling():
    rows = pd.DataFrame({"system": "mlp", "unit": ["slice", "artist"], "mean": [0.97, 0.7], "leak_free": [False, True]})
    (axis,) = drawn(figures.by_split, rows.assign(low=rows["mean"] - 0.05, high=1.0), ceiling=0.75)
    assert (marks(axis, "by slice")[0, 1], marks(axis, "by artist")[0, 1]) == (0.97, 0.7)
    assert "most to expect, artists unheard: 0.75" in words(axis)


def test_reliability_has_a_panel_a_system_and_leaves_bins_of_one_or_two_out():
    bins = [(0.5, 0.4, 10), (0.9, 0.7, 30), (0.2, 1, 1)]
    curve = [{"says": says, "right": right, "n": n} for says, right, n in bins]
    table = pd.DataFrame({"system": ["mlp", "musicnn"], "split": "artist", "curve": [curve, curve]})
    first, second = drawn(figures.reliability, table)
    np.testing.assert_allclose(marks(second, "by artist"), [[0.5, 0.4], [0.9, 0.7]])
    assert first.get_title(loc="left") == "mlp" and "as often right as it says" in words(first)


def test_moved_answers_stand_by_change():
    table = pd.DataFrame({"system": "mlp", "change": ["as it is", "6 dB quieter", "6% faster"], "moved": [0, 0.5, 0.1]})
    (axis,) = drawn(figures.moved, table)
    np.testing.assert_allclose(marks(axis, "mlp"), [[0.5, 0], [0.1, 1]])
    assert "as it is" not in words(axis)


def test_widths_are_in_points():
    table = pd.DataFrame({"tracks": [25, 100], "half_width": [0.2, 0.1], "if_slices_were_independent": [0.06, 0.03]})
    (axis,) = drawn(figures.widths, {"by artist": table}, marked={"here: 48": 48})
    np.testing.assert_allclose(marks(axis, "by artist: tracks resampled"), [[25, 20], [100, 10]])
    assert {"25", "100", "here: 48"} <= set(words(axis))
