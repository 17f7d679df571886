"""Networks with several outputs go through the same loop as those with one."""

from dataclasses import replace

import keras
import numpy as np
import pytest

from genrelib._base.errors import GenrelibError
from genrelib.evaluation.scores import evaluate
from genrelib.training import loop
from genrelib.training.loop import batches, load_model, set_seed, train
from genrelib.training.protocols import evaluate_outputs, run_protocols
from tests.tiny import tiny_fold
from tests.tiny_moods import labelled_slices, tiny_two_outputs

FIT = {"epochs": 2, "batch_size": 9, "patience": 5}


@pytest.fixture(scope="module")
def labelled(tmp_path_factory):
    return labelled_slices(tmp_path_factory.mktemp("outputs") / "slices", n_samples=2048)


def built(labelled, **build):
    return tiny_two_outputs(**labelled["genre"].input_sizes, **build)


def run(labelled, folder, seeds=(0,), **settings):
    """Run the tiny network by slice, on its tiny fold."""

    def folds(rows, unit, seeds, **shares):
        return [tiny_fold(rows, seed=seed) for seed in seeds]

    settings = {"fit": FIT, "folds": folds, **settings}
    return run_protocols(tiny_two_outputs, labelled, ["slice"], seeds, folder=folder, **settings)


def test_one_output_under_a_name_trains_as_one_without(labelled):
    genre, ends = labelled["genre"], []
    for rows in (genre, {"genre": genre}):
        set_seed(0)
        model = built(labelled)
        output = model.output["genre"]
        model = keras.Model(model.input, {"genre": output} if isinstance(rows, dict) else output)
        train(model, rows, tiny_fold(genre), epochs=2, batch_size=8)
        ends.append(model.get_weights())
    for named, plain in zip(*ends, strict=True):
        np.testing.assert_allclose(named, plain, atol=1e-6)


def test_patience_may_watch_the_accuracy_of_one_output(labelled):
    history = train(built(labelled), labelled, tiny_fold(labelled["genre"]), epochs=3, monitor="val_mood_accuracy")
    assert history.curves["val_mood_accuracy"].idxmax() + 1 == history.best_epoch
    with pytest.raises(GenrelibError, match="val_loss or val_genre_accuracy or val_mood_accuracy"):
        train(built(labelled), labelled, tiny_fold(labelled["genre"]), monitor="val_accuracy")


def test_outputs_of_different_sizes_are_not_mixed_up(labelled):
    labels, sizes = {name: rows.labels for name, rows in labelled.items()}, {"mood": 3, "genre": 5}
    ((_, target),) = batches(labelled["genre"].samples, labels, np.arange(54), sizes, batch_size=54)
    for name, n_classes in sizes.items():
        assert target[name].shape == (54, n_classes)
        np.testing.assert_array_equal(target[name].numpy().argmax(axis=1), labels[name])


def test_training_lowers_the_sum_of_both_losses(labelled):
    keras.utils.set_random_seed(0)
    model, fold = built(labelled), tiny_fold(labelled["genre"])
    history = train(model, labelled, fold, epochs=12, batch_size=8, patience=12)
    columns = ["loss", "genre_accuracy", "mood_accuracy"]
    assert list(history.curves.columns) == ["epoch", *columns, *(f"val_{column}" for column in columns)]
    assert history.epochs_run == 12 and list(history.curves["epoch"]) == list(range(1, 13))
    assert history.curves["loss"].iloc[-1] < history.curves["loss"].iloc[0]
    assert history.curves["val_loss"].idxmin() + 1 == history.best_epoch
    scores = evaluate_outputs(model, labelled, fold.train)["genre"]
    assert scores.slice.accuracy > 0.6, "three tones are told apart"


def test_scores_are_those_of_each_output_by_itself(labelled):
    model, fold = built(labelled), tiny_fold(labelled["genre"])
    scores = evaluate_outputs(model, labelled, fold.test, seed=3, protocol="slice")
    for name, rows in labelled.items():
        alone = evaluate(keras.Model(model.input, model.output[name]), rows, fold.test, seed=3, protocol="slice")
        np.testing.assert_allclose(scores[name].frame["p0"], alone.frame["p0"], atol=1e-6)
        assert scores[name].slice.accuracy == alone.slice.accuracy and scores[name].genres == rows.genres
        assert scores[name].frame.drop(columns=["p0", "p1", "p2"]).equals(alone.frame.drop(columns=["p0", "p1", "p2"]))


def test_what_was_trained_is_not_trained_again_and_comes_back_whole(labelled, tmp_path, monkeypatch, capsys):
    (first,) = run(labelled, tmp_path)["slice"]
    assert "genre 0." in capsys.readouterr().out
    monkeypatch.setattr(loop, "train", lambda *_, **__: pytest.fail("trained again"))
    runs = run(labelled, tmp_path)
    (again,) = runs["slice"]
    assert "kept from an earlier run" in capsys.readouterr().out and again.folder == first.folder
    assert again.scores.frame.equals(first.scores.frame) and again.scores is again.outputs["test"]["genre"]
    scores = evaluate_outputs(load_model(again.model_path), labelled, again.fold.train)
    for name in labelled:
        kept = runs.output(name, "train")["slice"][0].scores
        assert set(kept.frame["slice"]) == set(again.fold.train)
        assert scores[name].slice.accuracy == kept.slice.accuracy
    assert again.history.curves.shape == (2, 7) and again.options == {**FIT, "sample_rate": 22050}


def test_labels_of_either_output_are_in_the_key_of_a_training(labelled, tmp_path):
    happier = replace(labelled["mood"], table=labelled["mood"].table.assign(genre="happy"))
    runs = [run(rows, tmp_path)["slice"][0].folder for rows in (labelled, {**labelled, "mood": happier})]
    assert runs[0] != runs[1]


def test_each_output_is_looked_at_by_its_name(labelled, tmp_path):
    runs = run(labelled, tmp_path)
    moods = runs.output("mood")
    assert moods.genres == labelled["mood"].genres
    assert moods["slice"][0].scores is runs["slice"][0].outputs["test"]["mood"]
    taught, tested = (runs["slice"][0].outputs[part]["mood"].slice.accuracy for part in ("train", "test"))
    assert moods.gaps().loc[0, "slice"] == pytest.approx(taught - tested)
    assert moods.table().loc["slice", "slice"] == tested
    with pytest.raises(GenrelibError, match="no output 'tempo'"):
        runs.output("tempo")


def test_what_does_not_fit_is_refused(labelled, tmp_path):
    genre = labelled["genre"]
    fold = tiny_fold(genre)
    with pytest.raises(GenrelibError, match="labels are of genre: name them alike"):
        train(built(labelled), {"genre": genre}, fold)
    with pytest.raises(GenrelibError, match="gives 4 numbers a row.* 3 moods: build it with n_moods=3"):
        train(built(labelled, n_moods=4), labelled, fold)
    with pytest.raises(GenrelibError, match="mel_cnn1d gives one output without a name; labels are of genre, mood"):
        run_protocols("mel_cnn1d", labelled, ["track"], folder=tmp_path)
