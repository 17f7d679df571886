import json

import pytest

from tools.bench import growth
from tools.bench.growth import grown, markdown


def measured(seconds, peaks=(200, 200, 200), tracks=(100, 300, 1000)):
    keys = ("tracks", "seconds", "peak_mib")
    return [dict(zip(keys, each, strict=True)) for each in zip(tracks, seconds, peaks, strict=True)]


def test_what_is_paid_once_does_not_count():
    row = grown("work", measured([12.0, 32.0, 102.0]))  # 2 s once, and .1 s a track
    assert row["seconds_a_further_track"] == pytest.approx([0.1, 0.1])
    assert row["growth"] == pytest.approx(1) and row["linear"] and row["flat"]


@pytest.mark.parametrize("power, linear", [(1.0, True), (1.1, True), (1.3, False), (2.0, False), (0.7, False)])
def test_what_grows_faster_or_slower_than_the_tracks_is_not_linear(power, linear):
    assert grown("work", measured([n**power for n in (100, 300, 1000)]))["linear"] is linear


@pytest.mark.parametrize("last, flat", [(239, True), (241, False), (161, True), (159, False)])
def test_memory_is_flat_within_a_fifth(last, flat):
    row = grown("work", measured([1.0, 3.0, 10.0], peaks=(200, 210, last)))
    assert row["memory_growth"] == last / 200 and row["flat"] is flat


def test_a_row_that_falls_short_stays_in_the_table():
    rows = [grown("quick", measured([1.0, 3.0, 10.0])), grown("slow", measured([1.0, 9.0, 100.0], (200, 300, 900)))]
    lines = markdown(rows).splitlines()
    assert lines[0].startswith("| work | 100 tracks | 300 tracks | 1000 tracks |")
    assert "| 1.00 | yes | 1.00 | yes |" in lines[2]
    assert "| 3.25 | no | 4.50 | no |" in lines[3]
    assert len({line.count("|") for line in lines}) == 1


def test_three_sizes_are_measured_written_and_drawn(tmp_path):
    out = tmp_path / "results" / "growth.json"
    growth.main(
        ["--tracks", "40,50,60", "--seconds", "3", "--works", "slices", "--data", str(tmp_path), "--out", str(out)]
    )
    result = json.loads(out.read_text(encoding="utf-8"))
    (row,) = result["rows"]
    assert row["work"] == "slices" and [one["tracks"] for one in row["measured"]] == [40, 50, 60]
    assert all(one["seconds"] > 0 and one["peak_mib"] >= one["start_mib"] > 20 for one in row["measured"])
    assert result["machine"]["versions"] and result["seconds_a_track"] == 3
    picture = out.with_suffix(".png")
    assert picture.read_bytes()[:4] == b"\x89PNG" and picture.stat().st_size < 1_000_000
    assert sorted(path.name for path in tmp_path.iterdir()) == ["demo", "results"]  # caches went away


@pytest.mark.parametrize("tracks", ["100,300", "300,100,1000", "100,100,300"])
def test_other_than_three_growing_sizes_are_refused(tracks, capsys):
    with pytest.raises(SystemExit):
        growth.main(["--tracks", tracks])
    assert "three sizes, from the smallest to the largest" in capsys.readouterr().err
