"""Collection: which tracks exist, and which protocols they can support."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from genrelib._base.errors import DatasetError
from genrelib._base.paths import cache_root

COLUMNS = ("path", "genre", "artist", "artist_id", "album", "duration")


@dataclass(frozen=True, eq=False)  # tables have no one truth: a collection is equal to itself alone
class Collection:
    """Hold the tracks of one collection and what is known of each.

    Attributes
    ----------
    name : str
        ``"gtzan_mini"``, ``"demo"`` and so on: the word that every record carries.
    tracks : pd.DataFrame
        One row a track, indexed by ``track_id``. Columns: ``path``; ``genre``; ``artist`` (name or None);
        ``artist_id`` (what an artist split keeps together, or None); ``album`` (or None); ``duration`` in seconds.
        Some collections add ``valence`` (0 to 1), ``fault_filtered`` (train, valid, test), ``sounds_like``, and
        ``artist_fold`` ("0", "1", "2", or "" without an artist): which of three fixed folds by artist tests the track.
    root : Path
        The folder that the paths lie under.
    is_demo : bool
        True for synthesised audio: its figures are never evidence.
    licence, citation : str
        What is known of either.
    data : Path or None
        The data folder that it was loaded from: caches go below it. None: see `genrelib._base.paths.data_root`.
    """

    name: str
    tracks: pd.DataFrame
    root: Path
    is_demo: bool = False
    licence: str = ""
    citation: str = ""
    data: Path | None = None

    def __post_init__(self):
        missing = [column for column in COLUMNS if column not in self.tracks.columns]
        if missing:
            raise DatasetError(f"{self.name}: a collection has the columns {COLUMNS}; missing: {missing}")
        if self.tracks.empty:
            raise DatasetError(f"{self.name}: no tracks under {self.root}")
        twice = self.tracks.index[self.tracks.index.duplicated()].unique().tolist()
        if twice:
            raise DatasetError(f"{self.name}: a track id names one track; named twice: {twice}")

    @property
    def cache(self) -> Path:
        """The folder of what is worked out of these tracks, unless a function is given another."""
        return cache_root(self.data)

    @property
    def genres(self) -> list[str]:
        """Genre names in alphabetical order: the order of labels, confusion rows and probabilities."""
        return sorted(self.tracks["genre"].unique())

    def groups(self, unit: str) -> pd.Series:
        """Name what a split by ``unit`` (track, album, artist) keeps together, by ``track_id``; None where unknown.

        Albums of one name by two artists are two.
        """
        if unit == "track":
            return self.tracks.index.to_series()
        artist, album = self.tracks["artist_id"], self.tracks["album"]
        if unit == "artist":
            return artist
        return (artist.astype(str) + "/" + album.astype(str)).where(artist.notna() & album.notna(), None)

    def why_not(self, unit: str) -> str | None:
        """Say in words why a split by ``unit`` is not possible here, or give None where it is."""
        if unit in ("slice", "track"):
            return None
        if unit == "fault_filtered":
            if unit not in self.tracks:
                return f"{self.name} has no fault-filtered lists: they were published for the whole of GTZAN"
            absent = {"train", "valid", "test"} - set(self.tracks[unit])
            return f"{self.name}: the fault-filtered lists lack {sorted(absent)}" if absent else None
        if unit not in ("album", "artist"):
            return f"no such split unit: {unit!r}; it is one of slice, track, album, artist, fault_filtered"
        groups = self.groups(unit)
        if groups.isna().all():
            return f"{self.name} knows no {unit}s"
        counts = groups.groupby(self.tracks["genre"]).nunique()
        single = counts.index[counts < 2].tolist()
        if single:
            return f"{', '.join(single)} in {self.name}: fewer than two {unit}s, so none is left to test on"
        return None
