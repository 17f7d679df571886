"""Mel spectrograms of windows of 100 ms: float32 on a memory map, cached.

What the post says: windows of 100 ms over each track, 599 of them "to ensure consistency", and for each by itself
librosa's mel spectrogram, "a vector of shape (128, 5)"; (1000, 599, 128, 5) in all, pivoted to (599000, 5, 128).

What it leaves open, and what is chosen here: the hop, half a window (599 windows are then 30 s); "the number of FFT
components was set to 128" is read as the number of mels, since 128 rows come out, which are librosa's default too; the
rest of its defaults (2048 samples a frame, 512 to the next, padded by silence at both ends) give the 5 frames. As the
FFT's length, ``n_fft=128``, it gives (128, 5) as well, with 46 bands empty: a reading that notebook 04 measures. Power
or decibel: power is what librosa gives, and the post names no decibel; both are offered.
"""

from __future__ import annotations

import math
import warnings
from collections.abc import Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

import numpy as np
import pandas as pd

from genrelib._base.caching import content_hashes, folder_when_whole, key_of
from genrelib._base.errors import AudioError, GenrelibError
from genrelib._base.parallel import MEND, over_tracks
from genrelib.audio import INT16_SCALE, SAMPLE_RATE, read_int16, trim_or_pad
from genrelib.datasets.collection import Collection
from genrelib.slices import Rows, map_rows, write_rows

N_WINDOWS = 599  # a track, in the post
WINDOW = 2205  # samples: 100 ms at 22,050 Hz
HOP = 1102  # samples: at 1103, 599 windows reach beyond the end of most GTZAN tracks
N_FFT, FRAME_HOP, N_MELS = 2048, 512, 128  # librosa's defaults
N_FRAMES = 1 + WINDOW // FRAME_HOP  # 5
SCALES = ("power", "decibel")
DECIBEL_RANGE = 80.0  # librosa.power_to_db's top_db
FILE = "windows.float32"
BLOCK = 64  # windows at once: a call of librosa costs more than its arithmetic
MEASURER = 2  # raise when the same files and settings would give other windows


@dataclass(frozen=True, eq=False)
class WindowSet(Rows):
    """Hold the mel spectrogram of every window, track by track; see `genrelib.slices.Rows`.

    Attributes
    ----------
    samples : np.memmap [shape=(n_tracks * n_windows, 5, 128), dtype=float32]
        Frames by mels, as the network slides over them.
    n_windows : int
        A track.
    scale : {"power", "decibel"}
    """

    n_windows: int
    scale: str

    @property
    def input_sizes(self) -> dict[str, int]:
        return {"n_frames": self.samples.shape[1], "n_mels": self.samples.shape[2]}

    @property
    def mels(self) -> np.ndarray:
        """The same memory in the post's shape (n_tracks, n_windows, 128, 5): before it is pivoted."""
        return self.samples.reshape(-1, self.n_windows, *self.samples.shape[1:]).transpose(0, 1, 3, 2)


