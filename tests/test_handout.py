import json

import pandas as pd
import pytest

from genrelib.errors import ResultError
from genrelib.handout import CHECKLIST, NAME, handout, read_summary, write_summary
from genrelib.pages import fetched_from_outside
from tests.test_figures_leakage import KINDS, ROWS
from tests.test_leakage import make_rows, tracks_of
from tests.test_leakage_study import folder  # noqa: F401  a run with one record


@pytest.fixture
def summary(tmp_path):
    collection = make_rows(pd.DataFrame({"a": range(96)}).to_numpy(), tracks_of()).collection
    kinds = KINDS.assign(tracks=12)
    write_summary(tmp_path, collection=collection, figures=ROWS, kinds=kinds, needed={5: 300, 2: 1875})
    return tmp_path


def test_what_is_kept_is_read_again(summary):
    told = read_summary(summary)
    assert told["collection"] == "tiny" and told["figures"] == ROWS and told["tracks_needed"] == {"5": 300, "2": 1875}
    assert [one["share"] for one in told["kinds"]] == KINDS["share"].tolist()


def test_the_sheet_says_what_was_measured_and_fetches_nothing(summary):
    sheet = handout(summary)
    assert "split by slice, 90% of the same recording" in sheet and "split by artist, always of another artist" in sheet
    assert "±5 points take 300 test tracks" in sheet and "data:image/png;base64," in sheet and "DEMO" not in sheet
    assert all(what in sheet for what, _ in CHECKLIST) and len(CHECKLIST) == 5
    assert fetched_from_outside(sheet) == [] and "size: A4" in sheet


def test_a_demo_sheet_says_so(summary):
    content = json.loads((summary / NAME).read_text())
    (summary / NAME).write_text(json.dumps({**content, "is_demo": True}))
    assert "evidence of nothing" in handout(summary)


def test_without_notebook_07_records_tell(folder):  # noqa: F811
    told = read_summary(folder)
    assert told["figures"][0]["system"] == "mel_cnn1d" and told["kinds"] == []
    assert "Notebook 07 measures how often" in handout(folder)


def test_a_run_with_nothing_has_a_sheet_that_says_so(tmp_path):
    assert "No system was measured" in handout(tmp_path)


def test_damage_is_named(summary):
    (summary / NAME).write_text("{")
    with pytest.raises(ResultError, match="leakage.json: damaged"):
        handout(summary)
