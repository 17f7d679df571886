"""Splits as text lists, for whoever trains with other tools: a file a part, a line a slice or a track."""

from pathlib import Path

import numpy as np
import pandas as pd

from genrelib._base.caching import folder_when_whole
from genrelib._base.errors import SplitError

PARTS = ("train", "validation", "test")


def export_split(slices, fold, folder):
    """Write a split as ``train.txt``, ``validation.txt`` and ``test.txt``, and what it is in ``README.txt``.

    Parameters
    ----------
    slices : SliceSet
    fold : Fold
        Of `genrelib.split_slices` or `genrelib.k_folds`, for these slices.
    folder : str or Path
        Its folder ``<collection>-<unit>-<seed>`` is written whole; one of that name must not be there.

    Returns
    -------
    Path
        The folder. A line is a track id, or where a track is in two parts a track id, a tab and the slice's start in
        seconds.

    Raises
    ------
    SplitError
        The fold is of other slices, or the folder is there already.
    """
    table, target = slices.table, Path(folder) / f"{slices.collection.name}-{fold.unit}-{fold.seed}"
    if target.exists():
        raise SplitError(f"{target}: a list that was handed out is not written over; remove it, or name another folder")
    if max((part.max() for part in _parts(fold) if len(part)), default=0) >= len(slices):
        raise SplitError(f"a fold names slices by position; this one has positions beyond the {len(slices)} given")
    whole = _tracks_are_whole(slices, fold)
    with folder_when_whole(target) as building:
        for name, positions in zip(PARTS, _parts(fold), strict=True):
            chosen = table.iloc[positions]
            lines = chosen["track_id"].drop_duplicates() if whole else _by_start(chosen)
            (building / f"{name}.txt").write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
        (building / "README.txt").write_text(_words(slices, fold, whole), encoding="utf-8")
    return target


def read_split(slices, folder):
    """Read lists that `export_split` wrote, as positions in these slices.

    Parameters
    ----------
    slices : SliceSet
        Of the same collection.
    folder : str or Path
        Of the lists.

    Returns
    -------
    dict of str to np.ndarray
        Part → sorted positions.

    Raises
    ------
    SplitError
        A list is missing, names slices that are not there, or two lists name one slice.
    """
    tracks = slices.table["track_id"]
    names = pd.Series(_by_start(slices.table))
    found = {}
    for part in PARTS:
        path = Path(folder) / f"{part}.txt"
        if not path.is_file():
            raise SplitError(f"{path}: a split is three lists, {', '.join(PARTS)}; this one is not there")
        lines = set(path.read_text(encoding="utf-8").splitlines())
        strange = sorted(lines - set(tracks) - set(names))
        if strange:
            raise SplitError(f"{path}: {len(strange)} lines name no slice of {slices.collection.name}: {strange[:5]}")
        found[part] = np.flatnonzero(tracks.isin(lines) | names.isin(lines))
    if len(set(np.concatenate(list(found.values())))) < sum(map(len, found.values())):
        raise SplitError(f"{folder}: two of these lists name one slice; a slice is in one part")
    return found


def _parts(fold):
    return fold.train, fold.validation, fold.test


def _tracks_are_whole(slices, fold):
    """Tell whether each track is in one part with all of its slices."""
    tracks = slices.table["track_id"].to_numpy()
    counts = slices.table["track_id"].value_counts()
    for part in _parts(fold):
        held = slices.table["track_id"].iloc[part].value_counts()
        if (counts.loc[held.index] != held).any():
            return False
    return len(set(tracks)) >= sum(len(set(tracks[part])) for part in _parts(fold))


def _by_start(chosen):
    return [f"{track}\t{start:.3f}" for track, start in zip(chosen["track_id"], chosen["start"], strict=True)]


def _words(slices, fold, whole):
    sizes = ", ".join(f"{len(part)} {name}" for name, part in zip(PARTS, _parts(fold), strict=True))
    free = "no artist is in two parts" if fold.leak_free else "artists may be in two parts: it is not leak-free"
    line = "a track" if whole else "a slice: track, tab, start in seconds"
    return (
        f"{slices.collection.name}, split by {fold.unit}, seed {fold.seed}: {sizes} slices; {fold.left_out} left out.\n"
        f"A line is {line}. By {fold.unit}, {free}.\n"
    )
