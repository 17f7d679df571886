"""The table of 57 numbers a recording that the Toronto report trains on, as librosa's defaults give them.

Each number is that of a plain call of one librosa function on the samples. What they have in common is worked out once:
the STFT and its magnitude and power, the mel spectrogram in decibels (MFCC and tempo), and the harmonic part, of which
the percussive part is the rest. The beat tracker's tempo comes before its beats, so the beats are not tracked.
"""

from __future__ import annotations

import math
import warnings
from pathlib import Path

import numpy as np
import pandas as pd

from genrelib._base.caching import cached_table, content_hashes, key_of, library_versions
from genrelib._base.errors import AudioError
from genrelib._base.parallel import over_tracks
from genrelib.audio import SAMPLE_RATE, read_audio, trim_or_pad
from genrelib.datasets.collection import Collection
from genrelib.features.rows import COLUMNS, FEATURES, N_MFCC, filename_of

REVISION = 1  # raise when the same files and settings would give other numbers
SHORTEST_SECONDS = 3.0  # the report's short version; a whole song that is shorter is padded to it


def spectral_table(
    collection: Collection,
    *,
    seconds: float | None = None,
    sample_rate: int = SAMPLE_RATE,
    cache: str | Path | None = None,
    n_jobs: int | None = None,
    progress: bool = True,
) -> pd.DataFrame:
    """Make the table of the 57 numbers, one row a slice or a track.

    Parameters
    ----------
    collection : Collection
    seconds : float > 0, optional
        Length of a slice: 3.0 for the public 3 s table's rows. Slices follow each other; a tail that fills none is
        dropped, and a song shorter than one is padded with silence, as in the report. None for one row a track: the
        whole of it, padded to 3 s where it is shorter.
    sample_rate : int > 0 [Hz]
        Tracks at other rates are resampled. 22,050 is librosa's default and the public tables'.
    cache, n_jobs, progress
        See `genrelib.slices.cut_slices`; each track is described in a process of its own.

    Returns
    -------
    pd.DataFrame
        The 60 columns of the public GTZAN tables, in their order: ``filename`` (``blues.00000.wav``, or
        ``blues.00000.0.wav`` for a slice; see `genrelib.features.rows.filename_of` for other ids), ``length``
        [samples], the 57 numbers, ``label``.

    Raises
    ------
    AudioError
        Tracks that cannot be decoded: all of them are listed. A slice of less than one sample.
    GenrelibError
        No room on the disk, or a damaged cache.

    Examples
    --------
    >>> import genrelib as gl
    >>> table = gl.features.spectral_table(gl.load_collection("demo", tracks_per_genre=4, seconds=1.0), n_jobs=1)
    >>> table.shape, table["label"].iloc[0]
    ((40, 60), 'blues')
    """
    length = SHORTEST_SECONDS if seconds is None else seconds
    if not (sample_rate > 0 and math.isfinite(length) and round(length * sample_rate) >= 1):
        raise AudioError(f"a row is of at least one sample; given seconds={seconds}, sample_rate={sample_rate}")
    tracks = collection.tracks
    settings = [REVISION, seconds and float(seconds), sample_rate, library_versions()]
    key = key_of([settings, list(tracks.index), list(tracks["genre"]), content_hashes(list(tracks["path"]))])
    target = Path(cache or collection.cache) / f"features-{key}.parquet"
    return cached_table(target, lambda: _build(collection, seconds, sample_rate, n_jobs, progress))


