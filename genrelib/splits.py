"""Who trains and who tests.

Conventions: a fold names slice positions. What the split is *by* (its unit) is never in two parts of it: slices of
one track may be under ``unit="slice"``, which is what most reports do and why their figures are high; tracks of one
artist may be under ``unit="track"``. Only ``artist`` and ``fault_filtered`` folds are called leak-free.

Whole groups are dealt by `grouped`, of this module, since scikit-learn's StratifiedGroupKFold gives other folds in
each of its versions. Slices are drawn by scikit-learn's train_test_split: equal from 1.6 to 1.9.
"""

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from genrelib._base.deal import deal
from genrelib._base.errors import SplitError

UNITS = ("slice", "track", "album", "artist", "fault_filtered")
LEAK_FREE = ("artist", "fault_filtered")
ARTIST_FOLDS = 3  # the rarest genre of gtzan_160 has five artists
# No More Tears, by Donna Summer with Barbra Streisand, is on the fault-filtered list to train on, while Donna Summer's
# own tracks are on that to validate on (none is tested): the one artist whom the published lists put into two parts
DUET = "disco.00047"


@dataclass(frozen=True, eq=False)  # arrays have no one truth: a fold is equal to itself alone
class Fold:
    """Hold the three parts of one split.

    Attributes
    ----------
    unit : {"slice", "track", "album", "artist", "fault_filtered"}
    seed : int
    train, validation, test : np.ndarray [dtype=int64]
        Sorted slice positions.
    left_out : int
        Slices in no part: those whose artist or album is unknown, or that a published list excludes.
    """

    unit: str
    seed: int
    train: np.ndarray
    validation: np.ndarray
    test: np.ndarray
    left_out: int = 0

    @property
    def leak_free(self):
        """True when no artist is both trained and tested on."""
        return self.unit in LEAK_FREE


@dataclass(frozen=True, eq=False)  # as a fold
class Parts:
    """Hold what `grouped` dealt: sorted positions [dtype=int64], and how many rows are in no part."""

    train: np.ndarray
    validation: np.ndarray
    test: np.ndarray
    left_out: int


def grouped(labels, groups, test=0.25, validation=0.1, seed=0) -> Parts:
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

    Returns
    -------
    Parts

    Raises
    ------
    SplitError
        Labels and groups differ in number, a share is out of range, or a label has too few groups.

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
    _refuse_share(test=test, validation=validation)
    labels, groups = np.asarray(labels), np.asarray(groups, dtype=object)
    if labels.ndim != 1 or labels.shape != groups.shape:
        raise SplitError(f"each row has one label and one group; given shapes {labels.shape} and {groups.shape}")
    parts = Parts(*_three(labels, groups, groups, test, validation, seed), int(pd.isna(groups).sum()))
    return _checked(parts, labels, groups, "", "each label needs two groups that are known")


