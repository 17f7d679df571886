from dataclasses import replace

import keras
import numpy as np
import pandas as pd
import pytest

from genrelib import models
from genrelib.training import multi_output
from genrelib.training.checkpoints import Checkpoint
from genrelib._base.errors import GenrelibError
from genrelib.evaluation.scores import evaluate
from genrelib.training.multi_output import _batches, evaluate_outputs, for_record, run_outputs, train_outputs
from genrelib.splits import Fold
from genrelib.training.loop import load_model
from tests.tiny import tiny_fold
from tests.tiny_moods import labelled_slices, tiny_two_outputs

FIT = {"epochs": 2, "batch_size": 9, "patience": 5}


@pytest.fixture(scope="module")
def labelled(tmp_path_factory):
    return labelled_slices(tmp_path_factory.mktemp("outputs") / "slices", n_samples=2048)


@pytest.fixture
def system(monkeypatch):
    monkeypatch.setattr(models, "tiny_two_outputs", tiny_two_outputs, raising=False)
    monkeypatch.setattr(models, "__all__", [*models.__all__, "tiny_two_outputs"])
    return "tiny_two_outputs"


def built(labelled, **build):
    return tiny_two_outputs(**labelled["genre"].input_sizes, **build)


def folds(labelled, seeds=(0,)):
    return {"slice": [tiny_fold(labelled["genre"], seed=seed) for seed in seeds]}


def test_targets_are_the_one_hots_of_each_output(labelled):
    positions = np.array([5, 0, 17, 33, 51])
    (x, first), (_, second) = _batches(labelled["genre"].samples, labelled, positions, 3)
    assert x.shape == (3, 2048) and set(first) == set(second) == {"genre", "mood"}
    for name, rows in labelled.items():
        given = np.concatenate([first[name].numpy(), second[name].numpy()])
        np.testing.assert_array_equal(given, np.eye(3)[rows.labels[positions]])


def test_outputs_of_different_sizes_are_not_mixed_up(labelled):
    genre = replace(labelled["genre"], genres=["blues", "jazz", "metal", "polka", "rock"])
    both = {"mood": labelled["mood"], "genre": genre}
    (_, target), *_ = _batches(genre.samples, both, np.arange(54), 54)
    assert target["genre"].shape == (54, 5) and target["mood"].shape == (54, 3)
    np.testing.assert_array_equal(target["genre"].numpy().argmax(axis=1), genre.labels)
    np.testing.assert_array_equal(target["mood"].numpy().argmax(axis=1), labelled["mood"].labels)


def test_training_lowers_the_sum_of_both_losses(labelled):
    keras.utils.set_random_seed(0)
    model, fold = built(labelled), tiny_fold(labelled["genre"])
    history = train_outputs(model, labelled, fold, epochs=12, batch_size=8, patience=12)
    columns = ["loss", "genre_accuracy", "mood_accuracy"]
    assert list(history.curves.columns) == ["epoch", *columns, *(f"val_{column}" for column in columns)]
    assert history.epochs_run == 12 and list(history.curves["epoch"]) == list(range(1, 13))
    assert history.curves["loss"].iloc[-1] < history.curves["loss"].iloc[0]
    assert history.curves["val_loss"].idxmin() + 1 == history.best_epoch
    scores = evaluate_outputs(model, labelled, fold.train)["genre"]
    assert scores.slice.accuracy > 0.6, "three tones are told apart"


def test_an_interrupted_training_goes_on_to_the_same_weights(labelled, tmp_path, monkeypatch):
    def trained(checkpoint=None):
        keras.utils.set_random_seed(0)
        model = built(labelled)
        fold = tiny_fold(labelled["genre"])
        told = train_outputs(model, labelled, fold, epochs=3, batch_size=8, checkpoint=checkpoint)
        return model.get_weights(), told.curves

    def write_then_stop(self, epoch, logs=None):
        write(self, epoch, logs)
        raise KeyboardInterrupt

    (straight, curves), write = trained(), Checkpoint.on_epoch_end
    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(Checkpoint, "on_epoch_end", write_then_stop)
        trained(tmp_path / "state.npz")
    resumed, curves_again = trained(tmp_path / "state.npz")
    pd.testing.assert_frame_equal(curves_again, curves)
    for one, other in zip(resumed, straight, strict=True):
        np.testing.assert_array_equal(one, other)


def test_scores_are_those_of_each_output_by_itself(labelled):
    model, fold = built(labelled), tiny_fold(labelled["genre"])
    scores = evaluate_outputs(model, labelled, fold.test, seed=3, protocol="slice")
    for name, rows in labelled.items():
        alone = evaluate(keras.Model(model.input, model.output[name]), rows, fold.test, seed=3, protocol="slice")
        np.testing.assert_allclose(scores[name].frame["p0"], alone.frame["p0"], atol=1e-6)
        assert scores[name].slice.accuracy == alone.slice.accuracy and scores[name].genres == rows.genres
        assert scores[name].frame.drop(columns=["p0", "p1", "p2"]).equals(alone.frame.drop(columns=["p0", "p1", "p2"]))


