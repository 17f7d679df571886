"""The demo shows what it says: every network names more than chance, and the album effect has its sign."""

import numpy as np
import pytest

from genrelib._base.paths import RUNS
from genrelib.results.records import read_records

RECORDS = read_records(RUNS / "demo") if (RUNS / "demo" / "results").is_dir() else {}
REPORTS_SPLIT = {"metric": "accuracy", "split_unit": "slice", "evaluated_on": "test"}
BY_SLICE = [claim for claim, record in RECORDS.items() if REPORTS_SPLIT.items() <= record.items()]


@pytest.mark.parametrize("claim", BY_SLICE)
def test_each_network_is_above_chance_by_slice(claim):
    record = RECORDS[claim]
    n_classes = len(record["scores"][0]["slice"]["recall"])
    assert record["mean"] > 1.2 / n_classes


def test_the_stanford_networks_are_among_them():
    assert {f"stanford-{system}-genre-test" for system in ("yu", "choi", "zhang")} <= set(BY_SLICE)


@pytest.mark.parametrize("level", ["slice", "track"])
def test_a_song_from_a_known_album_is_easier_than_one_from_a_new_album(level):
    album, song = (np.mean(RECORDS[f"turin-artist20-{split}-{level}"]["values"]) for split in ("album", "song"))
    assert song - album > 0.1
