"""The appendix on artists: its four figures beside ours."""

from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from genrelib.reports.turin import PAPER, four_figures, gain_by_song, gain_by_vote
from genrelib.splits import Fold
from genrelib.training.runs import Run, Runs


def run_of(slice_f1, track_f1, unit="album", seed=0):
    levels = {"slice": slice_f1, "track": 0.0, "track_majority": track_f1}
    scores = {
        level: SimpleNamespace(weighted_f1=value, ci95={"weighted_f1": (value - 0.1, value + 0.1)})
        for level, value in levels.items()
    }
    frame, none = pd.DataFrame({"track_id": ["a", "b"]}), np.array([], dtype=int)
    scores = SimpleNamespace(**scores, frame=frame)
    return Run("crnn", unit, seed, Fold(unit, seed, none, none, none), scores, None, Path("."))


class FakeRuns(dict):
    collection = SimpleNamespace(is_demo=False)


def test_each_figure_stands_beside_the_papers_and_the_reports():
    runs = FakeRuns(album=[run_of(0.4, 0.5), run_of(0.6, 0.7)], track=[run_of(0.8, 0.9)])
    table = four_figures(runs)
    assert list(table.index) == list(PAPER)
    assert table["the report"].tolist() == [0.5, 0.63, 0.72, 0.93]
    assert table["here"].tolist() == pytest.approx([0.5, 0.6, 0.8, 0.9])  # a song is a vote by the commonest artist
    assert table["low"].tolist() == pytest.approx([0.4, 0.5, 0.7, 0.8])


def test_gains_are_of_votes_seed_by_seed():
    by_unit = {
        "album": [run_of(0.4, 0.5), run_of(0.5, 0.6, seed=1)],
        "track": [run_of(0.7, 0.9, "track"), run_of(0.6, 0.7, "track", seed=1)],
    }
    runs = Runs("crnn", FakeRuns.collection, Path("."), ["x", "y"], "album", by_unit)
    by_song = gain_by_song(runs)
    assert by_song.main == "track" and by_song.by_unit["track"].values == pytest.approx([0.4, 0.1])
    assert gain_by_vote(runs).by_unit["album"].values == pytest.approx([0.1, 0.1])
