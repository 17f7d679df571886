"""What runs say together: tables, differences, the validation part, the vote by the most frequent label."""

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from genrelib._base.errors import GenrelibError, SplitError
from genrelib.evaluation.scores import paired_difference, score_predictions
from genrelib.splits import Fold
from genrelib.training.loop import load_model
from genrelib.training.protocols import run_protocols
from genrelib.training.runs import Run, Runs
from tests.evaluation.test_scores import table
from tests.tiny import rows_of, tiny_slices

FIT = {"epochs": 3, "batch_size": 16, "patience": 3, "monitor": "val_accuracy"}
GENRES = ["blues", "jazz"]
# track a is blues: one sure slice of three is right; track b is jazz: the first slice is wrong, the others right
P0 = {"a": [0.99, 0.4, 0.4], "b": [0.9, 0.3, 0.2]}
PERFECT = {"a": [0.9, 0.9, 0.9], "b": [0.1, 0.1, 0.1]}


def run(seed=0, probabilities=P0, unit="track"):
    tracks = [track for track, values in probabilities.items() for _ in values]
    p0 = np.concatenate([*probabilities.values()])
    frame = table(tracks, pd.factorize(pd.array(tracks))[0], np.column_stack([p0, 1 - p0]), seed=seed, protocol=unit)
    frame = frame.sample(frac=1, random_state=seed)
    none = np.array([], dtype=int)
    history = SimpleNamespace(curves=pd.DataFrame({"accuracy": [0.5, 0.75, 1.0]}), best_epoch=2)
    fold = Fold(unit, seed, none, none, np.arange(6))
    return Run("mine", unit, seed, fold, score_predictions(frame, GENRES), history, None, {"width": 4})


def runs_of(*runs, system="mine", **reasons):
    by_unit = {}
    for each in runs:
        by_unit.setdefault(each.unit, []).append(each)
    return Runs(system, None, None, GENRES, "track", by_unit, reasons)


def test_units_that_were_measured_are_there_and_the_others_say_why():
    runs = runs_of(run(0), run(1), run(0, unit="artist"), album="no albums")
    assert list(runs) == ["track", "artist"] and len(runs) == 2 and "album" not in runs and runs.seeds == [0, 1]
    assert [each.seed for each in dict(runs.items())["track"]] == [0, 1] and len(runs.histories()) == 2
    with pytest.raises(SplitError, match="no albums"):
        runs["album"]
    with pytest.raises(SplitError, match="track, artist, album; name it in units="):
        runs["slice"]


def test_runs_of_one_system_are_put_together():
    both = runs_of(run(0), artist="too costly", album="no albums") | runs_of(run(3, unit="artist"))
    assert list(both) == ["track", "artist"] and both.not_measured == {"album": "no albums"}
    with pytest.raises(GenrelibError, match="two systems"):
        both | runs_of(run(0), system="other")


def test_tables_are_means_over_the_seeds():
    runs = runs_of(run(0), run(1, PERFECT), run(0, unit="artist"))
    table = runs.table()
    assert table.loc["track", "slice"] == pytest.approx((3 / 6 + 1) / 2) and table.loc["track", "seeds"] == 2
    assert table.loc["track", "track (mean probability)"] == 1 and table.loc["track", "track (majority)"] == 0.75
    assert table["leak-free"].tolist() == [False, True]
    gaps = runs.gaps()
    assert gaps.loc[[0, 1], "track"].tolist() == [0.25, -0.25] and np.isnan(gaps.loc[1, "artist"])
    assert runs.recalls().loc["blues", "track"] == pytest.approx((1 / 3 + 1) / 2)


def test_an_epoch_takes_the_mean_over_all_epochs_of_a_split():
    took = {0: (6.0, 2), 1: (3.0, 4)}
    runs = [
        replace(run(seed), history=SimpleNamespace(seconds=took[seed][0], epochs_run=took[seed][1])) for seed in took
    ]
    assert runs_of(*runs).seconds_an_epoch() == runs_of(*runs).seconds_an_epoch("track") == 1.5


def test_the_majority_and_not_the_mean_is_measured():
    runs = runs_of(run(0), run(1), artist="nobody is known")
    assert runs["track"][0].scores.track.accuracy == 1.0  # the sure slice of a outweighs its two others
    measured = runs.by_majority()
    figures = measured.by_unit["track"]
    assert figures.values == [0.5, 0.5] and figures.ci95 == (0.0, 1.0) and "vote" in figures.ci95_is
    assert len(figures.scores) == len(figures.folds) == len(figures.histories) == 2
    assert (measured.metric, measured.main, measured.options) == ("accuracy", "track", {"width": 4})
    assert measured.not_measured == {"artist": "nobody is known"}
    weighted = runs.by_majority("weighted_f1").by_unit["track"]
    assert weighted.values[0] == pytest.approx(1 / 3)  # F1 0 and 2/3, a track each


