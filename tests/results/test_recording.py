import json
import os
from dataclasses import replace
from importlib import metadata
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from genrelib._base.errors import ResultError
from genrelib.evaluation.measured import Figures, Measured
from genrelib.evaluation.scores import score_predictions
from genrelib.results.recording import not_measured, record
from genrelib.results.records import read_predictions, read_records
from genrelib.splits import Fold
from genrelib.training.runs import Run, Runs
from tests.evaluation.test_scores import table

GENRES = ["blues", "classical", "metal"]
ARTISTS = pd.Series(["x", "x", "y", "z", None, None], index=[f"t{i}" for i in range(6)])
COLLECTION = SimpleNamespace(name="gtzan_mini", is_demo=False, groups={"artist": ARTISTS}.get)


def fold_of(seed=0, unit="slice", test=range(12)):
    return Fold(unit, seed, np.arange(20, 40), np.arange(40, 44), np.array(test))


def scores_of(seed=0, skill=1.0, positions=range(12)):
    rng = np.random.default_rng(seed)
    true = np.arange(len(positions)) // 4
    p = rng.dirichlet(np.ones(3), len(true)) + skill * np.eye(3)[true]
    frame = table([f"t{i // 2}" for i in range(len(true))], true, p / p.sum(axis=1, keepdims=True), slice=positions)
    return score_predictions(frame, GENRES, n_resamples=200)


def history_of(seconds=1.5):
    return SimpleNamespace(epochs_run=7, seconds=seconds)


def run_of(folder, seed=0, unit="slice", *, scores=None, fold=None, **fields):
    fold = fold or fold_of(seed, unit)
    trained = {"commit": "a" * 40, "versions": {"numpy": "1.0", "keras": "3.0"}, "history": history_of(), **fields}
    where = folder / "trained" / f"{unit}-{seed}"
    return Run("mel_cnn1d", unit, seed, fold, scores or scores_of(seed), folder=where, **trained)


def runs_of(folder, *runs, not_measured=None, **fields):
    """Give Runs of one system as `run_protocols` does."""
    by_unit = {}
    for run in runs or [run_of(folder, 0), run_of(folder, 1)]:
        by_unit.setdefault(run.unit, []).append(run)
    about = {"system": "mel_cnn1d", "collection": COLLECTION, "folder": folder, "genres": GENRES, "main": "slice"}
    return Runs(**{**about, "runs": by_unit, "not_measured": not_measured or {}, **fields})


def recorded(folder, claim_id="idc-mel-cnn1d", measured=None, **keywords):
    path = record(claim_id, runs_of(folder) if measured is None else measured, **{"save_model": False, **keywords})
    return json.loads(path.read_text(encoding="utf-8"))


def test_round_trip(tmp_path):
    scores = [scores_of(seed, skill=0.5) for seed in range(3)]
    runs = [
        run_of(tmp_path, seed, scores=one, history=history_of(1.5 + seed), options={"batch_size": np.int64(32)})
        for seed, one in enumerate(scores)
    ]
    reasons = {"artist": "four genres are one artist each"}
    measured = runs_of(tmp_path, *runs, run_of(tmp_path, 0, "track", scores=scores_of(4)), not_measured=reasons)
    content = recorded(tmp_path, measured=measured, options={"rate": np.nan})
    assert read_records(tmp_path) == {"idc-mel-cnn1d": content}
    values = [one.slice.accuracy for one in scores]
    assert content["values"] == values
    assert content["mean"] == pytest.approx(np.mean(values))
    assert content["sd"] == pytest.approx(np.std(values, ddof=1))
    assert content["ci95"][0] < content["mean"] < content["ci95"][1]
    assert "6 tracks" in content["ci95_is"] and "trainings" in content["ci95_is"]
    assert [content[name] for name in ("claimed", "operator", "metric", "level")] == [0.8, "=", "accuracy", "slice"]
    assert (content["split_unit"], content["leak_free"], content["evaluated_on"]) == ("slice", False, "test")
    assert (content["collection"], content["is_demo"], content["seeds"]) == ("gtzan_mini", False, [0, 1, 2])
    assert [content[f"n_{what}_test"] for what in ("tracks", "artists", "slices")] == [6, None, 12]
    assert (content["epochs_run"], content["seconds"]) == ([7, 7, 7], [1.5, 2.5, 3.5])
    assert content["options"] == {"batch_size": 32, "rate": None}
    assert content["machine"]["cpus"] == os.cpu_count()
    for seed, one in enumerate(scores):
        assert content["scores"][seed]["track"]["macro_f1"] == one.track.macro_f1
        assert content["scores"][seed]["track_majority"]["accuracy"] == one.track_majority.accuracy
        assert content["scores"][seed]["slice"]["recall"] == one.slice.recall
    assert content["other_protocols"]["artist"] == {"not_measured": "four genres are one artist each"}
    track = content["other_protocols"]["track"]
    assert (track["values"], track["sd"], track["seeds"]) == ([scores_of(4).slice.accuracy], None, [0])


