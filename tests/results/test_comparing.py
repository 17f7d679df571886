"""A run beside the committed figures of its collection."""

from types import SimpleNamespace

import pandas as pd
import pytest

from genrelib._base.paths import published
from genrelib.results import comparing
from genrelib.results.comparing import committed_board, compare
from genrelib.results.scoreboard import scoreboard
from tests.results.test_scoreboard import protocol, record_of, run_of


def session_of(folder, *, tracks=None, name="gtzan_mini"):
    collection = SimpleNamespace(name=name, tracks=tracks)
    return SimpleNamespace(collection=collection, folder=folder, is_demo=name == "demo")


def records(mel, artist, genre, name="gtzan_mini"):
    apart = {"artist": protocol([artist], [artist - 0.1, artist + 0.1], leak_free=True)}
    return (
        record_of("idc-mel-cnn1d", [mel], [mel - 0.05, mel + 0.05], others=apart, collection=name),
        record_of("idc-best-genre", [genre], collection=name),
        record_of("idc-adam", [-0.02], [-0.03, -0.01], collection=name),
    )


@pytest.fixture
def committed(tmp_path, monkeypatch):
    board = scoreboard({"gtzan_mini": run_of(tmp_path / "committed", *records(0.8, 0.5, "classical"))})
    monkeypatch.setattr(comparing, "committed_board", lambda: board)


def marks(markdown):
    return {line.split(":")[0][2:]: line[2] == "✅" for line in markdown.data.splitlines()}


def test_a_line_a_committed_figure_says_whether_it_came_out_here(committed, tmp_path):
    run = run_of(tmp_path / "run", *records(0.84, 0.65, "classical"))
    lines = marks(compare(session_of(run), "idc"))
    assert lines == {
        "✅ `idc-mel-cnn1d` by slice": True, "❌ `idc-mel-cnn1d` by artist": False, "✅ `idc-best-genre`": True,
        "✅ `idc-adam` by slice": True,
    }  # fmt: skip
    assert "Nothing of artists of idc is committed" in compare(session_of(run), "idc", "artist").data


def test_a_time_is_compared_by_its_verdict_and_no_committed_second_is_shown(tmp_path, monkeypatch):
    timed = record_of("blog-seconds-per-file", [0.056, 0.057])
    board = scoreboard({"gtzan_mini": run_of(tmp_path / "committed", timed)})
    monkeypatch.setattr(comparing, "committed_board", lambda: board)
    for seconds, mark in {0.04: "✅", 200.0: "❌"}.items():
        run = run_of(tmp_path / mark, record_of("blog-seconds-per-file", [seconds, seconds]))
        said = compare(session_of(run), "blog").data
        assert said.startswith(f"- {mark}") and f"{seconds:.3f}" in said and "0.05" not in said


def test_what_is_missing_here_or_of_ones_own_network_is_no_mismatch(committed, tmp_path):
    mel, genre, _ = records(0.1, 0.1, "jazz")
    run = run_of(tmp_path / "run", mel | {"own_network": True}, genre)
    said = compare(session_of(run), "idc").data
    assert "with your network" in said and "`idc-adam`: not in this run" in said
    assert said.count("❌") == 1 and "✅" not in said  # the best genre is not the committed one


def test_of_another_collection_or_report_nothing_is_committed(committed, tmp_path):
    for name, report in (("fma_small", "idc"), ("gtzan_mini", "blog")):
        assert "nothing to compare with" in compare(session_of(tmp_path, name=name), report).data


def on_the_demo(folder, *records, tracks):
    """What is said of records of ten genres on the demo; ``tracks``: their genre, and the one that they sound like."""
    scores = [{"slice": {"recall": dict.fromkeys("abcdefghij", 0.5)}}]
    run = run_of(folder, *(record | {"scores": scores} for record in records))
    genre, sounds_like = zip(*tracks, strict=True)
    tracks = pd.DataFrame({"genre": genre, "sounds_like": sounds_like}, index=[f"t{i}" for i in range(len(genre))])
    (report,) = {record["claim_id"].split("-")[0] for record in records}
    return compare(session_of(run, tracks=tracks, name="demo"), report)


def test_the_demo_is_compared_with_chance_and_with_its_built_in_effect(tmp_path):
    mel, genre, _ = records(0.8, 0.5, "jazz", name="demo")
    poor = record_of("idc-raw-cnn1d", [0.12], [0.05, 0.2], collection="demo")
    assert marks(on_the_demo(tmp_path, mel, genre, poor, tracks=["aa", "aa", "aa", "ba"])) == {
        "✅ `idc-mel-cnn1d`": True, "✅ `idc-mel-cnn1d`, the artist effect": True, "❌ `idc-raw-cnn1d`": False,
    }  # fmt: skip


def test_a_loss_beyond_what_is_built_into_the_demo_is_not_the_effect_found(tmp_path):
    apart = {"artist": protocol([0.1], [0.05, 0.15], leak_free=True)}
    mel = record_of("idc-mel-cnn1d", [0.9], [0.85, 0.95], others=apart, collection="demo")
    assert marks(on_the_demo(tmp_path, mel, tracks=["aa", "ba"]))["❌ `idc-mel-cnn1d`, the artist effect"] is False


def test_a_network_that_learned_no_artist_by_heart_is_said_to_have_none_to_lose(tmp_path):
    apart = {"artist": protocol([0.5], [0.45, 0.55], leak_free=True)}
    mel = record_of("idc-mel-cnn1d", [0.5], [0.45, 0.55], others=apart, collection="demo")
    said = on_the_demo(tmp_path, mel, tracks=["aa", "ba"]).data
    assert "not learned by heart" in said and "❌" not in said


def test_a_figure_of_the_training_part_tells_nothing_of_the_artist_effect(tmp_path):
    apart = {"artist": protocol([0.9], [0.8, 1.0], leak_free=True)}
    trained = record_of("stanford-yu-genre-train", [0.8], [0.7, 0.9], others=apart, collection="demo")
    assert marks(on_the_demo(tmp_path, trained, tracks=["aa"])) == {"✅ `stanford-yu-genre-train`": True}


def test_the_package_has_the_committed_scoreboard():
    pd.testing.assert_frame_equal(committed_board(), scoreboard(published()), check_dtype=False)
