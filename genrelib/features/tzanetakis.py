"""The thirty features of Tzanetakis and Cook (2002, Musical genre classification of audio signals), for a collection.

Every constant is the paper's for 22,050 Hz unless it says otherwise. Sound at another rate is resampled. The
histograms that tempo and pitch are read from are made in `genrelib.features.tzanetakis_signal`.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from genrelib._base.caching import cached_table, content_hashes, key_of, library_versions
from genrelib._base.errors import AudioError
from genrelib._base.parallel import over_tracks
from genrelib.audio import SAMPLE_RATE, read_audio
from genrelib.datasets.collection import Collection
from genrelib.features.tzanetakis_signal import (
    BEAT_WINDOW,
    N_CLASSES,
    SLOWEST,
    WINDOW,
    beat_histogram,
    pitch_histograms,
    prepared,
)

EXTRACTOR = 1  # raise when the same file would give other numbers

TEXTURE = 43  # analysis windows of a texture window, 1 s
ROLLOFF = 0.85  # share of the magnitude below the rolloff
N_MFCC = 5  # coefficients 1 to 5: the one of the mean level is left out
N_MELS = 40  # the paper gives none; that of Slaney's Auditory Toolbox, whose filters librosa has too
FLOOR = 1e-5  # a mel band is never taken as below -100 dB of the track's loudest
ROUNDING = 1e-6  # a window of equal energy is not below the mean for a rounding error
PEAK_DISTANCE = 5  # BPM between the two peaks of a beat histogram

MEASURES = ("centroid", "rolloff", "flux", "zero_crossings", *(f"mfcc{number}" for number in range(1, N_MFCC + 1)))
TIMBRE_NAMES = [f"{name}_{moment}" for name in MEASURES for moment in ("mean", "variance")]
TIMBRE_NAMES.insert(-2 * N_MFCC, "low_energy")
RHYTHM_NAMES = ["A0", "A1", "RA", "P1", "P2", "beat_SUM"]
PITCH_NAMES = ["FA0", "UP0", "FP0", "IPO1", "pitch_SUM"]
NAMES = TIMBRE_NAMES + RHYTHM_NAMES + PITCH_NAMES


def thirty_features(samples: np.ndarray, sample_rate: int) -> dict[str, float]:
    """Compute the thirty features of a track.

    Parameters
    ----------
    samples : array [shape=(n,)]
        At least 65,536 at 22,050 Hz: one window of the beat histogram.
    sample_rate : int > 0 [Hz]
        Samples at another rate than 22,050 are resampled.

    Returns
    -------
    dict of str to float
        Keys in the order of ``NAMES``; all finite. A sound without a beat has zeros for the six rhythmic ones.

    Raises
    ------
    AudioError
        Not one channel, not finite, shorter than one window of the beat histogram (2.97 s), or silent.

    Examples
    --------
    >>> import numpy as np
    >>> features = thirty_features(np.random.default_rng(0).normal(0, 0.1, 66150), sample_rate=22050)
    >>> len(features), list(features)[0]
    (30, 'centroid_mean')
    """
    samples = prepared(samples, sample_rate, n_least=BEAT_WINDOW, what="a beat histogram")
    _, histogram = beat_histogram(samples, SAMPLE_RATE)
    features = timbre(samples, SAMPLE_RATE) | rhythm(histogram) | pitch(*pitch_histograms(samples, SAMPLE_RATE))
    return {name: features[name] for name in NAMES}


def tzanetakis_table(
    collection: Collection, *, cache: str | Path | None = None, n_jobs: int | None = None, progress: bool = True
) -> pd.DataFrame:
    """Compute the thirty features of every track of a collection, in parallel; kept until a file changes.

    Parameters
    ----------
    collection : Collection
    cache, n_jobs, progress
        See `genrelib.slices.cut_slices`; each track is described in a process of its own.

    Returns
    -------
    pd.DataFrame [shape=(n_tracks, 31)]
        Indexed by ``track_id`` in the collection's order: the thirty columns of ``NAMES``, and ``label``, the genre.

    Raises
    ------
    AudioError
        Tracks that cannot be decoded or are too short for a beat histogram: all of them are listed.
    GenrelibError
        The cached table was damaged, or no room on the disk.
    """
    tracks = collection.tracks
    key = key_of([[EXTRACTOR, NAMES, library_versions()], list(tracks.index), content_hashes(list(tracks["path"]))])
    target = Path(cache or collection.cache) / f"tzanetakis-{key}.parquet"
    table = cached_table(target, lambda: _build(collection, n_jobs, progress))
    return table.assign(label=tracks["genre"])


def timbre(samples: np.ndarray, sample_rate: int) -> dict[str, float]:
    """Compute the nineteen timbral features of a track.

    Nine measures are taken in every analysis window, which do not overlap. Their means and variances are those over
    a texture window, one ending at every analysis window, averaged over the track; so is low energy, the share of
    analysis windows whose RMS is below the texture window's mean RMS.

    The paper leaves open, and here are chosen: Hamming windows; centroid and rolloff in Hz; spectra divided by their
    sum before the flux (0 in the first window); magnitudes in 40 mel bands, their log10, an orthonormal DCT-II. A
    window of digital silence has zeros for the first four. No feature depends on the level. One texture window, 22,016
    samples at 22,050 Hz, is the least; the names are ``TIMBRE_NAMES``.
    """
    from librosa import feature
    from scipy.fft import rfft
    from scipy.signal import get_window

    samples = prepared(samples, sample_rate, n_least=WINDOW * TEXTURE, what="timbre")
    samples = samples / np.abs(samples).max()
    windows = samples[: len(samples) // WINDOW * WINDOW].reshape(-1, WINDOW)
    magnitudes = np.abs(rfft(windows * get_window("hamming", WINDOW).astype(np.float32))).astype(float)
    spectra = {"S": magnitudes.T, "sr": SAMPLE_RATE}
    measures = [
        *feature.spectral_centroid(**spectra),
        *feature.spectral_rolloff(**spectra, roll_percent=ROLLOFF),
        _flux(magnitudes),
        _zero_crossings(samples)[: len(windows)],
        *_mfcc(spectra),
    ]
    features = {"low_energy": _low_energy(windows)}
    for name, measure in zip(MEASURES, measures, strict=True):
        textures = _textures(measure)
        features[f"{name}_mean"] = float(textures.mean())
        features[f"{name}_variance"] = float(textures.var(axis=1).mean())
    return {name: features[name] for name in TIMBRE_NAMES}


def rhythm(histogram: np.ndarray) -> dict[str, float]:
    """Read the six rhythmic features from a beat histogram.

    ``A0``, ``A1`` are the amplitude of the highest and of the second peak, relative to the histogram's sum, ``RA``
    A1/A0, ``P1``, ``P2`` their BPM, ``beat_SUM`` the histogram's sum. A peak that is not there has zeros. The paper
    leaves open how near two peaks may be: here 5 BPM.
    """
    from scipy.signal import find_peaks

    histogram = np.asarray(histogram, dtype=float)
    total = float(histogram.sum())
    places, _ = find_peaks(np.pad(histogram, 1), height=np.finfo(float).tiny, distance=PEAK_DISTANCE)
    places = places - 1
    main = places[np.argsort(-histogram[places], kind="stable")][:2]
    a0, a1 = np.pad(histogram[main] / total if len(main) else [], (0, 2 - len(main)))
    p1, p2 = np.pad(main + SLOWEST, (0, 2 - len(main)))
    values = (a0, a1, a1 / a0 if a0 else 0, p1, p2, total)
    return {name: float(value) for name, value in zip(RHYTHM_NAMES, values, strict=True)}


def pitch(unfolded: np.ndarray, folded: np.ndarray) -> dict[str, float]:
    """Read the five pitch features from a track's two histograms.

    ``FA0`` is the amplitude of the folded histogram's highest bin, ``UP0`` the MIDI note of the unfolded one's,
    ``FP0`` the place of the folded one's, from 0 (C) by fifths to 11 (F), ``IPO1`` the steps in fifths from there to
    the second highest, the short way round, -5 to 6, ``pitch_SUM`` the histogram's sum. A bin that is not there has
    zeros.
    """
    first, second = np.argsort(-folded, kind="stable")[:2]
    steps = (second - first + 5) % N_CLASSES - 5 if folded[second] > 0 else 0
    values = (folded[first], np.argmax(unfolded), first, steps, np.sum(unfolded))
    return {name: float(value) for name, value in zip(PITCH_NAMES, values, strict=True)}


def _build(collection, n_jobs, progress):
    rows = over_tracks(
        _features_of,
        [(path,) for path in collection.tracks["path"]],
        name=collection.name,
        cannot="tracks cannot be described",
        label="thirty features",
        n_jobs=n_jobs,
        processes=True,  # numpy's many short steps hold the interpreter's lock; a worker returns thirty numbers
        progress=progress,
    )
    return pd.DataFrame(rows, columns=NAMES, index=collection.tracks.index.rename("track_id"))


def _features_of(path):
    samples = read_audio(path)
    try:
        return thirty_features(samples, SAMPLE_RATE)
    except AudioError as error:
        raise AudioError(f"{path}: {error}") from None


def _flux(magnitudes):
    """Give the squared distance of each spectrum, divided by its sum, from the one before."""
    totals = magnitudes.sum(axis=1, keepdims=True)
    shapes = np.divide(magnitudes, totals, out=np.zeros_like(magnitudes), where=totals > 0)
    return np.concatenate([[0.0], np.square(np.diff(shapes, axis=0)).sum(axis=1)])


def _zero_crossings(samples):
    """Count the changes of sign in each analysis window, that from the window before among them."""
    changes = np.diff(samples < 0, prepend=samples[0] < 0)
    return changes[: len(changes) // WINDOW * WINDOW].reshape(-1, WINDOW).sum(axis=1)


def _mfcc(spectra):
    """Compute coefficients 1 to 5 of each spectrum's mel-frequency cepstrum [shape=(5, n_windows)]."""
    from librosa import feature

    mels = feature.melspectrogram(**spectra, n_fft=WINDOW, n_mels=N_MELS)
    floor = max(FLOOR * mels.max(), np.finfo(float).tiny)  # sound may lie in the tail that fills no window
    return feature.mfcc(S=np.log10(np.maximum(mels, floor)), n_mfcc=N_MFCC + 1)[1:]


def _low_energy(windows):
    """Give the share of windows of less than the mean RMS of their texture window: 0 for a steady sound."""
    textures = _textures(np.sqrt(np.square(windows, dtype=float).mean(axis=1)))
    return float((textures < textures.mean(axis=1, keepdims=True) * (1 - ROUNDING)).mean())


def _textures(measure):
    return np.lib.stride_tricks.sliding_window_view(measure, TEXTURE)
