"""Rows about windows of 100 ms: their mel spectrograms against a librosa call each, and their memory at full size."""

import json
from pathlib import Path

import numpy as np

from genrelib.audio import SAMPLE_RATE, read_audio, read_int16
from genrelib.datasets import load_collection
from genrelib.features.windows import FRAME_HOP, HOP, N_FFT, N_MELS, N_WINDOWS, WINDOW, window_mels
from tools.bench.measuring import alternate, not_measured, row, scratch, seconds_of
from tools.bench.rows_audio import first
from tools.bench.rows_process import LARGE, run

TRACKS = 3
LIMIT_SECONDS = 0.1  # a track, on one core
LIMIT_MIB = 2 * 1024  # anonymous memory


def plain_windows(samples, n_windows=N_WINDOWS):
    """Work out the mel spectrograms of a track's windows with one plain librosa call a window.

    Parameters
    ----------
    samples : np.ndarray [shape=(n,), dtype=float32]
    n_windows : int > 0

    Returns
    -------
    np.ndarray [shape=(n_windows, 128, 5), dtype=float32]
    """
    import librosa

    padded, setting = np.pad(samples, (0, WINDOW)), {"n_fft": N_FFT, "hop_length": FRAME_HOP, "n_mels": N_MELS}
    starts = range(0, n_windows * HOP, HOP)
    windows = [padded[start : start + WINDOW] for start in starts]
    return np.stack([librosa.feature.melspectrogram(y=window, sr=SAMPLE_RATE, **setting) for window in windows])


def window_mels_of_a_track(settings):
    """Read a track and work out its 599 windows on one core, against a librosa call a window."""
    collection = first(settings.collection, len(settings.collection.genres))
    paths, kept = list(collection.tracks["path"])[:TRACKS], {}

    def plain():
        return seconds_of(lambda: kept.update(plain=[plain_windows(read_audio(path)) for path in paths])) / len(paths)

    def ours():
        return seconds_of(lambda: kept.update(ours=[window_mels(read_int16(path)) for path in paths])) / len(paths)

    plain(), ours()  # imports and tables
    plain_seconds, our_seconds = alternate(plain, ours, settings.repeats)
    apart = np.abs(np.array(kept["ours"]) / np.maximum(kept["plain"], np.finfo(np.float32).tiny) - 1)
    return row(
        name=f"100 ms mel windows, {N_WINDOWS} a track",
        plain="for each window: librosa.feature.melspectrogram",
        ours="window_mels, track by track on one core",
        plain_seconds=plain_seconds,
        our_seconds=our_seconds,
        target=12,
        limit_seconds=LIMIT_SECONDS,
        floor="the FFTs of 2995 frames in float64, and librosa's product with a mel matrix that is nine tenths zeros",
        collection=collection.name,
        note=f"a track each, reading included; no cell further from librosa's than {apart.max():.1g} of it",
    )


def window_memory(settings):
    """Measure the anonymous memory of the windows of 1000 tracks: worked out, and trained on for one epoch."""
    name = "memory of the 100 ms windows of 1000 tracks"
    if not Path("/proc/self/status").is_file():
        return not_measured(name, "RssAnon is read from /proc, which this system does not have")
    collection = load_collection("demo", settings.data, **LARGE, progress=False)
    with scratch(settings) as folder:
        told = run("-m", "tools.bench.memory_windows", str(settings.data), str(folder))
    used = json.loads(told.splitlines()[-1])
    measured = row(
        name=name,
        plain=f"the limit: {LIMIT_MIB} MiB of anonymous memory (RssAnon)",
        ours="the peak over cut_windows and one epoch of window_cnn1d",
        plain_seconds=[LIMIT_MIB],
        our_seconds=[used["peak"]],
        target=1,
        floor="TensorFlow once imported, and the table of windows; their spectrograms stay on a memory map",
        collection=collection.name,
        note=f"{len(collection.tracks)} tracks, {used['n_slices']} windows: at most {used['cut']} MiB while they are "
        f"worked out, {used['imported']} once TensorFlow is imported, {used['peak']} in all; limit over peak, "
        "measured once",
    )
    return measured | {"plain_seconds": None, "our_seconds": None}