def split_slices(slices, unit="slice", test=0.25, validation=0.1, seed=0):
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

    Returns
    -------
    Fold

    Raises
    ------
    SplitError
        The collection cannot support the unit (the message says why), or a share is out of range.
    """
    _refuse(slices, unit)
    _refuse_share(test=test, validation=validation)
    if unit == "fault_filtered":
        return _fault_filtered(slices, seed)
    if unit == "artist" and _fixed_folds(slices) is not None:
        return folds_of(slices, unit, [seed], validation=validation)[0]
    groups = group_of_slices(slices, unit)
    parts = _three(slices.labels, groups, None if unit == "slice" else groups, test, validation, seed)
    return _checked_fold(Fold(unit, seed, *parts, int(pd.isna(groups).sum())), slices, groups)


def k_folds(slices, unit="track", n_folds=10, validation=0.1, seed=0):
    """Split slices into ``n_folds`` folds that test each slice once; see `split_slices`.

    Three folds by artist are those of the collection, where it has some; all others are dealt, in equal shares.

    Returns
    -------
    list of Fold

    Raises
    ------
    SplitError
        As `split_slices`, and where there are fewer groups than folds.
    """
    _refuse(slices, unit)
    if unit == "fault_filtered":
        raise SplitError("fault_filtered is one published split; k folds are made by slice, track, album or artist")
    _refuse_share(validation=validation)
    groups = group_of_slices(slices, unit)
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
        held_out, rest = np.flatnonzero(dealt == number), np.flatnonzero((dealt >= 0) & (dealt != number))
        train, valid = _cut(slices.labels, None if unit == "slice" else groups, rest, validation, seed)
        fold = Fold(unit, seed, train, valid, held_out, int(pd.isna(groups).sum()))
        folds.append(_checked_fold(fold, slices, groups))
    return folds


def folds_of(slices, unit, seeds, *, test=0.25, validation=0.1, split_seed=None):
    """Give the fold of each seed.

    By artist, seeds 0, 1 and 2 are the three folds of one artist-disjoint partition (3, 4 and 5 of the next), so that
    three seeds test each track once; by any other unit each seed draws anew, see `split_slices`, unless ``split_seed``
    fixes one split for all of them.

    Returns
    -------
    list of Fold
    """
    folds = []
    for seed in seeds:
        if unit == "artist":
            fold = k_folds(slices, unit, ARTIST_FOLDS, validation, seed // ARTIST_FOLDS)[seed % ARTIST_FOLDS]
        else:
            fold = split_slices(slices, unit, test, validation, seed if split_seed is None else split_seed)
        folds.append(replace(fold, seed=seed))
    return folds


def group_of_slices(slices, unit):
    """Name what each slice belongs to.

    Returns
    -------
    np.ndarray [shape=(n,), dtype=object]
        Slice position, track id, album or artist id; None where it is unknown.
    """
    if unit == "slice":
        return np.arange(len(slices)).astype(object)
    groups = slices.collection.groups(unit).loc[slices.table["track_id"]].to_numpy(dtype=object)
    return np.where(pd.isna(groups), None, groups)


def _refuse(slices, unit):
    reason = slices.collection.why_not(unit)
    if reason:
        raise SplitError(f"unit={unit!r} is not possible: {reason}")


def _refuse_share(test=0.5, validation=0.0):
    if not (0 < test < 1 and 0 <= validation < 1):
        raise SplitError(f"shares lie between 0 and 1; given test={test}, validation={validation}")


def _fixed_folds(slices):
    """Give the fold that tests each slice (-1 where its artist is unknown), or None where a collection has none."""
    tracks = slices.collection.tracks
    if "artist_fold" not in tracks:
        return None
    numbers = pd.to_numeric(tracks["artist_fold"], errors="coerce").where(tracks["artist_id"].notna())
    return numbers.loc[slices.table["track_id"]].fillna(-1).to_numpy(dtype=int)


def _three(labels, groups, dealt_by, test, validation, seed):
    """Give the positions to train, to validate and to test on, of the rows whose group is known."""
    rest, held_out = _cut(labels, dealt_by, np.flatnonzero(pd.notna(groups)), test, seed)
    return *_cut(labels, dealt_by, rest, validation, seed), held_out


def _cut(labels, groups, positions, share, seed):
    """Cut positions in two, the second about ``share`` of them: whole groups, or row by row where groups is None."""
    if not share:
        return positions, positions[:0]
    if groups is not None:
        labels, groups, n_parts = labels[positions], groups[positions], round(1 / share)
        fewest = pd.Series(groups).groupby(labels).nunique().min()
        equal = abs(n_parts * share - 1) < 1e-9 and n_parts <= fewest
        held_out = deal(labels, groups, [share] * n_parts if equal else [1 - share, share], seed) == 1
        if not held_out.any():
            raise SplitError(f"no group is left for a share of {share}: each label needs two at least; add some")
        return positions[~held_out], positions[held_out]
    from sklearn.model_selection import train_test_split

    try:
        rest, part = train_test_split(positions, test_size=share, stratify=labels[positions], random_state=seed)
    except ValueError as error:
        few = f"{len(positions)} slices of {len(set(labels[positions]))} genres are too few for a share of {share}"
        raise SplitError(f"{few}: {error}") from error
    return np.sort(rest), np.sort(part)


def _fault_filtered(slices, seed):
    parts = slices.collection.tracks["fault_filtered"].loc[slices.table["track_id"]].to_numpy()
    train, valid, test = (np.flatnonzero(parts == name) for name in ("train", "valid", "test"))
    fold = Fold("fault_filtered", seed, train, valid, test, int(np.sum(parts == "")))
    tracks, artists = slices.table["track_id"].to_numpy(dtype=object), group_of_slices(slices, "artist")
    alone = pd.isna(artists) | (tracks == DUET)
    return _checked_fold(fold, slices, np.where(alone, tracks, artists))


def _checked_fold(fold, slices, groups):
    remedy = f"{slices.collection.name} has too few {fold.unit}s of it for this share; take another, or another unit"
    labels = slices.table["genre"].to_numpy()
    return _checked(fold, labels, groups, f"split by {fold.unit}, seed {fold.seed}: ", remedy)


def _checked(parts, labels, groups, which, remedy):
    """Give the parts back; refuse a group in two of them, and a label that is not both trained and tested on."""
    for one, other in (("train", "test"), ("train", "validation"), ("validation", "test")):
        both = set(groups[getattr(parts, one)]) & set(groups[getattr(parts, other)])
        if both:
            raise SplitError(f"{which}in both {one} and {other}: {', '.join(map(str, both))}; mend what put them there")
    for name in ("train", "test"):
        absent = sorted(map(str, set(labels) - set(labels[getattr(parts, name)])))
        if absent:
            raise SplitError(f"{which}no {name} row of {', '.join(absent)}; {remedy}")
    return parts
