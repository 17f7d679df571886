"""The three parts of one split, as slice positions, and as a table that other tools read."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from genrelib._base.deal import checked, kept_together, keys_of
from genrelib._base.errors import SplitError

if TYPE_CHECKING:
    from genrelib.slices import SliceSet

UNITS = ("slice", "track", "album", "artist", "fault_filtered")
LEAK_FREE = ("artist", "fault_filtered")
PART_NAMES = ("train", "validation", "test")


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
    def leak_free(self) -> bool:
        """True when no artist is both trained and tested on."""
        return self.unit in LEAK_FREE

    def to_frame(self, slices: SliceSet) -> pd.DataFrame:
        """Give the split to whoever trains with other tools; a SplitError for slices that it is not of.

        Returns
        -------
        pd.DataFrame
            A row a slice that is in a part: track_id, start [s], part ("train", "validation", "test"), unit, seed.

        Examples
        --------
        >>> import genrelib as gl
        >>> slices = gl.cut_slices(gl.load_collection("demo"), seconds=0.5, sample_rate=8000)
        >>> fold = gl.split_slices(slices)
        >>> fold.to_frame(slices).to_csv("split.csv", index=False)
        >>> again = Fold.from_frame(pd.read_csv("split.csv"), slices)
        >>> len(again.test), bool((again.test == fold.test).all())
        (540, True)
        """
        parts = pd.concat([pd.Series(name, getattr(self, name), dtype=object) for name in PART_NAMES]).sort_index()
        if len(parts) and parts.index[-1] >= len(slices):
            raise SplitError(f"a fold names slices by position; this one is of more than the {len(slices)} given")
        table = slices.table.iloc[parts.index][["track_id", "start"]].reset_index(drop=True)
        return table.assign(part=parts.to_numpy(), unit=self.unit, seed=self.seed)

    @classmethod
    def from_frame(cls, frame: pd.DataFrame, slices: SliceSet) -> Fold:
        """Read what `to_frame` gave, or a table of that form by another tool, as a fold of these slices.

        Raises
        ------
        SplitError
            A column is missing, a row names no slice or one that an earlier row names, a part has no such name, or
            what a split by its unit keeps together is in two parts.
        """
        absent = sorted({"track_id", "start", "part", "unit", "seed"} - set(frame.columns))
        if absent or len(frame[["unit", "seed"]].drop_duplicates()) != 1:
            raise SplitError(f"a split has track_id, start, part, one unit, one seed; missing: {absent or 'the one'}")
        keys, row = keys_of(frame), frame.iloc[0]
        positions = pd.Series(np.arange(len(slices)), keys_of(slices.table)).reindex(keys)
        bad = positions.isna().to_numpy() | keys.duplicated() | ~frame["part"].isin(PART_NAMES).to_numpy()
        if bad.any():
            raise SplitError(
                f"{bad.sum()} rows name no slice of {slices.collection.name}, one that is named before, or no part of "
                f"{', '.join(PART_NAMES)}:\n{frame[bad].head().to_string()}\nmend or delete them"
            )
        parts = [np.sort(positions[(frame["part"] == name).to_numpy()]).astype(np.int64) for name in PART_NAMES]
        refuse_unit(slices, row["unit"])
        fold = cls(str(row["unit"]), int(row["seed"]), *parts)
        return checked_fold(fold, slices, kept_together(slices, fold.unit))


def refuse_unit(slices: SliceSet, unit: str) -> None:
    if len(set(slices.labels)) < 2:
        raise SplitError(f"{slices.collection.name} has one genre, {slices.genres}: nothing to tell it from; add one")
    reason = slices.collection.why_not(unit)
    if reason:
        raise SplitError(f"unit={unit!r} is not possible: {reason}")


def checked_fold(fold: Fold, slices: SliceSet, groups: np.ndarray) -> Fold:
    """Give the fold with the count of slices in none of its parts, or refuse it."""
    fold = replace(fold, left_out=len(slices) - sum(len(getattr(fold, name)) for name in PART_NAMES))
    remedy = f"{slices.collection.name} has too few {fold.unit}s of it for this share; take another, or another unit"
    labels = slices.table["genre"].to_numpy()
    return checked(fold, labels, groups, f"split by {fold.unit}, seed {fold.seed}: ", remedy)
