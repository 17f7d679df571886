"""The harness of the benchmark, on stub rows."""

import json

import numpy as np
import pytest

from genrelib._base.errors import GenrelibError
from genrelib._base.paths import RESULTS
from genrelib.audio import write_wav
from genrelib.datasets import load_collection
from genrelib.models import blog, idc, stanford, toronto, turin
from tools import pictures
from tools.bench import bench, measuring, picture, rows_waits
from tools.bench.measuring import KEYS, not_measured, row
from tools.bench.rows_training import NETWORKS, epoch_of


def a_row(plain, ours, **more):
    named = {"name": "stub", "plain": "slow", "ours": "fast", "floor": "nothing", "collection": "demo"}
    return row(plain_seconds=plain, our_seconds=ours, **named, **more)


def reaches(settings):
    return a_row([4.0, 6.0], [1.0, 1.0], target=2)


def falls_short(settings):
    return a_row([1.0], [2.0], target=2, note=f"{settings.repeats} repeats")


def breaks(settings):
    raise GenrelibError("no such thing here")


@pytest.fixture
def run(tmp_path, monkeypatch):
    """Run the harness on stub rows; gives the exit status and what was written."""
    stub = measuring.Collection.__new__(measuring.Collection)
    object.__setattr__(stub, "name", "stub")
    object.__setattr__(stub, "tracks", [])
    monkeypatch.setattr(bench, "choose_collection", lambda name, data: stub)

    def call(*arguments, rows=(reaches, falls_short)):
        out = tmp_path / "results" / "bench.json"
        status = bench.main([*arguments, "--data", str(tmp_path), "--out", str(out)], rows=list(rows))
        return status, json.loads(out.read_text(encoding="utf-8"))["rows"]

    return call


def test_ratio_is_median_over_median_and_spread_is_that_of_the_repeats():
    made = a_row([2.0, 9.0, 4.0], [1.0, 3.0, 4.0])
    assert (made["plain_seconds"], made["our_seconds"]) == (4.0, 3.0)
    assert made["ratio"] == pytest.approx(4 / 3) and made["spread"] == [1.0, 3.0]
    with pytest.raises(ValueError):
        a_row([1.0, 2.0], [1.0])


@pytest.mark.parametrize(
    "aims, met",
    [({}, None), ({"target": 2}, True), ({"target": 2.1}, False), ({"limit_seconds": 1.5}, True),
     ({"limit_seconds": 1.0}, False), ({"target": 2, "limit_seconds": 1.0}, False)],
)  # fmt: skip
def test_met_follows_from_target_and_limit(aims, met):
    assert a_row([2.0], [1.0], **aims)["met"] is met


def test_a_row_short_of_its_target_stays_and_one_that_breaks_loses_no_other(run, capsys):
    status, rows = run("--repeats", "3")
    assert status == 0 and [(one["ratio"], one["met"]) for one in rows] == [(5.0, True), (0.5, False)]
    assert rows[1]["note"] == "3 repeats" and "| no | demo |" in capsys.readouterr().out
    status, rows = run(rows=[breaks, reaches])
    broken = not_measured("breaks", "GenrelibError: no such thing here")
    assert status == 1 and broken.items() <= rows[0].items() and rows[1]["met"]


def test_only_puts_rows_in_place_and_each_keeps_its_commit(run, monkeypatch):
    def other(settings):
        return a_row([9.0], [1.0]) | {"name": "other"}

    commits = iter(["a" * 40, "b" * 40 + "+changes", "c" * 40])
    monkeypatch.setattr(bench.provenance, "commit", lambda: next(commits))
    run(rows=[reaches, other])
    _, rows = run("--only", "falls_short", rows=[falls_short])
    assert [(one["name"], one["ratio"], one["commit"][0]) for one in rows] == [("stub", 0.5, "b"), ("other", 9, "a")]
    assert "| bbbbbbb+changes |" in bench.table(rows) and "| aaaaaaa |" in bench.table(rows)
    monkeypatch.setattr(bench.provenance, "machine", lambda: {"cpus": 999})
    with pytest.raises(GenrelibError, match="999.*--out"):
        run("--only", "falls_short", rows=[falls_short])


def test_each_network_of_the_reports_has_a_row():
    built = {name for report in (idc, toronto, turin, blog, stanford) for name in report.BUILDERS}
    assert set(NETWORKS) == built - {"trainable_mel_cnn1d"}  # mel_cnn1d with a front end that cannot be kept
    assert {f"epoch_{name}" for name in NETWORKS} <= {row.__name__ for row in bench.ROWS}


def test_an_epoch_is_measured_past_a_front_end_without_and_with_two_outputs(tmp_path):
    demo = load_collection("demo", tmp_path, tracks_per_genre=10, seconds=6.0, progress=False)
    settings = measuring.Settings(demo, tmp_path, quick=True)
    for name, cached in (("window_cnn1d", False), ("yu_multi_output", True)):
        made = epoch_of(name)(settings)
        assert list(made) == list(KEYS) and made["ratio"] > 0
        assert ("front end of all" in made["note"]) == ("past the cached" in made["ours"]) == cached
    assert not list(tmp_path.glob(".bench-*"))


def test_the_floor_of_a_hundred_songs_transforms_every_step(tmp_path, monkeypatch):
    import scipy.fft

    shapes, there = [], scipy.fft.rfft
    monkeypatch.setattr(scipy.fft, "rfft", lambda frames, **more: shapes.append(frames.shape) or there(frames, **more))
    write_wav(tmp_path / "song.wav", np.full(4 * 33075, 0.1, np.float32))
    rows_waits.least([tmp_path / "song.wav"])
    assert shapes.count((130, 2048)) == 3  # steps of 3 s, half overlapping; librosa's frames of a step


def test_the_committed_rows_follow_from_their_own_figures():
    for one in json.loads((RESULTS / "bench.json").read_text(encoding="utf-8"))["rows"]:
        assert [key for key in one if key != "commit"] == list(KEYS)
        if one["ratio"] is None:
            assert one["met"] is False and one["note"].startswith("not measured")
            continue
        assert one["spread"][0] <= one["ratio"] <= one["spread"][1]
        if one["plain_seconds"] is not None:
            assert one["ratio"] == pytest.approx(one["plain_seconds"] / one["our_seconds"])
        aims = [one["ratio"] >= one["target"]] if one["target"] is not None else []
        aims += [one["our_seconds"] < one["limit_seconds"]] if one["limit_seconds"] is not None else []
        assert one["met"] == (all(aims) if aims else None)


def test_the_committed_picture_shows_the_committed_rows():
    rows = json.loads((RESULTS / "bench.json").read_text(encoding="utf-8"))["rows"]
    assert pictures.data_of(picture.PICTURE) == picture.marks(rows), "python -m tools.readme draws it anew"


def test_a_mark_says_how_far_beyond_its_target_a_row_is():
    made = [a_row([6.0], [1.0], target=2), a_row([6.0], [1.0], target=2, limit_seconds=0.5), a_row([1.0], [4.0])]
    shown = picture.marks([*made, not_measured("gone", "no disk")])
    assert [mark["value"] for mark in shown] == [3, 0.5, 0.25]
    assert [mark["kind"] for mark in shown] == [picture.MET, picture.SHORT, picture.PLAIN]
