"""docs/leakage.md and its pictures are what is committed under results/."""

import pandas as pd
import pytest

from genrelib.results.claims import headline_claims, read_claims
from tools import pictures
from tools.leakage import page, sheets
from tools.leakage.__main__ import PAGE, PICTURES, generated
from tools.leakage.chart import dots
from tools.readme import replaced

ROWS = pd.DataFrame(
    [("slice", "slice", 0.81, True, None), ("artist", "slice", 0.42, False, 96), ("artist", "track", 0.45, False, 96)],
    columns=["unit", "level", "mean", "is_report", "artists"],
).assign(system="mel_cnn1d", part="test", tracks=160, claimed=0.8, trainings=3)  # fmt: skip
ROWS = ROWS.assign(low=ROWS["mean"] - 0.1, high=ROWS["mean"] + 0.1)


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


def test_what_is_missing_is_said():
    text = page.systems_table(ROWS, {"mel_cnn1d by track": "too dear"})
    assert "| too dear |" in text and "|  |" not in text and "not measured yet" in text
    words = {row["label"]: row["words"] for row in page.systems_marks(ROWS)}
    assert words["mel_cnn1d"] == "160 songs, 96 artists" and words["raw_cnn1d"] == "not measured yet"
    assert "Not measured yet" in page.calibration_section({}) and "Not measured yet" in page.changes_section({})


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
    assert "`raw_cnn1d` not measured yet" in section and "2-D is above 1-D here, not measured yet" not in section
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