def test_a_difference_is_of_the_seeds_and_units_that_both_have():
    better = runs_of(run(0, PERFECT), run(1, PERFECT), run(0, PERFECT, unit="artist"), album="no albums")
    measured = better.difference(runs_of(run(0), system="other"))
    figures = measured.by_unit["track"]
    assert figures.values == pytest.approx([0.5]) and [fold.seed for fold in figures.folds] == [0]
    frames = [each["track"][0].scores.frame for each in (better, runs_of(run(0)))]
    assert figures.ci95 == pytest.approx(paired_difference(*frames)[1])
    assert measured.metric == "accuracy_difference_to_other" and set(measured.not_measured) == {"artist", "album"}
    votes = better.difference(runs_of(run(0)), level="track_majority", metric="gain")
    assert votes.by_unit["track"].values == [0.5] and votes.metric == "gain"


def test_any_figure_of_a_run_is_measured_a_seed():
    measured = runs_of(run(0), run(1)).values(lambda each: each.scores.slice.n + each.seed, "n")
    assert measured.by_unit["track"].values == [6, 7] and measured.metric == "n"
    assert (measured.by_unit["track"].n_tracks, measured.by_unit["track"].n_artists) == (2, None)


def test_where_artists_are_apart_any_figure_counts_them_too():
    named = pd.Series(["x", "x"], index=["a", "b"])
    runs = replace(runs_of(run(0, unit="artist")), collection=SimpleNamespace(groups={"artist": named}.get))
    figures = runs.values(lambda each: "jazz", "best").by_unit["artist"]
    assert (figures.n_tracks, figures.n_artists) == (2, 1)


def test_scores_are_handed_on_for_the_claim_to_take_its_figure_from():
    runs = runs_of(run(0))
    figures = runs.measured().by_unit["track"]
    assert runs.measured().metric is None and figures.values == [] and figures.scores == [runs["track"][0].scores]


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    folder = tmp_path_factory.mktemp("run")
    rows = rows_of(tiny_slices(folder / "slices", n_samples=64, n_artists=4, slices_per_track=4))
    settings = {"folder": folder, "validation": 0.34, "fit": FIT}
    return rows, run_protocols("feature_mlp", rows, ["slice", "track", "fault_filtered"], (0, 1), **settings)


def test_validation_figures_stand_beside_the_scores_of_the_test_part(trained):
    rows, runs = trained
    checked = runs.on_validation(rows)
    measured = checked.measured()
    assert measured.metric == "accuracy" and measured.not_measured == runs.not_measured
    for unit in ("slice", "track"):
        figures = measured.by_unit[unit]
        assert figures.scores == [each.scores for each in runs[unit]]
        for each, seen, value in zip(runs[unit], checked[unit], figures.values, strict=True):
            outputs = load_model(each.model_path).predict(rows.samples[each.fold.validation], verbose=0)
            assert value == pytest.approx(np.mean(outputs.argmax(axis=1) == rows.labels[each.fold.validation]))
            assert value == pytest.approx(each.history.curves["val_accuracy"].max(), abs=1e-6)
            assert seen.scores.slice.accuracy == value and seen.gap == each.gap


def test_the_interval_of_a_validation_figure_resamples_validation_tracks(trained):
    rows, runs = trained
    figures = runs.on_validation(rows).measured().by_unit["slice"]
    assert "validation" in figures.ci95_is
    tracks = {rows.table["track_id"][position] for each in runs["slice"] for position in each.fold.validation}
    assert figures.n_tracks == len(tracks)
    assert figures.ci95[0] <= np.mean(figures.values) <= figures.ci95[1]


def test_a_network_with_one_output_has_no_other(trained):
    with pytest.raises(GenrelibError, match="no output 'mood'"):
        trained[1].output("mood")


def test_a_difference_as_a_table_and_in_words():
    runs, others = runs_of(run(0, PERFECT), run(1, PERFECT)), runs_of(run(0), run(1), system="other")
    gain = runs.difference(others)
    row = gain.table().loc["track"]
    assert [row["mean"], row["seed 0"], row["seed 1"]] == pytest.approx([0.5, 0.5, 0.5])
    assert (row["95% from"], row["to"]) == gain.by_unit["track"].ci95
    assert "track +0.500" in gain.in_words() and "above 0" in gain.in_words()
    assert "undecided" in runs.difference(runs).in_words()
    named = runs.values(lambda run: "jazz", "best").table()
    assert named.loc["track"].to_dict() == {"seed 0": "jazz", "seed 1": "jazz"}