def test_predictions_are_a_file_a_split_and_seed_that_the_record_lists(tmp_path):
    runs = runs_of(tmp_path, run_of(tmp_path, 0), run_of(tmp_path, 2), run_of(tmp_path, 0, "track"))
    content = recorded(tmp_path, measured=runs)
    names = [f"idc-mel-cnn1d-{of}.parquet" for of in ("slice-0", "slice-2", "track-0")]
    assert content["predictions"] == names
    assert sorted(path.name for path in (tmp_path / "predictions").iterdir()) == names
    kept = pd.read_parquet(tmp_path / "predictions" / names[1])
    assert (kept["p0"].dtype, set(kept["seed"]), set(kept["protocol"])) == (np.float32, {2}, {"slice"})
    again = score_predictions(kept, GENRES, n_resamples=200)
    assert again.slice.ci95 == runs["slice"][1].scores.slice.ci95
    assert len(read_predictions(tmp_path, "idc-mel-cnn1d")) == 36


def test_of_very_many_predictions_the_named_label_is_kept_in_one_small_file(tmp_path):
    n, k = 45_000, 10
    given, genres = np.random.default_rng(0).dirichlet(np.ones(k), n), [f"g{i}" for i in range(k)]
    frame = table([f"t{i % 50:02d}" for i in range(n)], np.arange(n) % k, given)
    scores = score_predictions(frame, genres, n_resamples=0)
    run = run_of(tmp_path, scores=scores, fold=fold_of(test=range(n)))
    content = recorded(tmp_path, measured=runs_of(tmp_path, run))
    (path,) = (tmp_path / "predictions").iterdir()
    assert content["predictions"] == [path.name] and path.stat().st_size < 1_000_000
    kept = read_predictions(tmp_path, "idc-mel-cnn1d")
    assert kept["named"].tolist() == given.argmax(axis=1).tolist()
    assert score_predictions(kept, genres, n_resamples=0).slice.accuracy == content["values"][0]


def test_a_split_of_few_rows_stands_beside_one_of_which_the_label_alone_was_kept(tmp_path):
    folder = tmp_path / "predictions"
    folder.mkdir()
    both = pd.DataFrame({"track_id": ["a", "b"], "slice": [0, 1], "true": [0, 1], "seed": 0})
    both.assign(named=[0, 0], protocol="slice").to_parquet(folder / "idc-mel-cnn1d-slice-0.parquet")
    whole = both.assign(p0=[0.9, 0.2], p1=[0.1, 0.8], protocol="artist")
    whole.to_parquet(folder / "idc-mel-cnn1d-artist-0.parquet")
    kept = read_predictions(tmp_path, "idc-mel-cnn1d").set_index(["protocol", "track_id"])
    assert kept.loc["slice", ["p0", "p1"]].to_numpy().tolist() == [[1, 0], [1, 0]]
    assert kept.loc["artist", ["p0", "p1"]].to_numpy().tolist() == [[0.9, 0.1], [0.2, 0.8]]


