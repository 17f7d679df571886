import json
from dataclasses import replace
from itertools import combinations

import keras
import numpy as np
import pandas as pd
import pytest

from genrelib import models
from genrelib._base.errors import GenrelibError, SplitError
from genrelib.evaluation.scores import evaluate, score_predictions
from genrelib.reports.session import open_session
from genrelib.splits import folds_of, split_slices
from genrelib.training import kept, protocols
from genrelib.training import loop as training
from genrelib.training.loop import History, load_model
from genrelib.training.protocols import run_protocols
from tests.tiny import tiny_fold, tiny_slices

SMALL = {"build": {"filters": (4,)}, "fit": {"epochs": 2, "batch_size": 8}}


@pytest.fixture(scope="module")
def slices(tmp_path_factory):
    return tiny_slices(tmp_path_factory.mktemp("tiny") / "slices")


@pytest.fixture
def counted(monkeypatch):
    """Count trainings, each in the place of a real one: a row of curves, and chance for predictions."""
    calls = []

    def train(model, slices, fold, **fit):
        calls.append((fold.unit, fold.seed, {name: value for name, value in fit.items() if name != "checkpoint"}))
        row = {"epoch": 1, "loss": 1.0, "accuracy": 0.5, "val_loss": 1.0, "val_accuracy": 0.5}
        return History(pd.DataFrame([row]), 1, 1, 0.25)

    def chance(model, slices, positions, *, seed, protocol):
        columns = {f"p{i}": np.float32(1 / 3) for i in range(3)}
        frame = pd.DataFrame({"track_id": slices.table["track_id"].to_numpy()[positions], "slice": positions})
        frame = frame.assign(true=slices.labels[positions], **columns, seed=seed, protocol=protocol)
        return score_predictions(frame, slices.genres, n_resamples=10)

    monkeypatch.setattr(training, "train", train)
    monkeypatch.setattr(protocols, "evaluate", chance)
    return calls


def run(slices, folder, system="mel_cnn1d", unit="slice", seeds=(0,), **settings):
    return run_protocols(system, slices, [unit], seeds, folder=folder, **{**SMALL, **settings})[unit]


def relabelled(slices):
    """The same slices, two genres exchanged; a fold of whole tracks need not depend on that."""
    genres = slices.table["genre"].replace({"blues": "jazz", "jazz": "blues"})
    return replace(slices, table=slices.table.assign(genre=genres))


def test_other_labels_are_another_training_on_the_same_fold(slices, tmp_path, counted):
    fold = tiny_fold(slices)
    first, second = (run(rows, tmp_path, folds=lambda *_, **__: [fold])[0] for rows in (slices, relabelled(slices)))
    assert first.folder != second.folder and len(counted) == 2
    assert not first.scores.frame["true"].equals(second.scores.frame["true"])


def test_a_run_names_the_commit_and_versions_of_its_training(slices, tmp_path, counted, monkeypatch):
    (first,) = run(slices, tmp_path)
    monkeypatch.setattr(protocols, "commit", lambda: "a later one")
    (again,) = run(slices, tmp_path)
    assert again.commit == first.commit != "a later one" and again.versions == first.versions
    assert again.versions["keras"] == keras.__version__


def test_a_training_that_other_versions_void_says_which(slices, tmp_path, counted, monkeypatch, capsys):
    (first,) = run(slices, tmp_path)
    real = kept.version
    monkeypatch.setattr(kept, "version", lambda name: "9.9" if name == "numpy" else real(name))
    monkeypatch.setattr(kept, "versions", lambda: {**first.versions, "numpy": "9.9"})
    capsys.readouterr()
    (second,) = run(slices, tmp_path)
    assert len(counted) == 2 and first.folder != second.folder
    assert f"trained anew: numpy {np.__version__} → 9.9" in capsys.readouterr().out
    run(slices, tmp_path, fit={**SMALL["fit"], "epochs": 3})  # another setting: nothing was voided
    assert "trained anew" not in capsys.readouterr().out


