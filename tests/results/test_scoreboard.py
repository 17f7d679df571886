import json

import pandas as pd
import pytest

from genrelib._base.errors import ResultError
from genrelib.results.claims import claim_fields, claimed_in_words, headline_claims, read_claims
from genrelib.results.scoreboard import COLUMNS, missed, page, scoreboard, to_markdown, write_scoreboard
from genrelib.results.verdicts import DEMO, LEGEND, difference, verdict

CLAIMS = read_claims()


def protocol(values, ci95=None, leak_free=False, n_tracks=100, n_artists=None):
    numbers = all(isinstance(value, (int, float)) for value in values)
    mean = sum(values) / len(values) if numbers and values else None
    return {
        "values": values, "mean": mean, "sd": None, "ci95": ci95, "ci95_is": None, "seeds": list(range(len(values))),
        "n_tracks_test": n_tracks, "n_artists_test": n_artists, "n_slices_test": 1, "leak_free": leak_free,
        "scores": [],
    }  # fmt: skip


def record_of(claim_id, values, ci95=None, *, collection="gtzan_mini", others=None):
    return {
        "claim_id": claim_id, "system": "any", "collection": collection, "is_demo": collection == "demo",
        "split_unit": CLAIMS.loc[claim_id, "split_unit"], **claim_fields(CLAIMS.loc[claim_id]),
        **protocol(values, ci95),
        "epochs_run": [], "seconds": [], "options": {}, "versions": {}, "machine": {}, "commit": "unknown",
        "other_protocols": others or {},
    }  # fmt: skip


def run_of(folder, *records):
    (folder / "results").mkdir(parents=True)
    for one in records:
        (folder / "results" / f"{one['claim_id']}.json").write_text(json.dumps(one))
    return folder


@pytest.fixture
def frame(tmp_path):
    artist = {"artist": protocol([0.31], [0.2, 0.4], True, 140, 96)}
    none = {"artist": {"not_measured": "four genres are one artist each"}}
    mini = [
        record_of("idc-mel-cnn1d", [0.9, 0.88], [0.85, 0.93], others=none),
        record_of("idc-best-genre", ["classical", "classical", "jazz"]),
        record_of("toronto-mlp-new-recall", [0.6], [0.55, 0.65]),
    ]
    larger = [record_of("idc-mel-cnn1d", [0.8], [0.75, 0.85], collection="gtzan_160", others=artist)]
    return scoreboard({"gtzan_mini": run_of(tmp_path / "a", *mini), "gtzan_160": run_of(tmp_path / "b", *larger)})


def row(frame, claim_id, collection="gtzan_mini"):
    return frame.set_index(["collection", "claim_id"]).loc[collection, claim_id]


def row_of(folder, record):
    """The row of one record alone."""
    return row(scoreboard({record["collection"]: run_of(folder, record)}), record["claim_id"], record["collection"])


