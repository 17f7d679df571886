import json
import os
import subprocess
import sys
import zipfile
from importlib import metadata
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from genrelib.results import recording as results
from genrelib._base.errors import GenrelibError, ResultError
from genrelib.evaluation.scores import score_predictions
from genrelib.results.records import read_records
from genrelib.results.recording import record, write_when_whole
from genrelib.splits import Fold

GENRES = ["blues", "classical", "metal"]
COLLECTION = SimpleNamespace(name="gtzan_mini", is_demo=False)


def fold_of(seed=0, unit="slice", test=range(12)):
    return Fold(unit, seed, np.arange(20, 40), np.arange(40, 44), np.array(test))


def scores_of(seed=0, skill=1.0, positions=range(12)):
    rng = np.random.default_rng(seed)
    true = np.arange(len(positions)) // 4
    p = rng.dirichlet(np.ones(3), len(true)) + skill * np.eye(3)[true]
    p = (p / p.sum(axis=1, keepdims=True)).astype(np.float32)
    columns = {f"p{i}": p[:, i] for i in range(3)}
    frame = {"track_id": [f"t{i // 2}" for i in range(len(true))], "slice": list(positions), "true": true, **columns}
    return score_predictions(pd.DataFrame({**frame, "seed": 0, "protocol": ""}), GENRES, n_resamples=200)


def history_of(seconds=1.5):
    return SimpleNamespace(epochs_run=7, seconds=seconds)


def recorded(folder, claim_id="idc-mel-cnn1d", system="mel_cnn1d", **keywords):
    given = (
        {"scores": [scores_of(0), scores_of(1)], "fold": [fold_of(0), fold_of(1)]} if "values" not in keywords else {}
    )
    path = record(claim_id=claim_id, system=system, collection=COLLECTION, folder=folder, **{**given, **keywords})
    return json.loads(path.read_text(encoding="utf-8"))


def test_round_trip(tmp_path):
    scores = [scores_of(seed, skill=0.5) for seed in (0, 1, 2)]
    content = recorded(
        tmp_path, scores=scores, fold=[fold_of(seed) for seed in (0, 1, 2)],
        histories=[history_of(), history_of(2.5), history_of(3.5)],
        options={"batch_size": np.int64(32), "rate": np.nan},
        other_protocols={
            "track": [SimpleNamespace(scores=scores_of(4), fold=fold_of(0, "track"))],
            "artist": "four genres are one artist each",
        },
    )  # fmt: skip
    assert read_records(tmp_path) == {"idc-mel-cnn1d": content}
    values = [one.slice.accuracy for one in scores]
    assert content["values"] == values
    assert content["mean"] == pytest.approx(np.mean(values))
    assert content["sd"] == pytest.approx(np.std(values, ddof=1))
    assert content["ci95"] == pytest.approx(np.mean([one.slice.ci95["accuracy"] for one in scores], axis=0))
    assert "resamples the test tracks" in content["ci95_is"]
    assert (content["claimed"], content["operator"], content["metric"], content["level"]) == (
        0.8,
        "=",
        "accuracy",
        "slice",
    )
    assert (content["split_unit"], content["leak_free"], content["evaluated_on"]) == ("slice", False, "test")
    assert (content["collection"], content["is_demo"], content["seeds"]) == ("gtzan_mini", False, [0, 1, 2])
    assert (content["n_tracks_test"], content["n_slices_test"]) == (6, 12)
    assert (content["epochs_run"], content["seconds"]) == ([7, 7, 7], [1.5, 2.5, 3.5])
    assert content["options"] == {"batch_size": 32, "rate": None}
    assert content["versions"]["numpy"] == metadata.version("numpy")
    assert content["machine"]["cpus"] == os.cpu_count()
    for seed, one in enumerate(scores):
        assert content["scores"][seed]["track"]["macro_f1"] == one.track.macro_f1
        assert content["scores"][seed]["track_majority"]["accuracy"] == one.track_majority.accuracy
        assert content["scores"][seed]["slice"]["recall"] == one.slice.recall
    assert content["other_protocols"]["artist"] == {"not_measured": "four genres are one artist each"}
    track = content["other_protocols"]["track"]
    assert (track["values"], track["sd"], track["seeds"]) == ([scores_of(4).slice.accuracy], None, [0])

    kept = pd.read_parquet(tmp_path / "predictions/idc-mel-cnn1d.parquet")
    assert list(kept.columns) == ["track_id", "slice", "true", "p0", "p1", "p2", "seed", "protocol"]
    assert kept.groupby(["protocol", "seed"]).size().to_dict() == {
        ("slice", 0): 12, ("slice", 1): 12, ("slice", 2): 12, ("track", 0): 12,
    }  # fmt: skip
    again = score_predictions(kept[(kept["protocol"] == "slice") & (kept["seed"] == 2)], GENRES, n_resamples=200)
    assert again.slice.ci95 == scores[2].slice.ci95
    assert sorted(path.name for path in tmp_path.rglob("*") if path.is_file()) == [
        "idc-mel-cnn1d.json",
        "idc-mel-cnn1d.parquet",
    ]


