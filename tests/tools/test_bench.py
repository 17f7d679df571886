import json
from pathlib import Path

import pytest

from tools.bench import bench, measuring
from tools.bench.measuring import KEYS, Settings, alternate, not_measured, row, scratch
from genrelib._base.errors import GenrelibError

COMMITTED = Path(__file__).resolve().parents[2] / "results" / "bench.json"


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
        assert [path.name for path in out.parent.iterdir()] == ["bench.json"]
        return status, json.loads(out.read_text(encoding="utf-8"))

    return call


def check_schema(result):
    assert set(result) == {"machine", "rows"}
    assert {"cpus", "model", "memory_gib", "platform", "versions"} <= set(result["machine"])
    assert result["machine"]["versions"]["python"]
    for one in result["rows"]:
        assert list(one) == list(KEYS)
        if one["ratio"] is None:
            assert one["met"] is False and one["note"].startswith("not measured")
            continue
        assert one["spread"][0] <= one["ratio"] <= one["spread"][1]
        assert one["name"] and one["floor"] and one["collection"]
        if one["plain_seconds"] is not None:
            assert one["ratio"] == pytest.approx(one["plain_seconds"] / one["our_seconds"])
        aims = [one["ratio"] >= one["target"]] if one["target"] is not None else []
        aims += [one["our_seconds"] < one["limit_seconds"]] if one["limit_seconds"] is not None else []
        assert one["met"] == (all(aims) if aims else None)


def test_ratio_is_median_over_median_and_spread_is_that_of_the_repeats():
    made = a_row([2.0, 9.0, 4.0], [1.0, 3.0, 4.0])
    assert (made["plain_seconds"], made["our_seconds"]) == (4.0, 3.0)
    assert made["ratio"] == pytest.approx(4 / 3)
    assert made["spread"] == [1.0, 3.0]


@pytest.mark.parametrize(
    "aims, met",
    [
        ({}, None),
        ({"target": 2}, True),
        ({"target": 2.1}, False),
        ({"limit_seconds": 1.5}, True),
        ({"limit_seconds": 1.0}, False),
        ({"target": 2, "limit_seconds": 1.0}, False),
    ],
)
def test_met_follows_from_target_and_limit(aims, met):
    assert a_row([2.0], [1.0], **aims)["met"] is met


def test_repeats_that_do_not_pair_are_refused():
    with pytest.raises(ValueError):
        a_row([1.0, 2.0], [1.0])


def test_the_two_ways_take_turns():
    order = []
    ways = {name: lambda name=name: order.append(name) or len(order) for name in ("plain", "ours")}
    assert alternate(ways["plain"], ways["ours"], 2) == ([1, 3], [2, 4])
    assert order == ["plain", "ours"] * 2


def test_scratch_lies_under_the_data_folder_and_goes_away(tmp_path):
    settings = Settings(collection=None, data=tmp_path / "data")
    with pytest.raises(KeyError), scratch(settings) as folder:
        (folder / "file").write_text("x")
        assert folder.parent == tmp_path / "data"
        raise KeyError
    assert list((tmp_path / "data").iterdir()) == []


def test_a_row_short_of_its_target_stays_and_is_no_failure(run, capsys):
    status, result = run("--repeats", "3")
    check_schema(result)
    assert status == 0
    assert [(one["ratio"], one["met"]) for one in result["rows"]] == [(5.0, True), (0.5, False)]
    assert result["rows"][1]["note"] == "3 repeats"
    printed = capsys.readouterr().out
    assert "| stub | 1.000 s | 2.000 s | 0.50 | 0.50 to 0.50 | 2 times | no | demo |" in printed
    assert "NOT MET" in printed


def test_a_row_that_breaks_loses_no_other(run, capsys):
    status, result = run(rows=[breaks, reaches])
    check_schema(result)
    assert status == 1
    assert result["rows"][0] == not_measured("breaks", "GenrelibError: no such thing here")
    assert result["rows"][1]["met"] is True
    assert "| breaks |  |  |  |  |  | no |  |" in capsys.readouterr().out


def test_only_takes_some_rows_and_refuses_unknown_ones(run, capsys):
    assert [one["ratio"] for one in run("--only", "falls_short")[1]["rows"]] == [0.5]
    with pytest.raises(SystemExit):
        run("--only", "reaches,typo")
    assert "no such row: typo; there are reaches, falls_short" in capsys.readouterr().err


def test_quick_leaves_slow_rows_out_unless_they_are_named(run, monkeypatch):
    monkeypatch.setattr(bench, "SLOW", {falls_short})
    assert [one["ratio"] for one in run("--quick")[1]["rows"]] == [5.0]
    note = run("--quick", "--only", "falls_short")[1]["rows"][0]["note"]
    assert note == f"{bench.QUICK_REPEATS} repeats"


def test_an_interrupted_write_leaves_the_earlier_file(tmp_path):
    out = tmp_path / "bench.json"
    bench.write(out, {"machine": {}, "rows": []})
    before = out.read_bytes()
    with pytest.raises(TypeError):
        bench.write(out, {"machine": {}, "rows": [object()]})
    assert out.read_bytes() == before
    assert list(tmp_path.iterdir()) == [out]


def test_rows_have_names_of_their_own():
    names = [function.__name__ for function in bench.ROWS]
    assert len(set(names)) == len(names)
    assert bench.SLOW <= set(bench.ROWS)


@pytest.mark.skipif(not COMMITTED.is_file(), reason="results/bench.json is made by `make bench`")
def test_the_committed_result_has_the_shape_that_the_harness_writes():
    result = json.loads(COMMITTED.read_text(encoding="utf-8"))
    check_schema(result)
    assert result["rows"]