def spectral_numbers(samples: np.ndarray, *, sample_rate: int = SAMPLE_RATE) -> dict[str, float]:
    """Describe a recording by 57 numbers.

    Parameters
    ----------
    samples : np.ndarray [shape=(n,), dtype=float32]
        In [-1, 1], mono.
    sample_rate : int > 0 [Hz]

    Returns
    -------
    dict of str to float
        Named as the columns of the public GTZAN tables, in their order. ``harmony`` and ``perceptr`` are the samples
        of the harmonic and the percussive part; ``tempo`` is in beats a minute, 0 where there are no onsets.

    Examples
    --------
    >>> import numpy as np
    >>> numbers = spectral_numbers(np.random.default_rng(0).normal(0, 0.1, 66150).astype(np.float32))
    >>> len(numbers), list(numbers)[:2]
    (57, ['chroma_stft_mean', 'chroma_stft_var'])
    """
    import librosa

    feature, at_rate = librosa.feature, {"sr": sample_rate}
    magnitude, phase = librosa.magphase(librosa.stft(samples))  # (bins, frames)
    power = np.square(magnitude)
    # the beat tracker's mel reaches up to half the rate, as does that of the MFCC: they are one
    decibels = librosa.power_to_db(feature.melspectrogram(S=power, **at_rate))
    harmonic = harmonic_part(samples, magnitude, phase)
    centroid = feature.spectral_centroid(S=magnitude, **at_rate)
    onsets = librosa.onset.onset_strength(S=decibels, aggregate=np.median, **at_rate)
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Trying to estimate tuning from empty frequency set")  # silence has none
        chroma = feature.chroma_stft(S=power, **at_rate)
    series = {
        "chroma_stft": chroma,
        "rms": feature.rms(y=samples),  # of the samples, not of the windowed spectrum: the values differ
        "spectral_centroid": centroid,
        "spectral_bandwidth": feature.spectral_bandwidth(S=magnitude, centroid=centroid, **at_rate),
        "rolloff": feature.spectral_rolloff(S=magnitude, **at_rate),
        "zero_crossing_rate": feature.zero_crossing_rate(samples),
        "harmony": harmonic,
        "perceptr": samples - harmonic,
    }
    coefficients = feature.mfcc(S=decibels, n_mfcc=N_MFCC)
    series |= {f"mfcc{i + 1}": coefficients[i] for i in range(N_MFCC)}
    # what librosa.beat.beat_track starts from, and returns
    numbers = {"tempo": float(feature.tempo(onset_envelope=onsets, **at_rate)[0]) if onsets.any() else 0.0}
    for name, values in series.items():
        numbers[f"{name}_mean"], numbers[f"{name}_var"] = float(np.mean(values)), float(np.var(values))
    return {name: numbers[name] for name in FEATURES}


def harmonic_part(samples: np.ndarray, magnitude: np.ndarray, phase: np.ndarray) -> np.ndarray:
    """Give what librosa.effects.harmonic gives, to the last bit, in a twentieth of its time.

    SciPy's median filters take most of that; ours are `genrelib.features._medians`. The percussive part is the rest of
    the samples: the two masks add up to one. ``magnitude, phase`` are ``librosa.magphase(librosa.stft(samples))``.
    """
    import librosa

    by_frame, by_bin = _running_median(magnitude, 1), _running_median(magnitude, 0)
    mask = librosa.util.softmask(by_frame, by_bin, power=2, split_zeros=True)
    return librosa.istft(magnitude * mask * phase, dtype=samples.dtype, length=len(samples))


def _running_median(values, axis):
    """Filter as scipy.ndimage.median_filter does, the edges mirrored, to the last bit."""
    from genrelib.features._medians import HALF, medians_down

    downwards = values if axis == 0 else values.T
    padded = np.pad(downwards, [(HALF, HALF), (0, 0)], mode="symmetric")
    medians = np.empty(downwards.shape, values.dtype)
    medians_down(np.ascontiguousarray(padded), medians)
    return medians if axis == 0 else medians.T


def _build(collection, seconds, sample_rate, n_jobs, progress):
    tracks = collection.tracks[["path", "genre"]].itertuples(name=None)
    by_track = over_tracks(
        _rows_of,
        [(*track, seconds, sample_rate) for track in tracks],
        name=collection.name,
        cannot="tracks cannot be described",
        label="spectral features",
        n_jobs=n_jobs,
        processes=True,  # numpy's many short steps hold the interpreter's lock; a worker returns rows alone
        progress=progress,
    )
    return pd.DataFrame([row for rows in by_track for row in rows], columns=list(COLUMNS))


def _rows_of(track, path, genre, seconds, sample_rate):
    samples = read_audio(path, sample_rate=sample_rate)
    whole = trim_or_pad(samples, max(seconds or SHORTEST_SECONDS, len(samples) / sample_rate), sample_rate)
    n_samples = len(whole) if seconds is None else round(seconds * sample_rate)
    rows = []
    for number, piece in enumerate(whole[: len(whole) // n_samples * n_samples].reshape(-1, n_samples)):
        filename = filename_of(track, None if seconds is None else number)
        numbers = spectral_numbers(piece, sample_rate=sample_rate)
        rows.append({"filename": filename, "length": n_samples, **numbers, "label": genre})
    return rows
