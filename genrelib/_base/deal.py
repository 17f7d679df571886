"""Deal whole groups to parts, what all splits but those by slice stand on; cut positions in two; check the parts."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from genrelib._base.errors import SplitError

if TYPE_CHECKING:
    from genrelib.slices import SliceSet

# No More Tears, by Donna Summer with Barbra Streisand, is on the fault-filtered list to train on, while Donna Summer's
# own tracks are on that to validate on (none is tested): the one artist whom the published lists put into two parts
DUET = "disco.00047"


def deal(labels: np.ndarray, groups: np.ndarray, shares: list[float], seed: int) -> np.ndarray:
    """Give the part of each row, dealt as `genrelib.splits.grouped` says; -1 where its group is unknown.

    The shares of the parts add up to 1. Where a label has fewer groups than there are parts, the first have some; where
    all have fewer, it is a SplitError.
    """
    codes, names = pd.factorize(groups)
    if len(names) < len(shares):
        these = ", ".join(map(str, names)) or "none"
        raise SplitError(f"a split in {len(shares)} needs as many groups at least; given {len(names)}: {these}")
    counts = pd.crosstab(codes, labels).drop(index=-1, errors="ignore").to_numpy()
    of_label, waiting = counts.sum(axis=0).tolist(), (counts > 0).sum(axis=0).tolist()
    # a library's generator may change with its version; a hash does not
    hashes = [hashlib.sha256(f"{seed}/{name}".encode(errors="backslashreplace")).hexdigest() for name in names]
    sizes, drawn = counts.sum(axis=1), [int(digest, 16) for digest in hashes]
    dealt, parts = np.full(len(names) + 1, -1), range(len(shares))  # the last is of rows with code -1
    have = [[0] * len(of_label) for _ in parts]
    for group in sorted(range(len(names)), key=lambda group: (-sizes[group], drawn[group])):
        own = [(label, int(counts[group, label])) for label in np.flatnonzero(counts[group])]
        needy = set()
        for label, _ in own:
            empty = [part for part in parts if not have[part][label]]
            needy |= set(empty[: waiting[label]]) if len(empty) >= waiting[label] else set()
            waiting[label] -= 1
        below = {
            part: round(sum(n * (shares[part] - have[part][label] / of_label[label]) for label, n in own), 9)
            for part in sorted(needy) or parts
        }
        furthest = [part for part in below if below[part] == max(below.values())]
        part = dealt[group] = furthest[drawn[group] % len(furthest)]
        for label, n in own:
            have[part][label] += n
    return dealt[codes]


def refuse_share(test: float = 0.5, validation: float = 0.0) -> None:
    if not (0 < test < 1 and 0 <= validation < 1):
        raise SplitError(f"shares lie between 0 and 1; given test={test}, validation={validation}")


def refuse_seeds(seeds: Sequence[int]) -> None:
    """Refuse a seed that comes again, whose training would count twice, or that NumPy's draws do not take."""
    bad = {seed for seed in seeds if not 0 <= seed < 2**32 or seeds.count(seed) > 1}
    if bad:
        raise SplitError(
            f"seeds are whole numbers from 0 to {2**32 - 1}, each once, such as 0, 1, 2; "
            f"mend or leave out {', '.join(map(str, sorted(bad)))}"
        )


def three(
    labels: np.ndarray, groups: np.ndarray | None, test: float, validation: float, seed: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Give the positions to train, to validate and to test on, of the rows whose group is known; see `cut`."""
    known = np.arange(len(labels)) if groups is None else np.flatnonzero(pd.notna(groups))
    rest, held_out = cut(labels, groups, known, test, seed)
    return *cut(labels, groups, rest, validation, seed), held_out


def cut(
    labels: np.ndarray, groups: np.ndarray | None, positions: np.ndarray, share: float, seed: int
) -> tuple[np.ndarray, np.ndarray]:
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


def checked(parts: Any, labels: np.ndarray, groups: np.ndarray, which: str, remedy: str) -> Any:
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


def group_of_slices(slices: SliceSet, unit: str) -> np.ndarray:
    """Name what each slice belongs to: its position, track id, album or artist id; None where it is unknown."""
    if unit == "slice":
        return np.arange(len(slices)).astype(object)
    groups = slices.collection.groups(unit).loc[slices.table["track_id"]].to_numpy(dtype=object)
    return np.where(pd.isna(groups), None, groups)


def kept_together(slices: SliceSet, unit: str) -> np.ndarray:
    if unit != "fault_filtered":
        return group_of_slices(slices, unit)
    tracks, artists = slices.table["track_id"].to_numpy(dtype=object), group_of_slices(slices, "artist")
    return np.where(pd.isna(artists) | (tracks == DUET), tracks, artists)


def keys_of(table: pd.DataFrame) -> pd.MultiIndex:
    """Name slices by track and millisecond, as text reads them again."""
    return pd.MultiIndex.from_arrays([table["track_id"].astype(str), (table["start"] * 1000).round().astype(int)])