@pytest.mark.parametrize(("claim_id", "values", "ci95", "words"), [
    ("idc-mel-cnn1d", [0.81], [0.78, 0.84], "reproduced"),
    ("idc-mel-cnn1d", [0.80], [0.80, 0.80], "reproduced"),
    ("idc-mel-cnn1d", [0.70], [0.65, 0.75], "lower here"),
    ("idc-mel-cnn1d", [0.90], [0.86, 0.95], "higher here"),
    ("idc-mel-cnn1d", [0.80], [0.64, 0.95], "undecided"),
    ("idc-mel-cnn1d", [0.80], None, "undecided"),
    ("blog-seconds-per-file", [1.0], None, "lower here"),
    ("blog-seconds-per-file", [110.0, 130.0], None, "reproduced"),
    ("idc-trainable-mel", [0.5, 0.4], [0.4, 0.55], "reproduced"),
    ("idc-trainable-mel", [0.65, 0.66], [0.62, 0.7], "higher here"),
    ("idc-trainable-mel", [0.5, 0.4, 0.61], [0.45, 0.62], "undecided"),
    ("toronto-cnn-loss", [1.5], None, "lower here"),
    ("idc-adam", [0.02], [0.01, 0.03], "reproduced"),
    ("idc-adam", [-0.02], [-0.03, -0.01], "lower here"),
    ("idc-adam", [0.02], [-0.03, 0.05], "undecided"),
    ("idc-adam", [0.02, 0.03], None, "undecided"),
    ("blog-late-epochs", [8], None, "reproduced"),
    ("blog-late-epochs", [9, 12], None, "higher here"),
    ("blog-late-epochs", [7, 12], None, "undecided"),
    ("idc-best-genre", ["classical", "Classical"], None, "reproduced"),
    ("idc-best-genre", ["classical", "Classical", "jazz"], None, "undecided"),
    ("idc-best-genre", ["jazz", None], None, "lower here"),
    ("idc-raw-worst-genre", ["jazz"], None, "higher here"),
    ("toronto-best-genres", ["metal; jazz", "Jazz; metal"], None, "reproduced"),
    ("toronto-best-genres", ["metal; jazz", "metal; pop"], None, "undecided"),
    ("toronto-confusions", ["blues/rock; pop/rock", "none"], None, "lower here"),
    ("toronto-top3", [0.9], [0.88, 0.92], "not comparable, because the report gives no figure but words: high"),
    ("idc-mel-cnn1d", [0.9, None], None, "not comparable, because a training has no figure"),
])  # fmt: skip
def test_verdicts(claim_id, values, ci95, words):
    content = record_of(claim_id, values, ci95)
    assert verdict(content) == words
    assert words.split(",")[0] in LEGEND
    assert verdict({**content, "is_demo": True}) == DEMO
    assert verdict({**content, "not_measured": "no GPU"}) == "not measured, because no GPU"
    few = verdict({**content, "n_tracks_test": 29})
    assert few == (words if words.startswith("not comparable") else "undecided")


def test_a_claim_of_few_tracks_is_a_sample_too():
    content = record_of("turin-crnn", [0.75], [0.70, 0.80])
    assert verdict(content) == verdict(content, 1000) == "lower here"
    assert verdict(content, 100) == "reproduced"
    both, alone = (difference(0.82, n, 0.75, 0.70, 0.80) for n in (100, None))
    assert both[0] < 0 < alone[0] and alone == pytest.approx((0.02, 0.12))
    assert difference(0.5, 100, 0.5, 0.5, 0.5) == pytest.approx((-0.0962, 0.0962), abs=2e-4)  # Wilson's .404 to .596


def test_every_claim_is_there_once_a_collection(frame):
    assert list(frame.columns) == COLUMNS
    for _, part in frame.groupby("collection"):
        assert part["claim_id"].tolist() == CLAIMS.index.tolist()
    assert all(isinstance(value, str) for value in frame.to_numpy().ravel())


def test_cells_of_a_measured_claim(frame):
    assert row(frame, "idc-mel-cnn1d").to_dict() == {
        "report": "idc", "system": "mel_cnn1d", "claimed": "accuracy 0.80", "claimed_on": "944 tracks",
        "measured": "0.890", "ci95": "(0.850 to 0.930)", "counted_from": "100 tracks", "split": "slice",
        "by_track": "not measured: not asked for in this run",
        "by_artist": "not measured: four genres are one artist each", "all_1000_tracks": "", "verdict": "higher here",
        "note": "",
    }  # fmt: skip
    larger = row(frame, "idc-mel-cnn1d", "gtzan_160")
    assert larger["by_artist"] == "0.310 (0.200 to 0.400), 140 tracks of 96 artists"
    genre = row(frame, "idc-best-genre")
    alone = "not measured: tried under the report's own split alone"
    assert genre[["measured", "by_artist", "by_track"]].tolist() == ["classical 2×, jazz 1×", alone, alone]


