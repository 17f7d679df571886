"""Lines and chart rows made of records."""

from types import SimpleNamespace

import pytest

from genrelib._base.errors import ResultError
from genrelib.figures.records import dumbbell
from genrelib.results.scoreboard import scoreboard
from genrelib.results.showing import dumbbell_rows, headlines, runs_row, table, verdicts, why_not
from tests.results.test_recording import run_of as training_of
from tests.results.test_recording import runs_of
from tests.results.test_scoreboard import protocol, record_of, run_of

OTHERS = {
    "track": protocol([0.5, 0.6], [0.4, 0.7]),
    "artist": protocol([0.3], None, leak_free=True),
    "album": {"not_measured": "no albums are known"},
}


def session_of(folder):
    return SimpleNamespace(collection=SimpleNamespace(name="gtzan_mini"), folder=folder, is_demo=False)


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


def test_rows_of_one_system_stand_in_the_claims_order_and_say_what_tells_them_apart(tmp_path):
    told = ["turin-crnn", "idc-mel-cnn1d", "turin-artist20-album-track", "turin-artist20-album-slice"]
    systems = dict(zip(told, ("crnn", "mel_cnn1d", "crnn", "crnn"), strict=True))
    run = run_of(tmp_path, *({**record_of(claim, [0.5]), "system": system} for claim, system in systems.items()))
    assert [row["label"] for row in dumbbell_rows(run)] == [
        "mel_cnn1d", "crnn\ngenre, by track, track", "crnn\nartist, by album, slice", "crnn\nartist, by album, track",
    ]  # fmt: skip


def test_claims_that_nothing_but_their_figure_tells_apart_say_it_and_what_is_of_validation_is_marked(tmp_path):
    apart = {"artist": protocol([0.3], [0.2, 0.4], leak_free=True)}
    told = {"idc-raw-cnn1d": "raw", "idc-raw-below-half": "raw", "toronto-resnet": "resnet"}
    run = run_of(tmp_path, *({**record_of(claim, [0.5], others=apart), "system": told[claim]} for claim in told))
    raw, below, resnet = dumbbell_rows(run)
    assert [row["label"] for row in (raw, below)] == ["raw\nclaimed 0.42", "raw\nclaimed below 0.5"]
    assert [bar["part"] for bar in resnet["measured"]] == ["validation", None]
    assert {bar["part"] for bar in raw["measured"]} == {None}
    texts = {text.get_text() for text in dumbbell(session_of(run)).axes[0].texts}
    assert "0.50 validation" in texts and {"0.50", "0.30"} <= texts


def test_a_headline_names_no_second_of_another_machine(tmp_path):
    board = scoreboard({"gtzan_mini": run_of(tmp_path, record_of("blog-seconds-per-file", [0.056]))})
    assert "0.056" not in headlines(["blog-seconds-per-file"], board)[0]


def test_a_claim_that_is_no_accuracy_has_no_row(run):
    assert dumbbell_rows(run, ["idc-best-genre"]) == []


def test_reasons_are_collected(run):
    assert why_not(session_of(run)).to_dict("records") == [
        {"claim_id": "idc-mel-cnn1d", "split": "album", "reason": "no albums are known"}
    ]


def test_a_headline_gives_claim_figure_and_leak_free_figure_or_says_that_there_is_none(run):
    board = scoreboard({"gtzan_mini": run})
    told, none = headlines(["idc-mel-cnn1d", "idc-raw-cnn1d"], board)
    assert "claimed: accuracy 0.80. Measured: gtzan_mini 0.850 (0.800 to 0.950), by artist: 0.300" in told
    assert none.endswith("no figure is committed yet")
    assert "by artist" not in headlines(["idc-best-genre"], board)[0]
    assert headlines(["idc-raw-cnn1d"], board[:0])[0].endswith("no figure is committed yet")


def test_verdicts_list_what_this_run_recorded_of_a_report(run):
    lines = verdicts(session_of(run), "idc").data.splitlines()
    assert [line.split("`")[1] for line in lines] == ["idc-mel-cnn1d", "idc-best-genre"]
    assert "claimed accuracy 0.80; measured 0.850 (0.800 to 0.950), 100 tracks: **reproduced**" in lines[0]
    assert "no claim of blog" in verdicts(session_of(run), "blog").data.lower()


def test_a_claim_without_a_record_is_named(run):
    for show in (dumbbell, why_not):
        with pytest.raises(ResultError, match="idc-mel-cnn2d has no record.*gl.record"):
            show(session_of(run), ["idc-mel-cnn2d"])


def test_the_chart_draws_claims_and_runs(run, tmp_path):
    figure = dumbbell(session_of(run), ["idc-mel-cnn1d"])
    titles = {figure.axes[0].get_title(place) for place in ("left", "center")}  # wherever the style in use puts it
    assert titles == {"", "gtzan_mini"}
    runs = runs_of(tmp_path, training_of(tmp_path), training_of(tmp_path, unit="artist"))
    row = runs_row("test", runs, "track")
    assert (row["label"], row["claimed"]) == ("test", None)
    assert [(bar["name"], bar["leak_free"]) for bar in row["measured"]] == [("slice", False), ("artist", True)]
    assert row["measured"][0]["low"] <= row["measured"][0]["mean"] <= row["measured"][0]["high"]
    assert row["measured"][1]["mean"] == runs["slice"][0].scores.track.accuracy


def test_several_systems_in_one_table(tmp_path):
    shown = table(runs_of(tmp_path), runs_of(tmp_path, system="other"))
    assert shown.index.tolist() == [("mel_cnn1d", "slice"), ("other", "slice")]
    assert shown["slice"].dtype == float  # so that it can be rounded