def test_leak_free_is_said_of_artist_splits(tmp_path):
    other = {"artist": [SimpleNamespace(scores=scores_of(), fold=fold_of(unit="artist"))]}
    content = recorded(tmp_path, other_protocols=other)
    assert content["leak_free"] is False
    assert content["other_protocols"]["artist"]["leak_free"] is True


@pytest.mark.parametrize(
    ("claim_id", "system", "expected"),
    [
        ("idc-best-genre", "any", "classical"),
        ("idc-raw-worst-genre", "raw_cnn1d", "blues"),
        ("idc-raw-second-genre", "raw_cnn1d", "metal"),
    ],
)
def test_genre_claims(tmp_path, claim_id, system, expected):
    p = np.eye(3)[[1, 1, 1, 1, 1, 1, 2, 2, 0]]  # recall: blues 0, classical 1, metal 2/3
    frame = pd.DataFrame({"track_id": list("abcdefghi"), "slice": range(9), "true": [0, 0, 0, 1, 1, 1, 2, 2, 2]})
    frame = frame.assign(**{f"p{i}": p[:, i] for i in range(3)}, seed=0, protocol="slice")
    scores = score_predictions(frame, GENRES, n_resamples=10)
    content = recorded(tmp_path, claim_id, system, scores=scores, fold=fold_of())
    assert content["values"] == [expected]
    assert content["mean"] is content["sd"] is content["ci95"] is content["ci95_is"] is None


def test_ties_go_to_the_alphabet_and_absent_genres_do_not_count(tmp_path):
    frame = pd.DataFrame(
        {"track_id": list("ab"), "slice": [0, 1], "true": [2, 1], "p0": 0.0, "p1": [0.0, 1], "p2": [1.0, 0]}
    )
    scores = score_predictions(frame.assign(seed=0, protocol=""), GENRES)
    for claim_id, expected in (
        ("idc-best-genre", "classical"),
        ("idc-raw-second-genre", "metal"),
        ("idc-raw-worst-genre", "classical"),
    ):
        content = recorded(tmp_path, claim_id, "raw_cnn1d", scores=scores, fold=fold_of())
        assert content["values"] == [expected]
        assert content["scores"][0]["slice"]["recall"]["blues"] is None
    assert "NaN" not in (tmp_path / "results/idc-best-genre.json").read_text(encoding="utf-8")


def test_track_level_and_vote(tmp_path):
    scores = scores_of(3, skill=0.2)
    content = recorded(tmp_path, "polito-crnn", "crnn", scores=scores, fold=fold_of(unit="track"))
    assert content["values"] == [scores.track.accuracy]
    assert content["ci95"] == pytest.approx(scores.track.ci95["accuracy"])


def test_explicit_values(tmp_path):
    folds = [fold_of(0), fold_of(1)]
    content = recorded(
        tmp_path, "idc-2d-below-1d", "mel_cnn2d", values=[-0.1, 0.02], metric="accuracy_difference_to_mel_cnn1d",
        fold=folds, ci95=(-0.2, 0.1), ci95_is="paired",
        other_protocols={"track": {"values": [0.1], "fold": fold_of(0, "track")}},
    )  # fmt: skip
    assert content["mean"] == pytest.approx(-0.04)
    assert (content["ci95"], content["ci95_is"]) == ([-0.2, 0.1], "paired")
    assert (content["n_slices_test"], content["n_tracks_test"], content["scores"]) == (12, None, [])
    assert content["other_protocols"]["track"]["values"] == [0.1]
    assert not (tmp_path / "predictions").exists()
    speed = recorded(tmp_path, "blog-seconds-per-file", "window_mel", values=[0.2, 0.3], metric="seconds_per_track")
    assert (speed["seeds"], speed["split_unit"], speed["leak_free"]) == ([], "none", False)


def test_validation_values_beside_test_scores_have_no_interval_of_the_test(tmp_path):
    content = recorded(
        tmp_path,
        "idc-trainable-mel",
        "trainable_mel_cnn1d",
        values=[0.4],
        metric="accuracy",
        scores=scores_of(),
        fold=fold_of(),
    )
    assert (content["values"], content["ci95"]) == ([0.4], None)
    assert content["scores"][0]["slice"]["accuracy"] == scores_of().slice.accuracy


RUN = SimpleNamespace(scores=scores_of(), fold=fold_of(unit="artist"))