def mine(n_samples, n_classes, width=4):
    audio = keras.Input((n_samples,))
    x = keras.layers.Conv1D(width, 64, strides=32)(keras.layers.Reshape((n_samples, 1))(audio))
    return keras.Model(audio, keras.layers.Dense(n_classes)(keras.layers.GlobalMaxPooling1D()(x)))


def test_a_function_of_ones_own_is_a_system(slices, tmp_path):
    settings = {"folder": tmp_path, "fit": {"epochs": 1}}
    runs = run_protocols(mine, slices, ["track"], [0], build={"width": 3}, **settings)
    assert (runs.system, runs.main, runs.is_report) == ("mine", "track", False)
    assert load_model(runs["track"][0].model_path).layers[2].filters == 3
    assert run_protocols(models.raw_cnn1d, slices, ["track"], [0], **settings).is_report


def raw_by_hand(n_samples, n_classes, widths=models.idc.FILTERS):
    audio = keras.Input((n_samples,))
    x = keras.layers.Reshape((n_samples, 1))(audio)
    for width in widths:
        x = keras.layers.Conv1D(width, 5, padding="same", activation="relu")(x)
        x = keras.layers.MaxPooling1D(4, padding="same")(x)
    x = keras.layers.Dense(128, activation="relu")(keras.layers.GlobalMaxPooling1D()(x))
    return keras.Model(audio, keras.layers.Dense(n_classes, activation="softmax")(x))


def test_a_function_that_builds_the_very_network_of_a_report_is_the_reports(slices, tmp_path, counted):
    settings = {"folder": tmp_path, "fit": {"epochs": 1}}
    by_name = run_protocols("raw_cnn1d", slices, ["track"], [0], **settings)
    by_hand = run_protocols(raw_by_hand, slices, ["track"], [0], **settings)
    assert (by_hand.system, by_hand.is_report, len(counted)) == ("raw_cnn1d", True, 1)
    assert by_hand["track"][0].folder == by_name["track"][0].folder
    own = run_protocols(raw_by_hand, slices, ["track"], [0], build={"widths": (4, 8)}, **settings)
    assert (own.system, own.is_report) == ("raw_by_hand", False)
    assert not by_name.difference(own).runs.is_report and not own.difference(by_name).runs.is_report


def test_a_reports_network_with_fewer_filters_is_the_reports_with_that_option(slices, tmp_path):
    def narrower(n_samples, sample_rate, n_classes, filters):
        sizes = {"n_samples": n_samples, "sample_rate": sample_rate, "n_classes": n_classes}
        return models.mel_cnn1d(**sizes, filters=filters)

    settings = {"folder": tmp_path, "fit": {"epochs": 1}, "build": {"filters": (4, 8)}}
    runs = run_protocols(narrower, slices, ["track"], [0], **settings)
    assert (runs.system, runs.is_report) == ("mel_cnn1d", True)
    assert tuple(runs["track"][0].options["filters"]) == (4, 8)


@pytest.mark.parametrize("seeds", [(0, 1, 0), (2**32,), (-1,)])
def test_seeds_that_come_again_or_cannot_be_drawn_from_are_refused_before_any_work(slices, tmp_path, seeds):
    with pytest.raises(SplitError, match=f"each once.*leave out {seeds[-1]}$"):
        run_protocols(lambda n_samples: pytest.fail("built"), slices, ["slice"], seeds, folder=tmp_path)
    with pytest.raises(SplitError, match="each once"):
        open_session("no such collection", seeds=seeds)
    if len(seeds) == 1:
        with pytest.raises(SplitError, match="from 0 to 4294967295"):
            split_slices(slices, seed=seeds[0])


