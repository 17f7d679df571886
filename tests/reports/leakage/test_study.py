import json
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from genrelib._base.errors import ResultError
from genrelib.evaluation.scores import score_predictions
from genrelib.reports.leakage.study import (
    gather,
    interval_widths,
    kept_predictions,
    lacking,
    three_figures,
    tracks_needed,
)
from genrelib.reports.leakage.tables import paired_splits, paired_systems, track_votes
from genrelib.results import headline_claims, record
from genrelib.splits import Fold
from genrelib.training.runs import Run, Runs
from tests.evaluation.test_neighbours import GENRES, make_rows, tracks_of

COLLECTION = make_rows(np.zeros((96, 1)), tracks_of()).collection
ARTISTS = COLLECTION.groups("artist")


def frame_of(n_tracks=40, n_slices=5, *, accuracy=1.0, seed=0, protocol="slice", rng=0, prefix=""):
    """Predictions of two genres; each track's slices are right together at the given rate."""
    right = np.repeat(np.random.default_rng(rng).random(n_tracks) < accuracy, n_slices)
    true = np.repeat(np.arange(n_tracks) % 2, n_slices)
    given = np.where(right, true, 1 - true)
    tracks = np.repeat([f"{prefix}t{i:03d}" for i in range(n_tracks)], n_slices)
    return pd.DataFrame(
        {"track_id": tracks, "slice": np.arange(len(tracks)), "true": true, "p0": 0.9 - 0.8 * given,
         "p1": 0.1 + 0.8 * given, "seed": seed, "protocol": protocol}
    )  # fmt: skip


def run_of(unit, accuracy, seed=0, rng=0, n_slices=5):
    frame = frame_of(n_slices=n_slices, accuracy=accuracy, seed=seed, protocol=unit, rng=rng)
    every = frame["slice"].to_numpy()
    fold, history = Fold(unit, seed, every[:0], every[:0], every), SimpleNamespace(epochs_run=1, seconds=1.0)
    return Run("mel_cnn1d", unit, seed, fold, score_predictions(frame, GENRES), history, None)


def runs_of(runs, system="feature_mlp", folder=None, **reasons):
    return Runs(system, COLLECTION, folder, GENRES, next(iter(runs)), runs, reasons)


@pytest.fixture
def folder(tmp_path):
    """A run that holds a record of one system; by artist it is at chance."""
    runs = {"slice": [run_of("slice", 1.0, seed) for seed in (0, 1)], "artist": [run_of("artist", 0.5, rng=3)]}
    record("idc-mel-cnn1d", runs_of(runs, "mel_cnn1d", tmp_path, album="no albums are known"), save_model=False)
    return tmp_path


def test_records_are_gathered_at_both_levels_and_reasons_kept(folder, tmp_path_factory):
    measured, missing = gather(folder, ARTISTS)
    figures = measured.set_index(["unit", "level"])
    columns = ["mean", "claimed", "is_report", "leak_free", "part", "trainings"]
    assert figures.loc[("slice", "slice"), columns].tolist() == [1, 0.8, True, False, "test", 2]
    assert figures.loc[("slice", "track"), ["mean", "is_report"]].tolist() == [1, False]
    artist = figures.loc[("artist", "slice")]
    assert artist["leak_free"] and artist["low"] < artist["mean"] < artist["high"] and artist["tracks"] == 40
    assert missing["mel_cnn1d by album"] == "no albums are known"
    assert set(headline_claims()) - {"mel_cnn1d"} <= set(missing)
    nothing, all_missing = gather(tmp_path_factory.mktemp("nothing"), ARTISTS)
    assert nothing.empty and set(all_missing) == set(headline_claims())
    stored = json.loads((folder / "results" / "idc-mel-cnn1d.json").read_text())
    assert artist["mean"] == stored["other_protocols"]["artist"]["mean"]
    assert [artist["low"], artist["high"]] == stored["other_protocols"]["artist"]["ci95"]


@pytest.mark.parametrize(("claim_id", "n_slices", "unit", "level"), [
    ("blog-window-cnn1d", 5, "slice", "slice"),
    ("toronto-mlp", 1, "track", "track"),  # a row is a whole track: what is split by slice is split by track
])  # fmt: skip
def test_a_claim_on_validation_has_its_figure_beside_that_of_the_test(tmp_path, claim_id, n_slices, unit, level):
    def checked(run):
        return replace(run, scores=score_predictions(frame_of(n_slices=n_slices), GENRES), tested=run.scores)

    runs = {
        "slice": [checked(run_of("slice", 0.5, seed, n_slices=n_slices)) for seed in (0, 1)],
        "artist": [checked(run_of("artist", 0.5, rng=3, n_slices=n_slices))],
    }
    system = {claim: system for system, claim in headline_claims().items()}[claim_id]
    record(claim_id, runs_of(runs, system, tmp_path), save_model=False)
    measured, missing = gather(tmp_path, ARTISTS)
    figures = measured.set_index(["unit", "level", "part"])
    tested = runs["slice"][0].tested.slice.accuracy
    assert figures.loc[(unit, level, "validation"), ["mean", "is_report"]].tolist() == [1, True]
    assert figures.loc[(unit, level, "test"), ["mean", "is_report"]].tolist() == [tested, False]
    assert (figures.query("part == 'validation'").index.get_level_values("unit") == unit).all()
    whole = level == "track"
    assert ("slice" in set(measured["level"]), f"{system} by slice" in missing) == (not whole, whole)
    assert lacking(tmp_path, [system], ["slice", "track", "artist"]) == ({} if whole else {system: ["track"]})
    (row,) = three_figures(measured)
    assert (row["level"], row["reproduced"]["part"], row["leak_free"]["part"]) == (level, "validation", "test")
    assert set(kept_predictions(tmp_path)[system]["protocol"]) == {unit, "artist"}


