"""Claimed, reproduced, leak-free: README's six rows and the picture beside them."""

import pytest

from tests.results.test_scoreboard import protocol, record_of, run_of
from tools import pictures, systems


@pytest.fixture
def some(tmp_path, monkeypatch):
    """Two systems are measured, one of them on validation tracks; of the first there is an older run, too."""
    artist = {"artist": protocol([0.4], [0.3, 0.5], True, 160, 101)}
    mel = record_of("idc-mel-cnn1d", [0.8], [0.7, 0.9], collection="gtzan_160", others=artist)
    checked = record_of("toronto-resnet", [0.6], collection="gtzan_160", others={"artist": {"not_measured": "no GPU"}})
    checked["scores"] = [{"slice": {"n": 100}, "track": {"n": 100}}]  # a row a track
    mel["scores"] = [{"slice": {"n": 1000}, "track": {"n": 100}}]
    mini = run_of(tmp_path / "mini", record_of("idc-mel-cnn1d", [0.9]))
    runs = {"gtzan_mini": mini, "gtzan_160": run_of(tmp_path / "160", mel, checked)}
    monkeypatch.setattr(systems, "published", lambda: runs)


def test_a_row_has_the_report_s_split_the_leak_free_figure_and_says_on_what(some):
    rows = {row["claim"]: row for row in systems.rows()}
    mel, resnet = rows["idc-mel-cnn1d"], rows["toronto-resnet"]
    assert (mel["claimed"], mel["on"], mel["own"]["mean"]) == (0.8, "gtzan_160", 0.8)
    assert mel["own"]["words"] == "random slices, 100 tracks"
    assert mel["leak_free"] == {"mean": 0.4, "low": 0.3, "high": 0.5, "words": "by artist, 160 tracks of 101 artists"}
    assert resnet["own"]["words"] == "random tracks, validation, 100 tracks" and resnet["leak_free"] is None
    assert rows["turin-crnn"]["own"] is rows["turin-crnn"]["leak_free"] is None


def test_readme_s_table_has_six_rows_and_says_what_is_not_measured_yet(some):
    lines = systems.table().splitlines()
    assert len(lines) == 2 + 6
    (mel,) = [line for line in lines if "mel spectrograms (IDC)" in line]
    assert "| 0.80 | 0.80 (0.70 to 0.90), random slices, 100 tracks | 0.40 (0.30 to 0.50), 160 tracks" in mel
    assert "| 0.82 | not measured yet | not measured yet |" in lines[5]


def test_the_committed_picture_shows_the_committed_figures():
    assert pictures.data_of(systems.PICTURE) == systems.rows(), "python -m tools.readme draws it anew"


def test_a_picture_carries_what_it_shows(some, tmp_path):
    path = tmp_path / "picture.svg"
    assert pictures.data_of(path) is None
    pictures.write(path, systems.rows(), systems.draw)
    assert pictures.data_of(path) == systems.rows() and path.stat().st_size < 1_000_000