def test_spread_over_seeds_and_each_split_have_their_cell(tmp_path):
    content = record_of("idc-mel-cnn1d", [0.9, 0.88], [0.8, 0.95], others={"track": protocol([0.5] * 2)})
    cells = row_of(tmp_path, content | {"sd": 0.0141})[["measured", "by_track", "by_artist"]]
    assert cells.tolist() == ["0.890 ± 0.014", "0.500, 100 tracks", "not measured: not asked for in this run"]


def test_the_columns_of_splits_hold_no_validation_and_no_training_accuracy(tmp_path):
    validated = record_of("toronto-mlp", [0.8], [0.7, 0.9], others={"artist": protocol([0.4] * 2)})
    cells = row_of(tmp_path / "validated", validated | {"split_unit": "track"})
    cells = cells[["by_track", "by_artist", "counted_from"]]
    assert cells.tolist() == ["", "0.400, 100 tracks", "100 validation tracks"]
    trained = record_of("stanford-choi-genre-train", [0.9], [0.8, 0.95], others={"artist": protocol([0.9])})
    assert row_of(tmp_path / "trained", trained)["by_artist"] == "not measured: the figure is not of a test part alone"
    timed = row_of(tmp_path / "timed", record_of("blog-seconds-per-file", [0.1]))
    assert timed[["by_track", "by_artist"]].tolist() == ["", ""]  # nothing is trained


def test_a_claim_by_artist_stands_in_that_column_itself(tmp_path):
    assert row_of(tmp_path, record_of("toronto-mlp-new-f1", [0.5] * 2))["by_artist"] == "0.500, 100 tracks"


@pytest.mark.parametrize(("claim_id", "reason"), [
    ("idc-raw-cnn1d", "no record yet"),
    ("toronto-mlp", "no record yet"),
    ("turin-artist20-song-track", "there is no audio of artist20"),
    ("stanford-worst-genre", "there is no audio of 450 FMA songs"),
])  # fmt: skip
def test_not_measured_says_why(frame, claim_id, reason):
    assert row(frame, claim_id)["verdict"].startswith(f"not measured, because {reason}")


def test_a_record_without_a_figure_gives_its_reason(tmp_path):
    content = {**record_of("toronto-mlp-new-f1", []), "mean": None, "not_measured": "four genres are one artist each"}
    shown = row_of(tmp_path, content | {"other_protocols": {"slice": protocol([0.9])}})
    assert shown["verdict"] == "not measured, because four genres are one artist each"
    assert shown["measured"] == shown["by_artist"] == ""


def test_other_data_and_contradiction_are_said(frame):
    assert row(frame, "toronto-mlp")["note"].startswith("report used other data: own 1000 songs")
    for collection in ("gtzan_mini", "gtzan_160"):  # measured or not
        assert "the report contradicts itself" in row(frame, "toronto-mlp-new-recall", collection)["note"]
    assert "lower here; the report contradicts itself: " in cells(page(frame), "toronto-mlp-new-recall")[0][-1]


def test_a_figure_of_one_training_without_an_interval_says_so(tmp_path):
    for n, words in {1: "100 validation tracks, one training", 2: "100 validation tracks"}.items():
        assert row_of(tmp_path / str(n), record_of("idc-fifteen-epochs", [24] * n))["counted_from"] == words
    assert row_of(tmp_path / "ends", record_of("idc-mel-cnn1d", [0.8], [0.7, 0.9]))["counted_from"] == "100 tracks"


def test_a_record_of_another_collection_is_refused(tmp_path):
    with pytest.raises(ResultError, match="a run on gtzan.*gtzan_mini"):
        scoreboard({"gtzan": run_of(tmp_path, record_of("idc-mel-cnn1d", [0.8]))})


def test_claims_in_words():
    words = {
        "idc-trainable-mel": "validation accuracy below 0.60",
        "turin-crnn": "track accuracy 0.82",
        "blog-late-epochs": "validation best epoch at most 8",
        "toronto-cnn-loss": "training loss above 2",
        "stanford-zhang-underfits": "train accuracy below 0.5",
        "idc-best-genre": "best genre: classical",
        "toronto-confusions": "new songs most confused: metal/rock; blues/jazz",
    }
    assert {name: claimed_in_words(CLAIMS.loc[name]) for name in words} == words


