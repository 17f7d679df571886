import os
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from genrelib.datasets import gtzan
from genrelib.evaluation.neighbours import by_kind
from genrelib.features import FEATURES
from genrelib.reports.leakage.table import NEIGHBOUR, find_table, table_neighbours
from genrelib.reports.toronto import public_table


@pytest.fixture
def table(tmp_path):
    """A table of the whole of GTZAN in which an artist is a point, and a genre is nothing."""
    index = gtzan.read_index()
    artists = index["artist_id"].astype("category").cat.codes.to_numpy()
    rng = np.random.default_rng(0)
    features = rng.normal(0, 100, (artists.max() + 2, len(FEATURES)))[artists] + rng.normal(0, 1, (len(index), 57))
    frame = pd.DataFrame(features, columns=list(FEATURES)).assign(length=661794, label=index["genre"].to_numpy())
    frame.insert(0, "filename", [f"{track}.wav" for track in index.index])
    frame.to_csv(tmp_path / "features_30_sec.csv", index=False)
    return tmp_path / "features_30_sec.csv"


def test_tracks_find_their_artist_wherever_the_split_lets_them_and_answers_are_joined(table, monkeypatch, tmp_path):
    monkeypatch.setattr(public_table, "RESULTS", tmp_path)
    found = table_neighbours(table, seeds=(0,))[NEIGHBOUR]
    shares = by_kind(found).set_index(["unit", "kind"])
    assert shares.loc[("slice", "artist"), "share"] > 0.5 and shares.loc[("slice", "artist"), "accuracy"] > 0.9
    assert ("artist", "artist") not in shares.index and shares.loc[("artist", "other artist"), "accuracy"] < 0.3
    assert not (found["kind"] == "recording").any()
    frame = pd.DataFrame({f"p{i}": 0.1 for i in range(10)}, index=range(len(found)))
    frame = frame.assign(
        track_id=found["track_id"], slice=found["slice"], true=0, seed=0, protocol=found["unit"], part="test"
    )
    kept = tmp_path / public_table.NAME / "predictions"
    kept.mkdir(parents=True)
    frame.assign(system="svm").to_parquet(kept / "table-svm.parquet")
    frame.assign(system="other", slice=-1).to_parquet(kept / "table-other.parquet")
    assert list(table_neighbours(table, seeds=(0,))) == [NEIGHBOUR, "svm"]


def test_the_table_is_found_where_it_lies(tmp_path, monkeypatch):
    monkeypatch.delenv("GENRELIB_TABLE", raising=False)
    assert find_table(root=tmp_path) is None
    place = tmp_path / "gtzan" / "features_30_sec.csv"
    place.parent.mkdir()
    place.touch()
    assert find_table(root=tmp_path) == place
    monkeypatch.setenv("GENRELIB_TABLE", "elsewhere.csv")
    here = Path.cwd()  # in full: a notebook works in another folder
    assert find_table(root=tmp_path) == here / "elsewhere.csv" and find_table("mine.csv", tmp_path) == here / "mine.csv"


@pytest.mark.skipif("GENRELIB_TEST_TABLE" not in os.environ, reason="GENRELIB_TEST_TABLE names no features_30_sec.csv")
def test_the_real_table():
    found = by_kind(table_neighbours(os.environ["GENRELIB_TEST_TABLE"], seeds=(0, 1))[NEIGHBOUR])
    accuracy = found.set_index(["unit", "kind"])["accuracy"]
    assert accuracy["slice", "artist"] > accuracy["slice", "other artist"] + 0.2
