import json

import pytest

from tools.bench import growth
from tools.bench.growth import grown, markdown


def measured(seconds, peaks=(200, 200, 200), tracks=(100, 300, 1000)):
    keys = ("tracks", "seconds", "peak_mib")
    return [dict(zip(keys, each, strict=True)) for each in zip(tracks, seconds, peaks, strict=True)]


@pytest.mark.parametrize("seconds, peaks, linear, flat", [
    ([12.0, 32.0, 102.0], (200, 200, 200), True, True),  # 2 s once, and .1 s a track
    ([n**1.1 for n in (100, 300, 1000)], (200, 210, 239), True, True),
    ([n**1.3 for n in (100, 300, 1000)], (200, 210, 241), False, False),
    ([n**0.7 for n in (100, 300, 1000)], (200, 210, 159), False, False),
])  # fmt: skip
def test_linear_and_flat_are_within_a_fifth_and_every_row_is_shown(seconds, peaks, linear, flat):
    row = grown("work", measured(seconds, peaks))
    assert (row["linear"], row["flat"]) == (linear, flat)
    assert markdown([row]).splitlines()[2].count("| no |") == 2 - linear - flat


def test_three_sizes_are_measured_and_written(tmp_path):
    out = tmp_path / "results" / "growth.json"
    sizes = ["--tracks", "40,50,60", "--seconds", "3", "--works", "slices"]
    growth.main([*sizes, "--data", str(tmp_path), "--out", str(out)])
    (row,) = json.loads(out.read_text(encoding="utf-8"))["rows"]
    assert row["work"] == "slices" and [size["tracks"] for size in row["measured"]] == [40, 50, 60]
    assert all(size["seconds"] > 0 and size["peak_mib"] >= size["start_mib"] > 20 for size in row["measured"])
    assert sorted(path.name for path in tmp_path.iterdir()) == ["demo", "results"]  # caches went away
