"""Who trains and who tests.

Conventions: a fold names slice positions. What the split is *by* (its unit) is never in two parts of it: slices of
one track may be under ``unit="slice"``, which is what most reports do and why their figures are high; tracks of one
artist may be under ``unit="track"``. Only ``artist`` and ``fault_filtered`` folds are called leak-free.
"""

import warnings
from dataclasses import dataclass

import numpy as np
import pandas as pd

from genrelib._base.errors import SplitError

UNITS = ("slice", "track", "album", "artist", "fault_filtered")
LEAK_FREE = ("artist", "fault_filtered")


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
        """True when no artist is on both sides."""
        return self.unit in LEAK_FREE


def split_slices(slices, unit="slice", test=0.25, validation=0.1, seed=0):
    """Split slices into train, validation and test parts, stratified by genre.

    Parameters
    ----------
    slices : SliceSet
    unit : {"slice", "track", "album", "artist", "fault_filtered"}
        What must not be in two parts. ``fault_filtered`` takes the three published lists; ``test``, ``validation``
        and ``seed`` do not move it.
    test : float in (0, 1)
        Share of the slices to test on; for units other than slice the nearest 1/k of the groups. The IDC report
        has 0.25.
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
    groups = group_of_slices(slices, unit)
    known = np.flatnonzero(pd.notna(groups))
    rest, held_out = _draw(slices, unit, groups, known, test, seed)
    train, valid = _draw(slices, unit, groups, rest, validation, seed) if validation else (rest, rest[:0])
    return _checked(slices, groups, Fold(unit, seed, train, valid, held_out, len(slices) - len(known)))


def k_folds(slices, unit="track", n_folds=10, validation=0.1, seed=0):
    """Split slices into ``n_folds`` folds that test each slice once; see `split_slices`.

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
    known = np.flatnonzero(pd.notna(groups))
    n_groups = len(set(groups[known]))
    if not 2 <= n_folds <= n_groups:
        raise SplitError(
            f"k folds by {unit} are two at least and as many as there are {unit}s at most; given n_folds={n_folds}, "
            f"{slices.collection.name} has {n_groups} {unit}s"
        )
    folds = []
    for rest, held_out in _group_folds(slices, groups, known, n_folds, seed):
        train, valid = _draw(slices, unit, groups, rest, validation, seed) if validation else (rest, rest[:0])
        folds.append(_checked(slices, groups, Fold(unit, seed, train, valid, held_out, len(slices) - len(known))))
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


def _draw(slices, unit, groups, positions, share, seed):
    """Cut ``positions`` in two, the second part about ``share`` of them."""
    if unit == "slice":
        from sklearn.model_selection import train_test_split

        labels = slices.labels[positions]
        try:
            rest, part = train_test_split(positions, test_size=share, stratify=labels, random_state=seed)
        except ValueError as error:
            few = f"{len(positions)} slices of {len(np.unique(labels))} genres are too few for a share of {share}"
            raise SplitError(f"{few}: {error}") from error
        return np.sort(rest), np.sort(part)
    folds = _group_folds(slices, groups, positions, max(2, round(1 / share)), seed)
    genres = set(slices.labels[positions])
    # an uneven collection may leave a genre out of a fold: take the fold that has most of them on both sides
    return max(folds, key=lambda fold: min(len(set(slices.labels[part]) & genres) for part in fold))


def _group_folds(slices, groups, positions, n_folds, seed):
    from sklearn.model_selection import StratifiedGroupKFold

    names = groups[positions].astype(str)
    n_groups = len(np.unique(names))
    if n_groups < 2:
        raise SplitError(f"a split needs at least two groups; there is {n_groups}: {names[0] if n_groups else 'none'}")
    most = np.bincount(slices.labels[positions]).max()  # slices of a genre: scikit-learn makes no more folds than that
    splitter = StratifiedGroupKFold(min(n_folds, n_groups, most), shuffle=True, random_state=seed)
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "The least populated class")  # `_checked` tells what matters of that
        folds = list(splitter.split(positions, slices.labels[positions], names))
    return [(positions[rest], positions[part]) for rest, part in folds]


def _fault_filtered(slices, seed):
    parts = slices.collection.tracks["fault_filtered"].loc[slices.table["track_id"]].to_numpy()
    train, valid, test = (np.flatnonzero(parts == name) for name in ("train", "valid", "test"))
    fold = Fold("fault_filtered", seed, train, valid, test, int(np.sum(parts == "")))
    return _checked(slices, group_of_slices(slices, "track"), fold)


def _checked(slices, groups, fold):
    parts = {"train": fold.train, "validation": fold.validation, "test": fold.test}
    seen = {name: set(groups[positions]) for name, positions in parts.items()}
    for one, other in (("train", "test"), ("train", "validation"), ("validation", "test")):
        assert not seen[one] & seen[other], f"{fold.unit} in both {one} and {other}: {seen[one] & seen[other]}"
    present = {name: set(slices.labels[positions]) for name, positions in parts.items()}
    for name in ("train", "test"):
        absent = [slices.genres[label] for label in sorted(set(slices.labels) - present[name])]
        if absent:
            raise SplitError(
                f"split by {fold.unit}, seed {fold.seed}: no {name} slice of {', '.join(absent)}; "
                f"{slices.collection.name} has too few {fold.unit}s of it for this share"
            )
    return fold
