import json

import pandas as pd
import pytest

from genrelib._base.errors import ResultError
from genrelib.results.claims import claim_fields, claimed_in_words, headline_claims, read_claims
from genrelib.results.scoreboard import COLUMNS, DEMO, missed, scoreboard, to_markdown, verdict, write_scoreboard

CLAIMS = read_claims()


def protocol(values, ci95=None, leak_free=False):
    numbers = all(isinstance(value, (int, float)) for value in values)
    mean = sum(values) / len(values) if numbers and values else None
    return {
        "values": values, "mean": mean, "sd": None, "ci95": ci95, "ci95_is": None, "seeds": list(range(len(values))),
        "n_tracks_test": 1, "n_slices_test": 1, "leak_free": leak_free, "scores": [],
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
    artist = {"artist": protocol([0.31], [0.2, 0.4], leak_free=True)}
    none = {"artist": {"not_measured": "four genres are one artist each"}}
    mini = [
        record_of("idc-mel-cnn1d", [0.9, 0.88], [0.85, 0.93], others=none),
        record_of("idc-best-genre", ["classical", "classical", "jazz"]),
        record_of("toronto-mlp-new-recall", [0.6], [0.5, 0.7]),
    ]
    larger = [record_of("idc-mel-cnn1d", [0.8], [0.75, 0.85], collection="gtzan_160", others=artist)]
    return scoreboard({"gtzan_mini": run_of(tmp_path / "a", *mini), "gtzan_160": run_of(tmp_path / "b", *larger)})


def cell(frame, claim_id, column, collection="gtzan_mini"):
    (value,) = frame.loc[(frame["claim_id"] == claim_id) & (frame["collection"] == collection), column]
    return value


@pytest.mark.parametrize(
    ("claim_id", "values", "ci95", "words"),
    [
        ("idc-mel-cnn1d", [0.81], [0.78, 0.84], "within the interval"),
        ("idc-mel-cnn1d", [0.80], [0.80, 0.80], "within the interval"),
        ("idc-mel-cnn1d", [0.70], [0.65, 0.79], "claim above our interval"),
        ("idc-mel-cnn1d", [0.90], [0.81, 0.95], "claim below our interval"),
        ("blog-seconds-per-file", [1.0], None, "claim above our mean (no interval)"),
        ("idc-trainable-mel", [0.5, 0.4], None, "holds"),
        ("idc-trainable-mel", [0.6, 0.6], None, "does not hold"),
        ("idc-trainable-mel", [0.5, 0.4, 0.61], None, "holds (in 2 of 3 seeds)"),
        ("idc-adam", [0.02], None, "holds"),
        ("idc-adam", [-0.02], [-0.03, -0.01], "does not hold"),
        ("idc-adam", [0.02], [-0.03, 0.05], "holds (0 is within our interval)"),
        ("blog-late-epochs", [8], None, "holds"),
        ("blog-late-epochs", [9], None, "does not hold"),
        ("idc-best-genre", ["classical", "Classical", "jazz"], None, "same genre in 2 of 3 seeds"),
        ("idc-best-genre", ["jazz", None], None, "same genre in 0 of 2 seeds"),
        ("toronto-best-genres", ["metal; jazz", "metal; pop"], None, "jazz in 1, metal in 2 of 2 seeds"),
        ("toronto-confusions", ["blues/jazz; pop/rock", "none"], None, "metal/rock in 0, blues/jazz in 1 of 2 seeds"),
        ("toronto-top3", [0.9], None, "no figure claimed, but in words: high"),
        ("idc-mel-cnn1d", [0.9, None], None, "not comparable: a seed has no figure"),
    ],
)
def test_verdicts(claim_id, values, ci95, words):
    content = record_of(claim_id, values, ci95)
    assert verdict(content) == words
    assert verdict({**content, "is_demo": True}) == DEMO


def test_every_claim_is_there_once_a_collection(frame):
    assert list(frame.columns) == COLUMNS
    for _, part in frame.groupby("collection"):
        assert part["claim_id"].tolist() == CLAIMS.index.tolist()
    assert all(isinstance(value, str) for value in frame.to_numpy().ravel())


def test_cells_of_a_measured_claim(frame):
    assert cell(frame, "idc-mel-cnn1d", "measured") == "0.890"
    assert cell(frame, "idc-mel-cnn1d", "ci95") == "(0.850 to 0.930)"
    assert cell(frame, "idc-mel-cnn1d", "claimed") == "accuracy 0.80"
    assert cell(frame, "idc-mel-cnn1d", "verdict") == "claim below our interval"
    assert cell(frame, "idc-mel-cnn1d", "leak_free") == "artist: four genres are one artist each"
    assert cell(frame, "idc-mel-cnn1d", "leak_free", "gtzan_160") == "artist 0.310 (0.200 to 0.400)"
    assert cell(frame, "idc-best-genre", "measured") == "classical 2×, jazz 1×"
    assert cell(frame, "idc-best-genre", "leak_free") == "none recorded"


def test_spread_over_seeds_is_shown(tmp_path):
    content = {**record_of("idc-mel-cnn1d", [0.9, 0.88], [0.8, 0.95]), "sd": 0.0141}
    table = scoreboard({"gtzan_mini": run_of(tmp_path, content)})
    assert cell(table, "idc-mel-cnn1d", "measured") == "0.890 ± 0.014"


def test_leak_free_is_never_a_track_split(tmp_path):
    content = record_of("idc-mel-cnn1d", [0.9], others={"track": protocol([0.5])})
    assert cell(scoreboard({"gtzan_mini": run_of(tmp_path, content)}), "idc-mel-cnn1d", "leak_free") == "none recorded"


def test_a_claim_by_artist_is_leak_free_itself(tmp_path):
    content = record_of("toronto-mlp-new-f1", [0.5], others={"fault_filtered": protocol([0.4])})
    shown = cell(scoreboard({"gtzan_mini": run_of(tmp_path, content)}), "toronto-mlp-new-f1", "leak_free")
    assert shown == "artist 0.500; fault_filtered 0.400"


def test_not_measured_says_why(frame):
    assert cell(frame, "idc-raw-cnn1d", "verdict") == "not measured: no record yet"
    assert cell(frame, "toronto-mlp", "verdict") == "not measured: no record yet"
    assert cell(frame, "turin-artist20-song-track", "verdict") == "not measured: no audio of artist20"
    assert cell(frame, "stanford-worst-genre", "verdict").startswith("not measured: no audio of 450 FMA songs")


def test_a_record_without_a_figure_gives_its_reason(tmp_path):
    reason = "four genres are one artist each"
    content = {**record_of("toronto-mlp-new-f1", []), "mean": None, "not_measured": reason}
    content["other_protocols"] = {"slice": protocol([0.9])}
    table = scoreboard({"gtzan_mini": run_of(tmp_path, content)})
    assert cell(table, "toronto-mlp-new-f1", "verdict") == f"not measured: {reason}"
    assert cell(table, "toronto-mlp-new-f1", "measured") == cell(table, "toronto-mlp-new-f1", "leak_free") == ""


def test_a_leak_free_figure_stands_where_the_claims_own_split_was_not_measured(tmp_path):
    dear = {**record_of("turin-crnn", [], collection="gtzan_160"), "mean": None, "not_measured": "no GPU"}
    dear["other_protocols"] = {"artist": protocol([0.6], [0.5, 0.7], leak_free=True)}
    runs = {"gtzan_mini": run_of(tmp_path / "a", record_of("turin-crnn", [0.8], [0.7, 0.9]))}
    table = scoreboard({**runs, "gtzan_160": run_of(tmp_path / "b", dear)})
    assert cell(table, "turin-crnn", "leak_free", "gtzan_160") == "artist 0.600 (0.500 to 0.700)"


def test_other_data_and_contradiction_are_said(frame):
    assert cell(frame, "toronto-mlp", "note").startswith("report used other data: own 1000 songs")
    assert cell(frame, "idc-mel-cnn1d", "note") == ""
    for collection in ("gtzan_mini", "gtzan_160"):  # measured or not
        assert cell(frame, "toronto-mlp-new-recall", "verdict", collection).startswith("contradicts itself")


def test_demo_is_never_evidence(tmp_path):
    demo = [
        record_of(name, [0.8], [0.7, 0.9], collection="demo") for name in ("idc-mel-cnn1d", "toronto-mlp-new-recall")
    ]
    demo.append(record_of("idc-best-genre", ["classical"], collection="demo"))
    table = scoreboard({"demo": run_of(tmp_path, *demo)})
    measured = table[table["measured"] != ""]
    assert len(measured) == 3 and set(measured["verdict"]) == {DEMO}


def test_a_record_of_another_collection_is_refused(tmp_path):
    with pytest.raises(ResultError, match="a run on gtzan.*gtzan_mini"):
        scoreboard({"gtzan": run_of(tmp_path, record_of("idc-mel-cnn1d", [0.8]))})


def test_claims_in_words():
    words = {name: claimed_in_words(CLAIMS.loc[name]) for name in CLAIMS.index}
    assert words["idc-trainable-mel"] == "validation accuracy below 0.60"
    assert words["turin-crnn"] == "track accuracy 0.82"
    assert words["blog-late-epochs"] == "validation best epoch at most 8"
    assert words["toronto-cnn-loss"] == "training loss above 2"
    assert words["stanford-zhang-underfits"] == "train accuracy below 0.5"
    assert words["idc-best-genre"] == "best genre: classical"
    assert words["toronto-confusions"] == "new songs most confused: metal/rock; blues/jazz"


def test_markdown_escapes_bars():
    assert to_markdown(pd.DataFrame({"a": ["x|y"], "b": ["z"]})) == "| a | b |\n| --- | --- |\n| x\\|y | z |\n"


def test_written_files_hold_every_claim(tmp_path, frame):
    table, page = write_scoreboard(tmp_path, frame)
    pd.testing.assert_frame_equal(pd.read_csv(table, dtype=str, keep_default_na=False), frame)
    text = page.read_text(encoding="utf-8")
    assert all(f"| {claim_id} |" in text for claim_id in CLAIMS.index)
    assert len([line for line in text.splitlines() if line.startswith("|")]) == 2 * len(CLAIMS) + 2


def test_a_network_of_ones_own_stands_as_such_and_is_no_verdict_on_the_report(tmp_path):
    content = {**record_of("idc-mel-cnn1d", [0.8], [0.7, 0.9]), "own_network": True}
    table = scoreboard({"gtzan_mini": run_of(tmp_path, content)})
    assert cell(table, "idc-mel-cnn1d", "system") == "your network"
    assert cell(table, "idc-mel-cnn1d", "measured") == "0.800"
    assert cell(table, "idc-mel-cnn1d", "verdict") == "your network, not the report's"


def test_what_did_not_come_out_has_its_likely_reason_from_the_table_of_claims(frame):
    lines = missed(frame)
    assert [line.split("`")[1] for line in lines] == ["idc-mel-cnn1d", "idc-best-genre", "toronto-mlp-new-recall"]
    assert CLAIMS.loc["idc-mel-cnn1d", "reason"] in lines[0]


def test_a_system_has_one_headline():
    headlines = headline_claims()
    assert headlines["mel_cnn1d"] == "idc-mel-cnn1d" and len(headlines) >= 6
    assert all(CLAIMS.loc[claim, "system"] == system for system, claim in headlines.items())