def sequential(n_samples, n_classes):
    windows, pooling = keras.layers.Reshape((n_samples // 64, 64)), keras.layers.GlobalMaxPooling1D()
    return keras.Sequential([keras.Input((n_samples,)), windows, pooling, keras.layers.Dense(n_classes)])


def test_a_sequential_is_run_and_kept_as_well(slices, tmp_path):
    (each,) = run_protocols(sequential, slices, ["track"], [0], folder=tmp_path, fit={"epochs": 1})["track"]
    scores = evaluate(load_model(each.model_path), slices, each.fold.test)
    assert scores.slice.accuracy == each.scores.slice.accuracy


def test_trainings_go_to_the_runs_of_the_collection_unless_told(slices, tmp_path, counted, monkeypatch):
    monkeypatch.setattr(protocols, "RUNS", tmp_path)
    runs = run_protocols("mel_cnn1d", slices, ["slice"], [0], **SMALL)
    assert runs.folder == tmp_path / "tiny" and runs["slice"][0].folder.parent == tmp_path / "tiny" / "trained"


@pytest.mark.parametrize(
    ("system", "build", "remedy"),
    [
        (lambda n_samples, depth: None, {}, "give depth"),
        (lambda n_samples: None, {"depth": 2}, "leave out depth"),
        ("melcnn", {}, "no such system: 'melcnn'; there are .*mel_cnn1d,"),
    ],
)
def test_a_builder_that_is_unknown_or_lacks_a_keyword_is_told(slices, tmp_path, system, build, remedy):
    with pytest.raises(GenrelibError, match=remedy):
        run_protocols(system, slices, ["slice"], folder=tmp_path, build=build)


def test_what_was_trained_is_not_trained_again(slices, tmp_path, counted, capsys):
    first = run(slices, tmp_path, seeds=(0, 1))
    again = run(slices, tmp_path, seeds=(0, 1, 2), label="mel, 4 filters")
    assert [seed for _, seed, _ in counted] == [0, 1, 2]
    for one, other in zip(first, again[:2], strict=True):
        assert one.folder == other.folder and one.history.seconds == other.history.seconds == 0.25
        assert one.scores.frame.equals(other.scores.frame) and one.history.curves.equals(other.history.curves)
    lines = capsys.readouterr().out.splitlines()
    assert ["kept from an earlier run" in line for line in lines] == [False, False, True, True, False]
    assert lines[0].startswith("mel_cnn1d by slice, seed 0: test accuracy 0.") and "best epoch 1 of 1" in lines[0]
    assert lines[2].startswith("mel, 4 filters by slice, seed 0:")


def test_rows_that_are_whole_tracks_have_one_accuracy(slices, tmp_path, counted, capsys):
    tracks = [f"track {number}" for number in range(len(slices))]
    run(replace(slices, table=slices.table.assign(track_id=tracks)), tmp_path)
    said = capsys.readouterr().out
    assert " a track; " in said and " a slice" not in said


def test_whatever_decides_a_training_is_in_its_key(slices, tmp_path, counted, monkeypatch):
    """Each of these differs from all others, so each is trained."""
    optimizer = keras.optimizers.SGD
    variants = [
        {},
        {"seeds": (1,)},
        {"unit": "track"},
        {"test": 0.5},
        {"validation": 0.3},
        {"build": {"filters": (5,)}},
        {"build": {"filters": (4,), "normalisation": "none"}},
        {"fit": {**SMALL["fit"], "epochs": 3}},
        {"fit": {**SMALL["fit"], "optimizer": "sgd"}},
        {"fit": {**SMALL["fit"], "optimizer": optimizer(0.5)}},
        {"fit": {**SMALL["fit"], "optimizer": optimizer(0.25)}},
        {"system": "mel_cnn2d"},
        {"slices": replace(slices, key="another")},
        {"slices": relabelled(slices)},
    ]
    runs = [run(**{"slices": slices, "folder": tmp_path, **variant}) for variant in variants]
    folders = {each.folder for (each,) in runs}
    assert len(counted) == len(folders) == len(variants)
    monkeypatch.setattr(kept, "TRAINER", kept.TRAINER + 1)
    assert run(slices, tmp_path)[0].folder not in folders
    assert len(counted) == len(variants) + 1


def test_an_optimizer_object_counts_by_its_settings(slices, tmp_path, counted):
    objects = [keras.optimizers.Adadelta(1.0) for _ in range(2)]
    runs = [run(slices, tmp_path, fit={"epochs": 2, "optimizer": each})[0] for each in objects]
    assert len(counted) == 1 and runs[0].folder == runs[1].folder
    assert runs[0].options["optimizer"]["config"]["learning_rate"] == 1.0
    assert counted[0][2]["optimizer"] is objects[0]
    json.dumps(runs[0].options)


def test_no_setting_overwrites_what_is_kept(slices, tmp_path, counted):
    run(slices, tmp_path, fit={"seconds": 99.0, "best_epoch": 7})
    (again,) = run(slices, tmp_path, fit={"seconds": 99.0, "best_epoch": 7})
    assert again.history.seconds == 0.25 and again.history.best_epoch == 1
    assert again.options == {"filters": (4,), "seconds": 99.0, "best_epoch": 7, "sample_rate": 22050}


def test_unsupported_unit_gives_its_reason_in_words(slices, tmp_path, counted, capsys):
    seeds = iter((0, 1))  # an iterator serves every split
    units = ["album", "slice", "fault_filtered", "track"]
    runs = run_protocols("mel_cnn1d", slices, units, seeds, folder=tmp_path, **SMALL)
    assert list(runs) == ["slice", "track"] and runs.main == "album" and list(runs.not_measured) == units[::2]
    assert "tiny knows no albums" in runs.not_measured["album"]
    assert "fault-filtered" in runs.not_measured["fault_filtered"]
    with pytest.raises(SplitError, match="tiny knows no albums"):
        runs["album"]
    assert [each.seed for each in runs["slice"]] == [each.seed for each in runs["track"]] == [0, 1]
    assert "mel_cnn1d by album: not measured, since tiny knows no albums" in capsys.readouterr().out


@pytest.mark.parametrize("seeds", [(0, 1, 2), (3, 4, 5)])
def test_three_artist_folds_test_each_track_once(slices, seeds):
    folds = folds_of(slices, "artist", seeds)
    np.testing.assert_array_equal(np.sort(np.concatenate([fold.test for fold in folds])), np.arange(len(slices)))
    artist = slices.table["track_id"].map(slices.collection.tracks["artist_id"])
    for seed, fold in zip(seeds, folds, strict=True):
        assert fold.seed == seed and fold.leak_free and len(fold.validation)
        parts = [set(artist.iloc[part]) for part in (fold.train, fold.validation, fold.test)]
        assert not any(one & other for one, other in combinations(parts, 2))


def test_next_three_seeds_draw_other_artist_folds(tmp_path):
    slices = tiny_slices(tmp_path / "slices", n_artists=6, tracks_per_artist=1, slices_per_track=1)
    first, second = ([set(fold.test) for fold in folds_of(slices, "artist", seeds)] for seeds in ((0, 1, 2), (3, 4, 5)))
    assert all(fold not in first for fold in second)
    assert [set(fold.test) for fold in folds_of(slices, "artist", (2, 0))] == [first[2], first[0]]


def test_variants_are_trained_on_and_never_tested(slices, tmp_path, counted, monkeypatch):
    """The augmented set is the slices twice: its training is another, its test slices are the same."""
    lessons = []
    train = training.train

    def noted(model, of, fold, **fit):
        lessons.append((of, fold))
        return train(model, of, fold, **fit)

    monkeypatch.setattr(training, "train", noted)
    twice = replace(
        slices, samples=np.concatenate([slices.samples] * 2), table=pd.concat([slices.table] * 2, ignore_index=True),
        key="twice",
    )  # fmt: skip
    (plain,), (more,) = run(slices, tmp_path, unit="track"), run(slices, tmp_path, unit="track", augmented=twice)
    assert plain.folder != more.folder and plain.scores.frame.equals(more.scores.frame)
    assert [len(of) for of, _ in lessons] == [len(slices), 2 * len(slices)]
    np.testing.assert_array_equal(lessons[1][1].train, [*plain.fold.train, *(plain.fold.train + len(slices))])
    np.testing.assert_array_equal(more.fold.train, plain.fold.train)