def test_runs_stand_in_for_records_that_are_missing(folder):
    by_slice = [run_of("slice", 1.0), run_of("slice", 0.5, 1)]
    runs = {"feature_mlp": runs_of({"slice": by_slice}, artist="one artist a genre")}
    measured, missing = gather(folder, ARTISTS, runs)
    mlp = measured[(measured["system"] == "feature_mlp") & (measured["level"] == "slice")]
    expected = np.mean([one.scores.slice.accuracy for one in runs["feature_mlp"]["slice"]])
    assert mlp["mean"].tolist() == [pytest.approx(expected)] and mlp["claimed"].tolist() == [0.84]
    assert missing["feature_mlp by artist"] == "one artist a genre" and "feature_mlp" not in missing
    assert set(kept_predictions(folder, runs)) == {"mel_cnn1d", "feature_mlp"}


def test_three_figures_are_the_claim_its_own_split_and_the_leak_free_one(folder):
    rows = three_figures(gather(folder, ARTISTS, {"feature_mlp": runs_of({"slice": [run_of("slice", 1.0)]})})[0])
    first, second = rows
    assert (first["claimed"], first["reproduced"]["mean"], first["reproduced"]["unit"]) == (0.8, 1, "slice")
    assert first["leak_free"]["unit"] == "artist" and first["leak_free"]["mean"] < 1
    assert second["system"] == "feature_mlp" and second["leak_free"] is None


def test_two_systems_are_compared_on_common_tracks_whatever_their_slices():
    perfect, guessing = frame_of(), frame_of(n_slices=3, accuracy=0.5, rng=2)
    other = frame_of(n_tracks=10, prefix="z")  # tracks that only one system was tested on
    more = pd.concat([perfect, other.assign(slice=other["slice"] + 1000)])
    found = paired_systems({"a": more, "b": guessing}, "slice", ARTISTS)
    wrong = 1 - track_votes(guessing).pipe(lambda votes: (votes["p1"] > 0.5) == votes["true"]).mean()
    row = found.iloc[0]
    assert (row["a"], row["b"], row["tracks"]) == ("a", "b", 40)
    assert row["difference"] == pytest.approx(wrong) and row["low"] > 0
    same = paired_systems({"a": perfect, "b": perfect}, "slice", ARTISTS).iloc[0]
    assert (same["difference"], same["low"], same["high"]) == (0, 0, 0)

    for other in (frame_of(prefix="z"), frame_of(protocol="artist")):  # no tracks in common
        assert paired_systems({"a": perfect, "b": other}, "slice", ARTISTS).empty


def test_by_artist_a_difference_draws_artists():
    sides = {"a": frame_of(protocol="artist"), "b": frame_of(accuracy=0.5, rng=2, protocol="artist")}
    four = pd.Series({f"t{i:03d}": f"artist {i // 10}" for i in range(40)})
    apart, together = (paired_systems(sides, "artist", artists).iloc[0] for artists in (ARTISTS, four))
    assert apart["difference"] == together["difference"]
    assert together["high"] - together["low"] != apart["high"] - apart["low"]


def test_splits_are_compared_track_by_track():
    by_slice = pd.concat([frame_of(accuracy=1.0, seed=seed) for seed in (0, 1)])
    by_artist = frame_of(n_tracks=30, accuracy=0.4, protocol="artist", rng=5)
    found = paired_splits(pd.concat([by_slice, by_artist]), "slice", "artist", ARTISTS)
    wrong = 1 - track_votes(by_artist).pipe(lambda votes: (votes["p1"] > 0.5) == votes["true"]).mean()
    assert found["tracks"] == 30 and found["difference"] == pytest.approx(wrong)
    assert found["low"] < found["difference"] < found["high"] and found["low"] > 0
    with pytest.raises(ResultError, match="none was tested by slice and by album"):
        paired_splits(by_slice, "slice", "album", ARTISTS)


def test_widths_shrink_as_the_root_of_the_tracks_and_slices_do_not_count():
    widths = interval_widths(frame_of(n_tracks=200, accuracy=0.5, rng=1), (25, 100, 400))
    half = widths["half_width"].to_numpy()
    assert half[:-1] / half[1:] == pytest.approx(2, rel=0.1)
    # a track's slices are right or wrong together: each counts for one track, not five
    assert half == pytest.approx(1.96 * np.sqrt(0.25 / widths["tracks"].to_numpy()), rel=0.1)
    assert half / widths["if_slices_were_independent"].to_numpy() == pytest.approx(np.sqrt(5), rel=0.1)
    assert interval_widths(frame_of(), (10,))["half_width"].tolist() == [0]
    frame = frame_of(n_tracks=300, accuracy=0.6, rng=4)
    needed = tracks_needed(interval_widths(frame, (50, 300)), 0.05)
    assert interval_widths(frame, (needed,))["half_width"].iloc[0] == pytest.approx(0.05, rel=0.1)
