"""A quarter of the songs happy: the report's draw on FMA's own valences."""

import random
from types import SimpleNamespace

import pytest

from genrelib._base.errors import DatasetError
from genrelib.reports.stanford.happy import answer, measured, mood_shares, valences
from genrelib.results.recording import record
from genrelib.results.records import read_records
from genrelib.results.verdicts import verdict


def test_the_share_of_happy_songs_is_that_of_a_naive_count():
    table, rng = valences(), random.Random(1)
    by_genre = [(own >= 2 / 3).tolist() for _, own in table["valence"].groupby(table["genre"])]
    assert len(table) == 8276 and len(by_genre) == 6
    drawn = sorted(sum(sum(rng.sample(own, 75)) for own in by_genre) / 450 for _ in range(300))
    found = answer(mood_shares(table)).loc["happy"]
    assert found["mean"] == pytest.approx(sum(sum(own) / len(own) for own in by_genre) / 6, abs=0.003)
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
