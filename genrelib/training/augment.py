"""More to train on: tracks shifted by a semitone, and windows that overlap by half (the Turin report, section 3.4)."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from genrelib._base.caching import content_hashes, folder_when_whole, key_of, library_versions
from genrelib._base.errors import GenrelibError, SplitError
from genrelib._base.parallel import over_tracks
from genrelib.audio import INT16_SCALE, SAMPLE_RATE, read_audio, write_wav
from genrelib.slices import SliceSet, cut_slices
from genrelib.splits import Fold

if TYPE_CHECKING:
    from genrelib.datasets.collection import Collection

SEMITONES = 1.0  # the report's Figure 3; its text says "half of the tone", which is the same
OVERLAP = 0.5  # of a slice: "1.5s shift"


def pitch_shifted(
    collection: Collection, semitones: float = SEMITONES, *, sample_rate: int = SAMPLE_RATE,
    cache: str | Path | None = None, n_jobs: int | None = None, progress: bool = True,
) -> Collection:  # fmt: skip
    """Shift the pitch of every track, its length and tempo kept: the same tracks, as WAV files in the cache.

    The report used SoX and shifted 1 semitone upwards; here librosa's phase vocoder does it. Tracks at other rates [Hz]
    are resampled before. ``cache``, ``n_jobs`` and ``progress`` are those of `genrelib.slices.cut_slices`.

    Raises
    ------
    AudioError
        Tracks that cannot be decoded: all of them are listed.
    GenrelibError
        A shift that is not finite, or no room on the disk.
    """
    if not np.isfinite(semitones):
        raise GenrelibError(f"a shift is a finite number of semitones; given {semitones}")
    tracks, paths = collection.tracks, list(collection.tracks["path"])
    settings = [float(semitones), sample_rate, list(tracks.index), library_versions()]
    key = key_of([settings, content_hashes(paths)])
    folder = Path(cache or collection.cache) / f"shifted-{key}"
    if not folder.is_dir():
        with folder_when_whole(folder) as building:
            # processes: the phase vocoder is a loop in Python
            over_tracks(
                _shift,
                [(path, building / f"{number}.wav", semitones, sample_rate) for number, path in enumerate(paths)],
                name=collection.name, cannot="tracks cannot be shifted", label="shifting pitch",
                n_jobs=n_jobs, processes=True, progress=progress,
            )  # fmt: skip
    shifted = [str(folder / f"{number}.wav") for number in range(len(paths))]
    return replace(collection, tracks=tracks.assign(path=shifted))


def augmented_slices(
    collection: Collection, seconds: float = 3.0, *, semitones: float = SEMITONES, **settings: Any
) -> SliceSet:
    """Cut a collection as it is, and behind that its half-overlapping slices, and those of its shifted tracks.

    Further settings are those of `genrelib.slices.cut_slices`: ``sample_rate``, ``cache``, ``n_jobs``, ``progress``; it
    raises what that does. The report's slices are 3 s, shifted by a semitone.

    Returns
    -------
    SliceSet
        Its first rows are those of ``cut_slices(collection, seconds)``; its table has the column ``variant``:
        original, overlapping, shifted. 3.8 times as many rows for tracks of 30 s.
    """
    plain = cut_slices(collection, seconds, **settings)
    key = key_of(["augmented", plain.key, OVERLAP, float(semitones), library_versions()])
    folder = plain.cache_folder.parent / f"slices-{key}"
    if not folder.is_dir():
        with folder_when_whole(folder) as building:
            _write_variants(building, plain, seconds, semitones, settings)
    table = pd.read_parquet(folder / "table.parquet")
    samples = np.memmap(folder / "samples.int16", np.int16, "r", shape=(len(table), plain.n_samples))
    return replace(plain, samples=samples, table=table, key=key)


def _write_variants(folder, plain, seconds, semitones, settings):
    """Write the samples of all variants and their table; what they are picked from is gigabytes, and goes at once."""
    tables = []
    with open(folder / "samples.int16", "wb") as file:

        def add(name, part, rows=slice(None)):
            for number in np.arange(len(part))[rows]:
                file.write(part.samples[number].tobytes())
            tables.append(part.table[rows].assign(variant=name))

        add("original", plain)
        settings, hop = {**settings, "cache": folder / "variants"}, seconds * (1 - OVERLAP)
        dense = cut_slices(plain.collection, seconds, hop, **settings)
        add("overlapping", dense, dense.table.groupby("track_id").cumcount() % 2 == 1)  # every other one is plain's
        shutil.rmtree(dense.cache_folder)
        moved = pitch_shifted(plain.collection, semitones, **settings)
        add("shifted", cut_slices(moved, seconds, hop, **settings))
    shutil.rmtree(folder / "variants")
    pd.concat(tables, ignore_index=True).to_parquet(folder / "table.parquet", index=False)


def extended(fold: Fold, slices: SliceSet, augmented: SliceSet) -> Fold:
    """Add to the training part of a fold of ``slices`` the variants of its tracks; validation and test stay.

    Raises
    ------
    SplitError
        A fold by slice: the overlapping windows of a track would hold what is validated and tested. Other slices
        than those that ``augmented`` begins with.
    """
    if fold.unit == "slice":
        raise SplitError(
            "windows that overlap a tested slice hold half of it: augment under a split by track, album or artist"
        )
    columns = ["track_id", "start", "genre"]
    if not slices.table[columns].equals(augmented.table[columns].iloc[: len(slices)]):
        raise SplitError("augmented slices begin with the slices of the fold; these are of other tracks or lengths")
    taught = set(slices.table["track_id"].iloc[fold.train])
    variants = len(slices) + np.flatnonzero(augmented.table["track_id"].iloc[len(slices) :].isin(taught))
    return replace(fold, train=np.concatenate([fold.train, variants]))


def _shift(path, target, semitones, sample_rate):
    import librosa

    samples = read_audio(path, sample_rate=sample_rate)
    moved = librosa.effects.pitch_shift(samples, sr=sample_rate, n_steps=semitones)
    write_wav(target, np.clip(moved, -1, 1 - 1 / INT16_SCALE), sample_rate=sample_rate)
