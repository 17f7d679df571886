"""Figures of the validation part, as claims about it want them."""

import numpy as np
import pytest

from genrelib.evaluation.scores import evaluate
from genrelib.training.protocols import run_protocols
from genrelib.training.loop import load_model
from genrelib.evaluation.validation import validated_by
from tests.tiny import rows_of, tiny_slices

FIT = {"epochs": 3, "batch_size": 16, "patience": 3, "monitor": "val_accuracy"}


@pytest.fixture(scope="module")
def found(tmp_path_factory):
    folder = tmp_path_factory.mktemp("run")
    rows = rows_of(tiny_slices(folder / "slices", n_samples=64, n_artists=4, slices_per_track=4))
    settings = {"folder": folder, "validation": 0.34, "fit": FIT}
    runs = run_protocols("feature_mlp", rows, ["slice", "track", "fault_filtered"], (0, 1), **settings)
    runs = runs.runs | runs.not_measured
    return rows, runs, validated_by(runs, rows)


def test_values_are_accuracies_of_the_validation_part(found):
    rows, runs, checked = found
    for unit in ("slice", "track"):
        for run, value in zip(runs[unit], checked[unit]["values"], strict=True):
            outputs = load_model(run.model_path).predict(rows.samples[run.fold.validation], verbose=0)
            assert value == pytest.approx(np.mean(outputs.argmax(axis=1) == rows.labels[run.fold.validation]))
            assert value == pytest.approx(run.history.curves["val_accuracy"].max(), abs=1e-6)


def test_the_interval_is_the_mean_of_those_of_the_seeds(found):
    rows, runs, checked = found
    parts = [evaluate(load_model(run.model_path), rows, run.fold.validation) for run in runs["slice"]]
    expected = np.mean([one.slice.ci95["accuracy"] for one in parts], axis=0)
    assert checked["slice"]["ci95"] == pytest.approx(expected.tolist())
    low, high = checked["slice"]["ci95"]
    assert low <= np.mean(checked["slice"]["values"]) <= high and "validation" in checked["slice"]["ci95_is"]


def test_scores_stay_those_of_the_test_part_and_a_reason_stays_a_reason(found):
    _, runs, checked = found
    assert checked["track"]["scores"] == [run.scores for run in runs["track"]]
    assert checked["fault_filtered"] == runs["fault_filtered"] and isinstance(runs["fault_filtered"], str)