def cut_windows(
    collection: Collection,
    n_windows: int | None = None,
    *,
    scale: str = "power",
    n_fft: int = N_FFT,
    cache: str | Path | None = None,
    n_jobs: int | None = None,
    progress: bool = True,
) -> WindowSet:
    """Work out the mel spectrograms of every track's windows.

    Parameters
    ----------
    collection : Collection
        Tracks at other rates are resampled to 22,050 Hz.
    n_windows : int > 0, optional
        A track; as many as start inside the shortest one unless given, and 599 at most, which is what any 30 s give.
        A window that reaches beyond the end of its track ends in silence.
    scale : {"power", "decibel"}
        As `librosa.feature.melspectrogram` gives it, or that through `librosa.power_to_db`, window by window.
    n_fft : int > 0 [samples]
        Of the FFT. At 128, the post's own words, there are 65 frequencies for 128 bands: 46 bands stay empty.
    cache, n_jobs, progress
        See `genrelib.slices.cut_slices`. A track takes 1.5 MB.

    Raises
    ------
    AudioError
        Tracks that cannot be decoded, are shorter than one window, or end before the last one starts: all are listed.
    GenrelibError
        No window, no such scale, or no room on the disk.

    Examples
    --------
    >>> import genrelib as gl
    >>> windows = gl.cut_windows(gl.load_collection("demo", tracks_per_genre=4, seconds=1.0), n_windows=3)
    >>> len(windows), windows.mels.shape
    (120, (40, 3, 128, 5))
    """
    if n_windows is None:
        shortest = collection.tracks["duration"].min()  # by the tracks' headers
        in_it = N_WINDOWS if math.isnan(shortest) else math.ceil(round(shortest * SAMPLE_RATE) / HOP)
        n_windows = max(1, min(N_WINDOWS, in_it))
    _refuse_settings(n_windows, scale, n_fft)
    ids, paths = collection.tracks.index.to_numpy(dtype=object), list(collection.tracks["path"])
    packages = [version(name) for name in ("numpy", "scipy", "librosa", "soxr", "soundfile")]
    settings = [MEASURER, n_windows, scale, packages] + ([] if n_fft == N_FFT else [n_fft])
    key = key_of([settings, list(ids), content_hashes(paths)])
    folder = Path(cache or collection.cache) / f"windows-{key}"
    if not folder.is_dir():
        with _quiet(), folder_when_whole(folder) as building:
            (building / FILE).touch()
            # threads: scipy and numpy release the interpreter's lock
            over_tracks(
                _measure_into,
                [(building / FILE, number, path, n_windows, scale, n_fft) for number, path in enumerate(paths)],
                name=collection.name,
                cannot=f"tracks cannot be cut into {n_windows} windows",
                label="mel spectrograms of windows",
                remedy=f"ask for fewer windows, or {MEND}",
                n_jobs=n_jobs,
                progress=progress,
            )
    genres = np.repeat(collection.tracks["genre"].to_numpy(dtype=object), n_windows)
    starts = np.tile(np.arange(n_windows) * HOP / SAMPLE_RATE, len(ids))
    return WindowSet(
        samples=map_rows(folder / FILE, np.float32, (len(starts), N_FRAMES, N_MELS)),
        table=pd.DataFrame({"track_id": np.repeat(ids, n_windows), "start": starts, "genre": genres}),
        genres=collection.genres,
        n_windows=n_windows,
        scale=scale,
        collection=collection,
        key=key,
    )


def window_mels(
    samples: np.ndarray, n_windows: int = N_WINDOWS, *, scale: str = "power", n_fft: int = N_FFT
) -> np.ndarray:
    """Work out the mel spectrogram of each window of one track.

    Parameters
    ----------
    samples : np.ndarray [shape=(n,), dtype=int16 or float in -1..1]
        At 22,050 Hz.
    n_windows : int > 0
        From the start; the last ones end in silence where the track is shorter.
    scale, n_fft
        See `cut_windows`.

    Returns
    -------
    np.ndarray [shape=(n_windows, 128, 5), dtype=float32]
        What librosa.feature.melspectrogram(y=window, n_fft=n_fft, hop_length=512, n_mels=128) gives for each.

    Raises
    ------
    AudioError, GenrelibError
        As `cut_windows`.

    Examples
    --------
    >>> import numpy as np
    >>> window_mels(np.zeros(66150, dtype=np.int16), n_windows=59).shape
    (59, 128, 5)
    """
    _refuse_settings(n_windows, scale, n_fft)
    with _quiet():
        return _frames_by_mels(np.asarray(samples), n_windows, scale, n_fft).transpose(0, 2, 1)