def test_a_claim_about_validation_keeps_its_predictions_and_those_of_the_test_beside(tmp_path):
    checked, tested = scores_of(5, positions=range(40, 44)), scores_of(0)
    runs = [run_of(tmp_path, unit=unit, scores=checked, tested=tested) for unit in ("slice", "artist")]
    content = recorded(tmp_path, "toronto-mlp", runs_of(tmp_path, *runs, system="feature_mlp"))
    assert content["values"] == [checked.slice.accuracy] and content["n_tracks_test"] == 2
    assert content["scores"][0]["slice"]["accuracy"] == tested.slice.accuracy
    names = [f"toronto-mlp-{name}.parquet" for name in ("slice-0-test", "slice-0", "artist-0-test")]
    assert content["predictions"] == names
    kept = pd.read_parquet(tmp_path / "predictions/toronto-mlp-slice-0.parquet")
    assert kept["slice"].tolist() == [40, 41, 42, 43]
    assert score_predictions(kept, GENRES, n_resamples=0).slice.accuracy == content["values"][0]
    assert set(read_predictions(tmp_path, "toronto-mlp")["slice"]) == set(range(12))
    apart = content["other_protocols"]["artist"]  # what is leak-free is of the test part
    assert apart["values"] == [tested.slice.accuracy] and apart["n_tracks_test"] == 6


def test_a_difference_keeps_both_sides_and_each_training_its_curves(tmp_path):
    curves = pd.DataFrame({"epoch": [1, 2], "loss": [2.0, 1.5]})
    history = SimpleNamespace(epochs_run=2, seconds=1.0, curves=curves)
    mine, other = (runs_of(tmp_path, run_of(tmp_path, scores=scores_of(seed), history=history)) for seed in (0, 1))
    measured = replace(mine.difference(other, metric="accuracy_difference_to_mel_cnn1d"), system="mel_cnn2d")
    content = recorded(tmp_path, "idc-2d-below-1d", replace(measured, runs=None))
    assert content["predictions"] == [f"idc-2d-below-1d-slice-0{of}.parquet" for of in ("", "-other")]
    accuracies = [
        score_predictions(pd.read_parquet(tmp_path / "predictions" / name), GENRES, n_resamples=0).slice.accuracy
        for name in content["predictions"]
    ]
    assert content["values"] == pytest.approx([accuracies[0] - accuracies[1]]) and content["n_tracks_test"] == 6
    assert len(read_predictions(tmp_path, "idc-2d-below-1d")) == 12
    pd.testing.assert_frame_equal(pd.read_csv(tmp_path / "curves/idc-2d-below-1d-slice-0.csv"), curves)


def test_commit_and_versions_are_those_of_the_training(tmp_path):
    runs = [run_of(tmp_path, 0), run_of(tmp_path, 1, commit="b" * 40, versions={"numpy": "2.0", "keras": "3.0"})]
    content = recorded(tmp_path, measured=runs_of(tmp_path, *runs))
    assert content["commit"] == f"{'a' * 40}, {'b' * 40}"
    assert content["versions"] == {"numpy": "1.0, 2.0", "keras": "3.0"}
    crnn = runs_of(tmp_path, run_of(tmp_path, 0, "track"), system="crnn")
    assert recorded(tmp_path, "turin-crnn", crnn.by_majority())["commit"] == "a" * 40
    timed = Measured("window_mel", COLLECTION, tmp_path, "seconds_per_track", "none", {"none": Figures([1.0], [])})
    assert recorded(tmp_path, "blog-seconds-per-file", timed)["versions"]["numpy"] == metadata.version("numpy")


def test_ones_own_network_is_marked(tmp_path):
    runs = runs_of(tmp_path, system="my_network", is_report=False)
    for measured in (runs, replace(runs, runs={}, not_measured={"slice": "no time"})):
        assert recorded(tmp_path, measured=measured)["own_network"] is True
    assert "own_network" not in recorded(tmp_path)


def test_leak_free_is_said_of_artist_splits(tmp_path):
    content = recorded(tmp_path, measured=runs_of(tmp_path, run_of(tmp_path), run_of(tmp_path, unit="artist")))
    assert content["leak_free"] is False
    apart = content["other_protocols"]["artist"]
    # two tracks without a known artist stand by themselves
    assert apart["leak_free"] is True and (apart["n_tracks_test"], apart["n_artists_test"]) == (6, 5)
    assert "5 artists of 6 tracks" in apart["ci95_is"]


