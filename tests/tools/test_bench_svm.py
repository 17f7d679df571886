"""The rows of the Turin report's benchmark: their data and their shape."""

import numpy as np

from genrelib.datasets import load_collection
from tools.bench import rows_svm
from tools.bench.measuring import KEYS, Settings


def test_the_drawn_table_is_as_large_as_gtzan_and_always_the_same():
    collection, table = rows_svm.thousand()
    assert table.shape == (1000, 31) and table["label"].equals(collection.tracks["genre"].rename("label"))
    assert table.index.equals(collection.tracks.index)
    np.testing.assert_array_equal(table.iloc[:, :30], rows_svm.thousand()[1].iloc[:, :30])


def test_svm_row(monkeypatch, tmp_path):
    for name, value in {"TRACKS_PER_GENRE": 12, "PLAIN_REPEATS": 2, "CORES": 1}.items():
        monkeypatch.setattr(rows_svm, name, value)
    row = rows_svm.svm_repeats(Settings(None, tmp_path, quick=True))
    assert tuple(row) == KEYS and row["limit_seconds"] == 300
    assert row["name"].startswith("4 repeats of 10-fold") and "120 tracks" in row["name"]


def test_pitch_row(monkeypatch, tmp_path):
    monkeypatch.setattr(rows_svm, "CORES", 1)
    collection = load_collection("demo", tmp_path, tracks_per_genre=4, seconds=1.0, progress=False)
    row = rows_svm.pitch_shift(Settings(collection, tmp_path, repeats=1))
    assert tuple(row) == KEYS and row["name"] == "10 tracks a semitone up" and "second call" in row["note"]
