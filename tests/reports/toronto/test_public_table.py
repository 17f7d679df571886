"""Figures of a public table: what is written follows from the predictions beside it."""

import json

import numpy as np
import pandas as pd
import pytest

from genrelib.__main__ import main
from genrelib._base.errors import GenrelibError, ResultError
from genrelib.datasets import gtzan
from genrelib.evaluation.predictions import prediction_frame
from genrelib.evaluation.scores import score_predictions
from genrelib.reports.toronto import public_table
from genrelib.reports.toronto.public_table import (
    SYSTEMS,
    chart_rows,
    figures_at_hand,
    measure,
    read_figures,
    read_table_predictions,
    readme_section,
)
from tests.features.test_read_table import made_up

FIT = {"epochs": 1, "patience": 1}


@pytest.fixture(scope="module")
def table(tmp_path_factory):
    """The public 30 s table but for its numbers: the genre shows in some of them."""
    made = made_up([f"{track}.wav" for track in gtzan.read_index().index])
    made["tempo"] += pd.factorize(made["label"])[0]
    path = tmp_path_factory.mktemp("table") / "features_30_sec.csv"
    made.to_csv(path, index=False)
    return path


@pytest.fixture(scope="module")
def folder(table, tmp_path_factory):
    folder = tmp_path_factory.mktemp("run")
    measure(table, seeds=(0, 1), folder=folder, fit=FIT)
    return folder


@pytest.fixture
def guessing(monkeypatch):
    """Systems that take everything for the first genre."""

    def guess(rows, fold, fit):
        def scores(part):
            first = np.eye(len(rows.genres))[[0] * len(part)]
            return score_predictions(
                prediction_frame(rows, part, first, seed=fold.seed, protocol=fold.unit), rows.genres
            )

        return scores(fold.test), scores(fold.validation)

    for system in SYSTEMS:
        monkeypatch.setitem(SYSTEMS, system, guess)


def test_each_system_has_a_figure_a_seed_under_each_split(folder):
    content = read_figures(folder)
    assert content["collection"] == "gtzan_features_30s" and content["table"]["rows"] == 1000
    assert [(one["system"], one["split"]) for one in content["figures"]] == [
        (system, split)
        for system in ("feature_mlp", "svm", "embedded") for split in ("slice", "artist", "fault_filtered")
    ]  # fmt: skip
    for one in content["figures"]:
        n = 1 if one["split"] == "fault_filtered" and one["system"] != "feature_mlp" else 2  # no chance, fixed lists
        assert one["seeds"] == [0, 1][:n] and one["mean"] == pytest.approx(np.mean(one["values"]))
        assert one["sd"] == (pytest.approx(np.std(one["values"], ddof=1)) if n > 1 else None)
        assert len(one["validation"]) == n
        assert one["leak_free"] == (one["split"] != "slice")
    assert len(content["song"]["values"]) == 2 and content["versions"]["keras"] and content["commit"]

    sizes = {one["split"]: (one["n_train"], one["n_test"]) for one in content["figures"]}
    assert sizes["slice"] == ([700, 700], [150, 150]) and sizes["fault_filtered"] == ([443], [290])
    means = {(one["system"], one["split"]): one["mean"] for one in content["figures"]}
    # ten genres, told by one number of 57: far above the tenth that guessing gives
    assert min(means["svm", "slice"], means["embedded", "slice"], means["svm", "artist"]) > 0.2


def test_three_seeds_by_artist_test_each_known_artist_once_and_a_fourth_is_not_taken(table, tmp_path, guessing):
    figures = measure(table, seeds=range(4), folder=tmp_path)["figures"]
    artist = next(one for one in figures if one["split"] == "artist")
    known = gtzan.read_index()["artist_id"].dropna()
    assert sum(artist["n_test"]) == artist["n_tracks"] == len(known) and artist["n_artists"] == known.nunique()
    assert list(artist["seeds"]) == [0, 1, 2] and f"{known.nunique()} artists" in artist["ci95_is"]
    random = next(one for one in figures if one["split"] == "slice")
    assert random["n_artists"] is None and f"{random['n_tracks']} tracks" in random["ci95_is"]


def test_figures_follow_from_the_kept_predictions(folder):
    frame, checked = read_table_predictions(folder), read_table_predictions(folder, "validation")
    for one in read_figures(folder)["figures"]:
        part = frame[(frame["system"] == one["system"]) & (frame["protocol"] == one["split"])]
        scores = [score_predictions(own, gtzan.GENRES, n_resamples=0) for _, own in part.groupby("seed")]
        assert [each.slice.accuracy for each in scores] == pytest.approx(one["values"])
        assert [each.slice.macro_f1 for each in scores] == pytest.approx(one["macro_f1"])
        part = checked[(checked["system"] == one["system"]) & (checked["protocol"] == one["split"])]
        scores = [score_predictions(own, gtzan.GENRES, n_resamples=0) for _, own in part.groupby("seed")]
        assert [each.slice.accuracy for each in scores] == pytest.approx(one["validation"])
    tried = frame[frame["seed"] == 0].groupby(["protocol", "system"])["track_id"].agg(tuple).unstack()
    assert (tried["feature_mlp"] == tried["svm"]).all() and (tried["svm"] == tried["embedded"]).all()