@pytest.mark.parametrize(("claim_id", "of_three", "of_two"), [
    ("idc-best-genre", "classical", "classical"), ("idc-raw-worst-genre", "blues", "classical"),
    ("idc-raw-second-genre", "metal", "metal"),
])  # fmt: skip
def test_genre_claims_take_ties_by_the_alphabet_and_no_absent_genre(tmp_path, claim_id, of_three, of_two):
    # recall: blues 0, classical 1, metal 2/3; and classical and metal 1, no blues
    for true, given, expected in (([0, 0, 1, 1, 2, 2, 2], [1, 1, 1, 1, 2, 2, 0], of_three), ([2, 1], [2, 1], of_two)):
        scores = score_predictions(table([f"t{i}" for i in range(len(true))], true, np.eye(3)[given]), GENRES)
        runs = runs_of(tmp_path, run_of(tmp_path, scores=scores), system="raw_cnn1d")
        content = recorded(tmp_path, claim_id, runs)
        assert content["values"] == [expected]
        assert content["mean"] is content["sd"] is content["ci95"] is content["ci95_is"] is None
    assert content["scores"][0]["slice"]["recall"]["blues"] is None


def test_track_level_is_the_mean_probability_unless_the_majority_is_asked_for(tmp_path):
    scores = scores_of(3, skill=0.2)
    runs = runs_of(tmp_path, run_of(tmp_path, 0, "track", scores=scores), system="crnn")
    content = recorded(tmp_path, "turin-crnn", runs)
    assert content["values"] == [scores.track.accuracy]
    assert content["ci95"] == pytest.approx(scores.track.ci95["accuracy"])
    assert recorded(tmp_path, "turin-crnn", runs.by_majority())["values"] == [scores.track_majority.accuracy]


def test_figures_that_do_not_follow_from_scores(tmp_path):
    by_unit = {
        "slice": Figures([-0.1, 0.02], [fold_of(0), fold_of(1)], ci95=(-0.2, 0.1), ci95_is="paired"),
        "track": Figures([0.1], [fold_of(0, "track")]),
    }
    metric = "accuracy_difference_to_mel_cnn1d"
    measured = Measured("mel_cnn2d", COLLECTION, tmp_path, metric, "slice", by_unit)
    content = recorded(tmp_path, "idc-2d-below-1d", measured)
    assert content["mean"] == pytest.approx(-0.04)
    assert (content["ci95"], content["ci95_is"]) == ([-0.2, 0.1], "paired")
    assert (content["n_slices_test"], content["n_tracks_test"], content["scores"]) == (12, None, [])
    assert content["other_protocols"]["track"]["values"] == [0.1]
    assert content["predictions"] == [] and not (tmp_path / "predictions").exists()
    timed = Measured("window_mel", COLLECTION, tmp_path, "seconds_per_track", "none", {"none": Figures([0.2, 0.3], [])})
    speed = recorded(tmp_path, "blog-seconds-per-file", timed)
    assert (speed["seeds"], speed["split_unit"], speed["leak_free"]) == ([], "none", False)


def mine(folder, figures, unit="slice", metric="accuracy", **fields):
    return Measured("mel_cnn1d", COLLECTION, folder, metric, unit, {unit: figures}, **fields)


