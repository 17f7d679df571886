"""docs/leakage.md and its pictures are what is committed under results/."""

import pandas as pd
import pytest

from tools import pictures
from tools.leakage import page, sheets
from tools.leakage.__main__ import PAGE, PICTURES, generated
from tools.leakage.chart import dots
from tools.readme import replaced

ROWS = pd.DataFrame(
    [("mel_cnn1d", "slice", "slice", 0.81, True, 160, None), ("mel_cnn1d", "artist", "slice", 0.42, False, 160, 96),
     ("mel_cnn1d", "artist", "track", 0.45, False, 160, 96), ("embedded", "artist", "track", 0.57, False, 160, 96)],
    columns=["system", "unit", "level", "mean", "is_report", "tracks", "artists"],
).assign(low=lambda table: table["mean"] - 0.1, high=lambda table: table["mean"] + 0.1, claimed=0.8)  # fmt: skip


@pytest.fixture(scope="module")
def made():
    return generated()


def test_the_page_is_what_its_generator_gives(made):
    text = PAGE.read_text(encoding="utf-8")
    for name, content in made[0].items():
        assert replaced(text, name, content) == text, f"{name}: python -m tools.leakage writes it anew"


def test_the_pictures_show_the_committed_figures_and_are_small(made):
    for name, marks in made[1].items():
        assert pictures.data_of(PICTURES / name) == marks, "python -m tools.leakage draws it anew"
        assert f"pictures/{name}" in PAGE.read_text(encoding="utf-8")
        assert (PICTURES / name).stat().st_size < 1_000_000


def test_every_system_has_its_splits_and_what_is_missing_is_said():
    text = page.systems_table(ROWS)
    line = next(line for line in text.splitlines() if "`mel_cnn1d` | a slice" in line)
    assert "0.810 (0.71 to 0.91), 160 songs; claimed 0.80" in line and "0.420 (0.32 to 0.52), 160 songs of 96" in line
    assert "| `raw_cnn1d` |" in text and "not measured yet" in text and "`embedded`" in text
    words = {row["label"]: row["words"] for row in page.systems_marks(ROWS)}
    assert words["mel_cnn1d"] == "160 songs, 96 artists" and words["raw_cnn1d"] == "not measured yet"


def test_a_rung_that_was_copied_is_hollow_and_ours_draw_artists():
    content = {"figures": [{"system": "svm", "split": "fault_filtered", "values": [0.5], "mean": 0.5,
                            "ci95": [0.4, 0.6], "macro_f1": [0.48]}]}  # fmt: skip
    rungs = page.ladder(content)
    assert [rung["mean"] for rung in rungs] == sorted(rung["mean"] for rung in rungs)
    ours = next(rung for rung in rungs if rung["look"] == "own")
    assert (ours["low"], ours["high"]) == (0.4, 0.6) and "macro F1 0.480" in ours["source"]
    copied = [rung for rung in rungs if rung["look"] == "copied"]
    assert page.ladder_table(rungs).count("°") == len(copied) > 0
    (axes,) = dots(page.ladder_marks(rungs), legend=dict.fromkeys(("own", "published", "copied"), ""), axis="x").axes
    hollow = [line for line in axes.lines if line.get_markerfacecolor() == "white"]
    assert len(hollow) == len(copied)


def test_a_sheet_has_at_most_twelve_lines_and_its_figures():
    section = sheets.sheets_section(ROWS)
    for sheet in section.split("### ")[1:]:
        lines = [line for line in sheet.splitlines()[1:] if line]
        assert len(lines) <= 12 and all(f"**{word}**" in sheet for word in ("Scope", "Easy", "Hard", "Open"))
    assert "`mel_cnn1d` 0.81 by slice, 0.42 by artist" in section and "`raw_cnn1d` not measured yet" in section


def test_what_notebook_90_kept_is_shown_and_its_absence_said():
    assert "Not measured yet" in page.calibration_section({}) and "Not measured yet" in page.changes_section({})
    row = {"system": "embedded", "split": "artist", "n": 160, "sure": 0, "right": None, "low": None, "high": None,
           "error": 0.1, "perfect": 0.08, "perfect_95": 0.116}  # fmt: skip
    assert "| 160 | 0 |  | 0.100 | 0.080 (95%: 0.116) |" in page.calibration_section({"believed": [row]})
    moved = [{"system": "embedded", "change": change, "songs": 30, "moved": share, "right": 0.5}
             for change, share in {"as it is": 0.0, "6% faster": 0.2}.items()]  # fmt: skip
    assert "| 6% faster | 0.20; 0.50 |" in page.changes_section({"changed": moved})
