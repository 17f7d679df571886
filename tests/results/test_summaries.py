"""Lines and chart rows made of records."""

import pytest

from genrelib.results.summaries import dumbbell_rows, headlines, why_not
from tests.results.test_scoreboard import protocol, record_of, run_of

OTHERS = {
    "track": protocol([0.5, 0.6], [0.4, 0.7]),
    "artist": protocol([0.3], None, leak_free=True),
    "album": {"not_measured": "no albums are known"},
}


@pytest.fixture
def run(tmp_path):
    records = record_of("idc-mel-cnn1d", [0.9, 0.8], [0.8, 0.95], others=OTHERS), record_of("idc-best-genre", ["pop"])
    return run_of(tmp_path, *records)


def test_a_row_holds_the_claim_its_own_split_first_and_no_split_that_was_not_measured(run):
    (row,) = dumbbell_rows(run)
    assert (row["label"], row["claimed"]) == ("any", 0.80)
    assert [(one["name"], one["leak_free"]) for one in row["measured"]] == [
        ("slice", False), ("track", False), ("artist", True),
    ]  # fmt: skip
    assert (row["measured"][0]["low"], row["measured"][0]["high"]) == (0.8, 0.95)
    assert row["measured"][2]["low"] == row["measured"][2]["high"] == 0.3


def test_a_claim_that_is_no_accuracy_has_no_row(run):
    assert dumbbell_rows(run, ["idc-best-genre"]) == []


def test_reasons_are_collected(run):
    assert why_not(run).to_dict("records") == [
        {"claim_id": "idc-mel-cnn1d", "split": "album", "reason": "no albums are known"}
    ]


def test_a_headline_gives_claim_figure_and_leak_free_figure_or_says_that_there_is_none(run):
    told, none = headlines(["idc-mel-cnn1d", "idc-raw-cnn1d"], {"gtzan_mini": run})
    assert "claimed: accuracy 0.80. Measured: gtzan_mini 0.850 (0.800 to 0.950), leak-free: artist 0.300" in told
    assert none.endswith("no figure is committed yet")
    assert "leak-free" not in headlines(["idc-best-genre"], {"gtzan_mini": run})[0]
    assert headlines(["idc-raw-cnn1d"], {})[0].endswith("no figure is committed yet")