@pytest.mark.parametrize(("claim_id", "measured", "words"), [
    ("idc-mel-cnn", lambda folder: runs_of(folder), "near it:.*idc-mel-cnn1d"),
    ("idc-mel-cnn2d", lambda folder: runs_of(folder), "is about mel_cnn2d, not 'mel_cnn1d'"),
    ("idc-mel-cnn1d", lambda folder: mine(folder, Figures([], [])), "needs scores or values"),
    ("idc-mel-cnn1d", lambda folder: mine(folder, Figures([0.5], [])), "one fold and score a seed; 0, 0"),
    ("idc-mel-cnn1d", lambda folder: mine(folder, Figures([0.5], [fold_of(0, "track")])), "folds by track"),
    ("idc-mel-cnn1d", lambda folder: mine(folder, Figures([0.5], [fold_of()]), metric="macro_f1"), "claims accuracy"),
    ("idc-mel-cnn1d", lambda folder: mine(folder, Figures([0.5], [fold_of()], ci95=(0, 1))), "ci95_is"),
    ("idc-mel-cnn1d", lambda folder: mine(folder, Figures([0.5], [fold_of()], ci95=(1, 0), ci95_is="x")), "low, high"),
    ("idc-mel-cnn1d", lambda folder: mine(folder, Figures([0.5], [fold_of()], histories=[1, 2])), "2 for 1 values"),
    ("idc-mel-cnn1d", lambda folder: mine(folder, Figures([0.5], [fold_of(0, "track")]), "track"), "ed was track"),
    ("idc-mel-cnn1d", lambda folder: mine(folder, Figures([0.5], [fold_of()]), options={"a": object()}), "type object"),
    ("idc-mel-cnn1d", lambda folder: mine(folder, Figures([0.5], [fold_of()]), not_measured={"tracks": "typo"}),
     "other_protocols, tracks"),
    ("idc-mel-cnn1d", lambda folder: runs_of(folder, run_of(folder, fold=fold_of(test=range(11)))),
     "1 of the slices scored are not in it.*first: 11"),
    ("idc-mel-cnn1d", lambda folder: runs_of(folder, run_of(folder), run_of(folder)), "there twice: .*slice-0"),
    ("idc-2d-below-1d", lambda folder: runs_of(folder, system="mel_cnn2d"), "does not follow from scores.*runs.values"),
    ("idc-trainable-mel", lambda folder: runs_of(folder, system="trainable_mel_cnn1d"), "evaluate on fold.validation"),
])  # fmt: skip
def test_what_is_refused_writes_nothing(tmp_path, claim_id, measured, words):
    with pytest.raises(ResultError, match="(?s)" + words):
        record(claim_id, measured(tmp_path))
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]


def test_no_older_predictions_pass_for_this_runs(tmp_path):
    recorded(tmp_path)
    other = tmp_path / "predictions/idc-mel-cnn1d-more-slice-0.parquet"  # of another claim whose name begins alike
    other.write_bytes(b"")
    recorded(tmp_path, measured=runs_of(tmp_path, run_of(tmp_path, 1)))
    kept = ["idc-mel-cnn1d-more-slice-0.parquet", "idc-mel-cnn1d-slice-1.parquet"]
    assert sorted(path.name for path in (tmp_path / "predictions").iterdir()) == kept
    recorded(tmp_path, measured=mine(tmp_path, Figures([0.5], [fold_of()])))
    assert list((tmp_path / "predictions").iterdir()) == [other]


def test_the_model_of_the_first_seed_is_saved(tmp_path):
    runs = runs_of(tmp_path)
    for seed in (0, 1):
        runs["slice"][seed].folder.mkdir(parents=True)
        runs["slice"][seed].model_path.write_bytes(b"seed %d" % seed)
    record("idc-mel-cnn1d", runs)
    assert (tmp_path / "models/idc-mel-cnn1d.keras").read_bytes() == b"seed 0"
    record("idc-2d-below-1d", mine(tmp_path, Figures([0.5], [fold_of()]), metric="accuracy_difference_to_mel_cnn1d",
                                   runs=replace(runs, is_report=False)))  # fmt: skip
    assert len(list((tmp_path / "models").iterdir())) == 1  # a difference is of no one model


def test_a_claim_that_its_own_split_does_not_allow_has_a_reason_and_no_figure(tmp_path):
    reason = "four genres are one artist each"
    runs = runs_of(tmp_path, run_of(tmp_path), system="feature_mlp", not_measured={"artist": reason})
    record("toronto-mlp-new-f1", runs)
    content = read_records(tmp_path)["toronto-mlp-new-f1"]
    assert content["not_measured"] == reason and content["values"] == [] and content["mean"] is None
    assert content["other_protocols"]["slice"]["values"] == [scores_of().slice.macro_f1]
    assert set(read_predictions(tmp_path, "toronto-mlp-new-f1")["protocol"]) == {"slice"}


def test_a_claim_that_cannot_be_measured_here_has_a_reason(tmp_path):
    not_measured("stanford-worst-genre", "no Instrumental", SimpleNamespace(collection=COLLECTION, folder=tmp_path))
    content = read_records(tmp_path)["stanford-worst-genre"]
    assert content["values"] == [] and content["not_measured"] == "no Instrumental"