def test_markdown_escapes_bars():
    assert to_markdown(pd.DataFrame({"a": ["x|y"], "b": ["z"]})) == "| a | b |\n| --- | --- |\n| x\\|y | z |\n"


def test_written_files_hold_every_claim(tmp_path, frame):
    table, text = write_scoreboard(tmp_path, frame)
    pd.testing.assert_frame_equal(pd.read_csv(table, dtype=str, keep_default_na=False), frame)
    assert page(frame) in text.read_text(encoding="utf-8")


def test_a_network_of_ones_own_stands_as_such_and_is_no_verdict_on_the_report(tmp_path):
    shown = row_of(tmp_path, record_of("idc-mel-cnn1d", [0.8], [0.7, 0.9]) | {"own_network": True})
    assert (shown["system"], shown["measured"]) == ("your network", "0.800")
    assert shown["verdict"].startswith("not comparable")


def test_what_did_not_come_out_is_a_row_a_claim_by_verdict_with_its_likely_reason_from_the_table_of_claims(frame):
    table = missed(frame)
    assert table[["verdict", "claim"]].to_numpy().tolist() == [
        ["higher here", "idc-mel-cnn1d"], ["lower here", "toronto-mlp-new-recall"],
    ]  # fmt: skip
    assert table["most likely"][0] == CLAIMS.loc["idc-mel-cnn1d", "reason"]
    assert table["measured"][0] == "0.890 (0.850 to 0.930)"


def test_a_system_has_one_headline():
    headlines = headline_claims()
    assert headlines["mel_cnn1d"] == "idc-mel-cnn1d" and len(headlines) >= 6
    assert all(CLAIMS.loc[claim, "system"] == system for system, claim in headlines.items())


def cells(text, claim):
    return [line.strip("| ").split(" | ") for line in text.splitlines() if line.startswith(f"| `{claim}`")]


def test_a_page_is_compact_and_names_every_claim(frame):
    text = page(frame)
    lines = text.splitlines()
    assert lines[0] == (
        "| Claim | Reported | The report's own protocol | By track (test) | By artist (test, leak-free) "
        "| All 1000 tracks, 57 numbers | Verdict |"
    )
    assert cells(text, "idc-mel-cnn1d")[1] == [
        "`idc-mel-cnn1d`, gtzan_160", "accuracy 0.80 (on 944 tracks)", "0.800 (0.750 to 0.850), 100 tracks",
        "not measured", "0.310 (0.200 to 0.400), 140 tracks of 96 artists", "–", "reproduced",
    ]  # fmt: skip
    assert len([line for line in lines if line.startswith("|")]) == 2 + 4
    assert all(f"`{claim_id}`" in text for claim_id in CLAIMS.index) and all(f"**{word}**" in text for word in LEGEND)
    assert cells(text, "idc-mel-cnn1d")[0][4] == "not measured"
    assert "- idc, by artist (four genres are one artist each): `idc-mel-cnn1d`" in lines and len(lines) < 32


def test_a_page_has_a_figure_by_artist_where_the_claims_own_split_was_not_measured(tmp_path):
    reason = "four genres are one artist each"
    dear = {**record_of("turin-crnn", [], collection="gtzan"), "mean": None, "not_measured": "no GPU"}
    dear["other_protocols"] = {"artist": protocol([0.6], [0.5, 0.7], leak_free=True)}
    new = {**record_of("toronto-mlp-new-f1", [], collection="gtzan"), "mean": None, "not_measured": reason}
    text = page(scoreboard({"gtzan": run_of(tmp_path, dear, new)}))
    ((_, _, own, _, by_artist, _, word),) = cells(text, "turin-crnn")
    assert (own, by_artist) == ("not measured", "0.600 (0.500 to 0.700), 100 tracks")
    assert word == "not measured, because no GPU"
    assert reason in text and "`toronto-mlp-new-f1`" in text
