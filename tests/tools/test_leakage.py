"""docs/leakage.md and its pictures are what is committed under results/."""

import pandas as pd
import pytest

from genrelib.results.claims import headline_claims, read_claims
from genrelib.results.records import read_records
from tools import pictures
from tools.leakage import page, sheets
from tools.leakage.__main__ import PAGE, PICTURES, generated
from tools.leakage.chart import dots
from tools.readme import replaced

ROWS = pd.DataFrame(
    [("mel_cnn1d", "slice", "slice", 0.81, True, 160, None), ("mel_cnn1d", "artist", "slice", 0.42, False, 160, 96),
     ("mel_cnn1d", "artist", "track", 0.45, False, 160, 96), ("embedded", "artist", "track", 0.57, False, 160, 96),
     ("feature_mlp", "track", "track", 0.52, False, 160, None),
     ("feature_mlp", "artist", "track", 0.4, False, 160, 96)],
    columns=["system", "unit", "level", "mean", "is_report", "tracks", "artists"],
).assign(part="test")  # fmt: skip
CHECKED = {"system": "feature_mlp", "unit": "track", "level": "track", "mean": 0.67, "is_report": True, "tracks": 150}
ROWS = pd.concat([ROWS, pd.DataFrame([CHECKED | {"part": "validation"}])], ignore_index=True)
ROWS = ROWS.assign(low=ROWS["mean"] - 0.1, high=ROWS["mean"] + 0.1, claimed=0.8, trainings=3)


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
    text = page.systems_table(ROWS, {"mel_cnn1d by track": "too dear"})
    line = next(line for line in text.splitlines() if "`mel_cnn1d` | a slice" in line)
    assert "0.810 (0.71 to 0.91), 160 songs, 3×; claimed 0.80 | too dear |" in line
    assert "0.420 (0.32 to 0.52), 160 songs of 96" in line
    assert "|  |" not in text
    assert "| `raw_cnn1d` |" in text and "not measured yet" in text and "`embedded`" in text
    words = {row["label"]: row["words"] for row in page.systems_marks(ROWS)}
    assert words["mel_cnn1d"] == "160 songs, 96 artists" and words["raw_cnn1d"] == "not measured yet"


def test_validation_has_a_row_of_its_own_and_no_mark():
    lines = [line for line in page.systems_table(ROWS, {}).splitlines() if "`feature_mlp`" in line]
    checked, tested = lines
    assert "| a song, validation |" in checked and "0.670" in checked and "claimed" in checked
    assert "| a song |" in tested and "0.520" in tested and "0.400" in tested and "claimed" not in tested
    (row,) = [row for row in page.systems_marks(ROWS) if row["label"] == "feature_mlp"]
    assert [mark["mean"] for mark in row["marks"]] == [0.52, 0.4]


def test_a_rung_that_was_copied_is_hollow_and_ours_draw_artists():
    content = {"figures": [{"system": "svm", "split": "fault_filtered", "values": [0.5], "mean": 0.5,
                            "ci95": [0.4, 0.6], "macro_f1": [0.48]}]}  # fmt: skip
    rungs = page.ladder(content)
    assert [rung["mean"] for rung in rungs] == sorted(rung["mean"] for rung in rungs)
    ours = next(rung for rung in rungs if rung["look"] == "own")
    assert (ours["low"], ours["high"]) == (0.4, 0.6) and "macro F1 0.480" in ours["source"]
    copied = [rung for rung in rungs if rung["look"] == "copied"]
    assert page.ladder_table(rungs).count("°") == len(copied) > 0
    assert {rung["source"] for rung in copied} == {"card of MERT-v2-FullSong"}  # where others' figures were read
    (axes,) = dots(page.ladder_marks(rungs), legend=dict.fromkeys(("own", "published", "copied"), ""), axis="x").axes
    hollow = [line for line in axes.lines if line.get_markerfacecolor() == "white"]
    assert len(hollow) == len(copied)


def test_a_sheet_has_at_most_twelve_lines_and_its_figures(monkeypatch):
    section = sheets.sheets_section(ROWS)
    for sheet in section.split("### ")[1:]:
        lines = [line for line in sheet.splitlines()[1:] if line]
        words = ("Shown by", "Scope", "Easy", "Hard", "Open")
        assert len(lines) <= 12 and all(f"**{word}**" in sheet for word in words)
    assert "`mel_cnn1d`, a slice: 0.81 by slice; 0.42 by artist" in section
    assert "`raw_cnn1d` not measured yet" in section
    assert "`feature_mlp`, a song: 0.67 by track, validation; 0.52 by track; 0.40 by artist" in section
    mean, (low, high) = (read_records(page.RUN)["idc-2d-below-1d"][name] for name in ("mean", "ci95"))
    assert f"2-D is above 1-D here, {mean:+.3f} ({low:+.3f} to {high:+.3f})" in section and low > 0
    monkeypatch.setattr(page, "RUN", page.RUN / "none")
    assert "2-D is above 1-D here, not measured yet" in sheets.sheets_section(ROWS)


def test_a_report_without_a_sheet_is_on_the_page_and_says_so(monkeypatch):
    claims = read_claims()
    further = claims.loc["idc-mel-cnn1d"].to_dict() | {"report": "example", "system": "tiny_cnn"}
    claims = pd.concat([claims, pd.DataFrame(further, index=["example-tiny-cnn"])])
    headlines = headline_claims() | {"tiny_cnn": "example-tiny-cnn"}
    monkeypatch.setattr(page, "headline_claims", lambda: headlines)
    monkeypatch.setattr(sheets, "headline_claims", lambda: headlines)
    monkeypatch.setattr(sheets, "read_claims", lambda: claims)
    assert "| `tiny_cnn` |" in page.systems_table(ROWS, {})
    sheet = sheets.sheets_section(ROWS).split("### example")[1]
    assert "`tiny_cnn` not measured yet" in sheet and "No sheet" in sheet


def test_what_notebook_90_kept_is_shown_and_its_absence_said():
    assert "Not measured yet" in page.calibration_section({}) and "Not measured yet" in page.changes_section({})
    row = {"system": "embedded", "split": "artist", "n": 160, "sure": 0, "right": None, "low": None, "high": None,
           "error": 0.1, "perfect": 0.08, "perfect_95": 0.116}  # fmt: skip
    assert "| 160 | 0 |  | 0.100 | 0.080 (95%: 0.116) |" in page.calibration_section({"believed": [row]})
    about = {"system": "embedded", "songs": 30, "artists": 20, "low": 0.1, "high": 0.3, "right": 0.5}
    moved = [{**about, "change": change, "moved": share} for change, share in {"as it is": 0, "6% faster": 0.2}.items()]
    assert "| 6% faster | 0.20 (0.10 to 0.30); 0.50 |" in page.changes_section({"changed": moved})
