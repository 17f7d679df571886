"""Cut tracks into slices of equal length: int16 on a memory map, cached under a key of content and settings."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path

import numpy as np
import pandas as pd

from genrelib._base.caching import content_hashes, folder_when_whole, key_of
from genrelib._base.errors import AudioError, GenrelibError
from genrelib._base.parallel import over_tracks
from genrelib.audio import SAMPLE_RATE, read_int16
from genrelib.datasets.collection import Collection

CUTTER = 1  # raise when the same files and settings would give other slices
FILE = "samples.int16"
NEARLY = 1.01  # a slice over a track: so little less than a slice, such as a public copy's 66,149 samples, is repeated


@dataclass(frozen=True, eq=False)  # arrays have no one truth: a set of rows is equal to itself alone
class Rows:
    """Be split, trained on and scored alike: slices, their pictures, windows, rows of a table.

    A kind of rows has ``input_sizes`` besides: the keywords by which a network's builder learns what it is given.

    Attributes
    ----------
    samples : np.ndarray [shape=(n, ...)]
        What a network is given. Mostly an np.memmap, whose pages are read from disk when touched.
    table : pd.DataFrame
        One row a sample: track_id, genre, and mostly start (seconds).
    genres : list of str
        The collection's, in label order.
    collection : Collection
        Knows the artists, albums and lists that rows are split by.
    key : str
        Names content and settings: equal keys hold equal rows.
    labels : np.ndarray [shape=(n,), dtype=int64]
        Index of each row's genre in ``genres``.
    """

    samples: np.ndarray
    table: pd.DataFrame
    genres: list
    collection: Collection
    key: str
    labels: np.ndarray = field(init=False)

    def __post_init__(self):
        labels = pd.Categorical(self.table["genre"], categories=self.genres).codes.astype(int)
        object.__setattr__(self, "labels", labels)

    def __len__(self):
        return len(self.table)

    @property
    def cache_folder(self) -> Path | None:
        """Where caches that depend on these rows lie; None for rows that lie in memory alone."""
        return Path(self.samples.filename).parent if isinstance(self.samples, np.memmap) else None


@dataclass(frozen=True, eq=False)
class SliceSet(Rows):
    """Hold every slice of a collection; what it shares with other rows is described in `Rows`.

    Attributes
    ----------
    samples : np.memmap [shape=(n, n_samples), dtype=int16]
        Divide by 32768 for [-1, 1].
    sample_rate : int [Hz]
    seconds, hop_seconds : float
    """

    sample_rate: int
    seconds: float
    hop_seconds: float

    @property
    def n_samples(self) -> int:
        """Samples a slice."""
        return self.samples.shape[1]

    @property
    def input_sizes(self) -> dict[str, int]:
        return {"n_samples": self.n_samples, "sample_rate": self.sample_rate}


def cut_slices(
    collection: Collection, seconds: float = 3.0, hop_seconds: float | None = None, sample_rate: int = SAMPLE_RATE, *,
    cache: str | Path | None = None, n_jobs: int | None = None, progress: bool = True,
) -> SliceSet:  # fmt: skip
    """Cut every track of a collection into slices; the tail that fills no slice is dropped.

    Parameters
    ----------
    collection : Collection
    seconds : float > 0
        Length of a slice; 3 s in the IDC, Toronto, Turin and Stanford reports.
    hop_seconds : float > 0, optional
        From the start of one slice to that of the next; ``seconds`` unless given, so that slices do not overlap.
    sample_rate : int > 0 [Hz]
        Tracks at other rates are resampled. 22,050 is GTZAN's.
    cache : str or Path, optional
        Folder of the caches; ``cache`` under the data folder unless given.
    n_jobs : int, optional
        Tracks decoded at once; all cores unless given. Any joblib backend does.
    progress : bool
        Show a bar.

    Raises
    ------
    AudioError
        Tracks that cannot be decoded or are shorter than one slice: all of them are listed.
    GenrelibError
        No room on the disk.

    Examples
    --------
    >>> import genrelib as gl
    >>> slices = gl.cut_slices(gl.load_collection("demo"), seconds=0.5, sample_rate=8000)
    >>> len(slices), slices.samples.dtype.name, slices.n_samples
    (2160, 'int16', 4000)
    """
    n_samples = _n_samples(seconds, sample_rate)
    hop = n_samples if hop_seconds is None else _n_samples(hop_seconds, sample_rate)
    if n_samples < 1 or hop < 1:
        raise AudioError(
            f"a slice and its hop last at least one sample; given seconds={seconds}, hop_seconds={hop_seconds}, "
            f"sample_rate={sample_rate}"
        )
    settings = [CUTTER, n_samples, hop, sample_rate, version("soxr"), version("soundfile")]
    paths = list(collection.tracks["path"])
    key = key_of([settings, list(collection.tracks.index), content_hashes(paths)])
    folder = Path(cache or collection.cache) / f"slices-{key}"
    if not folder.is_dir():
        with folder_when_whole(folder) as building:
            _build(building, collection, n_samples, hop, sample_rate, n_jobs, progress)
    return _open(folder, collection, n_samples, hop, sample_rate, key)


def write_rows(file: Path, first: int, rows: np.ndarray) -> None:
    """Write rows to their place in a file of them, the first as its row ``first``; tracks are written as they come."""
    with open(file, "r+b") as target:  # buffered: an unbuffered write may stop short on a full disk without a word
        target.seek(first * math.prod(rows.shape[1:]) * rows.itemsize)
        target.write(np.ascontiguousarray(rows))


def map_rows(file: Path, dtype: type, shape: tuple[int, ...]) -> np.memmap:
    """Open a cached file of rows; a GenrelibError where it is not of the size that rows of this shape have."""
    n_bytes = math.prod(shape) * np.dtype(dtype).itemsize
    if not (n_bytes and file.is_file() and file.stat().st_size == n_bytes):
        raise GenrelibError(
            f"{file.parent}: these rows were damaged after they were cached; delete the folder, run again"
        )
    return np.memmap(file, dtype=dtype, mode="r", shape=shape)


def _n_samples(seconds, sample_rate):
    return round(seconds * sample_rate) if sample_rate > 0 and math.isfinite(seconds) else 0


def _build(folder, collection, n_samples, hop, sample_rate, n_jobs, progress):
    tracks, file = collection.tracks, folder / FILE
    lengths = (tracks["duration"].fillna(0).to_numpy() * sample_rate).round().astype(int)
    rooms = np.maximum(0, (lengths - n_samples) // hop + 1)  # slices, if the headers are right
    places = pd.DataFrame({"path": tracks["path"], "first": np.cumsum(rooms) - rooms, "room": rooms})
    file.touch()
    # threads: libsndfile and soxr release the interpreter's lock; each track goes to its place from the thread that
    # decoded it: no queue of decoded audio, whatever writes slower
    cut = over_tracks(
        _cut_into,
        [(file, *place, n_samples, hop, sample_rate) for place in places.itertuples(index=False, name=None)],
        name=collection.name,
        cannot=f"tracks cannot be cut into slices of {n_samples / sample_rate:g} s",
        label="cutting slices",
        n_jobs=n_jobs,
        progress=progress,
    )
    counts = [count for count, _ in cut]
    if counts != rooms.tolist():
        _close_ranks(file, places, cut, n_samples)
    (folder / "counts.json").write_text(json.dumps(dict(zip(tracks.index, counts))), encoding="utf-8")


def _cut_into(file, path, first, room, n_samples, hop, sample_rate):
    """Write a track's slices to their place; give how many there are, and those beyond ``room``."""
    samples = read_int16(path, sample_rate=sample_rate)
    if len(samples) < n_samples <= NEARLY * len(samples):
        samples = np.resize(samples, n_samples)
    if len(samples) < n_samples:
        raise AudioError(f"{path}: {len(samples)} samples at {sample_rate} Hz, where one slice takes {n_samples}")
    slices = np.lib.stride_tricks.sliding_window_view(samples, n_samples)[::hop]
    write_rows(file, first, slices[:room])
    return len(slices), slices[room:].copy()