def test_a_frozen_front_end_is_computed_once_and_changes_nothing(labelled, tmp_path):
    labelled = labelled_slices(tmp_path / "slices", n_samples=8192, tracks_per_artist=1)
    fold, ends = tiny_fold(labelled["genre"]), []
    for has in (multi_output._behind_front_end, lambda model, labelled: (model, labelled["genre"].samples)):
        keras.utils.set_random_seed(0)
        model = models.zhang(n_genres=3, filters=4, dense=(5,), **labelled["genre"].input_sizes)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(multi_output, "_behind_front_end", has)
            train_outputs(model, labelled, fold, epochs=2, batch_size=6)
            ends.append((model.get_weights(), evaluate_outputs(model, labelled, fold.test)["mood"].frame["p1"]))
    for one, other in zip(ends[0][0], ends[1][0], strict=True):
        np.testing.assert_allclose(one, other, atol=1e-5)
    np.testing.assert_allclose(ends[0][1], ends[1][1], atol=1e-5)


def test_what_was_trained_is_not_trained_again_and_comes_back_whole(labelled, tmp_path, system, monkeypatch, capsys):
    (first,) = run_outputs(system, labelled, folds(labelled), folder=tmp_path, fit=FIT)["slice"]
    assert "genre 0." in capsys.readouterr().out
    monkeypatch.setattr(multi_output, "train_outputs", lambda *_, **__: pytest.fail("trained again"))
    (again,) = run_outputs(system, labelled, folds(labelled), folder=tmp_path, fit=FIT)["slice"]
    assert "kept from an earlier run" in capsys.readouterr().out and again.folder == first.folder
    assert again.test["mood"].frame.equals(first.test["mood"].frame)
    fold, model = folds(labelled)["slice"][0], load_model(again.model_path)
    scores = evaluate_outputs(model, labelled, fold.train)
    for name in labelled:
        assert set(again.train[name].frame["slice"]) == set(fold.train)
        assert scores[name].slice.accuracy == again.train[name].slice.accuracy
    assert again.history.curves.shape == (2, 7) and again.options == FIT


def test_whatever_decides_a_training_is_in_its_key(labelled, tmp_path, system, monkeypatch):
    def kept(labelled=labelled, seed=0, fit=FIT, **build):
        found = run_outputs(system, labelled, folds(labelled, (seed,)), folder=tmp_path, fit=fit, build=build)
        return found["slice"][0].folder

    happier = replace(labelled["mood"], table=labelled["mood"].table.assign(genre="happy"))
    others = [
        kept(seed=1), kept(fit={**FIT, "batch_size": 5}), kept(width=4), kept({**labelled, "mood": happier}),
        kept({**labelled, "genre": replace(labelled["genre"], key="other")}),
    ]  # fmt: skip
    assert len({kept(), *others}) == 6


def test_a_split_that_is_not_possible_hands_its_reason_on(labelled, tmp_path, system, capsys):
    runs = run_outputs(system, labelled, {**folds(labelled), "album": "tiny knows no albums"}, folder=tmp_path, fit=FIT)
    assert runs["album"] == "tiny knows no albums" and len(runs["slice"]) == 1
    assert "by album: not measured, since tiny knows no albums" in capsys.readouterr().out
    given = for_record(runs, "mood", "train")
    assert given["other_protocols"] == {"album": "tiny knows no albums"}
    assert given["scores"] == [runs["slice"][0].train["mood"]] and given["fold"] == [runs["slice"][0].fold]


def test_what_does_not_fit_is_refused(labelled, tmp_path, system):
    fold = tiny_fold(labelled["genre"])
    with pytest.raises(GenrelibError, match="labels are of genre: name them alike"):
        train_outputs(built(labelled), {"genre": labelled["genre"]}, fold)
    without = Fold("slice", 0, fold.train, fold.validation[:0], fold.test)
    with pytest.raises(GenrelibError, match="early stopping needs a validation part"):
        train_outputs(built(labelled), labelled, without)
    with pytest.raises(GenrelibError, match="no such system: 'yu'"):
        run_outputs("yu", labelled, folds(labelled), folder=tmp_path)
    with pytest.raises(GenrelibError, match="mel_cnn1d does not take these outputs: .* has no n_genres, n_moods"):
        run_outputs("mel_cnn1d", labelled, folds(labelled), folder=tmp_path)
    broken = built(labelled)
    decision = broken.get_layer("genre")
    decision.set_weights([np.full(one.shape, np.nan) for one in decision.get_weights()])
    with pytest.raises(GenrelibError, match="the loss is not finite"):
        train_outputs(broken, labelled, fold, epochs=1)
