"""A scoreboard as it is read: results/README.md, scoreboard.md of a run, notebook 99."""

from genrelib.results.scoreboard import page, scoreboard
from genrelib.results.verdicts import DEMO, LEGEND
from tests.results.test_scoreboard import CLAIMS, frame, protocol, record_of, run_of  # noqa: F401, frame is a fixture


def cells(text, claim):
    return [line.strip("| ").split(" | ") for line in text.splitlines() if line.startswith(f"| `{claim}`")]


def test_it_is_compact_and_names_every_claim(frame):  # noqa: F811
    text = page(frame)
    lines = text.splitlines()
    assert lines[0] == (
        "| Claim | Reported | The report's own protocol | By track (test) | By artist (test, leak-free) "
        "| All 1000 tracks, 57 numbers | Verdict |"
    )
    assert cells(text, "idc-mel-cnn1d")[1] == [
        "`idc-mel-cnn1d`, gtzan_160", "accuracy 0.80 (on 944 tracks)", "0.800 (0.750 to 0.850), 100 tracks", "not measured yet",
        "0.310 (0.200 to 0.400), 140 tracks of 96 artists", "–", "reproduced",
    ]  # fmt: skip
    assert len([line for line in lines if line.startswith("|")]) == 2 + 4
    assert all(f"`{claim_id}`" in text for claim_id in CLAIMS.index) and all(f"**{word}**" in text for word in LEGEND)
    assert cells(text, "idc-mel-cnn1d")[0][4] == "not measured"
    assert "- idc, by artist (four genres are one artist each): `idc-mel-cnn1d`" in lines and len(lines) < 32


def test_a_figure_by_artist_stands_where_the_claims_own_split_was_not_measured(tmp_path):
    reason = "four genres are one artist each"
    dear = {**record_of("turin-crnn", [], collection="gtzan"), "mean": None, "not_measured": "no GPU"}
    dear["other_protocols"] = {"artist": protocol([0.6], [0.5, 0.7], leak_free=True)}
    new = {**record_of("toronto-mlp-new-f1", [], collection="gtzan"), "mean": None, "not_measured": reason}
    text = page(scoreboard({"gtzan": run_of(tmp_path, dear, new)}))
    ((_, _, own, _, by_artist, _, verdict),) = cells(text, "turin-crnn")
    assert (own, by_artist, verdict) == ("", "0.600 (0.500 to 0.700), 100 tracks", "not measured, because no GPU")
    assert reason in text and "`toronto-mlp-new-f1`" in text
