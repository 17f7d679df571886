"""What is chosen of a head is chosen on artists that it does not learn from."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from genrelib.datasets.gtzan import GENRES, read_index
from tests.classify.test_classifier import tone
from tools import heads, robustness
from tools.heads_rows import Rows, together


@pytest.fixture(scope="module")
def rows():
    """Numbers of GTZAN's tracks that tell the artist and nothing of the genre."""
    index = read_index()
    index = index[index["gtzan_160_fold"] != ""]
    codes = pd.factorize(index["artist_id"])[0]
    numbers = np.random.default_rng(0).normal(size=(codes.max() + 1, 200))[codes]
    heard = {"pooled": numbers, "dense": numbers[:, :40], "tags": numbers[:, :20]}
    return Rows(heard, index.index.to_numpy(dtype=str), np.ones(len(index)))


def test_who_knows_the_artists_alone_names_artists_held_out_no_better_than_chance(rows, monkeypatch):
    monkeypatch.setitem(heads.VARIANTS, "pretrained", {"pooled": (0.01, 1.0), "dense": (0.01,)})
    head, choice = heads.learned("pretrained", rows, rows)
    assert (head.probabilities(rows.numbers[choice["numbers"]]).argmax(axis=1) == rows.labels).mean() > 0.5
    assert choice["right"] < 0.25 and choice["C"] in (0.01, 1.0)
    assert np.isfinite(head.limits).all() and head.temperature > 1


def test_artists_who_are_tested_are_out_of_the_rows(rows):
    tested = rows.where(np.arange(len(rows.tracks)) < 40)
    left = rows.without(tested.artists)
    assert not set(left.artists) & set(tested.artists) and len(left.tracks) > 80


def test_the_steps_of_a_song_weigh_as_a_row_of_the_table_does():
    tracks = np.array([f"{genre}.{number:05d}" for genre in GENRES for number in range(4)])
    table = Rows({"level-free": np.random.default_rng(0).normal(size=(40, 5))}, tracks, np.ones(40))
    fits = []
    for n_steps in (2, 25):
        both = together(table, table.where(np.repeat(np.arange(8), n_steps)))
        assert len(both.tracks) == 40 + 8 * n_steps and both.weights.sum() == pytest.approx(48)
        fits += [head for _, head in heads.fitted("embedded", both, "level-free", [0.1])]
    few, many = (head.probabilities(table.numbers["level-free"]) for head in fits)
    np.testing.assert_allclose(few, many, atol=1e-3)  # where the solver stops
    assert len(fits[1].rows) == 40  # distances are taken to the table's rows


def test_a_number_that_stands_still_but_for_rounding_decides_nothing(rows):
    still = 2e-6 + 1e-13 * np.random.default_rng(1).normal(size=(len(rows.tracks), 1))
    wider = replace(rows, numbers={"pooled": np.hstack([rows.numbers["pooled"], still])})
    ((_, head),) = heads.fitted("pretrained", wider, "pooled", [0.01])
    moved = wider.numbers["pooled"] + np.r_[np.zeros(200), 1e-9]
    np.testing.assert_allclose(head.probabilities(moved), head.probabilities(wider.numbers["pooled"]), atol=1e-6)


class ByLoudness:
    """A stand-in for a classifier, whose answer volume decides."""

    def classify(self, song, top=3, *, sample_rate=None):
        loud = np.abs(song).max() > 0.2
        ranked = [("loud", 0.9), ("quiet", 0.1)] if loud else [("quiet", 0.9), ("loud", 0.1)]
        return type("Answer", (), {"top": ranked[:top], "notes": [] if loud else [robustness.STRANGE]})


def test_changes_are_counted_each_against_the_song_itself():
    song = robustness.measured(ByLoudness(), tone(5, 0.5, robustness.RATE), "loud", np.random.default_rng(0))
    figures = robustness.summed([song], {"made sounds": {"hum": {"told": True}, "hiss": {"told": False}}})
    changes, flags = figures["first answers that change"], figures["told as unlike anything"]
    assert changes["12 dB quieter"] == flags["12 dB quieter"] == 1.0 and changes["shifted by 1.5 s"] == 0.0
    assert changes["12 dB louder, where nothing clips"] is None  # half scale leaves no room for it
    assert figures["right"] == {"whole steps": 1.0, "clips of 2 to 3 s": 1.0} and flags["no music"] == 0.5
    assert figures["n"]["clips of 2 to 3 s"] == robustness.CLIPS and set(changes) == set(robustness.CHANGES)
