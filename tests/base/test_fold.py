"""Folds as tables for other tools, and those that GTZAN's index publishes."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from genrelib._base.deal import DUET
from genrelib._base.errors import SplitError
from genrelib.datasets.collection import Collection
from genrelib.datasets.gtzan import read_index, with_folds_of
from genrelib.slices import SliceSet
from genrelib.splits import Fold, folds_of, k_folds, split_slices
from tests.test_splits import assert_sound, even


@pytest.fixture
def starts():
    slices = even(n_genres=2, n_tracks=2)
    slices.table["start"] = slices.table.groupby("track_id").cumcount() / 3  # s; no text has all of its digits
    return slices


@pytest.mark.parametrize("unit", ["slice", "track", "artist"])
@pytest.mark.parametrize("seed", [0, 3])
def test_a_table_read_again_is_the_same_split(starts, tmp_path, unit, seed):
    fold, path = split_slices(starts, unit, seed=seed), tmp_path / "split.csv"
    fold.to_frame(starts).round(3).sample(frac=1, random_state=0).to_csv(path, index=False)
    again = Fold.from_frame(pd.read_csv(path), starts)
    for part in ("train", "validation", "test"):
        np.testing.assert_array_equal(getattr(again, part), getattr(fold, part))
    assert (again.unit, again.seed, again.left_out) == (fold.unit, fold.seed, fold.left_out)


def test_tables_that_do_not_fit_are_refused(starts):
    with pytest.raises(SplitError, match="of more than the"):
        Fold("slice", 0, np.array([len(starts)]), np.array([], int), np.array([0])).to_frame(starts)
    frame = split_slices(starts, "artist").to_frame(starts)
    for bad, words in (
        (frame.drop(columns="part"), "missing: .*part"),
        (frame.assign(unit=["track", *["artist"] * (len(frame) - 1)]), "one unit"),
        (frame.assign(track_id=["nobody", *frame["track_id"][1:]]), "1 rows name no slice of tiny"),
        (pd.concat([frame, frame[:2]]), "2 rows name .*named before"),
        (frame.assign(part=frame["part"].replace("validation", "valid")), "no part of train, validation, test"),
        (frame.assign(part=["train", "test"] * (len(frame) // 2)), "in both train and test"),
    ):
        with pytest.raises(SplitError, match=words):
            Fold.from_frame(bad, starts)


# Real lists and audio


@pytest.fixture(scope="module")
def gtzan():
    """A row for each track of the index."""
    tracks = with_folds_of("gtzan", read_index()).assign(path="", album=None, duration=30.0)
    table = pd.DataFrame({"track_id": tracks.index, "genre": tracks["genre"].to_numpy(), "start": 0.0})
    collection = Collection("gtzan", tracks, Path())
    return SliceSet(np.zeros((1000, 1), np.int16), table, collection.genres, collection, "key", 1, 1.0, 1.0)


def test_artist_folds_of_gtzan_are_those_of_the_index(gtzan):
    tracks = gtzan.collection.tracks
    folds = folds_of(gtzan, "artist", range(6))
    for seed, fold in enumerate(folds):
        assert_sound(gtzan, "artist", fold)
        assert fold.left_out == 83 and fold.seed == seed
        assert set(tracks["artist_fold"].iloc[fold.test]) == {str(seed % 3)}
        alone = split_slices(gtzan, "artist", test=0.15, seed=seed)
        np.testing.assert_array_equal(alone.test, fold.test)
        np.testing.assert_array_equal(alone.validation, fold.validation)
    assert set(folds[0].validation) != set(folds[3].validation)
    assert all((a.test == b.test).all() for a, b in zip(k_folds(gtzan, "artist", 3), folds))
    five = k_folds(gtzan, "artist", 5)  # of another number they are dealt
    assert sorted(np.concatenate([fold.test for fold in five])) == sorted(np.flatnonzero(tracks["artist_id"].notna()))


def test_an_index_that_puts_an_artist_into_two_folds_is_refused(gtzan):
    tracks = gtzan.collection.tracks.copy()
    tracks.loc["blues.00000", "artist_fold"] = "0"  # John Lee Hooker's others are in another
    wrong = replace(gtzan, collection=replace(gtzan.collection, tracks=tracks))
    with pytest.raises(SplitError, match="in both .*: john-lee-hooker"):
        folds_of(wrong, "artist", (0, 1, 2))


def test_fault_filtered_lists_are_checked_by_artist_but_for_the_one_duet(gtzan):
    fold = split_slices(gtzan, "fault_filtered")
    assert (len(fold.train), len(fold.validation), len(fold.test), fold.left_out) == (443, 197, 290, 70)
    assert DUET in set(gtzan.table["track_id"].iloc[fold.train])
    tracks = gtzan.collection.tracks.copy()
    tracks.loc[DUET, "fault_filtered"] = "test"
    tracks.loc["disco.00013", "fault_filtered"] = "test"  # Donna Summer alone, whose others are to validate on
    wrong = replace(gtzan, collection=replace(gtzan.collection, tracks=tracks))
    with pytest.raises(SplitError, match="in both validation and test: donna-summer"):
        split_slices(wrong, "fault_filtered")
