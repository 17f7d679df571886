"""What the three groups of Tzanetakis and Cook (2002) share: a checked signal, and peaks of its autocorrelation."""

import numpy as np

from genrelib.audio import SAMPLE_RATE
from genrelib._base.errors import AudioError

FACTORS = (2, 3, 4, 5)  # Tolonen and Karjalainen (2000): "two, three, four, five, etc."
N_PEAKS = 3  # Tzanetakis and Cook (2002): three peaks a window, of tempo and of pitch alike
QUIET = 1e-3  # a window 60 dB below the loudest holds the tail of a filter, or rounding, and no beat or pitch


def prepared(samples, sample_rate, *, n_least, what):
    """Give samples at the rate that the paper's constants are made for, or refuse them.

    Parameters
    ----------
    samples : array [shape=(n,)]
        Any scale: no feature depends on it.
    sample_rate : int > 0 [Hz]
        Samples at another rate than 22,050 are resampled with soxr (HQ).
    n_least : int > 0
        Samples that the analysis needs, at 22,050 Hz.
    what : str
        What they are needed for: a word of the message.

    Returns
    -------
    np.ndarray [shape=(n,), dtype=float32]

    Raises
    ------
    AudioError
        Not one channel, not finite, too short, or silent throughout.
    """
    samples = np.asarray(samples, dtype=np.float32)
    if samples.ndim != 1:
        raise AudioError(f"{what} is computed from one channel; given an array of shape {samples.shape}; average them")
    if not sample_rate > 0:
        raise AudioError(f"a sample rate is above 0 Hz; given {sample_rate}")
    if not np.isfinite(samples).all():
        raise AudioError(f"{what} is computed from finite samples; given NaN or infinity; get another copy")
    if sample_rate != SAMPLE_RATE and len(samples):
        import soxr

        samples = soxr.resample(samples, sample_rate, SAMPLE_RATE, quality="HQ")
    if len(samples) < n_least:
        raise AudioError(
            f"{what} needs {n_least} samples at {SAMPLE_RATE} Hz ({n_least / SAMPLE_RATE:.2f} s); given {len(samples)} "
            f"({len(samples) / SAMPLE_RATE:.2f} s); take a longer excerpt"
        )
    if not samples.any():
        raise AudioError(f"{what} is computed from sound; all {len(samples)} samples are zero; take another excerpt")
    return samples


def enhanced(acf):
    """Remove from autocorrelations the peaks that stand at multiples of another peak's lag.

    Each is clipped to positive values; stretched in lag by 2, 3, 4 and 5, it is subtracted from itself, and the
    result is clipped again (Tolonen and Karjalainen, 2000; Tzanetakis and Cook, 2002, do so for tempo too).

    Parameters
    ----------
    acf : np.ndarray [shape=(n_windows, n_lags)]

    Returns
    -------
    np.ndarray [shape=(n_windows, n_lags)]
        Not negative.
    """
    clipped = np.maximum(acf, 0)
    result = clipped
    for factor in FACTORS:
        below, rest = np.divmod(np.arange(acf.shape[1]), factor)
        weight = (rest / factor).astype(acf.dtype)
        above = np.minimum(below + 1, acf.shape[1] - 1)
        result = np.maximum(result - (clipped[:, below] * (1 - weight) + clipped[:, above] * weight), 0)
    return result


def strongest_peaks(acf, *, shortest, longest, reach):
    """Find the three highest peaks of each window between two lags.

    Parameters
    ----------
    acf : np.ndarray [shape=(n_windows, n_lags)]
    shortest, longest : float [lags]
        Limits of the lags, both included.
    reach : int > 0 [lags]
        A peak is the highest value this far to either side.

    Returns
    -------
    lags, amplitudes : np.ndarray [shape=(n_peaks,)]
        Of all windows, in no order: windows may have fewer than three. Lags are refined by a parabola.
    """
    from scipy.ndimage import maximum_filter1d

    first = max(1, int(np.ceil(shortest)))
    inner = slice(first, min(int(longest), acf.shape[1] - 2) + 1)
    peaks = acf[:, inner]
    # its neighbours are compared too, so that a slope that ends at a limit is no peak
    is_peak = (peaks > 0) & (peaks >= maximum_filter1d(acf, 2 * reach + 1, axis=1)[:, inner])
    heights = np.where(is_peak, peaks, 0)
    windows = np.arange(len(acf))[:, None]
    lags = np.argsort(heights, axis=1)[:, -N_PEAKS:]
    chosen = heights[windows, lags] > 0
    windows, lags = np.broadcast_to(windows, lags.shape)[chosen], lags[chosen] + first
    left, top, right = (acf[windows, lags + step].astype(float) for step in (-1, 0, 1))
    bend = left - 2 * top + right
    shift = np.where(bend < 0, 0.5 * (left - right) / np.where(bend < 0, bend, 1), 0)
    return lags + shift, top
