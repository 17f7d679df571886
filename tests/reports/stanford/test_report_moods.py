from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from genrelib import datasets
from genrelib.datasets.collection import Collection
from genrelib.reports.session import Session
from genrelib.reports.stanford.report_moods import fits, report_table, session_with_valence, top_confusions, train_minus_test
from genrelib.training.runs import Runs


def level(accuracy, confusion=None):
    return SimpleNamespace(accuracy=accuracy, confusion=confusion)


def scored(slice_, track, confusion=None):
    genres = ["Electronic", "Instrumental", "Pop"]
    return SimpleNamespace(slice=level(slice_, confusion), track=level(track), genres=genres)


def run(train, test, confusion=None):
    mood = {part: scored(0.4, 0.5) for part in ("train", "test")}
    outputs = {
        "train": {"genre": scored(*train), "mood": mood["train"]},
        "test": {"genre": scored(*test, confusion), "mood": mood["test"]},
    }
    return SimpleNamespace(outputs=outputs, fold="fold", history=None, options={})


def runs_of(runs, **reasons):
    return Runs("choi", None, None, [], "slice", runs, reasons)


def test_ours_stand_beneath_what_the_report_claims():
    table = report_table({"zhang": [run((0.5, 0.6), (0.3, 0.2)), run((0.7, 0.8), (0.1, 0.4))]})
    assert list(table.index) == [("zhang", whose) for whose in ("claimed", "ours, a slice", "ours, a song")]
    assert list(table.columns) == [(output, part) for output in ("genre", "mood") for part in ("train", "test")]
    assert table.loc[("zhang", "claimed")].tolist() == [0.476, 0.333, 0.478, 0.42]
    assert table.loc[("zhang", "ours, a slice")].tolist() == pytest.approx([0.6, 0.2, 0.4, 0.4])
    assert table.loc[("zhang", "ours, a song")].tolist() == pytest.approx([0.7, 0.3, 0.5, 0.5])


def test_gaps_and_training_accuracies_keep_the_reason_of_a_split_that_was_not_measured():
    by_unit = {"slice": [run((0.9, 0.95), (0.6, 0.7))], "track": [run((0.8, 1), (0.9, 1))]}
    runs = runs_of(by_unit, artist="knows no artists")
    assert train_minus_test(runs["slice"][0], "genre", level="track") == pytest.approx(0.25)
    gaps = fits(runs, "train_minus_test")
    assert gaps.by_unit["slice"].values == pytest.approx([0.3]) and gaps.by_unit["slice"].folds == ["fold"]
    assert gaps.not_measured["artist"] == "knows no artists" and gaps.main == "slice"
    assert gaps.by_unit["track"].values == pytest.approx([-0.1])
    assert fits(runs, "train_accuracy").by_unit["slice"].values == [0.9]


def test_the_top_confusion_is_never_the_genre_itself():
    confusion = np.array([[5, 0, 0], [3, 9, 2], [4, 4, 1]])
    never = np.diag([1, 2, 3])
    runs = runs_of({"slice": [run((1, 1), (1, 1), confusion), run((1, 1), (1, 1), never)]})
    assert top_confusions(runs, "Instrumental").by_unit["slice"].values == ["Electronic", None]
    assert top_confusions(runs, "Pop").by_unit["slice"].values[0] == "Electronic"


def test_a_collection_without_valence_gives_way_to_the_demo_and_keeps_its_folder_clean(tmp_path, monkeypatch, capsys):
    columns = {"path": "", "genre": "rock", "artist": None, "artist_id": None, "album": None, "duration": 1.0}
    plain = Collection("gtzan_mini", pd.DataFrame(columns, index=["a"]), Path("."))
    moody = Collection("demo", plain.tracks.assign(valence=0.5), Path("."), is_demo=True)
    monkeypatch.setattr(datasets, "load_collection", lambda name: moody if name == "demo" else None)
    given = session_with_valence(Session(plain, tmp_path, (0, 1, 2)))
    told = capsys.readouterr().out
    assert given.collection is moody and given.folder == tmp_path / "demo" and given.seeds == (0,)
    assert "gtzan_mini knows no valence" in told and "DEMO" in told
    own = Session(moody, tmp_path, (4,))
    assert session_with_valence(own) is own and capsys.readouterr().out == ""
