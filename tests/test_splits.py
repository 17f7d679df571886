"""Splits: disjoint at their unit, complete, near the share that was asked for, and fixed by the seed."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from genrelib._base.errors import SplitError
from genrelib.datasets.collection import Collection
from genrelib.slices import SliceSet
from genrelib.splits import folds_in_turn, group_of_slices, grouped, k_folds, split_slices

GROUPED = ("track", "album", "artist")


def slice_set(rows, name="tiny"):
    """A SliceSet with no sound, of rows (genre, artist, album, n_slices[, fault_filtered]), a track each."""
    tracks = pd.DataFrame([row[:3] for row in rows], columns=["genre", "artist_id", "album"], dtype=object)
    tracks.index = pd.Index([f"t{i:03d}" for i in range(len(rows))], name="track_id")
    tracks = tracks.assign(path="", artist=tracks["artist_id"], duration=1.0)
    if len(rows[0]) > 4:
        tracks["fault_filtered"] = [row[4] for row in rows]
    collection = Collection(name, tracks, Path())
    table = tracks[["genre"]].reset_index().loc[np.repeat(np.arange(len(rows)), [row[3] for row in rows])]
    table = table.reset_index(drop=True).assign(start=0.0)
    samples = np.zeros((len(table), 1), dtype=np.int16)
    return SliceSet(samples, table, collection.genres, collection, "key", 1, 1.0, 1.0)


def even(n_genres=4, n_artists=8, n_tracks=3, n_slices=5):
    return slice_set([
        (f"g{genre}", f"a{genre}.{artist}", f"album {track % 2}", n_slices)
        for genre in range(n_genres) for artist in range(n_artists) for track in range(n_tracks)
    ])  # fmt: skip


@st.composite
def slice_sets(draw):
    """Uneven collections: some artists are in two genres, some are unknown."""
    rows = []
    for genre in range(draw(st.integers(2, 4))):
        for artist in range(draw(st.integers(5, 9))):
            shared = genre < 2 and artist == 0 and draw(st.booleans())
            name = "both" if shared else f"a{genre}.{artist}"
            for track in range(draw(st.integers(1, 4))):
                unknown = artist == 4 and draw(st.booleans())
                album = draw(st.sampled_from(["x", "y", None])) if artist > 3 else f"album {track % 2}"
                rows.append((f"g{genre}", None if unknown else name, album, draw(st.integers(1, 4))))
    return slice_set(rows)


def naive_groups(slices, unit):
    """What each slice belongs to, told by a plain loop; None where it is unknown."""
    found = []
    for position, track in enumerate(slices.table["track_id"]):
        row = slices.collection.tracks.loc[track]
        album = None if None in (row["artist_id"], row["album"]) else (row["artist_id"], row["album"])
        found.append({"slice": position, "track": track, "album": album, "artist": row["artist_id"]}[unit])
    return found


def assert_sound(slices, unit, fold):
    """The parts are sorted, disjoint at the unit, hold every genre where they must, and leave out the unknown alone."""
    groups = naive_groups(slices, unit)
    parts = [fold.train, fold.validation, fold.test]
    for part in parts:
        assert part.dtype == np.int64 and (np.diff(part) > 0).all()
    sets = [{groups[position] for position in part} for part in parts]
    assert not (sets[0] & sets[1] or sets[0] & sets[2] or sets[1] & sets[2])
    known = [position for position, group in enumerate(groups) if pd.notna(group)]
    assert sorted(np.concatenate(parts)) == known
    assert fold.left_out == len(slices) - len(known)
    for part in (fold.train, fold.test):
        assert set(slices.labels[part]) == set(slices.labels)
    assert fold.leak_free == (unit in ("artist", "fault_filtered"))


# Properties


@settings(max_examples=30, deadline=None, derandomize=True)
@given(
    slices=slice_sets(),
    unit=st.sampled_from(GROUPED),
    validation=st.sampled_from([0, 0.1, 0.3]),
    seed=st.integers(0, 9),
)
def test_groups_stay_together_and_all_that_is_known_is_used(slices, unit, validation, seed):
    fold = split_slices(slices, unit, test=0.25, validation=validation, seed=seed)
    assert (fold.unit, fold.seed, len(fold.validation) > 0) == (unit, seed, validation > 0)
    assert_sound(slices, unit, fold)
    sizes = pd.Series([group for group in naive_groups(slices, unit) if group is not None]).value_counts()
    share = len(fold.test) / sizes.sum()
    assert abs(share - 0.25) <= 0.1 + sizes.max() / sizes.sum()
    again = split_slices(slices, unit, test=0.25, validation=validation, seed=seed)
    for part in ("train", "validation", "test"):
        np.testing.assert_array_equal(getattr(fold, part), getattr(again, part))


@settings(max_examples=15, deadline=None, derandomize=True)
@given(slices=slice_sets(), unit=st.sampled_from(GROUPED), seed=st.integers(0, 9))
def test_k_folds_test_each_slice_once(slices, unit, seed):
    folds = k_folds(slices, unit, 2, validation=0, seed=seed)
    for fold in folds:
        assert_sound(slices, unit, fold)
    known = [position for position, group in enumerate(naive_groups(slices, unit)) if group is not None]
    assert sorted(np.concatenate([fold.test for fold in folds])) == known


@settings(max_examples=20, deadline=None, derandomize=True)
@given(
    n_genres=st.integers(2, 5), n_slices=st.integers(20, 30), test=st.floats(0.2, 0.6),
    validation=st.sampled_from([0, 0.2]), seed=st.integers(0, 9),
)  # fmt: skip
def test_slice_split_has_the_share_that_was_asked_for_in_every_genre(n_genres, n_slices, test, validation, seed):
    slices = slice_set([(f"g{genre}", None, None, n_slices) for genre in range(n_genres)])
    fold = split_slices(slices, "slice", test, validation, seed)
    assert_sound(slices, "slice", fold)
    assert abs(len(fold.test) - test * len(slices)) <= 1
    assert abs(len(fold.validation) - validation * (len(slices) - len(fold.test))) <= 1
    counts = np.bincount(slices.labels[fold.test])
    assert counts.max() - counts.min() <= 1


# Known cases


def test_slice_split_of_the_report_is_75_to_25_exactly():
    slices = slice_set([(f"g{genre}", None, None, 20) for genre in range(5)])
    fold = split_slices(slices, "slice", test=0.25, validation=0, seed=0)
    assert (len(fold.train), len(fold.validation), len(fold.test)) == (75, 0, 25)
    fold = split_slices(slices)  # and 10% of the rest to validate on
    assert (fold.unit, len(fold.train), len(fold.validation), len(fold.test)) == ("slice", 67, 8, 25)


@pytest.mark.parametrize("unit", GROUPED)
@pytest.mark.parametrize("test", [0.125, 0.25, 0.3, 0.5, 0.8])
def test_share_is_as_near_as_whole_groups_allow(unit, test):
    slices = even()
    fold = split_slices(slices, unit, test=test, validation=0.1)
    assert_sound(slices, unit, fold)
    assert abs(len(fold.test) / len(slices) - test) <= 1 / 16  # half an artist of the eight that a genre has


@pytest.mark.parametrize("unit", ("slice", *GROUPED))
def test_seed_fixes_the_draw_and_another_draws_anew(unit):
    slices = even()
    tests = [tuple(split_slices(slices, unit, seed=seed).test) for seed in (0, 1, 2, 0)]
    assert tests[0] == tests[3] and len(set(tests)) == 3


def test_fault_filtered_takes_the_published_lists_whatever_the_seed():
    parts = ["train", "valid", "test", "", "train", "test"]
    slices = slice_set([(genre, None, None, 2, part) for genre in "xy" for part in parts])
    for seed in (0, 7):
        fold = split_slices(slices, "fault_filtered", test=0.9, validation=0, seed=seed)
        assert fold.leak_free and (fold.unit, fold.seed, fold.left_out) == ("fault_filtered", seed, 4)
        for part, name in [(fold.train, "train"), (fold.validation, "valid"), (fold.test, "test")]:
            wanted = [i for i, row in enumerate(np.repeat(parts * 2, 2)) if row == name]
            assert part.tolist() == wanted


def test_fold_equals_itself_alone():
    one, two = split_slices(even()), split_slices(even())
    assert one == one and one != two


# On plain arrays


LABELS = np.repeat(["blues", "jazz", "rock"], [8, 9, 7])
GOLDEN = {0: ["abefijklmo", "dhq", "cgnp"], 1: ["abefghlmpq", "ckn", "dijo"]}  # seed: train, validation, test
GOLDEN_FOLDS = [["a0", "a2", "a3"], ["a4", "a5"], ["a1", "a6", "a7"]]
GROUPS = np.array([*"aaabbcde", *"fffgghijk", *"llmnopq"], dtype=object)


def test_groups_are_dealt_as_they_were_on_every_version_of_every_library():
    """Golden lists: figures are of these splits."""
    dealt = {}
    for seed in (0, 1):
        parts = grouped(LABELS, GROUPS, seed=seed)
        dealt[seed] = ["".join(sorted(set(GROUPS[part]))) for part in (parts.train, parts.validation, parts.test)]
    assert dealt == GOLDEN
    slices = slice_set([(f"g{i % 2}", f"a{i // 4}", None, 1 + i % 3) for i in range(32)])
    folds = k_folds(slices, "artist", 3, seed=1)
    assert [sorted(set(group_of_slices(slices, "artist")[fold.test])) for fold in folds] == GOLDEN_FOLDS


def test_the_order_of_rows_has_no_say():
    order = np.random.default_rng(0).permutation(len(LABELS))
    one, other = grouped(LABELS, GROUPS), grouped(LABELS[order], GROUPS[order])
    for part in ("train", "validation", "test"):
        assert sorted(getattr(one, part)) == sorted(order[getattr(other, part)])


def test_rows_of_no_group_are_left_out_and_counted():
    groups = GROUPS.copy()
    groups[[0, 5]] = None, np.nan
    parts = grouped(list(LABELS), list(groups))
    assert parts.left_out == 2
    used = np.concatenate([parts.train, parts.validation, parts.test])
    assert sorted(used) == [i for i in range(24) if i not in (0, 5)]


@pytest.mark.parametrize(("labels", "groups", "words"), [
    (["x"] * 4, list("abc"), "one label and one group"),
    (["x", "y", None, "x", np.nan], list("abcde"), r"label; none have rows\n  2\n  4\nlabel"),
    (["x"] * 4, list("aaaa"), "given 1: a"),
    (["x"] * 4, [None] * 4, "given 0: none"),
    (["x"] * 4 + ["y"] * 2, list("abcdee"), "no test row of y"),
    (["x"] * 4 + ["y"] * 2, [*"abcd", None, None], "no train row of y"),
])  # fmt: skip
def test_arrays_that_cannot_be_split(labels, groups, words):
    with pytest.raises(SplitError, match=words):
        grouped(labels, groups)
    with pytest.raises(SplitError, match="shares lie"):
        grouped(labels, groups, test=1.5)


# Errors


@pytest.mark.parametrize("shares", [
    {"test": 0}, {"test": 1}, {"test": -0.1}, {"test": 25}, {"test": float("nan")}, {"validation": 1},
    {"validation": -0.1},
])  # fmt: skip
def test_shares_out_of_range(shares):
    with pytest.raises(SplitError, match="shares lie between 0 and 1; given test="):
        split_slices(even(), "track", **shares)


@pytest.mark.parametrize("n_folds", [-1, 0, 1, 33])
def test_more_folds_than_groups_or_fewer_than_two(n_folds):
    with pytest.raises(SplitError, match=f"given n_folds={n_folds}, tiny has 32 artists"):
        k_folds(even(), "artist", n_folds)


def test_k_folds_refuse_shares_and_published_lists():
    with pytest.raises(SplitError, match="shares lie"):
        k_folds(even(), "artist", 3, validation=1.5)
    listed = slice_set([(genre, None, None, 1, part) for genre in "xy" for part in ("train", "valid", "test")])
    with pytest.raises(SplitError, match="one published split"):
        k_folds(listed, "fault_filtered")
    with pytest.raises(SplitError, match="one published split"):
        folds_in_turn(listed, "fault_filtered", [0])


@pytest.mark.parametrize("unit", ["slice", "track", "artist"])
@pytest.mark.parametrize("n_test, n_parts", [(1, 7), (2, 10)])
def test_parts_in_turn_test_each_slice_once(unit, n_test, n_parts):
    slices = even(n_artists=n_parts)
    shares = {"test": n_test / n_parts, "validation": 1 / (n_parts - n_test)}
    folds = folds_in_turn(slices, unit, range(n_parts // n_test), **shares)
    for seed, fold in enumerate(folds):
        assert_sound(slices, unit, fold)
        assert (fold.seed, fold.unit) == (seed, unit)
        assert len(fold.test) == pytest.approx(len(slices) * n_test / n_parts, rel=0.15)
    assert sorted(np.concatenate([fold.test for fold in folds])) == list(range(len(slices)))
    if n_test == 1:  # each is validated once, too
        assert sorted(np.concatenate([fold.validation for fold in folds])) == list(range(len(slices)))
    with pytest.raises(SplitError, match="validation is a share above 0"):
        folds_in_turn(slices, unit, [0], test=0.2, validation=0)


def test_protocols_that_the_collection_cannot_support_say_why():
    slices = slice_set(
        [("blues", "one", None, 3), ("blues", "one", None, 3), *[("pop", f"p{i}", None, 3) for i in range(4)]]
    )
    for split in (split_slices, k_folds):
        for unit, reason in [
            ("artist", "blues in tiny: fewer than two artists"), ("album", "tiny knows no albums"),
            ("fault_filtered", "no fault-filtered lists"),
            ("song", "no such split unit: 'song'; it is one of slice, track"),
        ]:  # fmt: skip
            with pytest.raises(SplitError, match=f"unit='{unit}' is not possible: .*{reason}"):
                split(slices, unit)


def test_genre_that_no_part_can_test_is_told():
    slices = slice_set([("solo", "a", None, 4), *[("pop", f"p{i}", None, 3) for i in range(5)]])
    with pytest.raises(SplitError, match="split by track, seed 3: no test row of solo; tiny has too few tracks"):
        split_slices(slices, "track", seed=3)


def test_too_few_slices_or_groups():
    with pytest.raises(SplitError, match="3 slices of 3 genres are too few for a share of 0.25"):
        split_slices(slice_set([(genre, None, None, 1) for genre in "xyz"]), "slice")
    with pytest.raises(SplitError, match="2 needs as many groups at least; given 1: t000"):
        grouped(list("xxy"), ["t000"] * 3)
    # one to train on, one to test on, none to validate on
    with pytest.raises(SplitError, match="needs as many groups at least"):
        grouped(list("xxyy"), list("abab"), test=0.5, validation=0.1)
    with pytest.raises(SplitError, match="tiny has one genre, .*add one"):
        split_slices(slice_set([("x", "a", None, 9), ("x", "b", None, 9)]), "track")
