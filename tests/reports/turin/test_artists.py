"""The appendix on artists: its four figures beside ours."""

from types import SimpleNamespace

import pytest

from genrelib.reports.turin import PAPER, four_figures


def run_of(slice_f1, track_f1):
    levels = {"slice": slice_f1, "track": 0.0, "track_majority": track_f1}
    scores = {
        level: SimpleNamespace(weighted_f1=value, ci95={"weighted_f1": (value - 0.1, value + 0.1)})
        for level, value in levels.items()
    }
    return SimpleNamespace(scores=SimpleNamespace(**scores))


class FakeRuns(dict):
    collection = SimpleNamespace(is_demo=False)


def test_each_figure_stands_beside_the_papers_and_the_reports():
    runs = FakeRuns(album=[run_of(0.4, 0.5), run_of(0.6, 0.7)], track=[run_of(0.8, 0.9)])
    table = four_figures(runs)
    assert list(table.index) == list(PAPER)
    assert table["the report"].tolist() == [0.5, 0.63, 0.72, 0.93]
    assert table["here"].tolist() == pytest.approx([0.5, 0.6, 0.8, 0.9])  # a song is a vote by the commonest artist
    assert table["low"].tolist() == pytest.approx([0.4, 0.5, 0.7, 0.8])