def votes_heard(frame: pd.DataFrame, windows: WindowSet, counts: Sequence[int]) -> pd.DataFrame:
    """Score a vote over the first windows of each track: how much must be heard?

    Parameters
    ----------
    frame : pd.DataFrame
        Predictions of one fold, ``scores.frame``.
    windows : WindowSet
        What was predicted.
    counts : sequence of int > 0
        How many windows vote: those of the test part that come first. A track with fewer gives all that it has.

    Returns
    -------
    pd.DataFrame
        A row a count: windows, seconds (of sound in them, the mean over tracks; what two windows share counts once),
        accuracy (share of tracks that the mean probability names rightly).
    """
    starts = windows.table["start"].to_numpy()[frame["slice"]]
    ordered = frame.assign(start=starts).sort_values(["track_id", "start"], ignore_index=True)
    place = ordered.groupby("track_id").cumcount()
    length, probabilities = WINDOW / SAMPLE_RATE, [f"p{i}" for i in range(len(windows.genres))]
    rows = []
    for count in counts:
        heard = ordered[place < count].groupby("track_id")
        true, votes = heard["true"].first().to_numpy(), heard[probabilities].mean().to_numpy()
        new = (-heard["start"].diff(-1)).fillna(length).clip(upper=length)  # seconds until the next window starts
        rows.append((count, new.sum() / len(true), np.mean(votes.argmax(axis=1) == true)))
    return pd.DataFrame(rows, columns=["windows", "seconds", "accuracy"])


@contextmanager
def _quiet():
    """Leave out librosa's warning of the empty bands of a small FFT, around all threads."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Empty filters detected")
        yield


def _refuse_settings(n_windows, scale, n_fft):
    if not hasattr(n_windows, "__index__") or n_windows < 1:
        raise GenrelibError(f"a track has a whole number of windows, 1 at least; given n_windows={n_windows!r}")
    if scale not in SCALES:
        raise GenrelibError(f"scale is {' or '.join(SCALES)}; given {scale!r}")
    if not hasattr(n_fft, "__index__") or n_fft < 2:
        raise GenrelibError(f"an FFT takes a whole number of samples, 2 at least; given n_fft={n_fft!r}")


def _measure_into(file, number, path, n_windows, *settings):
    samples = read_int16(path)
    try:
        mels = _frames_by_mels(samples, n_windows, *settings)
    except AudioError as error:
        raise AudioError(f"{path}: {error}") from None
    write_rows(file, number * n_windows, mels)


def _frames_by_mels(samples, n_windows, scale, n_fft):
    """Give [n_windows, 5, 128] of int16 or float in -1..1, silence behind it."""
    from librosa import power_to_db
    from librosa.feature import melspectrogram

    if samples.ndim != 1 or len(samples) < WINDOW:
        raise AudioError(
            f"a track holds one window at least, {WINDOW} samples at {SAMPLE_RATE} Hz; given {list(samples.shape)}"
        )
    if (n_windows - 1) * HOP >= len(samples):
        raise AudioError(
            f"{len(samples) / SAMPLE_RATE:.2f} s, in which {math.ceil(len(samples) / HOP)} windows start; "
            f"n_windows={n_windows} are asked for"
        )
    padded = trim_or_pad(samples, ((n_windows - 1) * HOP + WINDOW) / SAMPLE_RATE).astype(np.float32)
    padded /= np.float32(INT16_SCALE if samples.dtype == np.int16 else 1)
    windows = np.lib.stride_tricks.sliding_window_view(padded, WINDOW)[::HOP]
    settings = {"sr": SAMPLE_RATE, "n_fft": n_fft, "hop_length": FRAME_HOP, "n_mels": N_MELS}
    mels = np.empty((n_windows, N_FRAMES, N_MELS), dtype=np.float32)
    for start in range(0, n_windows, BLOCK):
        block = windows[start : start + BLOCK]
        mels[start : start + BLOCK] = melspectrogram(y=block, **settings).transpose(0, 2, 1)
    if scale == "power":
        return mels
    decibel = power_to_db(mels, top_db=None)  # its own range would be that of the loudest window
    return np.maximum(decibel, decibel.max(axis=(1, 2), keepdims=True) - np.float32(DECIBEL_RANGE))
