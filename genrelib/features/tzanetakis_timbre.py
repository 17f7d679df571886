"""The nineteen features of timbral texture of Tzanetakis and Cook (2002)."""

from functools import cache

import numpy as np

from genrelib.audio import SAMPLE_RATE
from genrelib.features.tzanetakis_signal import prepared

WINDOW = 512  # samples of an analysis window, 23 ms at 22,050 Hz (Tzanetakis and Cook, 2002)
TEXTURE = 43  # analysis windows of a texture window, 1 s (same)
ROLLOFF = 0.85  # share of the magnitude below the rolloff (same)
N_MFCC = 5  # coefficients 1 to 5: the one of the mean level is left out (same)
N_MELS = 40  # the paper gives none; that of Slaney's Auditory Toolbox, whose filters librosa has too
FLOOR = 1e-5  # a mel band is never taken as below -100 dB of the track's loudest
ROUNDING = 1e-6  # a window of equal energy is not below the mean for a rounding error

_MEASURED = ("centroid", "rolloff", "flux", "zero_crossings")
_MFCC = tuple(f"mfcc{number}" for number in range(1, N_MFCC + 1))


def timbre(samples, sample_rate):
    """Compute the nineteen timbral features of a track.

    Nine measures are taken in every analysis window, which do not overlap. Their means and variances are those over
    a texture window, one ending at every analysis window, averaged over the track; so is low energy, the share of
    analysis windows whose RMS is below the texture window's mean RMS.

    The paper leaves open, and here are chosen: Hamming windows; centroid and rolloff in Hz; spectra divided by their
    sum before the flux (0 in the first window); magnitudes in 40 mel bands, their log10, an orthonormal DCT-II. A
    window of digital silence has zeros for the first four. No feature depends on the level.

    Parameters
    ----------
    samples : array [shape=(n,)]
        At least 22,016 at 22,050 Hz: one texture window.
    sample_rate : int > 0 [Hz]

    Returns
    -------
    dict of str to float
        ``centroid_mean``, ``centroid_variance``, the same of ``rolloff``, ``flux``, ``zero_crossings``;
        ``low_energy``; the same two of ``mfcc1`` to ``mfcc5``.

    Raises
    ------
    AudioError
        Not one channel, not finite, shorter than one texture window, or silent.
    """
    samples = prepared(samples, sample_rate, n_least=WINDOW * TEXTURE, what="timbre")
    samples = samples / np.abs(samples).max()
    windows = samples[: len(samples) // WINDOW * WINDOW].reshape(-1, WINDOW)
    magnitudes = _magnitudes(windows)
    measures = [
        centroid(magnitudes),
        rolloff(magnitudes),
        flux(magnitudes),
        zero_crossings(samples)[: len(windows)],
        *mfcc(magnitudes).T,
    ]
    found = {}
    for name, measure in zip(_MEASURED + _MFCC, measures, strict=True):
        if name == _MFCC[0]:
            found["low_energy"] = low_energy(windows)
        textures = _textures(measure)
        found[f"{name}_mean"] = float(textures.mean())
        found[f"{name}_variance"] = float(textures.var(axis=1).mean())
    return found


def centroid(magnitudes):
    """Give the centre of gravity of each spectrum.

    Parameters
    ----------
    magnitudes : np.ndarray [shape=(n_windows, 257)]

    Returns
    -------
    np.ndarray [shape=(n_windows,)]
        Hz.
    """
    return _per_total(magnitudes @ _frequencies(), magnitudes.sum(axis=1))


def rolloff(magnitudes):
    """Give the frequency of each spectrum that 85% of its magnitude lies at or below; see `centroid`."""
    running = magnitudes.cumsum(axis=1)
    return _frequencies()[(running >= ROLLOFF * running[:, -1:]).argmax(axis=1)]


def flux(magnitudes):
    """Give the squared distance of each spectrum, divided by its sum, from the one before; see `centroid`."""
    shapes = _per_total(magnitudes, magnitudes.sum(axis=1, keepdims=True))
    return np.concatenate([[0.0], np.square(np.diff(shapes, axis=0)).sum(axis=1)])


def zero_crossings(samples):
    """Count the changes of sign in each analysis window, that from the window before among them.

    Returns
    -------
    np.ndarray [shape=(n_windows,), dtype=int64]
    """
    below = samples < 0
    changes = np.concatenate([[False], below[1:] != below[:-1]])
    return changes[: len(changes) // WINDOW * WINDOW].reshape(-1, WINDOW).sum(axis=1)


def low_energy(windows):
    """Give the share of analysis windows of less than the mean RMS of their texture window, averaged over a track.

    Parameters
    ----------
    windows : np.ndarray [shape=(n_windows, 512)]

    Returns
    -------
    float
        From 0 (steady) towards 1 (short bursts in silence).
    """
    textures = _textures(np.sqrt(np.square(windows, dtype=float).mean(axis=1)))
    return float((textures < textures.mean(axis=1, keepdims=True) * (1 - ROUNDING)).mean())


def mfcc(magnitudes):
    """Compute coefficients 1 to 5 of each spectrum's mel-frequency cepstrum.

    Parameters
    ----------
    magnitudes : np.ndarray [shape=(n_windows, 257)]

    Returns
    -------
    np.ndarray [shape=(n_windows, 5)]
    """
    from scipy.fft import dct

    mels = magnitudes @ _mel_filters()
    floor = max(FLOOR * mels.max(), np.finfo(float).tiny)  # sound may lie in the tail that fills no window
    return dct(np.log10(np.maximum(mels, floor)), norm="ortho")[:, 1 : N_MFCC + 1]


def _magnitudes(windows):
    from scipy.fft import rfft
    from scipy.signal import get_window

    return np.abs(rfft(windows * get_window("hamming", WINDOW).astype(np.float32))).astype(float)


def _textures(measure):
    return np.lib.stride_tricks.sliding_window_view(measure, TEXTURE)


def _per_total(values, totals):
    """Divide, where the total is 0 give 0."""
    return np.divide(values, totals, out=np.zeros(values.shape), where=totals > 0)


def _frequencies():
    return np.fft.rfftfreq(WINDOW, 1 / SAMPLE_RATE)


@cache
def _mel_filters():
    from librosa.filters import mel

    return mel(sr=SAMPLE_RATE, n_fft=WINDOW, n_mels=N_MELS).T.astype(float)
