"""Tables and sentences of notebook 90."""

import pandas as pd

from genrelib.reports.leakage.study import lacking
from genrelib.reports.leakage.tables import accuracies, lost_in_words
from tests.results.test_scoreboard import protocol, record_of, run_of


def test_accuracies_stand_by_split_with_their_intervals():
    row = {"system": "mel_cnn1d", "level": "slice", "part": "test", "mean": 0.8, "low": 0.7, "high": 0.9}
    checked = row | {"unit": "slice", "part": "validation", "mean": 0.9}
    table = accuracies(pd.DataFrame([row | {"unit": "artist"}, row | {"unit": "slice", "mean": 0.85}, checked]))
    assert list(table.columns) == ["slice", "artist"]  # from the loosest split to the strictest
    assert table.loc[("mel_cnn1d", "slice", "test")].tolist() == ["0.850 (0.70 to 0.90)", "0.800 (0.70 to 0.90)"]
    assert table.loc[("mel_cnn1d", "slice", "validation")].tolist() == ["0.900 (0.70 to 0.90)", ""]


def test_what_is_lost_is_said_of_systems_that_have_both_figures():
    rows = [{"system": "a", "reproduced": {"mean": 0.87, "part": "test"}, "leak_free": {"mean": 0.52}},
            {"system": "v", "reproduced": {"mean": 0.67, "part": "validation"}, "leak_free": {"mean": 0.4}},
            {"system": "b", "reproduced": {"mean": 0.9, "part": "test"}, "leak_free": None}]  # fmt: skip
    assert lost_in_words(rows) == "a 0.87 → 0.52; v 0.67 (validation) → 0.40" and lost_in_words(rows[2:]) == ""


def test_splits_without_a_record_or_a_reason_are_lacking(tmp_path):
    units = ["slice", "track", "artist", "fault_filtered"]
    assert lacking(tmp_path / "none", ["mel_cnn1d"], units) == {"mel_cnn1d": units}
    others = {"artist": protocol([0.5], [0.4, 0.6], leak_free=True), "fault_filtered": {"not_measured": "no lists"}}
    run = run_of(tmp_path / "run", record_of("idc-mel-cnn1d", [0.8], [0.7, 0.9], others=others))
    assert lacking(run, ["mel_cnn1d", "feature_mlp"], units) == {"mel_cnn1d": ["track"], "feature_mlp": units}
    assert lacking(run, ["mel_cnn1d"], ["slice"]) == {}
