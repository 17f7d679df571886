"""Who trains and who tests.

Conventions: a fold names slice positions. What the split is *by* (its unit) is never in two parts of it: slices of
one track may be under ``unit="slice"``, which is what most reports do and why their figures are high; tracks of one
artist may be under ``unit="track"``. Only ``artist`` and ``fault_filtered`` folds are called leak-free.

Whole groups are dealt by `grouped`, of this module, since scikit-learn's StratifiedGroupKFold gives other folds in
each of its versions. Slices are drawn by scikit-learn's train_test_split: equal from 1.6 to 1.9.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from genrelib._base.deal import checked, cut, deal, group_of_slices, kept_together, refuse_seeds, refuse_share, three
from genrelib._base.errors import SplitError, listed
from genrelib._base.fold import LEAK_FREE, PART_NAMES, UNITS, Fold, checked_fold, refuse_unit
from genrelib.slices import SliceSet

__all__ = [
    "ARTIST_FOLDS", "LEAK_FREE", "PART_NAMES", "UNITS", "Fold", "Parts", "folds_in_turn", "folds_of", "grouped",
    "k_folds", "split_slices",
]  # fmt: skip

ARTIST_FOLDS = 3  # the rarest genre of gtzan_160 has five artists


@dataclass(frozen=True, eq=False)  # arrays have no one truth: parts are equal to themselves alone
class Parts:
    """Hold what `grouped` dealt: sorted positions [dtype=int64], and how many rows are in no part."""

    train: np.ndarray
    validation: np.ndarray
    test: np.ndarray
    left_out: int


def grouped(labels: ArrayLike, groups: ArrayLike, test: float = 0.25, validation: float = 0.1, seed: int = 0) -> Parts:
    """Split rows of any kind so that no group (artist, album, patient) is in two parts, stratified by label.

    The largest group comes first, groups of one size in an order that the seed and their names give. Each is dealt to
    the part that is furthest below its share of the group's label; the seed breaks ties. No part lacks a label that
    has a group for it. A share of 1/k is one of k equal parts, if each label has k groups: six albums a label and
    ``test=1/6`` hold out an album of each. Neither the order of rows nor the version of any library has a say.

    Parameters
    ----------
    labels : array-like [shape=(n,)]
        What is stratified by, such as genres.
    groups : array-like [shape=(n,)]
        What stays together, such as artists; rows with None or NaN are left out of all parts.
    test : float in (0, 1)
        Share of the rows to test on.
    validation : float in [0, 1)
        Share of the *rest* to validate on; 0 for none.
    seed : int

    Raises
    ------
    SplitError
        Labels and groups differ in number, a row has no label, a share is out of range, or a label has too few groups.

    Examples
    --------
    >>> genres = ["rock"] * 6 + ["jazz"] * 6
    >>> artists = ["Abe", "Abe", "Bo", "Cy", "Di", None, "Ed", "Ed", "Flo", "Flo", "Gus", "Hal"]
    >>> parts = grouped(genres, artists, test=0.25, validation=0)
    >>> {artists[position] for position in parts.test} & {artists[position] for position in parts.train}
    set()
    >>> sorted({genres[position] for position in parts.test}), parts.left_out
    (['jazz', 'rock'], 1)
    """
    refuse_share(test=test, validation=validation)
    unknown = pd.isna(np.asarray(labels, dtype=object))
    labels, groups = np.asarray(labels), np.asarray(groups, dtype=object)
    if labels.ndim != 1 or labels.shape != groups.shape:
        raise SplitError(f"each row has one label and one group; given shapes {labels.shape} and {groups.shape}")
    if unknown.any():
        bare = listed(np.flatnonzero(unknown))
        raise SplitError(f"each row has a label; none have rows\n{bare}\nlabel them or leave them out")
    parts = Parts(*three(labels, groups, test, validation, seed), int(pd.isna(groups).sum()))
    return checked(parts, labels, groups, "", "each label needs two groups that are known")


def split_slices(
    slices: SliceSet, unit: str = "slice", test: float = 0.25, validation: float = 0.1, seed: int = 0
) -> Fold:
    """Split slices into train, validation and test parts, stratified by genre.

    Parameters
    ----------
    slices : SliceSet
    unit : {"slice", "track", "album", "artist", "fault_filtered"}
        What must not be in two parts; see `grouped`. ``fault_filtered`` takes the three published lists; ``test``,
        ``validation`` and ``seed`` do not move it. ``artist`` takes the three folds of a collection that has them
        (``artist_fold``: gtzan and gtzan_160): seeds 0, 1 and 2 are its folds, 3, 4 and 5 the same with other
        validation parts, and ``test`` does not move it.
    test : float in (0, 1)
        Share of the slices to test on, as near as whole groups allow. The IDC report has 0.25.
    validation : float in [0, 1)
        Share of the *rest* to validate on, by the same unit; 0 for none. The IDC report has 0.1.
    seed : int
        Fixes the draw.

    Raises
    ------
    SplitError
        The collection cannot support the unit (the message says why), or a share is out of range.

    Examples
    --------
    >>> import genrelib as gl
    >>> slices = gl.cut_slices(gl.load_collection("demo"), seconds=0.5, sample_rate=8000)
    >>> fold = gl.split_slices(slices, unit="artist", test=0.25, validation=0.1, seed=0)
    >>> artists = slices.table["track_id"].map(slices.collection.tracks["artist_id"])
    >>> fold.leak_free, set(artists.iloc[fold.train]) & set(artists.iloc[fold.test])
    (True, set())
    """
    refuse_unit(slices, unit)
    refuse_share(test=test, validation=validation)
    refuse_seeds([seed])
    if unit == "fault_filtered":
        return _fault_filtered(slices, seed)
    if unit == "artist" and _fixed_folds(slices) is not None:
        return folds_of(slices, unit, [seed], validation=validation)[0]
    groups = group_of_slices(slices, unit)
    parts = three(slices.labels, None if unit == "slice" else groups, test, validation, seed)
    return checked_fold(Fold(unit, seed, *parts), slices, groups)


def k_folds(
    slices: SliceSet, unit: str = "track", n_folds: int = 10, validation: float = 0.1, seed: int = 0
) -> list[Fold]:
    """Split slices into ``n_folds`` folds that test each slice once; see `split_slices`.

    Three folds by artist are those of the collection, where it has some; all others are dealt, in equal shares.

    Raises
    ------
    SplitError
        As `split_slices`, and where there are fewer groups than folds.

    Examples
    --------
    >>> import genrelib as gl
    >>> slices = gl.cut_slices(gl.load_collection("demo"), seconds=0.5, sample_rate=8000)
    >>> [len(fold.test) for fold in gl.k_folds(slices, unit="track", n_folds=4)]
    [540, 540, 540, 540]
    """
    groups = _groups_to_deal(slices, unit)
    refuse_share(validation=validation)
    n_groups = len(set(groups[pd.notna(groups)]))
    if not 2 <= n_folds <= n_groups:
        raise SplitError(
            f"k folds by {unit} are two at least and as many as there are {unit}s at most; given n_folds={n_folds}, "
            f"{slices.collection.name} has {n_groups} {unit}s"
        )
    fixed = _fixed_folds(slices) if unit == "artist" and n_folds == ARTIST_FOLDS else None
    dealt = deal(slices.labels, groups, [1 / n_folds] * n_folds, seed) if fixed is None else fixed
    folds = []
    for number in range(n_folds):
        rest = np.flatnonzero((dealt >= 0) & (dealt != number))
        train, valid = cut(slices.labels, None if unit == "slice" else groups, rest, validation, seed)
        folds.append(checked_fold(Fold(unit, seed, train, valid, np.flatnonzero(dealt == number)), slices, groups))
    return folds


def folds_of(
    slices: SliceSet, unit: str, seeds: Sequence[int], *, test: float = 0.25, validation: float = 0.1
) -> list[Fold]:
    """Give the fold of each seed.

    By artist, seeds 0, 1 and 2 are the three folds of one artist-disjoint partition (3, 4 and 5 of the next), so that
    three seeds test each track once; by any other unit each seed draws anew, see `split_slices`.
    """
    folds = []
    for seed in seeds:
        if unit == "artist":
            fold = k_folds(slices, unit, ARTIST_FOLDS, validation, seed // ARTIST_FOLDS)[seed % ARTIST_FOLDS]
        else:
            fold = split_slices(slices, unit, test, validation, seed)
        folds.append(replace(fold, seed=seed))
    return folds


def folds_in_turn(
    slices: SliceSet, unit: str, seeds: Sequence[int], *, test: float = 0.25, validation: float = 0.1
) -> list[Fold]:
    """Give folds of one deal into equal parts, each of the size to validate on, which take turns to test and validate.

    Shares of .15 deal seven parts, so that seeds 0 to 6 test each row once and validate each once; of .2 and .1 ten,
    of which seeds 0 to 4 test two at a time. Stands where `folds_of` does: ``run_protocols(…, folds=folds_in_turn)``.

    Raises
    ------
    SplitError
        As `split_slices`; and for ``fault_filtered``, which is one published split, or no part to validate on.
    """
    groups = _groups_to_deal(slices, unit)
    refuse_share(test=test, validation=validation)
    if not validation:
        raise SplitError("parts take turns to validate: validation is a share above 0; given 0")
    n_parts = round(1 / (validation * (1 - test)))
    n_test, folds = max(1, round(test * n_parts)), []
    dealt = deal(slices.labels, groups, [1 / n_parts] * n_parts, 0)
    for seed in seeds:
        turn = np.where(dealt < 0, n_parts, (dealt - seed * n_test) % n_parts)
        parts = ((turn > n_test) & (dealt >= 0), turn == n_test, turn < n_test)
        folds.append(checked_fold(Fold(unit, seed, *map(np.flatnonzero, parts)), slices, groups))
    return folds


def _groups_to_deal(slices, unit):
    refuse_unit(slices, unit)
    if unit == "fault_filtered":
        raise SplitError("fault_filtered is one published split; folds are dealt by slice, track, album or artist")
    return group_of_slices(slices, unit)


def _fixed_folds(slices):
    """Give the fold that tests each slice (-1 where its artist is unknown), or None where a collection has none."""
    tracks = slices.collection.tracks
    if "artist_fold" not in tracks:
        return None
    numbers = pd.to_numeric(tracks["artist_fold"], errors="coerce").where(tracks["artist_id"].notna())
    return numbers.loc[slices.table["track_id"]].fillna(-1).to_numpy(dtype=int)


def _fault_filtered(slices, seed):
    parts = slices.collection.tracks["fault_filtered"].loc[slices.table["track_id"]].to_numpy()
    train, valid, test = (np.flatnonzero(parts == name) for name in ("train", "valid", "test"))
    fold = Fold("fault_filtered", seed, train, valid, test)
    return checked_fold(fold, slices, kept_together(slices, "fault_filtered"))