def _close_ranks(file, places, cut, n_samples):
    """Write the slices anew, one track behind the other, where a header was wrong about a track's length."""
    packed = file.with_name("packed.int16")
    with open(file, "rb") as old, open(packed, "wb") as new:
        for first, room, (count, rest) in zip(places["first"], places["room"], cut, strict=True):
            old.seek(first * n_samples * 2)
            new.write(old.read(min(count, room) * n_samples * 2))
            new.write(rest.tobytes())
    packed.replace(file)


def _open(folder, collection, n_samples, hop, sample_rate, key):
    try:
        counts = json.loads((folder / "counts.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        counts = {}  # damaged, as its samples are then for `map_rows`
    samples = map_rows(folder / FILE, np.int16, (sum(counts.values()), n_samples))
    ids = np.repeat(list(counts), list(counts.values()))
    starts = np.concatenate([np.arange(n) for n in counts.values()]) * hop / sample_rate
    return SliceSet(
        samples=samples,
        table=pd.DataFrame({"track_id": ids, "start": starts, "genre": collection.tracks["genre"].loc[ids].to_numpy()}),
        genres=collection.genres,
        sample_rate=sample_rate,
        seconds=n_samples / sample_rate,
        hop_seconds=hop / sample_rate,
        collection=collection,
        key=key,
    )