@pytest.mark.parametrize(
    ("keywords", "words"),
    [
        ({"claim_id": "idc-mel-cnn"}, "near it:.*idc-mel-cnn1d"),
        ({"system": "mel_cnn2d"}, "is about mel_cnn1d"),
        ({"fold": [fold_of()]}, "one fold and score a seed; 1, 2"),
        ({"scores": None}, "needs scores or values"),
        ({"fold": [fold_of(unit="track"), fold_of(1)]}, "folds by track"),
        ({"fold": [fold_of(), fold_of(1, test=range(11))]}, "1 of the slices scored are not in it.*first: 11"),
        ({"histories": [history_of()]}, "1 for 2 values"),
        ({"values": [0.5], "fold": fold_of()}, "metric=None"),
        ({"values": [0.5], "fold": fold_of(), "metric": "macro_f1"}, "claims accuracy"),
        ({"ci95": (0, 1)}, "ci95 goes with values"),
        ({"values": [0.5], "fold": fold_of(), "metric": "accuracy", "ci95": (0, 1)}, "come together"),
        ({"values": [0.5], "fold": fold_of(), "metric": "accuracy", "ci95": (1, 0), "ci95_is": "x"}, r"\[low, high\]"),
        ({"fold": [fold_of(), fold_of()]}, "12 rows are there twice"),
        ({"options": {"model": object()}}, "of type object"),
        ({"other_protocols": {"track": [RUN]}}, "by track: folds by artist"),
        ({"other_protocols": {"slice": "same"}}, "by slice itself"),
        ({"other_protocols": {"tracks": "a typo"}}, "other_protocols, tracks"),
        ({"other_protocols": {"artist": {"mean": 0.5}}}, "mean is none"),
        ({"claim_id": "idc-2d-below-1d", "system": "mel_cnn2d"}, "does not follow from scores"),
        ({"claim_id": "idc-trainable-mel", "system": "trainable_mel_cnn1d"}, "evaluate on fold.validation"),
    ],
)
def test_what_is_refused_writes_nothing(tmp_path, keywords, words):
    with pytest.raises(ResultError, match="(?s)" + words):
        recorded(tmp_path, **keywords)
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]


def test_a_record_without_predictions_leaves_no_older_ones(tmp_path):
    recorded(tmp_path)
    assert (tmp_path / "predictions/idc-mel-cnn1d.parquet").exists()
    recorded(tmp_path, values=[0.5], metric="accuracy", fold=fold_of())
    assert not (tmp_path / "predictions/idc-mel-cnn1d.parquet").exists()


def test_first_model_is_saved(tmp_path):
    def stand_in(name):
        def save(path):
            with zipfile.ZipFile(path, "w") as archive:
                archive.writestr("name", name)

        return SimpleNamespace(save=save)

    recorded(tmp_path, models=[stand_in("first"), stand_in("second")])
    with zipfile.ZipFile(tmp_path / "models/idc-mel-cnn1d.keras") as archive:
        assert archive.read("name") == b"first"
    assert len(list((tmp_path / "models").iterdir())) == 1


KILLED = """
import os, sys
from pathlib import Path
os.fsync = lambda _: os._exit(9)
from genrelib.results.recording import write_when_whole
write_when_whole(Path(sys.argv[1]), "half")
"""


def test_killed_writer_leaves_the_old_record_whole(tmp_path):
    content = recorded(tmp_path)
    target = tmp_path / "results/idc-mel-cnn1d.json"
    path = str(Path(results.__file__).parents[1])
    done = subprocess.run(
        [sys.executable, "-c", KILLED, str(target)], env={**os.environ, "PYTHONPATH": path}, check=False
    )
    assert done.returncode == 9
    assert len(list(target.parent.iterdir())) == 2  # the half-written file is there, beside the old one
    assert read_records(tmp_path) == {"idc-mel-cnn1d": content}


def test_full_disk_leaves_the_old_file_and_no_half(tmp_path, monkeypatch):
    path = tmp_path / "a.json"
    write_when_whole(path, "old")

    def no_space(_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("genrelib.results.recording.os.fsync", no_space)
    with pytest.raises(GenrelibError, match=r"a\.json.*No space"):
        write_when_whole(path, "new")
    assert path.read_text() == "old"
    assert [one.name for one in tmp_path.iterdir()] == ["a.json"]


def test_a_claim_that_its_own_split_does_not_allow_has_a_reason_and_no_figure(tmp_path):
    reason = "four genres are one artist each"
    given = {"claim_id": "toronto-mlp-new-f1", "system": "feature_mlp", "collection": COLLECTION, "folder": tmp_path}
    by_slice = {"slice": [SimpleNamespace(scores=scores_of(), fold=fold_of())]}
    record(**given, not_measured=reason, other_protocols=by_slice)
    content = read_records(tmp_path)["toronto-mlp-new-f1"]
    assert content["not_measured"] == reason and content["values"] == [] and content["mean"] is None
    assert content["other_protocols"]["slice"]["values"] == [scores_of().slice.macro_f1]
    assert set(pd.read_parquet(tmp_path / "predictions/toronto-mlp-new-f1.parquet")["protocol"]) == {"slice"}
    with pytest.raises(ResultError, match="what was not measured .*four genres.* has no figure"):
        record(**given, not_measured=reason, scores=scores_of(), fold=fold_of(unit="artist"))