def test_a_split_that_the_rows_do_not_allow_has_a_reason(table, tmp_path, guessing):
    half = tmp_path / "half.csv"
    pd.read_csv(table).iloc[::2].to_csv(half, index=False)
    content = measure(half, seeds=(0,), folder=tmp_path, fit=FIT)
    figures = {(one["system"], one["split"]): one for one in content["figures"]}
    assert "fault-filtered" in figures["svm", "fault_filtered"]["not_measured"] and "values" in figures["svm", "artist"]
    assert "not measured: " in readme_section(content)
    assert [one["name"] for one in chart_rows(content)[0]["measured"]][:1] == ["random tracks, validation"]
    assert len(chart_rows(content)[0]["measured"]) == 3 and len(chart_rows(content)[1]["measured"]) == 2


def test_a_table_with_several_rows_a_track_is_split_by_track_too(tmp_path, guessing):
    """And one without the report's song is measured to its end, which is not the song's"""
    tracks = gtzan.read_index().index[::5]
    made = made_up([f"{track}.{number}.wav" for track in tracks for number in range(2)])
    made.to_csv(tmp_path / "features_3_sec.csv", index=False)
    content = measure(tmp_path / "features_3_sec.csv", seeds=(0,), folder=tmp_path)
    figures = {one["split"]: one for one in content["figures"]}
    assert {"slice", "track", "artist"} <= set(figures) and "values" in figures["track"]
    text = readme_section(content)
    assert text.startswith("| Accuracy of | random slices of the same tracks | random tracks | by artist |")
    assert "not measured: disco.00014 has no row here" in text
    assert read_figures(tmp_path) == json.loads(json.dumps(content))


def test_what_was_measured_is_kept_when_the_rest_fails(table, tmp_path, monkeypatch, guessing):
    def fails(rows, fold, fit):
        raise KeyboardInterrupt

    monkeypatch.setitem(SYSTEMS, "svm", fails)
    with pytest.raises(KeyboardInterrupt):
        measure(table, seeds=(0,), folder=tmp_path)
    assert {one["system"] for one in read_figures(tmp_path)["figures"]} == {"feature_mlp"}
    assert set(read_table_predictions(tmp_path)["system"]) == {"feature_mlp"}
    (tmp_path / "file").touch()
    monkeypatch.setitem(SYSTEMS, "feature_mlp", fails)
    with pytest.raises(GenrelibError, match="cannot be written"):  # before anything is trained
        measure(table, seeds=(0,), folder=tmp_path / "file")


def test_chart_rows_are_those_of_the_figures(folder):
    network, machine, _ = chart_rows(read_figures(folder), claimed=0.84)
    assert (network["label"], network["claimed"], machine["claimed"]) == ("feature_mlp", 0.84, None)
    assert [(one["name"], one["leak_free"]) for one in machine["measured"]] == [
        ("random tracks", False), ("by artist", True), ("fault-filtered lists", True),
    ]  # fmt: skip


def test_readme_section_says_figures_rows_seeds_and_the_song(folder):
    content = read_figures(folder)
    content["song"]["values"] = ["disco; pop; rock", "disco; blues; pop"]
    text = readme_section(content)
    lines = text.splitlines()
    assert lines[0] == "| Accuracy of | random tracks | by artist | fault-filtered lists |"
    svm = next(one for one in content["figures"] if (one["system"], one["split"]) == ("svm", "artist"))
    assert f"{svm['mean']:.3f} ± {svm['sd']:.3f}" in lines[3] and lines[3].startswith("| svm |")
    assert "1000 rows, 2 seeds" in text
    assert "disco is first in 2, pop is second in 1, blues is third in 0 of 2 seeds" in text


def test_what_is_no_result_is_told(tmp_path, monkeypatch):
    with pytest.raises(ResultError, match="no figures of a table; make them"):
        read_figures(tmp_path)
    (tmp_path / "results").mkdir()
    for text in ("{", "[]", '{"figures": []}'):
        (tmp_path / "results/table.json").write_text(text)
        with pytest.raises(ResultError, match=r"table\.json: no figures of a table"):
            read_figures(tmp_path)
    monkeypatch.setattr(public_table, "RESULTS", tmp_path / "absent")
    assert figures_at_hand() is None


def test_the_command_measures_and_says_where(table, folder, tmp_path, monkeypatch, capsys):
    content = json.loads((folder / "results/table.json").read_text())
    monkeypatch.setattr(public_table, "measure", lambda path, folder: content)
    assert main(["table", str(table)]) == 0
    told = capsys.readouterr().out
    assert readme_section(content) in told and "gtzan_features_30s" in told


def test_the_command_refuses_what_is_no_table(tmp_path, capsys):
    assert main(["table", str(tmp_path / "absent.csv")]) == 1
    assert "no such table; the public ones" in capsys.readouterr().err
