"""A quarter of the songs happy: the report's draw on FMA's own valences."""

import csv
import random
from types import SimpleNamespace

import pytest

from genrelib._base.errors import DatasetError
from genrelib._base.paths import table_path
from genrelib.reports.stanford.happy import answer, measured, mood_shares, valences
from genrelib.results.recording import record
from genrelib.results.records import read_records
from genrelib.results.verdicts import verdict


def test_the_share_of_happy_songs_is_that_of_a_naive_count():
    with open(table_path("fma/valence.csv"), encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    by_genre = {}
    for row in rows:
        by_genre.setdefault(row["genre_top"], []).append(float(row["valence"]))
    assert len(rows) == 8276 and len(by_genre) == 6
    expected = sum(sum(value >= 2 / 3 for value in own) / len(own) for own in by_genre.values()) / 6
    rng, drawn = random.Random(1), []
    for _ in range(300):
        songs = [value for own in by_genre.values() for value in rng.sample(own, 75)]
        drawn.append(sum(value >= 2 / 3 for value in songs) / len(songs))
    found = answer(mood_shares(valences())).loc["happy"]
    assert found["mean"] == pytest.approx(expected, abs=0.003)
    assert found["mean"] == pytest.approx(sum(drawn) / len(drawn), abs=0.005)
    drawn.sort()
    assert found["low"] == pytest.approx(drawn[7], abs=0.01) and found["high"] == pytest.approx(drawn[-8], abs=0.01)


def test_a_draw_holds_every_song_once_and_refuses_a_genre_that_is_too_small():
    shares = mood_shares(valences(), n_draws=3)
    assert shares.sum(axis=1).tolist() == pytest.approx([1, 1, 1])
    assert (shares * 450).round(9).mod(1).eq(0).all(axis=None)
    few = valences().groupby("genre").head(10)
    with pytest.raises(DatasetError, match="75 tracks.*there are 10"):
        mood_shares(few)


def test_the_claim_is_recorded_with_its_verdict(tmp_path):
    session = SimpleNamespace(collection=SimpleNamespace(name="gtzan_160", is_demo=False), folder=tmp_path)
    record("stanford-quarter-happy", measured(session, mood_shares(valences())))
    content = read_records(tmp_path)["stanford-quarter-happy"]
    assert verdict(content, 450) == "reproduced" and content["n_tracks_test"] == 450
