"""What the public table of all 1000 tracks says beside a collection's own figures."""

import json
import re

from genrelib.results.scoreboard import TABLE, page, scoreboard, validated
from tests.results.test_scoreboard import cells, record_of, run_of


def test_the_table_of_all_tracks_stands_beside_the_systems_that_it_knows(tmp_path):
    board = scoreboard({"gtzan_mini": run_of(tmp_path)}).set_index("claim_id")
    parts = board.loc["toronto-mlp", "all_1000_tracks"].split(" · ")
    assert all(re.fullmatch(r"[^\d]+ 0\.\d+ ± 0\.\d+ \(0\.\d+ to 0\.\d+\), \d+ .*tracks.*", part) for part in parts)
    assert [part.split(" 0.")[0] for part in parts[:2]] == ["random tracks", "random tracks"]
    assert parts[0].endswith("803 validation tracks: reproduced") and parts[1].endswith("807 tracks")
    assert all("leak-free" in part for part in parts[2:]) and parts[2].endswith("917 tracks of 238 artists")
    assert board.loc["toronto-mlp-new-f1", "all_1000_tracks"] == ""


def test_the_table_s_validation_accuracy_is_the_committed_one_with_an_interval_around_it():
    figures = json.loads(TABLE.read_text(encoding="utf-8"))["figures"]
    (committed,) = [one for one in figures if (one["system"], one["split"]) == ("feature_mlp", "slice")]
    made = validated(committed)
    assert made["values"] == committed["validation"] and made["n_tracks_test"] == 803
    assert made["ci95"][0] < made["mean"] < made["ci95"][1]


def test_a_song_that_the_collection_lacks_has_the_table_s_answer_and_its_verdict(tmp_path):
    reason = "disco.00014 is no track of gtzan_mini"
    lacking = {**record_of("toronto-stayin-alive", []), "mean": None, "not_measured": reason}
    board = scoreboard({"gtzan_mini": run_of(tmp_path, lacking)})
    ((_, reported, own, *_, on_the_table, word),) = cells(page(board), "toronto-stayin-alive")
    assert reported.endswith("(on 1 track)") and own == "not measured"
    assert on_the_table.startswith("country; disco; rock 3×") and on_the_table.endswith("its artist: undecided")
    assert word == "undecided"  # one song is fewer than thirty
